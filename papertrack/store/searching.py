"""Asking the search index: a question becomes one FTS5 expression and a few conditions in SQL.

The expression holds nothing that was typed but words in quotes, so that no text is an error.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from papertrack.querying import Query, Term
from papertrack.store import wide

#: A word in a title says as much as five in an abstract. Facets select, and do not rank.
WEIGHTS = "5.0, 1.0, 1.0, 0.0"
_TEXT = "{title abstract authors}"
_COLUMNS = {"": _TEXT, "title": "title", "author": "authors"}
_MARKS = {
    "saved": "saved_at IS NOT NULL",
    "read": "read_at IS NOT NULL",
    "seen": "coalesce(seen_at, read_at) IS NOT NULL",
    "hidden": "hidden_at IS NOT NULL",
}
_EPOCH = date(1970, 1, 1)
_ID_BITS = 14


@dataclass(frozen=True)
class Hit:
    """A paper that was found, by its number, and how well it matches; best is highest."""

    number: int
    score: float
    exact: bool = True  # or the best of a part of the papers only, because too many match


def search(connection: sqlite3.Connection, query: Query, limit: int) -> list[Hit]:
    """The papers that answer a question, best first, at most `limit`."""
    expression = _expression(query)
    conditions, values = _conditions(query)
    if not expression:
        return _newest(connection, conditions, values, limit)
    if wide.is_wide(connection, expression, conditions, values):
        texts = _texts(query)
        best = wide.search(connection, expression, texts, conditions, values, limit)
        return [Hit(number, score, exact=False) for number, score in best]
    where = " AND ".join(["papers_fts MATCH ?", *conditions])
    found = connection.execute(
        f"SELECT rowid, -bm25(papers_fts, {WEIGHTS}) AS score FROM papers_fts WHERE {where}"
        " ORDER BY score DESC, rowid DESC LIMIT ?",
        (expression, *values, limit),
    )
    return [Hit(*row) for row in found]


def _texts(query: Query) -> list[str]:
    """The words that papers are to be ranked by."""
    ranking = [term for term in (*query.words, *query.required) if not term.prefix]
    return [word for term in ranking if term.field in ("", "title") for word in term.words]


def _newest(
    connection: sqlite3.Connection, conditions: Sequence[str], values: Sequence[object], limit: int
) -> list[Hit]:
    """Where no word is asked for, the last papers."""
    where = " AND ".join(conditions) or "1"
    found = connection.execute(
        f"SELECT id AS rowid, 0.0 FROM papers WHERE {where} ORDER BY id DESC LIMIT ?",
        (*values, limit),
    )
    return [Hit(*row) for row in found]


def _expression(query: Query) -> str:
    """What FTS5 is asked; empty where the question has no word."""
    parts = [one for one in map(_term, query.required) if one]
    if query.words:
        parts.insert(0, f"({' OR '.join(_term(term) for term in query.words)})")
    without = [one for one in map(_term, query.without) if one]
    wanted = " AND ".join(parts)
    return f"({wanted}) NOT ({' OR '.join(without)})" if wanted and without else wanted


def _term(term: Term) -> str:
    """A term for FTS5; empty where it is none of the index."""
    star = " *" if term.prefix else ""
    if term.field in _COLUMNS:
        return f'{_COLUMNS[term.field]} : "{" ".join(term.words)}"{star}'
    if term.field == "cat":
        token = "".join(char for char in term.words[0] if char.isalnum())
        return f'facets : "{token}" *'
    return "facets : hascode" if term.field == "has" else ""


def _conditions(query: Query) -> tuple[list[str], list[object]]:
    """What SQL has to see to, on a table with a `rowid`."""
    return [], []
