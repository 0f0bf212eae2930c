"""The last answer of `recommend`, kept beside the store: asked again, it needs no arithmetic.

It is whole: every paper that was more alike than a usual one, in order, with its value, and the
reasons of the first few hundred. It stands for as long as its key does, which names all that went
into it but the papers that were to choose from: their likeness does not hang on each other, so an
answer for more papers holds an answer for fewer. Like the model it may be lost at any time.
"""

import json
from array import array
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import overload

from papertrack import model_file
from papertrack.model_file import Part

#: For each paper the place of the nearest like, and the terms that it shares.
Reasons = Mapping[int, tuple[int, Sequence[str]]]


@dataclass(frozen=True)
class Answer:
    """(number, value) best first, of the pool or, where there is none, of all papers."""

    best: Sequence[tuple[int, float]]
    why: Reasons
    pool: frozenset[int] | None = None

    def for_fewer(self, pool: Sequence[int] | None) -> "Answer | None":
        """The answer for a part of the papers; None where some were not compared."""
        if pool is None:
            return self if self.pool is None else None
        wanted = frozenset(pool)
        if self.pool is not None and not wanted <= self.pool:
            return None
        if wanted == self.pool:
            return self
        return Answer([one for one in self.best if one[0] in wanted], self.why, wanted)


@dataclass(frozen=True)
class _Pairs(Sequence[tuple[int, float]]):
    """(number, value) as they lie in the file: of many, a reader sees twenty."""

    numbers: "memoryview[int]"
    values: "memoryview[float]"

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, place: int) -> tuple[int, float]: ...
    @overload
    def __getitem__(self, place: slice) -> list[tuple[int, float]]: ...
    def __getitem__(self, place: int | slice) -> tuple[int, float] | list[tuple[int, float]]:
        if isinstance(place, int):
            return self.numbers[place], self.values[place]
        return list(zip(self.numbers[place], self.values[place], strict=True))


def read(path: Path, key: str) -> Answer | None:
    """The answer under this key; None where there is none that can be used."""
    parts = model_file.read(path, key)
    with suppress(KeyError, ValueError, TypeError, UnicodeDecodeError):
        if parts is not None:
            best = _Pairs(parts["best"].data.cast("q"), parts["values"].data.cast("d"))
            if len(best.numbers) != len(best.values):
                return None
            why = json.loads(bytes(parts["why"].data))
            return Answer(
                best,
                {number: (near, shared) for number, (near, shared) in why},
                frozenset(parts["pool"].data.cast("q")) if "pool" in parts else None,
            )
    return None


def write(path: Path, key: str, answer: Answer) -> None:
    """Keep it in place of the last one. Raises OSError where that cannot be done."""
    why = json.dumps(list(answer.why.items())).encode()
    parts = [
        _part("best", "q", (number for number, _ in answer.best)),
        _part("values", "d", (value for _, value in answer.best)),
        *([_part("pool", "q", sorted(answer.pool))] if answer.pool is not None else []),
        Part("why", "|u1", [len(why)], memoryview(why)),
    ]
    model_file.write(path, key, parts)


def _part(name: str, kind: str, values: Iterable[float]) -> Part:
    data = array(kind, values)
    whole = memoryview(data.tobytes())
    return Part(name, "<i8" if kind == "q" else "<f8", [len(data)], whole)
