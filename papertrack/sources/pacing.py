"""One request at a time and a pause between them, across all papertrack processes of a user.

arXiv asks for one request every three seconds and one connection at a time, counted over its API
and feeds together. Two cron jobs in two processes are one reader to it, so the turn is kept in a
file: locked while a request runs, holding the moment at which the last one began.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from papertrack.errors import SourceBusyError

#: How long to wait for other processes before giving up: they may have a long list to read.
PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class Pace:
    """Turns at a service that asks for pauses. `folder` is shared by all processes of the user."""

    folder: Path
    service: str
    seconds: float
    sleep: Callable[[float], None] = time.sleep
    # Seconds since the machine started: the same for all processes, and no clock change moves it.
    monotonic: Callable[[], float] = time.monotonic

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for the turn, and keep it until the request has ended.

        Raises SourceBusyError where other processes keep it for longer than PATIENCE_SECONDS.
        """
        from filelock import FileLock, Timeout

        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        note = self.folder / f"{self.service}.pace"
        lock = FileLock(f"{note}.lock", timeout=PATIENCE_SECONDS)
        try:
            lock.acquire()
        except Timeout:
            raise SourceBusyError(
                f"Another papertrack has been asking {self.service} for "
                f"{PATIENCE_SECONDS:.0f} seconds; try again when it has ended."
            ) from None
        try:
            self._pause(note)
            yield
        finally:
            lock.release()

    def _pause(self, note: Path) -> None:
        """Sleep until the last request lies far enough back, and note that one begins now."""
        try:
            last = float(note.read_text(encoding="ascii"))
        except (OSError, ValueError):
            last = float("-inf")
        now = self.monotonic()
        # A moment in the future was noted before the machine was started anew.
        if last <= now:
            self.sleep(max(0.0, last + self.seconds - now))
        note.write_text(f"{self.monotonic():.3f}", encoding="ascii")
