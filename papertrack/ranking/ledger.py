"""The lists that were shown day by day, scored by what became of them."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from papertrack.ranking.careers import Career
from papertrack.ranking.metrics import ndcg

#: A list is scored so long after it was noted.
SPAN = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A day's list of the ledger, and what became of it in the week after."""

    day: str
    papers: int
    gained: float  # votes that these papers gained in the week after
    ndcg: float | None  # of their order by that gain; None where nothing was gained
    due: bool = False  # the week is not over yet


def keep_score(
    promises: Sequence[tuple[str, datetime, Sequence[tuple[str, float]]]],
    careers: Mapping[str, Career],
    now: datetime,
) -> list[Kept]:
    """Each noted list, (day, when, (paper, votes then) from the top), scored a week later."""
    kept = []
    for day, noted_at, papers in promises:
        end = noted_at + SPAN
        gains = [
            max(0.0, _votes_by(careers[key], end) - votes) if key in careers else 0.0
            for key, votes in papers
        ]
        kept.append(
            Kept(
                day=day,
                papers=len(papers),
                gained=sum(gains),
                ndcg=ndcg(gains) if end <= now else None,
                due=end > now,
            )
        )
    return kept


def _votes_by(career: Career, moment: datetime) -> float:
    times, seen = career.votes()
    place = bisect_right(times, moment.timestamp())
    return seen[place - 1].value if place else 0.0
