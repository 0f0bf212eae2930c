"""Likeness by an embedding model, where one has read the papers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from papertrack.similarity.taste import AGAINST, USUAL
from papertrack.similarity.terms import Floats, Integers

#: What the model has not read cannot be compared with what it has: of the likes, and of the papers
#: to choose from, it must have read so much.
LIKES_READ, POOL_READ = 0.5, 0.95


class Read(Protocol):
    """The vectors of length 1 of the papers that a model has read."""

    @property
    def numbers(self) -> Integers: ...

    def picked(self, numbers: Sequence[int] | Integers) -> tuple[Floats, NDArray[np.bool_]]:
        """[numbers, size], nought where there is none; and where there is one."""

    def cosines(
        self, vector: Floats, numbers: Sequence[int] | Integers | None = None
    ) -> NDArray[np.floating[Any]]:
        """To a vector, [numbers]; nan where there is none."""


@dataclass(frozen=True)
class Sense:
    """The centre of the likes, and how near to it a usual paper is."""

    read: Read
    centre: Floats  # [size]
    middle: float
    width: float

    def above(self, numbers: Sequence[int] | Integers) -> Floats | None:
        """Standard deviations above a usual paper, nan where unread; None where too many are."""
        cosines = self.read.cosines(self.centre, numbers)
        if np.isnan(cosines).sum() > (1 - POOL_READ) * len(cosines):
            return None
        above: Floats = (cosines - self.middle) / self.width
        return above


def sense(
    read: Read, liked: Sequence[int], others: int = 0, hidden: Sequence[int] = ()
) -> Sense | None:
    """What the likes mean to the model; None where it has read too few of them.

    `others` says how many more there are that the store does not have, and so nobody has read.
    """
    rows, there = read.picked(liked)
    if not there.any() or there.sum() < LIKES_READ * (len(liked) + others):
        return None
    centre = rows[there].mean(axis=0)
    against, known = read.picked(hidden)
    if known.any():
        centre = centre - AGAINST * against[known].mean(axis=0)
    many = len(read.numbers)
    some = np.unique(np.linspace(0, many - 1, min(USUAL, many)).astype(np.int64))
    usual = read.cosines(centre, read.numbers[some])
    return Sense(read, centre, float(usual.mean()), float(usual.std()) or 1.0)
