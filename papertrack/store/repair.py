"""Mending a store: in its place where that is possible, else by saving what can be read.

What can be read of a damaged file goes into a new file beside it, which takes its place in one
step; the damaged one is kept under another name.
"""

import os
import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from papertrack.errors import BusyError, StoreError
from papertrack.housekeeping import Progress, Repaired, no_progress
from papertrack.store import aliases, checking, impacts, indexing, losses
from papertrack.store.connection import (
    APPLICATION_ID,
    BUSY_SECONDS,
    VERSION,
    connect,
    explained,
    transaction,
)
from papertrack.store.copying import discard
from papertrack.store.upkeep import indexes

_NOT_COPIED = ("kinds", "sources", "index_guard")
_JSON = {"authors": "[]", "categories": "[]", "keywords": "[]", "said": "{}"}


def repair(
    path: str,
    at: datetime,
    progress: Progress = no_progress,
    *,
    patience: float = BUSY_SECONDS,
) -> Repaired:
    """Make the store sound again. Raises StoreError where nothing of it can be read.

    The rows that are left out, or saved, are told by table; `patience` is for another run.
    """
    with explained(path), closing(_raw(path, patience)) as connection:
        broken = list(checking.of_file(connection, full=True))
        if any(one.where == "index" for one in broken):
            with suppress(sqlite3.DatabaseError):
                connection.execute("REINDEX")
            broken = list(checking.of_file(connection, full=True))
        if not broken:
            with closing(connect(path)) as sound:
                return _mended(sound, progress)
    return _salvaged(path, at, progress, patience)


def _raw(path: str, patience: float) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=patience, isolation_level=None)


def _mended(connection: sqlite3.Connection, progress: Progress) -> Repaired:
    """Drop rows that refer to nothing, replace what is no JSON, build the indexes anew."""
    progress("rows", 0, None)
    rows: dict[str, int] = {}
    with transaction(connection), indexing.guarded(connection):
        for table, column, parent, key in checking.references(connection):
            dropped = connection.execute(
                f"DELETE FROM [{table}] WHERE {checking.orphaned(column, parent, key)}"
            ).rowcount
            rows[table] = rows.get(table, 0) + dropped
        for table, column in checking.JSON_COLUMNS:
            rows[table] = (
                rows.get(table, 0)
                + connection.execute(
                    f"UPDATE {table} SET {column} = ? WHERE NOT json_valid({column})",
                    (_JSON[column],),
                ).rowcount
            )
        progress("indexes", 0, None)
        connection.execute("REINDEX")
        rebuild(connection, progress)
    left = tuple(checking.problems(connection))
    return Repaired(rows={name: count for name, count in rows.items() if count}, left=left)


def rebuild(connection: sqlite3.Connection, progress: Progress = no_progress) -> None:
    """Build every full text index anew from the papers; the caller holds the transaction."""
    for name in indexes(connection):
        progress("search index", 0, None)
        if name == impacts.TABLE:
            impacts.rebuild(connection)
        else:
            connection.execute(f"INSERT INTO [{name}] ([{name}]) VALUES ('rebuild')")


def _salvaged(path: str, at: datetime, progress: Progress, patience: float) -> Repaired:
    new = Path(f"{path}.repaired")
    kept = Path(f"{path}.damaged-{at:%Y%m%dT%H%M%SZ}")
    discard(new)
    try:
        with explained(path), closing(_raw(path, patience)) as old:
            _take_for_oneself(old, path)
            with explained(str(new)), closing(connect(str(new))) as fresh:
                rows, had = _saved(old, fresh, progress)
                left = tuple(checking.problems(fresh))
        if not rows.get("papers"):
            raise StoreError(
                f"{path} is damaged so much that no paper can be read from it; {losses.LEFT}."
            )
        _swap(Path(path), new, kept)
    finally:
        discard(new)
    return Repaired(rows=rows, had=had, kept=str(kept), left=left)


def _take_for_oneself(old: sqlite3.Connection, path: str) -> None:
    """Nobody may write to what is about to be replaced."""
    try:
        old.execute("PRAGMA locking_mode=EXCLUSIVE")
        mode = old.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise BusyError(f"{path} is in use by another run; try again when it has ended.") from (
                error
            )
        return
    except sqlite3.DatabaseError:
        return  # too damaged for this; what can be read is read all the same
    if mode == "wal":
        raise BusyError(f"{path} is in use by another run; try again when it has ended.")


