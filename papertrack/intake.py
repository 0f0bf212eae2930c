"""Papers that come by another way than a fetch: from files, by their ids, by their titles."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from papertrack.clock import Clock, iso
from papertrack.errors import SourceError
from papertrack.identifiers import normalise_title
from papertrack.importing import Imported
from papertrack.importing.snapshot import Part, Snapshot
from papertrack.models import Paper
from papertrack.reports import Batch, Counts
from papertrack.sources import Source, left_alone, values
from papertrack.sources.base import SearchSource
from papertrack.store import Store
from papertrack.store.joining import contradicts

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

IMPORT = "import"
ARXIV = "arxiv"
#: From so many ids on, a source that takes a hundred at once is asked before those that take one.
MANY = 4
#: So many ids are asked for in one question, so that a failure costs the rest and not the first.
AT_ONCE = 100
#: So many papers of a file are stored in one transaction.
PAPERS_AT_ONCE = 10_000
#: So many papers are taken from a search elsewhere.
REMOTE = 50
#: Of papers that are known already, a source that takes one id at a time is asked for so many.
ONE_BY_ONE = 40


@dataclass(frozen=True, kw_only=True)
class LookedUp:
    """What asking for single papers gave: which were found, and why the others may be missing."""

    found: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    errors: tuple[SourceError, ...] = ()


def take_in(store: Store, imported: Imported, observed_at: datetime, clock: Clock) -> Counts:
    """Store what a file held; the lists on a saved page were read when the file was saved."""
    counts = Counts()
    for batch in _parts(imported.batch):
        counts += store.add(imported.source, batch, clock(), read_at=observed_at)
    store.set_states(imported.states)
    return counts


def _parts(batch: Batch) -> Iterator[Batch]:
    """A batch of very many papers in several, for memory's sake; what tells of them comes last."""
    papers = batch.papers
    while len(papers) > PAPERS_AT_ONCE:
        yield Batch(papers=papers[:PAPERS_AT_ONCE])
        papers = papers[PAPERS_AT_ONCE:]
    yield replace(batch, papers=papers)


def take_in_series(
    store: Store,
    batches: Iterable[Batch],
    clock: Clock,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
) -> Counts:
    """Store a series of counts; papers that are not known yet are known by their ids only."""
    counts = Counts()
    for done, batch in enumerate(batches, 1):
        counts += store.add(IMPORT, batch, clock())
        progress(done, None)
    return counts


