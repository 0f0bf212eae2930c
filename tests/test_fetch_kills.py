"""kill -9 in a fetch and in a save: all of a batch or nothing, and the next run ends the job."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from program import Home, HuggingFace, serving, week
from traced import KILL, STORE, needs_strace, traced

from papertrack.store import Store

pytestmark = needs_strace

FETCH, SAVE = ("fetch", "--since", "2026-04-08"), ("save", "2604.15001", "2604.14002")
CALLS = ("pwrite64", "fdatasync", "recvfrom", "connect", "unlink")
COUNTS = ("papers", "accounts", "listings", "lists", "observations")


@pytest.fixture(scope="module")
def world() -> Iterator[HuggingFace]:
    with serving(HuggingFace(week())) as made:
        yield made


def rows(home: Home, *tables: str) -> tuple[int, ...]:
    with closing(sqlite3.connect(home.path / STORE)) as store:
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert not store.execute("PRAGMA foreign_key_check").fetchall()
        asked = (store.execute(f"SELECT count(*) FROM {one}").fetchone()[0] for one in tables)
        return tuple(asked)


def half_papers(home: Home) -> int:
    """Papers of which no source has told anything."""
    with closing(sqlite3.connect(home.path / STORE)) as store:
        orphans = "SELECT count(*) FROM papers WHERE id NOT IN (SELECT paper_id FROM accounts)"
        return int(store.execute(orphans).fetchone()[0])


def sweep(folder: Path, template: Home, words: tuple[str, ...], at: dict[str, list[int]]) -> int:
    """Kill at these calls of each kind, and look at what the next run makes of it."""
    whole = Home(folder / "whole")
    shutil.copytree(template.path, whole.path)
    assert whole.run(*words).returncode == 0
    wanted, tried = rows(whole, *COUNTS, "reading"), 0
    for call, numbers in at.items():
        for number in numbers or count(1):
            home = Home(folder / "home")
            shutil.rmtree(home.path, ignore_errors=True)
            shutil.copytree(template.path, home.path)
            if not traced(home, words, fault=f"{call}:{KILL}:when={number}").code:
                break
            tried += 1
            again = home.run(*words)
            assert (again.returncode, again.stderr) == (0, ""), (call, number)
            assert rows(home, *COUNTS, "reading") == wanted, (call, number)
            assert half_papers(home) == 0
            with closing(Store(str(home.path / STORE))) as store:
                assert store.problems(full=True) == []
    return tried


def both(folder: Path, world: HuggingFace, fetch: dict[str, list[int]]) -> None:
    empty, filled = Home(folder / "empty"), Home(folder / "filled")
    for home in (empty, filled):
        home.path.mkdir()
        home.asks(world.url)
    assert filled.run(*FETCH).returncode == 0
    save = {call: numbers for call, numbers in fetch.items() if call in ("pwrite64", "fdatasync")}
    assert sweep(folder / "a", empty, FETCH, fetch) > 1
    assert sweep(folder / "b", filled, SAVE, {call: numbers[:1] for call, numbers in save.items()})


def test_a_kill_in_a_fetch_or_a_save_leaves_all_or_nothing(
    tmp_path: Path, world: HuggingFace
) -> None:
    both(tmp_path, world, {"pwrite64": [2, 70], "fdatasync": [3], "recvfrom": [4]})


@pytest.mark.nightly
def test_so_it_is_at_every_call(tmp_path: Path, world: HuggingFace) -> None:
    both(tmp_path, world, {call: [] for call in CALLS})
