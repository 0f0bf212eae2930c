"""A question as the store is asked it: one FTS5 expression, and conditions in SQL over row ids.

The expression holds nothing that was typed but words in quotes, so that no text is an error.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from papertrack import archives
from papertrack.querying import Query, Term
from papertrack.store.rows import first_id

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


@dataclass(frozen=True)
class Plan:
    """What FTS5 is asked, empty where there is no word; and what SQL adds, over a `rowid`."""

    expression: str
    conditions: tuple[str, ...] = ()
    values: tuple[object, ...] = ()
    words: str = ""  # what asks for any of its plain words, if it has some

    @property
    def is_any_word(self) -> bool:
        """Whether whatever has one of the plain words matches."""
        return self.expression == self.words

    def where(self) -> str:
        matching = ("papers_fts MATCH ?",) if self.expression else ()
        return " AND ".join((*matching, *self.conditions)) or "1"

    def given(self) -> tuple[object, ...]:
        return ((self.expression,) if self.expression else ()) + self.values


def plan_of(query: Query, expression: str, *, days: bool = True) -> Plan:
    """How a question is asked; without `days`, whatever day it asks for."""
    marks = [(term, True) for term in query.required] + [(term, False) for term in query.without]
    asked = [_condition(term, wanted) for term, wanted in marks if term.field in ("is", "tag")]
    if not any(term.field == "is" and term.words == ("hidden",) for term, _ in marks):
        asked.append((_SHOWN, ()))
    if days and query.is_dated:
        asked.insert(0, ("rowid >= ? AND rowid < ?", ids_of(query)))
    return Plan(
        expression,
        conditions=tuple(condition for condition, _ in asked),
        values=tuple(value for _, values in asked for value in values),
        words=_any_word(query),
    )


def ids_of(query: Query) -> tuple[int, int]:
    """The first row id of the days that are asked for, and the first after them."""
    return first_id(query.after or date.min), first_id(query.before or date.max)


def misdated(connection: sqlite3.Connection, query: Query) -> list[int]:
    """Papers of the days that are asked for whose row ids tell other days."""
    found = connection.execute(
        f"SELECT id FROM papers WHERE {_MISDATED} AND published_at >= ? AND published_at < ?",
        span_of(query),
    )
    return [row[0] for row in found]


def span_of(query: Query) -> tuple[str, str]:
    after, before = query.after or date.min, query.before or date.max
    return after.isoformat(), before.isoformat()


def _condition(term: Term, wanted: bool) -> tuple[str, tuple[object, ...]]:
    name = term.words[0]
    if term.field == "is":
        return (_MARKS[name] if wanted else f"NOT ({_MARKS[name]})"), ()
    tagged = "rowid {} (SELECT paper_id FROM tags WHERE lower(tag) = ?)"
    return tagged.format("IN" if wanted else "NOT IN"), (name,)


def texts_of(query: Query) -> list[str]:
    """The words that papers are to be ranked by."""
    ranking = [term for term in (*query.words, *query.required) if not term.prefix]
    return [word for term in ranking if term.field in ("", "title") for word in term.words]


def expression_of(query: Query, *, every: bool = False) -> str:
    """What FTS5 is asked; empty where the question has no word."""
    parts = [one for one in map(_term, query.required) if one]
    if query.words and every:
        parts += map(_term, query.words)
    elif query.words:
        parts.insert(0, _any_word(query))
    without = any_of(query.without)
    wanted = " AND ".join(parts)
    return f"({wanted}) NOT ({without})" if wanted and without else wanted


def _any_word(query: Query) -> str:
    return f"({any_of((*query.words, *query.also))})" if query.words else ""


def any_of(terms: Iterable[Term]) -> str:
    return " OR ".join(one for one in map(_term, terms) if one)


def _term(term: Term) -> str:
    """A term for FTS5; empty where it is none of the index."""
    if term.field in _COLUMNS:
        return f"{_COLUMNS[term.field]} : {quoted(term)}"
    if term.field == "cat":
        return _category(term.words[0])
    return "facets : hascode" if term.field == "has" else ""


def _category(name: str) -> str:
    """A category, or an archive with all of its classes."""
    # To name them all takes a thirtieth of the time of a prefix, which is read to its end first.
    if every := archives.categories(name):
        return f"facets : ({' OR '.join(map(_facet, every))})"
    return f"facets : {_facet(name)}" + ("" if "." in name else " *")


def _facet(category: str) -> str:
    """As the column `facets` has it."""
    return f'"{"".join(char for char in category if char.isalnum())}"'


def quoted(term: Term) -> str:
    return f'"{" ".join(term.words)}"' + (" *" if term.prefix else "")
