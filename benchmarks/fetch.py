"""Thirty lists over 100 ms of latency: four at a time against one after another, and once more."""

import sys
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import common

from papertrack.clock import instant, newest_list_day, weekdays
from papertrack.reports import SourceReport, Stats
from papertrack.sources import huggingface
from papertrack.sources.base import Wanted
from papertrack.sources.client import Client, concurrently
from papertrack.store import Store
from papertrack.update import update

LATENCY = 0.1
DAYS = 30
ROUNDS = 5


def main() -> None:
    verdicts = common.Verdicts()
    now = instant(common.NOW)
    last = newest_list_day(now)
    days = weekdays(last - timedelta(days=2 * DAYS), last)[-DAYS:]
    with common.server(LATENCY) as server:
        speed(server, days, verdicts)
        again(server, days, verdicts)
    verdicts.show()


def source(server: common.Server) -> huggingface.HuggingFaceSource:
    """A source with a client, and so connections, of its own."""
    now = instant(common.NOW)
    client = Client(clock=lambda: now)
    return huggingface.HuggingFaceSource(client=client, clock=lambda: now, base_url=server.url)


def speed(server: common.Server, days: list[date], verdicts: common.Verdicts) -> None:
    most: dict[int, int] = {}

    def fetch(workers: int) -> None:
        huggingface.concurrently = partial(concurrently, workers=workers)
        server.counted()
        one = source(server)
        read = [day for batch in one.fetch(Wanted(days=tuple(days)), {}) for day in batch.lists]
        one.client.close()
        assert sorted(read) == days
        most[workers] = server.counted()["most_at_once"]

    work: dict[str, Callable[[], None]] = {
        "one after another": lambda: fetch(1),
        "four at a time": lambda: fetch(4),
    }
    times = common.rounds_of(work, ROUNDS)
    huggingface.concurrently = concurrently
    for name, measured in times.items():
        print(f"{name:18} {measured.ms() / 1000:6.2f} s wall, {measured.ms('cpu'):4.0f} ms CPU")
    ratio = times["four at a time"].over(times["one after another"], "wall")
    verdicts.at_most(f"N1: {DAYS} lists, four at a time / one after another, wall", ratio, 0.35)
    verdicts.at_most("N1: requests in flight, as the server saw them", most[4], 4, "{:.0f}")


def again(server: common.Server, days: list[date], verdicts: common.Verdicts) -> None:
    """The same fetch twice, into a store: the second finds nothing new."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(str(Path(folder) / "store.db"))
        server.counted()
        first, before = fill(store, server, days), store.stats()
        sent = server.counted()
        second, after = fill(store, server, days), store.stats()
        sent_again = server.counted()
        store.close()
    print(f"first fetch        {sent['bytes']:>9,} bytes, {told(first)}")
    print(f"the same again     {sent_again['bytes']:>9,} bytes, {told(second)}\n")
    share = sent_again["bytes"] / sent["bytes"]
    verdicts.at_most("N2: bytes of an unchanged fetch / of the first", share, 0.02, "{:.4f}")
    verdicts.at_most(
        "N2: rows added by an unchanged fetch", rows(after) - rows(before), 0, "{:.0f}"
    )
    verdicts.at_most(
        "N2: papers rewritten by an unchanged fetch", second.counts.changed, 0, "{:.0f}"
    )


def fill(store: Store, server: common.Server, days: list[date]) -> SourceReport:
    now = instant(common.NOW)
    report = next(update([source(server)], store, days, clock=lambda: now))
    if report.error:
        sys.exit(str(report.error))
    return report


def rows(stats: Stats) -> int:
    return stats.papers + stats.observations + stats.listings + stats.lists


def told(report: SourceReport) -> str:
    counts = report.counts
    return f"{counts.lists} lists read, {counts.unchanged} unchanged, {counts.new} new papers"


if __name__ == "__main__":
    main()
