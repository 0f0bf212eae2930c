"""What was exported, taken in again: into an empty store as it was, into another what is newer."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from papertrack.archive import Kept, ListRead
from papertrack.clock import instant, iso
from papertrack.models import SOURCES, Paper, ReaderState
from papertrack.reports import Batch, Counts
from papertrack.store import aliases
from papertrack.store.archiving import said_at
from papertrack.store.reading import chunks, resolve
from papertrack.store.rows import SOURCE_IDS
from papertrack.store.writing import FILES, add, set_states

_NEVER = instant("1900-01-01T00:00:00Z")


def take_lists(connection: sqlite3.Connection, lists: Iterable[ListRead]) -> None:
    """Lists that were read elsewhere count as read; the later reading stands."""
    connection.executemany(
        "INSERT INTO lists (source, list_date, read_at, papers) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (source, list_date) DO UPDATE SET read_at = excluded.read_at,"
        " papers = excluded.papers WHERE excluded.read_at > read_at",
        [
            (SOURCE_IDS[one.source], one.list_date.isoformat(), iso(one.read_at), one.papers)
            for one in lists
        ],
    )


def restore(connection: sqlite3.Connection, kept: Sequence[Kept], at: datetime) -> Counts:
    """Take papers in again; what the store has heard later stands. The caller holds the write."""
    later = _heard(connection, [one.paper.id for one in kept])
    told = {one.paper.id: _told(one, at) for one in kept}
    first = {key: min(words, key=SOURCES.index) for key, words in told.items()}
    total = Counts()
    for source in SOURCES:
        news = {
            key: words[source]
            for key, words in told.items()
            if source in words and words[source][1] > later.get((key, source), _NEVER)
        }
        here = [one for one in kept if first[one.paper.id] == source]
        batch = Batch(
            papers=tuple(paper for paper, _ in news.values()),
            listings=tuple(listing for one in here for listing in one.listings),
            observations=tuple(seen for one in here for seen in one.observations),
        )
        if news or here:
            total += add(connection, source, batch, at, at)
            _date_back(connection, source, {key: said_at for key, (_, said_at) in news.items()})
    set_states(connection, {one.paper.id: one.state for one in kept if one.state != ReaderState()})
    _take_the_rest(connection, kept, at)
    return total


def _told(one: Kept, at: datetime) -> dict[str, tuple[Paper, datetime]]:
    """Who says what; a paper of which nobody says anything is what the file says."""
    return dict(one.accounts) or {FILES: (one.paper, at)}


def _heard(connection: sqlite3.Connection, keys: Sequence[str]) -> dict[tuple[str, str], datetime]:
    """When each source last said something of papers that are here already."""
    names = {number: key for key, number in resolve(connection, keys).items()}
    found: dict[tuple[str, str], datetime] = {}
    for part in chunks(list(names)):
        times = said_at(connection, part)
        found |= {(names[number], source): at for (number, source), at in times.items()}
    return found


def _date_back(connection: sqlite3.Connection, source: str, said: Mapping[str, datetime]) -> None:
    """It was not now that the source said so."""
    ids = resolve(connection, said)
    connection.executemany(
        "UPDATE accounts SET said_at = ? WHERE paper_id = ? AND source = ?",
        [(iso(at), ids[key], SOURCE_IDS[source]) for key, at in said.items() if key in ids],
    )


def _take_the_rest(connection: sqlite3.Connection, kept: Sequence[Kept], at: datetime) -> None:
    """Other ids, the first sight, and places that were noted."""
    ids = resolve(connection, [one.paper.id for one in kept])
    known = [(ids[one.paper.id], one) for one in kept if one.paper.id in ids]
    aliases.put(connection, [(alias, number) for number, one in known for alias in one.aliases])
    connection.executemany(
        "UPDATE papers SET first_seen_at = iif(first_seen_at = ?1, ?2, min(first_seen_at, ?2))"
        " WHERE id = ?3",
        [(iso(at), iso(one.first_seen_at), number) for number, one in known if one.first_seen_at],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                *(had.day.isoformat(), had.ranking, had.place, number, had.score, had.votes),
                iso(had.noted_at),
            )
            for number, one in known
            for had in one.places
        ],
    )
