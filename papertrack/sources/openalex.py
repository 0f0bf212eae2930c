"""OpenAlex: how often a paper is cited, and abstracts of papers that arXiv does not have.

`GET /works?filter=doi:a|b|...&per_page=100` answers `{"meta": ..., "results": [...]}`, at most 100
DOIs a request, in an order of its own; unknown DOIs are silently absent. An arXiv paper is asked by
the DOI 10.48550/arXiv.<id>, and is absent when it was merged into the journal's record. A list
costs $0.0001 of a day's free dollar, `GET /works/doi:...` nothing; when the day's money is spent,
429 comes with a Retry-After of hours. 404 is a web page. Counts are totals.

Since 2026-02-13 a key is expected. The documentation knows it as `api_key` in the address only
(2026-09; a header is accepted in practice and documented nowhere), so it travels as the client's
`secret_query`, which no message and no state shows.

Three things not to be taken at their word: the publication date of a preprint is often the first of
January of its year, `display_name` of an author may be a namesake, and lists cut authors at 100.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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

NAME = "openalex"
BASE_URL = "https://api.openalex.org"
FIELDS = (
    "doi,title,publication_date,authorships,primary_location,abstract_inverted_index,cited_by_count"
)
BATCH_SIZE = 100
MAX_ENTRIES = 1_000
MAX_DOI = 200
MAX_TITLE, MAX_ABSTRACT, MAX_AUTHORS = 1_000, 50_000, 10_000
MAX_WORDS = 10_000  # of an abstract, and the last position a word may have
_AUTHORS_OF_A_LIST = 100


@dataclass(frozen=True)
class _Work:
    """One record: the paper, without the id to file it under, and its count."""

    paper: Paper | None
    id: str
    citations: int | None


def parse(body: bytes, *, observed_at: datetime, asked: Mapping[str, str] | None = None) -> Batch:
    """A list of works, or one work, as papers and counts.

    `asked` maps the DOIs of a request, in small letters, to the ids of the papers, and works with
    another DOI are skipped; without it a work is filed under its own. Of two works with one DOI the
    more cited one counts. Raises SourceFormatError for error bodies, web pages and whatever else
    is no work.
    """
    works: dict[str, _Work] = {}
    skipped = []
    for number, entry in enumerate(_entries(body)[:MAX_ENTRIES], 1):
        work = _work(values.mapping(entry), asked)
        if isinstance(work, str):
            skipped.append(f"entry {number} {work}")
        elif work.id not in works or (work.citations or 0) > (works[work.id].citations or 0):
            works[work.id] = work
    return Batch(
        papers=tuple(work.paper for work in works.values() if work.paper),
        observations=tuple(
            Observation(
                paper_id=work.id,
                source=NAME,
                kind=CITATIONS,
                value=work.citations,
                observed_at=observed_at,
            )
            for work in works.values()
            if work.citations is not None
        ),
        skipped=tuple(skipped),
    )


def _entries(body: bytes) -> list[object]:
    try:
        answer = values.mapping(values.loaded(body))
    except ValueError:
        answer = {}
    if isinstance(answer.get("results"), list):
        return values.items(answer["results"])
    if "doi" in answer and "error" not in answer:
        return [answer]
    reason = values.line(answer.get("message")) or values.line(answer.get("error"))
    raise SourceFormatError(
        "the answer is not a list of works" + (f"; it says {reason[:200]!r}" if reason else "")
    )


def _work(entry: Mapping[str, object], asked: Mapping[str, str] | None) -> _Work | str:
    """One record, or why it is left out."""
    doi = identifiers.normalise_doi(values.line(entry.get("doi"))[:MAX_DOI])
    if not doi or not doi.isprintable():
        return "has no usable DOI"
    if asked is not None and doi not in asked:
        return f"has the DOI {doi}, which was not asked for"
    own = identifiers.from_doi(doi)
    paper_id = asked[doi] if asked is not None else own
    title = values.line(entry.get("title"))[:MAX_TITLE]
    arxiv_id = own.removeprefix("arxiv:") if own.startswith("arxiv:") else ""
    paper = Paper(
        id=paper_id,
        title=title,
        arxiv_id=arxiv_id,
        doi="" if arxiv_id else doi,
        abstract=_abstract(entry.get("abstract_inverted_index")),
        authors=_authors(values.items(entry.get("authorships"))),
        published_at=_published(entry.get("publication_date")),
        journal=_journal(values.mapping(entry.get("primary_location"))),
    )
    return _Work(paper if title else None, paper_id, values.count(entry.get("cited_by_count")))


def _published(value: object) -> datetime | None:
    """The day of publication; the first of January stands for "some time in this year"."""
    day = values.moment(value)
    return None if day is None or (day.month, day.day) == (1, 1) else day


def _journal(location: Mapping[str, object]) -> str:
    """The name of the place if it is one that publishes, not a repository such as arXiv."""
    source = values.mapping(location.get("source"))
    if values.line(source.get("type")) not in ("journal", "conference", "book series"):
        return ""
    return values.line(source.get("display_name"))[:MAX_TITLE]


def _authors(entries: Sequence[object]) -> tuple[str, ...]:
    """Names as the paper has them, or none where the list may have been cut."""
    if len(entries) == _AUTHORS_OF_A_LIST:
        return ()
    names = (_name(values.mapping(entry)) for entry in entries[:MAX_AUTHORS])
    return tuple(filter(None, names))


def _name(entry: Mapping[str, object]) -> str:
    """`raw_author_name` is "Cox, Sam" or "Sam Cox"."""
    raw = values.line(entry.get("raw_author_name"))[:MAX_TITLE]
    if raw.count(",") == 1:
        last, _, first = raw.partition(",")
        raw = f"{first.strip()} {last.strip()}".strip()
    return raw or values.line(values.mapping(entry.get("author")).get("display_name"))[:MAX_TITLE]


def _abstract(value: object) -> str:
    """The text behind `{"word": [positions]}`; positions that are absurd are left out."""
    at: dict[int, str] = {}
    for word, places in values.mapping(value).items():
        for place in values.items(places)[:MAX_WORDS]:
            position = values.count(place)
            if position is not None and position <= MAX_WORDS:
                at[position] = word
        if len(at) >= MAX_WORDS:
            break
    words, size = [], 0
    for _, word in sorted(at.items()):
        size += len(word) + 1
        if size > MAX_ABSTRACT:
            break
        words.append(word)
    return values.line(" ".join(words))


@dataclass(frozen=True)
class OpenAlexSource:
    """Asks for the counts of the papers that are stored, 100 at a time."""

    client: Client
    clock: Clock
    base_url: str = BASE_URL
    token: str = ""
    name: str = NAME

    def fetch(self, wanted: "Wanted", state: Mapping[str, str]) -> Iterator[Batch]:
        """One batch for 100 papers. Raises SourceSkippedError without a key.

        "Slow down" is also how a spent budget is told.
        """
        key = self._key()
        asked = {doi: paper.id for paper in wanted.papers if (doi := _doi_of(paper))}

        def read(dois: Sequence[str]) -> Batch:
            return self._read({doi: asked[doi] for doi in dois}, key)

        yield from in_parts(list(asked), BATCH_SIZE, read)

    def lookup(self, paper_id: str) -> Batch:
        """What the service says of one paper, free of charge; empty where it knows none of it."""
        doi = _doi_of(Paper(id=paper_id, title=""))
        if not doi:
            return Batch()
        query = urlencode({"select": FIELDS}, safe=",")
        url = f"{self.base_url}/works/doi:{quote(doi, safe='/')}?{query}"
        answer = self.client.get(url, secret_query=self._key())
        return Batch() if answer.missing else self._parse(answer, {doi: paper_id})

    def _read(self, asked: Mapping[str, str], key: Mapping[str, str]) -> Batch:
        query = {"filter": f"doi:{'|'.join(asked)}", "select": FIELDS, "per_page": BATCH_SIZE}
        url = f"{self.base_url}/works?{urlencode(query, safe=',:/')}"
        answer = self.client.get(url, secret_query=key)
        if answer.missing:
            raise SourceFormatError(
                f"{host_of(url)} has no works at {self.base_url}/works; "
                "check sources.openalex.base_url.",
                url=url,
            )
        return self._parse(answer, asked)

    def _parse(self, answer: Answer, asked: Mapping[str, str]) -> Batch:
        try:
            return parse(answer.body, observed_at=self.clock(), asked=asked)
        except SourceFormatError as error:
            raise SourceFormatError(
                f"{host_of(answer.url)}: {error}; try again later.", url=answer.url
            ) from None

    def _key(self) -> dict[str, str]:
        """An empty `api_key=` is refused with 401, so there is none without a key."""
        if not self.token:
            raise SourceSkippedError(
                "sources.openalex.token is not set; a free key is given at "
                "https://openalex.org/settings/api."
            )
        return {"api_key": self.token}


def _doi_of(paper: Paper) -> str:
    """The DOI to ask for: arXiv's for its papers. Nothing for one that a filter cannot carry."""
    scheme, _, number = paper.id.partition(":")
    arxiv_id = paper.arxiv_id or (number if scheme == "arxiv" else "")
    doi = f"10.48550/arxiv.{arxiv_id}" if arxiv_id else paper.doi or (number * (scheme == "doi"))
    return "" if len(doi) > MAX_DOI or set(doi) & set('|," ') else doi.lower()
