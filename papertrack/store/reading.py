"""Questions to the store: models come out, never rows; nothing is ranked here."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any

from papertrack.clock import instant, iso
from papertrack.models import (
    SOURCES,
    Entry,
    Listing,
    Observation,
    Paper,
    ReaderState,
    Window,
    waymarks,
)
from papertrack.store import aliases, rows
from papertrack.store.rows import SOURCE_IDS, moment

EVER = datetime(9999, 1, 1, tzinfo=UTC)


def resolve(connection: sqlite3.Connection, keys: Iterable[str]) -> dict[str, int]:
    """The row ids of the papers that are known under these ids or under an alias."""
    asked = list(keys)
    found = dict(
        connection.execute(
            "SELECT p.key, p.id FROM json_each(?) CROSS JOIN papers p ON p.key = value",
            (json.dumps(asked),),
        ).fetchall()
    )
    return found | aliases.owners(connection, asked)


def chunks(items: Sequence[Any], size: int = 400) -> Iterable[Sequence[Any]]:
    """SQLite takes a limited number of variables in one statement."""
    return (items[start : start + size] for start in range(0, len(items), size))


def listed(
    connection: sqlite3.Connection, window: Window, leave_out: Collection[str] = ()
) -> list[int]:
    """The papers that came before readers in the window, by their listing's own moment.

    A paper that only the sources in `leave_out` have listed is left out.
    """
    others = ",".join(str(SOURCE_IDS[name]) for name in sorted(leave_out))
    found = connection.execute(
        "SELECT DISTINCT paper_id FROM listings WHERE list_date BETWEEN ? AND ?"
        f" AND source NOT IN ({others})"
        " AND coalesce(submitted_at, list_date || 'T00:00:00Z') > ?"
        " AND coalesce(submitted_at, list_date || 'T00:00:00Z') <= ?",
        (
            window.since.date().isoformat(),
            window.until.date().isoformat(),
            iso(window.since),
            iso(window.until),
        ),
    )
    return [row[0] for row in found]


def on_lists(connection: sqlite3.Connection, source: str, first: date, last: date) -> list[int]:
    """The papers on a source's lists of these days, both included."""
    found = connection.execute(
        "SELECT DISTINCT paper_id FROM listings WHERE list_date BETWEEN ? AND ? AND source = ?",
        (first.isoformat(), last.isoformat(), SOURCE_IDS[source]),
    )
    return [row[0] for row in found]


def entries(
    connection: sqlite3.Connection, ids: Sequence[int], until: datetime, *, brief: bool = False
) -> dict[int, Entry]:
    """By number each paper with what was known of it by `until`: its last counts, and those before.

    A `brief` paper has nothing but its id and its code: enough to be ranked, and read in a third
    of the time.
    """
    found: dict[int, Entry] = {}
    for part in chunks(sorted(ids)):
        papers = list((_brief_papers if brief else _papers)(connection, part))
        listings = _listings(connection, part, until)
        sources = _sources(connection, part)
        states = _states(connection, part)
        counts = counts_of(connection, part, until)
        for number, first_seen, paper in papers:
            observations = _waymarks(paper.id, counts.get(number, ()))
            found[number] = Entry(
                paper=paper,
                listings=tuple(listings.get(number, ())),
                sources=sources.get(number, ()),
                observations=observations,
                latest=_latest(observations),
                state=states.get(number, ReaderState()),
                first_seen_at=first_seen,
                last_seen_at=max((o.observed_at for o in observations), default=first_seen),
            )
    return found


def history(connection: sqlite3.Connection, number: int) -> tuple[Observation, ...]:
    """Every observation of one paper, oldest first within its kind and source."""
    key = connection.execute("SELECT key FROM papers WHERE id = ?", (number,)).fetchone()[0]
    found = connection.execute(
        "SELECT kind, source, observed_at, value FROM observations WHERE paper_id = ?"
        " ORDER BY kind, source, observed_at",
        (number,),
    )
    return tuple(rows.observation_from_row(key, row) for row in found)


def _in(part: Sequence[int]) -> str:
    return f"({','.join('?' * len(part))})"


def _papers(
    connection: sqlite3.Connection, part: Sequence[int]
) -> Iterator[tuple[int, datetime | None, Paper]]:
    connection.row_factory = sqlite3.Row
    try:
        found = connection.execute(f"SELECT * FROM papers WHERE id IN {_in(part)}", part).fetchall()
    finally:
        connection.row_factory = None
    return ((row["id"], moment(row["first_seen_at"]), rows.paper_from_row(row)) for row in found)


