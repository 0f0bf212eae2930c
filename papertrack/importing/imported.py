"""What a file held, the bounds of it, and the way to say "this is not my format"."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from papertrack.models import Listing, Observation, Paper, ReaderState
from papertrack.reports import Batch

#: Who says so: the papers of a file are the file's account, those of a saved page its service's.
NAME = "import"

MAX_BODY = 20_000_000  # bytes
MAX_PAPERS = 100_000
MAX_RECORD = 500_000  # characters of one entry of a bibliography
MAX_TITLE = 1_000
MAX_ABSTRACT = 50_000
MAX_AUTHORS = 10_000
MAX_NAME = 300
_MAX_WORDS = 500  # keywords, categories
_MAX_SKIPPED = 1_000


class OtherFormatError(Exception):
    """The file is of another format; the text names this one and what was missing."""


@dataclass(frozen=True)
class Imported:
    """What a file held.

    `source` is whose account the papers are: "import", or "huggingface" for its own page or answer.
    `ids` are papers of which the file says no more than the id, as `identifiers.parse` writes it.
    `states` is what the reader had done with the papers, by id, in papertrack's own records.
    """

    format: str
    batch: Batch
    ids: tuple[str, ...] = ()
    states: Mapping[str, ReaderState] = field(default_factory=dict)
    source: str = NAME


@dataclass
class Gathering:
    """Papers as they are read, each id once, with the bounds kept."""

    papers: dict[str, Paper] = field(default_factory=dict)
    ids: dict[str, None] = field(default_factory=dict)
    listings: list[Listing] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    states: dict[str, ReaderState] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    refused: int = 0

    def is_full(self) -> bool:
        """Whether enough was read, which is then said in `skipped`: ask before reading on."""
        if len(self.papers) + len(self.ids) + self.refused < MAX_PAPERS:
            return False
        self.skipped.append(f"what follows the first {MAX_PAPERS:,} entries is left out")
        return True

    def add(self, paper: Paper, where: str) -> bool:
        """Take a paper; one that was there before is left out, unless only this has an abstract."""
        before = self.papers.get(paper.id)
        if before and not (paper.abstract and not before.abstract):
            self.skip(f"{where} is a paper that the file holds already ({paper.id})")
            return False
        self.papers[paper.id] = bounded(paper)
        return True

    def skip(self, reason: str) -> None:
        self.refused += 1
        if self.refused <= _MAX_SKIPPED:
            self.skipped.append(reason[:300])

    def imported(self, format_name: str, nothing: str) -> Imported:
        """The whole. Raises OtherFormatError, saying `nothing`, where no paper or id was found."""
        if not self.papers and not self.ids:
            first = f"; {self.skipped[0]}" if self.skipped else ""
            raise OtherFormatError(f"{format_name} ({nothing}{first})")
        return Imported(
            format=format_name,
            batch=Batch(
                papers=tuple(self.papers.values()),
                listings=tuple(self.listings),
                observations=tuple(self.observations),
                skipped=tuple(self.skipped),
            ),
            ids=tuple(one for one in self.ids if one not in self.papers),
            states=self.states,
        )


def bounded(paper: Paper) -> Paper:
    """The paper with no text longer than a paper's text can be."""
    return replace(
        paper,
        title=paper.title[:MAX_TITLE],
        abstract=paper.abstract[:MAX_ABSTRACT],
        authors=tuple(name[:MAX_NAME] for name in paper.authors[:MAX_AUTHORS]),
        categories=tuple(name[:MAX_NAME] for name in paper.categories[:_MAX_WORDS]),
        keywords=tuple(word[:MAX_NAME] for word in paper.keywords[:_MAX_WORDS]),
        organization=paper.organization[:MAX_NAME],
        ai_summary=paper.ai_summary[:MAX_ABSTRACT],
        comment=paper.comment[:MAX_ABSTRACT],
        journal=paper.journal[:MAX_TITLE],
    )


def no_records(number: int, first: str) -> str:
    """What is said of lines that are no records; `first` names the first of them."""
    said = "1 line is no record" if number == 1 else f"{number:,} lines are no records"
    return f"{said}, the first of them: {first}"
