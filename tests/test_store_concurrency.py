"""Two processes at the same store: a cron job that fetches, a reader, one that is killed."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from papertrack.store.connection import VERSION, transaction

WRITES = 200
PRELUDE = """
import sys
import papertrack.store.migrations
from datetime import UTC, datetime, timedelta
from papertrack.models import UPVOTES, Listing, Observation, Paper, Window
from papertrack.reports import Batch
from papertrack.store import Store

NOW = datetime(2026, 4, 15, 12, tzinfo=UTC)

def batch(*numbers):
    ids = [f"arxiv:{number}" for number in numbers]
    return Batch(
        papers=tuple(Paper(id=one, title="t" * 200, arxiv_id=one[6:]) for one in ids),
        listings=tuple(
            Listing(paper_id=one, source="huggingface", list_date=NOW.date()) for one in ids
        ),
        observations=tuple(
            Observation(
                paper_id=one, source="huggingface", kind=UPVOTES, value=1, observed_at=NOW
            )
            for one in ids
        ),
    )

def say(word):
    print(word, flush=True)
"""
#: Opens anew for every write, as cron jobs do: opening and closing are part of the quarrel.
WRITER = """
path, prefix, writes = sys.argv[1], sys.argv[2], int(sys.argv[3])
for number in range(writes):
    store = Store(path)
    store.add("huggingface", batch(f"{prefix}.{number:05}"), NOW)
    store.close()
"""
READER = """
path, awaited = sys.argv[1], int(sys.argv[2])
found = []
while len(found) < awaited:
    store = Store(path)
    found = store.listed(Window(since=NOW - timedelta(days=1), until=NOW))
    assert all(entry.observations for entry in store.entries(found, NOW)), "half a batch was seen"
    store.close()
"""
OPENER = """
import os
for place in range(int(sys.argv[2])):
    while not os.path.exists(f"{sys.argv[1]}/{place}.go"):
        pass
    Store(f"{sys.argv[1]}/{place}.db").close()
    say("opened")
"""
#: Twenty papers a batch, until it is killed.
BUSY_WRITER = """
store = Store(sys.argv[1])
for number in range(10_000):
    numbers = (f"{sys.argv[2]}.{number * 20 + n:06}" for n in range(20))
    store.add("huggingface", batch(*numbers), NOW)
    say(number)
"""


def start(script: str, *args: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", PRELUDE + script, *map(str, args)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """The exit code, and what the process complained of."""
    with process:
        _, complaint = process.communicate(timeout=60)
    return process.returncode, complaint


def check(path: Path, question: str) -> object:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(question).fetchone()[0]


def test_two_writers_and_a_reader_never_meet_a_locked_database(tmp_path: Path) -> None:
    path = tmp_path / "papertrack.db"
    processes = [
        start(WRITER, path, "2604", WRITES),
        start(WRITER, path, "2605", WRITES),
        start(READER, path, 2 * WRITES),
    ]

    assert [ended(process) for process in processes] == [(0, "")] * 3
    assert check(path, "SELECT count(*) FROM papers") == 2 * WRITES
    assert check(path, "PRAGMA integrity_check") == "ok"


def test_processes_that_create_the_same_store_at_once_all_succeed(tmp_path: Path) -> None:
    """SQLite waits for everything but the switch to WAL, and that is what they all do first."""
    rounds = 12
    processes = [start(OPENER, tmp_path, rounds) for _ in range(3)]
    for place in range(rounds):
        (tmp_path / f"{place}.go").touch()
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()

    assert [ended(process) for process in processes] == [(0, "")] * 3
    for place in range(rounds):
        assert check(tmp_path / f"{place}.db", "PRAGMA journal_mode") == "wal"
        assert check(tmp_path / f"{place}.db", "SELECT count(*) FROM _sqlite_migrations") == VERSION


@pytest.mark.parametrize("lives", [4, pytest.param(20, marks=pytest.mark.nightly)])
def test_a_writer_that_is_killed_leaves_whole_batches_and_a_sound_file(
    lives: int, tmp_path: Path
) -> None:
    path = tmp_path / "papertrack.db"
    for life in range(lives):
        process = start(BUSY_WRITER, path, f"26{life:02}")
        assert process.stdout is not None
        for _ in range(3 + life % 7):
            assert process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
        ended(process)

        assert check(path, "PRAGMA integrity_check") == "ok"
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(
                "INSERT INTO papers_fts (papers_fts, rank) VALUES ('integrity-check', 1)"
            )
        papers = check(path, "SELECT count(*) FROM papers")
        assert isinstance(papers, int)
        assert papers > 0
        assert papers % 20 == 0
        for table in ("accounts", "listings", "observations"):
            assert check(path, f"SELECT count(*) FROM {table}") == papers


class Interrupted(sqlite3.Connection):
    """Ctrl-C comes as soon as a transaction is open."""

    armed = True

    def execute(self, sql: str, *args: object) -> sqlite3.Cursor:  # type: ignore[override]
        done = super().execute(sql, *args)  # type: ignore[arg-type]
        if sql.startswith("BEGIN") and self.armed:
            self.armed = False
            raise KeyboardInterrupt
        return done


@pytest.mark.parametrize("unheard", [False, True])
def test_an_interrupt_between_two_steps_leaves_no_transaction_behind(unheard: bool) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None, factory=Interrupted)) as found:
        if unheard:  # where the interrupt comes before the `with` has taken hold
            with pytest.raises(KeyboardInterrupt):
                found.execute("BEGIN IMMEDIATE")
        else:
            with pytest.raises(KeyboardInterrupt), transaction(found):
                pass
            assert not found.in_transaction
        with transaction(found):
            found.execute("CREATE TABLE t (x)")
        assert not found.in_transaction
