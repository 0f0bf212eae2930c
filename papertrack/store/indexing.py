"""Keeping the search index in step with the papers, a batch at a time.

Triggers index what any other program writes, row by row, which costs FTS5 a small segment each.
Our own writes hold them off with a row in `index_guard`, put there first and removed last in the
same transaction, so that nobody else ever sees it, and index a whole batch in few statements.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from papertrack.models import Paper
from papertrack.store import impacts

#: Every full-text table, and its columns.
INDEXES = {"papers_fts": "title, abstract, authors, facets", "titles_fts": "title"}


@contextmanager
def guarded(connection: sqlite3.Connection) -> Iterator[None]:
    """Hold the triggers off; the caller holds the write transaction, and indexes what it writes."""
    connection.execute("INSERT INTO index_guard VALUES ('papertrack')")
    yield
    connection.execute("DELETE FROM index_guard")


def take_out(connection: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Remove papers from the index, while their rows still say what was indexed."""
    _each(connection, numbers, "INSERT INTO {index} ({index}, rowid, {columns}) SELECT 'delete', ")


def put_in(connection: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Index papers as their rows are now. None of them may be in the index."""
    chosen = sorted(set(numbers))
    _put_texts(connection, chosen)
    impacts.put_in(connection, chosen)


def put_in_new(connection: sqlite3.Connection, papers: Sequence[tuple[int, Paper]]) -> None:
    """The same for papers just written, by rising number, whose texts need not be read back."""
    _put_texts(connection, [number for number, _ in papers])
    impacts.insert(connection, ((number, one.title, one.abstract) for number, one in papers))


def _put_texts(connection: sqlite3.Connection, numbers: Iterable[int]) -> None:
    _each(connection, numbers, "INSERT INTO {index} (rowid, {columns}) SELECT ")


def take_out_reworded(
    connection: sqlite3.Connection,
    changed: Mapping[int, tuple[Paper, Paper]],
    new: Collection[int],
) -> list[int]:
    """Of papers that change, remove those that will read differently and are in the index.

    Returns them, to be put in again; what is `new` is not in the index yet.
    """
    reworded = [
        number
        for number, (before, after) in changed.items()
        if number not in new and _indexed(before) != _indexed(after)
    ]
    take_out(connection, reworded)
    return reworded


def rebuild(connection: sqlite3.Connection) -> None:
    """Index every paper anew; the caller holds the write transaction."""
    for index in INDEXES:
        connection.execute(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")
    impacts.rebuild(connection)


def _indexed(paper: Paper) -> tuple[object, ...]:
    return paper.title, paper.abstract, paper.authors, paper.categories, bool(paper.code_url)


def _each(connection: sqlite3.Connection, numbers: Iterable[int], statement: str) -> None:
    # In rising order: FTS5 writes out what is pending whenever a row id is not above the last.
    chosen = json.dumps(sorted(set(numbers)))
    if chosen == "[]":
        return
    for index, columns in INDEXES.items():
        connection.execute(
            statement.format(index=index, columns=columns)
            + f"papers.id, {columns} FROM json_each(?) AS chosen"
            " CROSS JOIN papers ON papers.id = chosen.value",
            (chosen,),
        )
