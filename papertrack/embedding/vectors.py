"""The vectors of a store's papers, in the order of the papers' numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from papertrack.embedding.bert import Floats

Integers = NDArray[np.integer[Any]]
_AT_ONCE = 4_096


@dataclass(frozen=True)
class Vectors:
    """Vectors of length 1 at half precision; the arrays may lie in a file."""

    numbers: Integers  # int64 [papers], ascending: row ids of the store
    sizes: Integers  # int32 [papers], characters of text: another size is another text
    rows: Floats  # float16 [papers, size]

    @classmethod
    def none(cls, size: int = 0) -> "Vectors":
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros((0, size), np.float16))

    def __len__(self) -> int:
        return len(self.numbers)

    def places(self, numbers: Sequence[int] | Integers) -> tuple[Integers, NDArray[np.bool_]]:
        """The row of each of these papers, and whether it has one at all."""
        wanted = np.asarray(numbers, dtype=np.int64)
        if not len(self):
            return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), bool)
        found = np.minimum(np.searchsorted(self.numbers, wanted), len(self) - 1)
        return found, self.numbers[found] == wanted

    def picked(self, numbers: Sequence[int] | Integers) -> tuple[Floats, NDArray[np.bool_]]:
        """float32 [numbers, size], nought where a paper has no vector; and who has one."""
        places, there = self.places(numbers)
        found = np.zeros((len(there), self.rows.shape[1]), np.float32)
        found[there] = self.rows[places[there]]
        return found, there

    def cosines(self, vector: Floats, numbers: Sequence[int] | Integers | None = None) -> Floats:
        """The cosine of every paper, or of these, to a vector of length 1; nan where unknown."""
        if numbers is None:
            return _times(self.rows, vector)
        places, there = self.places(numbers)
        found = np.full(len(there), np.nan, np.float32)
        found[there] = _times(self.rows, vector, places[there])
        return found

    def nearest(self, vector: Floats, most: int) -> dict[int, float]:
        """The papers nearest to a vector of length 1, with their cosines, at most so many."""
        cosines = self.cosines(vector)
        few = min(most, len(cosines))
        best = np.argpartition(-cosines, few - 1)[:few] if few else np.zeros(0, np.int64)
        return dict(zip(self.numbers[best].tolist(), cosines[best].tolist(), strict=True))

    def with_rows(
        self, numbers: Sequence[int], sizes: Sequence[int], rows: Floats, gone: Sequence[int] = ()
    ) -> "Vectors":
        """The same with these papers, and without those that are gone."""
        old = np.flatnonzero(~np.isin(self.numbers, [*gone, *numbers]))
        merged = np.concatenate([self.numbers[old], np.asarray(numbers, np.int64)])
        order = np.argsort(merged, kind="stable")
        longest = np.concatenate([self.sizes[old], np.asarray(sizes, np.int32)])
        stacked = np.concatenate([self.rows[old], np.asarray(rows, np.float16)])
        return Vectors(merged[order], longest[order], stacked[order])


def to_arrays(vectors: Vectors) -> dict[str, Any]:
    """As arrays that can be written one after the other."""
    return {"numbers": vectors.numbers, "sizes": vectors.sizes, "rows": vectors.rows}


def from_arrays(arrays: Mapping[str, Any]) -> Vectors:
    """Out of their arrays, which may lie in a file; KeyError where one is missing."""
    return Vectors(arrays["numbers"], arrays["sizes"], arrays["rows"])


def array_of(kind: str, shape: Sequence[int], data: memoryview) -> Any:
    """An array over bytes that lie somewhere else, such as in a file."""
    return np.frombuffer(data, np.dtype(kind)).reshape(shape)


def _times(tall: Floats, vector: Floats, places: Integers | None = None) -> Floats:
    """tall @ vector, a part at a time, because the rows lie in a file at half precision."""
    many = len(tall if places is None else places)
    found = np.zeros(many, np.float32)
    for low in range(0, many, _AT_ONCE):
        here = slice(low, low + _AT_ONCE)
        rows = tall[here if places is None else places[here]]
        found[here] = rows.astype(np.float32) @ vector
    return found


def stacked(parts: Sequence[Floats]) -> Floats:
    """These rows below each other; there is at least one part."""
    return np.concatenate(parts)
