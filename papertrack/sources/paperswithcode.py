"""Papers with Code (paperswithcode.co): the papers whose repositories gained most stars in a day.

`GET /api/v1/papers/trending?limit=100` answers a bare JSON array, most stars first, of today: the
lists of other days cannot be asked for. Hugging Face runs the service anew since 2026 and publishes
neither a description nor limits. The fields are those that two independent clients read in August
2026; no recorded answer is known, so each field is optional here.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from papertrack import identifiers, text
from papertrack.clock import Clock
from papertrack.errors import SourceFormatError
from papertrack.models import Listing, Observation, Paper
from papertrack.reports import Batch
from papertrack.sources import values
from papertrack.sources.client import Client, host_of

if TYPE_CHECKING:
    from papertrack.sources.base import Wanted

NAME = "paperswithcode"
BASE_URL = "https://paperswithcode.co"
STARS_GAINED = "stars_gained"
PAGE_SIZE = 100  # the most it takes
MAX_ENTRIES = 1_000
MAX_TITLE = 1_000
MAX_ABSTRACT = 50_000
MAX_AUTHORS = 10_000
MAX_KEYWORDS = 100
MAX_WORD = 1_000  # of a name, a task, a link
#: Today's list also stands for the last list days before it, so that weekends are covered.
RECENT = timedelta(days=3)


def parse(body: bytes, *, observed_at: datetime) -> Batch:
    """The trending array as papers, the list of the UTC day, and stars gained in 24 hours.

    Entries without a title, or that come twice, are skipped with the reason. Raises
    SourceFormatError where the body is no JSON array, or holds entries and none can be read.
    """
    entries = _array(body)
    day = observed_at.astimezone(UTC).date()
    papers: dict[str, Paper] = {}
    observations: list[Observation] = []
    skipped: list[str] = []
    for number, entry in enumerate(entries[:MAX_ENTRIES], 1):
        fields = values.mapping(entry)
        paper = _paper(fields)
        if paper is None or paper.id in papers:
            skipped.append(f"entry {number} " + ("is listed twice" if paper else "has no title"))
            continue
        papers[paper.id] = paper
        observations += _observations(paper.id, fields, observed_at)
    if entries and not papers:
        raise SourceFormatError("the answer is an array, but none of its entries is a paper")
    if len(entries) > MAX_ENTRIES:
        skipped.append(f"{len(entries) - MAX_ENTRIES} entries beyond the first {MAX_ENTRIES:,}")
    return Batch(
        papers=tuple(papers.values()),
        listings=tuple(Listing(paper_id=key, source=NAME, list_date=day) for key in papers),
        observations=tuple(observations),
        lists=(day,),
        skipped=tuple(skipped),
    )


def _array(body: bytes) -> list[object]:
    try:
        entries = values.loaded(body)
    except ValueError:
        entries = None
    if not isinstance(entries, list):
        raise SourceFormatError("the answer is not a JSON array of papers")
    return entries


def _paper(entry: Mapping[str, object]) -> Paper | None:
    """Known by its arXiv id, else by the DOI it links to, else by title and first author."""
    title = values.line(entry.get("title"))[:MAX_TITLE].strip()
    if not title:
        return None
    link = values.line(entry.get("source_url"))[:MAX_WORD]
    authors = _names(entry.get("authors"))[:MAX_AUTHORS]
    paper_id = _known_id(entry, link) or identifiers.title_id(title, authors)
    scheme, _, number = paper_id.partition(":")
    return Paper(
        id=paper_id,
        arxiv_id=number if scheme == "arxiv" else "",
        doi=number if scheme == "doi" else "",
        title=title,
        abstract=values.line(entry.get("abstract"))[:MAX_ABSTRACT],
        authors=authors,
        published_at=values.moment(entry.get("date_published")),
        url=text.safe_url(link) if scheme == "title" else "",
        code_url=values.repository(
            values.line(values.mapping(entry.get("repository")).get("url"))[:MAX_WORD]
        ),
        keywords=_names(entry.get("tasks"))[:MAX_KEYWORDS],
    )


def _known_id(entry: Mapping[str, object], link: str) -> str:
    """`arxiv_id` is null for papers outside arXiv, which have a number of the service only."""
    split = identifiers.split_arxiv(values.line(entry.get("arxiv_id")))
    if arxiv_id := split[0] if split else identifiers.arxiv_in_url(link):
        return f"arxiv:{arxiv_id}"
    doi = identifiers.normalise_doi(link)
    return identifiers.from_doi(doi) if doi else ""


def _names(value: object) -> tuple[str, ...]:
    """The texts of a list, or the `name` of each of its objects."""
    found = (
        values.line(item if isinstance(item, str) else values.mapping(item).get("name"))
        for item in values.items(value)
    )
    return tuple(name[:MAX_WORD] for name in found if name)


def _observations(
    paper_id: str, entry: Mapping[str, object], observed_at: datetime
) -> list[Observation]:
    gained = values.count(values.mapping(entry.get("trending")).get("stars_gained_24h"))
    if gained is None:
        return []
    return [
        Observation(
            paper_id=paper_id,
            source=NAME,
            kind=STARS_GAINED,
            value=gained,
            observed_at=observed_at,
        )
    ]


@dataclass(frozen=True)
class PapersWithCodeSource:
    """Reads the list of today, in one request."""

    client: Client
    clock: Clock
    base_url: str = BASE_URL
    name: str = NAME

    def fetch(self, wanted: "Wanted", state: Mapping[str, str]) -> Iterator[Batch]:
        """One batch. Where only days long past are wanted, nothing is asked: it has no archive."""
        now = self.clock()
        today = now.astimezone(UTC).date()
        if wanted.days and max(wanted.days) < today - RECENT:
            yield Batch(skipped=("it has the list of today only, and older days were asked for",))
            return
        url = f"{self.base_url}/api/v1/papers/trending?limit={PAGE_SIZE}"
        answer = self.client.get(url, etag=_remembered(state.get(url, ""), today))
        if answer.missing:
            raise SourceFormatError(
                f"{host_of(url)} has no list of trending papers at {url}; "
                "check sources.paperswithcode.base_url.",
                url=url,
            )
        if answer.unchanged:
            yield Batch(unchanged=(today,), total=1)
            return
        note = json.dumps({"etag": answer.etag, "day": today.isoformat()})
        yield replace(self._parse(answer.body, url, now), state={url: note}, total=1)

    def _parse(self, body: bytes, url: str, now: datetime) -> Batch:
        try:
            return parse(body, observed_at=now)
        except SourceFormatError as error:
            raise SourceFormatError(
                f"{host_of(url)}: {error} ({url}); it may be under repair, try again later.",
                url=url,
            ) from None


def _remembered(note: str, today: date) -> str:
    """The ETag, if it is of this day: the same papers on a new day are the list of a new day."""
    try:
        known = values.mapping(json.loads(note)) if note else {}
    except ValueError:
        known = {}
    return values.line(known.get("etag")) if known.get("day") == today.isoformat() else ""
