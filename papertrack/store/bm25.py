"""BM25 as FTS5 computes it, for papers one names: FTS5 itself would count every match for it.

The averages are FTS5's own; how many papers hold a word is counted up to a bound, and beyond that
estimated from the papers of some days, for each of which its few matches are counted.
"""

import json
import math
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass

from papertrack.store.impacts import K1, TITLE_WEIGHT, TOKENIZE, B
from papertrack.store.rows import ID_BITS

#: Words in fewer papers are counted.
RARE = 5_000
_DAYS = 32
_LEAST_IDF = 1e-6  # as FTS5 has it, for words in more than half of all papers
#: Above 1 a weight also makes a word that is said again add less, since FTS5's own k1 of 1.2 is
#: fixed (1.2 / 1.4 = 0.86). Facets select, and do not rank.
WEIGHTS = {"title": float(TITLE_WEIGHT), "abstract": 1.4, "authors": 1.4, "facets": 0.0}
_COLUMNS = ", ".join(WEIGHTS)


@dataclass(frozen=True)
class Whole:
    """How many papers the index holds, and how many words one has on average."""

    papers: int
    length: float


@dataclass(frozen=True)
class Word:
    """A word of a question: in about how many papers it is, and what that makes it worth."""

    text: str
    papers: int
    idf: float

    @property
    def quoted(self) -> str:
        return f'"{self.text}"'


def whole(connection: sqlite3.Connection, index: str = "papers_fts") -> Whole:
    """From FTS5's record of averages: the count of rows, then of the tokens of each column."""
    row = connection.execute(f"SELECT block FROM [{index}_data] WHERE id = 1").fetchone()
    papers, *tokens = _varints(row[0] if row else b"") or [0]
    return Whole(papers, sum(tokens) / papers if papers else 1.0)


def weighed(connection: sqlite3.Connection, texts: Iterable[str], of: Whole) -> list[Word]:
    """The words of a question, the most telling first; a word that is said twice counts twice."""
    days: list[tuple[int, int]] = []
    found: dict[str, Word] = {}
    for text in dict.fromkeys(texts):
        papers = count(connection, f'"{text}"', RARE)
        if papers == RARE:
            days = days or some_days(connection)
            papers = max(RARE, _estimate(connection, f'"{text}"', days, of))
        idf = math.log((max(of.papers - papers, 0) + 0.5) / (papers + 0.5))
        found[text] = Word(text, papers, max(idf, _LEAST_IDF))
    return sorted((found[text] for text in texts), key=lambda word: -word.idf)


def count(connection: sqlite3.Connection, expression: str, bound: int) -> int:
    """How many papers match, but no more than the bound."""
    found = connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM papers_fts WHERE papers_fts MATCH ? LIMIT ?)",
        (expression, bound),
    )
    return int(found.fetchone()[0])


def some_days(connection: sqlite3.Connection) -> list[tuple[int, int]]:
    """The row ids of the papers of some days, (first, last), evenly over the whole time."""
    # Apart: both in one question make SQLite read every row.
    first = connection.execute("SELECT min(id) FROM papers").fetchone()[0]
    last = connection.execute("SELECT max(id) FROM papers").fetchone()[0]
    found = []
    for step in range(_DAYS):
        start = first + (last - first) * (2 * step + 1) // (2 * _DAYS)
        row = connection.execute("SELECT min(id) FROM papers WHERE id >= ?", (start,)).fetchone()
        day = row[0] >> ID_BITS
        after = (day + 1) << ID_BITS
        end = connection.execute("SELECT max(id) FROM papers WHERE id < ?", (after,)).fetchone()
        found.append((day << ID_BITS, end[0]))
    return found


def _estimate(
    connection: sqlite3.Connection, expression: str, days: Sequence[tuple[int, int]], of: Whole
) -> int:
    """In how many papers a word is, going by some days; the ids of a day leave no gaps."""
    looked = held = 0
    for first, last in days:
        looked += last - first + 1
        held += connection.execute(
            "SELECT count(*) FROM papers_fts WHERE papers_fts MATCH ? AND rowid BETWEEN ? AND ?",
            (expression, first, last),
        ).fetchone()[0]
    return min(of.papers, round(of.papers * held / looked)) if looked else 0


def scores(
    connection: sqlite3.Connection,
    numbers: Iterable[int],
    expression: str,
    words: Sequence[Word],
    of: Whole,
) -> dict[int, float]:
    """What the words are worth in each of these papers that match the expression."""
    with closing(sqlite3.connect(":memory:")) as memory:
        memory.execute(f'CREATE VIRTUAL TABLE some USING fts5({_COLUMNS}, tokenize="{TOKENIZE}")')
        memory.execute("CREATE VIRTUAL TABLE places USING fts5vocab(some, instance)")
        memory.executemany(
            f"INSERT INTO some (rowid, {_COLUMNS}) VALUES (?, ?, ?, ?, ?)",
            connection.execute(
                f"SELECT p.id, {_COLUMNS} FROM json_each(?) CROSS JOIN papers p ON p.id = value",
                (json.dumps(sorted(numbers)),),
            ),
        )
        matching = memory.execute("SELECT rowid FROM some WHERE some MATCH ?", (expression,))
        totals = dict.fromkeys((row[0] for row in matching), 0.0)
        sizes = memory.execute("SELECT id, sz FROM some_docsize")
        bulks = {n: K1 * (1 - B + B * sum(_varints(size)) / of.length) for n, size in sizes}
        for word in words:
            for number, often in _said(memory, word.text).items():
                if number in totals:
                    totals[number] += word.idf * often * (K1 + 1) / (often + bulks[number])
    return totals


def _said(memory: sqlite3.Connection, word: str) -> dict[int, float]:
    """How often each paper says a word in any of its forms, weighed by where."""
    memory.execute("INSERT OR REPLACE INTO some (rowid, title) VALUES (-1, ?)", (word,))
    often: dict[int, float] = defaultdict(float)
    for (term,) in memory.execute("SELECT term FROM places WHERE doc = -1").fetchall():
        for number, column, times in memory.execute(
            "SELECT doc, col, count(*) FROM places WHERE term = ? GROUP BY doc, col", (term,)
        ):
            often[number] += WEIGHTS[column] * times
    return often


def _varints(block: bytes) -> list[int]:
    """SQLite's numbers of seven bits a byte, high ones first."""
    found, value = [], 0
    for byte in block:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            found.append(value)
            value = 0
    return found
