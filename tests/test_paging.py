"""A pager for what is longer than the screen, on a terminal only."""

import os
import pty
import struct
import termios
from fcntl import ioctl
from pathlib import Path

import pytest
from program import COMMAND, Home

LIST = ("--demo", "trending", "-f", "table", "-l", "40")


def at_a_terminal(home: Home, *args: str, lines: int = 10, **env: str) -> str:
    """What a terminal of so many lines shows of a command."""
    child, terminal = pty.fork()
    if not child:
        ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", lines, 80, 0, 0))
        os.execvpe(COMMAND[0], [*COMMAND, *args], home.env(TERM="xterm", NO_COLOR="1", **env))
    screen = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not part:
            break
        screen += part
    os.waitpid(child, 0)
    os.close(terminal)
    return screen.decode().replace("\r\n", "\n")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    pager = tmp_path / "pager"
    pager.write_text('#!/bin/sh\necho "paged by $0 $* with LESS=$LESS"\ncat\n')
    pager.chmod(0o755)
    return Home(tmp_path)


def test_what_is_longer_than_the_screen_goes_through_the_pager(home: Home) -> None:
    shown = at_a_terminal(home, *LIST, PAGER="./nowhere", PAPERTRACK_PAGER=f"{home.path}/pager -x")
    assert shown.startswith(f"paged by {home.path}/pager -x with LESS=FIRX\n")
    assert "WildDet3D" in shown


@pytest.mark.parametrize(
    ("args", "lines", "env"),
    [
        ([*LIST], 100, {}),
        ([*LIST, "--no-pager"], 10, {}),
        ([*LIST], 10, {"PAPERTRACK_PAGER": ""}),
        ([*LIST], 10, {"PAPERTRACK_PAGER": "cat"}),
        ([*LIST], 10, {"PAPERTRACK_PAGER": "/nowhere/pager"}),
        ([*LIST], 10, {"PAPERTRACK_PAGER": "'"}),
    ],
)
def test_else_it_is_plain(home: Home, args: list[str], lines: int, env: dict[str, str]) -> None:
    shown = at_a_terminal(home, *args, lines=lines, **{"PAGER": f"{home.path}/pager", **env})
    assert "paged by" not in shown
    assert "WildDet3D" in shown


def test_a_pipe_has_no_pager(home: Home) -> None:
    done = home.run(*LIST, PAGER=f"{home.path}/pager")
    assert "paged by" not in done.stdout
