"""Sources to store: each batch is kept as it comes, each source ends in a report, failed or not."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date

from papertrack.clock import Clock
from papertrack.errors import SourceError
from papertrack.models import Counts, SourceReport
from papertrack.sources import Source
from papertrack.store import Store

#: Called with a source's name, how many of its parts are done, and how many there are if known.
Progress = Callable[[str, int, int | None], None]


def no_progress(source: str, done: int, total: int | None) -> None:
    """For pipes, cron and tests."""


def update(
    sources: Iterable[Source],
    store: Store,
    days: Sequence[date],
    *,
    clock: Clock,
    progress: Progress = no_progress,
    full: bool = False,
) -> Iterator[SourceReport]:
    """Ask each source for these days; one that fails does not stop the others.

    What has arrived is stored at once, so an interrupted run loses nothing of it. With `full`, a
    source is not told what it asked us to remember, and so reads everything again.
    """
    for source in sources:
        state = {} if full else store.state(source.name)
        yield _one(source, store, days, state, clock, progress)


def _one(
    source: Source,
    store: Store,
    days: Sequence[date],
    state: Mapping[str, str],
    clock: Clock,
    progress: Progress,
) -> SourceReport:
    started = clock()
    counts = Counts()
    failures: list[SourceError] = []
    try:
        for done, batch in enumerate(source.fetch(days, state), 1):
            counts += store.add(source.name, batch, clock())
            failures += batch.failures
            progress(source.name, done, batch.total)
    except SourceError as error:
        failures.append(error)
    report = SourceReport(
        source=source.name,
        counts=counts,
        error=_summary(failures),
        started_at=started,
        finished_at=clock(),
    )
    store.record_run(report, clock())
    return report


def _summary(failures: Sequence[SourceError]) -> SourceError | None:
    """The first failure speaks for all; one that says when to come back speaks first."""
    if not failures:
        return None
    first = sorted(failures, key=lambda error: error.retry_at is None)[0]
    if len(failures) > 1:
        more = len(failures) - 1
        parts = "part" if more == 1 else "parts"
        first = type(first)(
            f"{first} ({more} more {parts} could not be read either.)",
            url=first.url,
            retry_at=first.retry_at,
        )
    return first
