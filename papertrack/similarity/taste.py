"""What somebody likes, as two questions to every paper, and the answers as one number.

By **words**: how much of the centre of the likes is in a paper's row, less what of that is common
to all papers (linear discriminant analysis with the covariance along the latent directions, ridge
`model.RIDGE`; with one class of a few papers against all others it finds what a linear classifier
finds, without training one). By **place**: the cosine to the centre of the likes in the latent
space. Both are counted in standard deviations above a usual paper of the store. How alike the likes
are decides how much each counts: likes that are no more alike than any two papers of the store are
compared by words only.
"""

from dataclasses import dataclass

import numpy as np

from papertrack.similarity.model import Model, Points, Space
from papertrack.similarity.terms import Floats, Integers

#: Likes whose mean cosine is so much above that of any two papers are one topic.
ONE_TOPIC = 0.3
#: The most that the latent place counts.
MOST_PLACE = 0.7
#: With an embedding model: the most that both kinds of place count together, and its part of that;
#: of a single like, and of several, whose common words say more.
ONE_WITH_MODEL, MANY_WITH_MODEL = (0.85, 0.6), (0.7, 0.2)
#: How much the centre of the hidden papers takes away from that of the liked ones.
AGAINST = 0.25
#: A term of less idf, which one paper in ten has, is a poor reason.
TELLING = 3.3
#: So many papers say what a usual one is.
USUAL = 2_000
#: A paper that is so many standard deviations above a usual one gets half of the points.
HALF = 4.0


@dataclass(frozen=True)
class Taste:
    """The two questions, and how to weigh the answers."""

    centre: Floats  # [terms], the mean row of the likes less a part of that of the hidden
    common: Floats  # [directions], what of the centre lies along directions common to all
    place: Floats  # [directions]
    liked: Points
    weight: float  # of the place, 0 to MOST_PLACE
    usual: tuple[float, float, float, float] = (0.0, 1.0, 0.0, 1.0)  # mean, deviation of each

    def answers(self, papers: Points) -> tuple[Floats, Floats]:
        """By words and by place, as they come: [papers] each."""
        both = np.stack([self.common, self.place], axis=1)
        along = _times(papers.latent, both)
        shared = along[:, 0] * papers.lengths
        return papers.rows.times(self.centre) - shared, along[:, 1]

    def scores(self, papers: Points, meant: Floats | None = None) -> Floats:
        """Standard deviations above a usual paper, [papers].

        `meant` is the same by an embedding model, nan for papers that it has not read.
        """
        words, place = self.answers(papers)
        middle, wide, place_middle, place_wide = self.usual
        by_words, by_place = (words - middle) / wide, (place - place_middle) / place_wide
        weight = self.weight
        if meant is not None:
            most, part = ONE_WITH_MODEL if len(self.liked) == 1 else MANY_WITH_MODEL
            both = (1 - part) * by_place + part * meant
            by_place = np.where(np.isnan(meant), by_place, both)
            weight *= most / MOST_PLACE
        return (1 - weight) * by_words + weight * by_place


def taste(model: Model, liked: Points, hidden: Points | None = None) -> Taste:
    """What the likes have in common, against the papers of the store."""
    centre, along, place = _centre(model.space, liked)
    if hidden is not None and len(hidden):
        less = _centre(model.space, hidden)
        centre, along, place = (
            mine - AGAINST * theirs
            for mine, theirs in zip((centre, along, place), less, strict=True)
        )
    above = alike(liked) - float(model.space.middle @ model.space.middle)
    weight = MOST_PLACE * min(1.0, max(0.0, above / ONE_TOPIC))
    question = Taste(centre, model.space.gains * along, place, liked, weight)
    many = len(model.papers)
    some = np.unique(np.linspace(0, max(0, many - 1), min(USUAL, many)).astype(np.int64))
    words, places = question.answers(model.papers.picked(some))
    usual = (*_middle_and_width(words), *_middle_and_width(places))
    return Taste(centre, question.common, place, liked, weight, usual)


def alike(liked: Points) -> float:
    """The mean cosine of two likes; 1 for a single one."""
    many = len(liked)
    if many < 2:
        return 1.0
    middle = liked.latent.sum(axis=0, dtype=np.float64)
    return float((middle @ middle - many) / (many * (many - 1)))


@dataclass(frozen=True)
class Why:
    """Which like a paper is nearest to, and the terms that it shares, most telling first."""

    nearest: int
    shared: tuple[str, ...]


def reasons(model: Model, asked: Taste, papers: Points, most: int = 8) -> list[Why]:
    """Why each of these papers is liked."""
    names = model.space.vocabulary
    cosines = papers.latent @ asked.liked.latent.T
    by_words = np.zeros_like(cosines)
    for column in range(len(asked.liked)):
        by_words[:, column] = papers.rows.times(_row(asked.liked, column, len(names)))
    nearest = np.argmax(asked.weight * cosines + (1 - asked.weight) * by_words, axis=1)
    found = []
    for place in range(len(papers)):
        low, high = papers.rows.starts[place : place + 2]
        columns = papers.rows.columns[low:high]
        parts = asked.centre[columns] * papers.rows.weights[low:high]
        parts[names.idf[columns] < TELLING] *= 0.01
        best = np.argsort(-parts, kind="stable")[:most]
        shared = tuple(names.term(int(columns[one])) for one in best if parts[one] > 0)
        found.append(Why(int(nearest[place]), shared))
    return found


def _centre(space: Space, papers: Points) -> tuple[Floats, Floats, Floats]:
    """The mean row, dense; its place in the latent space; the mean of the unit places."""
    many = max(1, len(papers))
    weights = papers.rows.weights.astype(np.float64)
    row = np.bincount(papers.rows.columns, weights, minlength=len(space.vocabulary)) / many
    along = (papers.latent * papers.lengths[:, None]).sum(axis=0) / many
    return row.astype(np.float32), along, papers.latent.sum(axis=0) / many


def _row(papers: Points, place: int, terms: int) -> Floats:
    dense = np.zeros(terms, np.float32)
    low, high = papers.rows.starts[place : place + 2]
    dense[papers.rows.columns[low:high]] = papers.rows.weights[low:high]
    return dense


def _times(tall: Floats, thin: Floats) -> Floats:
    """tall @ thin; a part at a time where it lies in a file at half precision."""
    if tall.dtype == np.float32:
        return tall @ thin
    step = 4_096
    parts = [tall[low : low + step].astype(np.float32) @ thin for low in range(0, len(tall), step)]
    return np.concatenate(parts) if parts else np.zeros((0, thin.shape[1]), np.float32)


def _middle_and_width(values: Floats) -> tuple[float, float]:
    if not len(values):
        return 0.0, 1.0
    return float(values.mean()), float(values.std()) or 1.0


def best_first(scores: Floats) -> tuple[Integers, Floats]:
    """Where the papers are that are more alike than a usual one, best first, and their values."""
    order = np.argsort(-scores, kind="stable")
    order = order[: int((scores > 0).sum())]
    return order, scores[order] / (scores[order] + HALF)
