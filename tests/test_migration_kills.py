"""A store of an older version becomes one of this one or stays what it was, whatever happens."""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from builders import NOW, SOURCE, paper
from disk import disk
from program import Home
from sqlite_utils import Database

from papertrack.errors import StoreError
from papertrack.models import ReaderState
from papertrack.reports import Batch
from papertrack.store import Store, copying
from papertrack.store.connection import APPLICATION_ID, VERSION
from papertrack.store.migrations import migrations

PAPERS = 300
#: Dies at the n-th time that Python touches a file or SQLite runs a statement; tells how many.
#: For each point that it is asked for there is a process of its own, which need not start anew.
DYING = """
import os, sqlite3, sys
seen, connect = 0, sqlite3.connect
def count(*_):
    global seen
    seen += 1
    if seen == last:
        os._exit(9)
def traced(*args, **options):
    made = connect(*args, **options)
    made.set_trace_callback(count)
    return made
from papertrack.reports import Batch
from papertrack.store import Store, copying, migrations
def live(path):
    sqlite3.connect = traced
    sys.addaudithook(lambda event, _: event.startswith(("os.", "open")) and count())
    Store(path).close()
    print(seen, flush=True)
    os._exit(0)
for line in sys.stdin:
    last = int(line)
    child = os.fork()
    if not child:
        live(sys.argv[1])
    print("died", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
OPENING = "import sys; from papertrack.store import Store; Store(sys.argv[1]).close()"
#: So many points of its life are tried in every run of the tests, and all of them at night.
POINTS = 15


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store as the second version wrote it: three hundred papers and no search index."""
    folder = tmp_path_factory.mktemp("older")
    new, old = folder / "new.db", folder / "papertrack.db"
    with closing(Store(str(new))) as store:
        told = tuple(paper(f"2604.{n:05}", abstract="A sentence. " * 20) for n in range(PAPERS))
        store.add(SOURCE, Batch(papers=told), NOW)
        store.set_states({told[7].id: ReaderState(saved_at=NOW, note="mine")})
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        connection.execute("PRAGMA page_size=8192")
        connection.execute("PRAGMA journal_mode=WAL")
        migrations.apply(Database(connection), stop_before="m003_search")
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute("PRAGMA user_version=2")
        connection.execute("ATTACH ? AS new", (str(new),))
        for table in ("papers", "accounts", "reading"):
            columns = [row[1] for row in connection.execute(f"PRAGMA main.table_info({table})")]
            names = ", ".join(columns)
            connection.execute(f"INSERT INTO main.{table} SELECT {names} FROM new.{table}")
        connection.execute("DETACH new")
    return old


@pytest.fixture
def old(older: Path, tmp_path: Path) -> Path:
    path = tmp_path / "papertrack.db"
    shutil.copy(older, path)
    return path


