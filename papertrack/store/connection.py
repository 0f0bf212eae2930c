"""Opening the file: where it is safe, in the right mode, at the right version.

Readers open with plain `sqlite3` and look at one number, `PRAGMA user_version`; only a file that is
new or old imports sqlite-utils and migrates. Every write is one `BEGIN IMMEDIATE`: a deferred
transaction that reads and then writes fails at once beside another writer, whatever the timeout.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from papertrack.errors import BusyError, StoreError

if TYPE_CHECKING:
    from papertrack.housekeeping import Progress

#: "papt": tells `file` and us that the database is papertrack's.
APPLICATION_ID = 0x70617074
#: The number of migrations; written to PRAGMA user_version when all of them are done.
VERSION = 6
BUSY_SECONDS = 10.0
_RETRY_SECONDS = 0.02
MEMORY = ":memory:"
_SMALLEST = 512  # bytes: the smallest page of a database


def connect(
    path: str, progress: "Progress | None" = None, *, patience: float = BUSY_SECONDS
) -> sqlite3.Connection:
    """A connection to the store at this path, created and migrated as needed, read-only in effect.

    `progress` hears of a migration that takes a while; `patience` is for another writer,
    in seconds.

    Raises StoreError, naming the file and what to do, where it cannot be papertrack's store.
    """
    with explained(path):
        if path != MEMORY:
            _prepare_file(Path(path))
        connection = opened(path, patience)
        try:
            _check_owner(connection, path)
            if _version(connection) < VERSION:
                _create_or_migrate(connection, path, progress)
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA synchronous=NORMAL")
            # Debian's SQLite else writes every page that is free again once more, full of zeros.
            connection.execute("PRAGMA secure_delete=FAST")
            connection.execute("PRAGMA query_only=ON")
        except BaseException:
            connection.close()
            raise
        return connection


def opened(path: str, patience: float = BUSY_SECONDS) -> sqlite3.Connection:
    """A connection that has looked into the file, also where nothing may be written beside it."""
    try:
        return _looked_into(path, patience)
    except sqlite3.OperationalError:
        from papertrack.store import untouched

        if path == MEMORY or not (address := untouched.immutable(path)):
            raise
    return _looked_into(address, patience, uri=True)


def _looked_into(place: str, patience: float, *, uri: bool = False) -> sqlite3.Connection:
    connection = sqlite3.connect(
        place, timeout=patience, isolation_level=None, check_same_thread=False, uri=uri
    )
    try:
        _version(connection)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """One write transaction: everything in it happens, or nothing. There is none inside another."""
    connection.rollback()  # Ctrl-C may come just before this generator can hear of it
    connection.execute("PRAGMA query_only=OFF")
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
    finally:
        connection.execute("PRAGMA query_only=ON")


@contextmanager
def explained(path: str, option: str = "--db") -> Iterator[None]:
    """Turn what SQLite says into a sentence with a next step; `option` names another file."""
    try:
        yield
    except sqlite3.OperationalError as error:
        said = str(error)
        if "locked" in said or "busy" in said:
            raise BusyError(
                f"{path} is in use by another run; try again when it has ended."
            ) from error
        step = _next_step(said, path, option)
        raise StoreError(f"{path} cannot be used: {said}; {step}.") from error
    except sqlite3.DatabaseError as error:
        if type(error) is not sqlite3.DatabaseError:
            raise  # a broken rule of the schema: our mistake, and the file is well
        raise StoreError(_not_a_store(path, error)) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError(
            f"{path} cannot be used: {reason}; name another file with {option}."
        ) from error


def _not_a_store(path: str, error: sqlite3.DatabaseError) -> str:
    """Noise in a file of ours is damage; what has another beginning is another thing."""
    if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_CORRUPT:
        from papertrack.store import losses

        if losses.is_all_lost(path):
            return f"{path} is damaged so much that nothing can be read from it; {losses.LEFT}."
        return (
            f"{path} is damaged ({error}); `papertrack db repair` saves what can be read "
            "and keeps the damaged file."
        )
    return (
        f"{path} is not a papertrack store ({error}); "
        "name another with --db, or move the file away to start afresh."
    )


def _next_step(said: str, path: str, option: str) -> str:
    if "readonly" in said:
        return f"make it writable, or name another file with {option}"
    if "unable to open" in said:
        from papertrack.store import untouched

        unreadable = untouched.is_kept_from_us(path)
        step = "have its owner let you read it" if unreadable else "make its folder writable"
        return f"{step}, or name another file with {option}"
    if "full" in said:
        return "make room on the disk and try again"
    if "disk I/O" in said:  # also where a limit or a quota is met
        return "make sure that the disk has room and is well, and try again"
    return f"name another file with {option}"


def _prepare_file(path: Path) -> None:
    """Create the file as the owner's own (0600) in a folder of the same kind (0700)."""
    if path.is_dir():
        raise StoreError(f"{path} is a folder; name a file with --db.")
    if path.exists():
        _check_file(path)
        return
    if path.is_symlink():
        raise StoreError(f"{path} is a link that leads nowhere; name another file with --db.")
    for folder in reversed(path.parents):
        if not folder.is_dir():
            folder.mkdir(mode=0o700, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _check_file(path: Path) -> None:
    """Leave alone what SQLite would wait for, or take for an empty database and write over."""
    if not path.is_file():
        raise StoreError(f"{path} is no ordinary file; name another with --db.")
    if 0 < path.stat().st_size < _SMALLEST:
        raise StoreError(
            f"{path} is not a papertrack store (it is too short); "
            "name another with --db, or move the file away to start afresh."
        )


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _check_owner(connection: sqlite3.Connection, path: str) -> None:
    """Refuse another program's database, and one that a later papertrack has written."""
    # Asked last: beside a process that is just creating it, what came first may be out of date.
    used = _has_tables(connection) or _version(connection)
    owner = connection.execute("PRAGMA application_id").fetchone()[0]
    if owner != APPLICATION_ID and (used or owner):
        raise StoreError(f"{path} belongs to another program; name another file with --db.")
    if owner == APPLICATION_ID and _version(connection) > VERSION:
        raise StoreError(
            f"{path} was written by a later papertrack; update papertrack, "
            "or name another file with --db."
        )


def _has_tables(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None


def _create_or_migrate(
    connection: sqlite3.Connection, path: str, progress: "Progress | None"
) -> None:
    """To the schema of now, or not at all; until it is done a copy of an older file is kept."""
    from papertrack.store.migrations import migrate

    if not _has_tables(connection):
        connection.execute("PRAGMA page_size=8192")
        _use_wal(connection)
    # Two processes may find the same new file; the second waits here and finds the work done.
    kept: Path | None = None
    with transaction(connection):
        version = _version(connection)
        if version < VERSION:
            if path != MEMORY and _has_tables(connection):
                kept = _kept_copy(path, version, progress)
                _tell(connection, kept, progress)
            migrate(connection)
            connection.set_progress_handler(None, 0)
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={VERSION}")
    if kept:
        kept.unlink(missing_ok=True)


def _kept_copy(path: str, version: int, progress: "Progress | None") -> Path:
    """The store as it was, which is removed when the migration has succeeded."""
    from papertrack.store import copying

    with explained(f"{path}.before-{version}"):
        return copying.keep_before(path, version, progress)


def _tell(connection: sqlite3.Connection, kept: Path, progress: "Progress | None") -> None:
    """Have a bar move while a large store is migrated; how long that takes nobody knows."""
    from papertrack.store import copying

    if progress and kept.stat().st_size >= copying.LARGE:
        progress(what := "bring the store up to date", 0, None)
        connection.set_progress_handler(lambda: progress(what, 0, None), copying.STEPS)


def _use_wal(connection: sqlite3.Connection) -> None:
    """Here alone SQLite does not wait by itself where another process does the same."""
    for _ in range(int(BUSY_SECONDS / _RETRY_SECONDS)):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            time.sleep(_RETRY_SECONDS)
        else:
            return
    raise sqlite3.OperationalError("database is locked")
