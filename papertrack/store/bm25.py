"""BM25 as FTS5 computes it, for papers one names: FTS5 itself would count every match for it.

The averages are FTS5's own; how many papers hold a word is counted up to a bound, and beyond that
estimated from the papers of some days, for each of which its few matches are counted.
"""

import json
import math
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from papertrack.store.impacts import K1, TITLE_WEIGHT, TOKENIZE, B
from papertrack.store.rows import ID_BITS
from papertrack.store.saying import Index, said

#: Words in fewer papers are counted; not those that by estimate are in so many times more.
RARE, SURELY = 5_000, 4
_DAYS = 16
_LEAST_IDF = 1e-6  # as FTS5 has it, for words in more than half of all papers
#: Above 1 a weight also makes a word that is said again add less, since FTS5's own k1 of 1.2 is
#: fixed (1.2 / 1.4 = 0.86). Facets select, and do not rank.
WEIGHTS = {"title": float(TITLE_WEIGHT), "abstract": 1.4, "authors": 1.4, "facets": 0.0}
PAPERS = Index("papers_fts", WEIGHTS, TOKENIZE)
#: The titles as they are spelt.
TITLES = Index("titles_fts", {"title": 1.0}, "unicode61 remove_diacritics 2")


@dataclass(frozen=True)
class Whole:
    """How many papers an index holds, and how many words one has on average."""

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


@dataclass(frozen=True)
class Question:
    """Words as an index weighs them, the most telling first, and what their score counts."""

    words: Sequence[Word]
    of: Whole
    index: Index
    share: float = 1.0


def question(
    connection: sqlite3.Connection,
    texts: Sequence[str],
    index: Index = PAPERS,
    share: float = 1.0,
    days: Sequence[tuple[int, int]] | None = None,
) -> Question:
    """What some words are worth in an index; a word that is said twice counts twice.

    `days` is what `some_days` gives, where that is at hand.
    """
    of = whole(connection, index.name)
    days = some_days(connection) if days is None else days
    found = {text: _word(connection, text, days, of, index) for text in dict.fromkeys(texts)}
    words = sorted((found[text] for text in texts), key=lambda word: -word.idf)
    return Question(words, of, index, share)


def _word(
    connection: sqlite3.Connection,
    text: str,
    days: Sequence[tuple[int, int]],
    of: Whole,
    index: Index,
) -> Word:
    expression = f'"{text}"'
    papers = _estimate(connection, expression, days, of, index)
    if papers < SURELY * RARE and (counted := count(connection, expression, RARE, index)) < RARE:
        papers = counted
    idf = math.log((max(of.papers - papers, 0) + 0.5) / (papers + 0.5))
    return Word(text, papers, max(idf, _LEAST_IDF))


def whole(connection: sqlite3.Connection, index: str = PAPERS.name) -> Whole:
    """From FTS5's record of averages: the count of rows, then of the tokens of each column."""
    row = connection.execute(f"SELECT block FROM [{index}_data] WHERE id = 1").fetchone()
    papers, *tokens = _varints(row[0] if row else b"") or [0]
    return Whole(papers, sum(tokens) / papers if papers else 1.0)


def count(
    connection: sqlite3.Connection, expression: str, bound: int, index: Index = PAPERS
) -> int:
    """How many papers match, but no more than the bound."""
    found = connection.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM {index.name} WHERE {index.name} MATCH ? LIMIT ?)",
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
    connection: sqlite3.Connection,
    expression: str,
    days: Sequence[tuple[int, int]],
    of: Whole,
    index: Index,
) -> int:
    """In how many papers a word is, going by some days; the ids of a day leave no gaps."""
    looked = held = 0
    for first, last in days:
        looked += last - first + 1
        held += connection.execute(
            f"SELECT count(*) FROM {index.name}"
            f" WHERE {index.name} MATCH ? AND rowid BETWEEN ? AND ?",
            (expression, first, last),
        ).fetchone()[0]
    return min(of.papers, round(of.papers * held / looked)) if looked else 0


def scores(
    connection: sqlite3.Connection, numbers: Iterable[int], questions: Sequence[Question]
) -> dict[int, float]:
    """What the questions are worth in each of these papers that says one of their words."""
    texts = [word.text for one in questions for word in one.words]
    told = said(connection, numbers, texts, [one.index for one in questions])
    totals: dict[int, float] = defaultdict(float)
    for asked, often in zip(questions, told, strict=True):
        saying = {number for papers in often.values() for number in papers}
        bulks = {
            number: K1 * (1 - B + B * length / asked.of.length)
            for number, length in _lengths(connection, saying, asked.index)
        }
        for word in asked.words:
            worth = asked.share * word.idf * (K1 + 1)
            for number, times in often[word.text].items():
                if number in bulks:  # else a row that nobody has indexed
                    totals[number] += worth * times / (times + bulks[number])
    return totals


def _lengths(
    connection: sqlite3.Connection, numbers: Iterable[int], index: Index
) -> Iterator[tuple[int, int]]:
    """How many words each paper has, by FTS5's record of them."""
    found = connection.execute(
        f"SELECT d.id, sz FROM json_each(?) CROSS JOIN {index.name}_docsize d ON d.id = value",
        (json.dumps(sorted(numbers)),),
    )
    return ((number, sum(_varints(size))) for number, size in found)


def _varints(block: bytes) -> list[int]:
    """SQLite's numbers of seven bits a byte, high ones first."""
    found, value = [], 0
    for byte in block:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            found.append(value)
            value = 0
    return found