def _saved(
    old: sqlite3.Connection, fresh: sqlite3.Connection, progress: Progress
) -> tuple[dict[str, int], dict[str, int | None]]:
    """Copy what can be read, table by table; the rows of each, and how many there had been."""
    names = losses.tables(old)
    try:
        owner, version = (
            old.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("application_id", "user_version")
        )
    except sqlite3.DatabaseError:
        return {}, {}
    if not names or owner != APPLICATION_ID or version > VERSION:
        return {}, {}
    rows: dict[str, int] = {}
    had: dict[str, int | None] = {}
    with transaction(fresh), indexing.guarded(fresh):
        fresh.execute("PRAGMA defer_foreign_keys=ON")
        for table in _own_tables(fresh):
            if table in names:
                progress(f"save {table}", 0, None)
                had[table] = losses.rows_there(old, table)
                rows[table] = _copied(old, fresh, table, progress)
        if version < aliases.SINCE and "aliases" in names:
            found = _readable(old, fresh, "aliases", "alias, paper_id", ["alias"])
            aliases.put(fresh, ((str(row[0]), cast("int", row[1])) for row in found))
        for table, column, parent, key in checking.references(fresh):
            lost = f"DELETE FROM [{table}] WHERE {checking.orphaned(column, parent, key)}"
            rows[table] = rows.get(table, 0) - fresh.execute(lost).rowcount
        rebuild(fresh, progress)
    told = [name for name in rows if rows[name] or had.get(name, 0) != 0]
    return {name: rows[name] for name in told}, {name: had.get(name) for name in told}


def _own_tables(connection: sqlite3.Connection) -> list[str]:
    """Papers first: what belongs to them is read by their numbers."""
    found = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        " AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_%' ESCAPE '\\'"
        " ORDER BY name <> 'papers', name"
    )
    shadows = tuple(f"{name}_" for name in indexes(connection))
    return [
        name for (name,) in found if name not in _NOT_COPIED and not name.startswith(shadows or "/")
    ]


def _copied(
    old: sqlite3.Connection, fresh: sqlite3.Connection, table: str, progress: Progress
) -> int:
    """The rows of one table that can be read and that the schema takes."""
    columns = [row[1] for row in fresh.execute(f"PRAGMA table_info([{table}])")]
    with suppress(sqlite3.DatabaseError):
        there = {row[1] for row in old.execute(f"PRAGMA table_info([{table}])")}
        columns = [name for name in columns if name in there]
    names = ", ".join(f"[{name}]" for name in columns)
    put = f"INSERT OR IGNORE INTO [{table}] ({names}) VALUES ({', '.join('?' * len(columns))})"
    before = fresh.total_changes
    for number, row in enumerate(_readable(old, fresh, table, names, columns), 1):
        with suppress(sqlite3.IntegrityError):
            fresh.execute(put, row)
        if not number % 10_000:
            progress(f"save {table}", number, None)
    return fresh.total_changes - before


def _readable(
    old: sqlite3.Connection,
    fresh: sqlite3.Connection,
    table: str,
    names: str,
    columns: Sequence[str],
) -> Iterator[Sequence[object]]:
    """Every row that can be read: from the front, from the back, and around the damage.

    A row may come more than once.
    """
    whole = yield from _until_damage(old, f"SELECT {names} FROM [{table}]")
    if whole:
        return
    key = "id" if table == "papers" else "paper_id" if "paper_id" in columns else ""
    if not key:
        order = ", ".join(str(place) + " DESC" for place in range(1, len(columns) + 1))
        yield from _until_damage(old, f"SELECT {names} FROM [{table}] ORDER BY {order}")
        return
    yield from _until_damage(old, f"SELECT {names} FROM [{table}] ORDER BY {key} DESC")
    for number in _numbers(old, fresh, table):
        yield from _until_damage(old, f"SELECT {names} FROM [{table}] WHERE {key} = ?", number)


def _numbers(old: sqlite3.Connection, fresh: sqlite3.Connection, table: str) -> list[int]:
    """The papers to ask for one by one: of `papers` those that another table still names."""
    if table != "papers":
        return [row[0] for row in fresh.execute("SELECT id FROM papers").fetchall()]
    found: set[int] = set()
    for source in ("accounts", "listings", "observations", "reading", "tags"):
        query = f"SELECT DISTINCT paper_id FROM {source}"
        for order in ("", " ORDER BY paper_id DESC"):
            found |= {row[0] for row in _until_damage(old, query + order)}
    return sorted(found)


def _until_damage(
    old: sqlite3.Connection, query: str, *values: object
) -> Generator[Sequence[Any], None, bool]:
    """The rows up to where reading fails; returns whether it did not."""
    try:
        yield from old.execute(query, values)
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        return False
    return True


def _swap(path: Path, new: Path, kept: Path) -> None:
    """The damaged file stays under another name, the new one takes its place in one step."""
    if kept.exists():
        raise StoreError(f"{kept} is there already; move it away and try again.")
    with explained(str(path)):
        mode = path.stat().st_mode & 0o777
        os.chmod(new, mode)
        for suffix in ("-wal", "-shm"):
            if Path(f"{path}{suffix}").exists():
                Path(f"{path}{suffix}").replace(f"{kept}{suffix}")
        try:
            os.link(path, kept)
        except OSError:
            path.replace(kept)
        new.replace(path)
