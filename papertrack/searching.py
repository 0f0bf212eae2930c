"""A search as a reader sees it: the papers that answer a question, each with its reason.

A misspelt word is mended, a phrase that stands nowhere is loosened, and both are said.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from papertrack import mixing, querying
from papertrack.errors import ConfigError
from papertrack.models import Contribution, Entry, Ranked
from papertrack.querying import Query
from papertrack.ranking import ordered
from papertrack.selecting import Selection, select
from papertrack.store import Store

if TYPE_CHECKING:
    from papertrack.store.passages import Passage
    from papertrack.store.searching import Hit

SIGNAL, WEIGHT = "relevance", 100.0
#: The orders that only a search knows.
RELEVANCE, TRENDING = "relevance", "trending"
#: Filters and other orders look at so many, and no further.
DEEPEST = 1000
#: Where no paper has all words, so many of the best are put in another order.
LIKELY = 100
#: Said beside a list that was not chosen from all that matches.
PARTLY = (
    "More papers match than can be ranked at once; these are the best of those in which the words "
    "weigh most. Another word, or after:2026, narrows it."
)
NO_WORD = "There is no word to look for; try `papertrack search sparse attention`."
#: How many words a reason names.
_NAMED = 6
Rank = Callable[[Sequence[Entry]], Sequence[Ranked]]


class Meaning(Protocol):
    """What knows what the papers of a store are about."""

    def near(
        self, text: str, numbers: Sequence[int], most: int
    ) -> tuple[dict[int, float], frozenset[int]]:
        """The papers nearest to a text, with their cosines; and which of `numbers` it lacks."""


Sense = Callable[[], Meaning | None]


def no_sense() -> Meaning | None:
    """For stores without vectors."""
    return None


@dataclass(frozen=True)
class Found:
    """What was found, what is to be said beside it, and how many there are without the limit."""

    ranked: tuple[Ranked, ...]
    notes: tuple[str, ...] = ()
    total: int = 0


@dataclass(frozen=True, kw_only=True)
class Wish:
    """How the answer is to be shown."""

    selection: Selection = Selection()
    order: str = RELEVANCE
    limit: int | None = None

    @property
    def depth(self) -> int:
        """How many papers to look at; one more than is shown tells that there are more."""
        plain = self.order == RELEVANCE and self.selection == Selection()
        return self.limit + 1 if plain and self.limit else DEEPEST


def search(
    store: Store, typed: Query, wish: Wish, now: datetime, rank: Rank, sense: Sense = no_sense
) -> Found:
    """The papers that answer a question and pass the filters, in the order asked for.

    `rank` is how papers are ranked for the order "trending".
    """
    if known := store.find(typed.ids):
        numbers = [known[key] for key in typed.ids if key in known]
        ranked = [Ranked(entry=entry) for entry in _entries(store, numbers, now).values()]
        return Found(tuple(ordered(ranked, "score")), total=len(ranked))
    if typed.is_empty:
        return Found((), (NO_WORD,))
    query, hits, notes = answer(store, typed, wish.depth, wish.order, sense)
    entries = _entries(store, [hit.number for hit in hits], now)
    # The store has left out what is hidden, unless that is what was asked for.
    kept, dropped = select(_ranked(entries, hits, query), wish.selection._replace(hidden=True))
    if not kept:
        notes += _why_empty(store, typed, len(hits), dropped)
    if not all(hit.exact for hit in hits):
        notes.append(PARTLY)
    if store.index_was_rebuilt:
        notes.append("The search index was damaged; it has been built anew.")
    in_order = _in_order(kept, wish.order, rank)
    shown = _with_passages(store, query, in_order[: wish.limit])
    return Found(tuple(shown), tuple(notes), total=len(kept))


def answer(
    store: Store, typed: Query, depth: int, order: str = RELEVANCE, sense: Sense = no_sense
) -> "tuple[Query, list[Hit], list[str]]":
    """The question as it was asked in the end, what answers it, and what was changed in it.

    For another order than that by relevance a paper has to have every word, if any paper has.
    """
    mended = store.mended(typed)
    notes = querying.not_understood(typed)
    notes += [f"Searched for '{instead}' instead of '{word}'." for word, instead in mended.repairs]
    hits = _hits(store, mended.query, depth, order, sense)
    if hits or not (loose := querying.loosened(mended.query)):
        return mended.query, hits, notes
    phrases = " and ".join(f'"{" ".join(one.words)}"' for one in typed.required if not one.field)
    hits = _hits(store, loose, depth, order, sense)
    if hits:
        notes.append(f"No paper says {phrases} word for word; these have words of it.")
    return loose, hits, notes


def _hits(store: Store, query: Query, depth: int, order: str, sense: Sense) -> "list[Hit]":
    if order == RELEVANCE:
        return _by_relevance(store, query, depth, sense)
    hits = store.search(query, depth, every=True, newest=order == "new")
    return hits or store.search(query, min(depth, LIKELY))


def _by_relevance(store: Store, query: Query, depth: int, sense: Sense) -> "list[Hit]":
    """By words; where there are vectors and no title is named, by meaning as well."""
    meaning = sense() if query.words else None
    if meaning is None or store.names_a_title(query):
        return store.search(query, depth)
    from papertrack.store.searching import Hit

    hits = store.search(query, max(depth, mixing.DEPTH))
    words = {hit.number: hit.score for hit in hits}
    try:
        near, unknown = meaning.near(query.said, list(words), mixing.DEPTH)
    except ConfigError:  # fetch and embed say what is wrong; a reader is not stopped
        return hits[:depth]
    passing = store.passing(query, [number for number in near if number not in words])
    near = {number: value for number, value in near.items() if number in words or number in passing}
    scores = mixing.mixed(words, near, unknown)
    exact = all(hit.exact for hit in hits)
    best = sorted(scores, key=lambda number: (-scores[number], -number))[:depth]
    return [Hit(number, scores[number], exact, meant=number in near) for number in best]


def _entries(store: Store, numbers: Sequence[int], now: datetime) -> Mapping[int, Entry]:
    """The papers by their numbers, in their order; those that are gone are left out."""
    entries = store.numbered(numbers, now)
    return {number: entries[number] for number in numbers if number in entries}


def _ranked(entries: Mapping[int, Entry], hits: "Iterable[Hit]", query: Query) -> list[Ranked]:
    """Scored from 0 to 100 by what the best has; not at all where no word was asked for."""
    scores = {hit.number: hit.score for hit in hits}
    meant = {hit.number for hit in hits if hit.meant}
    best = max(scores.values(), default=0.0)
    return [
        Ranked(
            entry=entry,
            contributions=(
                _relevance(scores[number] / best, "its meaning" if number in meant else ""),
            ),
        )
        if best > 0
        else Ranked(entry=entry)
        for number, entry in entries.items()
    ]


def _relevance(value: float, reason: str) -> Contribution:
    return Contribution(signal=SIGNAL, value=max(0.0, value), weight=WEIGHT, reason=reason)


def _in_order(kept: Sequence[Ranked], order: str, rank: Rank) -> list[Ranked]:
    if order in (RELEVANCE, "score"):
        return ordered(kept, "score")
    if order == "new":  # by publication; a list's "new" is by the day it was listed
        return ordered(sorted(kept, key=_published, reverse=True), "score")
    if order != TRENDING:
        return ordered(kept, order)
    by_id = {one.entry.paper.id: one for one in kept}
    best = rank([one.entry for one in kept])
    return ordered((by_id[one.entry.paper.id] for one in best), "score")


def _published(one: Ranked) -> str:
    at = one.entry.paper.published_at or one.entry.listed_at or one.entry.first_seen_at
    return at.isoformat() if at else ""


def _with_passages(store: Store, query: Query, shown: Sequence[Ranked]) -> list[Ranked]:
    """What is shown, each with the words that were found in it and the text around them."""
    numbers = store.find([one.entry.paper.id for one in shown])
    passages = store.passages(query, list(numbers.values()))
    told = []
    for one in shown:
        passage = passages.get(numbers.get(one.entry.paper.id, -1))
        told.append(_told(one, passage) if passage else one)
    return told


def _told(one: Ranked, passage: "Passage") -> Ranked:
    others = tuple(word for word in passage.abstract if word not in passage.title)
    places = {
        "title": passage.title,
        "abstract": others,
        "authors": passage.authors,
        "your note": passage.note,
        "your tags": passage.tags,
    }
    said = [f"{where}: {', '.join(words[:_NAMED])}" for where, words in places.items() if words]
    return one._replace(
        contributions=tuple(
            part._replace(reason="; ".join(said) or part.reason) for part in one.contributions
        ),
        snippet=passage.snippet,
        matched=(*passage.title, *others),
    )


def _why_empty(store: Store, typed: Query, found: int, dropped: Mapping[str, int]) -> list[str]:
    if found:
        return [f"Your filters leave none of the {found} papers that match ({_by(dropped)})."]
    if typed.ids:
        name = typed.ids[0].partition(":")[2]
        return [f"{name} is not stored; `papertrack show {name}` looks it up."]
    said = [f"No stored paper answers {typed.text!r}."]
    said += [f"Did you mean {near}?" for _, near in store.suggested(typed)]
    if len(said) == 1:
        said.append(querying.way_on(typed))
    return [" ".join(said)]


def _by(dropped: Mapping[str, int]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in dropped.items())
