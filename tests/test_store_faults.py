"""Whatever is in the place of the store: one sentence with a way out, and the file as it was."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from builders import NOW, SOURCE, paper
from disk import disk
from program import Home

from papertrack.errors import BusyError
from papertrack.reports import Batch
from papertrack.store import Store
from papertrack.store.connection import APPLICATION_ID, VERSION

NAME = "papertrack.db"
READS, WRITES = "trending --offline", "mark-seen 2604.00001"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    with closing(Store(str(tmp_path / NAME))) as store:
        told = tuple(paper(f"2604.{n:05}", abstract="A sentence. " * 90) for n in range(300))
        store.add(SOURCE, Batch(papers=told), NOW)
    return Home(tmp_path)


def run(home: Home, command: str, path: Path | None = None) -> "subprocess.CompletedProcess[str]":
    done = home.run(*command.split(), PAPERTRACK_DB=str(path or home.path / NAME))
    assert "Traceback" not in done.stderr
    assert "bug in papertrack" not in done.stderr
    return done


def pragma(path: Path, text: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA {text}")


def corrupt(path: Path) -> None:
    body = bytearray(path.read_bytes())
    body[8192:] = b"\xa5" * (len(body) - 8192)
    path.write_bytes(body)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:20_000])


def cut_in_its_header(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:50])


def text(path: Path) -> None:
    path.write_text("Dear diary, today I was not a database. " * 50)


def foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE cookies (name)")


def newer(path: Path) -> None:
    pragma(path, f"user_version={VERSION + 1}")
    pragma(path, f"application_id={APPLICATION_ID}")


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def link_to_nothing(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.parent / "no" / "where.db")


def link_in_a_circle(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


FAULTS: list[tuple[Callable[[Path], None], str]] = [
    (corrupt, "put a backup in its place"),
    (truncated, "put a backup in its place"),
    (cut_in_its_header, "move the file away to start afresh"),
    (text, "move the file away to start afresh"),
    (foreign, "name another file with --db"),
    (newer, "update papertrack"),
    (folder, "name a file with --db"),
    (link_to_nothing, "--db"),
    (link_in_a_circle, "--db"),
    (fifo, "--db"),
]


@pytest.mark.parametrize("command", [READS, WRITES, "db check", "db stats", "db backup copy.db"])
@pytest.mark.parametrize(("spoil", "way_out"), FAULTS, ids=lambda one: getattr(one, "__name__", ""))
def test_what_is_no_store_is_one_sentence_and_stays_as_it_was(
    home: Home, command: str, spoil: Callable[[Path], None], way_out: str
) -> None:
    path = home.path / NAME
    spoil(path)
    before = path.read_bytes() if path.is_file() else None
    done = run(home, command)

    assert done.returncode in (1, 2)
    assert way_out in done.stderr + done.stdout
    assert len(done.stderr.splitlines()) <= 1
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_file_of_nothing_is_a_new_store(home: Home) -> None:
    (home.path / NAME).write_bytes(b"")
    assert run(home, "status").returncode == 0


def test_a_link_to_a_store_is_that_store(home: Home) -> None:
    link = home.path / "link.db"
    link.symlink_to(home.path / NAME)
    assert run(home, WRITES, link).returncode == 0
    assert link.is_symlink()


def test_a_store_that_may_only_be_read_is_told_of_where_it_is_written_to(home: Home) -> None:
    path = home.path / NAME
    path.chmod(0o444)
    uri = f"file:{path}?mode=ro"  # root may write anywhere, so SQLite is asked to forbid it
    with closing(sqlite3.connect(uri, uri=True)) as connection, pytest.raises(sqlite3.Error):
        connection.execute("DELETE FROM papers")
    assert run(home, "db stats").returncode == 0


def test_a_store_that_is_locked_is_busy_and_not_broken(home: Home) -> None:
    path = home.path / NAME
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with closing(Store(str(path), patience=0.2)) as store:
            with pytest.raises(BusyError, match="try again when it has ended"):
                store.mark(["arxiv:2604.00001"], "seen", NOW)
            assert store.stats().papers == 300
            connection.execute("ROLLBACK")
            store.mark(["arxiv:2604.00001"], "seen", NOW)


@pytest.mark.nightly
def test_so_it_is_for_who_has_the_patience_of_the_program(home: Home) -> None:
    path = home.path / NAME
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        done = run(home, WRITES)
        assert (done.returncode, "try again when it has ended" in done.stderr) == (75, True)
        assert run(home, "db stats").returncode == 0
        connection.execute("ROLLBACK")
    assert run(home, WRITES).returncode == 0


@pytest.mark.parametrize("command", [WRITES, "import more.jsonl", "db backup FULL/copy.db"])
def test_on_a_full_disk_it_is_a_sentence_and_nothing_is_lost(home: Home, command: str) -> None:
    exported = run(home, "export").stdout.replace("2604.", "2605.")
    (home.path / "more.jsonl").write_text(exported)
    size = (home.path / NAME).stat().st_size
    with disk(home.path / "full", size + 60_000) as place:
        path = place / NAME
        shutil.copy(home.path / NAME, path)
        (place / "filler").write_bytes(b"x" * 20_000)
        done = run(home, command.replace("FULL", str(place)), path)

        assert done.returncode in (1, 2)
        assert "make room on the disk and try again" in done.stderr
        assert not list(place.glob(".*"))
        (place / "filler").unlink()
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert connection.execute("SELECT count(*) FROM papers").fetchone() == (300,)


DYING = """
import os, sys
from builders import NOW
from papertrack.store import Store
store = Store(sys.argv[1])
store._connection.set_progress_handler(lambda: os._exit(9), int(sys.argv[2]))
store.prune(store.plan_pruning(NOW.date().replace(year=2027), NOW.date()))
os._exit(0)
"""


def test_a_pruning_that_is_killed_has_removed_whole_papers_only(home: Home) -> None:
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    original = (home.path / NAME).read_bytes()
    for steps in (2_000, 20_000, 60_000, 200_000):
        path = home.path / "dying.db"
        path.write_bytes(original)
        command = [sys.executable, "-c", DYING, str(path), str(steps)]
        assert subprocess.run(command, env=env, check=False).returncode in (0, 9)
        with closing(Store(str(path))) as store:
            assert store.problems(full=True) == []
            assert store.stats().papers in (0, 300)
        for left in home.path.glob("dying*"):
            left.unlink()
