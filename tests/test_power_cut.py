"""The power goes in the middle of a digest: what the disk has promised is enough to go on from.

One run is watched by strace; from its calls a model (powercut.py) tells what the disk holds at each
moment. No letter that has left is forgotten there, and none is taken for sent before it is.
"""

import hashlib
import random
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from powercut import WATCH, Disk, moments
from program import Home
from test_fetch_kills import rows
from traced import READERS, SEND, STORE, Machine, machine, needs_strace, traced

pytestmark = needs_strace
#: On the socket: the end of a mail, and that the server has it.
LEFT = re.compile(r'sendto\(.*, "\.\\r\\n", 3')
TAKEN = re.compile(r'recvfrom.* "250 2\.0\.0 queued')


def states(store: Path) -> list[str]:
    """Of each letter, in order; the file is sound."""
    with closing(sqlite3.connect(store)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert not db.execute("PRAGMA foreign_key_check").fetchall()
        return [state for (state,) in db.execute("SELECT state FROM letters ORDER BY id")]


def check(found: list[str], left: int, taken: int) -> None:
    """Of so many letters that left, and so many that the server said it has."""
    assert len(found) in ((2,) if left else (0, 2))
    for number, state in enumerate(found):
        possible = {"pending", "sending"} if number >= left else {"sending"}
        assert state in possible | ({"sent"} if number < taken else set())
    assert found.count("sending") <= 1


def watched(on: Machine) -> tuple[Home, Disk, str]:
    """A digest that fetches first, as two hours after the last time; the disk is as before it."""
    home = on.fresh().later(hours=2)
    disk = Disk.of(home.path / STORE)
    done = traced(home, SEND, *WATCH)
    assert (done.code, len(on.server.taken)) == (0, 2)
    return home, disk, done.calls


def goes_on(on: Machine, home: Home, image: Path, left: int, *minutes: int) -> None:
    """From this image, with so many letters delivered, none is lost and one at most comes twice."""
    had = [(reader, body) for reader in READERS[:left] for body in on.server.bodies(reader)[:1]]
    place = Home(on.folder.with_name("again"), home.now)
    shutil.rmtree(place.path, ignore_errors=True)
    shutil.copytree(on.template, place.path)
    for file in image.parent.glob(f"{image.name}*"):
        shutil.copy(file, place.path / STORE.with_name(file.name))
    everything = list(on.server.taken)
    on.server.taken[:] = had
    fate = on.ended(place, *minutes)
    on.server.taken[:] = everything
    assert (fate.lost, fate.bodies, fate.extra <= 1) == (0, 1, True)


def test_after_a_power_cut_no_letter_is_forgotten_or_taken_for_sent(tmp_path: Path) -> None:
    (place := tmp_path / "cut").mkdir()
    chance, left, taken, seen = random.Random(1), 0, 0, 0
    with machine(tmp_path) as on:
        home, disk, calls = watched(on)
        promised = states(disk.cut(place))
        for call in moments(disk, calls):
            left, taken = left + bool(LEFT.search(call)), taken + bool(TAKEN.search(call))
            seen += 1
            if "sync(" in call:
                promised = states(disk.cut(place))
            check(promised, left, taken)
            if "pwrite64(" in call:
                check(states(disk.cut(place, chance)), left, taken)
            if LEFT.search(call) and left == 1:  # the worst of all moments
                goes_on(on, home, disk.cut(place), left, 120)
    assert (left, taken) == (2, 2)
    assert seen > 50


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(3))
def test_from_whatever_a_power_cut_leaves_the_next_run_goes_on(tmp_path: Path, seed: int) -> None:
    (place := tmp_path / "cut").mkdir()
    chance, left, tried = random.Random(seed), 0, set()
    with machine(tmp_path) as on:
        home, disk, calls = watched(on)
        for call in moments(disk, calls):
            left += bool(LEFT.search(call))
            for luck in (chance, None):
                image = disk.cut(place, luck)
                said = hashlib.sha256(b"".join(one.read_bytes() for one in place.iterdir()))
                if (key := (left, said.digest())) not in tried:
                    tried.add(key)
                    goes_on(on, home, image, left)
    assert len(tried) > 20
    rows(home, "letters")
