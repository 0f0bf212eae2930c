"""What the reader does with papers: marks with their time, tags, and a note.

A mark that is set again keeps its first time, and one that is not set is not unset: each function
says how many papers it changed. The caller holds the write transaction.
"""

import sqlite3
from collections.abc import Iterable, Sequence

#: The marks, by what a paper is then.
COLUMNS = {"saved": "saved_at", "read": "read_at", "hidden": "hidden_at", "seen": "seen_at"}


def mark(connection: sqlite3.Connection, numbers: Iterable[int], name: str, at: str) -> int:
    """Papers become saved, read, hidden or seen."""
    column = COLUMNS[name]
    return _changed(
        connection,
        f"INSERT INTO reading (paper_id, {column}) VALUES (?, ?)"
        f" ON CONFLICT (paper_id) DO UPDATE SET {column} = excluded.{column}"
        f" WHERE {column} IS NULL",
        [(number, at) for number in numbers],
    )


def unmark(connection: sqlite3.Connection, numbers: Iterable[int], name: str) -> int:
    """Papers are no longer saved, read, hidden or seen."""
    column = COLUMNS[name]
    return _changed(
        connection,
        f"UPDATE reading SET {column} = NULL WHERE paper_id = ? AND {column} IS NOT NULL",
        [(number,) for number in numbers],
    )


def tag(connection: sqlite3.Connection, numbers: Iterable[int], name: str) -> int:
    return _changed(
        connection,
        "INSERT OR IGNORE INTO tags (paper_id, tag) VALUES (?, ?)",
        [(number, name) for number in numbers],
    )


def untag(connection: sqlite3.Connection, numbers: Iterable[int], name: str) -> int:
    return _changed(
        connection,
        "DELETE FROM tags WHERE paper_id = ? AND tag = ?",
        [(number, name) for number in numbers],
    )


def note(connection: sqlite3.Connection, number: int, text: str) -> int:
    """The note of a paper from now on; an empty one is none."""
    return _changed(
        connection,
        "INSERT INTO reading (paper_id, note) VALUES (?, ?)"
        " ON CONFLICT (paper_id) DO UPDATE SET note = excluded.note WHERE note <> excluded.note",
        [(number, text)],
    )


def tags(connection: sqlite3.Connection) -> dict[str, int]:
    """Every tag, and how many papers have it."""
    found = connection.execute("SELECT tag, count(*) FROM tags GROUP BY tag ORDER BY tag")
    return {str(name): int(papers) for name, papers in found}


def saved(connection: sqlite3.Connection) -> list[int]:
    """The reading list, last saved first."""
    found = connection.execute(
        "SELECT paper_id FROM reading WHERE saved_at IS NOT NULL ORDER BY saved_at DESC, paper_id"
    )
    return [int(row[0]) for row in found]


def _changed(
    connection: sqlite3.Connection, statement: str, rows: Sequence[tuple[object, ...]]
) -> int:
    before = connection.total_changes
    connection.executemany(statement, rows)
    return connection.total_changes - before
