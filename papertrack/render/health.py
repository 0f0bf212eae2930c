"""How the sources and the store fare, as lines for people and JSON for scripts."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime

from papertrack import text
from papertrack.clock import ago
from papertrack.models import SourceHealth, Stats
from papertrack.render.records import dumps, plain


def lines(sources: Sequence[SourceHealth], stats: Stats, now: datetime) -> Iterator[str]:
    """One paragraph a source, then the store."""
    if not sources:
        yield "No source was asked yet; `papertrack fetch` asks them.\n"
    for one in sources:
        good = f"read {ago(one.last_success_at, now)} ago" if one.last_success_at else "never read"
        yield f"{one.source:<16} {good}, {one.papers:,} papers\n"
        if one.last_error_at and one.failures_in_a_row:
            times = (
                "1 failure" if one.failures_in_a_row == 1 else f"{one.failures_in_a_row} failures"
            )
            yield f"{'':<16} {times} in a row, "
            yield f"the last {ago(one.last_error_at, now)} ago:\n"
            yield f"{'':<16} {text.one_line(one.last_error)}\n"
        if one.retry_at and one.retry_at > now:
            yield f"{'':<16} not asked before {plain(one.retry_at)}\n"
    yield f"{'store':<16} {stats.papers:,} papers on {stats.lists:,} lists"
    yield f" ({stats.first_list} to {stats.last_list})\n" if stats.first_list else "\n"


def as_json(sources: Sequence[SourceHealth], stats: Stats) -> Iterator[str]:
    told = [{name: plain(value) for name, value in asdict(one).items()} for one in sources]
    yield dumps({"sources": told, "store": asdict(stats)}) + "\n"


def stats_lines(stats: Stats) -> Iterator[str]:
    for name, value in asdict(stats).items():
        yield (
            f"{name:<14} {value:,}\n" if isinstance(value, int) else f"{name:<14} {value or '-'}\n"
        )


def stats_json(stats: Stats) -> Iterator[str]:
    yield dumps(asdict(stats)) + "\n"
