"""A model and a taste together: papers in by their numbers, values and reasons out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from papertrack.models import Paper
from papertrack.similarity.model import Model, joined
from papertrack.similarity.sense import Read, Sense, sense
from papertrack.similarity.taste import Taste, best_first, reasons, taste


@dataclass(frozen=True)
class Comparison:
    """What is asked of the papers of a model."""

    model: Model
    taste: Taste
    sense: Sense | None = None

    @classmethod
    def of(
        cls,
        model: Model,
        stored: Sequence[int],
        others: Sequence[Paper] = (),
        hidden: Sequence[int] = (),
        read: Read | None = None,
    ) -> "Comparison":
        """The taste of one who likes papers of the model and `others`, and hid some.

        `read` are the vectors of an embedding model, where there is one.
        """
        liked = model.papers.picked(np.asarray(model.places(stored)[0], np.int64))
        if others:
            liked = joined([liked, model.space.points(others)])
        disliked = model.papers.picked(np.asarray(model.places(hidden)[0], np.int64))
        meant = sense(read, stored, len(others), hidden) if read else None
        return cls(model, taste(model, liked, disliked), meant)

    def best(self, pool: Sequence[int] | None) -> list[tuple[int, float]]:
        """(number, value 0 to 1) of what is more alike than a usual paper, best first.

        Of these papers, or of all that the model has.
        """
        model = self.model
        if pool is None:
            numbers, papers = model.numbers, model.papers
        else:
            places, _ = model.places(pool)
            numbers, papers = model.numbers[places], model.papers.picked(places)
        meant = self.sense.above(numbers) if self.sense else None
        order, values = best_first(self.taste.scores(papers, meant))
        return list(zip(numbers[order].tolist(), values.tolist(), strict=True))

    def why(self, numbers: Sequence[int]) -> dict[int, tuple[int, Sequence[str]]]:
        """For each of these papers the place of the nearest like, and the terms it shares."""
        places, _ = self.model.places(numbers)
        found = reasons(self.model, self.taste, self.model.papers.picked(places))
        return {
            number: (one.nearest, one.shared) for number, one in zip(numbers, found, strict=True)
        }
