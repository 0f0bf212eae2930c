"""Papers that are like others: the neighbours of some, and those for a reader.

The papers of a pool are compared with the likes, best first; then they are read from the store, a
few at a time, until enough of them pass the view's filters.
"""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from papertrack.comparing import Compared, Comparer, Likes
from papertrack.errors import UsageError
from papertrack.matching import matches
from papertrack.models import Contribution, Entry, Paper, Ranked, Topic
from papertrack.selecting import Selection, select
from papertrack.similarity import words
from papertrack.store import Store

if TYPE_CHECKING:
    from papertrack.importing import Imported

SIGNAL, WEIGHT = "likeness", 100.0
NOTHING_TO_GO_BY = (
    "There is nothing to go by yet: save papers, or say --like FILE (such as refs.bib), --like-id "
    "ID or --like-author NAME."
)
_AT_ONCE = 20
_SHARED, _TITLE = 4, 60  # words that a reason names; characters of a title in it


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a reader says that they like, beside what they saved."""

    keys: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    files: "tuple[Imported, ...]" = ()


@dataclass(frozen=True)
class Found:
    """What is like them, and what is to be said beside it."""

    ranked: tuple[Ranked, ...]
    notes: tuple[str, ...]
    total: int


def likes_of(store: Store, wish: Wish, named: Iterable[int]) -> Likes:
    """Everything a reader likes.

    Raises UsageError where that is nothing, or where nobody of the authors who are named is known.
    """
    marked = store.marked()
    written, strangers = _written_by(store, wish.authors)
    stored = [*marked["saved"], *named, *written]
    others: dict[str, Paper] = {}
    unknown = 0
    for file in wish.files:
        papers = {paper.id: paper for paper in file.batch.papers}
        known = store.find([*papers, *file.ids])
        stored += known.values()
        others |= {key: paper for key, paper in papers.items() if key not in known}
        unknown += len(set(file.ids) - set(known))
    notes = [_of_strangers(strangers)] if strangers else []
    if strangers and len(strangers) == len(wish.authors):
        raise UsageError(notes[0])
    if unknown:
        notes.append(f"Not stored, of the ids in the file: {unknown}; import it to look them up.")
    if not stored and not others:
        raise UsageError(" ".join(notes) or NOTHING_TO_GO_BY)
    hidden = set(marked["hidden"]) - set(stored)
    return Likes(
        stored=tuple(dict.fromkeys(stored)),
        others=tuple(others.values()),
        hidden=tuple(sorted(hidden)),
        done=frozenset({*marked["read"], *hidden}),
        notes=tuple(notes),
    )


def _written_by(store: Store, names: Sequence[str]) -> tuple[list[int], list[str]]:
    """The papers of these authors, and the names that nobody has."""
    if not names:
        return [], []
    topics = {name: Topic(name="--like-author", authors=(name,)) for name in names}
    parts = {part for name in names for part in words.words(name)}
    found, strangers = [], set(topics)
    for number, paper in store.authors(parts):
        theirs = {name for name, topic in topics.items() if matches(topic, paper) is not None}
        found += [number] if theirs else []
        strangers -= theirs
    return found, [name for name in topics if name in strangers]


def _of_strangers(names: Sequence[str]) -> str:
    family = (names[0].partition(",")[0].split() or ["NAME"])[-1]
    return (
        f"No stored paper is by {' or '.join(names)}; check the spelling, or look with "
        f"`papertrack search {shlex.quote(f'author:{family}')}`."
    )


def nearest(
    likes: Likes,
    pool: Sequence[int] | None,
    selection: Selection,
    limit: int | None,
    now: datetime,
    comparer: Comparer,
) -> Found:
    """The papers of the pool, or of all, that are most like the likes, never those themselves."""
    compared = comparer.compared(likes, pool)
    best, store = compared.best, comparer.store
    titles = [*_titles(store, likes.stored), *(paper.title for paper in likes.others)]
    kept: list[Ranked] = []
    at_once = max(_AT_ONCE, limit or 0)
    for place in range(0, len(best), at_once):
        some = best[place : place + at_once]
        kept += select(_as_ranked(store, some, compared, titles, now), selection)[0]
        if limit is not None and len(kept) >= limit:
            break
    shown = [one._replace(rank=rank) for rank, one in enumerate(kept[:limit], 1)]
    notes = [*likes.notes, *compared.notes]
    if not shown:
        notes.append(
            _why_empty(len(best), nothing=pool is not None and likes.left_out.issuperset(pool))
        )
    total = len(best) if selection == Selection() else len(shown)
    return Found(tuple(shown), tuple(notes), total)


def _why_empty(like: int, *, nothing: bool) -> str:
    if nothing:
        return "There is no other paper to compare with; a longer --window or --all may hold some."
    if not like:
        return "No other paper is like those."
    return f"Your filters leave none of the {like} papers that are like those."


def _as_ranked(
    store: Store,
    some: Sequence[tuple[int, float]],
    compared: Compared,
    titles: Sequence[str],
    now: datetime,
) -> list[Ranked]:
    """These papers with what is known of them, in their order, each with its reason."""
    why = compared.why([number for number, _ in some])
    entries = store.numbered([number for number, _ in some], now)
    found = []
    for number, value in some:
        if entry := entries.get(number):
            reason = _reason(entry, *why[number], titles)
            said = Contribution(signal=SIGNAL, value=value, weight=WEIGHT, reason=reason)
            found.append(Ranked(entry=entry, contributions=(said,)))
    return found


def _reason(entry: Entry, near: int, stems: Sequence[str], titles: Sequence[str]) -> str:
    """`near 'X'; words: agent, planning`; of a single like the reader knows which it is."""
    text = f"{entry.paper.title}\n{entry.paper.abstract}"
    shared = ", ".join(words.spelt(stems, text, _SHARED))
    parts = (
        [f"words: {shared}"] if shared else ["near in meaning, though no telling word is the same"]
    )
    if len(titles) > 1:
        title = " ".join(titles[near].split())
        short = title if len(title) <= _TITLE else f"{title[: _TITLE - 1].rstrip()}…"
        parts.insert(0, f"near '{short}'")
    return "; ".join(parts)


def _titles(store: Store, numbers: Sequence[int]) -> list[str]:
    papers = dict(store.texts(numbers))
    return [papers[number].title for number in numbers]
