"""Any list as an Atom feed (RFC 4287), for feed readers and chat rooms.

An entry's id follows from the paper's, and its date from when the paper came before readers or has
changed, so that a reader shows each paper once and again when there is a new version.
"""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from xml.etree import ElementTree as ET

from papertrack import text
from papertrack.clock import iso
from papertrack.models import UPVOTES, Entry, Ranked
from papertrack.render.fields import whole

ATOM = "http://www.w3.org/2005/Atom"


def as_atom(ranked: Sequence[Ranked], *, title: str, now: datetime, url: str = "") -> Iterator[str]:
    """A feed of these papers. `url` is where it will be found: the feed's id, and its self link."""
    ET.register_namespace("", ATOM)
    feed = ET.Element(f"{{{ATOM}}}feed")
    _add(feed, "title", text.one_line(title))
    _add(feed, "id", url or _urn(f"papertrack {title}"))
    _add(feed, "updated", iso(max((_changed(one.entry, now) for one in ranked), default=now)))
    _add(feed, "generator", "papertrack")
    if url:
        _add(feed, "link", rel="self", type="application/atom+xml", href=url)
    for one in ranked:
        feed.append(_entry(one, now))
    ET.indent(feed)
    yield '<?xml version="1.0" encoding="utf-8"?>\n'
    yield ET.tostring(feed, encoding="unicode") + "\n"


def _entry(one: Ranked, now: datetime) -> ET.Element:
    paper = one.entry.paper
    entry = ET.Element(f"{{{ATOM}}}entry")
    _add(entry, "title", text.title(paper.title))
    _add(entry, "id", _urn(paper.id))
    if url := text.safe_url(paper.page_url):
        _add(entry, "link", rel="alternate", href=url)
    for url in filter(None, map(text.safe_url, (paper.pdf_url, paper.code_url))):
        _add(entry, "link", rel="related", href=url)
    if at := paper.published_at or one.entry.listed_at:
        _add(entry, "published", iso(at))
    _add(entry, "updated", iso(_changed(one.entry, now)))
    for name in paper.authors or ("unknown",):
        author = ET.SubElement(entry, f"{{{ATOM}}}author")
        _add(author, "name", text.one_line(text.readable(name), "unknown"))
    for category in paper.categories:
        _add(entry, "category", term=text.one_line(category, ""))
    _add(entry, "summary", _summary(one))
    return entry


def _summary(one: Ranked) -> str:
    """What a reader shows: why it ranks, and the abstract."""
    votes = whole(one.entry.latest.get(UPVOTES))
    counted = f"{votes:,} upvotes" if votes is not None else ""
    reasons = [part.reason for part in one.contributions if part.points][:2]
    head = text.one_line("; ".join(filter(None, [counted, *reasons])), "")
    return "\n\n".join(filter(None, [head, text.abstract(one.entry.paper.abstract)]))


def _changed(entry: Entry, now: datetime) -> datetime:
    """When there was last something new to read: the paper on a list, or a version of it."""
    moments = (entry.listed_at, entry.paper.updated_at, entry.paper.published_at)
    return min(max(filter(None, moments), default=entry.first_seen_at or now), now)


def _urn(name: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, text.repair(name)).urn


def _add(parent: ET.Element, name: str, value: str = "", **attributes: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes).text = _xml(value) or None


def _xml(value: str) -> str:
    """Without the few characters that XML cannot hold."""
    return "".join(char for char in value if char >= " " or char in "\n\t")
