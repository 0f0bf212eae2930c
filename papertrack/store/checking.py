"""What is wrong with a store, each thing with the way to mend it."""

import sqlite3
from collections.abc import Iterator

from papertrack.housekeeping import Problem, Progress, no_progress
from papertrack.store.upkeep import indexes

_REPAIR = "`papertrack db repair`"
#: Columns that hold JSON; a reader that meets anything else there fails.
JSON_COLUMNS = (
    ("papers", "authors"),
    ("papers", "categories"),
    ("papers", "keywords"),
    ("accounts", "said"),
)
_MOST = 5  # of SQLite's own findings


def problems(
    connection: sqlite3.Connection, *, full: bool = False, progress: Progress = no_progress
) -> Iterator[Problem]:
    """Pages and rows, then what refers to what, then values, then the search index.

    `full` compares the indexes with their tables too. Nothing is changed.
    """
    progress("pages", 0, None)
    broken = list(of_file(connection, full=full))
    yield from broken
    if any(one.where == "file" for one in broken):
        return  # what comes next would fail on the same pages
    progress("rows", 0, None)
    yield from _orphans(connection)
    yield from _values(connection)
    progress("search index", 0, None)
    yield from _search(connection)


def of_file(connection: sqlite3.Connection, *, full: bool = False) -> Iterator[Problem]:
    """What SQLite says of the pages of the file."""
    pragma = "integrity_check" if full else "quick_check"
    try:
        found = [str(row[0]) for row in connection.execute(f"PRAGMA {pragma}")]
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
            raise
        found = [str(error)]
    found = [line for said in found for line in said.splitlines() if line != "ok"]
    found = [line for line in found if not line.startswith("*** in database")]
    for line in found[:_MOST]:
        where = "index" if " index " in line else "file"
        mend = "rebuilds it" if where == "index" else "saves what can be read"
        yield Problem(where, f"{line.rstrip('.')}; {_REPAIR} {mend}.")
    if len(found) > _MOST:
        yield Problem("file", f"{len(found) - _MOST} more findings; {_REPAIR} mends them too.")


def references(connection: sqlite3.Connection) -> list[tuple[str, str, str, str]]:
    """(table, column, the table it refers to, the column there) of every reference."""
    return [
        (table, row[3], row[2], row[4] or "id")
        for (table,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%REFERENCES%'"
            " ORDER BY name"
        ).fetchall()
        for row in connection.execute(f"PRAGMA foreign_key_list([{table}])").fetchall()
    ]


def orphaned(column: str, parent: str, key: str) -> str:
    """The condition under which a row refers to nothing."""
    return f"[{column}] IS NOT NULL AND [{column}] NOT IN (SELECT [{key}] FROM [{parent}])"


def _orphans(connection: sqlite3.Connection) -> Iterator[Problem]:
    for table, column, parent, key in references(connection):
        count = connection.execute(
            f"SELECT count(*) FROM [{table}] WHERE {orphaned(column, parent, key)}"
        ).fetchone()[0]
        if count:
            rows = "1 row refers" if count == 1 else f"{count:,} rows refer"
            yield Problem(
                "rows", f"In {table} {rows} to none of {parent}; {_REPAIR} drops what does."
            )


def _values(connection: sqlite3.Connection) -> Iterator[Problem]:
    for table, column in JSON_COLUMNS:
        count = connection.execute(
            f"SELECT count(*) FROM {table} WHERE NOT json_valid({column})"
        ).fetchone()[0]
        if count:
            rows = "1 row" if count == 1 else f"{count:,} rows"
            yield Problem("rows", f"In {table} {rows} hold no JSON in {column}; {_REPAIR} does.")


def _search(connection: sqlite3.Connection) -> Iterator[Problem]:
    for name in indexes(connection):
        if said := index_damage(connection, name):
            yield Problem("search", f"The index {name} is wrong ({said}); {_REPAIR} rebuilds it.")


def index_damage(connection: sqlite3.Connection, name: str) -> str:
    """What is wrong with one full text index; empty where nothing is, or it cannot be asked."""
    connection.execute("PRAGMA query_only=OFF")  # the question has the form of an INSERT
    try:
        connection.execute(f"INSERT INTO [{name}] ([{name}], rank) VALUES ('integrity-check', 1)")
    except sqlite3.OperationalError as error:
        return "" if "readonly" in str(error) or "locked" in str(error) else str(error)
    except sqlite3.DatabaseError as error:
        return str(error)
    finally:
        connection.execute("PRAGMA query_only=ON")
    return ""
