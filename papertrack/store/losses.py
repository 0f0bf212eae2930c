"""What a damaged file held, as far as it still tells."""

import sqlite3
from contextlib import closing, suppress
from typing import Any

#: What is left to do where nothing can be saved.
LEFT = (
    "put a backup in its place, or move it away and begin a new one: `papertrack fetch` reads the "
    "lists again, `papertrack import` an export"
)
_ENDS = ("", "ORDER BY id DESC")
_TRIED = 1000
_SCHEMA = "SELECT name FROM sqlite_master WHERE sql > ''"


def tables(connection: sqlite3.Connection) -> list[str] | None:
    """The names that the schema knows; None where it cannot be read, and with it nothing else."""
    try:
        return [row[0] for row in connection.execute(_SCHEMA)]
    except sqlite3.DatabaseError:
        return None


def is_all_lost(path: str) -> bool:
    """Whether a damaged file does not even tell which tables it has, or gives no paper."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(path)) as connection:
        names = tables(connection)
        return names is None or ("papers" in names and not _gives_a_paper(connection))
    return False


def _gives_a_paper(connection: sqlite3.Connection) -> bool:
    """Whether one is read from the front, from the back, or by a number that a list names."""
    if any(
        _rows(connection, f"SELECT title FROM papers NOT INDEXED {end} LIMIT 1") for end in _ENDS
    ):
        return True
    numbers = [
        row[0]
        for end in ("", "ORDER BY paper_id DESC")
        for row in _rows(connection, f"SELECT paper_id FROM listings {end} LIMIT {_TRIED}")
    ]
    return any(_rows(connection, "SELECT title FROM papers WHERE id = ?", one) for one in numbers)


def _rows(connection: sqlite3.Connection, query: str, *values: object) -> list[tuple[Any, ...]]:
    try:
        return connection.execute(query, values).fetchall()
    except sqlite3.DatabaseError:
        return []


def rows_there(connection: sqlite3.Connection, table: str) -> int | None:
    """How many rows a table had, by its own pages or an index of it; None where none can be read.

    A count reads the head of each page only, so that most damage does not stop it.
    """
    counts = [_count(connection, f"[{table}] NOT INDEXED")]
    with suppress(sqlite3.DatabaseError):
        for _, name, _, _, partial in connection.execute(f"PRAGMA index_list([{table}])"):
            if not partial:
                counts.append(_count(connection, f"[{table}] INDEXED BY [{name}]"))
    return max((one for one in counts if one is not None), default=None)


def _count(connection: sqlite3.Connection, source: str) -> int | None:
    try:
        return int(connection.execute(f"SELECT count(*) FROM {source}").fetchone()[0])
    except sqlite3.DatabaseError:
        return None
