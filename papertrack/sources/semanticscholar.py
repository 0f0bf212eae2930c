"""Semantic Scholar: how often a paper is cited, and a sentence that sums it up.

`POST /graph/v1/paper/batch?fields=...` with `{"ids": ["ARXIV:2106.15928", "DOI:10.1101/..."]}`, at
most 500, answers an array in the order of the ids with `null` for an unknown one. A field not asked
for is absent; `abstract` and `tldr` are often null. Counts are totals, and 0 for nearly every paper
of this week. Without a key every request is answered with 429 (September 2026); with one, one
request a second is allowed. Error bodies are `{"error": ...}` or `{"message": ...}`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from papertrack import identifiers
from papertrack.clock import Clock
from papertrack.errors import SourceFormatError, SourceSkippedError
from papertrack.models import CITATIONS, Observation, Paper
from papertrack.reports import Batch
from papertrack.sources import values
from papertrack.sources.batching import in_parts
from papertrack.sources.client import Answer, Client, host_of

if TYPE_CHECKING:
    from papertrack.sources.base import Wanted

NAME = "semanticscholar"
BASE_URL = "https://api.semanticscholar.org"
INFLUENTIAL = "influential_citations"
FIELDS = (
    "externalIds,title,abstract,venue,publicationDate,authors,tldr,"
    "citationCount,influentialCitationCount"
)
BATCH_SIZE = 500
MAX_ENTRIES = 1_000
MAX_TITLE, MAX_ABSTRACT, MAX_AUTHORS = 1_000, 50_000, 10_000
#: Servers of preprints, which are no journal.
_NO_JOURNAL = {"arxiv", "arxiv.org", "biorxiv", "medrxiv"}


@dataclass
class _Page:
    """What one answer held."""

    papers: list[Paper] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def parse(body: bytes, *, observed_at: datetime, asked: Sequence[Paper] = ()) -> Batch:
    """An answer as papers and counts: an array, an object with `data`, or one paper.

    `asked` are the papers a batch was asked for: an entry is matched to them by its position, and
    dropped where its own ids contradict that; counts are filed under the id that was asked. Without
    `asked`, an entry speaks for the ids it names itself. Raises SourceFormatError for error
    bodies, for no JSON, and for a batch of another length than was asked for.
    """
    entries = _entries(body)
    if asked and len(entries) != len(asked):
        raise SourceFormatError(f"the answer has {len(entries)} entries for {len(asked)} papers")
    page = _Page()
    for number, entry in enumerate(entries[:MAX_ENTRIES], 1):
        if entry is not None:
            one = asked[number - 1] if asked else None
            _read_entry(page, number, values.mapping(entry), one, observed_at)
    return Batch(
        papers=tuple(page.papers),
        observations=tuple(page.observations),
        skipped=tuple(page.skipped),
    )


def _entries(body: bytes) -> list[object]:
    """The papers of an answer. A search without a hit has `total` 0 and no `data` at all."""
    try:
        answer = values.loaded(body)
    except ValueError:
        answer = None
    if isinstance(answer, list):
        return answer
    said = values.mapping(answer)
    if "paperId" in said:
        return [said]
    found = next((said[key] for key in ("data", "recommendedPapers") if key in said), None)
    if isinstance(found, list):
        return found
    if said.get("total") == 0 and found is None:
        return []
    reason = values.line(said.get("error")) or values.line(said.get("message"))
    raise SourceFormatError(
        "the answer is not a list of papers" + (f"; it says {reason[:200]!r}" if reason else "")
    )


def _read_entry(
    page: _Page,
    number: int,
    entry: Mapping[str, object],
    asked: Paper | None,
    observed_at: datetime,
) -> None:
    arxiv_id, doi = _ids(values.mapping(entry.get("externalIds")))
    title = values.line(entry.get("title"))[:MAX_TITLE]
    if asked and not _agrees(asked, arxiv_id, doi, title):
        page.skipped.append(f"entry {number} is another paper than {asked.id}")
        return
    own = f"arxiv:{arxiv_id}" if arxiv_id else f"doi:{doi}" if doi else ""
    paper_id = asked.id if asked else own
    if not paper_id:
        page.skipped.append(f"entry {number} has no arXiv id and no DOI")
        return
    if title:
        page.papers.append(_paper(paper_id, arxiv_id, doi, title, entry))
    page.observations += [
        Observation(paper_id=paper_id, source=NAME, kind=kind, value=value, observed_at=observed_at)
        for kind, key in ((CITATIONS, "citationCount"), (INFLUENTIAL, "influentialCitationCount"))
        if (value := values.count(entry.get(key))) is not None
    ]


def _ids(names: Mapping[str, object]) -> tuple[str, str]:
    """The arXiv id and the DOI of `externalIds`; the DOI that arXiv itself gives is no other id."""
    split = identifiers.split_arxiv(values.line(names.get("ArXiv"))[:100])
    doi = identifiers.normalise_doi(values.line(names.get("DOI"))[:300]) or ""
    scheme, _, number = identifiers.from_doi(doi).partition(":")
    if scheme == "arxiv":
        return split[0] if split else number, ""
    return split[0] if split else "", doi if doi.isprintable() else ""


def _agrees(asked: Paper, arxiv_id: str, doi: str, title: str) -> bool:
    """Whether an entry can be the paper that was asked for.

    Preprint and journal version are one paper here, under the journal's DOI: for a paper that was
    asked by DOI, the same title is as good as the same DOI.
    """
    asked_arxiv, asked_doi = _asked_ids(asked)
    if asked_arxiv:
        return arxiv_id in ("", asked_arxiv)
    same_title = identifiers.normalise_title(asked.title) == identifiers.normalise_title(title)
    return doi in ("", asked_doi) or bool(title and same_title)


def _asked_ids(paper: Paper) -> tuple[str, str]:
    scheme, _, number = paper.id.partition(":")
    arxiv_id = paper.arxiv_id or (number if scheme == "arxiv" else "")
    return arxiv_id, paper.doi or (number if scheme == "doi" else "")


def _question(paper: Paper) -> str:
    """`ARXIV:2106.15928` or `DOI:10.1101/...`; nothing for a paper that has neither id."""
    arxiv_id, doi = _asked_ids(paper)
    return f"ARXIV:{arxiv_id}" if arxiv_id else f"DOI:{doi}" if doi else ""


def _paper(
    paper_id: str, arxiv_id: str, doi: str, title: str, entry: Mapping[str, object]
) -> Paper:
    venue = values.line(entry.get("venue"))[:MAX_TITLE]
    return Paper(
        id=paper_id,
        title=title,
        arxiv_id=arxiv_id,
        doi=doi,
        abstract=values.line(entry.get("abstract"))[:MAX_ABSTRACT],
        authors=tuple(
            name
            for author in values.items(entry.get("authors"))[:MAX_AUTHORS]
            if (name := values.line(values.mapping(author).get("name"))[:MAX_TITLE])
        ),
        published_at=values.moment(entry.get("publicationDate")),
        journal="" if venue.casefold() in _NO_JOURNAL else venue,
        ai_summary=values.line(values.mapping(entry.get("tldr")).get("text"))[:MAX_ABSTRACT],
    )


@dataclass(frozen=True)
class SemanticScholarSource:
    """Asks for the counts of the papers that are stored, 500 at a time."""

    client: Client
    clock: Clock
    base_url: str = BASE_URL
    token: str = ""
    name: str = NAME

    def fetch(self, wanted: "Wanted", state: Mapping[str, str]) -> Iterator[Batch]:
        """One batch for 500 papers. Raises SourceSkippedError without a key."""
        headers = self._headers()
        asked = [paper for paper in wanted.papers if _question(paper)]
        yield from in_parts(asked, BATCH_SIZE, lambda part: self._read(part, headers))

    def lookup(self, paper_id: str) -> Batch:
        """What the service says of one paper; empty where it knows none of that id."""
        one = Paper(id=paper_id, title="")
        if not _question(one):
            return Batch()
        url = f"{self._root()}/{quote(_question(one), safe=':/')}?{urlencode({'fields': FIELDS})}"
        answer = self.client.get(url, headers=self._headers())
        return Batch() if answer.missing else self._parse(answer, [one])

    def find_title(self, title: str) -> Batch:
        """The paper whose title is nearest, or nothing; the caller decides whether it is the one.

        A title that matches nothing is answered with 404, or with 200 and empty `data`.
        """
        query = urlencode({"query": values.line(title)[:MAX_TITLE], "fields": FIELDS})
        answer = self.client.get(f"{self._root()}/search/match?{query}", headers=self._headers())
        return Batch() if answer.missing else self._parse(answer)

    def _read(self, part: Sequence[Paper], headers: Mapping[str, str]) -> Batch:
        url = f"{self._root()}/batch?{urlencode({'fields': FIELDS})}"
        payload = {"ids": [_question(paper) for paper in part]}
        answer = self.client.post(url, payload, headers=headers)
        if answer.missing:
            raise SourceFormatError(
                f"{host_of(url)} has no papers at {url}; check sources.semanticscholar.base_url.",
                url=url,
            )
        return self._parse(answer, part)

    def _parse(self, answer: Answer, asked: Sequence[Paper] = ()) -> Batch:
        try:
            return parse(answer.body, observed_at=self.clock(), asked=asked)
        except SourceFormatError as error:
            raise SourceFormatError(
                f"{host_of(answer.url)}: {error} ({answer.url}); try again later.", url=answer.url
            ) from None

    def _root(self) -> str:
        return f"{self.base_url}/graph/v1/paper"

    def _headers(self) -> dict[str, str]:
        if not self.token:
            raise SourceSkippedError(
                "sources.semanticscholar.token is not set; a free key is given at "
                "https://www.semanticscholar.org/product/api."
            )
        return {"x-api-key": self.token}
