"""What a source is: the days that are wanted go in, batches of facts come out.

A source never sees the store. What it wants to remember until the next time, an ETag or a cursor,
travels out as `Batch.state` and comes back as `state`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Protocol

from papertrack.models import Batch


class Source(Protocol):
    """One service that knows papers."""

    @property
    def name(self) -> str: ...

    def fetch(self, days: Sequence[date], state: Mapping[str, str]) -> Iterator[Batch]:
        """Read what the service says of these days, a batch at a time, in any order.

        A part that cannot be read is in `Batch.failures`; a service that cannot be read at all
        raises SourceError.
        """
        ...


class LookupSource(Source, Protocol):
    """A source that can be asked for a paper by its id."""

    def lookup(self, paper_id: str) -> Batch:
        """What the service says of one paper; an empty batch where it knows none of that id."""
        ...
