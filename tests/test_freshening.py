"""Before a list is shown: who is asked, what is said, and when there is nothing to show."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from builders import NOW, paper
from fakes import FrozenClock

from papertrack.errors import NothingCachedError, SourceUnavailableError, StoreError
from papertrack.freshening import QUICK, Freshener
from papertrack.models import Listing
from papertrack.reports import Batch, Counts, SourceReport
from papertrack.store import Store

TODAY, YESTERDAY = date(2026, 4, 15), date(2026, 4, 14)
DAYS = [YESTERDAY, TODAY]
DEAD = SourceUnavailableError("huggingface.co could not be read; check the network.")


@dataclass
class Asked:
    """Stands for `Tracker.fetch`: notes who is asked for what, and stores lists or fails."""

    store: Store
    clock: FrozenClock
    error: Exception | None = None
    unread: Sequence[date] = ()
    calls: list[tuple[list[date], list[str]]] = field(default_factory=list)

    def __call__(self, days: Sequence[date], names: Sequence[str]) -> Iterator[SourceReport]:
        self.calls.append((list(days), list(names)))
        if isinstance(self.error, StoreError):
            raise self.error
        for name in names:
            failed = self.error if name == "huggingface" else None
            if name == "huggingface" and not failed:
                read = tuple(day for day in days if day not in self.unread)
                self.store.add(name, Batch(papers=(paper(),), lists=read), self.clock())
            report = SourceReport(source=name, counts=Counts(), error=failed)  # type: ignore[arg-type]
            self.store.record_run(report, self.clock())
            yield report


@pytest.fixture
def fetch(store: Store, clock: FrozenClock) -> Asked:
    return Asked(store, clock)


def freshen(fetch: Asked, days: Sequence[date] = DAYS, *, offline: bool = False) -> list[str]:
    freshener = Freshener(
        store=fetch.store,
        fetch=fetch,
        clock=fetch.clock,
        max_age=timedelta(hours=1),
        offline=offline,
    )
    return freshener.freshen(days)


def test_only_sources_that_answer_at_once_are_asked_and_only_for_what_may_have_moved(
    fetch: Asked, clock: FrozenClock
) -> None:
    assert freshen(fetch) == []
    assert fetch.calls == [(DAYS, list(QUICK))]
    assert "arxiv" not in QUICK

    clock.advance(minutes=59)
    assert freshen(fetch) == []
    assert len(fetch.calls) == 1

    clock.advance(minutes=2)
    assert freshen(fetch, [TODAY]) == []
    assert fetch.calls[1:] == [([TODAY], list(QUICK))]


def test_a_list_that_has_settled_is_never_asked_for_again(fetch: Asked, clock: FrozenClock) -> None:
    freshen(fetch)
    clock.advance(days=20)
    freshen(fetch)
    clock.advance(days=20)

    assert freshen(fetch) == []
    assert len(fetch.calls) == 2


def test_offline_asks_nobody_and_tells_the_age(fetch: Asked, clock: FrozenClock) -> None:
    freshen(fetch)
    clock.advance(hours=5)

    assert freshen(fetch, offline=True) == ["Counts are as of 5 hours ago (2026-04-15T12:00:00Z)."]
    assert len(fetch.calls) == 1


def test_what_could_not_be_read_is_said_beside_what_is_stored(
    fetch: Asked, clock: FrozenClock
) -> None:
    freshen(fetch)
    clock.advance(hours=5)
    fetch.error = DEAD

    first, second = freshen(fetch)
    assert (first, second[:31]) == (str(DEAD), "Counts are as of 5 hours ago (2")
    assert freshen(fetch) == [second]  # and soon after, nobody is kept waiting for it again
    assert fetch.calls[2:] == [(DAYS, ["paperswithcode", "hackernews"])]

    clock.advance(minutes=6)
    fetch.error = None
    assert freshen(fetch) == []


def test_a_list_that_is_missing_is_named(fetch: Asked) -> None:
    fetch.unread = [YESTERDAY]

    assert freshen(fetch) == ["The list of 2026-04-14 was not read yet; `papertrack fetch` does."]


def test_a_store_that_cannot_be_written_is_shown_as_it_is(fetch: Asked, clock: FrozenClock) -> None:
    freshen(fetch)
    clock.advance(hours=2)
    fetch.error = StoreError("It is read-only.")

    assert freshen(fetch)[0] == "It is read-only."


def test_nobody_is_asked_for_what_cannot_be_stored(
    fetch: Asked, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    freshen(fetch)
    clock.advance(hours=5)
    monkeypatch.setattr(fetch.store, "may_be_written", lambda: False)

    assert freshen(fetch) == ["Counts are as of 5 hours ago (2026-04-15T12:00:00Z)."]
    assert len(fetch.calls) == 1
    with pytest.raises(NothingCachedError, match="this store may only be read"):
        freshen(fetch, [date(2026, 4, 10)])


def test_nothing_stored_and_nobody_answers(fetch: Asked, clock: FrozenClock) -> None:
    fetch.error = DEAD
    with pytest.raises(NothingCachedError, match=r"Nothing is stored yet, and huggingface\.co"):
        freshen(fetch)
    clock.advance(minutes=1)
    with pytest.raises(NothingCachedError, match=r"huggingface failed 1 minute ago: .*tries again"):
        freshen(fetch)


def test_nothing_stored_and_nobody_may_be_asked(fetch: Asked) -> None:
    with pytest.raises(NothingCachedError, match=r"--offline asks nobody.*--demo"):
        freshen(fetch, offline=True)


def test_papers_without_their_lists_are_not_these_lists(fetch: Asked) -> None:
    listing = Listing(paper_id=paper().id, source="arxiv", list_date=TODAY)
    fetch.store.add("arxiv", Batch(papers=(paper(),), listings=(listing,)), NOW)
    with pytest.raises(
        NothingCachedError,
        match=r"never read.*1 paper is stored, without a list: `papertrack search`",
    ):
        freshen(fetch, offline=True)


@pytest.mark.parametrize("offline", [True, False])
def test_who_asks_for_days_that_nobody_has_read_is_told_what_is_stored(
    fetch: Asked, clock: FrozenClock, offline: bool
) -> None:
    freshen(fetch)
    clock.advance(days=200)
    fetch.error = DEAD
    with pytest.raises(NothingCachedError, match="1 paper is stored, the last list is") as told:
        freshen(fetch, [date(2026, 10, 30), date(2026, 11, 1)], offline=offline)

    assert ("--offline asks nobody" if offline else str(DEAD)) in str(told.value)
    for way in (f"trending --date {TODAY}", "saved", "search"):
        assert f"`papertrack {way}`" in str(told.value)


def test_no_days_ask_nobody(fetch: Asked) -> None:
    assert freshen(fetch, []) == []
    assert fetch.calls == []
