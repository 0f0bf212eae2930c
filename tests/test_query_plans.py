"""No command walks all papers or all counts, whatever the planner knows of the store.

Every statement that a command runs is written down and explained. `ANALYZE` tempts the planner:
GROUP BY and joins then walk whole tables if they may, at one size of the store and not at another.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW, SOURCE, TODAY, paper, seen

from papertrack.config import Config
from papertrack.models import COMMENTS, UPVOTES, Listing
from papertrack.querying import parse
from papertrack.reports import Batch
from papertrack.selecting import Selection
from papertrack.store import Store
from papertrack.tracker import Tracker, View

#: A week is less than a tenth of the smaller store: of more, walking all would be right.
A_DAY = 10
WORDS = "attention", "diffusion", "protein", "speech", "graph"
FEW = View(limit=10)


def of_day(number: int) -> Batch:
    """The list of a day so many days ago: its papers, and two counts of each."""
    day, moment = TODAY - timedelta(days=number), NOW - timedelta(days=number)
    ids = [f"{day:%y%m}.{number * A_DAY + place:05}" for place in range(A_DAY)]
    return Batch(
        papers=tuple(
            paper(one, title=f"On {WORDS[place % 5]} {place}", abstract=f"It is about {WORDS[0]}.")
            for place, one in enumerate(ids)
        ),
        listings=tuple(
            Listing(paper_id=f"arxiv:{one}", source=SOURCE, list_date=day, submitted_at=moment)
            for one in ids
        ),
        observations=tuple(
            seen(kind, hours, moment + timedelta(hours=hours), one)
            for one in ids
            for kind in (UPVOTES, COMMENTS)
            for hours in (1, 20)
        ),
        lists=(day,),
    )


@pytest.fixture(
    scope="module", params=[1_000, pytest.param(100_000, marks=pytest.mark.nightly)], ids=str
)
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plans") / "papertrack.db"
    store = Store(str(path))
    for number in reversed(range(request.param // A_DAY)):
        store.add(SOURCE, of_day(number), NOW - timedelta(days=number))
    store.close()
    return path


@pytest.fixture(params=[False, True], ids=["as it is", "analysed"])
def store(request: pytest.FixtureRequest, filled: Path) -> Iterator[Store]:
    with sqlite3.connect(filled) as connection:
        has = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")
        if has.fetchone():
            connection.execute("DELETE FROM sqlite_stat1")
        if request.param:
            connection.execute("ANALYZE")
    connection.close()
    opened = Store(str(filled))
    yield opened
    opened.close()


def again(tracker: Tracker) -> None:
    """A fetch that finds the day as it was, but for one count, one title and one paper."""
    known = of_day(0)
    changed = (
        paper(known.papers[0].arxiv_id, title="Another title"),
        *known.papers[1:],
        paper("2604.99999", title="New of today"),
    )
    more = seen(UPVOTES, 99, NOW + timedelta(minutes=1), known.papers[0].arxiv_id)
    fetched = Batch(papers=changed, listings=known.listings, observations=(more,), lists=(TODAY,))
    tracker.store.add(SOURCE, fetched, NOW + timedelta(minutes=1))


COMMANDS: dict[str, Callable[[Tracker], object]] = {
    "trending": lambda tracker: tracker.trending(timedelta(days=7), None, FEW),
    "trending --date": lambda tracker: tracker.trending(timedelta(days=3), TODAY, FEW),
    "trending --match": lambda tracker: tracker.trending(
        timedelta(days=7), None, View(selection=Selection(match="diffusion"))
    ),
    "daily": lambda tracker: tracker.daily(TODAY, TODAY, View(order="upvotes")),
    "show": lambda tracker: tracker.show([of_day(0).papers[3].id, of_day(9).papers[0].id]),
    "search": lambda tracker: tracker.search(parse("diffusion 12"), FEW),
    "search author:": lambda tracker: tracker.search(parse("author:lovelace graph"), FEW),
    "search after:": lambda tracker: tracker.search(parse("attention after:2026-04-01"), FEW),
    "fetch": again,
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_walks_no_whole_table(store: Store, command: str) -> None:
    tracker = Tracker(config=Config, store=store, clock=lambda: NOW, sources=tuple, offline=True)
    statements: list[str] = []
    store._connection.set_trace_callback(statements.append)
    COMMANDS[command](tracker)
    store._connection.set_trace_callback(None)

    asked = [one for one in dict.fromkeys(statements) if re.match("SELECT|INSERT|UPDATE|WITH", one)]
    assert asked
    for statement in asked:
        if statement.endswith(" LIMIT 1") and " WHERE " not in statement:
            continue  # whether there is anything at all
        for row in store._connection.execute(f"EXPLAIN QUERY PLAN {statement}"):
            walked = re.match(r"SCAN (papers|observations|listings|accounts)\b", row[3])
            assert not walked, f"{statement}: {row[3]}"
