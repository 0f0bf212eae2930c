"""How the store and its sources fare: runs, sizes, ages."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from papertrack.clock import iso
from papertrack.housekeeping import TableSize
from papertrack.models import SOURCES
from papertrack.reports import SourceHealth, SourceReport, Stats
from papertrack.store import bm25, counting
from papertrack.store.rows import SOURCE_IDS, moment
from papertrack.store.upkeep import indexes
from papertrack.text import repair


def record_run(connection: sqlite3.Connection, report: SourceReport, at: datetime) -> None:
    """Note how a source fared; the caller holds the write transaction."""
    error = report.error
    connection.execute(
        "INSERT INTO runs (source, started_at, finished_at, outcome, message, retry_at,"
        " papers, new_papers, observations) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            SOURCE_IDS[report.source],
            iso(report.started_at or at),
            iso(report.finished_at or at),
            report.outcome,
            repair(str(error)) if error else "",  # it may quote what a service said
            iso(error.retry_at) if error and error.retry_at else None,
            report.counts.papers,
            report.counts.new,
            report.counts.observations,
        ),
    )


def sources(connection: sqlite3.Connection) -> list[SourceHealth]:
    """One row for each source that was ever asked."""
    asked = connection.execute("SELECT DISTINCT source FROM runs ORDER BY source").fetchall()
    return [_source(connection, row[0]) for row in asked]


def _source(connection: sqlite3.Connection, number: int) -> SourceHealth:
    runs = connection.execute(
        "SELECT outcome, finished_at, message, retry_at FROM runs WHERE source = ?"
        " ORDER BY id DESC LIMIT 200",
        (number,),
    ).fetchall()
    asked = [run for run in runs if run[0] != "skipped"]
    success = next((run for run in runs if run[0] in ("ok", "partial")), None)
    error = next((run for run in runs if run[0] in ("error", "partial")), None)
    streak = next((n for n, run in enumerate(asked) if run[0] != "error"), len(asked))
    papers, about = counting.of_source(connection, number)
    return SourceHealth(
        source=SOURCES[number],
        last_success_at=moment(success[1]) if success else None,
        last_error_at=moment(error[1]) if error else None,
        last_error=error[2] if error else "",
        down_since=moment(asked[streak - 1][1]) if streak else None,
        failures_in_a_row=streak,
        retry_at=moment(runs[0][3]),
        papers=papers,
        about=about,
    )


def stats(connection: sqlite3.Connection, path: str, *, exact: bool = False) -> Stats:
    """The store in numbers; in a large store some are judged, unless `exact`."""
    judged = not exact and counting.is_large(connection)

    def number(query: str) -> int:
        return int(connection.execute(query).fetchone()[0])

    def rows(table: str) -> int:
        if judged:
            return counting.rows(connection, table)[0]
        return number(f"SELECT count(*) FROM [{table}]")

    first, last = connection.execute("SELECT min(list_date), max(list_date) FROM lists").fetchone()
    return Stats(
        path=path,
        bytes=number("PRAGMA page_count") * number("PRAGMA page_size"),
        papers=rows("papers"),
        observations=rows("observations"),
        listings=rows("listings"),
        lists=number("SELECT count(*) FROM lists"),
        first_list=first,
        last_list=last,
    )


def tables(connection: sqlite3.Connection, *, exact: bool = False) -> list[TableSize]:
    """Each table with its rows, and its bytes with those of its indexes; the heaviest first.

    The parts of a full text index count as one table, whose rows are those of its documents. In a
    large store rows may be judged, and bytes are left out, unless `exact`: that reads the file.
    """
    judged = not exact and counting.is_large(connection)
    found = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    searches = indexes(connection)
    sizes = {} if judged else _sizes(connection, searches)
    names = [name for (name,) in found if not _part_of(name, searches)]
    told = []
    for name in names:
        rows, about = _rows(connection, name, searches, judged=judged)
        told.append(TableSize(name, rows, sizes.get(name), about))
    return sorted(told, key=lambda one: (-(one.rows if judged else one.bytes or 0), one.name))


def _rows(
    connection: sqlite3.Connection, name: str, searches: Sequence[str], *, judged: bool
) -> tuple[int, bool]:
    """How many rows a table has, and whether that is judged."""
    if name in searches:
        return bm25.whole(connection, name).papers, False
    if judged:
        return counting.rows(connection, name)
    return int(connection.execute(f"SELECT count(*) FROM [{name}]").fetchone()[0]), False


def _sizes(connection: sqlite3.Connection, searches: Sequence[str]) -> dict[str, int]:
    """Bytes by table; nothing where SQLite was built without `dbstat`."""
    try:
        found = connection.execute(
            "SELECT tbl_name, sum(pgsize) FROM dbstat JOIN sqlite_master USING (name)"
            " WHERE aggregate = TRUE GROUP BY tbl_name"
        ).fetchall()
    except sqlite3.OperationalError:
        return {}
    sizes: dict[str, int] = {}
    for table, size in found:
        name = _part_of(table, searches) or table
        sizes[name] = sizes.get(name, 0) + size
    return sizes


def _part_of(table: str, searches: Sequence[str]) -> str:
    return next((name for name in searches if table.startswith(f"{name}_")), "")
