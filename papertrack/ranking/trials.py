"""The moments at which a ranking is tried: what was known then, and what came after."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from papertrack.models import Entry, Ranked
from papertrack.ranking import rank
from papertrack.ranking.careers import Career

#: Fewer papers than this make no list worth scoring.
FEWEST_PAPERS = 25
#: A moment counts as a reading of a list if so many papers younger than this were counted then.
YOUNG, FEWEST_YOUNG = timedelta(hours=36), 5


@dataclass(frozen=True)
class Contender:
    """A ranking that is to be tried."""

    name: str
    weights: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One moment: the papers that were ranked, and what each of them came to."""

    moment: datetime
    entries: Sequence[Entry]
    gain: Mapping[str, float]
    final: Mapping[str, float]


def trials(careers: Sequence[Career], window: timedelta) -> Iterator[Trial]:
    """Every moment with enough papers whose end is known, oldest first."""
    ends = {one.paper.id: one.course().final for one in careers}
    finals = {key: final for key, final in ends.items() if final}
    known = sorted(
        (one for one in careers if one.paper.id in finals), key=lambda one: one.listed_at
    )
    starts = [one.listed_at.timestamp() for one in known]
    for moment in _moments(careers):
        first = bisect_left(starts, moment - window.total_seconds())
        pool = known[first : bisect_left(starts, moment)]
        seen = [one for one in pool if (times := one.votes()[0]) and times[0] <= moment]
        if len(seen) >= FEWEST_PAPERS:
            yield Trial(
                moment=datetime.fromtimestamp(moment, tz=seen[0].listed_at.tzinfo),
                entries=[one.as_of(moment) for one in seen],
                gain={one.paper.id: _gain(one, moment) for one in seen},
                final=finals,
            )


def _moments(careers: Sequence[Career]) -> list[float]:
    """The moments at which a list of young papers was read."""
    young: dict[float, int] = {}
    for one in careers:
        start = one.listed_at.timestamp()
        for moment in one.votes()[0]:
            if 0 <= moment - start <= YOUNG.total_seconds():
                young[moment] = young.get(moment, 0) + 1
    return sorted(moment for moment, papers in young.items() if papers >= FEWEST_YOUNG)


def _gain(one: Career, moment: float) -> float:
    """The votes that came after a moment."""
    times, seen = one.votes()
    place = bisect_right(times, moment)
    later = max((o.value for o in seen[place:]), default=seen[place - 1].value)
    return max(0.0, later - seen[place - 1].value)


def ranked(trial: Trial, contender: Contender, half_life: timedelta) -> list[Ranked]:
    """The papers of a moment as a contender would have ranked them then."""
    return rank(trial.entries, weights=contender.weights, now=trial.moment, half_life=half_life)
