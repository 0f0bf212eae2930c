"""A pager for what is longer than the screen, as git and gh have it."""

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from typing import TextIO

#: Leave where all fits, ignore case, keep colours, leave the text on the screen.
LESS = "FIRX"


def paged(stream: TextIO, text: str, env: Mapping[str, str]) -> bool:
    """Show a text that is longer than the screen in the reader's pager; whether that was done.

    $PAPERTRACK_PAGER before $PAGER before less; an empty one or `cat` is none.
    """
    command = _command(env)
    if not command or text.count("\n") < _height(stream, env):
        return False
    import signal
    import subprocess

    told = {"LESS": LESS, "LV": "-c", **env}
    try:
        pager = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=stream.fileno(), env=told)
    except OSError:
        return False
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the pager's
    try:
        with suppress(BrokenPipeError):  # who has read enough leaves
            pager.communicate(text.encode("utf-8", "replace"))
    finally:
        signal.signal(signal.SIGINT, before)
    return True


def _command(env: Mapping[str, str]) -> list[str]:
    """The pager's program and its arguments; nothing where there is none."""
    import shlex

    named = env.get("PAPERTRACK_PAGER", env.get("PAGER", "less"))
    try:
        words = shlex.split(named)
    except ValueError:
        return []
    found = words and words != ["cat"] and shutil.which(words[0], path=env.get("PATH"))
    return [found, *words[1:]] if found else []


def _height(stream: TextIO, env: Mapping[str, str]) -> float:
    """How many lines fit; where nobody knows, any number does."""
    with suppress(OSError, ValueError):
        size = os.get_terminal_size(stream.fileno()).lines
        asked = env.get("LINES", "")
        return int(asked) if asked.isdecimal() and int(asked) > 0 else size or float("inf")
    return float("inf")
