"""From sources to store: each source ends in a report, and what has arrived is kept."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import pytest
from builders import NOW, SOURCE, paper, seen
from fakes import FakeSource, FrozenClock

from papertrack.errors import SourceBusyError, SourceFormatError, SourceUnavailableError
from papertrack.models import UPVOTES
from papertrack.reports import Batch, Counts, SourceReport
from papertrack.sources.base import Wanted
from papertrack.store import Store
from papertrack.update import update

TODAY = NOW.date()
DEAD = SourceUnavailableError("huggingface.co could not be read.", url="https://huggingface.co/")


def batch(number: int, **more: object) -> Batch:
    name = f"2604.0000{number}"
    given: dict[str, object] = {
        "papers": (paper(name),),
        "observations": (seen(UPVOTES, 3, NOW, name),),
        "lists": (TODAY - timedelta(days=number),),
    }
    return Batch(**given | more)  # type: ignore[arg-type]


def run(
    store: Store, *sources: FakeSource, days: Sequence[date] = (TODAY,), full: bool = False
) -> list[SourceReport]:
    return list(update(sources, store, days, clock=FrozenClock(NOW), full=full))


def test_a_report_counts_what_its_source_brought(store: Store) -> None:
    (report,) = run(store, FakeSource([batch(1), batch(2, skipped=("one has no id",))]))

    assert report.source == SOURCE
    assert report.counts == Counts(papers=2, new=2, observations=2, lists=2, skipped=1)
    assert report.error is None
    assert report.started_at == report.finished_at == NOW
    assert store.health()[0].last_success_at == NOW


def test_a_source_that_fails_is_a_value_and_the_next_is_asked(store: Store) -> None:
    first, second = run(store, FakeSource([DEAD]), FakeSource([batch(1)], name="arxiv"))

    assert first.error is DEAD
    assert second.counts.new == 1
    assert store.last_failure(SOURCE) == NOW
    assert store.last_failure("arxiv") is None


def test_what_came_before_a_failure_is_kept(store: Store) -> None:
    (report,) = run(store, FakeSource([batch(1), batch(2), DEAD]))

    assert report.error is DEAD
    assert report.counts.new == 2
    assert store.stats().papers == 2
    assert store.last_failure(SOURCE) is None  # it came in part


def test_days_that_failed_are_told_in_one_sentence(store: Store) -> None:
    broken = [batch(n, failures=(SourceFormatError(f"Day {n} is a web page."),)) for n in (1, 2, 3)]
    (report,) = run(store, FakeSource(broken))

    assert isinstance(report.error, SourceFormatError)
    assert str(report.error) == "Day 1 is a web page. (2 more like this.)"


def test_of_several_failures_the_one_that_says_when_to_come_back_speaks(store: Store) -> None:
    busy = SourceBusyError("Wait.", url="https://hf/", retry_at=NOW + timedelta(minutes=5))
    (report,) = run(store, FakeSource([Batch(failures=(DEAD,)), Batch(failures=(busy,))]))

    assert isinstance(report.error, SourceBusyError)
    assert str(report.error) == "Wait. (1 more like this.)"
    assert (report.error.url, report.error.retry_at) == (busy.url, busy.retry_at)
    assert store.health()[0].retry_at == busy.retry_at


def test_what_a_source_wants_to_remember_comes_back_to_it(store: Store) -> None:
    source = FakeSource([batch(1, state={"/list": "etag"})])
    run(store, source)
    run(store, source)
    run(store, source, full=True)

    assert [state for _, state in source.asked] == [{}, {"/list": "etag"}, {}]


def test_closing_the_iteration_keeps_what_arrived_and_asks_nobody_else(store: Store) -> None:
    first, second = FakeSource([batch(1)]), FakeSource([batch(2)], name="arxiv")
    reports = update([first, second], store, [TODAY], clock=FrozenClock(NOW))
    next(reports)
    reports.close()  # type: ignore[attr-defined]

    assert store.stats().papers == 1
    assert second.asked == []


def test_an_interrupt_in_the_middle_of_a_source_keeps_what_arrived(store: Store) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(store, FakeSource([batch(1), KeyboardInterrupt(), batch(2)]))

    assert store.stats().papers == 1
    assert store.lists_read(SOURCE) == {TODAY - timedelta(days=1): NOW}


def test_each_batch_is_stored_before_the_next_is_asked_for(store: Store) -> None:
    held: list[int] = []

    class Looking(FakeSource):
        def fetch(self, wanted: Wanted, state: Mapping[str, str]) -> Iterator[Batch]:
            for one in super().fetch(wanted, state):
                held.append(store.stats().papers)
                yield one

    run(store, Looking([batch(1), batch(2), batch(3)]))

    assert held == [0, 1, 2]


def test_progress_tells_how_many_parts_of_how_many_are_done(store: Store) -> None:
    told: list[tuple[str, int, int | None]] = []
    source = FakeSource([batch(1, total=2), Batch(failures=(DEAD,), total=2)])
    list(
        update(
            [source],
            store,
            [TODAY],
            clock=FrozenClock(NOW),
            progress=lambda *said: told.append(said),
        )
    )

    assert told == [(SOURCE, 1, 2), (SOURCE, 2, 2)]
