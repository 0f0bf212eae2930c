"""Papers in the order in which they are worth reading, and why.

A ranking is a set of signals with weights; the score is the sum of `value * weight`, which is also
what `--explain` prints. Pure: the moment is an argument, nothing is asked or remembered. The order
is total (score, votes, date, id), so the same facts give the same list.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from papertrack.models import (
    CITATIONS,
    COMMENTS,
    GITHUB_STARS,
    UPVOTES,
    Contribution,
    Entry,
    Ranked,
    Topic,
)
from papertrack.ranking import signals
from papertrack.ranking.expected import Norm
from papertrack.ranking.signals import Context, Signal

SIGNALS: Mapping[str, Signal] = {
    "attention": signals.attention,
    "momentum": signals.momentum,
    "recency": signals.recency,
    "code": signals.code,
    "discussion": signals.discussion,
    "hackernews": signals.hackernews,
    "citations": signals.citations,
    "topics": signals.topics,
    "votes": signals.votes,
    "hot": signals.hot,
    "final": signals.final_votes,
}
_LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)


def rank(
    pool: Sequence[Entry],
    *,
    weights: Mapping[str, float],
    now: datetime,
    half_life: timedelta,
    norm: Norm | None = None,
    topics: tuple[Topic, ...] = (),
) -> list[Ranked]:
    """The pool, best first, each paper with what every signal adds to its score.

    `norm` is how votes usually come; without it the built-in one holds. `topics` are the reader's:
    a match adds visibly, and nothing is taken away for want of one.
    """
    unscaled = Context(now=now, half_life=half_life, norm=norm or Norm(), topics=topics)
    context = unscaled._replace(scale=_scale(pool, unscaled))
    ranked = [
        Ranked(entry=entry, contributions=_contributions(entry, weights, context)) for entry in pool
    ]
    ranked.sort(key=_by_score)
    return numbered(ranked)


def ordered(ranked: Iterable[Ranked], order: str) -> list[Ranked]:
    """A ranked list by something else: what is not known comes last."""
    kinds = {
        "upvotes": UPVOTES,
        "stars": GITHUB_STARS,
        "comments": COMMENTS,
        "citations": CITATIONS,
    }

    def value(one: Ranked) -> float:
        if order == "new":
            return (one.entry.listed_at or _LONG_AGO).timestamp()
        if order == "velocity":
            pace = one.entry.pace(UPVOTES)
            return float("-inf") if pace is None else pace
        return one.entry.latest.get(kinds[order], float("-inf"))

    if order == "score":
        return numbered(ranked)
    return numbered(sorted(ranked, key=lambda one: (-value(one), *_by_score(one))))


def numbered(ranked: Iterable[Ranked]) -> list[Ranked]:
    return [
        one if one.rank == place else one._replace(rank=place)
        for place, one in enumerate(ranked, 1)
    ]


def _scale(pool: Sequence[Entry], context: Context) -> float:
    """What the best of the pool is worth, in votes; a quiet pool is not blown up."""
    best = max((signals.votes_worth(entry, context) for entry in pool), default=0.0)
    return max(best, 2 * context.norm.typical_final)


def _contributions(
    entry: Entry, weights: Mapping[str, float], context: Context
) -> tuple[Contribution, ...]:
    found = []
    for name, weight in weights.items():
        if weight:
            said = SIGNALS[name](entry, context)
            if said is None:
                continue
            value = said.value if 0.0 <= said.value <= 1.0 else min(1.0, max(0.0, said.value))
            found.append(Contribution(name, value, weight, said.reason))
    return tuple(found)


def _by_score(one: Ranked) -> tuple[float, float, float, str]:
    entry = one.entry
    return (
        -(one.score or 0.0),
        -entry.latest.get(UPVOTES, -1.0),
        -(entry.listed_at or _LONG_AGO).timestamp(),
        entry.paper.id,
    )
