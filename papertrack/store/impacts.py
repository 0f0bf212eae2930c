"""In which papers a word weighs most, strongest first: what makes a common word quick to rank.

FTS5 ranks by scoring every match, which takes seconds for a word in every third of three million
papers. `impacts_fts` holds the words of titles, sorted by weight: a paper has one row for each
level of weight that any of its title's words has, and a row id that begins with that level, so that
`MATCH word ORDER BY rowid` gives the papers in which it weighs most and may stop anywhere. One more
row, on the last level, holds all words of the title; those that weigh least are there only, since
of a common word more weigh more than anybody looks at. The table keeps neither text nor places and
costs some forty bytes a paper.

A level is a step of what BM25 makes of a word: how often it is said, five times in a title counting
as once, over the length of the paper (Robertson and Zaragoza 2009, with k1 1.2 and b 0.75).
"""

import json
import re
import sqlite3
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain

from papertrack.similarity.words import STOP

TABLE = "impacts_fts"
#: The row id of a paper on a level is level << LEVEL_BITS | number.
LEVEL_BITS = 33
LAST_LEVEL = 15
WEAKEST = 11  # the last level that has rows: of title words a third is above it
TITLES = 31  # the level of the rows that hold whole titles
TITLE_WEIGHT = 5
K1, B = 1.2, 0.75
#: Words of a paper of usual length: title, abstract and names.
USUAL_LENGTH = 190
_SIGNS_A_WORD = 7.2  # with its blank; to count the blanks of an abstract takes eight times as long
_FIRST, _STEPS = 1.3, 3.2  # levels a doubling, and where they begin
_LEVELS = range(LAST_LEVEL + 1)
#: The strengths above which a word is one level stronger.
_BOUNDS = [2.0 ** (_FIRST + step / _STEPS) for step in _LEVELS[1:]]
TOKENIZE = "porter unicode61 remove_diacritics 2"
_WORD = re.compile(r"[^\W_]+")
_ENDINGS = re.compile(r"(?:ies|es|s|ing|ed|ly|al|ion|e|y)$")


def put_in(connection: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Add the rows of papers; the caller holds the write transaction."""
    found = connection.execute(
        "SELECT p.id, title, abstract FROM json_each(?) CROSS JOIN papers p ON p.id = value",
        (json.dumps(sorted(set(numbers))),),
    )
    insert(connection, found)


def insert(connection: sqlite3.Connection, texts: Iterable[tuple[int, str, str]]) -> None:
    """The same where the texts are at hand: (number, title, abstract), in rising order."""
    levels: dict[int, list[tuple[int, str]]] = {level: [] for level in (*_LEVELS, TITLES)}
    for number, title, abstract in texts:
        for level, words in levelled(title, abstract):
            levels[level].append((level << LEVEL_BITS | number, words))
    # In rising order: FTS5 writes out what is pending whenever a row id is not above the last.
    rows = chain.from_iterable(levels.values())
    connection.executemany(f"INSERT INTO {TABLE} (rowid, words) VALUES (?, ?)", rows)


def rebuild(connection: sqlite3.Connection) -> None:
    """Make all rows anew; the caller holds the write transaction."""
    connection.execute(f"INSERT INTO {TABLE} ({TABLE}) VALUES ('delete-all')")
    numbers = [row[0] for row in connection.execute("SELECT id FROM papers ORDER BY id")]
    for start in range(0, len(numbers), 50_000):
        put_in(connection, numbers[start : start + 50_000])


def levelled(title: str, abstract: str) -> Iterator[tuple[int, str]]:
    """The rows of one paper: levels, each with the words of the title that are on it."""
    found = _WORD.findall(title.lower())
    if not found:
        return
    words = dict.fromkeys(found)
    levels: dict[int, list[str]] = {}
    said = abstract.lower()
    length = len(said) / _SIGNS_A_WORD + 2 * len(words)
    bulk = K1 * (1 - B + B * length / USUAL_LENGTH)
    once = len(words) == len(found)
    telling = [word for word in words if word not in STOP]
    for word in telling:
        often = TITLE_WEIGHT * (1 if once else found.count(word)) + said.count(_beginning(word))
        level = level_of(often / bulk)
        if level <= WEAKEST:
            levels.setdefault(level, []).append(word)
    for level, some in levels.items():
        yield level, " ".join(some)
    yield TITLES, " ".join(telling)


@lru_cache(maxsize=50_000)
def _beginning(word: str) -> str:
    """What its forms have in common, roughly."""
    return _ENDINGS.sub("", word) if len(word) > 5 else word


def level_of(strength: float) -> int:
    """The level of a word that is said so often, over the length of its paper; 0 is strongest."""
    return LAST_LEVEL - bisect_right(_BOUNDS, strength)


def worth(level: int) -> float:
    """What BM25 makes of a word on a level, the idf apart: 1.4 on the last, 2.1 on the first."""
    strength = 2.0 ** (_FIRST + (LAST_LEVEL - level + 0.5) / _STEPS)
    return float((K1 + 1) / (1 + 1 / strength))
