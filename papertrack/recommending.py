"""Papers that are like others: the neighbours of some, and those for a reader.

The papers of a pool are compared with the likes, best first; then they are read from the store, a
few at a time, until enough of them pass the view's filters.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from papertrack import learning, similarity
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
WITHOUT_NUMPY = (
    "Compared by words only; pip install 'papertrack-cli[recommend]' also compares by meaning, "
    "and remembers."
)
#: Without numpy so many papers are compared, the newest.
MOST_PLAIN = 10_000
_AT_ONCE = 20
_SHARED, _TITLE = 4, 60  # words that a reason names; characters of a title in it
_Progress = learning.Progress


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a reader says that they like, beside what they saved."""

    keys: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    files: "tuple[Imported, ...]" = ()


@dataclass(frozen=True, kw_only=True)
class Likes:
    """What to go by: papers by their numbers in the store, and some that it does not have."""

    stored: tuple[int, ...] = ()
    others: tuple[Paper, ...] = ()
    hidden: tuple[int, ...] = ()
    done: frozenset[int] = frozenset()  # not to be recommended: read or hidden
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """What is like them, and what is to be said beside it."""

    ranked: tuple[Ranked, ...]
    notes: tuple[str, ...]
    total: int


@dataclass(frozen=True)
class _Compared:
    """A pool in order: (number, value) best first, and why, for those that are shown."""

    best: Sequence[tuple[int, float]]
    why: Callable[[Sequence[int]], Mapping[int, tuple[int, Sequence[str]]]]
    notes: tuple[str, ...] = ()


def likes_of(store: Store, wish: Wish, named: Iterable[int]) -> Likes:
    """Everything a reader likes. Raises UsageError where that is nothing."""
    marked = store.marked()
    stored = [*marked["saved"], *named, *_written_by(store, wish.authors)]
    others: dict[str, Paper] = {}
    unknown = 0
    for file in wish.files:
        papers = {paper.id: paper for paper in file.batch.papers}
        known = store.find([*papers, *file.ids])
        stored += known.values()
        others |= {key: paper for key, paper in papers.items() if key not in known}
        unknown += len(set(file.ids) - set(known))
    notes = [f"Not stored, of the ids in the file: {unknown}; import it to look them up."]
    if not stored and not others:
        missing = [f"No stored paper is by {', '.join(wish.authors)}."] if wish.authors else []
        raise UsageError(" ".join([*missing, *notes[: unknown > 0]]) or NOTHING_TO_GO_BY)
    hidden = set(marked["hidden"]) - set(stored)
    return Likes(
        stored=tuple(dict.fromkeys(stored)),
        others=tuple(others.values()),
        hidden=tuple(sorted(hidden)),
        done=frozenset({*marked["read"], *hidden}),
        notes=tuple(notes[: unknown > 0]),
    )


def _written_by(store: Store, names: Sequence[str]) -> list[int]:
    if not names:
        return []
    topic = Topic(name="--like-author", authors=tuple(names))
    parts = {part for name in names for part in words.words(name)}
    found = store.authors(parts)
    return [number for number, paper in found if matches(topic, paper) is not None]


def nearest(
    store: Store,
    likes: Likes,
    pool: Sequence[int] | None,
    selection: Selection,
    limit: int | None,
    now: datetime,
    progress: _Progress = learning.no_progress,
) -> Found:
    """The papers of the pool, or of all, that are most like the likes, never those themselves."""
    left_out = {*likes.stored, *likes.done}
    wanted = None if pool is None else [number for number in pool if number not in left_out]
    compare = _by_model if similarity.has_numpy() else _by_words
    compared = compare(store, likes, wanted, progress)
    best = [one for one in compared.best if one[0] not in left_out]
    titles = [*_titles(store, likes.stored), *(paper.title for paper in likes.others)]
    kept: list[Ranked] = []
    at_once = max(_AT_ONCE, limit or 0)
    for place in range(0, len(best), at_once):
        some = best[place : place + at_once]
        kept += select(_as_ranked(store, some, compared, titles, now), selection)[0]
        if limit is not None and len(kept) >= limit:
            break
    shown = [replace(one, rank=rank) for rank, one in enumerate(kept[:limit], 1)]
    notes = [*likes.notes, *compared.notes]
    if not shown:
        notes.append(_why_empty(len(best), nothing=wanted == []))
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
    compared: _Compared,
    titles: Sequence[str],
    now: datetime,
) -> list[Ranked]:
    """These papers with what is known of them, in their order, each with its reason."""
    why = compared.why([number for number, _ in some])
    entries = {entry.paper.id: entry for entry in store.entries([n for n, _ in some], now)}
    keys = dict(store.texts([number for number, _ in some]))
    found = []
    for number, value in some:
        entry = entries.get(keys[number].id) if number in keys else None
        if entry is not None:
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


def _by_model(
    store: Store, likes: Likes, pool: Sequence[int] | None, progress: _Progress
) -> _Compared:
    """By words and by meaning."""
    from papertrack.similarity.compare import Comparison

    model = learning.model_of(store, [*likes.stored, *likes.hidden, *(pool or ())], progress)
    comparison = Comparison.of(model, likes.stored, likes.others, likes.hidden)
    return _Compared(comparison.best(pool), comparison.why)


def _by_words(
    store: Store, likes: Likes, pool: Sequence[int] | None, progress: _Progress
) -> _Compared:
    """By words only, without numpy."""
    from papertrack.similarity.plain import likeness

    whole = store.numbers() if pool is None else sorted(pool)
    numbers = whole[-MOST_PLAIN:]
    papers = dict(store.texts(numbers))
    liked = [*dict(store.texts(likes.stored)).values(), *likes.others]
    hidden = list(dict(store.texts(likes.hidden)).values())
    compared = likeness(list(papers.values()), liked, hidden)
    by_number = dict(zip(papers, compared, strict=True))
    best = sorted(by_number, key=lambda number: (-by_number[number].value, number))
    notes = [WITHOUT_NUMPY]
    if len(whole) > MOST_PLAIN:
        notes.append(f"Only the newest {MOST_PLAIN:,} papers were compared.")
    return _Compared(
        [(number, by_number[number].value) for number in best if by_number[number].value > 0],
        lambda some: {one: (by_number[one].nearest, by_number[one].shared) for one in some},
        tuple(notes),
    )
