"""A guard against work that never ends: hostile text may cost what its length costs, and no more.

It counts the processor's time of this process only, so a busy machine does not matter, and its
bound is far above what is needed: it tells a hang from an end, and is no measure of speed.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

ENOUGH = 60.0  # seconds of the processor


class HangError(Exception):
    """The work had not ended when any sane amount of it would have."""


@contextmanager
def no_hang() -> Iterator[None]:
    def give_up(*_: object) -> None:
        raise HangError(f"not at an end after {ENOUGH:.0f} seconds of work")

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, ENOUGH)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
