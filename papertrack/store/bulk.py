"""Taking in papers by the hundred thousand: what is new goes straight in, the rest the usual way.

A batch is one transaction with its part of the search index, so that whatever ends the process
leaves a store that is whole. Only the other ids wait (see waiting.py): they are kept in memory and
written every 250,000 papers; only then is the place in the file noted from which an interrupted
import goes on, so that those of papers it meets again are written too.

A paper with an arXiv id is new where nobody has its id, and no row without an arXiv id has one of
its other ids: two papers with different arXiv ids are never one (see joining.py).
"""

import gc
import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

from papertrack.clock import iso
from papertrack.identifiers import from_doi
from papertrack.models import PAPER_FIELDS, Paper
from papertrack.reports import Batch, Counts
from papertrack.store import impacts, indexing, writing
from papertrack.store.connection import transaction
from papertrack.store.joining import by_title, evidence
from papertrack.store.reading import resolve
from papertrack.store.rows import SOURCE_IDS
from papertrack.store.waiting import Waiting

#: So many papers' other ids wait in memory.
PAPERS_A_FLUSH = 250_000
_CACHE_KB = 128_000
_WAL_PAGES = 16_000
#: While it lasts, FTS5 holds more before it writes (of more than this its table leaves the
#: processor's cache), and merges seldom: each batch becomes three pieces.
_INDEXING_BULK = {"hashsize": 4_000_000, "automerge": 64, "crisismerge": 200}
_INDEXING_USUAL = {"hashsize": 1_048_576, "automerge": 16, "crisismerge": 64}
#: After so many batches the pieces are merged at once, which else a thousand days of news would do.
_MANY_BATCHES = 32
_PAGES_A_STEP = 8_000
_INDEXES = (*indexing.INDEXES, impacts.TABLE)
_COLUMNS = ("key", *PAPER_FIELDS)
_EPOCH = date(1970, 1, 1).toordinal()
_FIELDS = attrgetter(*PAPER_FIELDS)


