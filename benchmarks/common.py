"""Timing commands in turn, a stand-in server, and a table with goal, figure and verdict.

Speed drifts on a shared machine, so commands run A B C A B C ..., and a figure is the median over
the rounds of the ratio of two times of the same round.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

HERE = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "papertrack-benchmarks"
#: The moment of the recorded spring at which everything is measured.
NOW = "2026-05-15T12:00:00Z"


@dataclass(frozen=True)
class Times:
    """What the rounds of one command took, in seconds."""

    wall: Sequence[float]
    cpu: Sequence[float]

    def over(self, other: "Times", what: str = "cpu") -> float:
        """The median over the rounds of the ratio to another command."""
        pairs = zip(getattr(self, what), getattr(other, what), strict=True)
        return float(statistics.median(mine / theirs for mine, theirs in pairs))

    def beyond(self, other: "Times", what: str = "wall") -> float:
        """The median over the rounds of the difference to another command, in milliseconds."""
        pairs = zip(getattr(self, what), getattr(other, what), strict=True)
        return float(1000 * statistics.median(mine - theirs for mine, theirs in pairs))

    def ms(self, what: str = "wall") -> float:
        return float(1000 * statistics.median(getattr(self, what)))


def in_turn(
    commands: Mapping[str, Sequence[str]],
    env: Mapping[str, str],
    rounds: int = 11,
    warm_up: int = 2,
) -> dict[str, Times]:
    """Run the commands in turn; what takes part must end well."""
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for number in range(warm_up + rounds):
        for name, command in commands.items():
            measured = _run(name, command, env)
            if number >= warm_up:
                seen[name].append(measured)
    return {
        name: Times([wall for wall, _ in times], [cpu for _, cpu in times])
        for name, times in seen.items()
    }


def _run(name: str, command: Sequence[str], env: Mapping[str, str]) -> tuple[float, float]:
    """Wall and CPU seconds of a command whose output nobody reads."""
    null = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, null, stream) for stream in (0, 1, 2)]
    started = time.perf_counter()
    process = os.posix_spawnp(command[0], list(command), dict(env), file_actions=actions)
    _, status, used = os.wait4(process, 0)
    wall = time.perf_counter() - started
    os.close(null)
    if os.waitstatus_to_exitcode(status):
        again = subprocess.run(command, check=False, env=env, capture_output=True, text=True)
        raise SystemExit(f"{name} failed: {again.stderr.strip()[-2000:]}")
    return wall, used.ru_utime + used.ru_stime


class Server:
    """A stand-in for the Daily Papers in a process of its own, which counts what it is asked."""

    def __init__(self, url: str) -> None:
        self.url = url

    def counted(self) -> dict[str, int]:
        """Requests, the most of them at once, and bytes sent since the last call."""
        with urlopen(f"{self.url}/__counted") as answer:
            counted: dict[str, int] = json.load(answer)
        return counted


@contextmanager
def server(latency: float = 0.0) -> Iterator[Server]:
    """Start it, and end it with the block."""
    command = [sys.executable, str(HERE / "server.py"), "--at", NOW, "--latency", str(latency)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        url, _, bodies = process.stdout.readline().strip().partition(" ")
        print(f"answers: {bodies}\n")
        yield Server(url)
    finally:
        process.terminate()
        process.wait()


def clean_env(folder: Path, **more: str) -> dict[str, str]:
    """The environment without anything that would change what is measured."""
    dropped = ("PAPERTRACK_", "HF_", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return {**kept, "HOME": str(folder), "PAPERTRACK_NOW": NOW, "TERM": "xterm", **more}


def venv_with(requirement: str) -> Path | str:
    """The bin folder of an environment with this package, made once; else why there is none."""
    folder = CACHE / requirement.replace("=", "")
    done = folder / "installed"
    if not done.exists():
        try:
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
            pip = [str(folder / "bin" / "pip"), "install", "-q", requirement]
            subprocess.run(pip, check=True, capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError) as error:
            said = str(getattr(error, "stderr", "") or error).strip().splitlines()
            return f"{requirement} cannot be installed: {said[-1]}"
        done.touch()
    return folder / "bin"


def warn_if_editable() -> None:
    import papertrack

    if Path(papertrack.__file__).is_relative_to(HERE.parent / "papertrack"):
        print("papertrack is installed as editable, which costs start-up time; see README.md\n")


class Verdicts:
    """Goals beside figures."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, str, str, str]] = []

    def at_most(self, goal: str, figure: float | None, limit: float, form: str = "{:.2f}") -> None:
        """`figure` is None where it could not be measured."""
        if figure is None:
            self._rows.append((goal, form.format(limit), "", "not measured"))
            return
        met = "met" if figure <= limit else "MISSED"
        self._rows.append((goal, form.format(limit), form.format(figure), met))

    def show(self) -> None:
        print("| goal | at most | measured | |")
        print("|---|---:|---:|---|")
        for row in self._rows:
            print(f"| {' | '.join(row)} |")


def rounds_of(work: Mapping[str, Callable[[], None]], rounds: int) -> dict[str, Times]:
    """The same for work inside this process."""
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, call in work.items():
            wall, cpu = time.perf_counter(), time.process_time()
            call()
            seen[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    return {
        name: Times([wall for wall, _ in times], [cpu for _, cpu in times])
        for name, times in seen.items()
    }
