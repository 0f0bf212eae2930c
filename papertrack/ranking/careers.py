"""A paper with all that was ever counted of it, and what was known of it at any moment."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from papertrack.models import UPVOTES, Entry, Listing, Observation, Paper, waymarks
from papertrack.ranking.expected import FINAL_HOURS, Course, Norm, learn


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


def learned(careers: Sequence[Career], until: datetime) -> Norm:
    """What was normal by a moment: only papers whose end was known then are learned from."""
    settled = timedelta(hours=FINAL_HOURS)
    return learn(one.course() for one in careers if one.listed_at + settled <= until)
