"""A whole copy of a database in one file, as of one moment, also while others write to it."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from papertrack.housekeeping import Progress, no_progress

#: A bar is worth drawing from this size on, in bytes.
LARGE = 32_000_000
BUSY_SECONDS = 10.0
STEPS = 200_000  # of SQLite's machine between two looks at how far it is


def copy(connection: sqlite3.Connection, target: Path, progress: Progress = no_progress) -> None:
    """Write the copy into a new file, 0600, in WAL mode as a store is, and on the disk.

    `VACUUM INTO` reads one moment; a writer beside it neither waits nor disturbs it, where the
    backup API would begin anew. Raises what sqlite3 and the file system raise.
    """
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    total = size_of(connection)
    if total >= LARGE:
        connection.set_progress_handler(
            lambda: progress("copy", target.stat().st_size, total), STEPS
        )
    connection.execute("VACUUM INTO ?", (str(target),))
    with closing(sqlite3.connect(target)) as copied:
        copied.execute("PRAGMA journal_mode=WAL")
    sync(target)


def keep_before(source: str, version: int, progress: Progress | None = None) -> Path:
    """A copy of a store of an older version, in `SOURCE.before-VERSION`; the caller removes it.

    The caller holds the write lock, so there is one such copy at a time; one of a run that was
    killed is replaced.
    """
    kept = Path(f"{source}.before-{version}")
    with removed(beside := Path(f"{kept}.tmp")):
        discard(beside)
        with closing(
            sqlite3.connect(source, timeout=BUSY_SECONDS, isolation_level=None)
        ) as connection:
            copy(connection, beside, progress or no_progress)
        beside.replace(kept)
    return kept


@contextmanager
def removed(path: Path) -> Iterator[None]:
    """Whatever happens, this file and its journals are gone in the end."""
    try:
        yield
    finally:
        discard(path)


def discard(path: Path) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        with suppress(OSError):
            Path(f"{path}{suffix}").unlink()


def sync(path: Path) -> None:
    """Have the disk hold what was written to a file, or the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def size_of(connection: sqlite3.Connection) -> int:
    """Bytes of the file, without its journal."""
    pages, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size")
    )
    return int(pages * size)
