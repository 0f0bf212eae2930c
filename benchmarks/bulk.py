"""How fast arXiv's snapshot is taken in, beside plain sqlite3 inserts and an FTS5 rebuild.

    python benchmarks/bulk.py SNAPSHOT [--papers 200000] [--rounds 3]

Both in one run, in turn, wall and CPU: our import reads the file, repairs and bounds every text,
joins what is one paper, and keeps the index in step, so that it may be killed at any moment. The
plain way has its rows in memory already, inserts them in one transaction, and builds the index at
the end.
"""

import argparse
import json
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from common import Verdicts, rounds_of

from papertrack import intake
from papertrack.importing import snapshot
from papertrack.store import Store

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def plain(rows: list[tuple[str, ...]], path: Path, *, indexed: bool = True) -> None:
    """Rows that are in memory, with an index of title, abstract and names."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA page_size=8192")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(
            "CREATE TABLE papers (id INTEGER PRIMARY KEY, key TEXT UNIQUE, title TEXT,"
            " abstract TEXT, authors TEXT, categories TEXT, published TEXT)"
        )
        connection.execute(
            "CREATE VIRTUAL TABLE papers_fts USING fts5(title, abstract, authors,"
            ' content="papers", content_rowid="id", tokenize="porter unicode61")'
        )
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO papers (key, title, abstract, authors, categories, published)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            rows,
        )
        if indexed:
            connection.execute("INSERT INTO papers_fts (papers_fts) VALUES ('rebuild')")
        connection.execute("COMMIT")


def ours(whole: snapshot.Snapshot, path: Path) -> None:
    """The same papers from their file."""
    with closing(Store(str(path))) as store:
        intake.take_in_snapshot(store, whole, lambda: NOW)


def _rows(path: Path) -> Iterator[tuple[str, ...]]:
    with path.open("rb") as file:
        for line in file:
            known = json.loads(line)
            names = json.dumps([" ".join(parts) for parts in known["authors_parsed"]])
            texts = (known["title"], known["abstract"], names, known["categories"])
            yield (known["id"], *texts, known["versions"][0]["created"])


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("snapshot", type=Path)
    arguments.add_argument("--papers", type=int, default=200_000)
    arguments.add_argument("--rounds", type=int, default=3)
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        part = folder / "part.json"
        with asked.snapshot.open("rb") as file, part.open("wb") as out:
            out.writelines(islice(file, asked.papers))
        whole = snapshot.find(part)
        assert whole
        rows = list(_rows(part))
        work = {
            "plain": lambda: plain(rows, _fresh(folder)),
            "inserts alone": lambda: plain(rows, _fresh(folder), indexed=False),
            "ours": lambda: ours(whole, _fresh(folder)),
        }
        times = rounds_of(work, asked.rounds)
    print(f"{len(rows):,} papers, {asked.rounds} rounds in turn; papers a second:\n")
    print("| | wall | CPU |\n|---|---:|---:|")
    for name, taken in times.items():
        rates = (len(rows) / min(some) for some in (taken.wall, taken.cpu))
        print(f"| {name} | {' | '.join(f'{rate:,.0f}' for rate in rates)} |")
    print()
    verdicts = Verdicts()
    for what in ("wall", "cpu"):
        ratio = times["ours"].over(times["plain"], what)
        verdicts.at_most(f"an import / plain inserts and rebuild, {what}", ratio, 2.0)
    for who, name in (("an import", "ours"), ("plain inserts and rebuild", "plain")):
        ratio = times[name].over(times["inserts alone"])
        verdicts.at_most(f"D1: {who} / plain inserts without an index, cpu", ratio, 9.0)
    verdicts.show()


def _fresh(folder: Path) -> Path:
    """Where a store may be made; what was made before is removed."""
    for old in folder.glob("store.db*"):
        old.unlink()
    return folder / "store.db"


if __name__ == "__main__":
    main()
