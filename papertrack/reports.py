"""What sources report, what storing it changed, and how sources and store fare.

Apart from `models`, which every command loads: a list is shown without any of these.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from papertrack.errors import SourceError
from papertrack.models import Listing, Observation, Paper


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One answer of a source: what it said, and what the source wants back next time.

    `lists` are the list dates this batch holds completely; `unchanged` those of which the source
    said that nothing moved since it was last read (HTTP 304).
    `state` is opaque to everyone but the source: an ETag, a cursor.
    """

    papers: tuple[Paper, ...] = ()
    listings: tuple[Listing, ...] = ()
    observations: tuple[Observation, ...] = ()
    lists: tuple[date, ...] = ()
    unchanged: tuple[date, ...] = ()
    state: Mapping[str, str] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()  # entries left out, each with the reason
    failures: tuple[SourceError, ...] = ()  # parts of the request that could not be read
    total: int | None = None  # how many batches the source expects to give, for a progress bar


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What storing some batches changed."""

    papers: int = 0  # papers read
    new: int = 0
    changed: int = 0
    listings: int = 0
    observations: int = 0
    lists: int = 0  # list days read
    unchanged: int = 0  # list days that had not moved
    skipped: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        names = self.__dataclass_fields__
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in names})


@dataclass(frozen=True, kw_only=True)
class SourceReport:
    """How one source fared in one run: what was stored, and what could not be read.

    Both may be there: thirteen list days arrived and the fourteenth did not.
    """

    source: str
    counts: Counts = Counts()
    error: SourceError | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def outcome(self) -> str:
        """`ok`, `partial` (something arrived, something did not), `skipped` or `error`."""
        if self.error is None:
            return "ok"
        counts = self.counts
        if counts.lists or counts.unchanged or counts.papers or counts.observations:
            return "partial"
        return "skipped" if self.error.kind in ("skipped", "interrupted") else "error"


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """What one source said of a paper, when, and in which fields its word is taken."""

    source: str
    said: Paper
    said_at: datetime
    taken: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SourceHealth:
    """What is known of a source's past runs."""

    source: str
    last_success_at: datetime | None = None
    last_error_at: datetime | None = None
    last_error: str = ""
    down_since: datetime | None = None  # the first of the failures in a row
    failures_in_a_row: int = 0
    retry_at: datetime | None = None
    papers: int = 0
    about: bool = False  # the papers are so many judged by some of them, not counted


@dataclass(frozen=True, kw_only=True)
class Stats:
    """The store in numbers."""

    path: str
    bytes: int
    papers: int
    observations: int
    listings: int
    lists: int
    first_list: str | None
    last_list: str | None
