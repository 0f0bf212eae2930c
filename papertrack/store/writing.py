"""The one way into the store: a batch of one source, in one transaction.

Nothing is written that is already there: a paper whose merged description is the same keeps its
row, a count that has not moved is noted again only after a while, so that reading a list twice
costs the store nothing but the news.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from papertrack.clock import iso
from papertrack.merging import merge
from papertrack.models import Listing, Observation, Paper, ReaderState
from papertrack.reports import Batch, Counts
from papertrack.store import aliases, indexing, joining, rows
from papertrack.store.joining import Rows, best_key, together
from papertrack.store.reading import accounts_of, resolve
from papertrack.store.rows import KIND_IDS, SOURCE_IDS

#: A count that has not moved is worth noting again after this long: it shows that nothing happened.
REPEAT_AFTER = timedelta(hours=6)
#: Files may each say a part.
FILES = "import"


def add(
    connection: sqlite3.Connection, source: str, batch: Batch, at: datetime, read_at: datetime
) -> Counts:
    """Store what a batch says; the caller holds the write transaction."""
    with indexing.guarded(connection):
        return _add(connection, source, batch, at, read_at)


def _add(
    connection: sqlite3.Connection, source: str, batch: Batch, at: datetime, read_at: datetime
) -> Counts:
    from sqlite_utils import Database

    db = Database(connection)
    papers = {paper.id: rows.to_the_second(paper) for paper in batch.papers}
    listed_ids = (listing.paper_id for listing in batch.listings)
    seen_ids = (seen.paper_id for seen in batch.observations)
    found = Rows(connection)
    ids = found.of(papers)
    new = {number: told for number, told in found.told.items() if number < 0}
    inserted = _insert_papers(db, new, batch.listings, at)
    ids = {key: inserted.get(number, number) for key, number in ids.items()}
    told = {inserted.get(number, number): words for number, words in found.told.items()}
    newer = _heard_since(connection, source, told, read_at) if read_at < at else frozenset()
    changed = _say(db, source, told, found.joined, newer, read_at)
    reworded = indexing.take_out_reworded(connection, changed, set(inserted.values()))
    for number, (_, merged) in changed.items():
        db.table("papers").update(number, rows.paper_to_row(merged))
    indexing.put_in(connection, {*inserted.values(), *reworded})
    aliases.put(connection, ((one, ids[key]) for key, some in found.words.items() for one in some))
    ids |= resolve(connection, {*listed_ids, *seen_ids} - ids.keys())
    listed = _add_listings(db, batch.listings, ids)
    observed = _add_observations(db, batch.observations, ids)
    observed += _repeat(db, source, batch.unchanged, at)
    _note_lists(db, source, batch, read_at)
    _keep_state(db, source, batch.state)
    return Counts(
        papers=len(papers),
        new=len(new),
        changed=len(changed),
        listings=listed,
        observations=observed,
        lists=len(batch.lists),
        unchanged=len(batch.unchanged),
        skipped=len(batch.skipped),
    )


def _insert_papers(
    db: Any, new: Mapping[int, Sequence[Paper]], listings: Iterable[Listing], at: datetime
) -> dict[int, int]:
    """Give new papers their rows. Row ids begin with the date, so that they sort by it."""
    listed = {listing.paper_id: listing.list_date for listing in listings}
    ids: dict[int, int] = {}
    last: dict[int, int] = {}
    records = []
    for provisional, told in new.items():
        paper = _one_word(told, best_key(told))
        days = (listed[one.id] for one in told if one.id in listed)
        day = paper.published_at.date() if paper.published_at else next(days, at.date())
        number = ids[provisional] = next_id(db.conn, rows.day_number(day), last)
        row = rows.paper_to_row(paper)
        records.append({"id": number, **row, "first_seen_at": iso(at)})
    if records:
        db["papers"].insert_all(records)
    return ids


def next_id(connection: sqlite3.Connection, day: int, last: dict[int, int]) -> int:
    """The next free id of a day; a day of more than 16,384 papers borrows from the next."""
    while True:
        start, end = day << rows.ID_BITS, (day + 1) << rows.ID_BITS
        if day not in last:
            top = connection.execute(
                "SELECT max(id) FROM papers WHERE id >= ? AND id < ?", (start, end)
            ).fetchone()[0]
            last[day] = start - 1 if top is None else top
        if last[day] + 1 < end:
            last[day] += 1
            return last[day]
        day += 1


def _say(
    db: Any,
    source: str,
    told: Mapping[int, Sequence[Paper]],
    joined: Collection[int],
    newer: Collection[int],
    at: datetime,
) -> dict[int, tuple[Paper, Paper]]:
    """Keep what the source says of each paper, and merge; returns what changes: (before, after).

    The caller writes it. Of papers in `newer` it has said something since, which a page that was
    saved does not undo.
    """
    known = accounts_of(db.conn, list(told))
    changed: dict[int, tuple[Paper, Paper]] = {}
    said: list[tuple[int, int, str, str]] = []
    for number, words in told.items():
        stored, accounts = known[number]
        before = accounts.get(source)
        account = _one_word(words, stored.id)
        if before and number in newer:
            account = together([before, account])
        elif before and source == FILES:  # one file does not take back what another said
            account = together([account, before])
        if not _is_old_news(before, account):
            accounts[source] = account
        elif number not in joined:
            continue
        merged = merge(stored.id, accounts)
        moved = merged != stored
        if moved:
            changed[number] = (stored, merged)
        said += [
            (number, SOURCE_IDS[name], rows.account_to_said(one, merged), iso(at))
            for name, one in accounts.items()
            if moved or name == source or number in joined
        ]
    _keep_accounts(db.conn, said, source)
    return changed


def _one_word(told: Sequence[Paper], key: str) -> Paper:
    """What a batch says of one paper: its last version first, then what has the best id."""
    if len(told) == 1:
        return replace(told[0], id=key)
    best_first = sorted(told, key=lambda one: (-(one.version or 0), best_key([one]) != key))
    return replace(together(best_first), id=key)


def _heard_since(
    connection: sqlite3.Connection, source: str, numbers: Iterable[int], at: datetime
) -> frozenset[int]:
    """The papers of which a source has said something after this moment."""
    found = connection.execute(
        "SELECT paper_id FROM accounts WHERE source = ? AND said_at > ?"
        " AND paper_id IN (SELECT value FROM json_each(?))",
        (SOURCE_IDS[source], iso(at), json.dumps(list(numbers))),
    )
    return frozenset(row[0] for row in found)


def _is_old_news(before: Paper | None, now: Paper) -> bool:
    """Whether a source repeats itself, or lists an earlier version after a later one."""
    if before is None:
        return False
    return before == now or (now.version or 0) < (before.version or 0)


def _keep_accounts(
    connection: sqlite3.Connection, said: Sequence[tuple[int, int, str, str]], source: str
) -> None:
    """Other sources' words are spelt anew where the merged paper moved; their time stays."""
    connection.executemany(
        "INSERT INTO accounts (paper_id, source, said, said_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (paper_id, source) DO UPDATE SET said = excluded.said,"
        f" said_at = iif(source = {SOURCE_IDS[source]}, max(excluded.said_at, said_at), said_at)",
        said,
    )