def _brief_papers(
    connection: sqlite3.Connection, part: Sequence[int]
) -> Iterator[tuple[int, datetime | None, Paper]]:
    found = connection.execute(
        f"SELECT id, first_seen_at, key, code_url FROM papers WHERE id IN {_in(part)}", part
    )
    for number, first_seen, key, code in found:
        yield number, moment(first_seen), Paper(id=key, title="", code_url=code)


def papers(connection: sqlite3.Connection, keys: Sequence[str]) -> dict[str, Paper]:
    """The papers that are known under these ids, in full, by id."""
    numbers = resolve(connection, keys)
    found = {
        number: paper
        for part in chunks(list(numbers.values()))
        for number, _, paper in _papers(connection, part)
    }
    return {key: found[number] for key, number in numbers.items()}


def _listings(
    connection: sqlite3.Connection, part: Sequence[int], until: datetime
) -> Mapping[int, list[Listing]]:
    found: dict[int, list[Listing]] = defaultdict(list)
    for number, key, *row in connection.execute(
        "SELECT paper_id, key, source, list_date, submitted_at, submitted_by"
        " FROM listings JOIN papers ON papers.id = paper_id"
        f" WHERE paper_id IN {_in(part)} AND list_date <= ? ORDER BY list_date",
        [*part, until.date().isoformat()],
    ):
        found[number].append(rows.listing_from_row(key, row))
    return found


def _sources(connection: sqlite3.Connection, part: Sequence[int]) -> dict[int, tuple[str, ...]]:
    found = connection.execute(
        f"SELECT paper_id, source FROM accounts WHERE paper_id IN {_in(part)} ORDER BY 1, 2", part
    )
    return {
        number: tuple(SOURCES[row[1]] for row in group)
        for number, group in groupby(found, key=lambda row: row[0])
    }


def _states(connection: sqlite3.Connection, part: Sequence[int]) -> dict[int, ReaderState]:
    tags: dict[int, list[str]] = defaultdict(list)
    for number, tag in connection.execute(
        f"SELECT paper_id, tag FROM tags WHERE paper_id IN {_in(part)} ORDER BY tag", part
    ):
        tags[number].append(tag)
    found = {number: ReaderState(tags=tuple(names)) for number, names in tags.items()}
    for number, saved, read, hidden, seen, note in connection.execute(
        "SELECT paper_id, saved_at, read_at, hidden_at, seen_at, note FROM reading"
        f" WHERE paper_id IN {_in(part)}",
        part,
    ):
        found[number] = ReaderState(
            saved_at=moment(saved),
            read_at=moment(read),
            hidden_at=moment(hidden),
            seen_at=moment(seen),
            tags=tuple(tags.get(number, ())),
            note=note,
        )
    return found


def counts_of(
    connection: sqlite3.Connection, part: Sequence[int], until: datetime
) -> dict[int, list[tuple[int, int, int, Any]]]:
    """(kind, source, observed_at, value) of each paper, in this order, up to a moment."""
    found: dict[int, list[tuple[int, int, int, Any]]] = defaultdict(list)
    for number, *row in connection.execute(
        "SELECT paper_id, kind, source, observed_at, value FROM observations"
        f" WHERE paper_id IN {_in(part)} AND observed_at <= ?"
        " ORDER BY paper_id, kind, source, observed_at",
        [*part, int(until.astimezone(UTC).timestamp())],
    ):
        found[number].append((row[0], row[1], row[2], row[3]))
    return found


def _waymarks(key: str, counts: Iterable[tuple[int, int, int, Any]]) -> tuple[Observation, ...]:
    """Of each kind and source the last count, and those from which its pace is measured."""
    chosen: list[Observation] = []
    for _, group in groupby(counts, key=lambda row: row[:2]):
        course = list(group)
        places = waymarks([row[2] for row in course])
        chosen += [rows.observation_from_row(key, course[place]) for place in places]
    return tuple(chosen)


def _latest(observations: Iterable[Observation]) -> dict[str, float]:
    """The last value of each kind; of two sources that count the same thing, the later word."""
    latest: dict[str, Observation] = {}
    for seen in observations:
        if seen.kind not in latest or seen.observed_at >= latest[seen.kind].observed_at:
            latest[seen.kind] = seen
    return {kind: seen.value for kind, seen in latest.items()}


