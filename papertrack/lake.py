"""The store as Parquet files, a folder a month: where DuckDB, Spark or ClickHouse go on.

The one door to pyarrow, an optional extra that is imported when this is called. Rows come in the
order of their months, so that one file is open at a time and memory does not grow with the store.
Times are UTC without a zone.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from papertrack.errors import PapertrackError, UsageError
from papertrack.housekeeping import Progress, no_progress

#: Tells a folder of ours, which may be replaced, from any other.
MARK = "papertrack.json"
VERSION = 1
_AT_ONCE = 5_000  # rows held in memory

Row = Sequence[Any]


@dataclass(frozen=True)
class Table:
    """A table by its name, its columns with their types, and its rows: first of each its month.

    Types are text, texts (a JSON array), moment (ISO 8601 or seconds since 1970), day, number,
    value and flag.
    """

    name: str
    columns: Mapping[str, str]
    rows: Iterable[Row]
    total: int


@contextmanager
def writing(folder: Path, at: datetime) -> Iterator[Path]:
    """A new folder beside the one that is asked for, which takes its place when all is written."""
    _need_pyarrow()
    _check(folder)
    beside = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    before = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    try:
        beside.mkdir(mode=0o700, parents=True)
        yield beside
        told = {"papertrack": "parquet", "version": VERSION, "exported_at": at.isoformat()}
        (beside / MARK).write_text(json.dumps(told) + "\n", encoding="utf-8")
        if folder.exists():
            folder.rename(before)
        beside.rename(folder)
    except OSError as error:
        raise PapertrackError(
            f"{folder} could not be written: {error.strerror or error}; make room, or choose "
            "another folder with --parquet."
        ) from error
    finally:
        if before.exists() and not folder.exists():
            before.rename(folder)
        for left in (beside, before):
            with suppress(OSError):
                shutil.rmtree(left)


def _need_pyarrow() -> None:
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise PapertrackError(
            "--parquet needs pyarrow; `pip install 'papertrack-cli[parquet]'` brings it."
        ) from None


def _check(folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError(f"{folder} is a file; name a folder.")
    if any(folder.iterdir()) and not (folder / MARK).is_file():
        raise UsageError(f"{folder} holds something else; name a new folder, or an empty one.")


def write(folder: Path, table: Table, progress: Progress = no_progress) -> int:
    """Write `folder/NAME/month=2026-04/part-0.parquet` and so on; returns the rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, _types(pa)[kind]) for name, kind in table.columns.items()])
    done = 0
    (folder / table.name).mkdir()
    for month, rows in groupby(table.rows, key=lambda row: row[0]):
        place = folder / table.name / f"month={month}"
        place.mkdir()
        with pq.ParquetWriter(place / "part-0.parquet", schema, compression="zstd") as writer:
            for part in _parts(rows):
                columns = list(zip(*part, strict=True))[1:]
                writer.write_table(_filled(pa, schema, table.columns, columns))
                done += len(part)
                progress(table.name, done, max(done, table.total))
    if not done:  # a table without a file cannot be read at all
        pq.write_table(schema.empty_table(), folder / table.name / "none.parquet")
    return done


def write_one(folder: Path, name: str, columns: Mapping[str, Sequence[Any]]) -> None:
    """A small table in one file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table(dict(columns)), folder / f"{name}.parquet")


def _types(pa: Any) -> dict[str, Any]:
    return {
        "text": pa.string(),
        "texts": pa.list_(pa.string()),
        "moment": pa.timestamp("us"),
        "day": pa.date32(),
        "number": pa.int64(),
        "value": pa.float64(),
        "flag": pa.bool_(),
    }


def _parts(rows: Iterable[Row]) -> Iterator[list[Row]]:
    part: list[Row] = []
    for row in rows:
        part.append(row)
        if len(part) == _AT_ONCE:
            yield part
            part = []
    if part:
        yield part


def _filled(
    pa: Any, schema: Any, kinds: Mapping[str, str], columns: Sequence[Sequence[Any]]
) -> Any:
    arrays = [
        pa.array([_READ[kind](value) for value in column], type=_types(pa)[kind])
        for kind, column in zip(kinds.values(), columns, strict=True)
    ]
    return pa.table(arrays, schema=schema)


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, int):
        return datetime.fromtimestamp(value, UTC).replace(tzinfo=None)
    return datetime.fromisoformat(str(value)).replace(tzinfo=None)


def _same(value: Any) -> Any:
    return value


_READ: Mapping[str, Callable[[Any], Any]] = {
    "text": _same,
    "texts": lambda value: json.loads(value or "[]"),
    "moment": _moment,
    "day": date.fromisoformat,
    "number": _same,
    "value": lambda value: None if value is None else float(value),
    "flag": bool,
}
