"""How well each ranking would have predicted what is known now.

At every moment at which young papers were counted, the papers of the window are ranked by what had
been observed until then, and nothing else; the order is scored by the votes that came after (gain)
or by the final count. The protocol is that of docs/ranking.md.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from papertrack.models import UPVOTES, Entry, Listing, Observation, Paper, waymarks
from papertrack.ranking import rank
from papertrack.ranking.expected import FINAL_HOURS, Course, Norm, learn
from papertrack.ranking.metrics import interval, ndcg, precision, spearman

#: Fewer papers than this make no list worth scoring.
FEWEST_PAPERS = 25
#: A moment counts as a reading of a list if so many papers younger than this were counted then.
YOUNG, FEWEST_YOUNG = timedelta(hours=36), 5
TARGETS = ("gain", "final")


@dataclass(frozen=True)
class Career:
    """One paper with every count of it: what a back-test knows and a ranking must not."""

    paper: Paper
    listings: tuple[Listing, ...]
    observations: tuple[Observation, ...]
    _courses: Mapping[tuple[str, str], tuple[list[float], list[Observation]]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        courses: dict[tuple[str, str], tuple[list[float], list[Observation]]] = {}
        for seen in sorted(self.observations, key=lambda o: o.observed_at):
            times, course = courses.setdefault((seen.kind, seen.source), ([], []))
            times.append(seen.observed_at.timestamp())
            course.append(seen)
        object.__setattr__(self, "_courses", courses)

    @property
    def listed_at(self) -> datetime:
        return Entry(paper=self.paper, listings=self.listings).listed_at or datetime.max

    def votes(self) -> tuple[list[float], list[Observation]]:
        """When votes were counted, and the counts, oldest first."""
        found = (course for (kind, _), course in self._courses.items() if kind == UPVOTES)
        return max(found, key=lambda course: len(course[0]), default=([], []))

    def as_of(self, moment: float) -> Entry:
        """The paper as it was known at a moment (seconds since 1970)."""
        known: list[Observation] = []
        latest: dict[str, float] = {}
        for (kind, _), (times, course) in self._courses.items():
            until = bisect_right(times, moment)
            known += [course[place] for place in waymarks(times[:until])]
            if until:
                latest[kind] = course[until - 1].value
        return Entry(
            paper=self.paper,
            listings=self.listings,
            observations=tuple(known),
            latest=latest,
        )

    def course(self) -> Course:
        """The growth of its votes, for learning what is normal."""
        _, seen = self.votes()
        start = self.listed_at
        ages = (((o.observed_at - start) / timedelta(hours=1), o.value) for o in seen)
        return Course(start, [(hours, votes) for hours, votes in ages if hours >= 0])


@dataclass(frozen=True)
class Contender:
    """A ranking that is to be tried."""

    name: str
    weights: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Score:
    """How a ranking fared: means over the moments, with the 95 % interval of nDCG."""

    ranking: str
    target: str
    moments: int
    papers: int  # the median number of papers on a list
    ndcg: float
    low: float
    high: float
    precision: float
    spearman: float


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One moment: the papers that were ranked, and what each of them came to."""

    moment: datetime
    entries: Sequence[Entry]
    gain: Mapping[str, float]
    final: Mapping[str, float]


def trials(careers: Sequence[Career], window: timedelta) -> Iterator[Trial]:
    """Every moment with enough papers whose end is known, oldest first."""
    known = sorted((one for one in careers if one.course().final), key=lambda one: one.listed_at)
    finals = {one.paper.id: one.course().final or 0.0 for one in known}
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


def score(
    tried: Sequence[Trial],
    contender: Contender,
    *,
    half_life: timedelta,
    norm: Norm,
    targets: Sequence[str] = TARGETS,
) -> list[Score]:
    """How one ranking fared at these moments, for each target."""
    gathered: dict[str, tuple[list[float], list[float], list[float]]] = {
        target: ([], [], []) for target in targets
    }
    for trial in tried:
        ranked = rank(
            trial.entries,
            weights=contender.weights,
            now=trial.moment,
            half_life=half_life,
            norm=norm,
        )
        ids = [one.entry.paper.id for one in ranked]
        for target in targets:
            worth = trial.gain if target == "gain" else trial.final
            gains = [worth[paper_id] for paper_id in ids]
            measured = (ndcg(gains), precision(gains), spearman(gains))
            for values, value in zip(gathered[target], measured, strict=True):
                values.extend([value] if value is not None else [])
    sizes = sorted(len(trial.entries) for trial in tried)
    return [
        _scored(contender.name, target, gathered[target], sizes[len(sizes) // 2] if sizes else 0)
        for target in targets
    ]


def _scored(
    name: str, target: str, values: tuple[list[float], list[float], list[float]], papers: int
) -> Score:
    means = [sum(one) / len(one) if one else 0.0 for one in values]
    low, high = interval(values[0])
    return Score(
        ranking=name,
        target=target,
        moments=len(values[0]),
        papers=papers,
        ndcg=means[0],
        low=low,
        high=high,
        precision=means[1],
        spearman=means[2],
    )


def learned(careers: Sequence[Career], until: datetime) -> Norm:
    """What was normal by a moment: only papers whose end was known then are learned from."""
    settled = timedelta(hours=FINAL_HOURS)
    return learn(one.course() for one in careers if one.listed_at + settled <= until)