def take_in_snapshot(
    store: Store,
    snapshot: Snapshot,
    clock: Clock,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Counts:
    """Store arXiv's metadata snapshot; one that was interrupted goes on where it stopped.

    Afterwards `fetch arxiv --oai` asks for what changed since its newest record.
    """
    from concurrent.futures import ThreadPoolExecutor

    name = f"snapshot {snapshot.mark}"
    place = _place(store.state(IMPORT).get(name, ""))
    offset = place.get("offset")
    newest = values.line(place.get("newest"))
    counts = Counts()
    parts = snapshot.parts(offset if isinstance(offset, int) else 0)
    with ThreadPoolExecutor(max_workers=1) as pool, store.loading(ARXIV, clock()) as loader:
        ahead = _Ahead(parts, pool)
        loader.meanwhile = ahead.begin
        for part in ahead:
            latest = max((one.updated_at for one in part.papers if one.updated_at), default=None)
            newest = max(newest, iso(latest)) if latest else newest
            note = json.dumps({"offset": part.offset, "newest": newest})
            counts += loader.add(part.papers, {name: note}) + Counts(skipped=part.skipped)
            progress(part.done, snapshot.size)
        loader.finish({name: ""})
        loader.merge()
    if newest:
        state = {"oai": json.dumps({"until": newest[:10]})}
        store.add(ARXIV, Batch(state=state), clock())
    return counts


class _Ahead:
    """Parts of a file, the next of which may be read while something else is done.

    That is worth it during a long statement of SQLite, which leaves Python to others; beside many
    short ones each would wait for the other.
    """

    def __init__(self, parts: Iterator[Part], pool: "Executor") -> None:
        self._parts, self._pool = parts, pool
        self._coming: Future[Part | None] | None = None

    def begin(self) -> None:
        """Read the next part, if nobody does yet."""
        self._coming = self._coming or self._pool.submit(next, self._parts, None)

    def __iter__(self) -> Iterator[Part]:
        while True:
            self.begin()
            assert self._coming  # begun
            part, self._coming = self._coming.result(), None
            if part is None:
                return
            yield part


def _place(note: str) -> Mapping[str, object]:
    try:
        return values.mapping(json.loads(note or "{}"))
    except ValueError:
        return {}


def look_up(
    store: Store,
    sources: Sequence[Source],
    keys: Iterable[str],
    clock: Clock,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> LookedUp:
    """Ask the sources in turn for papers by their ids, until each is known."""
    missing = list(dict.fromkeys(keys))
    asked = len(missing)
    errors: list[SourceError] = []
    if asked >= MANY:
        sources = sorted(sources, key=lambda source: not hasattr(source, "lookup_all"))
    for source in _willing(store, sources, clock, errors):
        if missing:
            for batch in _answers(source, missing, errors):
                store.add(source.name, batch, clock())
                progress(len(store.find(missing)) + asked - len(missing), asked)
            known = store.find(missing)
            missing = [key for key in missing if key not in known]
    found = tuple(key for key in dict.fromkeys(keys) if key not in missing)
    return LookedUp(found=found, missing=tuple(missing), errors=tuple(errors))


def ask_again(
    store: Store, sources: Sequence[Source], keys: Sequence[str], clock: Clock
) -> tuple[SourceError, ...]:
    """Ask everybody who knows papers by their ids what has become of these; why some did not say.

    Sources that take one paper at a time are asked for the first ones only.
    """
    errors: list[SourceError] = []
    for source in _willing(store, sources, clock, errors):
        asked = keys if hasattr(source, "lookup_all") else keys[:ONE_BY_ONE]
        for batch in _answers(source, asked, errors):
            store.add(source.name, batch, clock())
    return tuple(errors)


def _willing(
    store: Store, sources: Sequence[Source], clock: Clock, errors: list[SourceError]
) -> list[Source]:
    """The sources but for those that want to be left alone for now, which is said in `errors`."""
    willing = []
    for source in sources:
        error = left_alone(source.name, store.not_before(source.name), clock())
        if error:
            errors.append(error)
        else:
            willing.append(source)
    return willing


def _answers(source: Source, keys: Sequence[str], errors: list[SourceError]) -> Iterator[Batch]:
    """What a source says of these ids; after a failure it is not asked for the rest."""
    ask_all = getattr(source, "lookup_all", None)
    ask_one = getattr(source, "lookup", None)
    questions: list[Callable[[], Batch]] = []
    if ask_all and len(keys) >= MANY:
        parts = [keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE)]
        questions = [lambda part=part: ask_all(part) for part in parts]  # type: ignore[misc]
    elif ask_one:
        questions = [lambda key=key: ask_one(key) for key in keys]  # type: ignore[misc]
    try:
        for question in questions:
            yield question()
    except SourceError as error:
        errors.append(error)


def search(
    store: Store, sources: Sequence[Source], words: str, clock: Clock
) -> tuple[Counts, tuple[SourceError, ...]]:
    """Store what the searches of these sources find for words; and why some did not say."""
    errors: list[SourceError] = []
    counts = Counts()
    for source in _willing(store, sources if words else [], clock, errors):
        try:
            batch: Batch = cast("SearchSource", source).search(words, REMOTE)
        except SourceError as error:
            errors.append(error)
        else:
            counts += store.add(source.name, replace(batch, lists=()), clock())
    return counts, tuple(errors)


def resolve(
    store: Store,
    sources: Sequence[Source],
    keys: Iterable[str],
    clock: Clock,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> LookedUp:
    """Find ids for papers that are known by their titles only.

    A candidate is taken only if it is the only one whose title is the same but for case, accents
    and punctuation, and its first author is no other.
    """
    numbers = store.find(list(keys))
    entries = store.entries(list(numbers.values()), clock())
    titles = {e.paper.id: e.paper for e in entries if e.paper.id.startswith("title:")}
    errors: list[SourceError] = []
    asked = [source for source in sources if hasattr(source, "find_title")]
    willing = _willing(store, asked if titles else [], clock, errors)
    found: list[str] = []
    for done, (key, paper) in enumerate(titles.items(), 1):
        for source in list(willing):
            try:
                if _matched(store, source, paper, clock):
                    found.append(key)
                    break
            except SourceError as error:
                errors.append(error)
                willing.remove(source)
        progress(done, len(titles))
    missing = tuple(key for key in titles if key not in found)
    return LookedUp(found=tuple(found), missing=missing, errors=tuple(errors))


def _matched(store: Store, source: Any, paper: Paper, clock: Clock) -> bool:
    """Ask one source for one title, and join what it finds with what is stored."""
    batch: Batch = source.find_title(paper.title)
    wanted = normalise_title(paper.title)
    same = {
        one.id: one
        for one in batch.papers
        if normalise_title(one.title) == wanted and not contradicts(paper, one)
    }
    if len(same) != 1:  # of two papers of one title, nothing says which it is
        return False
    (found,) = same.values()
    store.add(source.name, replace(batch, papers=(found,), lists=()), clock())
    store.join(found.id, paper.id)
    return True
