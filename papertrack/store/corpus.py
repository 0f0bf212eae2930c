"""The papers as texts, for those who compare them; and how the reader marked them."""

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence

from papertrack.models import Paper
from papertrack.store.reading import chunks


def born(connection: sqlite3.Connection) -> str:
    """What tells this store from another that takes its place: when it was made, to the second."""
    row = connection.execute("SELECT min(applied_at) FROM _sqlite_migrations").fetchone()
    return str(row[0])


def numbers(connection: sqlite3.Connection) -> list[int]:
    """All papers, ascending; out of the index of the keys, which is small."""
    return sorted(row[0] for row in connection.execute("SELECT id FROM papers"))


def count(connection: sqlite3.Connection) -> int:
    """How many papers there are."""
    return int(connection.execute("SELECT count(*) FROM papers").fetchone()[0])


def sizes(connection: sqlite3.Connection) -> dict[int, int]:
    """How many characters of title and abstract each paper has."""
    return dict(
        connection.execute("SELECT id, length(title) + length(abstract) FROM papers").fetchall()
    )


def texts(connection: sqlite3.Connection, wanted: Sequence[int]) -> Iterator[tuple[int, Paper]]:
    """Papers with id, title and abstract only, ascending."""
    for part in chunks(sorted(wanted)):
        marks = ",".join("?" * len(part))
        for number, key, title, abstract in connection.execute(
            f"SELECT id, key, title, abstract FROM papers WHERE id IN ({marks}) ORDER BY id", part
        ).fetchall():
            yield number, Paper(id=key, title=title, abstract=abstract)


def authors(connection: sqlite3.Connection, parts: Collection[str]) -> Iterator[tuple[int, Paper]]:
    """Papers with id and authors only, of whom one may be called by one of these lower-case words.

    Names that are not ASCII are all given: who asks compares them with care.
    """
    for number, key, names in connection.execute("SELECT id, key, authors FROM papers"):
        lower = names.lower()
        if not names.isascii() or any(part in lower for part in parts):
            yield number, Paper(id=key, title="", authors=tuple(json.loads(names or "[]")))


def marked(connection: sqlite3.Connection) -> dict[str, list[int]]:
    """The papers that are saved, read and hidden."""
    found: dict[str, list[int]] = {"saved": [], "read": [], "hidden": []}
    for number, *moments in connection.execute(
        "SELECT paper_id, saved_at, read_at, hidden_at FROM reading"
    ):
        for papers, moment in zip(found.values(), moments, strict=True):
            if moment:
                papers.append(number)
    return found
