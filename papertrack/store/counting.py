"""How many rows there are: counted in a store of usual size, judged in one of millions.

To count is to read every row, which takes seconds at three million papers. There a table is judged
by the rows of the newest papers, all of which are counted, and of some days of the time before.
"""

import sqlite3

from papertrack.store import aliases, bm25
from papertrack.store.rows import ID_BITS

#: In a store of more papers a table of more rows is judged.
MANY = 200_000
_RECENT_DAYS = 30
#: Tables by the paper, so that the rows of some days lie together, in an index at least.
_BY_PAPER = ("accounts", "listings", "observations", "tags", "reading", *aliases.TABLES)


def papers(connection: sqlite3.Connection) -> int:
    """How many papers the search index holds, which is all; read from its record of averages."""
    return bm25.whole(connection).papers


def is_large(connection: sqlite3.Connection) -> bool:
    """Whether it takes long to count."""
    return papers(connection) > MANY


def rows(connection: sqlite3.Connection, table: str) -> tuple[int, bool]:
    """How many rows a table of a large store has, and whether that is judged and not counted."""
    if table == "papers":
        return papers(connection), False
    held = _number(connection, f"SELECT count(*) FROM (SELECT 1 FROM [{table}] LIMIT {MANY})")
    if held < MANY:
        return held, False
    if table in _BY_PAPER:
        return about(connection, table), True
    return _number(connection, f"SELECT count(*) FROM [{table}]"), False


def of_source(connection: sqlite3.Connection, source: int) -> tuple[int, bool]:
    """Of how many papers a source has said something, and whether that is judged."""
    if is_large(connection):
        return about(connection, "accounts", "source = ?", (source,)), True
    return _number(connection, "SELECT count(*) FROM accounts WHERE source = ?", (source,)), False


def about(
    connection: sqlite3.Connection,
    table: str,
    condition: str = "TRUE",
    values: tuple[object, ...] = (),
) -> int:
    """About how many rows of a table meet a condition; exact for the papers of the last month."""
    number = "id" if table == "papers" else "paper_id"
    query = f"SELECT count(*) FROM [{table}] WHERE {condition} AND {number} BETWEEN ? AND ?"
    newest = _number(connection, "SELECT max(id) FROM papers")
    start = ((newest >> ID_BITS) - _RECENT_DAYS) << ID_BITS
    recent = _number(connection, query, (*values, start, newest))
    days = [(first, last) for first, last in bm25.some_days(connection) if last < start]
    looked = sum(last - first + 1 for first, last in days)
    held = sum(_number(connection, query, (*values, *day)) for day in days)
    new = _number(
        connection, "SELECT count(*) FROM papers WHERE id BETWEEN ? AND ?", (start, newest)
    )
    return recent + (round(held * (papers(connection) - new) / looked) if looked else 0)


def _number(connection: sqlite3.Connection, query: str, values: tuple[object, ...] = ()) -> int:
    return int(connection.execute(query, values).fetchone()[0] or 0)
