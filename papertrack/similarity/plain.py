"""Likeness without numpy: TF-IDF, and the cosine to the centre of what is liked."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from papertrack.models import Paper
from papertrack.similarity.words import terms

Row = Mapping[str, float]
#: A title's words count so often.
TITLE = 2
#: How much the centre of the hidden papers takes away from that of the liked ones.
AGAINST = 0.25
#: So many shared terms are told.
MOST_SHARED = 8


class Likeness(NamedTuple):
    """How much a paper is like the likes."""

    value: float  # 0 to 1, the cosine to their centre
    nearest: int  # the place of the like that is nearest
    shared: tuple[str, ...]  # terms, most telling first


def likeness(
    pool: Sequence[Paper], liked: Sequence[Paper], hidden: Sequence[Paper] = ()
) -> list[Likeness]:
    """How much each paper of the pool is like what is liked."""
    counts = [_counts(paper) for paper in (*pool, *liked, *hidden)]
    found = Counter(term for one in counts for term in one)
    idf = {term: math.log((1 + len(counts)) / (1 + seen)) + 1 for term, seen in found.items()}
    rows = [_row(one, idf) for one in counts]
    after = len(pool) + len(liked)
    likes = rows[len(pool) : after]
    centre = _centre(likes)
    for term, weight in _centre(rows[after:]).items():
        centre[term] = centre.get(term, 0.0) - AGAINST * weight
    length = math.sqrt(sum(weight**2 for weight in centre.values())) or 1.0
    return [_likeness(row, centre, length, likes) for row in rows[: len(pool)]]


def _likeness(row: Row, centre: Row, length: float, likes: Sequence[Row]) -> Likeness:
    parts = {term: weight * centre.get(term, 0.0) for term, weight in row.items()}
    telling = sorted((term for term in parts if parts[term] > 0), key=lambda one: -parts[one])
    value = min(1.0, max(0.0, sum(parts.values()) / length))
    near = max(range(len(likes)), key=lambda place: _cosine(row, likes[place])) if value else 0
    return Likeness(value, near, tuple(telling[:MOST_SHARED]))


def _cosine(row: Row, other: Row) -> float:
    return sum(weight * other.get(term, 0.0) for term, weight in row.items())


def _counts(paper: Paper) -> Counter[str]:
    counts = Counter(terms(paper.abstract))
    for term in terms(paper.title):
        counts[term] += TITLE
    return counts


def _row(counts: Mapping[str, int], idf: Mapping[str, float]) -> Row:
    """Weights of length 1; one paper's word says nothing about others, so it stays in `idf`."""
    weights = {term: (1 + math.log(seen)) * idf[term] for term, seen in counts.items()}
    length = math.sqrt(sum(weight**2 for weight in weights.values())) or 1.0
    return {term: weight / length for term, weight in weights.items()}


def _centre(rows: Sequence[Row]) -> dict[str, float]:
    centre: dict[str, float] = {}
    for row in rows:
        for term, weight in row.items():
            centre[term] = centre.get(term, 0.0) + weight / len(rows)
    return centre
