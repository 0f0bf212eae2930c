"""Papers, entries and ranked lists in a line each, for tests that care about one field of them."""

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import Any

from papertrack.models import (
    COMMENTS,
    GITHUB_STARS,
    UPVOTES,
    Contribution,
    Entry,
    Listing,
    Observation,
    Paper,
    Ranked,
    ReaderState,
)

NOW = datetime(2026, 4, 15, 12, tzinfo=UTC)
TODAY = NOW.date()
UNTOUCHED = ReaderState()
SOURCE = "huggingface"


def paper(number: str = "2604.07413", **fields: Any) -> Paper:
    """A paper at arXiv that is called after its number, unless it is told otherwise."""
    given: dict[str, Any] = {"title": f"Paper {number}", "authors": ("Ada Lovelace",)}
    return Paper(id=f"arxiv:{number}", arxiv_id=number, **given | fields)


def seen(kind: str, value: float, at: datetime = NOW, number: str = "2604.07413") -> Observation:
    return Observation(
        paper_id=f"arxiv:{number}", source=SOURCE, kind=kind, value=value, observed_at=at
    )


def entry(
    one: Paper | None = None,
    *,
    votes: tuple[float, ...] = (43,),
    stars: float | None = None,
    comments: float | None = None,
    day: date = TODAY,
    state: ReaderState = UNTOUCHED,
) -> Entry:
    """A paper of a day's list with its counts; of several votes each came a day later."""
    one = one or paper()
    counts = [
        seen(UPVOTES, value, NOW - timedelta(days=len(votes) - 1 - place))
        for place, value in enumerate(votes)
    ]
    counts += [seen(GITHUB_STARS, stars)] if stars is not None else []
    counts += [seen(COMMENTS, comments)] if comments is not None else []
    at = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)
    return Entry(
        paper=one,
        listings=(
            Listing(
                paper_id=one.id,
                source=SOURCE,
                list_date=day,
                submitted_at=at,
                submitted_by="akhaliq",
            ),
        ),
        sources=(SOURCE,),
        observations=tuple(count._replace(paper_id=one.id) for count in counts),
        latest={count.kind: count.value for count in counts},
        state=state,
        first_seen_at=at,
        last_seen_at=NOW,
    )


def ranked(one: Entry | Paper | None = None, rank: int = 1, **fields: Any) -> Ranked:
    """An entry in its place, with two contributions whose points need three decimals."""
    of = one if isinstance(one, Entry) else entry(one)
    given: dict[str, Any] = {
        "contributions": (
            Contribution(signal="attention", value=0.5, weight=50.0, reason="43 upvotes"),
            Contribution(signal="discussion", value=0.279, weight=5.0, reason="2 comments"),
        )
    }
    return Ranked(entry=of, rank=rank, **given | fields)


def dump(connection: sqlite3.Connection) -> list[str]:
    """All that is in a store, as SQL; without the one table that Python cannot write as such."""
    with closing(sqlite3.connect(":memory:")) as copy:
        connection.backup(copy)
        copy.execute("DROP TABLE impacts_fts")
        return list(copy.iterdump())
