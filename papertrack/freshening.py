"""Before a list is shown: read what may have moved, if anyone may be asked, and say what is old.

A reader is not kept waiting: only sources that answer in a request or two are asked, and none that
has just failed. What could not be read is said, never passed over.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from papertrack import freshness
from papertrack.clock import Clock, ago, iso
from papertrack.errors import NothingCachedError, PapertrackError, StoreError
from papertrack.store import Store

if TYPE_CHECKING:
    from papertrack.reports import SourceHealth, SourceReport

#: The source whose lists make `daily`, and most of `trending`.
LISTS = "huggingface"
#: Sources that a reader waits for: they answer in a request or two. The others are for `fetch`.
QUICK = ("huggingface", "paperswithcode", "hackernews")
#: After a failure a reader is not kept waiting for another one; `fetch` always tries.
TRY_AGAIN_AFTER = timedelta(minutes=5)
_DEMO = "`papertrack --demo trending` shows a sample without any network"

#: Asks the named sources for these days.
Fetch = Callable[[Sequence[date], Sequence[str]], "Iterator[SourceReport]"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Freshener:
    """Keeps the lists of some days as fresh as `max_age` wants them."""

    store: Store
    fetch: Fetch
    clock: Clock
    max_age: timedelta
    offline: bool = False

    def freshen(self, days: Sequence[date]) -> list[str]:
        """Read the lists that may have moved; what is to be said beside what is shown then.

        Raises NothingCachedError where none of these lists was ever read and nobody answered.
        """
        now = self.clock()
        due = freshness.due(days, self.store.lists_read(LISTS), now, self.max_age)
        asks = due and not self.offline and self.store.may_be_written()
        errors = self._ask(due, now) if asks else []
        read = self.store.lists_read(LISTS)
        if days and not any(day in read for day in days) and not self._has_papers(days):
            self._refuse(errors, now)
        return [str(error) for error in errors] + self._age(due, now)

    def _ask(self, due: Sequence[date], now: datetime) -> list[PapertrackError]:
        names = [name for name in QUICK if not self._failed_lately(name, now)]
        try:
            reports = list(self.fetch(due, names)) if names else []
        except StoreError as error:  # it can be read but not written: show what there is
            return [error]
        return [report.error for report in reports if report.error]

    def _failed_lately(self, name: str, now: datetime) -> bool:
        last = self.store.last_failure(name)
        return last is not None and timedelta() <= now - last < TRY_AGAIN_AFTER

    def _has_papers(self, days: Sequence[date]) -> bool:
        """Whether papers of these days are known by another way: from a file, or looked up."""
        return bool(self.store.on_lists(LISTS, min(days), max(days)))

    def _refuse(self, errors: Sequence[PapertrackError], now: datetime) -> None:
        """Say why there is nothing to show: nobody answered, nobody was asked, or not so soon."""
        why = self._why_unread(errors, now)
        if why and self.store.is_empty():
            raise NothingCachedError(f"Nothing is stored yet, and {why} Meanwhile {_DEMO}.")
        if why:
            raise NothingCachedError(f"These lists were never read, and {why} {self._instead()}")

    def _why_unread(self, errors: Sequence[PapertrackError], now: datetime) -> str:
        if errors:
            return str(errors[0])
        if self.offline:
            return "--offline asks nobody; leave it out to read them."
        if not self.store.may_be_written():
            return "this store may only be read; whoever fetches into it can read them."
        health = self._health()
        if health and health.last_error and self._failed_lately(LISTS, now):
            return (
                f"{LISTS} failed {ago(health.last_error_at or now, now)} ago: "
                f"{health.last_error} `papertrack fetch` tries again now."
            )
        return ""

    def _instead(self) -> str:
        """What the store has, where it has nothing of these days."""
        count = self.store.count()
        papers = "1 paper is" if count == 1 else f"{count:,} papers are"
        newest = max(self.store.lists_read(LISTS), default=None)
        saved = "`papertrack saved` those that you saved"
        if newest is None:
            return f"{papers} stored, without a list: `papertrack search` finds them, {saved}."
        return (
            f"{papers} stored, the last list is that of {newest}: `papertrack trending --date "
            f"{newest}` shows it, `papertrack search` finds them all, {saved}."
        )

    def _age(self, due: Sequence[date], now: datetime) -> list[str]:
        """A sentence on how old the lists are, where they are older than they should be."""
        read = self.store.lists_read(LISTS)
        still_due = freshness.due(due, read, now, self.max_age)
        oldest = freshness.oldest_reading(still_due, read, now)
        missing = [day for day in still_due if day not in read]
        notes = []
        if oldest:
            notes.append(f"Counts are as of {ago(oldest, now)} ago ({iso(oldest)}).")
        if missing:
            what = freshness.named_days(missing)
            notes.append(f"{what[0].upper()}{what[1:]} not read yet; `papertrack fetch` does.")
        return notes

    def _health(self) -> "SourceHealth | None":
        return next((one for one in self.store.health() if one.source == LISTS), None)
