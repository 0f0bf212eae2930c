"""Asking the search index: a question becomes one FTS5 expression and a few conditions in SQL.

The expression holds nothing that was typed but words in quotes, so that no text is an error. The
score is FTS5's BM25 over stems. What is short enough to be a title is also looked for in the titles
as they are spelt, and a paper that says it in its title, word for word, rises.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from papertrack.querying import Query, Term
from papertrack.store import bm25, remarks, wide

#: A question of so many different words may be a title, and what the titles' own score is worth.
SHORT, TITLES = 6, 0.1
#: The titles are looked at for so many of the best, and for as many of their own.
DEPTH = 300
_RANK = f"bm25({', '.join(map(str, bm25.WEIGHTS.values()))})"
_COLUMNS = {"": "{title abstract authors}", "title": "title", "author": "authors"}
_MARKED = "SELECT paper_id FROM reading WHERE "
_MARKS = {
    "saved": f"rowid IN ({_MARKED}saved_at IS NOT NULL)",
    "read": f"rowid IN ({_MARKED}read_at IS NOT NULL)",
    "unread": f"rowid NOT IN ({_MARKED}read_at IS NOT NULL)",
    "seen": f"rowid IN ({_MARKED}coalesce(seen_at, read_at) IS NOT NULL)",
    "hidden": f"rowid IN ({_MARKED}hidden_at IS NOT NULL)",
}
_SHOWN = f"rowid NOT IN ({_MARKED}hidden_at IS NOT NULL)"
#: Papers whose row id tells another day than that of publication; the index of this name has them.
_MISDATED = "(id >> 14) <> CAST(julianday(substr(published_at, 1, 10)) - 2440587.5 AS INTEGER)"
_EPOCH = date(1970, 1, 1)
_ID_BITS = 14


@dataclass(frozen=True)
class Hit:
    """A paper that was found, by its number, and how well it matches; best is highest."""

    number: int
    score: float
    exact: bool = True  # or the best of a part of the papers only, because too many match


@dataclass(frozen=True)
class Plan:
    """What FTS5 is asked, empty where there is no word; and what SQL adds, over a `rowid`."""

    expression: str
    conditions: tuple[str, ...] = ()
    values: tuple[object, ...] = ()

    def where(self) -> str:
        matching = ("papers_fts MATCH ?",) if self.expression else ()
        return " AND ".join((*matching, *self.conditions)) or "1"

    def given(self) -> tuple[object, ...]:
        return ((self.expression,) if self.expression else ()) + self.values


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
    found: dict[int, float] = {}
    partly = False
    for plan in _plans(connection, query, expression):
        if not expression:
            found |= _last(connection, query, plan, limit)
        elif newest:
            found |= _newest(connection, plan, limit)
        elif wide.is_wide(connection, expression, plan.conditions, plan.values):
            partly = True
            given = (plan.conditions, plan.values, limit)
            found |= wide.search(connection, expression, _texts(query), *given)
        else:
            found |= _best(connection, query, plan, max(limit, DEPTH))
    for number, share in remarks.found(connection, query).items():
        if number in found or _answers(connection, query, number):
            found[number] = found.get(number, 0.0) + share * max(found.values(), default=1.0)
    exact = _exactly(connection, query, found)
    best = sorted(exact, key=lambda one: (0.0 if newest else found[one], one), reverse=True)
    return [Hit(one, found[one], exact=not partly) for one in best[:limit]]


def _plans(connection: sqlite3.Connection, query: Query, expression: str) -> list[Plan]:
    """One plan; a second one where papers of the time asked for have row ids of another time."""
    marks = [(term, True) for term in query.required] + [(term, False) for term in query.without]
    asked = [_condition(term, wanted) for term, wanted in marks if term.field in ("is", "tag")]
    if not any(term.field == "is" and term.words == ("hidden",) for term, _ in marks):
        asked.append((_SHOWN, ()))
    conditions = tuple(condition for condition, _ in asked)
    values = tuple(value for _, some in asked for value in some)
    if query.after is None and query.before is None:
        return [Plan(expression, conditions, values)]
    days = "rowid >= ? AND rowid < ?"
    span = (_first_id(query.after or date.min), _first_id(query.before or date.max))
    plans = [Plan(expression, (days, *conditions), (*span, *values))]
    if misdated := _misdated(connection, query):
        listed = "rowid IN (SELECT value FROM json_each(?))"
        plans.append(Plan(expression, (listed, *conditions), (json.dumps(misdated), *values)))
    return plans


def _first_id(day: date) -> int:
    return max(0, (day - _EPOCH).days) << _ID_BITS


def _misdated(connection: sqlite3.Connection, query: Query) -> list[int]:
    found = connection.execute(
        f"SELECT id FROM papers WHERE {_MISDATED} AND published_at >= ? AND published_at < ?",
        _span(query),
    )
    return [row[0] for row in found]


def _span(query: Query) -> tuple[str, str]:
    after, before = query.after or date.min, query.before or date.max
    return after.isoformat(), before.isoformat()


def _condition(term: Term, wanted: bool) -> tuple[str, tuple[object, ...]]:
    name = term.words[0]
    if term.field == "is":
        return (_MARKS[name] if wanted else f"NOT ({_MARKS[name]})"), ()
    tagged = "rowid {} (SELECT paper_id FROM tags WHERE lower(tag) = ?)"
    return tagged.format("IN" if wanted else "NOT IN"), (name,)


def _best(connection: sqlite3.Connection, query: Query, plan: Plan, limit: int) -> dict[int, float]:
    """The best of a plan, with their scores."""
    found = connection.execute(
        f"SELECT rowid, -rank FROM papers_fts WHERE {plan.where()}"
        f" AND rank MATCH '{_RANK}' ORDER BY rank LIMIT ?",
        (*plan.given(), limit),
    ).fetchall()
    titles = _titles(connection, query)
    return {number: score + TITLES * titles.get(number, 0.0) for number, score in found}


def _newest(connection: sqlite3.Connection, plan: Plan, limit: int) -> dict[int, float]:
    found = connection.execute(
        f"SELECT rowid, 0.0 FROM papers_fts WHERE {plan.where()} ORDER BY rowid DESC LIMIT ?",
        (*plan.given(), limit),
    )
    return dict(found.fetchall())


def _last(connection: sqlite3.Connection, query: Query, plan: Plan, limit: int) -> dict[int, float]:
    """Where no word is asked for, the last papers that have none of those not wanted."""
    unwanted = _any(query.without)
    without = "NOT EXISTS (SELECT 1 FROM papers_fts WHERE papers_fts MATCH ? AND rowid = papers.id)"
    where = f"{plan.where()} AND {without}" if unwanted else plan.where()
    found = connection.execute(
        f"SELECT id FROM papers WHERE {where} ORDER BY id DESC LIMIT ?",
        (*plan.values, *([unwanted] if unwanted else []), limit),
    )
    return {row[0]: 0.0 for row in found}


def _titles(connection: sqlite3.Connection, query: Query) -> dict[int, float]:
    """How well titles match as they are spelt, where the question may be one."""
    words = dict.fromkeys(_quoted(term) for term in query.words)
    if not 0 < len(words) <= SHORT:
        return {}
    found = connection.execute(
        "SELECT rowid, -rank FROM titles_fts WHERE titles_fts MATCH ? ORDER BY rank LIMIT ?",
        (" OR ".join(words), 5 * DEPTH),
    )
    return dict(found.fetchall())


def _texts(query: Query) -> list[str]:
    """The words that papers are to be ranked by."""
    ranking = [term for term in (*query.words, *query.required) if not term.prefix]
    return [word for term in ranking if term.field in ("", "title") for word in term.words]


def expression_of(query: Query, *, every: bool = False) -> str:
    """What FTS5 is asked; empty where the question has no word."""
    parts = [one for one in map(_term, query.required) if one]
    if query.words and every:
        parts += map(_term, query.words)
    elif query.words:
        parts.insert(0, f"({_any((*query.words, *query.also))})")
    without = _any(query.without)
    wanted = " AND ".join(parts)
    return f"({wanted}) NOT ({without})" if wanted and without else wanted


def _any(terms: Iterable[Term]) -> str:
    return " OR ".join(one for one in map(_term, terms) if one)


def _term(term: Term) -> str:
    """A term for FTS5; empty where it is none of the index."""
    if term.field in _COLUMNS:
        return f"{_COLUMNS[term.field]} : {_quoted(term)}"
    if term.field == "cat":
        token = "".join(char for char in term.words[0] if char.isalnum())
        return f'facets : "{token}"' + ("" if "." in term.words[0] else " *")
    return "facets : hascode" if term.field == "has" else ""


def _quoted(term: Term) -> str:
    return f'"{" ".join(term.words)}"' + (" *" if term.prefix else "")


def _answers(connection: sqlite3.Connection, query: Query, number: int) -> bool:
    """Whether a paper, whose note or tag was found, has what is required beside that."""
    rest = remarks.without_what_is_remarked(connection, query, number)
    expression = expression_of(replace(rest, words=(), also=()))
    for plan in _plans(connection, rest, expression):
        table = "papers_fts" if expression else "papers"
        row = connection.execute(
            f"SELECT 1 FROM {table} WHERE {plan.where()} AND rowid = ?", (*plan.given(), number)
        ).fetchone()
        if row and (expression or not _has_unwanted(connection, query, number)):
            return True
    return False


def _has_unwanted(connection: sqlite3.Connection, query: Query, number: int) -> bool:
    if not (unwanted := _any(query.without)):
        return False
    found = connection.execute(
        "SELECT 1 FROM papers_fts WHERE papers_fts MATCH ? AND rowid = ?", (unwanted, number)
    )
    return found.fetchone() is not None


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
    if query.after is not None or query.before is not None:
        tests.append("(published_at IS NULL OR published_at >= ? AND published_at < ?)")
        values += _span(query)
    if not tests:
        return list(found)
    rows = connection.execute(
        "SELECT papers.id FROM json_each(?) AS found CROSS JOIN papers ON papers.id = found.value"
        f" WHERE {' AND '.join(tests)}",
        (json.dumps(list(found)), *values),
    )
    return [row[0] for row in rows]
