"""A copy of the store while others write to it, and what keeps it small and quick.

`VACUUM INTO` reads one moment of the store and writes a compact copy; a writer beside it neither
waits nor disturbs it. The backup API would begin anew whenever another process writes.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from papertrack.errors import StoreError
from papertrack.housekeeping import Optimized, Progress, no_progress
from papertrack.store.connection import BUSY_SECONDS, explained

#: A bar is worth drawing from this size on, in bytes.
LARGE = 32_000_000
#: Free space is given back when it is more than this share of the file: that rewrites the file.
WORTH_VACUUMING = 0.10
_STEPS = 200_000  # of SQLite's machine between two looks at how far a copy is


def backup(
    path: str, target: Path, *, force: bool = False, progress: Progress = no_progress
) -> int:
    """Copy the store at `path` into a new file, 0600; returns its bytes.

    The copy is whole or not there. Raises StoreError where `target` exists (unless `force`), is the
    store itself or another that is open, or cannot be written.
    """
    _check_target(path, target, force=force)
    beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    with explained(str(target), option="FILE"), _removed(beside):
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        _copy(path, beside, progress)
        _sync(beside)
        _move(beside, target, force=force)
        size = target.stat().st_size
    return size


def _check_target(path: str, target: Path, *, force: bool) -> None:
    if target.is_dir():
        raise StoreError(f"{target} is a folder; name a file in it.")
    if not target.exists():
        return
    if os.path.samefile(path, target):
        raise StoreError(f"{target} is the store itself; name another file.")
    if not target.is_file():
        raise StoreError(f"{target} is no ordinary file; name another.")
    if not force:
        raise StoreError(f"{target} is there already; name another file, or add --force.")
    wal = Path(f"{target}-wal")
    if wal.exists() and wal.stat().st_size:
        raise StoreError(f"{target} is a store that is in use; name another file.")


def _copy(path: str, beside: Path, progress: Progress) -> None:
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
        total = size_of(connection)
        if total >= LARGE:
            connection.set_progress_handler(
                lambda: progress("copy", beside.stat().st_size, total), _STEPS
            )
        try:
            connection.execute("VACUUM INTO ?", (str(beside),))
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_CORRUPT:
                with explained(path):
                    raise
            raise
    with closing(sqlite3.connect(beside)) as copy:
        copy.execute("PRAGMA journal_mode=WAL")  # the copy is a store like the original


def _move(beside: Path, target: Path, *, force: bool) -> None:
    """To its name; what came there in the meantime is not overwritten."""
    if not force:
        try:
            os.link(beside, target)
        except FileExistsError:
            raise StoreError(f"{target} is there already; name another file.") from None
        except OSError:  # a file system without hard links
            beside.replace(target)
    else:
        beside.replace(target)
    with suppress(OSError):
        _sync(target.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _removed(beside: Path) -> Iterator[None]:
    try:
        yield
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            with suppress(OSError):
                Path(f"{beside}{suffix}").unlink()


def size_of(connection: sqlite3.Connection) -> int:
    """Bytes of the file, without its journal."""
    pages, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size")
    )
    return int(pages * size)


def indexes(connection: sqlite3.Connection) -> list[str]:
    """The full text indexes, by name."""
    found = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%'"
        " AND sql LIKE '%USING fts5%' ORDER BY name"
    )
    return [row[0] for row in found]


def optimize(path: str, progress: Progress = no_progress) -> Optimized:
    """Merge the index, look at how the values lie, and give free space back where there is much."""
    with explained(path), closing(_writer(path)) as connection:
        before = _on_disk(path)
        if before >= LARGE:
            connection.set_progress_handler(lambda: progress("optimize", 0, None), _STEPS)
        for name in indexes(connection):
            connection.execute(f"INSERT INTO [{name}] ([{name}]) VALUES ('optimize')")
        connection.execute("PRAGMA analysis_limit=1000")
        connection.execute("ANALYZE")
        free = connection.execute("PRAGMA freelist_count").fetchone()[0]
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        vacuum = free > pages * WORTH_VACUUMING
        if vacuum:
            connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return Optimized(before=before, after=_on_disk(path), vacuumed=vacuum)


def _writer(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    connection.execute("PRAGMA foreign_keys=ON")
    return connection


def _on_disk(path: str) -> int:
    files = (Path(path), Path(f"{path}-wal"))
    return sum(one.stat().st_size for one in files if one.exists())