def lists_read(connection: sqlite3.Connection, source: str) -> dict[date, datetime]:
    """When each list of a source was last read."""
    found = connection.execute(
        "SELECT list_date, read_at FROM lists WHERE source = ?", (SOURCE_IDS[source],)
    )
    return {date.fromisoformat(day): instant(at) for day, at in found}


def state(connection: sqlite3.Connection, source: str) -> dict[str, str]:
    """What the source asked us to remember."""
    found = connection.execute(
        "SELECT name, value FROM source_state WHERE source = ?", (SOURCE_IDS[source],)
    )
    return dict(found.fetchall())


def histories(
    connection: sqlite3.Connection, source: str, since: datetime
) -> Iterator[tuple[Paper, tuple[Listing, ...], tuple[Observation, ...]]]:
    """Every paper that a source has listed since then, with all that was ever counted of it."""
    found = connection.execute(
        "SELECT DISTINCT paper_id FROM listings WHERE source = ? AND list_date >= ?",
        (SOURCE_IDS[source], since.date().isoformat()),
    )
    for part in chunks([row[0] for row in found]):
        listings = _listings(connection, part, EVER)
        counts = counts_of(connection, part, EVER)
        for number, _, paper in _papers(connection, part):
            seen = (rows.observation_from_row(paper.id, row) for row in counts.get(number, ()))
            yield paper, tuple(listings.get(number, ())), tuple(seen)


def accounts_of(
    connection: sqlite3.Connection, ids: Sequence[int]
) -> dict[int, tuple[Paper, dict[str, Paper]]]:
    """For each row id the stored paper, and what each source said of it."""
    found: dict[int, tuple[Paper, dict[str, Paper]]] = {}
    for part in chunks(ids):
        found |= {number: (paper, {}) for number, _, paper in _papers(connection, part)}
        for paper_id, number, said in connection.execute(
            f"SELECT paper_id, source, said FROM accounts WHERE paper_id IN {_in(part)}", part
        ).fetchall():
            stored, accounts = found[paper_id]
            accounts[SOURCES[number]] = rows.account_from_said(said, stored)
    return found


def accounts(connection: sqlite3.Connection, number: int) -> dict[str, tuple[Paper, datetime]]:
    """What each source said of one paper, and when it last said something new."""
    _, said = accounts_of(connection, [number])[number]
    found = connection.execute(
        "SELECT source, said_at FROM accounts WHERE paper_id = ? ORDER BY source", (number,)
    )
    return {SOURCES[source]: (said[SOURCES[source]], instant(at)) for source, at in found}


def papers_on(connection: sqlite3.Connection, first: date, last: date) -> list[Paper]:
    """The papers on any source's lists of these days, newest list first."""
    found = connection.execute(
        "SELECT paper_id FROM listings WHERE list_date BETWEEN ? AND ?"
        " GROUP BY paper_id ORDER BY max(list_date) DESC, paper_id DESC",
        (first.isoformat(), last.isoformat()),
    )
    order = [row[0] for row in found]
    papers = {
        number: paper for part in chunks(order) for number, _, paper in _papers(connection, part)
    }
    return [papers[number] for number in order]


def not_before(connection: sqlite3.Connection, source: str) -> datetime | None:
    """The moment until which a source wanted to be left alone when it was last asked."""
    row = connection.execute(
        "SELECT retry_at FROM runs WHERE source = ? ORDER BY id DESC LIMIT 1", (SOURCE_IDS[source],)
    ).fetchone()
    return moment(row[0]) if row else None


def last_failure(connection: sqlite3.Connection, source: str) -> datetime | None:
    """When the source was last asked, if it failed then."""
    row = connection.execute(
        "SELECT outcome, finished_at FROM runs WHERE source = ? ORDER BY id DESC LIMIT 1",
        (SOURCE_IDS[source],),
    ).fetchone()
    return instant(row[1]) if row and row[0] == "error" else None


def first_observed(connection: sqlite3.Connection, ids: Sequence[int]) -> datetime | None:
    """When the first count of any of these papers was seen."""
    earliest = []
    for part in chunks(sorted(ids)):
        row = connection.execute(
            f"SELECT min(observed_at) FROM observations WHERE paper_id IN {_in(part)}", part
        ).fetchone()
        earliest += [row[0]] if row[0] is not None else []
    return datetime.fromtimestamp(min(earliest), UTC) if earliest else None
