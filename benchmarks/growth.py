"""What a larger store costs more (D4), and what is spared in a large one (D5, D6).

    python benchmarks/growth.py SMALL.db LARGE.db [MORE.db ...]

Made by scale.py; a folder stands for the stores in it. They are read and never written to. Figures
are CPU time, through the program's own functions. The goals are for a million papers, D4 beside a
hundred thousand. For other sizes they are scaled: D4 by each tenfold, D5 between its own at one
million and at three. Below a million D5 and D6 are not judged, as nothing is spared there yet.
"""

import argparse
import math
import sqlite3
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

from common import Verdicts, rounds_of

from papertrack import querying
from papertrack.config import Config
from papertrack.store import Store, plans, searching
from papertrack.store.connection import VERSION
from papertrack.tracker import Tracker, View

#: The words that are in every third to tenth paper, so that most rows match.
WORDS = ("model", "learning", "data", "system")
YEAR = "after:2025-01-01 before:2026-01-01"
FIRST = 21  # a page, and one more to know whether there are others
MILLION = 1_000_000
WEEK = timedelta(days=7)


@dataclass(frozen=True, eq=False)
class Sized:
    """A store, how many papers it has, some of their ids, and the moment of its newest list."""

    store: Store
    papers: int
    keys: Sequence[str]
    now: datetime

    @property
    def name(self) -> str:
        return f"{self.papers:,}"


def sized(path: Path) -> Sized:
    """Open a store. Leaves where that would have to write: another version, or no lists."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        newest = connection.execute("SELECT max(submitted_at) FROM listings").fetchone()[0]
        if version != VERSION or not newest:
            sys.exit(f"{path} is not a store that scale.py of this version has made")
        last = connection.execute("SELECT max(id) FROM papers").fetchone()[0]
        keys = [
            connection.execute(
                "SELECT key FROM papers WHERE id >= ? LIMIT 1", (last * part // 60,)
            ).fetchone()[0]
            for part in range(20, 60)
        ]
    store = Store(str(path))
    now = datetime.fromisoformat(newest).astimezone(UTC) + timedelta(hours=6)
    return Sized(store, store.count(), keys, now)


def newest_first(of: Sized) -> None:
    for word in WORDS * 20:
        assert len(of.store.search(querying.parse(word), FIRST, newest=True)) == FIRST


def trending(of: Sized) -> None:
    tracker = Tracker(
        config=Config, store=of.store, clock=lambda: of.now, sources=tuple, offline=True
    )
    assert len(tracker.trending(WEEK, None, View(limit=20)).ranked) == 20


def by_id(of: Sized) -> None:
    for key in of.keys:
        [number] = of.store.find([key]).values()
        [entry] = of.store.entries([number], of.now)
        assert entry.paper.id == key


#: What D4 is about, and how many times as long each may take in a store of ten times the papers.
GROWING: Sequence[tuple[str, Callable[[Sized], None], float]] = (
    ("newest first, a common word", newest_first, 2.0),
    ("trending of seven days", trending, 2.0),
    ("one paper by its id", by_id, 1.5),
)


def growth(stores: Sequence[Sized], verdicts: Verdicts) -> None:
    """D4, each store beside the next smaller one."""
    for name, call, tenfold in GROWING:
        times = rounds_of({of.name: partial(call, of) for of in stores}, 11)
        each = (f"{times[of.name].ms('cpu'):.2f}" for of in stores)
        print(f"| {name} | {' | '.join(each)} |")
        for small, large in pairwise(stores):
            limit = tenfold ** math.log10(large.papers / small.papers)
            figure = times[large.name].over(times[small.name])
            verdicts.at_most(f"D4: {name}, {large.name} / {small.name}", figure, limit)


def plain(of: Sized, query: querying.Query, *, by_column: bool = False) -> list[int]:
    """The first by BM25 as FTS5 finds them by itself: all that matches is scored.

    Days are a range of row ids, as the program asks, or the column of dates.
    """
    plan = plans.plan_of(query, plans.expression_of(query), days=not by_column)
    where, values = plan.where(), plan.given()
    if by_column:
        date = "(SELECT published_at FROM papers WHERE papers.id = papers_fts.rowid)"
        where, values = f"{where} AND {date} >= ? AND {date} < ?", (*values, *plans.span_of(query))
    found = of.store._connection.execute(
        f"SELECT rowid FROM papers_fts WHERE {where} AND rank MATCH '{searching._RANK}'"
        " ORDER BY rank LIMIT ?",
        (*values, FIRST),
    )
    return [row[0] for row in found]


def sparing(of: Sized, verdicts: Verdicts) -> None:
    """D5 and D6 of one store."""
    common = [querying.parse(word) for word in WORDS]
    years = [querying.parse(f"{word} {YEAR}") for word in WORDS]
    for query in years:
        assert plain(of, query) == plain(of, query, by_column=True), "other rows"
    calls: dict[str, Callable[[], object]] = {
        "found": lambda: [of.store.search(query, FIRST) for query in common],
        "all scored": lambda: [plain(of, query) for query in common],
        "found of a year": lambda: [of.store.search(query, FIRST) for query in years],
        "by id": lambda: [plain(of, query) for query in years],
        "by date": lambda: [plain(of, query, by_column=True) for query in years],
    }
    times = rounds_of(calls, 3)
    each = (f"{name} {taken.ms('cpu') / len(WORDS):.1f}" for name, taken in times.items())
    print(f"{of.name} papers, ms a word: {', '.join(each)}", flush=True)
    if of.papers < MILLION:
        return
    for goal, mine, other, limit in (
        ("D5: a common word / with all scored", "found", "all scored", sparing_limit(of.papers)),
        ("D6: of one year, by row ids / by the column", "by id", "by date", 0.3),
        ("D6: of one year, as found / by the column", "found of a year", "by date", 0.3),
    ):
        verdicts.at_most(f"{goal}, {of.name}", times[mine].over(times[other]), limit)


def sparing_limit(papers: int) -> float:
    """0.4 at a million papers, 0.1 at three, between and beyond on the same line of logarithms."""
    return min(1.0, 0.4 * (papers / MILLION) ** (math.log(0.1 / 0.4) / math.log(3)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stores", nargs="+", type=Path, help="stores, or folders of them")
    given = parser.parse_args().stores
    paths = [path for one in given for path in (one.glob("*.db") if one.is_dir() else [one])]
    stores = sorted(map(sized, paths), key=lambda of: of.papers)
    if len(stores) < 2:
        sys.exit("two stores of different sizes are needed")
    verdicts = Verdicts()
    names = " | ".join(of.name for of in stores)
    print(f"| CPU ms | {names} |\n|---|{'---:|' * len(stores)}")
    growth(stores, verdicts)
    print()
    for of in stores:
        sparing(of, verdicts)
    print()
    verdicts.show()
    for of in stores:
        of.store.close()


if __name__ == "__main__":
    main()
