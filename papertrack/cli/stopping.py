"""SIGINT, SIGTERM and SIGHUP end a command within two seconds, as Ctrl-C does: 130, 143, 129.

A signal raises KeyboardInterrupt where Python runs, so that what has arrived is noted and the bars
are cleared away. SQLite waiting for a lock and a long calculation do not let Python run; a thread
that the system wakes beside them ends the program then. Both are sound for the store and the
outbox, which are made to be killed anywhere.
"""

import os
import signal
import sys
import threading
import time
from types import FrameType
from typing import NoReturn

from papertrack.errors import Exit

#: The time in which what was begun may be brought to its end.
GRACE_SECONDS = 1.5
_SHOW_CURSOR = b"\r\x1b[?25h\x1b[K"
_OTHERS = (signal.SIGTERM, signal.SIGHUP)
_BASE = 128
_received: list[int] = []


def heed() -> None:
    """Let these signals end the program; one that is ignored (`nohup`) stays so."""
    for number in _OTHERS:
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _stop)
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    threading.Thread(target=_watch, args=(read,), daemon=True).start()


def exit_code(code: int) -> int:
    """The code that says which signal it was, where the command ends because of one."""
    return _BASE + _received[0] if _received and code == Exit.INTERRUPTED else code


def is_interrupt(error: BaseException | None) -> bool:
    """Whether an error came of clearing up after an interrupt, in which a library was cut short."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__context__
    return False


def _stop(number: int, _: FrameType | None) -> NoReturn:
    _received.append(number)
    raise KeyboardInterrupt


def _watch(woken: int) -> None:
    """Wait for a signal; end the program where it has not ended by itself some time later."""
    while number := os.read(woken, 1):
        if number[0] in (signal.SIGINT, *_OTHERS):
            break
    else:
        return
    time.sleep(GRACE_SECONDS)
    if sys.__stderr__ and sys.__stderr__.isatty() and os.environ.get("TERM", "dumb") != "dumb":
        os.write(2, _SHOW_CURSOR)
    os._exit(_BASE + number[0])
