"""Everything out of a store, a few hundred papers at a time."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from papertrack.archive import Kept, ListRead, Opening, Place
from papertrack.clock import instant
from papertrack.models import SOURCES
from papertrack.store import aliases, reading, rows

_AT_ONCE = 400


def opening(connection: sqlite3.Connection, at: datetime) -> Opening:
    """How many papers there are, and which lists were read."""
    found = connection.execute("SELECT source, list_date, read_at, papers FROM lists ORDER BY 2, 1")
    return Opening(
        exported_at=at,
        papers=connection.execute("SELECT count(*) FROM papers").fetchone()[0],
        lists=tuple(
            ListRead(SOURCES[source], date.fromisoformat(day), instant(read_at), papers)
            for source, day, read_at, papers in found
        ),
    )


def everything(connection: sqlite3.Connection) -> Iterator[Kept]:
    """Every paper, oldest first, as of one moment; memory does not grow with the store."""
    connection.execute("BEGIN")
    try:
        last = -1
        while numbers := _next(connection, last):
            yield from _kept(connection, numbers)
            last = numbers[-1]
    finally:
        connection.rollback()


def _next(connection: sqlite3.Connection, last: int) -> list[int]:
    found = connection.execute(
        "SELECT id FROM papers WHERE id > ? ORDER BY id LIMIT ?", (last, _AT_ONCE)
    )
    return [row[0] for row in found]


def _kept(connection: sqlite3.Connection, numbers: Sequence[int]) -> Iterator[Kept]:
    said = reading.accounts_of(connection, numbers)
    told = reading.entries(connection, numbers, reading.EVER)
    others, places = _aliases(connection, numbers), _places(connection, numbers)
    times = said_at(connection, numbers)
    counts = reading.counts_of(connection, numbers, reading.EVER)
    for number in numbers:
        paper, accounts = said[number]
        entry = told[number]
        yield Kept(
            paper=paper,
            accounts={name: (one, times[number, name]) for name, one in accounts.items()},
            aliases=tuple(others[number]),
            listings=entry.listings,
            observations=tuple(
                rows.observation_from_row(paper.id, row) for row in counts.get(number, ())
            ),
            places=tuple(places[number]),
            state=entry.state,
            first_seen_at=entry.first_seen_at,
        )


def rows_of(
    connection: sqlite3.Connection, query: str, numbers: Sequence[int]
) -> Iterator[tuple[int, Sequence[str]]]:
    marks = ",".join("?" * len(numbers))
    for number, *row in connection.execute(query.format(f"paper_id IN ({marks})"), numbers):
        yield number, row


def _aliases(connection: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for number, alias in aliases.of(connection, numbers):
        found[number].append(alias)
    return found


def said_at(
    connection: sqlite3.Connection, numbers: Sequence[int]
) -> dict[tuple[int, str], datetime]:
    query = "SELECT paper_id, source, said_at FROM accounts WHERE {}"
    return {
        (number, SOURCES[int(source)]): instant(at)
        for number, (source, at) in rows_of(connection, query, numbers)
    }


def _places(connection: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, list[Place]]:
    found: dict[int, list[Place]] = defaultdict(list)
    query = (
        "SELECT paper_id, day, ranking, place, score, votes, noted_at FROM ledger WHERE {}"
        " ORDER BY day, ranking"
    )
    for number, (day, ranking, place, score, votes, at) in rows_of(connection, query, numbers):
        found[number].append(
            Place(
                date.fromisoformat(day),
                ranking,
                int(place),
                float(score),
                float(votes),
                instant(at),
            )
        )
    return found
