"""Asking the search index: what answers a question, best first.

The score is FTS5's BM25 over stems. What is short enough to be a title is also looked for in the
titles as they are spelt, and a paper that says it in its title, word for word, rises.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from papertrack.querying import Query
from papertrack.store import bm25, few, remarks, titles, wide
from papertrack.store.plans import (
    Plan,
    any_of,
    expression_of,
    ids_of,
    misdated,
    plan_of,
    quoted,
    span_of,
)

#: The titles are looked at for so many of the best, and for as many of their own.
DEPTH = 300
_RANK = f"bm25({', '.join(map(str, bm25.WEIGHTS.values()))})"


@dataclass(frozen=True)
class Hit:
    """A paper that was found, by its number, and how well it matches; best is highest."""

    number: int
    score: float
    exact: bool = True  # or the best of a part of the papers only, because too many match
    meant: bool = False  # its vector is near to that of the question


def search(
    connection: sqlite3.Connection,
    query: Query,
    limit: int,
    *,
    every: bool = False,
    newest: bool = False,
) -> list[Hit]:
    """The papers that answer a question, best first or `newest` first, at most `limit`.

    With `every`, only those that have all of its words.
    """
    expression = expression_of(query, every=every)
    plan = plan_of(query, expression)
    newest = newest or not query.ranks
    exact = True
    if not expression:
        found = _last(connection, query, plan, limit)
    elif newest:
        found = dict.fromkeys(wide.newest(connection, plan, limit), 0.0)
    elif wide.is_wide(connection, plan):
        found, exact = wide.search(connection, query, plan, limit)
    else:
        found = _best(connection, query, plan, max(limit, DEPTH))
    found |= _misdated(connection, query, expression)
    for number, share in remarks.found(connection, query).items():
        rest = remarks.without_what_is_remarked(connection, query, number)
        if number in found or passing(connection, rest, [number]):
            found[number] = found.get(number, 0.0) + share * max(found.values(), default=1.0)
    passed = _exactly(connection, query, found)
    best = sorted(passed, key=lambda one: (0.0 if newest else found[one], one), reverse=True)
    return [Hit(one, found[one], exact=exact) for one in best[:limit]]


def names_a_title(connection: sqlite3.Connection, query: Query) -> bool:
    """Whether exactly one title holds all words of a question, which is then what is looked for."""
    words = " AND ".join(dict.fromkeys(quoted(term) for term in query.words))
    if not words:
        return False
    found = connection.execute(
        "SELECT rowid FROM titles_fts WHERE titles_fts MATCH ? LIMIT 2", (words,)
    )
    return len(found.fetchall()) == 1


def passing(connection: sqlite3.Connection, query: Query, numbers: Iterable[int]) -> set[int]:
    """Those of these papers that have all that is required, and nothing that is not wanted."""
    bare = replace(query, words=(), also=())
    plan = plan_of(bare, expression_of(bare), days=False)
    found = connection.execute(
        "SELECT rowid FROM papers WHERE rowid IN (SELECT value FROM json_each(?))"
        f" AND {' AND '.join(plan.conditions) or '1'}",
        (json.dumps(list(numbers)), *plan.values),
    )
    exact = set(_exactly(connection, query, [row[0] for row in found]))
    if plan.expression:
        return few.matching(connection, exact, plan.expression)
    unwanted = any_of(query.without)
    return exact - few.matching(connection, exact, unwanted) if unwanted else exact


def _best(connection: sqlite3.Connection, query: Query, plan: Plan, limit: int) -> dict[int, float]:
    """The best of a plan, with their scores."""
    found = connection.execute(
        f"SELECT rowid, -rank FROM papers_fts WHERE {plan.where()}"
        f" AND rank MATCH '{_RANK}' ORDER BY rank LIMIT ?",
        (*plan.given(), limit),
    ).fetchall()
    added = titles.best(connection, query, 5 * DEPTH)
    return {number: score + added.get(number, 0.0) for number, score in found}


def _misdated(connection: sqlite3.Connection, query: Query, expression: str) -> dict[int, float]:
    """The papers of the days that are asked for that a range of row ids does not reach."""
    if not query.is_dated or not (numbers := misdated(connection, query)):
        return {}
    if expression and len(numbers) > DEPTH:  # go through the matches, not through the papers
        found = connection.execute(
            "SELECT rowid FROM papers_fts WHERE papers_fts MATCH ?"
            " AND +rowid IN (SELECT value FROM json_each(?)) ORDER BY rowid DESC LIMIT ?",
            (expression, json.dumps(numbers), DEPTH),
        )
        numbers = [row[0] for row in found]
    passed = passing(connection, query, numbers)
    if not expression:
        return dict.fromkeys(passed, 0.0)
    asked = titles.questions(connection, query)
    return dict.fromkeys(passed, 0.0) | bm25.scores(connection, passed, asked)


def _last(connection: sqlite3.Connection, query: Query, plan: Plan, limit: int) -> dict[int, float]:
    """Where no word is asked for, the last papers that have none of those not wanted."""
    unwanted = any_of(query.without)
    without = "NOT EXISTS (SELECT 1 FROM papers_fts WHERE papers_fts MATCH ? AND rowid = papers.id)"
    where = f"{plan.where()} AND {without}" if unwanted else plan.where()
    found = connection.execute(
        f"SELECT id FROM papers WHERE {where} ORDER BY id DESC LIMIT ?",
        (*plan.values, *([unwanted] if unwanted else []), limit),
    )
    return {row[0]: 0.0 for row in found}


def _exactly(connection: sqlite3.Connection, query: Query, found: Iterable[int]) -> Sequence[int]:
    """Those that hold what the index tells only nearly: `cat:math` is not math-ph, dates."""
    tests: list[str] = []
    values: list[object] = []
    for term in query.required:
        if term.field == "cat":
            tests.append(
                "EXISTS (SELECT 1 FROM json_each(categories) AS one WHERE lower(one.value) = ?"
                " OR lower(one.value) LIKE ? || '.%')"
            )
            values += [term.words[0], term.words[0]]
        elif term.field == "has":
            tests.append("code_url <> ''")
    if query.is_dated:
        tests.append(
            "iif(published_at IS NULL, papers.id >= ? AND papers.id < ?,"
            " published_at >= ? AND published_at < ?)"
        )
        values += [*ids_of(query), *span_of(query)]
    if not tests:
        return list(found)
    rows = connection.execute(
        "SELECT papers.id FROM json_each(?) AS found CROSS JOIN papers ON papers.id = found.value"
        f" WHERE {' AND '.join(tests)}",
        (json.dumps(list(found)), *values),
    )
    return [row[0] for row in rows]
