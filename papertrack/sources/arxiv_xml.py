"""What arXiv sends, read: the daily Atom feed, the query API (Atom) and OAI-PMH.

All three are read with ElementTree: feedparser takes RSS text for HTML, which shortens abstracts
with `<`, and keeps one affiliation of several (measured, 6.0.14). Text stays raw TeX; line breaks
are folded. Every body may be hostile: see safe_xml.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from xml.etree.ElementTree import Element

from papertrack import identifiers
from papertrack.errors import SourceFormatError
from papertrack.models import Listing, Paper
from papertrack.reports import Batch
from papertrack.sources import values
from papertrack.sources.arxiv_papers import described, kept_names, mail_date, split_authors
from papertrack.sources.safe_xml import inside, root, text

NAME = "arxiv"
FEED_LIMIT = 2_000  # entries; the daily feed ends there without saying so

_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_SEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_OAI = "{http://www.openarchives.org/OAI/2.0/}"

_LISTED = {"new", "cross"}
REPLACED = {"replace", "replace-cross"}
#: How the summary of an announced paper begins, once its line break is folded.
ANNOUNCED = re.compile(
    r"\A(?:arXiv:\S+\s+)?Announce Type:\s*(?P<kind>[\w-]+)\s*(?:Abstract:\s*)?", re.IGNORECASE
)
_ANNOUNCED_ID = re.compile(r"oai:arxiv\.org:(.+)", re.IGNORECASE)
_PAGE = re.compile(r"^https?://(?:[\w-]+\.)?arxiv\.org/abs/", re.IGNORECASE)
#: OAI-PMH errors that mean "nothing", not "wrong".
_NOTHING = {"noRecordsMatch", "idDoesNotExist"}


class EmptyPageError(SourceFormatError):
    """A page that should hold papers and holds none: a known fault of arXiv, not an end."""


class ExpiredTokenError(SourceFormatError):
    """OAI-PMH does not know the token of the next page any more; they are good for a day."""


@dataclass
class _Page:
    """What one answer held."""

    papers: list[Paper] = field(default_factory=list)
    listings: dict[str, Listing] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)

    def batch(self) -> Batch:
        return Batch(
            papers=tuple(self.papers),
            listings=tuple(self.listings.values()),
            skipped=tuple(self.skipped),
        )


# --- the three formats ---------------------------------------------------------------------------


def parse_feed(body: bytes, *, observed_at: datetime) -> Batch:
    """The daily feed of `rss.arxiv.org/atom/...`: what is new, cross-listed and replaced.

    New and cross-listed papers are listed under the day of the announcement, a date in New York.
    A replacement is the same paper in a new version and no listing; its `updated_at` is the
    announcement, up to four days after the version itself. The feed does not know when a paper was
    first published. Weekends and holidays give a feed without entries, and so an empty batch.
    Raises SourceFormatError for a body that is no such feed, or is arXiv's "Feed error".
    """
    feed = root(body, f"{_ATOM}feed", "an Atom feed")
    title = text(feed, f"{_ATOM}title")
    if title.lower().startswith("feed error"):
        raise SourceFormatError(f"the answer is an error of arXiv's feed: {title[:300]}")
    entries = feed.findall(f"{_ATOM}entry")
    page = _Page()
    if len(entries) >= FEED_LIMIT:
        page.skipped.append(
            f"the feed ends at its limit of {FEED_LIMIT:,} entries, so some are missing; "
            "choose fewer categories"
        )
    for number, entry in enumerate(entries[:FEED_LIMIT], 1):
        _read_announcement(page, number, entry, observed_at)
    return page.batch()


def parse_query(body: bytes, *, observed_at: datetime) -> Batch:
    """An answer of `/api/query`, of the back end from before 11 November 2025 or after.

    Entries without an id, a title or a date are skipped. Unknown ids are absent without a word.
    Raises SourceFormatError for a body that is no such answer, with arXiv's own reason where it is
    an error entry, and EmptyPageError where papers are promised and none is there.
    """
    feed = root(body, f"{_ATOM}feed", "an Atom feed")
    total = values.count(text(feed, f"{_SEARCH}totalResults"))
    entries = feed.findall(f"{_ATOM}entry")
    if total is None:
        raise SourceFormatError("the answer is a feed, but not of a query")
    if total and not entries:
        raise EmptyPageError(f"the answer promises {total:,} papers and holds none")
    page = _Page()
    for number, entry in enumerate(entries, 1):
        _read_result(page, number, entry)
    return page.batch()


def parse_oai(body: bytes, *, observed_at: datetime) -> tuple[Batch, str]:
    """An OAI-PMH answer in the metadata format `arXiv` or `arXivRaw`, and the token of the next.

    The token is empty at the end. Raises SourceFormatError for a body that is no such answer or an
    error; "no records match" is an empty batch.
    """
    answer = root(body, f"{_OAI}OAI-PMH", "an OAI-PMH answer")
    page = _Page()
    for number, record in enumerate(answer.iter(f"{_OAI}record"), 1):
        _read_record(page, number, record)
    token = next(answer.iter(f"{_OAI}resumptionToken"), None)
    if not page.papers and not page.skipped and token is None:
        error = answer.find(f"{_OAI}error")
        if error is None:
            raise SourceFormatError("the answer holds neither records nor an error")
        if error.get("code") not in _NOTHING:
            expired = error.get("code") == "badResumptionToken"
            reason = inside(error)[:300] or values.line(error.get("code"))
            fault = ExpiredTokenError if expired else SourceFormatError
            raise fault(f"the answer is an error of OAI-PMH: {reason}")
    return page.batch(), "" if token is None else inside(token)[:1_000]


# --- entries -------------------------------------------------------------------------------------


def _read_announcement(page: _Page, number: int, entry: Element, observed_at: datetime) -> None:
    name = _name_of(entry)
    summary = text(entry, f"{_ATOM}summary")
    head = ANNOUNCED.match(summary)
    kind = text(entry, f"{_ARXIV}announce_type") or (head["kind"] if head else "")
    announced = _announced_at(text(entry, f"{_ATOM}published"))
    paper = described(
        identifiers.split_arxiv(_announced_id(entry, name)),
        text(entry, f"{_ATOM}title"),
        abstract=summary[head.end() :] if head else summary,
        authors=split_authors(
            ", ".join(inside(e) for e in entry.findall(f"{_DC}creator"))[:1_000_000]
        ),
        categories=(e.get("term") for e in entry.findall(f"{_ATOM}category")),
        updated_at=announced if kind in REPLACED else None,
        doi=text(entry, f"{_ARXIV}DOI"),
        journal=text(entry, f"{_ARXIV}journal_reference"),
    )
    if paper is None:
        page.skipped.append(f"entry {number} has no usable id or title")
        return
    page.papers.append(paper)
    if kind in _LISTED:
        day = _new_york(announced or observed_at)
        page.listings.setdefault(paper.id, Listing(paper_id=paper.id, source=NAME, list_date=day))
    elif kind not in REPLACED:
        page.skipped.append(f"{paper.id} is announced as {kind[:40]!r}, so it is not listed")


def _name_of(entry: Element) -> str:
    """Its id. Raises SourceFormatError for `.../api/errors#...`: an error where papers are."""
    name = text(entry, f"{_ATOM}id")
    if "/api/errors" in name:
        reason = text(entry, f"{_ATOM}summary")[:300] or "no reason given"
        raise SourceFormatError(f"the answer is an error of arXiv: {reason}")
    return name


def _announced_id(entry: Element, name: str) -> str:
    found = _ANNOUNCED_ID.fullmatch(name)
    if found:
        return found[1]
    link = entry.find(f"{_ATOM}link")
    return identifiers.arxiv_in_url(values.line(link.get("href") if link is not None else "")) or ""


@lru_cache(maxsize=10)
def _announced_at(said: str) -> datetime | None:
    """The moment of an announcement, which all entries of a feed have in common."""
    return values.moment(said)


@lru_cache(maxsize=10)
def _new_york(moment: datetime) -> date:
    from zoneinfo import ZoneInfo

    return moment.astimezone(ZoneInfo("America/New_York")).date()


def _read_result(page: _Page, number: int, entry: Element) -> None:
    name = _PAGE.sub("", _name_of(entry))
    published = values.moment(text(entry, f"{_ATOM}published"))
    primary = entry.find(f"{_ARXIV}primary_category")
    terms = [] if primary is None else [primary.get("term")]
    paper = described(
        identifiers.split_arxiv(name),
        text(entry, f"{_ATOM}title"),
        abstract=text(entry, f"{_ATOM}summary"),
        authors=kept_names(text(e, f"{_ATOM}name") for e in entry.findall(f"{_ATOM}author")),
        categories=[*terms, *(e.get("term") for e in entry.findall(f"{_ATOM}category"))],
        published_at=published,
        updated_at=values.moment(text(entry, f"{_ATOM}updated")),
        doi=text(entry, f"{_ARXIV}doi"),
        journal=text(entry, f"{_ARXIV}journal_ref"),
        comment=text(entry, f"{_ARXIV}comment"),
    )
    if paper is None or published is None:
        missing = "id or title" if paper is None else "date"
        page.skipped.append(f"entry {number} has no usable {missing}")
        return
    page.papers.append(paper)


def _read_record(page: _Page, number: int, record: Element) -> None:
    header, held = record.find(f"{_OAI}header"), record.find(f"{_OAI}metadata/*")
    if header is not None and header.get("status") == "deleted":
        page.skipped.append(f"record {number} was deleted")
        return
    reader = _FORMATS.get(held.tag.rpartition("}")[2]) if held is not None else None
    if held is None or reader is None:
        page.skipped.append(f"record {number} is in neither the arXiv nor the arXivRaw format")
        return
    paper = reader(held, held.tag[: held.tag.index("}") + 1] if "}" in held.tag else "")
    if paper is None:
        page.skipped.append(f"record {number} has no usable id or title")
        return
    page.papers.append(paper)


def _oai_paper(held: Element, ns: str) -> Paper | None:
    """Format `arXiv`: authors in parts, days instead of times, no version."""
    return described(
        identifiers.split_arxiv(text(held, f"{ns}id")),
        text(held, f"{ns}title"),
        abstract=text(held, f"{ns}abstract"),
        authors=kept_names(
            " ".join(text(e, f"{ns}{part}") for part in ("forenames", "keyname", "suffix"))
            for e in held.findall(f"{ns}authors/{ns}author")
        ),
        categories=text(held, f"{ns}categories").split(),
        published_at=values.moment(text(held, f"{ns}created")),
        updated_at=values.moment(text(held, f"{ns}updated")),
        doi=text(held, f"{ns}doi"),
        journal=text(held, f"{ns}journal-ref"),
        comment=text(held, f"{ns}comments"),
    )


def _oai_raw_paper(held: Element, ns: str) -> Paper | None:
    """Format `arXivRaw`: the versions, sorted as words (v1, v10, v2), and authors as one text.

    The newest version of a withdrawn paper has the source type `I`.
    """
    versions = _versions(held, ns)
    return described(
        identifiers.split_arxiv(text(held, f"{ns}id")),
        text(held, f"{ns}title"),
        abstract=text(held, f"{ns}abstract"),
        authors=split_authors(text(held, f"{ns}authors")),
        categories=text(held, f"{ns}categories").split(),
        published_at=mail_date(text(versions[0][1], f"{ns}date")) if versions else None,
        updated_at=mail_date(text(versions[-1][1], f"{ns}date")) if versions else None,
        version=versions[-1][0] if versions else None,
        doi=text(held, f"{ns}doi"),
        journal=text(held, f"{ns}journal-ref"),
        comment=text(held, f"{ns}comments"),
        gone=bool(versions) and text(versions[-1][1], f"{ns}source_type") == "I",
    )


def _versions(held: Element, ns: str) -> list[tuple[int, Element]]:
    found = (
        (re.fullmatch(r"v([1-9]\d{0,2})", element.get("version", "")), element)
        for element in held.findall(f"{ns}version")
    )
    numbered = [(int(match[1]), element) for match, element in found if match]
    return sorted(numbered, key=lambda one: one[0])


_FORMATS: dict[str, Callable[[Element, str], Paper | None]] = {
    "arXiv": _oai_paper,
    "arXivRaw": _oai_raw_paper,
}