@dataclass
class Loader:
    """Papers of one source on their way into a store that nobody else need stop using."""

    connection: sqlite3.Connection
    source: str
    at: datetime
    _since_flush: int = 0
    _batches: int = 0
    note: Mapping[str, str] = field(default_factory=dict)  # the last one
    #: Called when SQLite begins a long statement, during which others may compute.
    meanwhile: Callable[[], None] = lambda: None
    _words: dict[str, list[str]] = field(default_factory=dict)  # of the papers of this batch

    def __post_init__(self) -> None:
        self._waiting = Waiting(self.connection)

    def add(self, papers: Sequence[Paper], note: Mapping[str, str]) -> Counts:
        """Take in papers with arXiv ids; `note` is what to remember once all before is written."""
        once = {paper.id: paper for paper in papers}
        self._words = {key: words(paper) for key, paper in once.items()}
        with transaction(self.connection):
            numbers, joining = self._known(once)
            fresh = {k: one for k, one in once.items() if k not in numbers and k not in joining}
            with indexing.guarded(self.connection):
                self._insert(fresh)
            same = self._unchanged({key: once[key] for key in numbers if key not in joining})
            for key, number in same:
                self._waiting.note(self._words[key], number)
            rest = [one for key, one in once.items() if key not in fresh]
            known_same = {key for key, _ in same}
            told = Batch(papers=tuple(one for one in rest if one.id not in known_same))
            counts = Counts()
            if told.papers:
                counts = writing.add(self.connection, self.source, told, self.at, self.at)
            self._since_flush += len(once)
            self._batches += 1
            self.note = note
            if self._since_flush >= PAPERS_A_FLUSH:
                self._flush(note)
        return replace(counts, papers=len(papers), new=counts.new + len(fresh))

    def finish(self, note: Mapping[str, str]) -> None:
        """Write what waits; the last thing to be called."""
        with transaction(self.connection):
            self._flush(note)

    def merge(self) -> None:
        """Merge the pieces of the index, if there are many, in steps each of which stands."""
        if self._batches < _MANY_BATCHES:
            return
        _tune(self.connection, {"usermerge": _INDEXING_USUAL["automerge"]})
        for index in _INDEXES:
            merged = 2
            while merged > 1:  # SQLite's own sign that there was something to do
                before = self.connection.total_changes
                _tune(self.connection, {"merge": _PAGES_A_STEP}, [index])
                merged = self.connection.total_changes - before

    def _flush(self, note: Mapping[str, str]) -> None:
        self._waiting.write()
        keep(self.connection, note)
        self._since_flush = 0

    def _known(self, papers: Mapping[str, Paper]) -> tuple[dict[str, int], set[str]]:
        """Of papers that have rows the numbers, and those that the usual way may join to a row."""
        numbers = dict(
            self.connection.execute(
                "SELECT p.key, p.id FROM json_each(?) CROSS JOIN papers p ON p.key = value",
                (json.dumps(list(papers)),),
            ).fetchall()
        )
        by_word: dict[str, list[str]] = {}
        for key in papers:
            if key not in numbers:
                for word in (key, *self._words[key]):
                    by_word.setdefault(word, []).append(key)
        joining, others = self._owned(by_word)
        shared: dict[str, list[str]] = {}
        for key in {key for word in others for key in by_word[word]}:
            for word in evidence(papers[key])[:-1]:
                shared.setdefault(word, []).append(key)
        again, _ = self._owned(shared)
        of_rows = [*(by_word[word] for word in joining), *(shared[word] for word in again)]
        return numbers, {key for keys in of_rows for key in keys}

    def _owned(self, words: Collection[str]) -> tuple[list[str], list[str]]:
        """Of ids those of rows that the usual way may join to, and those of other papers."""
        found = resolve(self.connection, words)
        bare = self.connection.execute(
            "SELECT p.id FROM json_each(?) CROSS JOIN papers p ON p.id = value WHERE arxiv_id = ''",
            (json.dumps(list(set(found.values()))),),
        )
        numbers = {number for (number,) in bare}
        joining = [w for w, row in found.items() if row in numbers or w.startswith("arxiv:")]
        return joining, list(found.keys() - set(joining))

    def _unchanged(self, papers: Mapping[str, Paper]) -> list[tuple[str, int]]:
        """The papers of which this source says nothing that is not stored, and their numbers."""
        columns = ", ".join(f"p.{name}" for name in _COLUMNS)
        stored = self.connection.execute(
            f"SELECT p.id, {columns} FROM json_each(?) CROSS JOIN papers p ON p.key = value"
            " WHERE EXISTS (SELECT 1 FROM accounts WHERE paper_id = p.id AND source = ?)",
            (json.dumps(list(papers)), SOURCE_IDS[self.source]),
        )
        return [
            (row[1], row[0])
            for row in stored
            if all(
                mine == theirs
                for mine, theirs, blank in zip(_row(papers[row[1]]), row[1:], _BLANK, strict=True)
                if mine != blank
            )
        ]

    def _insert(self, papers: Mapping[str, Paper]) -> None:
        numbered = self._numbered(papers.values())
        seen, source = iso(self.at), SOURCE_IDS[self.source]
        self.connection.executemany(
            f"INSERT INTO papers (id, first_seen_at, {', '.join(_COLUMNS)})"
            f" VALUES (?, ?{', ?' * len(_COLUMNS)})",
            ((number, seen, *_row(paper)) for number, paper in numbered),
        )
        self.connection.executemany(
            "INSERT INTO accounts VALUES (?, ?, ?, ?)",
            ((number, source, _said(paper), seen) for number, paper in numbered),
        )
        for number, paper in numbered:
            self._waiting.note(self._words[paper.id], number)
        self.meanwhile()
        indexing.put_in_new(self.connection, numbered)

    def _numbered(self, papers: Iterable[Paper]) -> list[tuple[int, Paper]]:
        """Papers with the row ids they get, in the order of these."""
        today = self.at.toordinal()
        days = [((one.published_at or self.at).toordinal(), one) for one in papers]
        days = [(max(0, min(day, today) - _EPOCH), one) for day, one in days]
        days.sort(key=lambda pair: pair[0])
        last: dict[int, int] = {}
        found = [(writing.next_id(self.connection, day, last), one) for day, one in days]
        found.sort(key=lambda pair: pair[0])  # a full day borrows from the next
        return found


