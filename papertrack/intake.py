"""Papers that come by another way than a fetch: from files, by their ids, by their titles."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from papertrack.clock import Clock
from papertrack.errors import SourceError
from papertrack.identifiers import normalise_title
from papertrack.importing import Imported
from papertrack.models import Batch, Counts
from papertrack.sources import Source
from papertrack.store import Store

#: From so many ids on, a source that takes a hundred at once is asked before those that take one.
MANY = 4


@dataclass(frozen=True, kw_only=True)
class LookedUp:
    """What asking for single papers gave: which were found, and why the others may be missing."""

    found: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    errors: tuple[SourceError, ...] = ()


def take_in(store: Store, imported: Imported, observed_at: datetime, clock: Clock) -> Counts:
    """Store what a file held; the lists on a saved page were read when the file was saved."""
    counts = store.add(imported.source, imported.batch, clock(), read_at=observed_at)
    store.set_states(imported.states)
    return counts


def look_up(store: Store, sources: Sequence[Source], keys: Iterable[str], clock: Clock) -> LookedUp:
    """Ask the sources in turn for papers by their ids, until each is known."""
    missing = list(dict.fromkeys(keys))
    asked = len(missing)
    errors: list[SourceError] = []
    if asked >= MANY:
        sources = sorted(sources, key=lambda source: not hasattr(source, "lookup_all"))
    for source in sources:
        if missing:
            batches = _answers(source, missing, errors)
            for batch in batches:
                store.add(source.name, batch, clock())
            known = store.find(missing)
            missing = [key for key in missing if key not in known]
    found = tuple(key for key in dict.fromkeys(keys) if key not in missing)
    return LookedUp(found=found, missing=tuple(missing), errors=tuple(errors))


def _answers(source: Source, keys: Sequence[str], errors: list[SourceError]) -> list[Batch]:
    """What a source says of these ids; after a failure it is not asked for the rest."""
    ask_all = getattr(source, "lookup_all", None)
    ask_one = getattr(source, "lookup", None)
    questions: list[Callable[[], Batch]] = []
    if ask_all and len(keys) >= MANY:
        questions = [lambda: ask_all(keys)]
    elif ask_one:
        questions = [lambda key=key: ask_one(key) for key in keys]  # type: ignore[misc]
    batches = []
    try:
        for question in questions:
            batches.append(question())
    except SourceError as error:
        errors.append(error)
    return batches


def resolve(
    store: Store,
    sources: Sequence[Source],
    keys: Iterable[str],
    clock: Clock,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> LookedUp:
    """Find ids for papers that are known by their titles only.

    A candidate is taken only if its title is the same but for case, accents and punctuation.
    """
    numbers = store.find(list(keys))
    entries = store.entries(list(numbers.values()), clock())
    titles = {e.paper.id: e.paper.title for e in entries if e.paper.id.startswith("title:")}
    willing = [source for source in sources if hasattr(source, "find_title")]
    found: list[str] = []
    errors: list[SourceError] = []
    for done, (key, title) in enumerate(titles.items(), 1):
        for source in list(willing):
            try:
                if _matched(store, source, key, title, clock):
                    found.append(key)
                    break
            except SourceError as error:
                errors.append(error)
                willing.remove(source)
        progress(done, len(titles))
    missing = tuple(key for key in titles if key not in found)
    return LookedUp(found=tuple(found), missing=missing, errors=tuple(errors))


def _matched(store: Store, source: Any, key: str, title: str, clock: Clock) -> bool:
    """Ask one source for one title, and join what it finds with what is stored."""
    batch: Batch = source.find_title(title)
    wanted = normalise_title(title)
    same = [paper for paper in batch.papers if normalise_title(paper.title) == wanted]
    if not same:
        return False
    store.add(source.name, replace(batch, papers=(same[0],), lists=()), clock())
    store.join(same[0].id, key)
    return True
