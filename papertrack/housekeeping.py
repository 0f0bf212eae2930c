"""The words of upkeep: what is wrong with a store, what it weighs, what would leave it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

#: Called with what is being done, how far that is, and how much there is; None: nobody knows.
Progress = Callable[[str, int, int | None], None]


def no_progress(what: str, done: int, total: int | None) -> None:
    """For pipes, cron and tests."""


@dataclass(frozen=True)
class Problem:
    """Something that is wrong with a store: where, what, and how to mend it, in one sentence."""

    where: str  # file, index, rows, search
    said: str


@dataclass(frozen=True)
class TableSize:
    """One table with its own indexes.

    `bytes` is None where SQLite cannot tell, or not soon; `about` where rows were not all counted.
    """

    name: str
    rows: int
    bytes: int | None
    about: bool = False


@dataclass(frozen=True)
class Optimized:
    """What `db optimize` came to; sizes are of the file and its journal, in bytes."""

    before: int
    after: int
    vacuumed: bool


@dataclass(frozen=True, kw_only=True)
class Repaired:
    """What `db repair` did. `kept` is where the damaged file lies, empty where it was mended."""

    rows: Mapping[str, int] = field(default_factory=dict)  # by table: dropped, or saved
    had: Mapping[str, int | None] = field(default_factory=dict)  # of those saved: None is unknown
    kept: str = ""
    left: tuple[Problem, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether every row that there had been was saved."""
        return all(count == self.rows.get(table) for table, count in self.had.items())


@dataclass(frozen=True)
class Goer:
    """A paper that a pruning would remove."""

    id: str
    title: str
    day: date
    votes: float | None


@dataclass(frozen=True, kw_only=True)
class Pruning:
    """What is older than a day and nobody has marked, and what stays for being marked."""

    before: date
    papers: int
    observations: int
    listings: int
    kept: Mapping[str, int]  # why it stays -> how many papers; one may have several reasons
    examples: tuple[Goer, ...] = ()
    teaching: int = 0  # papers going from whose votes the next fetch would learn what is usual
