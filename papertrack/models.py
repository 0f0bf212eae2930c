"""The words of the house: papers, listings, observations, and what ranking makes of them.

A **paper** is a description, a **listing** says where and when it was put before readers, an
**observation** is one count at one moment. Everything here is a frozen value; times are aware UTC.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import NamedTuple

UPVOTES = "upvotes"
COMMENTS = "comments"
GITHUB_STARS = "github_stars"
CITATIONS = "citations"
HN_POINTS = "hn_points"
STARS_GAINED = "stars_gained"

#: What an observation may count. The order is part of the store: only ever append.
KINDS = (
    UPVOTES,
    COMMENTS,
    GITHUB_STARS,
    CITATIONS,
    "influential_citations",
    HN_POINTS,
    "hn_comments",
    "linked_models",
    "linked_datasets",
    "linked_spaces",
    STARS_GAINED,
)

#: Services that may be asked. The order is part of the store: only ever append.
SOURCES = (
    "huggingface",
    "paperswithcode",
    "arxiv",
    "hackernews",
    "github",
    "semanticscholar",
    "openalex",
    "biorxiv",
    "feeds",
    "import",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Paper:
    """A paper as one source describes it, or as all of them together do.

    Empty means "this source does not say"; merging takes such a field from another source.
    """

    id: str  # "arxiv:2604.07413", "doi:10.1101/...", "title:<hash>"
    title: str
    arxiv_id: str = ""  # without version
    doi: str = ""
    abstract: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()  # arXiv's, primary first
    published_at: datetime | None = None  # first version
    updated_at: datetime | None = None  # this version
    version: int | None = None
    organization: str = ""
    url: str = ""  # only where it does not follow from the ids
    code_url: str = ""
    project_url: str = ""
    ai_summary: str = ""
    keywords: tuple[str, ...] = ()
    comment: str = ""  # the authors' note at arXiv: pages, venue, why withdrawn
    journal: str = ""
    withdrawn: bool = False

    @property
    def page_url(self) -> str:
        """Where a reader goes first."""
        if self.arxiv_id:
            return f"https://arxiv.org/abs/{self.arxiv_id}"
        return self.url or (f"https://doi.org/{self.doi}" if self.doi else "")

    @property
    def hf_url(self) -> str:
        """Its page at Hugging Face, where it is discussed."""
        return f"https://huggingface.co/papers/{self.arxiv_id}" if self.arxiv_id else ""

    @property
    def pdf_url(self) -> str:
        return f"https://arxiv.org/pdf/{self.arxiv_id}" if self.arxiv_id else ""


#: The fields of a paper that sources fill, in the order of the model.
PAPER_FIELDS = tuple(name for name in Paper.__dataclass_fields__ if name != "id")


class Listing(NamedTuple):
    """A source put a paper on the list of a day.

    Hugging Face: `list_date` is the UTC date of `submittedOnDailyAt`; a paper that is submitted
    again is on two lists.
    """

    paper_id: str
    source: str
    list_date: date
    submitted_at: datetime | None = None
    submitted_by: str = ""

    @property
    def listed_at(self) -> datetime:
        """The moment the paper came before readers; midnight UTC where only the day is known."""
        return self.submitted_at or datetime.combine(self.list_date, time(), UTC)


class Observation(NamedTuple):
    """One count of one paper at one moment. Appended, never changed."""

    paper_id: str
    source: str
    kind: str  # one of KINDS
    value: float
    observed_at: datetime


class ReaderState(NamedTuple):
    """What the reader did with a paper."""

    saved_at: datetime | None = None
    read_at: datetime | None = None
    hidden_at: datetime | None = None
    seen_at: datetime | None = None
    tags: tuple[str, ...] = ()
    note: str = ""


#: Two observations that are further apart than this show the pace of now; votes come in waves of
#: half a day, so the pace of a day is told apart from it.
A_WHILE, ABOUT_A_DAY = timedelta(hours=5), timedelta(hours=20)
_APART = (A_WHILE.total_seconds(), ABOUT_A_DAY.total_seconds())


def waymarks(seconds: Sequence[float]) -> list[int]:
    """Of rising moments the places that a pace is measured by: the last, and those before it."""
    if not seconds:
        return []
    places = {len(seconds) - 1}
    for apart in _APART:
        back = bisect_right(seconds, seconds[-1] - apart)
        places |= {back - 1} if back else set()
    return sorted(places)


_DAY, _AT_ONCE = timedelta(days=1), timedelta()


class Gain(NamedTuple):
    """What a count gained in a time; not `measured` where its beginning is only supposed."""

    change: float
    span: timedelta
    measured: bool = True

    @property
    def per_day(self) -> float:
        """The gain a day. An hour of luck is no pace: it is spread over five hours."""
        return self.change / max(self.span / _DAY, 0.2)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A paper with everything the store knows of it at one moment.

    `observations` holds of each kind and source the last one, and before it those from which its
    pace is measured: the last that lie A_WHILE and ABOUT_A_DAY back.
    """

    paper: Paper
    listings: tuple[Listing, ...] = ()
    sources: tuple[str, ...] = ()
    observations: tuple[Observation, ...] = ()
    latest: Mapping[str, float] = field(default_factory=dict)  # kind -> last value seen
    state: ReaderState = ReaderState()
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None

    @cached_property
    def listed_at(self) -> datetime | None:
        """When the paper first came before readers, by the lists that know the moment if any do."""
        timed = [one.submitted_at for one in self.lists if one.submitted_at]
        return min(timed or [one.listed_at for one in self.lists], default=None)

    @cached_property
    def lists(self) -> tuple[Listing, ...]:
        """The lists people vote on, if it was on any of them; else what else announced it."""
        voted = tuple(one for one in self.listings if one.source == "huggingface")
        return voted or self.listings

    def course(self, kind: str) -> tuple[Observation, ...]:
        """The observations of one kind by the source that counted last, oldest first.

        Two services count different people, so their counts are never set against each other.
        """
        return self._courses.get(kind, ())

    @cached_property
    def _courses(self) -> Mapping[str, tuple[Observation, ...]]:
        seen: dict[str, list[Observation]] = {}
        for one in sorted(self.observations, key=lambda one: one.observed_at):
            seen.setdefault(one.kind, []).append(one)
        return {
            kind: tuple(one for one in counts if one.source == counts[-1].source)
            for kind, counts in seen.items()
        }

    def pace(self, kind: str) -> float | None:
        """What a count gains a day, as of the last day; None where too little is known."""
        gain = self.gain(kind)
        return None if gain is None else gain.per_day

    def gain(self, kind: str, apart: timedelta = ABOUT_A_DAY) -> "Gain | None":
        """How fast a count moves, from the last observation that lies so far back to the last one.

        Where none does, votes are taken to have begun with nothing when the paper was listed. None
        where too little is known.
        """
        seen = self.course(kind)
        if not seen:
            return None
        last = seen[-1]
        latest = last.observed_at - apart
        for before in reversed(seen):
            if before.observed_at <= latest:
                return Gain(last.value - before.value, last.observed_at - before.observed_at)
        if kind != UPVOTES or self.listed_at is None:
            return None
        span = max(last.observed_at - self.listed_at, _AT_ONCE)
        return Gain(last.value, span, measured=False)


