"""Texts to words: folded, without those that say nothing, singular and plural the same."""

import re
from collections.abc import Iterable
from itertools import pairwise

from papertrack.matching import fold

_WORD = re.compile(r"[^\W_]{2,}")

_STOP = """
about above after again all also am an and any are as at be because been before being below
between both but by can could did do does doing down during each few for from further had has
have having he her here hers him his how however if in into is it its itself just me more most
my no nor not now of off on once only or other our ours out over own same she should so some
such than that the their theirs them then there these they this those through thus to too
under until up upon very via was we were what when where whether which while who whom whose why
will with within without would you your yours
mathcal mathbb mathbf mathrm textbf textit texttt emph
"""
#: Words that say nothing: common ones, and the commands of TeX.
STOP = frozenset(_STOP.split())


def stem(word: str) -> str:
    """The singular, as far as spelling tells; never shown to anybody."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def words(text: str) -> list[str]:
    """The words of a text as it spells them, folded, in their order, with stop words."""
    return _WORD.findall(fold(text))


def telling(text: str) -> list[str]:
    """The stems of the words that say something, in their order."""
    return [stem(word) for word in words(text) if word not in STOP]


def terms(text: str) -> list[str]:
    """Words and pairs of neighbours, as they are counted."""
    single = telling(text)
    return single + [f"{a} {b}" for a, b in pairwise(single)]


def spelt(stems: Iterable[str], text: str, most: int) -> list[str]:
    """The terms as this text spells them: the first ones, and no word that a pair holds already."""
    spelling: dict[str, str] = {}
    for word in words(text):
        spelling.setdefault(stem(word), word)
    chosen: list[list[str]] = []
    for term in stems:
        parts = [spelling.get(part, part) for part in term.split()]
        if any(set(parts) & set(other) for other in chosen):
            continue
        chosen.append(parts)
        if len(chosen) == most:
            break
    return [" ".join(parts) for parts in chosen]
