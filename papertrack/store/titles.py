"""The titles as they are spelt, which count for a little where a question may be one."""

import sqlite3

from papertrack.querying import Query
from papertrack.store import bm25
from papertrack.store.plans import quoted, texts_of

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


def questions(connection: sqlite3.Connection, query: Query) -> list[bm25.Question]:
    """What papers one names are scored by: their texts and, where it may be one, their titles."""
    days = bm25.some_days(connection)
    asked = [bm25.question(connection, texts_of(query), days=days)]
    words = list(dict.fromkeys(term.words[0] for term in query.words if not term.prefix))
    if 0 < len(words) <= SHORT:
        asked.append(bm25.question(connection, words, bm25.TITLES, SHARE, days))
    return asked