@contextmanager
def loading(connection: sqlite3.Connection, source: str, at: datetime) -> Iterator[Loader]:
    """A Loader, and SQLite in the mode for it."""
    before = {name: _pragma(connection, name) for name in ("cache_size", "wal_autocheckpoint")}
    connection.execute(f"PRAGMA cache_size={-_CACHE_KB}")
    connection.execute(f"PRAGMA wal_autocheckpoint={_WAL_PAGES}")
    _tune(connection, _INDEXING_BULK)
    loader = Loader(connection, source, at)
    collecting = gc.isenabled()
    gc.disable()  # millions of values and no cycle among them: to look for one is a tenth of all
    try:
        yield loader
    except BaseException:
        with suppress(sqlite3.Error):
            loader.finish(loader.note)
        raise
    finally:
        if collecting:
            gc.enable()
        _tune(connection, _INDEXING_USUAL)
        for name, value in before.items():
            connection.execute(f"PRAGMA {name}={value}")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _tune(
    connection: sqlite3.Connection, settings: Mapping[str, int], indexes: Iterable[str] = _INDEXES
) -> None:
    with transaction(connection):
        for index in indexes:
            connection.executemany(
                f"INSERT INTO {index} ({index}, rank) VALUES (?, ?)", settings.items()
            )


def words(paper: Paper) -> list[str]:
    """The other ids that a paper with an arXiv id goes by."""
    proven = from_doi(paper.doi) if paper.doi else paper.id
    return [*({proven} - {paper.id}), *by_title(paper.title)]


def keep(connection: sqlite3.Connection, note: Mapping[str, str]) -> None:
    """Remember where an import has come to; an empty value is forgotten."""
    number = SOURCE_IDS[writing.FILES]
    for name, value in note.items():
        if value:
            connection.execute(
                "INSERT OR REPLACE INTO source_state VALUES (?, ?, ?)", (number, name, value)
            )
        else:
            connection.execute(
                "DELETE FROM source_state WHERE source = ? AND name = ?", (number, name)
            )


def _row(paper: Paper) -> tuple[Any, ...]:
    """The columns, as `rows.paper_to_row` spells them."""
    return (
        paper.id,
        paper.title,
        paper.arxiv_id,
        paper.doi,
        paper.abstract,
        _names(paper.authors),
        _listed(paper.categories),
        _iso(paper.published_at),
        _iso(paper.updated_at),
        paper.version,
        paper.organization,
        paper.url,
        paper.code_url,
        paper.project_url,
        paper.ai_summary,
        _listed(paper.keywords),
        paper.comment,
        paper.journal,
        int(paper.withdrawn),
    )


def _names(names: tuple[str, ...]) -> str:
    """The names as JSON, in a fifth of the time where none of their signs needs an escape."""
    plain = '", "'.join(names)
    escaped = "\\" in plain or plain.count('"') != 2 * (len(names) - 1)
    if not escaped and plain.isprintable():
        return f'["{plain}"]'
    return json.dumps(names, ensure_ascii=False)


@lru_cache(maxsize=10_000)
def _listed(names: tuple[str, ...]) -> str:
    return json.dumps(names, ensure_ascii=False)


def _iso(moment: datetime | None) -> str | None:
    """As `clock.iso` does, in a quarter of its time."""
    if moment is None:
        return None
    if moment.tzinfo is not UTC or moment.year < 1000:
        return iso(moment)
    return f"{moment.isoformat()[:19]}Z"


#: What a source that says nothing of a column leaves there.
_BLANK = _row(Paper(id="", title=""))


def _said(paper: Paper) -> str:
    """The account of the only source: all that it fills is as in papers."""
    return _filled(tuple(map(bool, _FIELDS(paper))))


@lru_cache(maxsize=1_000)
def _filled(filled: tuple[bool, ...]) -> str:
    given = (name for name, there in zip(PAPER_FIELDS, filled, strict=True) if there)
    return json.dumps(dict.fromkeys(given))
