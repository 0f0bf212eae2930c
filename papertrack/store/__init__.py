"""Everything papertrack remembers, in one SQLite file.

Opening it applies outstanding migrations, so a new file and an old one are handled the same way.
The store takes and returns models, never rows; it does not rank and does not fetch.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime

from papertrack.clock import iso
from papertrack.errors import PaperNotFoundError
from papertrack.models import (
    Batch,
    Counts,
    Entry,
    Observation,
    SourceHealth,
    SourceReport,
    Stats,
    Window,
)
from papertrack.store import reading
from papertrack.store.connection import MEMORY, connect, explained, transaction

__all__ = ["MEMORY", "Store"]


class Store:
    """One open store. Reading methods never write; each writing method is one transaction."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._connection = connect(path)

    def close(self) -> None:
        self._connection.close()

    # -- writing ----------------------------------------------------------------------------

    def add(self, source: str, batch: Batch, at: datetime) -> Counts:
        """Store one batch of a source, with what the source wants back next time."""
        from papertrack.store.writing import add

        with self._writing() as connection:
            return add(connection, source, batch, at)

    def record_run(self, report: SourceReport, at: datetime) -> None:
        """Note how a source fared, for `status`."""
        from papertrack.store.health import record_run

        with self._writing() as connection:
            record_run(connection, report, at)

    def mark_seen(self, keys: Iterable[str], at: datetime) -> int:
        """Papers under these ids count as seen; returns how many. Raises PaperNotFoundError."""
        numbers = self._numbers(keys)
        with self._writing() as connection:
            connection.executemany(
                "INSERT INTO reading (paper_id, seen_at) VALUES (?, ?)"
                " ON CONFLICT (paper_id) DO UPDATE SET seen_at = excluded.seen_at",
                [(number, iso(at)) for number in numbers],
            )
        return len(numbers)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with explained(self.path), transaction(self._connection) as connection:
            yield connection

    # -- reading ----------------------------------------------------------------------------

    def listed(self, window: Window) -> list[int]:
        """Papers that came before readers in the window."""
        with explained(self.path):
            return reading.listed(self._connection, window)

    def on_lists(self, first: date, last: date) -> list[int]:
        """Papers on the lists of these days, both included."""
        with explained(self.path):
            return reading.on_lists(self._connection, first, last)

    def entries(self, numbers: Sequence[int], until: datetime) -> list[Entry]:
        """Each paper as it was known at a moment."""
        with explained(self.path):
            return reading.entries(self._connection, numbers, until)

    def find(self, keys: Sequence[str]) -> dict[str, int]:
        """The papers that are known under these ids, by id."""
        with explained(self.path):
            return reading.resolve(self._connection, keys)

    def history(self, number: int) -> tuple[Observation, ...]:
        """Every count of one paper that was ever seen."""
        with explained(self.path):
            return reading.history(self._connection, number)

    def first_observed(self, numbers: Sequence[int]) -> datetime | None:
        """When the first count of any of these papers was seen."""
        with explained(self.path):
            return reading.first_observed(self._connection, numbers)

    def lists_read(self, source: str) -> dict[date, datetime]:
        """When each list of a source was last read."""
        with explained(self.path):
            return reading.lists_read(self._connection, source)

    def state(self, source: str) -> Mapping[str, str]:
        """What the source asked us to remember."""
        with explained(self.path):
            return reading.state(self._connection, source)

    def is_empty(self) -> bool:
        with explained(self.path):
            found = self._connection.execute("SELECT 1 FROM papers LIMIT 1").fetchone()
        return found is None

    def last_failure(self, source: str) -> datetime | None:
        """When the source was last asked, if it failed then."""
        with explained(self.path):
            return reading.last_failure(self._connection, source)

    def health(self) -> list[SourceHealth]:
        """How each source that was ever asked has fared."""
        from papertrack.store import health

        with explained(self.path):
            return health.sources(self._connection)

    def stats(self) -> Stats:
        """The store in numbers."""
        from papertrack.store import health

        with explained(self.path):
            return health.stats(self._connection, self.path)

    def _numbers(self, keys: Iterable[str]) -> list[int]:
        wanted = list(dict.fromkeys(keys))
        found = self.find(wanted)
        missing = [key for key in wanted if key not in found]
        if missing:
            raise PaperNotFoundError(
                f"No paper {missing[0]} is stored; `papertrack show {missing[0].partition(':')[2]}`"
                " looks it up."
            )
        return [found[key] for key in wanted]
