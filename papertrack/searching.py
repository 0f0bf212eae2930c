"""A search as a reader sees it: the papers that answer a question, each with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from papertrack.models import Contribution, Ranked
from papertrack.querying import Query
from papertrack.ranking import ordered
from papertrack.selecting import Selection, select
from papertrack.store import Store

if TYPE_CHECKING:
    from papertrack.store.searching import Hit

SIGNAL, WEIGHT = "relevance", 100.0
#: Filters and other orders look at so many of the best, and no further.
DEEPEST = 1000
#: Said beside a list that was not chosen from all that matches.
PARTLY = (
    "More papers match than can be ranked at once; these are the best of those in which the words "
    "weigh most. Another word, or after:2026, narrows it."
)


@dataclass(frozen=True)
class Found:
    """What was found, what is to be said beside it, and how many there are without the limit."""

    ranked: tuple[Ranked, ...]
    notes: tuple[str, ...] = ()
    total: int = 0


def search(
    store: Store, query: Query, selection: Selection, order: str, limit: int | None, now: datetime
) -> Found:
    """The papers that answer the question, pass the filters, in this order."""
    plain = order == "relevance" and selection == Selection() and limit
    hits = store.search(query, limit + 1 if plain and limit else DEEPEST)
    ranked, _ = select(_as_ranked(store, hits, now), selection)
    notes = [] if ranked else [f"No stored paper answers {query.text!r}."]
    if not all(hit.exact for hit in hits):
        notes.append(PARTLY)
    shown = ordered(ranked, "score" if order == "relevance" else order)[:limit]
    return Found(tuple(shown), tuple(notes), total=len(ranked))


def _as_ranked(store: Store, hits: "Sequence[Hit]", now: datetime) -> list[Ranked]:
    entries = store.entries([hit.number for hit in hits], now)
    numbers = store.find([entry.paper.id for entry in entries])
    by_number = {numbers[entry.paper.id]: entry for entry in entries}
    best = max((hit.score for hit in hits), default=0.0) or 1.0
    return [
        Ranked(
            entry=by_number[hit.number],
            contributions=(
                Contribution(
                    signal=SIGNAL,
                    value=max(0.0, hit.score / best),
                    weight=WEIGHT,
                    reason="the words of the question",
                ),
            ),
        )
        for hit in hits
        if hit.number in by_number
    ]