class Contribution(NamedTuple):
    """What one signal adds to a score, and why."""

    signal: str
    value: float  # 0 to 1
    weight: float
    reason: str

    @property
    def points(self) -> float:
        """Two decimals, as they are printed: what a reader adds up is the score."""
        return round(self.value * self.weight, 2)


class Ranked(NamedTuple):
    """An entry in its place on a list. Without contributions, the list was not ranked.

    Where it answers a question, `snippet` is the part of its abstract that does, and `matched` are
    the words of the question as the paper spells them.
    """

    entry: Entry
    rank: int | None = None
    contributions: tuple[Contribution, ...] = ()
    snippet: str = ""
    matched: tuple[str, ...] = ()

    @property
    def score(self) -> float | None:
        """The sum of the points that `--explain` prints, so there is one explanation only."""
        if not self.contributions:
            return None
        return round(sum(part.points for part in self.contributions), 2)


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    """What a reader wants to hear of: a paper matches when every part that is given does."""

    name: str
    any: tuple[str, ...] = ()  # at least one of these words or phrases
    all: tuple[str, ...] = ()  # each of them
    none: tuple[str, ...] = ()  # none of them
    authors: tuple[str, ...] = ()  # at least one of these
    categories: tuple[str, ...] = ()  # at least one of these; "cs" covers "cs.LG"
    organizations: tuple[str, ...] = ()  # at least one of these published it


class Window(NamedTuple):
    """A stretch of time, open at its start and closed at its end."""

    since: datetime
    until: datetime
