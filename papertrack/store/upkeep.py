"""A copy of the store while others write to it, and what keeps it small and quick."""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from papertrack.errors import StoreError
from papertrack.housekeeping import Optimized, Progress, no_progress
from papertrack.store.connection import BUSY_SECONDS, explained, opened
from papertrack.store.copying import LARGE, STEPS, copy, removed, sync

#: Free space is given back when it is more than this share of the file: that rewrites the file.
WORTH_VACUUMING = 0.10


def backup(
    path: str, target: Path, *, force: bool = False, progress: Progress = no_progress
) -> int:
    """Copy the store at `path` into a new file, 0600; returns its bytes.

    The copy is whole or not there. Raises StoreError where `target` exists (unless `force`), is the
    store itself or another that is open, or cannot be written.
    """
    _check_target(path, target, force=force)
    beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    with explained(str(target), option="FILE"), removed(beside):
        try:
            with closing(opened(path)) as connection:
                copy(connection, beside, progress)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                with explained(path):  # it is not the copy that is damaged
                    raise
            raise
        _move(beside, target, force=force)
        return target.stat().st_size


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
        sync(target.parent)


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
            connection.set_progress_handler(lambda: progress("optimize", 0, None), STEPS)
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
        _forget_copies(Path(path))
        return Optimized(before=before, after=_on_disk(path), vacuumed=vacuum)


def _writer(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    connection.execute("PRAGMA foreign_keys=ON")
    return connection


def _on_disk(path: str) -> int:
    files = (Path(path), Path(f"{path}-wal"))
    return sum(one.stat().st_size for one in files if one.exists())


def _forget_copies(path: Path) -> None:
    """A copy from before a migration, left by a run that was killed right after it."""
    for copied in path.parent.glob(f"{path.name}.before-*"):
        with suppress(OSError):
            copied.unlink()
