"""What arXiv sends, read: the daily Atom feed, the query API (Atom) and OAI-PMH.

All three are read with ElementTree: feedparser takes RSS text for HTML, which shortens abstracts
with `<`, and keeps one affiliation of several (measured, 6.0.14). Text stays raw TeX; line breaks
are folded. Every body may be hostile: no document type, 8 MB, a bounded number of elements.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from papertrack import identifiers
from papertrack.errors import SourceFormatError
from papertrack.models import Listing, Paper
from papertrack.reports import Batch
from papertrack.sources import values
from papertrack.sources.atom import is_web_page

NAME = "arxiv"
MAX_BODY = 8_000_000  # the longest the services give, 2,000 entries, is 5 MB
FEED_LIMIT = 2_000  # entries; the daily feed ends there without saying so
_MAX_ELEMENTS = 1_000_000  # 100 papers of 3,000 authors each
_DEEPEST = 30
_TITLE, _ABSTRACT, _NOTE, _AUTHORS, _CATEGORIES = 1_000, 50_000, 5_000, 10_000, 50

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
#: The query API mixes MSC and ACM classes ("14J60", "I.2.7") into the categories.
_CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.[A-Za-z]+(?:-[a-z]+)*)?")
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
    root = _root(body, f"{_ATOM}feed", "an Atom feed")
    title = _text(root, f"{_ATOM}title")
    if title.lower().startswith("feed error"):
        raise SourceFormatError(f"the answer is an error of arXiv's feed: {title[:300]}")
    entries = root.findall(f"{_ATOM}entry")
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
    root = _root(body, f"{_ATOM}feed", "an Atom feed")
    total = values.count(_text(root, f"{_SEARCH}totalResults"))
    entries = root.findall(f"{_ATOM}entry")
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
    root = _root(body, f"{_OAI}OAI-PMH", "an OAI-PMH answer")
    page = _Page()
    for number, record in enumerate(root.iter(f"{_OAI}record"), 1):
        _read_record(page, number, record)
    token = next(root.iter(f"{_OAI}resumptionToken"), None)
    if not page.papers and not page.skipped and token is None:
        error = root.find(f"{_OAI}error")
        if error is None:
            raise SourceFormatError("the answer holds neither records nor an error")
        if error.get("code") not in _NOTHING:
            expired = error.get("code") == "badResumptionToken"
            reason = _inside(error)[:300] or values.line(error.get("code"))
            fault = ExpiredTokenError if expired else SourceFormatError
            raise fault(f"the answer is an error of OAI-PMH: {reason}")
    return page.batch(), "" if token is None else _inside(token)[:1_000]


# --- entries -------------------------------------------------------------------------------------


def _read_announcement(page: _Page, number: int, entry: Element, observed_at: datetime) -> None:
    _refuse_error(entry)
    summary = _text(entry, f"{_ATOM}summary")
    head = ANNOUNCED.match(summary)
    kind = _text(entry, f"{_ARXIV}announce_type") or (head["kind"] if head else "")
    announced = values.moment(_text(entry, f"{_ATOM}published"))
    paper = described(
        identifiers.split_arxiv(_announced_id(entry)),
        _text(entry, f"{_ATOM}title"),
        abstract=summary[head.end() :] if head else summary,
        authors=split_authors(
            ", ".join(_inside(e) for e in entry.findall(f"{_DC}creator"))[:1_000_000]
        ),
        categories=(e.get("term") for e in entry.findall(f"{_ATOM}category")),
        updated_at=announced if kind in REPLACED else None,
        doi=_text(entry, f"{_ARXIV}DOI"),
        journal=_text(entry, f"{_ARXIV}journal_reference"),
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


def _refuse_error(entry: Element) -> None:
    """arXiv puts an error where papers are: id `.../api/errors#...`, title `Error`."""
    if "/api/errors" in _text(entry, f"{_ATOM}id"):
        reason = _text(entry, f"{_ATOM}summary")[:300] or "no reason given"
        raise SourceFormatError(f"the answer is an error of arXiv: {reason}")


def _announced_id(entry: Element) -> str:
    found = re.fullmatch(r"oai:arxiv\.org:(.+)", _text(entry, f"{_ATOM}id"), re.IGNORECASE)
    if found:
        return found[1]
    link = entry.find(f"{_ATOM}link")
    return identifiers.arxiv_in_url(values.line(link.get("href") if link is not None else "")) or ""


def _new_york(moment: datetime) -> date:
    from zoneinfo import ZoneInfo

    return moment.astimezone(ZoneInfo("America/New_York")).date()


def _read_result(page: _Page, number: int, entry: Element) -> None:
    _refuse_error(entry)
    address = _text(entry, f"{_ATOM}id")
    name = re.sub(r"^https?://(?:[\w-]+\.)?arxiv\.org/abs/", "", address, flags=re.IGNORECASE)
    published = values.moment(_text(entry, f"{_ATOM}published"))
    primary = entry.find(f"{_ARXIV}primary_category")
    terms = [] if primary is None else [primary.get("term")]
    paper = described(
        identifiers.split_arxiv(name),
        _text(entry, f"{_ATOM}title"),
        abstract=_text(entry, f"{_ATOM}summary"),
        authors=_names(_text(e, f"{_ATOM}name") for e in entry.findall(f"{_ATOM}author")),
        categories=[*terms, *(e.get("term") for e in entry.findall(f"{_ATOM}category"))],
        published_at=published,
        updated_at=values.moment(_text(entry, f"{_ATOM}updated")),
        doi=_text(entry, f"{_ARXIV}doi"),
        journal=_text(entry, f"{_ARXIV}journal_ref"),
        comment=_text(entry, f"{_ARXIV}comment"),
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
        identifiers.split_arxiv(_text(held, f"{ns}id")),
        _text(held, f"{ns}title"),
        abstract=_text(held, f"{ns}abstract"),
        authors=_names(
            " ".join(_text(e, f"{ns}{part}") for part in ("forenames", "keyname", "suffix"))
            for e in held.findall(f"{ns}authors/{ns}author")
        ),
        categories=_text(held, f"{ns}categories").split(),
        published_at=values.moment(_text(held, f"{ns}created")),
        updated_at=values.moment(_text(held, f"{ns}updated")),
        doi=_text(held, f"{ns}doi"),
        journal=_text(held, f"{ns}journal-ref"),
        comment=_text(held, f"{ns}comments"),
    )


def _oai_raw_paper(held: Element, ns: str) -> Paper | None:
    """Format `arXivRaw`: the versions, sorted as words (v1, v10, v2), and authors as one text.

    The newest version of a withdrawn paper has the source type `I`.
    """
    versions = _versions(held, ns)
    return described(
        identifiers.split_arxiv(_text(held, f"{ns}id")),
        _text(held, f"{ns}title"),
        abstract=_text(held, f"{ns}abstract"),
        authors=split_authors(_text(held, f"{ns}authors")),
        categories=_text(held, f"{ns}categories").split(),
        published_at=mail_date(_text(versions[0][1], f"{ns}date")) if versions else None,
        updated_at=mail_date(_text(versions[-1][1], f"{ns}date")) if versions else None,
        version=versions[-1][0] if versions else None,
        doi=_text(held, f"{ns}doi"),
        journal=_text(held, f"{ns}journal-ref"),
        comment=_text(held, f"{ns}comments"),
        gone=bool(versions) and _text(versions[-1][1], f"{ns}source_type") == "I",
    )


def _versions(held: Element, ns: str) -> list[tuple[int, Element]]:
    found = (
        (re.fullmatch(r"v([1-9]\d{0,2})", element.get("version", "")), element)
        for element in held.findall(f"{ns}version")
    )
    numbered = [(int(match[1]), element) for match, element in found if match]
    return sorted(numbered, key=lambda one: one[0])


def mail_date(text: str) -> datetime | None:
    """`Mon, 22 Oct 2018 22:41:50 GMT`"""
    try:
        return values.moment(parsedate_to_datetime(text).isoformat())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


_FORMATS: dict[str, Callable[[Element, str], Paper | None]] = {
    "arXiv": _oai_paper,
    "arXivRaw": _oai_raw_paper,
}


# --- parts of a record ---------------------------------------------------------------------------


def described(
    split: tuple[str, int | None] | None,
    title: str,
    *,
    abstract: str,
    authors: Iterable[str],
    categories: Iterable[str | None],
    doi: str,
    journal: str,
    comment: str = "",
    published_at: datetime | None = None,
    updated_at: datetime | None = None,
    version: int | None = None,
    gone: bool = False,
) -> Paper | None:
    """The paper, each part within its bounds; None without an id or a title. `0` is a title.

    `split` is the id as `split_arxiv` gives it, and each text is in one line.
    """
    if split is None or title == "":
        return None
    return Paper(
        id=f"arxiv:{split[0]}",
        arxiv_id=split[0],
        title=title[:_TITLE],
        abstract=abstract[:_ABSTRACT],
        authors=authors if isinstance(authors, tuple) else _names(authors),
        categories=_kept(tuple(categories)),
        published_at=published_at,
        updated_at=updated_at,
        version=version or split[1],
        doi=_doi(doi),
        comment=comment[:_NOTE],
        journal=journal[:_NOTE],
        withdrawn=gone or is_withdrawn(comment, abstract),
    )


@lru_cache(maxsize=10_000)
def _kept(terms: tuple[str | None, ...]) -> tuple[str, ...]:
    """The terms that are categories, each once."""
    names = dict.fromkeys(values.line(term)[:40] for term in terms)
    return tuple(name for name in names if _CATEGORY.fullmatch(name))[:_CATEGORIES]


def _doi(text: str) -> str:
    """The first of what may be several; arXiv's own DOI says no more than the id."""
    if not text:
        return ""
    first = re.split(r"[\s,;]", text, maxsplit=1)[0][:300]
    found = identifiers.normalise_doi(first) or ""
    return "" if found.startswith("10.48550/arxiv.") else found


