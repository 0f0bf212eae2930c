"""Two scores of the same papers, by words and by meaning, as one. Pure: numbers in, numbers out.

A convex sum of scores that both run from 0 to 1 over what each has found; rank fusion was below it
on every collection (docs/search.md).
"""

from collections.abc import Collection, Mapping

#: What meaning counts for, of 1.
MEANING = 0.35
#: So many of the best of each are mixed.
DEPTH = 1000


def mixed(
    words: Mapping[int, float],
    meaning: Mapping[int, float],
    unknown: Collection[int] = (),
    weight: float = MEANING,
) -> dict[int, float]:
    """The score of every paper that either has found, from 0 to 1.

    A paper in `unknown` has no vector yet, and counts by its words alone.
    """
    by_words, by_meaning = _stretched(words), _stretched(meaning)
    found = {}
    for number in {*by_words, *by_meaning}:
        said = by_words.get(number, 0.0)
        meant = said if number in unknown else by_meaning.get(number, 0.0)
        found[number] = (1 - weight) * said + weight * meant
    return found


def _stretched(scores: Mapping[int, float]) -> dict[int, float]:
    """From 0 to 1: what is not among the best is worth no more than the last of them.

    Where fewer were found than were looked for, what was not found is worth nothing.
    """
    best = max(scores.values(), default=1.0)
    least = min(scores.values()) if len(scores) >= DEPTH else 0.0
    return {number: (score - least) / ((best - least) or 1.0) for number, score in scores.items()}