def version(path: Path) -> int:
    """Which version a file is, all of whose papers are there and which is sound."""
    with closing(sqlite3.connect(path)) as connection:
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        assert connection.execute("SELECT count(*) FROM papers").fetchone() == (PAPERS,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        assert ("papers_fts" in tables) == (found == VERSION)
        return int(found)


def files(path: Path) -> set[str]:
    return {one.name for one in path.parent.iterdir()} - {f"{path.name}-wal", f"{path.name}-shm"}


def test_an_older_store_is_brought_up_to_date_and_its_copy_removed(old: Path) -> None:
    with closing(Store(str(old))) as store:
        assert store.problems(full=True) == []
    assert version(old) == VERSION
    assert files(old) == {old.name}


@contextmanager
def dying(path: Path) -> Iterator[Callable[[int], str]]:
    """What opens the store and dies at a point: tells how it ended, or how many there are."""
    with subprocess.Popen(
        [sys.executable, "-c", DYING, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:

        def at(point: int) -> str:
            assert parent.stdin
            assert parent.stdout
            parent.stdin.write(f"{point}\n")
            parent.stdin.flush()
            said = [parent.stdout.readline()]
            while not said[-1].startswith("died"):
                said.append(parent.stdout.readline())
            return said[0].strip()

        yield at


@pytest.mark.parametrize(
    "points", [POINTS, pytest.param(100_000, marks=pytest.mark.nightly)], ids=["some", "all"]
)
def test_killed_anywhere_it_is_old_or_new_and_the_next_run_goes_on(old: Path, points: int) -> None:
    original = old.read_bytes()
    seen = []
    with dying(old) as at:
        total = int(at(0))
        for point in sorted({*range(1, total, max(1, total // points)), total - 1, total}):
            empty(old.parent)
            old.write_bytes(original)
            assert at(point) == "died 9"
            seen.append(version(old))
            for copied in old.parent.glob("*.before-2"):
                assert version(copied) == 2
            with closing(Store(str(old))) as store:
                assert store.problems() == []
            assert version(old) == VERSION
            assert files(old) <= {old.name, f"{old.name}.before-2"}
    assert seen == sorted(seen)
    assert {2, VERSION} == set(seen)


def empty(folder: Path) -> None:
    for left in folder.iterdir():
        left.unlink()


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_moment_by_the_system_too(old: Path, seed: int) -> None:
    chance = random.Random(seed)
    original = old.read_bytes()
    command = [sys.executable, "-c", OPENING, str(old)]
    for _ in range(4):
        old.write_bytes(original)
        child = subprocess.Popen(command)
        time.sleep(0.1 + 0.3 * chance.random())
        child.kill()
        child.wait()
        assert version(old) in (2, VERSION)
        with closing(Store(str(old))) as store:
            assert store.problems() == []
        empty(old.parent)


def test_a_copy_that_a_killed_run_left_goes_with_the_next_optimizing(old: Path) -> None:
    from papertrack.store.upkeep import optimize

    Store(str(old)).close()
    left = old.with_name(f"{old.name}.before-2")
    left.write_bytes(b"")
    optimize(str(old))
    assert not left.exists()


@pytest.mark.parametrize("times", [1.3, 2.25])
def test_without_room_on_the_disk_it_is_a_sentence_and_the_old_file_is_whole(
    older: Path, tmp_path: Path, times: float
) -> None:
    """Room for not even the copy, or for the copy and not for what is new."""
    before = older.read_bytes()
    with disk(tmp_path / "disk", int(times * len(before))) as place:
        shutil.copy(older, place)
        done = Home(tmp_path).run("status", PAPERTRACK_DB=str(place / older.name))
        assert (done.returncode, done.stdout) == (1, "")
        assert "make room on the disk and try again" in done.stderr
        assert "Traceback" not in done.stderr
        for copied in place.glob("*.before-2"):
            copied.unlink()
        assert version(place / older.name) == 2
        assert (place / older.name).read_bytes() == before


def test_a_damaged_older_store_is_not_migrated_but_told_of(old: Path) -> None:
    body = bytearray(old.read_bytes())
    body[8 * 8192 : 12 * 8192] = b"\xa5" * (4 * 8192)
    old.write_bytes(body)
    with pytest.raises(StoreError, match="`papertrack db repair` saves what can be read"):
        Store(str(old))
    assert old.read_bytes()[100:] == bytes(body)[100:]


def test_who_waits_for_a_large_store_sees_how_far_it_is(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "LARGE", 1)
    monkeypatch.setattr(copying, "STEPS", 10)
    told: list[tuple[str, int, int | None]] = []
    Store(str(old), lambda *far: told.append(far)).close()

    assert {what for what, _, _ in told} == {"copy", "bring the store up to date"}
    sizes = [done for what, done, _ in told if what == "copy"]
    assert sizes == sorted(sizes)


def test_two_that_find_it_old_at_once_both_succeed(old: Path) -> None:
    command = [sys.executable, "-m", "papertrack", "status"]
    env = {**Home(old.parent).env(PAPERTRACK_DB=str(old)), "PATH": os.environ["PATH"]}
    both = [subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [one.wait(60) for one in both] == [0, 0]
    assert version(old) == VERSION
    assert files(old) == {old.name}
