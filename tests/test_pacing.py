"""Pacing holds between threads and processes, and never outlives a restart of the machine."""

import itertools
import subprocess
import sys
from pathlib import Path

from papertrack.sources.pacing import Pace


def pace(folder: Path, moments: list[float]) -> tuple[Pace, list[float]]:
    """A pace whose clock stands at the given moments, one after another, and its sleeps."""
    slept: list[float] = []
    clock = iter(moments)
    return Pace(folder, "arxiv", 3.0, slept.append, lambda: next(clock)), slept


def test_second_request_waits_for_the_rest_of_the_pause(tmp_path: Path) -> None:
    paced, slept = pace(tmp_path, [100.0, 100.0, 101.0, 103.0])
    with paced.turn():
        pass
    with paced.turn():
        pass
    assert slept == [0.0, 2.0]


def test_a_note_from_before_a_restart_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "arxiv.pace").write_text("99999.0")
    paced, slept = pace(tmp_path, [5.0, 5.0])
    with paced.turn():
        pass
    assert slept == []


def test_a_damaged_note_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "arxiv.pace").write_bytes(b"\xff\x00")
    paced, slept = pace(tmp_path, [5.0, 5.0])
    with paced.turn():
        pass
    assert slept == [0.0]


def test_two_processes_take_turns(tmp_path: Path) -> None:
    """Each of two processes asks three times; no two requests are nearer than the pause."""
    script = (
        "import sys, time; from pathlib import Path; from papertrack.sources.pacing import Pace\n"
        "pace = Pace(Path(sys.argv[1]), 'arxiv', 0.2)\n"
        "for _ in range(3):\n"
        "    with pace.turn():\n"
        "        print(time.monotonic(), flush=True)\n"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    lines = [line for one in both for line in one.communicate(timeout=30)[0].split()]
    moments = sorted(float(line) for line in lines)
    assert len(moments) == 6
    assert min(b - a for a, b in itertools.pairwise(moments)) >= 0.19
