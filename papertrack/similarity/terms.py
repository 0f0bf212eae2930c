"""Papers to sparse rows of TF-IDF weights over words and pairs of neighbouring words.

Reading is Python's (a regular expression and a dictionary), counting is numpy's: a word is a
number, a pair is two of them in one 64-bit integer.
"""

from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from papertrack.models import Paper
from papertrack.similarity.words import STOP, stem, words

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.integer[Any]]

#: At most so many terms, the most frequent first, each in two papers at least.
MOST_TERMS = 100_000
TITLE = 2  # a title's words count so often
_STOPPED, _UNKNOWN = -1, -2
_CHUNK = 4_000  # papers that are counted together


@dataclass(frozen=True)
class Rows:
    """A sparse matrix by rows: row i is columns[starts[i]:starts[i + 1]] with their weights."""

    starts: Integers  # int64 [papers + 1]
    columns: Integers  # int32 [entries]
    weights: Floats  # [entries]; each row has length 1

    def __len__(self) -> int:
        return len(self.starts) - 1

    def picked(self, places: Integers) -> "Rows":
        """These rows, in this order."""
        sizes = self.starts[places + 1] - self.starts[places]
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        take = np.arange(starts[-1]) + np.repeat(self.starts[places] - starts[:-1], sizes)
        return Rows(starts, self.columns[take], self.weights[take])

    def owners(self) -> Integers:
        """For each entry the row that it is in."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def times(self, column: Floats) -> Floats:
        """The product with one dense column."""
        products = column[self.columns]
        products *= self.weights
        out = np.zeros(len(self), np.float32)
        filled = np.flatnonzero(self.starts[1:] > self.starts[:-1])
        if len(filled):
            out[filled] = np.add.reduceat(products, self.starts[filled])
        return out


def stacked(parts: Iterable[Rows]) -> Rows:
    """Rows below rows."""
    blocks = list(parts)
    sizes = np.concatenate([np.diff(block.starts) for block in blocks])
    return Rows(
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        np.concatenate([block.columns for block in blocks]),
        np.concatenate([block.weights for block in blocks]),
    )


@dataclass(frozen=True)
class Vocabulary:
    """The terms: words are the columns 0 to len(words) - 1, pairs those after them."""

    words: tuple[str, ...]  # stems
    pairs: Integers  # int64, ascending: the number of the first word << 32 | that of the second
    idf: Floats  # [terms]

    def __len__(self) -> int:
        return len(self.idf)

    def term(self, column: int) -> str:
        if column < len(self.words):
            return self.words[column]
        pair = int(self.pairs[column - len(self.words)])
        return f"{self.words[pair >> 32]} {self.words[pair & 0xFFFFFFFF]}"


@dataclass(frozen=True)
class Tokens:
    """Papers as numbered words: stop words are gone, unknown words are negative."""

    words: Integers  # [tokens]
    segments: Integers  # [tokens]; 2 * paper for a title, 2 * paper + 1 for an abstract
    papers: int

    def chunks(self) -> "Iterable[Tokens]":
        """The same, some papers at a time; each part counts its papers from 0."""
        for first in range(0, self.papers, _CHUNK):
            last = min(self.papers, first + _CHUNK)
            low, high = np.searchsorted(self.segments, [2 * first, 2 * last])
            yield Tokens(self.words[low:high], self.segments[low:high] - 2 * first, last - first)

    def pairs(self) -> tuple[Integers, Integers]:
        """The codes of neighbouring known words, and the segment of each."""
        first, second = self.words[:-1].astype(np.int64), self.words[1:].astype(np.int64)
        good = (self.segments[1:] == self.segments[:-1]) & (first >= 0) & (second >= 0)
        return first[good] << 32 | second[good], self.segments[:-1][good]


class _Numbers(dict[str, int]):
    """A word as it is spelt to the number of its stem."""

    def __init__(self, known: dict[str, int], *, grow: bool) -> None:
        super().__init__(dict.fromkeys(STOP, _STOPPED))
        self.known, self.grow = known, grow

    def __missing__(self, word: str) -> int:
        unknown = len(self.known) if self.grow else _UNKNOWN
        base = stem(word)
        number = (
            self.known.setdefault(base, unknown) if self.grow else self.known.get(base, unknown)
        )
        self[word] = number
        return number


def tokens(
    papers: Iterable[Paper],
    known: dict[str, int],
    *,
    grow: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> Tokens:
    """Read papers; with `grow`, words that are new are added to the known ones."""
    number = _Numbers(known, grow=grow).__getitem__
    read, sizes = array("i"), array("i")
    done = 0
    for done, paper in enumerate(papers, 1):
        for text in (paper.title, paper.abstract):
            found = words(text)
            read.extend(map(number, found))
            sizes.append(len(found))
        if done % 500 == 0:
            progress(done)
    numbers = np.frombuffer(read, np.int32) if read else np.empty(0, np.int32)
    segments = np.repeat(np.arange(2 * done, dtype=np.int32), sizes)
    telling = numbers != _STOPPED
    return Tokens(numbers[telling], segments[telling], done)


def vocabulary(read: Tokens, known: dict[str, int], most: int = MOST_TERMS) -> Vocabulary:
    """The most frequent terms of these papers, of those that two papers have."""
    stems = list(known)
    word_papers, word_uses = np.zeros(len(stems)), np.zeros(len(stems))
    pair_counts = []
    for part in read.chunks():
        codes, papers, uses = _counted(part.words, part.segments)
        word_papers[codes] += papers
        word_uses[codes] += uses
        pair_counts.append(_counted(*part.pairs()))
    pairs, pair_papers, pair_uses = _summed(pair_counts)
    uses = np.concatenate([word_uses, pair_uses])
    seen = np.concatenate([word_papers, pair_papers])
    order = np.argsort(-uses, kind="stable")
    kept = np.sort(order[seen[order] >= 2][:most])
    chosen = kept[kept < len(stems)]
    place = np.full(len(stems), -1, dtype=np.int64)
    place[chosen] = np.arange(len(chosen))
    picked = kept[kept >= len(stems)]
    moved = place[pairs[picked - len(stems)] >> 32] << 32
    moved |= place[pairs[picked - len(stems)] & 0xFFFFFFFF]
    inside = moved >= 0  # a pair of words that are both kept
    again = np.argsort(moved[inside])
    papers = np.concatenate([seen[chosen], seen[picked][inside][again]])
    idf = np.log((1 + read.papers) / (1 + papers)) + 1
    names = tuple(stems[number] for number in chosen)
    return Vocabulary(names, moved[inside][again], idf.astype(np.float32))


def _counted(codes: Integers, segments: Integers) -> tuple[Integers, Floats, Floats]:
    """Each code, in how many papers it is, and how often in all, titles weighing more."""
    known = codes >= 0
    codes, segments = codes[known], segments[known]
    distinct, place = np.unique(codes, return_inverse=True)
    uses = np.bincount(place, np.where(segments % 2, 1.0, TITLE), minlength=len(distinct))
    once = np.unique((segments // 2).astype(np.int64) * max(1, len(distinct)) + place)
    papers = np.bincount(once % max(1, len(distinct)), minlength=len(distinct))
    return distinct, papers.astype(np.float64), uses.astype(np.float64)


def _summed(
    parts: list[tuple[Integers, Floats, Floats]],
) -> tuple[Integers, Floats, Floats]:
    """The counts of several parts as those of the whole."""
    if not parts:
        return np.empty(0, np.int64), np.empty(0), np.empty(0)
    distinct, place = np.unique(np.concatenate([part[0] for part in parts]), return_inverse=True)
    papers, uses = (
        np.bincount(place, np.concatenate([part[which] for part in parts]), len(distinct))
        for which in (1, 2)
    )
    return distinct, papers.astype(np.float64), uses.astype(np.float64)


def renumbered(read: Tokens, known: dict[str, int], kept: Vocabulary) -> Tokens:
    """Tokens in the numbers of the vocabulary."""
    place = {word: number for number, word in enumerate(kept.words)}
    table = np.array([place.get(word, _UNKNOWN) for word in known], dtype=np.int32)
    return Tokens(table[read.words] if len(table) else read.words, read.segments, read.papers)


def rows(read: Tokens, kept: Vocabulary) -> Rows:
    """The TF-IDF row of each paper: (1 + log of the uses) * idf, to length 1."""
    return stacked([_rows(part, kept) for part in read.chunks()] or [_rows(read, kept)])


def _rows(read: Tokens, kept: Vocabulary) -> Rows:
    codes, of_pair = read.pairs()
    place = np.searchsorted(kept.pairs, codes)
    there = place < len(kept.pairs)
    there[there] = kept.pairs[place[there]] == codes[there]
    single = read.words >= 0
    columns = np.concatenate([read.words[single], place[there] + len(kept.words)]).astype(np.int64)
    segments = np.concatenate([read.segments[single], of_pair[there]]).astype(np.int64)
    wide = max(1, len(kept))
    entries, again = np.unique(segments // 2 * wide + columns, return_inverse=True)
    uses = np.bincount(again, np.where(segments % 2, 1.0, TITLE), minlength=len(entries))
    owners, columns = entries // wide, entries % wide
    weights = (1 + np.log(uses)) * kept.idf[columns]
    lengths = np.sqrt(np.bincount(owners, weights**2, minlength=read.papers))
    starts = np.searchsorted(owners, np.arange(read.papers + 1)).astype(np.int64)
    return Rows(starts, columns.astype(np.int32), (weights / lengths[owners]).astype(np.float32))
