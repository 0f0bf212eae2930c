"""Ranking where too many papers match to score each: a few thousand likely ones, scored exactly.

The likely ones are those in which a word of the question weighs most (see impacts.py), those whose
titles hold several of its words, all that hold a rare one, and the newest that match. docs/scale.md
has what this keeps of the true first twenty, and what it costs.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from heapq import nlargest
from itertools import combinations, islice
from operator import mul

from papertrack.querying import Query
from papertrack.store import bm25, few, titles
from papertrack.store.bm25 import RARE, Word
from papertrack.store.impacts import LEVEL_BITS, TABLE, TITLES, worth
from papertrack.store.plans import Plan

#: A question with fewer matches is FTS5's own.
WIDE = 30_000
STRONGEST = 2_000  # papers of one word, by its weight in them
TOGETHER = 1_000  # papers whose titles hold several words
#: Of four words pairs find what threes find, in a third of the time (measured, 3 million papers).
THREES_UP_TO = 3
NEWEST = 500
#: So many papers of one word are scored, half as many of two, ...: 30 us for each of them.
SCORED = 7_200
AT_ONCE = 64  # so many are asked whether they match, while more are needed
#: Of a long question the most telling words choose; all of them are scored.
CHOOSING = 4
_NUMBER = (1 << LEVEL_BITS) - 1
_TITLES = f"rowid >= {TITLES << LEVEL_BITS}"
_NEWEST_TITLES = f"{_TITLES} ORDER BY rowid DESC"
_LEVELS = f"rowid < {TITLES << LEVEL_BITS}"
#: What BM25 makes of a word, the idf apart, in a title of unknown weight, and anywhere.
_IN_TITLE, _ANYWHERE = 1.75, 1.1


def is_wide(connection: sqlite3.Connection, plan: Plan) -> bool:
    """Whether more papers have a word of a question than FTS5 ranks while a reader waits.

    However few of them it asks for: for its ranks FTS5 counts who has each word at all.
    """
    found = connection.execute(
        "SELECT 1 FROM papers_fts WHERE papers_fts MATCH ? LIMIT 1 OFFSET ?",
        (plan.words or plan.expression, WIDE),
    )
    return found.fetchone() is not None


def search(
    connection: sqlite3.Connection, query: Query, plan: Plan, limit: int
) -> tuple[dict[int, float], bool]:
    """The best papers of a plan as far as they are likely, with their scores; and if these are all.

    They are where no more match than can be scored.
    """
    questions = titles.questions(connection, query)
    known = _Likely(questions[0].words[:CHOOSING])
    depth = max(SCORED // max(1, len(known.words)), 2 * limit)
    latest = newest(connection, plan, depth)
    if len(latest) < depth:
        return dict.fromkeys(latest, 0.0) | bm25.scores(connection, latest, questions), True
    known.look(connection)
    for number in latest[:NEWEST]:
        known.note(number, (), 0.0)
    best = _meeting(connection, known.best(4 * depth), plan)[:depth]
    found = dict.fromkeys(latest[:limit], 0.0)
    found |= bm25.scores(connection, {*best, *found}, questions)
    ranked = sorted(found, key=lambda one: (-found[one], -one))
    if not plan.is_any_word:
        ranked = list(islice(_matching(connection, ranked, plan, known={*latest}), limit))
    return {number: found[number] for number in ranked[:limit]}, False


def newest(connection: sqlite3.Connection, plan: Plan, limit: int) -> list[int]:
    """The newest papers that match and meet the conditions, whatever they score."""
    found = connection.execute(
        f"SELECT rowid FROM papers_fts WHERE {plan.where()} ORDER BY rowid DESC LIMIT ?",
        (*plan.given(), limit),
    )
    return [row[0] for row in found]


def _meeting(connection: sqlite3.Connection, numbers: Sequence[int], plan: Plan) -> list[int]:
    """Those that meet a plan's conditions, whether they match or not."""
    found = connection.execute(
        "SELECT rowid FROM (SELECT value AS rowid FROM json_each(?))"
        f" WHERE {' AND '.join(plan.conditions) or '1'}",
        (json.dumps(list(numbers)), *plan.values),
    )
    return [row[0] for row in found]


def _matching(
    connection: sqlite3.Connection, numbers: Sequence[int], plan: Plan, known: Set[int]
) -> Iterator[int]:
    """Those that match, where some are known to, in their order."""
    for start in range(0, len(numbers), AT_ONCE):
        some = numbers[start : start + AT_ONCE]
        asked = [number for number in some if number not in known]
        found = known | few.matching(connection, asked, plan.expression)
        yield from (number for number in some if number in found)


@dataclass
class _Likely:
    """Papers, and what each word of the question is worth in them as far as is known."""

    words: Sequence[Word]
    parts: dict[int, list[float]] = field(default_factory=dict)

    def note(self, number: int, places: Iterable[int], value: float) -> None:
        known = self.parts.get(number)
        if known is None:
            known = self.parts[number] = [0.0] * len(self.words)
        for place in places:
            known[place] = max(known[place], value)

    def look(self, connection: sqlite3.Connection) -> None:
        places = range(len(self.words))
        for place, word in enumerate(self.words):
            strong = 0
            for row in _rows(connection, TABLE, [word], f"{_LEVELS} ORDER BY rowid", STRONGEST):
                self.note(row & _NUMBER, (place,), worth(row >> LEVEL_BITS))
                strong += 1
            for row in _rows(connection, TABLE, [word], _NEWEST_TITLES, STRONGEST - strong):
                self.note(row & _NUMBER, (place,), _IN_TITLE)
            if word.papers < RARE:
                for row in _rows(connection, "papers_fts", [word], "rowid > 0", RARE):
                    self.note(row, (place,), _ANYWHERE)
        sizes = (2, 3) if len(places) <= THREES_UP_TO else (2,)
        for some in (c for size in sizes for c in combinations(places, size)):
            together = [self.words[place] for place in some]
            for row in _rows(connection, TABLE, together, _NEWEST_TITLES, TOGETHER):
                self.note(row & _NUMBER, some, _IN_TITLE)
        if len(self.words) > 1:
            order = "rowid > 0 ORDER BY rowid DESC"
            for row in _rows(connection, "papers_fts", self.words, order, NEWEST):
                self.note(row, places, _ANYWHERE)

    def best(self, limit: int) -> list[int]:
        idfs = [word.idf for word in self.words]
        scores = [(sum(map(mul, idfs, known)), number) for number, known in self.parts.items()]
        return [number for _, number in nlargest(limit, scores)]


def _rows(
    connection: sqlite3.Connection, table: str, words: Sequence[Word], order: str, limit: int
) -> Iterator[int]:
    """The row ids of what holds all these words."""
    found = connection.execute(
        f"SELECT rowid FROM {table} WHERE {table} MATCH ? AND {order} LIMIT ?",
        (" AND ".join(word.quoted for word in words), limit),
    )
    return (row[0] for row in found)
