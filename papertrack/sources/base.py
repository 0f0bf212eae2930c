"""What a source is: what is wanted goes in, batches of facts come out.

A source never sees the store. What it wants to remember until the next time, an ETag or a cursor,
travels out as `Batch.state` and comes back as `state`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from papertrack.clock import iso
from papertrack.errors import SourceBusyError
from papertrack.models import Paper
from papertrack.reports import Batch


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a run asks of every source.

    `days` are the days to be read, in order; a source that has lists reads theirs, one that has a
    time line reads from the first day on. `papers` are the stored papers of these days, for sources
    that only know counts of papers one names.
    """

    days: tuple[date, ...] = ()
    papers: tuple[Paper, ...] = ()


def left_alone(name: str, until: datetime | None, now: datetime) -> SourceBusyError | None:
    """Why a source is not asked now: it said until when, perhaps to another process."""
    if until is None or until <= now:
        return None
    return SourceBusyError(
        f"{name} wants to be left alone until {iso(until)}; what is stored can be read meanwhile.",
        retry_at=until,
    )


class Source(Protocol):
    """One service that knows papers."""

    @property
    def name(self) -> str: ...

    def fetch(self, wanted: Wanted, state: Mapping[str, str]) -> Iterator[Batch]:
        """Read what the service says, a batch at a time, in any order.

        A part that cannot be read is in `Batch.failures`; a service that cannot be read at all
        raises SourceError, and one that has no key or no budget left SourceSkippedError.
        """
        ...


class LookupSource(Source, Protocol):
    """A source that can be asked for a paper by its id."""

    def lookup(self, paper_id: str) -> Batch:
        """What the service says of one paper; an empty batch where it knows none of that id."""
        ...


class TitleSource(Source, Protocol):
    """A source that can be asked for a paper by its title."""

    def find_title(self, title: str) -> Batch:
        """Candidates for a title, best first; the caller decides whether one is the paper."""
        ...


class SearchSource(Source, Protocol):
    """A source that has a search of its own."""

    def search(self, words: str, most: int) -> Batch:
        """What it finds for these words, best first."""
        ...
