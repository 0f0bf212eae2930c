"""Everything papertrack remembers, in one SQLite file.

Opening it applies outstanding migrations, so a new file and an old one are handled the same way.
The store takes and returns models, never rows; it does not rank and does not fetch.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from papertrack.clock import iso
from papertrack.errors import PaperNotFoundError
from papertrack.models import Entry, Listing, Observation, Paper, ReaderState, Window
from papertrack.store import reading
from papertrack.store.connection import BUSY_SECONDS, MEMORY, connect, explained, transaction

if TYPE_CHECKING:
    from papertrack.archive import Kept, ListRead, Opening
    from papertrack.housekeeping import Problem, Progress, Pruning, TableSize
    from papertrack.querying import Query
    from papertrack.reports import Batch, Counts, SourceHealth, SourceReport, Stats
    from papertrack.store.bulk import Loader
    from papertrack.store.outbox import Outbox
    from papertrack.store.passages import Passage
    from papertrack.store.searching import Hit
    from papertrack.store.spelling import Mended

    Monthly = tuple[str, Mapping[str, str], Iterator[tuple[Any, ...]], int]

__all__ = ["MEMORY", "Store"]

_Answer = TypeVar("_Answer")
#: What a transaction of some hundred papers reads and writes, without reading any page twice.
_WRITING_KB = 32_000
#: What SQLite says where an index cannot be read: of its content, and of its very tables.
_DAMAGED = ("malformed", "vtable constructor failed", "fts5: ")


class Store:
    """One open store. Reading methods never write; each writing method is one transaction."""

    def __init__(
        self, path: str, progress: "Progress | None" = None, *, patience: float = BUSY_SECONDS
    ) -> None:
        self.path = path
        self.index_was_rebuilt = False  # found damaged by a search, and mended
        self._connection = connect(path, progress, patience=patience)

    def close(self) -> None:
        self._connection.close()

    # -- writing ----------------------------------------------------------------------------

    def add(
        self, source: str, batch: "Batch", at: datetime, *, read_at: datetime | None = None
    ) -> "Counts":
        """Store one batch of a source, with what the source wants back next time.

        `read_at` is when its lists were read, if that was not now: a page that was saved.
        """
        from papertrack.store.writing import add

        with self._writing() as connection:
            return add(connection, source, batch, at, read_at or at)

    @contextmanager
    def loading(self, source: str, at: datetime) -> "Iterator[Loader]":
        """Take in papers by the hundred thousand: yields what adds them, a part at a time."""
        from papertrack.store import bulk

        with explained(self.path), bulk.loading(self._connection, source, at) as loader:
            yield loader

    def record_run(self, report: "SourceReport", at: datetime) -> None:
        """Note how a source fared, for `status`."""
        from papertrack.store.health import record_run

        with self._writing() as connection:
            record_run(connection, report, at)

    def mark(self, keys: Iterable[str], name: str, at: datetime) -> int:
        """Papers become `saved`, `read`, `hidden` or `seen`; returns how many were not.

        Here and below: raises PaperNotFoundError for an id that is not stored, and changes nothing.
        """
        return self._marking("mark", self._numbers(keys), name, iso(at))

    def unmark(self, keys: Iterable[str], name: str) -> int:
        """Papers are no longer that; returns how many were."""
        return self._marking("unmark", self._numbers(keys), name)

    def tag(self, keys: Iterable[str], name: str) -> int:
        """Papers get a tag; returns how many did not have it."""
        return self._marking("tag", self._numbers(keys), name)

    def untag(self, keys: Iterable[str], name: str) -> int:
        """Papers lose a tag; returns how many had it."""
        return self._marking("untag", self._numbers(keys), name)

    def note(self, key: str, text: str) -> int:
        """The note of a paper from now on; returns 1 where it was another."""
        return self._marking("note", self._numbers([key])[0], text)

    def _marking(self, verb: str, *about: object) -> int:
        from papertrack.store import marks

        with self._writing() as connection:
            return int(getattr(marks, verb)(connection, *about))

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with explained(self.path), transaction(self._connection) as connection:
            connection.execute(f"PRAGMA cache_size={-_WRITING_KB}")
            yield connection

    def may_be_written(self) -> bool:
        """Whether whoever runs this can write to the file, and to the folder it lies in."""
        from papertrack.store import untouched

        return self.path == MEMORY or untouched.may_write(self.path)

    # -- reading ----------------------------------------------------------------------------

    def listed(self, window: Window, leave_out: Collection[str] = ()) -> list[int]:
        """Papers that came before readers in the window, also by other sources than these."""
        with explained(self.path):
            return reading.listed(self._connection, window, leave_out)

    def on_lists(self, source: str, first: date, last: date) -> list[int]:
        """Papers on a source's lists of these days, both included."""
        with explained(self.path):
            return reading.on_lists(self._connection, source, first, last)

    def accounts(self, number: int) -> dict[str, tuple[Paper, datetime]]:
        """What each source said of a paper, and when."""
        with explained(self.path):
            return reading.accounts(self._connection, number)

    def join(self, kept: str, gone: str) -> None:
        """Two ids turn out to be one paper: everything goes to the first, both ids still work."""
        from papertrack.store.writing import join

        with self._writing() as connection:
            join(connection, kept, gone)

    def set_states(self, states: Mapping[str, ReaderState]) -> None:
        """Take over what a reader did with papers elsewhere; nothing that is set is unset."""
        from papertrack.store.writing import set_states

        with self._writing() as connection:
            set_states(connection, states)

    def entries(
        self, numbers: Sequence[int], until: datetime, *, brief: bool = False
    ) -> list[Entry]:
        """Each paper as it was known at a moment; `brief` ones are enough to be ranked."""
        return list(self.numbered(numbers, until, brief=brief).values())

    def numbered(
        self, numbers: Sequence[int], until: datetime, *, brief: bool = False
    ) -> dict[int, Entry]:
        """The same by number; papers that are gone are left out."""
        with explained(self.path):
            return reading.entries(self._connection, numbers, until, brief=brief)

    def papers(self, keys: Sequence[str]) -> dict[str, Paper]:
        """The papers that are known under these ids, in full, by id."""
        with explained(self.path):
            return reading.papers(self._connection, keys)

    def find(self, keys: Sequence[str]) -> dict[str, int]:
        """The papers that are known under these ids, by id."""
        with explained(self.path):
            return reading.resolve(self._connection, keys)

    def history(self, number: int) -> tuple[Observation, ...]:
        """Every count of one paper that was ever seen."""
        with explained(self.path):
            return reading.history(self._connection, number)

    def histories(
        self, source: str, since: datetime
    ) -> Iterator[tuple[Paper, tuple[Listing, ...], tuple[Observation, ...]]]:
        """Every paper that a source has listed since then, with all that was counted of it."""
        with explained(self.path):
            yield from reading.histories(self._connection, source, since)

    def mended(self, query: "Query") -> "Mended":
        """A question with its misspelt words as the index spells them."""
        from papertrack.store import spelling

        return self._asking(lambda connection: spelling.mended(connection, query))

    def suggested(self, query: "Query") -> tuple[tuple[str, str], ...]:
        """(typed, known) for names of a question that nothing is known of."""
        from papertrack.store import spelling

        return self._asking(lambda connection: spelling.suggested(connection, query))

    def search(
        self, query: "Query", limit: int, *, every: bool = False, newest: bool = False
    ) -> "list[Hit]":
        """The papers that answer a question, best first, or `newest` first.

        With `every`, only those that have all of its words.
        """
        from papertrack.store import searching

        return self._asking(
            lambda connection: searching.search(
                connection, query, limit, every=every, newest=newest
            )
        )

    def passing(self, query: "Query", numbers: Iterable[int]) -> set[int]:
        """Those of these papers that have all that a question requires."""
        from papertrack.store import searching

        return self._asking(lambda connection: searching.passing(connection, query, numbers))

    def names_a_title(self, query: "Query") -> bool:
        """Whether exactly one title holds all words of a question."""
        from papertrack.store import searching

        return self._asking(lambda connection: searching.names_a_title(connection, query))

    def passages(self, query: "Query", numbers: Sequence[int]) -> "dict[int, Passage]":
        """Where papers say what a question asks for."""
        from papertrack.store import passages

        return self._asking(lambda connection: passages.passages(connection, query, numbers))

    def _asking(self, ask: Callable[[sqlite3.Connection], _Answer]) -> _Answer:
        """Ask the search index; one that is damaged is built anew first, since it can be."""
        with explained(self.path):
            try:
                return ask(self._connection)
            except sqlite3.DatabaseError as error:
                if not any(said in str(error) for said in _DAMAGED):
                    raise
            from papertrack.store import repair

            with transaction(self._connection) as connection:
                repair.rebuild(connection)
            self.index_was_rebuilt = True
            return ask(self._connection)

    def first_observed(self, numbers: Sequence[int]) -> datetime | None:
        """When the first count of any of these papers was seen."""
        with explained(self.path):
            return reading.first_observed(self._connection, numbers)

    def lists_read(self, source: str) -> dict[date, datetime]:
        """When each list of a source was last read."""
        with explained(self.path):
            return reading.lists_read(self._connection, source)

    def state(self, source: str) -> Mapping[str, str]:
        """What the source asked us to remember."""
        with explained(self.path):
            return reading.state(self._connection, source)

    def is_empty(self) -> bool:
        with explained(self.path):
            found = self._connection.execute("SELECT 1 FROM papers LIMIT 1").fetchone()
        return found is None

    def papers_on(self, first: date, last: date) -> list[Paper]:
        """The papers on any source's lists of these days, newest list first."""
        with explained(self.path):
            return reading.papers_on(self._connection, first, last)

    def not_before(self, source: str) -> datetime | None:
        """The moment until which a source wanted to be left alone when it was last asked."""
        with explained(self.path):
            return reading.not_before(self._connection, source)

    def last_failure(self, source: str) -> datetime | None:
        """When the source was last asked, if it failed then."""
        with explained(self.path):
            return reading.last_failure(self._connection, source)

    def health(self) -> "list[SourceHealth]":
        """How each source that was ever asked has fared."""
        from papertrack.store import health

        with explained(self.path):
            return health.sources(self._connection)

    def born(self) -> str:
        """What tells this store from another in the same place."""
        from papertrack.store import corpus

        with explained(self.path):
            return corpus.born(self._connection)

    def numbers(self) -> list[int]:
        """All papers, ascending."""
        from papertrack.store import corpus

        with explained(self.path):
            return corpus.numbers(self._connection)

    def count(self) -> int:
        """How many papers there are."""
        from papertrack.store import corpus

        with explained(self.path):
            return corpus.count(self._connection)

    def text_sizes(self) -> dict[int, int]:
        """How many characters of title and abstract each paper has."""
        from papertrack.store import corpus

        with explained(self.path):
            return corpus.sizes(self._connection)

    def texts(self, numbers: Sequence[int]) -> Iterator[tuple[int, Paper]]:
        """Papers with id, title and abstract only, ascending."""
        from papertrack.store import corpus

        with explained(self.path):
            yield from corpus.texts(self._connection, numbers)

    def authors(self, parts: Collection[str]) -> Iterator[tuple[int, Paper]]:
        """Papers with id and authors only, where one of these lower-case words may be in a name."""
        from papertrack.store import corpus

        with explained(self.path):
            yield from corpus.authors(self._connection, parts)

    def marked(self) -> dict[str, list[int]]:
        """The papers that are `saved`, `read` and `hidden`."""
        from papertrack.store import corpus

        with explained(self.path):
            return corpus.marked(self._connection)

    def reading_list(self) -> list[int]:
        """The saved papers, last saved first."""
        from papertrack.store import marks

        with explained(self.path):
            return marks.saved(self._connection)

    def tags(self) -> dict[str, int]:
        """Every tag, and how many papers have it."""
        from papertrack.store import marks

        with explained(self.path):
            return marks.tags(self._connection)

    def keep_learned(self, name: str, value: str, at: datetime) -> None:
        """Keep what was concluded from the papers, as text under a name."""
        from papertrack.store import memory

        with self._writing() as connection:
            memory.keep_learned(connection, name, value, at)

    def learned(self, name: str) -> str:
        """What was concluded before; empty where nothing was."""
        from papertrack.store import memory

        with explained(self.path):
            return memory.learned(self._connection, name)

    def learned_at(self, name: str) -> datetime | None:
        """When that was concluded; None where it never was."""
        from papertrack.store import memory

        with explained(self.path):
            return memory.learned_at(self._connection, name)

    def keep_promise(
        self, day: date, ranking: str, papers: Sequence[tuple[str, float, float]], at: datetime
    ) -> None:
        """Note a day's list, (id, score, votes) from the top; the first of a day stands."""
        from papertrack.store import memory

        ids = self.find([key for key, _, _ in papers])
        rows = [(ids[key], score, votes) for key, score, votes in papers if key in ids]
        with self._writing() as connection:
            memory.keep_promise(connection, day, ranking, rows, at)

    def promises(self, ranking: str) -> list[tuple[date, str, int, str, float]]:
        """(day, when it was noted, place, paper, votes then) of each list that was noted."""
        from papertrack.store import memory

        with explained(self.path):
            return memory.promises(self._connection, ranking)

    @property
    def outbox(self) -> "Outbox":
        """The issues of digests and their letters."""
        from papertrack.store.outbox import Outbox

        return Outbox(self.path, self._connection)

    def size(self) -> int:
        """The bytes of the file."""
        with explained(self.path):
            pages = self._connection.execute("PRAGMA page_count").fetchone()[0]
            return int(pages * self._connection.execute("PRAGMA page_size").fetchone()[0])

    def check(self) -> list[str]:
        """What SQLite finds wrong with the file; nothing where it is whole."""
        with explained(self.path):
            found = [row[0] for row in self._connection.execute("PRAGMA quick_check")]
        return [problem for problem in found if problem != "ok"]

    def problems(
        self, *, full: bool = False, progress: "Progress | None" = None
    ) -> "list[Problem]":
        """What is wrong with pages, rows, values and search index, and how to mend it."""
        from papertrack.store import checking

        with explained(self.path):
            given = {"progress": progress} if progress else {}
            return list(checking.problems(self._connection, full=full, **given))

    def tables(self, *, exact: bool = False) -> "list[TableSize]":
        """How many rows each table has and what they weigh, the heaviest first.

        In a store of millions about how many, and not what they weigh, unless `exact`.
        """
        from papertrack.store import health

        with explained(self.path):
            return health.tables(self._connection, exact=exact)

    def plan_pruning(self, before: date, taught_since: date) -> "Pruning":
        """What a pruning would remove; from the votes since the second day the norm is learned."""
        from papertrack.store import pruning

        with explained(self.path):
            return pruning.plan(self._connection, before, taught_since)

    def prune(self, pruning: "Pruning", progress: "Progress | None" = None) -> int:
        """Remove what is old and unmarked; returns how many papers."""
        from papertrack.store.pruning import prune

        with explained(self.path):
            given = {"progress": progress} if progress else {}
            return prune(self._connection, pruning.before, pruning.papers, **given)

    def opening(self, at: datetime) -> "Opening":
        """What an export begins with."""
        from papertrack.store import archiving

        with explained(self.path):
            return archiving.opening(self._connection, at)

    def everything(self) -> "Iterator[Kept]":
        """Every paper with all that belongs to it, oldest first, as of one moment."""
        from papertrack.store import archiving

        with explained(self.path):
            yield from archiving.everything(self._connection)

    @contextmanager
    def months(self) -> "Iterator[Iterator[Monthly]]":
        """(name, columns, rows, how many) of the tables that are kept by month, as of one moment.

        Read the rows of one before the next is asked for, and all of them in the block.
        """
        from papertrack.store import monthly

        with explained(self.path), monthly.one_moment(self._connection):
            yield (
                (
                    name,
                    columns,
                    monthly.rows(self._connection, name),
                    monthly.count(self._connection, name),
                )
                for name, (columns, _) in monthly.TABLES.items()
            )

    def restore(
        self, kept: "Sequence[Kept]", lists: "Iterable[ListRead]", at: datetime
    ) -> "Counts":
        """Take in what was exported elsewhere; what is known here and newer stands."""
        from papertrack.store import restoring

        with self._writing() as connection:
            restoring.take_lists(connection, lists)
            return restoring.restore(connection, kept, at)

    def stats(self, *, exact: bool = False) -> "Stats":
        """The store in numbers; those of a store of millions are judged, unless `exact`."""
        from papertrack.store import health

        with explained(self.path):
            return health.stats(self._connection, self.path, exact=exact)

    def _numbers(self, keys: Iterable[str]) -> list[int]:
        wanted = list(dict.fromkeys(keys))
        found = self.find(wanted)
        missing = [key for key in wanted if key not in found]
        if missing:
            raise PaperNotFoundError(
                f"No paper {missing[0]} is stored; `papertrack show {missing[0].partition(':')[2]}`"
                " looks it up."
            )
        return [found[key] for key in wanted]