def split_authors(text: str) -> tuple[str, ...]:
    """The names of one text: `A. One (MIT, USA), B. Two and C. Three`.

    What stands in brackets is an affiliation; `Jr.` belongs to the name before it.
    """
    for _ in range(5):
        text, found = re.subn(r"\([^()]*\)", " ", text)
        if not found:
            break
    text = re.sub(r"(?<=ollaboration):", ",", text)
    names: list[str] = []
    for part in re.split(r",(?:\s*and\b)?|;|\s+and\s+", text):
        if names and re.fullmatch(r"\s*(?:[JS]r\.?|I{2,3}|IV)\s*", part):
            names[-1] += f" {part}"
        else:
            names.append(part)
    return _names(names)


_HAS_LETTER = re.compile(r"[^\W\d_]").search


def _names(found: Iterable[str]) -> tuple[str, ...]:
    """The names that hold a letter: OAI-PMH has authors called `:`."""
    names = (values.line(name)[:300] for name in found)
    return tuple(name for name in names if _HAS_LETTER(name))[:_AUTHORS]


_WHAT = r"(?:paper|article|manuscript|submission|work|text|preprint|report|draft|version)"
_STATE = (
    r"(?:(?:has|have|had|is|was|been|being|hereby|now|temporarily|administratively)\s+){0,4}"
    r"withdrawn\b"
)
_SENTENCE = rf"(?:^|[.:;!?\])]\s+|-\s+)(?:this |the )?{_WHAT} {_STATE}"
_WITHDRAWN_COMMENT = re.compile(
    rf"{_SENTENCE}"
    r"|(?:^|[.:;!?\])]\s+|-\s+)(?:administratively )?withdraw(?:n|ing)\b"
    rf"|\bthis {_WHAT} {_STATE}|\bit {_STATE}"
    r"|(?<!\bv\d )(?<!\bv\d was )\bwithdrawn (?:by|at the request of) (?:the )?(?:authors?|arxiv)\b"
    rf"|\bauthors? ha(?:s|ve) withdrawn (?:this|the) {_WHAT}"
    r"|\b(?:want|like|decided|ask) to withdraw (?:it|this|the)\b",
    re.IGNORECASE,
)
_WITHDRAWN_ABSTRACT = re.compile(
    rf"{_SENTENCE}|^withdrawn(?= paper\b| by\b| due\b| because\b|\.|$)", re.IGNORECASE
)


