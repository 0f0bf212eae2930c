"""One run at a time: two that send from one store would mail everything twice.

The lock belongs to the process and ends with it, whatever becomes of the file.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from papertrack.errors import BusyError, PapertrackError


@contextmanager
def only_one(database: str) -> Iterator[None]:
    """Hold the right to send from a database. Raises BusyError at once where another run has it."""
    from filelock import FileLock, Timeout

    lock = FileLock(f"{database}.sending", timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise BusyError(
            "Another papertrack is sending digests from this store; try again when it has ended."
        ) from None
    except OSError as error:
        raise PapertrackError(
            f"{database}.sending cannot be locked: {error.strerror}; make its folder writable."
        ) from None
    try:
        yield
    finally:
        lock.release()
