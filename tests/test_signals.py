"""A signal ends a command in two seconds: its code, no traceback, lock free, cursor back."""

import fcntl
import io
import os
import pty
import select
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from mailserver import SLOW, mail_server
from program import COMMAND, Home, HuggingFace, serving, week

from papertrack.cli import stopping

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
ALL = list(CODES)
#: Two seconds are promised; a machine with more to do gets some more.
PATIENCE = 6.0
STORE = ".local/share/papertrack/papertrack.db"


@contextmanager
def hanging(home: Home, **more: object) -> Iterator[HuggingFace]:
    """A service that takes the question and never answers."""
    with serving(HuggingFace(week(), hangs=True)) as world:
        home.asks(world.url)
        yield world


def ends(running: "subprocess.Popen[bytes]", number: signal.Signals) -> bytes:
    began = time.monotonic()
    running.send_signal(number)
    try:
        _, err = running.communicate(timeout=20)
    finally:
        running.kill()
    assert running.returncode == CODES[number]
    assert time.monotonic() - began < PATIENCE
    assert b"Traceback" not in (err or b"")
    assert b"Exception" not in (err or b"")
    return bytes(err or b"")


def start(home: Home, *args: str, **streams: int) -> "subprocess.Popen[bytes]":
    given = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*COMMAND, *args], env=home.env(), cwd=home.path, **given | streams)


def often(few: list[signal.Signals]) -> pytest.MarkDecorator:
    """These in every run, and the others at night."""
    marks = {True: (), False: (pytest.mark.nightly,)}
    given = [pytest.param(one, marks=marks[one in few], id=one.name) for one in ALL]
    return pytest.mark.parametrize("number", given)


def while_it_hangs(home: Home, command: str, number: signal.Signals) -> bytes:
    (home.path / "ids.txt").write_text("2604.08001\n")
    with hanging(home) as world:
        running = start(home, *command.split())
        assert world.reached.wait(20)
        told = ends(running, number)
    assert home.run("db", "check").returncode == 0
    return told


@often(ALL)
def test_while_a_service_hangs_a_signal_ends_a_fetch(
    number: signal.Signals, tmp_path: Path
) -> None:
    while_it_hangs(Home(tmp_path), "fetch", number)


@often([signal.SIGTERM])
def test_while_a_service_hangs_a_signal_ends_a_list(number: signal.Signals, tmp_path: Path) -> None:
    while_it_hangs(Home(tmp_path), "trending", number)


@often([signal.SIGHUP])
def test_while_a_service_hangs_a_signal_ends_an_import(
    number: signal.Signals, tmp_path: Path
) -> None:
    told = while_it_hangs(Home(tmp_path), "import ids.txt -v", number)
    assert told == b"Stopped; what is stored is kept, and the same import does the rest.\n"


@often([signal.SIGTERM])
def test_a_digest_that_waits_for_an_answer_ends_and_lets_go_of_the_lock(
    number: signal.Signals, tmp_path: Path
) -> None:
    home = Home(tmp_path)
    with serving(HuggingFace(week())) as hub, mail_server(SLOW) as server:
        home.configure(
            "fetch: {sources: [huggingface]}\n"
            f"sources: {{huggingface: {{base_url: '{hub.url}'}}}}\n"
            "digests: [{name: morning, to: [me@example.org], timezone: UTC}]\n"
            f"mail: {{host: 127.0.0.1, port: {server.port}, tls: none, from: me@example.org}}\n"
        )
        running = start(home, "digest", "send", "--if-due")
        for _ in range(400):
            if server.taken:
                break
            time.sleep(0.05)
        ends(running, number)
        later = home.later(minutes=6).run("digest", "send", "--if-due")
        assert (later.returncode, later.stderr) == (0, "")
        first, second = server.bodies("me@example.org")
        assert first == second


@often([signal.SIGTERM])
def test_where_sqlite_waits_for_a_lock_a_signal_is_heard_too(
    number: signal.Signals, tmp_path: Path
) -> None:
    home = Home(tmp_path)
    (tmp_path / "a.bib").write_text("@misc{a, title={On Locks}, eprint={2604.00001}}")
    assert home.run("import", "a.bib").returncode == 0
    with closing(sqlite3.connect(tmp_path / STORE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        running = start(home, "mark-seen", "2604.00001")
        time.sleep(1.0)
        assert running.poll() is None
        ends(running, number)
        other.execute("ROLLBACK")
    assert home.run("mark-seen", "2604.00001").returncode == 0


@often([signal.SIGINT])
def test_the_cursor_of_a_terminal_comes_back(number: signal.Signals, tmp_path: Path) -> None:
    home = Home(tmp_path)
    with serving(HuggingFace(week())) as world:
        home.asks(world.url)
        ours, theirs = pty.openpty()
        env = home.env(TERM="xterm-256color")
        with subprocess.Popen(
            [*COMMAND, "fetch", "--since", "2024-01-01"], env=env, stderr=theirs
        ) as running:
            os.close(theirs)
            shown = b""
            while b"\x1b[?25l" not in shown and select.select([ours], [], [], 20)[0]:
                shown += os.read(ours, 65536)
            running.send_signal(number)
            assert running.wait(PATIENCE) == CODES[number]
            fcntl.fcntl(ours, fcntl.F_SETFL, os.O_NONBLOCK)
            try:
                while piece := os.read(ours, 65536):
                    shown += piece
            except OSError:  # the other end is closed
                pass
        os.close(ours)
    assert shown.rindex(b"\x1b[?25h") > shown.rindex(b"\x1b[?25l")
    assert b"Traceback" not in shown


def test_bars_that_were_not_drawn_to_their_end_can_be_cleared() -> None:
    from papertrack.render.progress import Bars

    screen = Desktop()
    bars = Bars(screen)
    screen.interrupts = True
    with pytest.raises(KeyboardInterrupt):
        bars("arxiv", 1, 3)
    bars.close()
    bars.close()


class Desktop(io.StringIO):
    """A terminal at which somebody presses Ctrl-C when the first bar appears."""

    interrupts = False

    def isatty(self) -> bool:
        return True

    def flush(self) -> None:
        if self.interrupts:
            self.interrupts = False
            raise KeyboardInterrupt


def cut_short() -> None:
    try:
        raise KeyboardInterrupt
    finally:
        [].pop()


def test_an_error_in_clearing_up_after_an_interrupt_is_the_interrupt() -> None:
    with pytest.raises(IndexError) as caught:
        cut_short()
    assert stopping.is_interrupt(caught.value)
    assert not stopping.is_interrupt(IndexError())


def test_who_runs_it_under_nohup_is_not_hung_up_on(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with hanging(home) as world:
        running = subprocess.Popen(
            ["nohup", *COMMAND, "fetch"],
            env=home.env(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert world.reached.wait(20)
        running.send_signal(signal.SIGHUP)
        time.sleep(0.3)
        assert running.poll() is None
        ends(running, signal.SIGTERM)
