"""Old papers that nobody has marked, and their removal.

A paper goes when it appeared before a day and was on no list since, unless its reader has saved,
read, hidden, tagged or noted it, was mailed it, or took it in from a file. What was counted of it
goes with it.
"""

import re
import sqlite3
from datetime import date, timedelta

from papertrack.clock import iso, midnight
from papertrack.housekeeping import Goer, Progress, Pruning, no_progress
from papertrack.models import UPVOTES
from papertrack.store import indexing
from papertrack.store.connection import transaction
from papertrack.store.rows import KIND_IDS, SOURCE_IDS, first_id
from papertrack.store.writing import FILES

#: Why a paper stays, and the condition. `papers` is in scope.
REASONS = {
    **{
        word: f"EXISTS (SELECT 1 FROM reading WHERE paper_id = papers.id AND {condition})"
        for word, condition in (
            ("saved", "saved_at IS NOT NULL"),
            ("read", "read_at IS NOT NULL"),
            ("hidden", "hidden_at IS NOT NULL"),
            ("noted", "note <> ''"),
        )
    },
    "tagged": "EXISTS (SELECT 1 FROM tags WHERE paper_id = papers.id)",
    "imported": "EXISTS (SELECT 1 FROM accounts WHERE paper_id = papers.id"
    f" AND source = {SOURCE_IDS[FILES]})",
    # Else it would be new, and mailed once more, when it comes onto a list again.
    "mailed": "EXISTS (SELECT 1 FROM issue_papers WHERE paper_id = papers.id)",
}
_OLD = (
    "papers.id < :id AND coalesce(published_at, '') < :moment AND NOT EXISTS"
    " (SELECT 1 FROM listings WHERE paper_id = papers.id AND list_date >= :day)"
)
_GOES = " AND ".join([_OLD, *(f"NOT {condition}" for condition in REASONS.values())])
_AT_ONCE = 500
_EXAMPLES = 5
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _bounds(before: date) -> dict[str, object]:
    return {"id": first_id(before), "moment": iso(midnight(before)), "day": before.isoformat()}


def plan(connection: sqlite3.Connection, before: date, taught_since: date) -> Pruning:
    """What a pruning would remove; nothing is changed.

    `taught_since` is the first day from whose votes the next fetch learns what is usual.
    """
    bounds = _bounds(before)

    def number(query: str) -> int:
        return int(connection.execute(query, bounds).fetchone()[0])

    bounds["taught"] = taught_since.isoformat()
    going = f"(SELECT id FROM papers WHERE {_GOES})"
    return Pruning(
        before=before,
        papers=number(f"SELECT count(*) FROM papers WHERE {_GOES}"),
        observations=number(f"SELECT count(*) FROM observations WHERE paper_id IN {going}"),
        listings=number(f"SELECT count(*) FROM listings WHERE paper_id IN {going}"),
        kept={
            reason: number(f"SELECT count(*) FROM papers WHERE {_OLD} AND {condition}")
            for reason, condition in REASONS.items()
        },
        examples=_examples(connection, bounds),
        teaching=number(
            "SELECT count(DISTINCT paper_id) FROM listings"
            f" WHERE list_date >= :taught AND paper_id IN {going}"
        ),
    )


def _examples(connection: sqlite3.Connection, bounds: dict[str, object]) -> tuple[Goer, ...]:
    """Those with the most votes: if anybody would miss some, it is these."""
    found = connection.execute(
        "SELECT key, title, papers.id, max(value) AS votes FROM papers"
        f" LEFT JOIN observations ON paper_id = papers.id AND kind = {KIND_IDS[UPVOTES]}"
        f" WHERE {_GOES} GROUP BY papers.id ORDER BY votes DESC, papers.id DESC LIMIT {_EXAMPLES}",
        bounds,
    )
    return tuple(
        Goer(key, title, date(1970, 1, 1) + timedelta(days=number >> 14), votes)
        for key, title, number, votes in found
    )


def prune(
    connection: sqlite3.Connection, before: date, total: int, progress: Progress = no_progress
) -> int:
    """Remove them, a few hundred at a time so that others may write; returns how many.

    Each part is a transaction that asks anew: what was saved in the meantime stays.
    """
    bounds = _bounds(before)
    gone = 0
    while True:
        with transaction(connection), indexing.guarded(connection):
            found = connection.execute(
                f"SELECT id FROM papers WHERE {_GOES} LIMIT {_AT_ONCE}", bounds
            ).fetchall()
            indexing.take_out(connection, (number for (number,) in found))
            connection.executemany("DELETE FROM papers WHERE id = ?", found)
        gone += len(found)
        progress("prune", gone, max(total, gone))
        if len(found) < _AT_ONCE:
            break
    with transaction(connection):
        _forget_lists(connection, before.isoformat())
    return gone


def _forget_lists(connection: sqlite3.Connection, day: str) -> None:
    """A list whose papers are gone was never read: else its day would be shown as an empty one.

    What a source remembers of an address goes too where the address names such a day: a list that
    answers "not modified" would stay empty.
    """
    connection.execute("DELETE FROM lists WHERE list_date < ?", (day,))
    old = [
        (source, name)
        for source, name in connection.execute("SELECT source, name FROM source_state")
        if (days := _DAY.findall(name)) and max(days) < day
    ]
    connection.executemany("DELETE FROM source_state WHERE source = ? AND name = ?", old)
