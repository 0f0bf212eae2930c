"""kill -9 at each system call of a `digest send`: nothing is lost, and a copy is the same bytes.

strace kills the program when it enters the N-th call of a kind, N = 1, 2, ... until it ends by
itself. After each kill the program runs as cron would run it, until it has nothing to do.
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from mailserver import MailServer, mail_server
from program import COMMAND, Home, HuggingFace, serving, week

CALLS = ("pwrite64", "fdatasync", "sendto", "recvfrom", "connect")
READERS = ("me@example.org", "you@example.org")
SEND = ("digest", "send", "--if-due")


def _strace_works() -> bool:
    """It may be missing, or not allowed to trace."""
    try:
        done = subprocess.run(
            ["strace", "-f", "-o", "/dev/null", "true"], capture_output=True, check=False
        )
    except OSError:
        return False
    return done.returncode == 0


pytestmark = pytest.mark.skipif(not _strace_works(), reason="strace is missing or may not trace")


@dataclass(frozen=True)
class Point:
    """What became of one kill."""

    call: str
    number: int
    lost: int  # recipients who got nothing
    extra: int  # copies beyond one for each
    bodies: int  # the most different bodies that one recipient got


@dataclass(frozen=True)
class Machine:
    """A home folder that is put back to what it was before each kill."""

    folder: Path
    template: Path
    server: MailServer

    def fresh(self) -> Home:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.template, self.folder)
        self.server.taken.clear()
        return Home(self.folder)

    def killed(self, call: str, number: int) -> Point | None:
        """Kill it there and let it go on; None where it ended before it came so far."""
        home = self.fresh()
        inject = f"inject={call}:signal=SIGKILL:when={number}"
        strace = ("strace", "-f", "-o", "/dev/null", "-e", f"trace={call}")
        done = subprocess.run(
            [*strace, "-e", inject, *COMMAND, *SEND],
            env=home.env(),
            cwd=home.path,
            capture_output=True,
            timeout=60,
            check=False,
        )
        if done.returncode == 0:
            return None
        for minutes in (6, 120):
            ended = home.later(minutes=minutes).run(*SEND)
            assert (ended.returncode, ended.stderr) == (0, ""), (call, number, ended.stderr)
        bodies = [self.server.bodies(reader) for reader in READERS]
        return Point(
            call,
            number,
            lost=sum(not got for got in bodies),
            extra=sum(len(got) - 1 for got in bodies if got),
            bodies=max(len(set(got)) for got in bodies),
        )


@contextmanager
def machine(folder: Path) -> Iterator[Machine]:
    """Papers of a week are stored and fresh, and a digest is due."""
    with serving(HuggingFace(week())) as hub, mail_server() as server:
        home = Home(folder / "template")
        home.path.mkdir()
        home.configure(
            "fetch: {sources: [huggingface]}\n"
            f"sources: {{huggingface: {{base_url: '{hub.url}'}}}}\n"
            f"digests: [{{name: morning, to: [{', '.join(READERS)}], timezone: UTC}}]\n"
            f"mail: {{host: 127.0.0.1, port: {server.port}, tls: none, from: owner@example.org}}\n"
        )
        home.run("trending")
        yield Machine(folder / "home", home.path, server)


def sweep(on: Machine, step: int, most: int | None = None) -> list[Point]:
    """Every `step`-th call of each kind."""
    points = []
    for call in CALLS:
        for number in count(1, step):
            point = on.killed(call, number)
            if point is None or (most and number > most):
                break
            points.append(point)
    return points


def table(points: list[Point]) -> str:
    """The figures of docs/digest.md."""
    rows = [f"{'call':<10} points  lost  extra copies  bodies"]
    for call in CALLS:
        these = [point for point in points if point.call == call]
        extra = f"{sum(p.extra for p in these)} at {sum(p.extra > 0 for p in these)}"
        lost, bodies = sum(p.lost for p in these), max((p.bodies for p in these), default=1)
        rows.append(f"{call:<10} {len(these):>6}  {lost:>4}  {extra:>12}  {bodies:>6}")
    return "\n".join(rows)


def _check(points: list[Point]) -> None:
    print(table(points))
    assert points
    assert {point.lost for point in points} == {0}
    assert {point.bodies for point in points} == {1}
    assert max(point.extra for point in points) <= 1


def test_a_kill_here_and_there_loses_nothing_and_mixes_nothing(tmp_path: Path) -> None:
    with machine(tmp_path) as on:
        points = [
            point
            for call, number in (("fdatasync", 5), ("sendto", 7), ("recvfrom", 8), ("connect", 1))
            if (point := on.killed(call, number))
        ]

    _check(points)


@pytest.mark.nightly
def test_a_kill_at_every_call_loses_nothing_and_mixes_nothing(tmp_path: Path) -> None:
    with machine(tmp_path) as on:
        points = sweep(on, 1)

    _check(points)
