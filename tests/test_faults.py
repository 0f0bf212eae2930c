"""What breaks on the wire, as the user of the program sees it: told, bounded, and nothing lost."""

import json
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import NOW, paper
from fakes import FakeService, FakeSource, FrozenClock, Said, bomb, on_loopback
from program import COMMAND, Home, HuggingFace, Run, item, run, serving

from papertrack.clock import FIRST_LIST, weekdays
from papertrack.errors import SourceFormatError, SourceUnavailableError, StoreError
from papertrack.reports import Batch
from papertrack.sources.client import Client
from papertrack.store import Store
from papertrack.update import update

REPLAY = Path(__file__).parents[2] / "shared" / "tools" / "replay.py"
SOURCES = ("huggingface", "paperswithcode", "arxiv", "hackernews")
#: Where each of the four is asked for its list.
PATHS = {
    "huggingface": "/api/daily_papers",
    "paperswithcode": "/api/v1/papers/trending",
    "arxiv": "/atom/|/api/query",
    "hackernews": "/api/v1/search_by_date",
}
#: Of all services at once; the others take the same ways, and come at night.
MANNERS = ("429", "500", "html", "reset", "bomb")
ELSEWHERE = "redirect:http://elsewhere.example/"
FAULTS = (
    "429", "503", "500", "403", "406", "soft", "html", "truncate", "garbage", "reset", "empty",
    "bomb", ELSEWHERE,
)  # fmt: skip
NEXT_STEP = re.compile(r"try again|check (the network|its address|its token|sources\.)")


def query(home: Home, sql: str) -> list[Any]:
    path = home.path / ".local/share/papertrack/papertrack.db"
    with closing(sqlite3.connect(path, timeout=10)) as store:
        return [row[0] for row in store.execute(sql)]


def asks(home: Home, url: str) -> Home:
    """Let the program ask this server in place of all four sources."""
    where: dict[str, dict[str, str]] = {name: {"base_url": url} for name in SOURCES}
    where["arxiv"]["feed_url"] = url
    home.configure(json.dumps({"sources": where}))
    return home


@contextmanager
def replay(*args: str) -> Iterator[str]:
    """The recorded services; their address."""
    if not REPLAY.exists():
        pytest.skip("../shared with the recorded answers is not here")
    command = [sys.executable, str(REPLAY), "--at", "2026-05-15T20:00:00Z", *args]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


# -- the services break -----------------------------------------------------------------------


def fetch_with(folder: Path, url: str, day: date) -> Run:
    """A user's first fetch, at noon of this day, of this day's lists."""
    folder.mkdir()
    home = asks(Home(folder, now=f"{day}T12:00:00Z"), url)
    return run(home, "fetch", "--date", str(day), "--json")


def fetch_from(folder: Path, *args: str) -> Run:
    """The same on 15 April from services of its own."""
    with replay(*args) as url:
        return fetch_with(folder, url, date(2026, 4, 15))


def some_days(folder: Path, days: Iterable[date]) -> Path:
    """The recordings with these lists of Hugging Face only, which are read and served sooner."""
    recorded = REPLAY.parents[1] / "data"
    (folder / "hf" / "daily").mkdir(parents=True)
    for part in ("arxiv", "hn"):
        (folder / part).symlink_to(recorded / part)
    for day in days:
        name = f"hf/daily/{day}.json.gz"
        (folder / name).symlink_to(recorded / name)
    return folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Run]:
    """Each fault, of Hugging Face alone and of all; all at once, because they mostly wait.

    One server is enough for the faults of Hugging Face: each is on the list of a day of its own.
    """
    folder = tmp_path_factory.mktemp("runs")
    nothing = tmp_path_factory.mktemp("nothing")
    days = dict(zip(FAULTS, weekdays(date(2026, 4, 1), date(2026, 5, 1)), strict=False))
    data = some_days(tmp_path_factory.mktemp("some"), days.values())
    rules = [f"--fault=/api/daily_papers.*date={day}={fault}" for fault, day in days.items()]
    with replay(f"--data={data}", *rules) as url, ThreadPoolExecutor(21) as pool:
        asked = {
            ("huggingface", fault): pool.submit(fetch_with, folder / str(day), url, day)
            for fault, day in days.items()
        }
        for name in SOURCES[1:]:
            rule = f"--fault={PATHS[name]}=html"
            asked[name, "html"] = pool.submit(fetch_from, folder / name, f"--data={data}", rule)
        for fault in MANNERS:
            args = (f"--data={nothing}", f"--fault=.={fault}")
            asked["all", fault] = pool.submit(fetch_from, folder / fault, *args)
        return {what: run.result() for what, run in asked.items()}


