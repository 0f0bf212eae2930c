"""Which papers of a list a reader wants to see, and how many each wish takes away."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from papertrack.models import Ranked, Topic


class Selection(NamedTuple):
    """The filters of a view. Empty means: everything but what is hidden."""

    topic: Topic | None = None
    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    match: str = ""
    exclude: str = ""
    sources: tuple[str, ...] = ()
    unseen: bool = False
    hidden: bool = False  # also what is hidden

    @property
    def reads_papers(self) -> bool:
        """Whether it goes by what is in a paper, and not only by what became of it."""
        return bool(self.topic or self.categories or self.authors or self.match or self.exclude)


Wish = Callable[[Ranked], bool]


def select(ranked: Iterable[Ranked], selection: Selection) -> tuple[list[Ranked], dict[str, int]]:
    """What passes every filter, and how many each took away of what those before it had left."""
    kept = list(ranked)
    dropped: dict[str, int] = {}
    for name, wish in _wishes(selection).items():
        passing = [one for one in kept if wish(one)]
        if len(passing) < len(kept):
            dropped[name] = len(kept) - len(passing)
        kept = passing
    return kept, dropped


def _wishes(selection: Selection) -> Mapping[str, Wish]:
    """The filters that were asked for, by the name of their option."""
    wishes: dict[str, Wish] = {}
    if not selection.hidden:
        wishes["hide"] = lambda one: one.entry.state.hidden_at is None
    if selection.topic:
        wishes["--topic"] = _matching(selection.topic)
    if selection.categories:
        wishes["--category"] = _matching(Topic(name="category", categories=selection.categories))
    if selection.authors:
        wishes["--author"] = _matching(Topic(name="author", authors=selection.authors))
    if selection.match:
        wishes["--match"] = _matching(_ad_hoc(selection.match))
    if selection.exclude:
        wishes["--not"] = _matching(_ad_hoc("", selection.exclude))
    if selection.sources:
        wishes["--source"] = lambda one: not set(selection.sources).isdisjoint(one.entry.sources)
    if selection.unseen:
        wishes["--unseen"] = lambda one: (
            one.entry.state.seen_at is None and one.entry.state.read_at is None
        )
    return wishes


# The matcher is loaded where there is something to match: most lists are shown whole.


def _ad_hoc(match: str, exclude: str = "") -> Topic:
    from papertrack.matching import from_words

    return from_words(match, exclude)


def _matching(topic: Topic) -> Wish:
    from papertrack.matching import matches

    return lambda one: matches(topic, one.entry.paper) is not None
