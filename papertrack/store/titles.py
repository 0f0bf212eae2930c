"""The titles as they are spelt, which count for a little where a question may be one."""

import sqlite3
from collections.abc import Iterable

from papertrack.querying import Query
from papertrack.store import bm25
from papertrack.store.plans import quoted

#: A question of so many different words may be a title, and what the titles' own score is worth.
SHORT, SHARE = 6, 0.1


def best(connection: sqlite3.Connection, query: Query, limit: int) -> dict[int, float]:
    """What the titles that match best add to the scores of their papers."""
    words = dict.fromkeys(quoted(term) for term in query.words)
    if not 0 < len(words) <= SHORT:
        return {}
    found = connection.execute(
        "SELECT rowid, -rank FROM titles_fts WHERE titles_fts MATCH ? ORDER BY rank LIMIT ?",
        (" OR ".join(words), limit),
    )
    return {number: SHARE * score for number, score in found}


def of(connection: sqlite3.Connection, query: Query, numbers: Iterable[int]) -> dict[int, float]:
    """The same for papers one names, where too many titles match; a prefix adds nothing."""
    words = dict.fromkeys(term.words[0] for term in query.words if not term.prefix)
    if not 0 < len(words) <= SHORT:
        return {}
    whole = bm25.whole(connection, bm25.TITLES.name)
    weighed = bm25.weighed(connection, list(words), whole, bm25.TITLES)
    found = bm25.scores(connection, numbers, weighed, whole, bm25.TITLES)
    return {number: SHARE * score for number, score in found.items()}
