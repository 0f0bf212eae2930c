"""What upkeep costs: a copy beside the backup API (D8), and the memory of an export (D9).

    python benchmarks/upkeep.py [--papers 300000]

Stores of made-up papers are written straight into the tables, because it is not their writing that
is measured here.
"""

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from common import Verdicts, clean_env, rounds_of, warn_if_editable

from papertrack.store import Store
from papertrack.store.upkeep import backup

FEW = 10_000
WORDS = ("model", "learning", "agent", "attention", "graph", "policy", "sparse", "token", "vision")


def fill(path: Path, papers: int) -> None:
    """So many papers with one account, one listing and three counts each."""
    Store(str(path)).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        connection.execute("INSERT INTO index_guard VALUES ('benchmark')")
        connection.executemany(
            "INSERT INTO papers (id, key, arxiv_id, title, abstract, authors, first_seen_at)"
            " VALUES (?, ?, ?, ?, ?, '[\"Ada Lovelace\"]', '2026-01-01T00:00:00Z')",
            _papers(papers),
        )
        connection.execute(
            "INSERT INTO accounts SELECT id, 2,"
            ' \'{"title": null, "abstract": null, "authors": null}\','
            " '2026-01-01T00:00:00Z' FROM papers"
        )
        connection.execute("INSERT INTO listings SELECT id, 0, '2026-01-01', NULL, '' FROM papers")
        for hour in range(3):
            connection.execute(
                f"INSERT INTO observations SELECT id, 0, 0, 1767225600 + {hour * 3600}, {hour}"
                " FROM papers"
            )
        connection.execute("INSERT INTO papers_fts (papers_fts) VALUES ('rebuild')")
        connection.execute("DELETE FROM index_guard")
        connection.execute("COMMIT")


def _papers(count: int) -> Iterator[tuple[object, ...]]:
    for n in range(count):
        key = f"{2000 + n // 90_000}.{n % 90_000:05}"
        words = " ".join(WORDS[(n * 7 + k * k) % len(WORDS)] for k in range(170))
        yield (16_000 + n // 300 << 14) + n % 300, f"arxiv:{key}", key, words[:80], words


def by_the_api(source: Path, target: Path) -> None:
    """What `sqlite3.Connection.backup` does, written to the disk as `db backup` does."""
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
    descriptor = os.open(target, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def peak_of(path: Path, folder: Path) -> float:
    """The most memory that an export takes, in MB."""
    command = [sys.executable, "-m", "papertrack", "export", "-o", os.devnull]
    env = clean_env(folder, PAPERTRACK_DB=str(path))
    process = subprocess.Popen(command, env=env)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit("the export failed")
    return used.ru_maxrss / 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=300_000)
    papers = parser.parse_args().papers
    warn_if_editable()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        many, few = folder / "many.db", folder / "few.db"
        fill(many, papers)
        fill(few, FEW)
        times = rounds_of(
            {
                "backup": lambda: _discard(backup(str(many), folder / "copy.db", force=True)),
                "api": lambda: by_the_api(many, folder / "api.db"),
            },
            rounds=3,
        )
        print(f"{papers:,} papers, {many.stat().st_size / 1e6:.0f} MB")
        ratio = times["backup"].over(times["api"], "wall")
        peaks = peak_of(few, folder), peak_of(many, folder)
    print(f"an export of {FEW:,} papers takes {peaks[0]:.0f} MB, of {papers:,} {peaks[1]:.0f} MB\n")
    verdicts = Verdicts()
    verdicts.at_most("D8: db backup / sqlite3's backup API, wall", ratio, 1.5)
    verdicts.at_most("D9: peak memory of export, many papers / 10,000", peaks[1] / peaks[0], 1.3)
    verdicts.show()


def _discard(_: object) -> None:
    """A call whose answer nobody wants."""


if __name__ == "__main__":
    main()
