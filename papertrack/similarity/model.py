"""All papers of a store as rows and points: learned once, added to, rebuilt when it has grown."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from papertrack.models import Paper
from papertrack.similarity import terms
from papertrack.similarity.basis import basis, product
from papertrack.similarity.terms import Floats, Integers, Rows, Vocabulary
from papertrack.similarity.threads import one_thread

#: The directions are learned from so many papers at most, spread evenly over the store.
SAMPLE = 12_000
#: How strongly what all papers have in common is taken out of a comparison by words: the variance
#: along a direction at which half of it is.
RIDGE = 0.02
#: Learned anew when there are so many times the papers that it was learned from.
OUTGROWN = 1.5
Arrays = Mapping[str, Any]  # name -> numpy array


@dataclass(frozen=True)
class Points:
    """Papers as numbers: a sparse row each, and a point in the latent space.

    The row's projection is `latent * lengths`.
    """

    rows: Rows
    latent: Floats  # [papers, directions], each of length 1
    lengths: Floats  # [papers]

    def __len__(self) -> int:
        return len(self.lengths)

    def picked(self, places: Integers) -> "Points":
        return Points(
            self.rows.picked(places),
            self.latent[places].astype(np.float32),
            self.lengths[places].astype(np.float32),
        )


def joined(parts: Sequence[Points]) -> Points:
    return Points(
        terms.stacked(part.rows for part in parts),
        np.concatenate([part.latent for part in parts]),
        np.concatenate([part.lengths for part in parts]),
    )


@dataclass(frozen=True)
class Space:
    """What was learned from the papers, and turns any paper into a point."""

    vocabulary: Vocabulary
    directions: Floats  # [terms, directions]
    middle: Floats  # [directions], the mean of the points the space was learned from
    gains: Floats  # [directions], 0 to 1: how much of each is common to all

    def points(self, papers: Iterable[Paper]) -> Points:
        known = {word: number for number, word in enumerate(self.vocabulary.words)}
        return self.placed(terms.rows(terms.tokens(papers, known), self.vocabulary))

    def placed(self, rows: Rows) -> Points:
        """Rows with their places in the latent space."""
        latent = product(rows, self.directions)
        lengths = np.linalg.norm(latent, axis=1)
        return Points(rows, latent / np.maximum(lengths, 1e-9)[:, None], lengths)


@dataclass(frozen=True)
class Model:
    """The papers of a store, in the order of their numbers."""

    space: Space
    numbers: Integers  # int64 [papers], ascending
    sizes: Integers  # [papers], characters of text: another size is another text
    papers: Points
    learned_from: int  # how many papers there were then

    def places(self, numbers: Sequence[int]) -> tuple[Integers, list[int]]:
        """Where these papers are, and which are not there."""
        wanted = np.asarray(numbers, dtype=np.int64)
        found = np.minimum(np.searchsorted(self.numbers, wanted), max(0, len(self.numbers) - 1))
        there = self.numbers[found] == wanted if len(self.numbers) else np.zeros(len(wanted), bool)
        return found[there], wanted[~there].tolist()

    def outgrown(self, papers: int) -> bool:
        return papers > OUTGROWN * self.learned_from

    def with_papers(
        self, numbers: Sequence[int], papers: Sequence[Paper], gone: Sequence[int] = ()
    ) -> "Model":
        """The same with more papers, and without those that are gone or told anew."""
        old = np.flatnonzero(~np.isin(self.numbers, [*gone, *numbers]))
        new = self.space.points(papers)
        merged = np.concatenate([self.numbers[old], np.asarray(numbers, np.int64)])
        order = np.argsort(merged, kind="stable")
        sizes = np.concatenate([self.sizes[old], [size(paper) for paper in papers]])
        return Model(
            self.space,
            merged[order],
            sizes[order].astype(np.int32),
            joined([self.papers.picked(old), new]).picked(order),
            self.learned_from,
        )


def size(paper: Paper) -> int:
    """How long the text of a paper is, in characters."""
    return len(paper.title) + len(paper.abstract)


def learn(
    numbered: Iterable[tuple[int, Paper]],
    progress: Callable[[int], None] = lambda done: None,
) -> Model:
    """The model of these papers, which come in the order of their numbers."""
    numbers: list[int] = []
    sizes: list[int] = []

    def noted() -> Iterable[Paper]:
        for number, paper in numbered:
            numbers.append(number)
            sizes.append(size(paper))
            yield paper

    known: dict[str, int] = {}
    read = terms.tokens(noted(), known, grow=True, progress=progress)
    kept = terms.vocabulary(read, known)
    rows = terms.rows(terms.renumbered(read, known, kept), kept)
    places = np.array(numbers, np.int64), np.array(sizes, np.int32)
    with one_thread():
        space = _space(rows, kept)
        model = Model(space, *places, space.placed(rows), learned_from=len(rows))
    return from_arrays(to_arrays(model))  # rounded as it is kept, so that answers stay the same


def _space(rows: Rows, kept: Vocabulary) -> Space:
    spread = np.unique(np.linspace(0, max(0, len(rows) - 1), min(SAMPLE, len(rows))).astype(int))
    sample = rows.picked(spread)
    if not len(kept) or not len(sample):
        none = np.zeros(0, np.float32)
        return Space(kept, np.zeros((len(kept), 0), np.float32), none, none)
    found = basis(sample, len(kept))
    directions = found.directions.astype(np.float16)
    projected = product(sample, directions)
    lengths = np.linalg.norm(projected, axis=1)
    middle = (projected / np.maximum(lengths, 1e-9)[:, None]).mean(axis=0)
    return Space(kept, directions, middle, found.variances / (found.variances + RIDGE))


def to_arrays(model: Model) -> dict[str, Any]:
    """The model as arrays that can be written one after the other."""
    space, papers = model.space, model.papers
    return {
        "learned_from": np.array([model.learned_from], np.int64),
        "words": np.frombuffer("\n".join(space.vocabulary.words).encode(), np.uint8),
        "pairs": np.ascontiguousarray(space.vocabulary.pairs),
        "idf": space.vocabulary.idf.astype(np.float32),
        "directions": space.directions.astype(np.float16),
        "middle": space.middle.astype(np.float32),
        "gains": space.gains.astype(np.float32),
        "numbers": model.numbers,
        "sizes": model.sizes,
        "starts": papers.rows.starts,
        "columns": np.ascontiguousarray(papers.rows.columns),
        "weights": papers.rows.weights.astype(np.float16),
        "latent": papers.latent.astype(np.float16),
        "lengths": papers.lengths.astype(np.float32),
    }


def from_arrays(arrays: Arrays) -> Model:
    """The model out of its arrays, which may lie in a file; KeyError where one is missing."""
    text = bytes(arrays["words"]).decode()
    vocabulary = Vocabulary(tuple(text.split("\n")) if text else (), arrays["pairs"], arrays["idf"])
    return Model(
        Space(vocabulary, arrays["directions"], arrays["middle"], arrays["gains"]),
        arrays["numbers"],
        arrays["sizes"],
        Points(
            Rows(arrays["starts"], arrays["columns"], arrays["weights"]),
            arrays["latent"],
            arrays["lengths"],
        ),
        int(arrays["learned_from"][0]),
    )


def differences(model: Model, numbers: Sequence[int]) -> tuple[list[int], list[int]]:
    """Of the papers there are, those that the model lacks; and those it has that are gone."""
    there = np.asarray(numbers, np.int64)
    missing = np.setdiff1d(there, model.numbers, assume_unique=True)
    return missing.tolist(), np.setdiff1d(model.numbers, there, assume_unique=True).tolist()


def array_of(kind: str, shape: Sequence[int], data: memoryview) -> Any:
    """An array over bytes that lie somewhere else, such as in a file."""
    return np.frombuffer(data, np.dtype(kind)).reshape(shape)