def _add_listings(db: Any, listings: Iterable[Listing], ids: Mapping[str, int]) -> int:
    before = db.conn.total_changes
    db.conn.executemany(
        "INSERT INTO listings VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " submitted_at = coalesce(excluded.submitted_at, submitted_at),"
        " submitted_by = iif(excluded.submitted_by = '', submitted_by, excluded.submitted_by)"
        " WHERE submitted_at IS NOT coalesce(excluded.submitted_at, submitted_at)"
        " OR excluded.submitted_by NOT IN ('', submitted_by)",
        [
            (
                ids[listing.paper_id],
                SOURCE_IDS[listing.source],
                listing.list_date.isoformat(),
                iso(listing.submitted_at) if listing.submitted_at else None,
                listing.submitted_by,
            )
            for listing in listings
            if listing.paper_id in ids
        ],
    )
    return int(db.conn.total_changes - before)


def _add_observations(db: Any, observations: Iterable[Observation], ids: Mapping[str, int]) -> int:
    """Append counts that moved, and those that have stood still for long enough to say so."""
    before = db.conn.total_changes
    values = [
        {
            "paper": ids[seen.paper_id],
            "kind": KIND_IDS[seen.kind],
            "source": SOURCE_IDS[seen.source],
            "at": int(seen.observed_at.timestamp()),
            "value": seen.value,
            "repeat": int(REPEAT_AFTER.total_seconds()),
        }
        for seen in observations
        if seen.paper_id in ids
    ]
    db.conn.executemany(
        "INSERT OR IGNORE INTO observations (paper_id, kind, source, observed_at, value)"
        " SELECT :paper, :kind, :source, :at, :value WHERE NOT EXISTS ("
        "  SELECT 1 FROM (SELECT value, observed_at FROM observations"
        "   WHERE paper_id = :paper AND kind = :kind AND source = :source AND observed_at <= :at"
        "   ORDER BY observed_at DESC LIMIT 1)"
        "  WHERE value = :value AND observed_at > :at - :repeat)",
        values,
    )
    return int(db.conn.total_changes - before)


