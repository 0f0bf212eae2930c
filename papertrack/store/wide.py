"""Ranking where too many papers match to score each: a few hundred likely ones, scored exactly.

The likely ones are those in which a word of the question weighs most (see impacts.py), those whose
titles hold several of its words, all that hold a rare one, and the newest that match. docs/scale.md
has what this keeps of the true first twenty, and what it costs.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from itertools import combinations
from operator import mul

from papertrack.store import bm25
from papertrack.store.bm25 import RARE, Word
from papertrack.store.impacts import LEVEL_BITS, TABLE, TITLES, worth

#: A question with fewer matches is FTS5's own.
WIDE = 30_000
STRONGEST = 2_000  # papers of one word, by its weight in them
TOGETHER = 1_000  # papers whose titles hold several words
#: Of four words pairs find what threes find, in a third of the time (measured, 3 million papers).
THREES_UP_TO = 3
NEWEST = 500
SCORED = 300
SCORED_A_WORD = 125
#: Of a long question the most telling words choose; all of them are scored.
CHOOSING = 4
_NUMBER = (1 << LEVEL_BITS) - 1
_TITLES = f"rowid >= {TITLES << LEVEL_BITS}"
_NEWEST_TITLES = f"{_TITLES} ORDER BY rowid DESC"
_LEVELS = f"rowid < {TITLES << LEVEL_BITS}"
#: What BM25 makes of a word, the idf apart, in a title of unknown weight, and anywhere.
_IN_TITLE, _ANYWHERE = 1.75, 1.1


def is_wide(
    connection: sqlite3.Connection,
    expression: str,
    conditions: Sequence[str] = (),
    values: Sequence[object] = (),
) -> bool:
    """Whether more papers match than FTS5 ranks while a reader waits."""
    where = " AND ".join(["papers_fts MATCH ?", *conditions])
    found = connection.execute(
        f"SELECT 1 FROM papers_fts WHERE {where} LIMIT 1 OFFSET ?", (expression, *values, WIDE)
    )
    return found.fetchone() is not None


def search(
    connection: sqlite3.Connection,
    expression: str,
    texts: Sequence[str],
    conditions: Sequence[str],
    values: Sequence[object],
    limit: int,
) -> list[tuple[int, float]]:
    """Papers that match and meet the conditions, with their BM25 for the words; best first."""
    of = bm25.whole(connection)
    words = bm25.weighed(connection, texts, of)
    known = _Likely(words[:CHOOSING])
    known.look(connection)
    where = " AND ".join(["papers_fts MATCH ?", *conditions])
    newest = connection.execute(
        f"SELECT rowid FROM papers_fts WHERE {where} ORDER BY rowid DESC LIMIT ?",
        (expression, *values, max(limit, NEWEST)),
    ).fetchall()
    for (number,) in newest:
        known.note(number, (), 0.0)
    best = known.best(
        max(SCORED, SCORED_A_WORD * len(known.words), 2 * limit) * (4 if conditions else 1)
    )
    chosen = {*_meeting(connection, best, conditions, values), *(row[0] for row in newest[:limit])}
    found = bm25.scores(connection, chosen, expression, words, of)
    return sorted(found.items(), key=lambda one: (-one[1], -one[0]))[:limit]


def _meeting(
    connection: sqlite3.Connection,
    numbers: Sequence[int],
    conditions: Sequence[str],
    values: Sequence[object],
) -> list[int]:
    if not conditions:
        return list(numbers)
    found = connection.execute(
        "SELECT rowid FROM papers WHERE rowid IN (SELECT value FROM json_each(?))"
        f" AND {' AND '.join(conditions)}",
        (json.dumps(list(numbers)), *values),
    )
    return [row[0] for row in found]


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
