"""What every feed needs: the door to feedparser, and the memory of what an earlier answer held.

feedparser reads any Atom or RSS, never raises and says little: an HTML page or an empty body is a
feed without entries to it, a body cut in the middle a shorter feed. So its answer is judged here.
It opens a file or fetches an address if given text; it only ever gets a stream of bytes.
"""

import hashlib
import html
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from papertrack import text
from papertrack.errors import SourceFormatError
from papertrack.models import Listing
from papertrack.sources import values

MAX_BODY = 5_000_000  # 2,000 entries; feedparser takes 1.5 s for that, and 40 s for the worst
_MAX_TEXT = 200_000  # characters of one field, before its markup is taken off
_REMEMBERED = 5_000
_ROOT_ENDS = re.compile(rb"</(?:[\w.-]{1,20}:)?(?:feed|rss|rdf)\s{0,9}>", re.IGNORECASE)
_WEB_PAGE = re.compile(rb"\s*(?:<!doctype\s+html|<html)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Item:
    """An entry of a feed, its text without markup. Empty where the feed does not say."""

    id: str = ""
    link: str = ""
    title: str = ""
    summary: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    updated_at: datetime | None = None
    identifiers: tuple[str, ...] = ()  # prism:doi, dc:identifier


def read(body: bytes) -> tuple[tuple[Item, ...], bool]:
    """The entries, and whether the XML was well-formed.

    Raises SourceFormatError for a body that is empty, no feed, cut, too long, or declares entities.
    A feed with a fault in it, a bare `&`, is read as far as feedparser can if its end is there.
    """
    if not body.strip():
        raise SourceFormatError("the answer is empty")
    if len(body) > MAX_BODY:
        raise SourceFormatError(f"the feed is longer than {MAX_BODY // 1_000_000} MB")
    if b"<!entity" in body.replace(b"\0", b"").lower():  # UTF-16 too
        raise SourceFormatError("the feed declares entities of its own, which is not read")
    found = _parsed(body)
    version, bozo = found.get("version"), found.get("bozo_exception")
    if not version:
        raise SourceFormatError(f"the answer is {'a web page' if is_web_page(body) else 'no feed'}")
    broken = _is_broken(bozo)
    if broken and not _ROOT_ENDS.search(body[-2_000:]):
        raise SourceFormatError(f"the feed is cut or damaged ({values.line(str(bozo))[:100]})")
    items = tuple(_item(entry) for entry in found.get("entries", []))
    _refuse_error(items)
    return items, not broken


def is_web_page(body: bytes) -> bool:
    return bool(_WEB_PAGE.match(body[:500]))


def _parsed(body: bytes) -> Mapping[str, Any]:
    import feedparser

    try:
        # Its sanitiser is not needed, since no markup is kept, and quadratic: 400 kB of `<!--`
        # took 17 s (6.0.14).
        parsed: Mapping[str, Any] = feedparser.parse(
            io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # it promises not to raise, and a feed can hold anything
        reason = values.line(str(error))[:100] or type(error).__name__
        raise SourceFormatError(f"the feed cannot be read ({reason})") from None
    return parsed


def _is_broken(bozo: object) -> bool:
    """Whether the XML itself is at fault; a wrong encoding label is common and was put right."""
    return bozo is not None and type(bozo).__name__ not in (
        "CharacterEncodingOverride",
        "NonXMLContentType",
    )


def _refuse_error(items: tuple[Item, ...]) -> None:
    """arXiv and its kin report an error as a feed with one entry of that name."""
    if len(items) == 1 and items[0].title == "Error" and "error" in items[0].id.lower():
        raise SourceFormatError(f"the feed is an error: {items[0].summary[:300]}")


def _item(entry: Mapping[str, Any]) -> Item:
    # A plain dict, because feedparser's own gives one key for another, with a warning.
    fields = defaultdict(lambda: None, entry.items())
    names = (
        values.line(values.mapping(one).get("name")) for one in values.items(fields["authors"])
    )
    return Item(
        id=values.line(fields["id"]),
        link=values.line(fields["link"]),
        title=_plain(fields["title"], fields["title_detail"]),
        summary=_summary(fields),
        authors=tuple(name for name in names if name),
        published_at=_moment(fields["published_parsed"]),
        updated_at=_moment(fields["updated_parsed"]),
        identifiers=tuple(
            line for key in ("prism_doi", "dc_identifier") if (line := values.line(fields[key]))
        ),
    )


def _summary(fields: Mapping[str, Any]) -> str:
    """The summary, else the first content; feedparser copies that one without saying its type."""
    content = next(iter(values.items(fields["content"])), None)
    if isinstance(fields["summary_detail"], dict):
        return _plain(fields["summary"], fields["summary_detail"])
    return _plain(values.mapping(content).get("value"), content)


def _plain(value: object, detail: object) -> str:
    """The text on one line, without markup where feedparser says it has any."""
    if not isinstance(value, str):
        return ""
    marked = "html" in values.line(values.mapping(detail).get("type"))
    return values.line(without_markup(value[:_MAX_TEXT]) if marked else value[:_MAX_TEXT])


def _moment(value: object) -> datetime | None:
    """feedparser gives the parts of a UTC time, not always possible ones (year 0)."""
    try:
        moment = datetime(*tuple(value)[:6], tzinfo=UTC)  # type: ignore[arg-type, misc]
    except (TypeError, ValueError, OverflowError):
        return None
    return moment if 1900 <= moment.year <= 2100 else None


_HIDDEN = r"<(script|style|noscript|template)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)"
_INLINE = r"</?(?:a|abbr|b|bdi|bdo|cite|code|em|font|i|kbd|mark|q|small|span|strong|sub|sup|u)"
_MARKUP = re.compile(
    rf"{_HIDDEN}|(?P<inline>{_INLINE}(?:\s[^<>]*)?>)|</?[a-z!][^<>]*>", re.I | re.S
)


def without_markup(markup: str) -> str:
    """The text of HTML, blocks parted by a blank.

    Not by html.parser: 200,000 characters of `<a b='` took it three minutes (Python 3.11.7).
    """
    bare = _MARKUP.sub(lambda found: "" if found["inline"] else " ", markup)
    try:
        return html.unescape(bare)
    except ValueError:  # a reference to a character whose number has thousands of digits
        return bare


# --- what an earlier answer held -----------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Of one address: the ETag, and under which day each paper of the last answer came first.

    A feed can serve old entries under a new day: arXiv served a whole batch again under the next
    day's date (cs.AI on 2026-08-12), and entries without a date are of today every day.
    """

    etag: str = ""
    days: Mapping[str, date] = field(default_factory=dict)  # short hash of the paper id -> day

    @classmethod
    def of(cls, note: str) -> "Memory":
        """From the text kept in `Batch.state`; an unreadable one is no memory."""
        try:
            known = values.mapping(json.loads(note)) if note else {}
            days = {
                marks[start : start + 8]: date.fromisoformat(day)
                for day, marks in values.mapping(known.get("days")).items()
                if isinstance(marks, str)
                for start in range(0, len(marks), 8)
            }
        except (ValueError, RecursionError):
            return cls()
        return cls(etag=values.line(known.get("etag")), days=days)

    def note(self) -> str:
        marks: dict[str, str] = {}
        for mark, day in list(self.days.items())[:_REMEMBERED]:
            marks[day.isoformat()] = marks.get(day.isoformat(), "") + mark
        return json.dumps({"etag": self.etag, "days": marks})

    def dated(self, listings: Iterable[Listing]) -> tuple[Listing, ...]:
        """The listings, each under the first day that is known of its paper."""
        return tuple(self._dated(listing) for listing in listings)

    def _dated(self, listing: Listing) -> Listing:
        first = self.days.get(_mark(listing.paper_id))
        if first is None or first >= listing.list_date:
            return listing
        return listing._replace(list_date=first, submitted_at=None)

    def after(self, etag: str, dated: Iterable[Listing]) -> "Memory":
        """What to remember of an answer; one without entries leaves the days as they were."""
        days = {_mark(listing.paper_id): listing.list_date for listing in dated}
        return Memory(etag=etag, days=days or self.days)


def _mark(paper_id: str) -> str:
    return hashlib.sha256(text.repair(paper_id).encode()).hexdigest()[:8]