def others_are_stored(done: Run, failed: str) -> None:
    told = {one["source"]: one for one in done.told["sources"]}
    assert (done.code, done.told["status"]) == (5, "partial")
    assert [name for name, one in told.items() if one["error"]] == [failed]
    assert [name for name, one in told.items() if one["papers"]] == [
        name for name in ("huggingface", "paperswithcode", "arxiv") if name != failed
    ]
    first, *more = done.stderr.splitlines()
    assert not more
    assert first.startswith(f"papertrack: {failed}: ")
    assert NEXT_STEP.search(first)
    assert query(done.home, "SELECT count(*) FROM papers") != [0]
    assert query(done.home, "SELECT count(*) FROM reading") == [0]


@pytest.mark.parametrize("fault", FAULTS)
def test_where_one_source_fails_the_others_are_stored(
    fault: str, runs: dict[tuple[str, str], Run]
) -> None:
    others_are_stored(runs["huggingface", fault], "huggingface")


@pytest.mark.parametrize("failed", SOURCES[1:])
def test_it_does_not_matter_which_of_them_fails(
    failed: str, runs: dict[tuple[str, str], Run]
) -> None:
    others_are_stored(runs[failed, "html"], failed)


def each_is_told(done: Run) -> None:
    assert (done.code, done.told["status"]) == (3, "error")
    lines = done.stderr.splitlines()
    assert [line.split(": ")[1] for line in lines] == list(SOURCES)
    assert all(NEXT_STEP.search(line) for line in lines)
    assert query(done.home, "SELECT count(*) FROM papers") == [0]


@pytest.mark.parametrize("fault", MANNERS)
def test_where_all_fail_it_is_3_and_each_is_told(
    fault: str, runs: dict[tuple[str, str], Run]
) -> None:
    each_is_told(runs["all", fault])


@pytest.mark.nightly
@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault not in MANNERS])
def test_so_it_is_whatever_they_all_do(fault: str, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    args = (f"--data={tmp_path / 'nothing'}", f"--fault=.={fault}")
    each_is_told(fetch_from(tmp_path / "run", *args))


def test_a_bomb_takes_no_memory(runs: dict[tuple[str, str], Run]) -> None:
    """100 MB of zeroes in 100 kB."""
    assert max(runs[of, "bomb"].megabytes for of in ("huggingface", "all")) < 300


def test_a_bomb_is_asked_for_once() -> None:
    service = FakeService({"/": bomb(100)})
    with on_loopback(service) as url, pytest.raises(SourceFormatError, match="longer than 20 MB"):
        Client(clock=FrozenClock(NOW)).get(f"{url}/")
    assert service.targets == ["/"]


@pytest.mark.nightly
def test_a_source_that_hangs_is_given_up(tmp_path: Path) -> None:
    done = fetch_from(tmp_path / "hang", "--fault=/api/daily_papers=hang")
    others_are_stored(done, "huggingface")


# -- answers that nobody foresaw --------------------------------------------------------------


def test_a_mistake_of_ours_is_told_and_the_next_source_is_asked(store: Store) -> None:
    sources = (FakeSource([KeyError("paper")]), FakeSource([Batch(papers=(paper(),))], "arxiv"))
    first, second = update(sources, store, [NOW.date()], clock=FrozenClock(NOW))

    assert "KeyError: 'paper'). This is a bug: please report it" in str(first.error)
    assert (first.outcome, second.counts.new) == ("error", 1)
    assert store.last_failure("huggingface") == NOW


def test_a_store_that_fails_ends_the_run_which_is_no_failure_of_the_source(store: Store) -> None:
    full = StoreError("The disk is full; make room.")
    with pytest.raises(StoreError):
        list(update([FakeSource([full])], store, [NOW.date()], clock=FrozenClock(NOW)))

    (health,) = store.health()
    assert (health.last_success_at, health.failures_in_a_row) == (None, 0)


def test_a_run_that_was_stopped_does_not_end_a_row_of_failures(store: Store) -> None:
    dead = SourceUnavailableError("It is down.")
    for script in ([dead], [dead], [KeyboardInterrupt()]):
        with suppress(KeyboardInterrupt):
            list(update([FakeSource(script)], store, [NOW.date()], clock=FrozenClock(NOW)))

    (health,) = store.health()
    assert (health.failures_in_a_row, health.down_since) == (2, NOW)


# -- a service that wants to be left alone ----------------------------------------------------


def test_a_service_that_wants_a_pause_gets_it_from_the_next_process_too(tmp_path: Path) -> None:
    service = FakeService({})
    target = "/api/daily_papers?date=2026-04-15&limit=100"
    service.answers = {target: Said(b"{}", status=429, headers={"Retry-After": "600"})}
    with on_loopback(service) as url:
        home = Home(tmp_path).asks(url)
        first = run(home, "fetch", "--date", "2026-04-15", "--json")
        assert (first.code, service.targets) == (3, [target])
        assert first.told["sources"][0]["retry_at"] == "2026-04-15T12:10:00Z"

        for command in (["fetch", "--date", "2026-04-15"], ["daily", "2026-04-15"]):
            again = home.later(minutes=9).run(*command)
            assert again.returncode == 3
            assert "until 2026-04-15T12:10:00Z" in again.stderr
        assert len(service.asked) == 1
        (health,) = json.loads(home.run("status", "--json").stdout)["sources"]
        assert health["failures_in_a_row"] == 1

        service.answers = {target: Said(b"[]")}
        assert home.later(minutes=11).run("fetch", "--date", "2026-04-15").returncode == 0
        assert len(service.asked) == 2


# -- Ctrl-C, and a long way back --------------------------------------------------------------


@dataclass
class Archive(HuggingFace):
    """A small list for each day; after so many answers it waits to be let go on."""

    patience: int = 10_000
    answered: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, target: str) -> tuple[int, bytes]:
        with self.lock:
            self.answered += 1
            self.hangs = self.answered > self.patience
        day = target.partition("date=")[2][:10]
        number = f"{day[2:4]}{day[5:7]}.{day[8:]}001"
        self.days.setdefault(day, [item(number, day=day)])
        return super().answer(target)

    @property
    def asked_days(self) -> list[date]:
        return sorted(date.fromisoformat(one.partition("date=")[2][:10]) for one in self.asked)