def is_withdrawn(comment: str, abstract: str) -> bool:
    """Whether the authors or arXiv withdrew this paper: a sentence that says so of the paper.

    There is no flag. The word alone is no proof: drugs are withdrawn, and "(withdrawn) version v4"
    was replaced. Of 85,000 records (1991 to 2026) it finds 153, none wrongly, and misses about ten.
    """
    said = _says_withdraw(comment) and _WITHDRAWN_COMMENT.search(comment[:_NOTE])
    found = said or (_says_withdraw(abstract) and _WITHDRAWN_ABSTRACT.search(abstract[:_ABSTRACT]))
    return bool(found)


def _says_withdraw(text: str) -> bool:
    """Whether the expressions can find anything at all, in a fiftieth of their time."""
    return not text.isascii() or "withdraw" in text.lower()


# --- XML -----------------------------------------------------------------------------------------


class _Tree(ElementTree.TreeBuilder):
    """Refuses what can grow without end: a document type (entities), depth, too many elements."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = self.count = 0

    def doctype(self, name: str, pubid: str, system: str) -> None:
        what = "a web page" if name.lower() == "html" else "XML with a document type"
        raise SourceFormatError(f"the answer is {what}")

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self.depth += 1
        self.count += 1
        if self.depth > _DEEPEST or self.count > _MAX_ELEMENTS:
            raise SourceFormatError("the answer is nested too deep or holds too many elements")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self.depth -= 1
        return super().end(tag)


def _root(body: bytes, tag: str, what: str) -> Element:
    """The root element if it is the wanted one, else SourceFormatError that says what came."""
    if not body.strip():
        raise SourceFormatError("the answer is empty")
    if len(body) > MAX_BODY:
        raise SourceFormatError(f"the answer is longer than {MAX_BODY // 1_000_000} MB")
    parser = ElementTree.XMLParser(target=_Tree())
    try:
        for start in range(0, len(body), 65_536):
            parser.feed(body[start : start + 65_536])
        root: Element = parser.close()
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        fault = f"no complete XML ({values.line(str(error))[:100]})"
        reason = "a web page" if is_web_page(body) else fault
        raise SourceFormatError(f"the answer is {reason}") from None
    if root.tag != tag:
        name = root.tag.rpartition("}")[2]
        shown = "a web page" if name.lower() == "html" else f"<{values.line(name)[:40]}>"
        raise SourceFormatError(f"the answer is {shown}, not {what}")
    return root


def _text(element: Element, path: str) -> str:
    found = element.find(path)
    return "" if found is None else _inside(found)


def _inside(element: Element) -> str:
    return values.line("".join(element.itertext()) if len(element) else element.text)
