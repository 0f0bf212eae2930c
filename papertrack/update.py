"""Sources to store: each batch is kept as it comes, each source ends in a report, failed or not."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta

from papertrack import freshness
from papertrack.clock import Clock
from papertrack.errors import (
    PapertrackError,
    SourceError,
    SourceFormatError,
    SourceInterruptedError,
)
from papertrack.reports import Counts, SourceReport
from papertrack.sources import Source, Wanted, left_alone
from papertrack.store import Store

#: Sources that count papers one names are given those of so many days.
YOUNG = timedelta(days=60)
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

    What has arrived is stored at once, so an interrupted run loses nothing of it, and the next one
    goes on from there: lists that have settled are not asked for again. With `full` they are, and a
    source is not told what it asked us to remember. A source that wanted to be left alone until a
    moment is left alone until then.
    """
    for source in sources:
        yield _left_alone(source, store, clock) or _one(
            source, store, days, clock=clock, progress=progress, full=full
        )


def _one(
    source: Source,
    store: Store,
    days: Sequence[date],
    *,
    clock: Clock,
    progress: Progress,
    full: bool,
) -> SourceReport:
    started = clock()
    counts = Counts()
    failures: list[SourceError] = []
    try:
        wanted = _wanted(source, store, days, full=full)
        state = {} if full else store.state(source.name)
        for done, batch in enumerate(source.fetch(wanted, state), 1):
            counts += store.add(source.name, batch, clock())
            failures += batch.failures
            progress(source.name, done, batch.total)
    except SourceError as error:
        failures.append(error)
    except (KeyboardInterrupt, GeneratorExit):
        failures.append(SourceInterruptedError("It was interrupted; the next one goes on there."))
        raise
    except PapertrackError:
        failures.append(SourceInterruptedError("What it said could not be stored."))
        raise
    except Exception as error:  # an answer that nobody foresaw must not keep the others back
        failures.append(_bug(error))
    finally:
        report = SourceReport(
            source=source.name,
            counts=counts,
            error=_summary(failures),
            started_at=started,
            finished_at=clock(),
        )
        store.record_run(report, clock())
    return report


def _bug(error: Exception) -> SourceError:
    found = SourceFormatError(
        f"Its answer was more than papertrack can read ({type(error).__name__}: {error}). "
        "This is a bug: please report it, and try again later."
    )
    found.__cause__ = error
    return found


def _left_alone(source: Source, store: Store, clock: Clock) -> SourceReport | None:
    """The report of a source that wants to be left alone for now; it is not asked."""
    error = left_alone(source.name, store.not_before(source.name), clock())
    return SourceReport(source=source.name, error=error) if error else None


def _wanted(source: Source, store: Store, days: Sequence[date], *, full: bool) -> Wanted:
    """The days whose lists may still move, and the papers that are known of all the days."""
    moving = days if full else freshness.unsettled(days, store.lists_read(source.name))
    # Counts are asked for young papers; a backfill of years must not hold all that it brings.
    papers = store.papers_on(max(min(days), max(days) - YOUNG), max(days)) if days else ()
    return Wanted(days=tuple(moving), papers=tuple(papers))


def _summary(failures: Sequence[SourceError]) -> SourceError | None:
    """The first failure speaks for all; one that says when to come back speaks first."""
    if not failures:
        return None
    first = sorted(failures, key=lambda error: error.retry_at is None)[0]
    if len(failures) > 1:
        more = len(failures) - 1
        first = type(first)(
            f"{first} ({more} more like this.)",
            url=first.url,
            retry_at=first.retry_at,
        )
    return first