def read_lists(home: Home) -> list[date]:
    try:
        return sorted(map(date.fromisoformat, query(home, "SELECT list_date FROM lists")))
    except sqlite3.OperationalError:
        return []  # not made yet


def stop_when(home: Home, lists: int, *args: str) -> tuple[int, str]:
    """Ctrl-C as soon as so many lists are stored."""
    with subprocess.Popen(
        [*COMMAND, *args], env=home.env(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as running:
        for _ in range(400):
            if len(read_lists(home)) >= lists or running.poll() is not None:
                break
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=20)
    return running.returncode, err.decode()


def test_a_backfill_that_is_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    today = date(2026, 4, 15)
    days = weekdays(today - timedelta(days=60), today)
    command = ("fetch", "huggingface", "--since", "60d")
    with serving(Archive(patience=25)) as world:
        home = Home(tmp_path).asks(world.url)
        code, err = stop_when(home, 25, *command, "-v")
        assert (code, "Traceback" in err) == (130, False)
        assert err == "Stopped; what has arrived is kept, and the next fetch goes on there.\n"
        kept = read_lists(home)
        assert len(kept) == 25
        assert set(kept) <= set(days[-33:])  # newest first, but for the few that are under way
        assert query(home, "SELECT outcome FROM runs") == ["partial"]
        settled = {day for day in kept if today - day > timedelta(days=13)}

    with serving(Archive()) as world:
        done = run(home.asks(world.url), *command)
        assert done.code == 0
        assert world.asked_days == [day for day in days if day not in settled]
        assert read_lists(home) == days
        assert query(home, "SELECT count(*) FROM papers") == [len(days)]
        assert done.megabytes < 150

        world.asked.clear()
        assert home.run(*command).returncode == 0
        assert world.asked_days == [d for d in days if today - d <= timedelta(days=13)]


@pytest.mark.nightly
def test_the_whole_archive_is_read_in_bounded_memory(tmp_path: Path) -> None:
    with serving(Archive()) as world:
        home = Home(tmp_path).asks(world.url)
        done = run(home, "fetch", "huggingface", "--since", str(FIRST_LIST))
        assert (done.code, done.stderr) == (0, "")
        assert world.asked_days == weekdays(FIRST_LIST, date(2026, 4, 15))
        assert done.megabytes < 150
