"""Maximal marginal relevance: a list in which one lab or one subject does not take every place.

From the top, each next paper is the one whose score, less its likeness to those above it, is best
(Carbonell and Goldstein 1998). Scores stay as they are; only the order changes.
"""

from collections.abc import Sequence

from papertrack.models import Paper, Ranked

#: What a paper that is quite like one above it loses, as a share of the best score of the list.
WEIGHT = 0.35
#: So many places are chosen; what follows keeps its order, and nobody looks that far.
PLACES = 50


def diverse(ranked: Sequence[Ranked]) -> list[Ranked]:
    """The list in an order in which likeness costs."""
    best = max((one.score or 0.0 for one in ranked), default=0.0) or 1.0
    left = list(ranked)
    chosen: list[Ranked] = []
    likeness = [0.0] * len(left)
    while left and len(chosen) < PLACES:
        worth = [
            (one.score or 0.0) / best - WEIGHT * like
            for one, like in zip(left, likeness, strict=True)
        ]
        place = max(range(len(left)), key=lambda number: worth[number])
        taken = left.pop(place)
        likeness.pop(place)
        chosen.append(taken)
        likeness = [
            max(like, _alike(one.entry.paper, taken.entry.paper))
            for one, like in zip(left, likeness, strict=True)
        ]
    return chosen + left


def _alike(one: Paper, other: Paper) -> float:
    """1 for papers of one organization, else the share of keywords that they have in common."""
    if one.organization and one.organization.casefold() == other.organization.casefold():
        return 1.0
    words, others = set(one.keywords), set(other.keywords)
    return len(words & others) / len(words | others) if words and others else 0.0