def _repeat(db: Any, source: str, unchanged: Iterable[date], at: datetime) -> int:
    """A list that answered "not modified" says that its counts stand as they stood.

    Not those of a paper that has moved to a later list: the older one no longer counts it.
    """
    before = db.conn.total_changes
    moment = int(at.astimezone(UTC).timestamp())
    for day in unchanged:
        db.conn.execute(
            "INSERT OR IGNORE INTO observations (paper_id, kind, source, observed_at, value)"
            " SELECT paper_id, kind, source, :at, value FROM ("
            "  SELECT o.paper_id, o.kind, o.source, max(o.observed_at) AS last, o.value"
            "  FROM listings l JOIN observations o USING (paper_id)"
            "  WHERE l.list_date = :day AND l.source = :source AND o.source = :source"
            "  AND l.list_date = (SELECT max(list_date) FROM listings m"
            "   WHERE m.paper_id = l.paper_id AND m.source = l.source)"
            "  GROUP BY o.paper_id, o.kind) WHERE last <= :at - :repeat",
            {
                "at": moment,
                "day": day.isoformat(),
                "source": SOURCE_IDS[source],
                "repeat": int(REPEAT_AFTER.total_seconds()),
            },
        )
    return int(db.conn.total_changes - before)


def _note_lists(db: Any, source: str, batch: Batch, at: datetime) -> None:
    """Remember which lists were read when, so that a gap is never taken for an empty day."""
    number = SOURCE_IDS[source]
    held = {(one.list_date, one.paper_id) for one in batch.listings}
    sizes = [sum(day == listed_on for listed_on, _ in held) for day in batch.lists]
    db.conn.executemany(
        "INSERT INTO lists (source, list_date, read_at, papers) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (source, list_date) DO UPDATE SET read_at = excluded.read_at,"
        " papers = excluded.papers WHERE excluded.read_at >= read_at",
        [
            (number, day.isoformat(), iso(at), size)
            for day, size in zip(batch.lists, sizes, strict=True)
        ],
    )
    for day in batch.unchanged:
        db.conn.execute(
            "UPDATE lists SET read_at = ? WHERE source = ? AND list_date = ?",
            (iso(at), number, day.isoformat()),
        )


def _keep_state(db: Any, source: str, state: Mapping[str, str]) -> None:
    db["source_state"].upsert_all(
        ({"source": SOURCE_IDS[source], "name": n, "value": v} for n, v in state.items()),
        pk=("source", "name"),
    )


def join(connection: sqlite3.Connection, kept: str, gone: str) -> None:
    """Two ids are one paper: one row takes everything, and is merged anew."""
    from sqlite_utils import Database

    ids = resolve(connection, [kept, gone])
    if kept not in ids or gone not in ids or ids[kept] == ids[gone]:
        return
    number = ids[kept]
    with indexing.guarded(connection):
        joining.join(connection, number, ids[gone])
        stored, accounts = accounts_of(connection, [number])[number]
        merged = merge(stored.id, accounts)
        indexing.take_out(connection, [number])
        Database(connection)["papers"].update(number, rows.paper_to_row(merged))  # type: ignore[union-attr]
        indexing.put_in(connection, [number])
    connection.executemany(
        "UPDATE accounts SET said = ? WHERE paper_id = ? AND source = ?",
        [
            (rows.account_to_said(account, merged), number, SOURCE_IDS[source])
            for source, account in accounts.items()
        ],
    )


def set_states(connection: sqlite3.Connection, states: Mapping[str, ReaderState]) -> None:
    """What a reader did with papers, by their ids; a mark that is set stays as it is."""
    ids = resolve(connection, states)
    known = [(ids[key], state) for key, state in states.items() if key in ids]
    connection.executemany(
        "INSERT INTO reading (paper_id, saved_at, read_at, hidden_at, seen_at, note)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (paper_id) DO UPDATE SET"
        " saved_at = coalesce(saved_at, excluded.saved_at),"
        " read_at = coalesce(read_at, excluded.read_at),"
        " hidden_at = coalesce(hidden_at, excluded.hidden_at),"
        " seen_at = coalesce(seen_at, excluded.seen_at),"
        " note = iif(note = '', excluded.note, note)",
        [
            (
                number,
                *(
                    iso(at) if at else None
                    for at in (state.saved_at, state.read_at, state.hidden_at, state.seen_at)
                ),
                state.note,
            )
            for number, state in known
        ],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO tags VALUES (?, ?)",
        [(number, tag) for number, state in known for tag in state.tags],
    )
