"""Words that the index does not know, made into words that it knows.

The vocabulary is never read through, which at three million papers would take seconds: what one
slip of the fingers could have come from is written out, a few hundred words, and the index is
asked for each.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from string import ascii_lowercase

from papertrack.matching import fold
from papertrack.querying import Query, Term, words_of

#: A shorter word has too many neighbours to be mended, and a longer one is none.
SHORTEST, LONGEST = 4, 30
#: The least that a word is split into, and how often both have to stand side by side.
_PART, _TOGETHER = 3, 2
_COLUMN = {"title": "title", "author": "authors"}
_COUNTED = 1000  # of two words that are both so frequent none is better


@dataclass(frozen=True)
class Mended:
    """A question that can be asked, and what was mended in it: (typed, instead)."""

    query: Query
    repairs: tuple[tuple[str, str], ...] = ()


def mended(connection: sqlite3.Connection, query: Query) -> Mended:
    """A question whose ranked words the index knows, as far as they are near to such words."""
    index = _Index(connection)
    chosen: list[Term] = []
    repairs: dict[str, str] = {}
    for term in query.words:
        word = term.words[0].lower()
        known = term.prefix or index.has(word)
        if not known and (instead := index.instead_of(word)):
            repairs[word] = " ".join(instead)
            chosen += [Term((one,)) for one in instead]
        else:
            chosen.append(term)
    also = tuple(index.as_known(term) for term in query.also)
    return Mended(replace(query, words=tuple(chosen), also=also), tuple(repairs.items()))


def suggested(connection: sqlite3.Connection, query: Query) -> tuple[tuple[str, str], ...]:
    """For names and title words that nothing is known of, what may have been meant."""
    index = _Index(connection)
    found = []
    for term in query.required:
        if term.field in _COLUMN and len(term.words) == 1 and not term.prefix:
            word, column = term.words[0].lower(), _COLUMN[term.field]
            if not index.has(word, column) and (near := index.nearest(word, column)):
                found.append((f"{term.field}:{word}", f"{term.field}:{near}"))
    return tuple(found)


class _Index:
    """What the index knows; each question is asked once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.has = lru_cache(maxsize=None)(self._has)

    def instead_of(self, word: str) -> tuple[str, ...]:
        """What an unknown word was meant to be: one word, or two; empty where nothing is near."""
        if not SHORTEST <= len(word) <= LONGEST or not word.isascii() or not word.isalpha():
            return ()
        count, best = max(((self._titles_with(one), one) for one in _near(word)), default=(0, ""))
        return (best,) if count else self._split(word)

    def as_known(self, compound: Term) -> Term:
        """`e-commerce` in one word, where the index knows it only so."""
        together = "".join(compound.words).lower()
        if self.has(" ".join(compound.words).lower()) or not self.has(together):
            return compound
        return Term((together,))

    def nearest(self, word: str, column: str) -> str:
        """The most frequent word of a column, as it is spelt there, that is near to one, or ""."""
        if not SHORTEST <= len(word) <= LONGEST or not word.isascii():
            return ""
        count_of = self._titles_with if column == "title" else self._names_with
        count, best = max(((count_of(one), one) for one in _near(word)), default=(0, ""))
        return best if count else ""

    def _titles_with(self, word: str) -> int:
        return self._count("titles_fts", f'"{word}"')

    def _names_with(self, word: str) -> int:
        """How many papers have a name as it is spelt: the index of names knows stems alone."""
        found = self._connection.execute(
            "SELECT authors FROM papers_fts WHERE papers_fts MATCH ? LIMIT ?",
            (f'authors : "{word}"', _COUNTED),
        )
        return sum(word in words_of(fold(authors)) for (authors,) in found)

    def _split(self, word: str) -> tuple[str, ...]:
        places = range(_PART, len(word) - _PART + 1)
        pairs = [(word[:place], word[place:]) for place in places]
        found = [(self._count("papers_fts", f'"{a} {b}"'), a, b) for a, b in pairs]
        count, one, other = max(found, default=(0, "", ""))
        return (one, other) if count >= _TOGETHER else ()

    def _has(self, word: str, column: str = "{title abstract authors}") -> bool:
        return self._count("papers_fts", f'{column} : "{word}"', 1) > 0

    def _count(self, table: str, expression: str, most: int = _COUNTED) -> int:
        """How many papers have it, as far as that matters."""
        found = self._connection.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {table} MATCH ? LIMIT ?)",
            (expression, most),
        )
        return int(found.fetchone()[0])


def _near(word: str) -> Iterable[str]:
    """All words from which one slip makes this one; the first letter is taken for right."""
    head, tail = word[0], word[1:]
    found = set()
    for place in range(len(tail) + 1):
        before, after = head + tail[:place], tail[place:]
        found |= {before + letter + after for letter in ascii_lowercase}
        if after:
            found.add(before + after[1:])
            found |= {before + letter + after[1:] for letter in ascii_lowercase}
        if len(after) > 1:
            found.add(before + after[1] + after[0] + after[2:])
    return found - {word}
