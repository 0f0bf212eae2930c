"""Feeds the user lists: any Atom or RSS address, a lab's blog or a journal.

An entry that names a paper, by a link to arXiv or Hugging Face or by a DOI, is that paper; any
other is known by its title. An entry keeps the day it was published: an old archive is no news.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin

from papertrack import identifiers, text
from papertrack.clock import Clock
from papertrack.errors import SourceError, SourceFormatError, SourceSkippedError
from papertrack.models import Listing, Paper
from papertrack.reports import Batch
from papertrack.sources import atom
from papertrack.sources.arxiv_xml import ANNOUNCED, REPLACED
from papertrack.sources.client import Client, concurrently, host_of

if TYPE_CHECKING:
    from papertrack.sources.base import Wanted

NAME = "feeds"
MAX_FEEDS = 50
MAX_ENTRIES = 1_000
_ACCEPT = {
    "Accept": "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.8"
}
_DOI_IN_URL = re.compile(r"/doi/(?:[a-z]+/)?(10\.\d{4,9}/[^?#\s]+)", re.IGNORECASE)
_ARXIV = re.compile(r"(?:oai:arxiv\.org|arxiv):\s*(.+)", re.IGNORECASE)
_INITIALS = re.compile(r"(?:[^\W\d_]\.[\s-]?)+")


def parse(body: bytes, *, observed_at: datetime, url: str = "") -> Batch:
    """The entries of any Atom or RSS feed as papers, each listed under the day it was published.

    Without a date that day is `observed_at`'s, and a day to come counts as today. `url` is the
    feed's own address, for links that need it. Entries without a title are skipped. Raises
    SourceFormatError for a body that is no complete feed.
    """
    items, sound = atom.read(body)
    papers: dict[str, Paper] = {}
    listings: dict[str, Listing] = {}
    skipped = [] if sound else ["the feed is not well-formed; it was read as far as possible"]
    if len(items) > MAX_ENTRIES:
        skipped.append(f"{len(items) - MAX_ENTRIES:,} entries after the first {MAX_ENTRIES:,}")
    for number, item in enumerate(items[:MAX_ENTRIES], 1):
        paper = _paper(item, url)
        if paper is None:
            skipped.append(f"entry {number} has no title to know it by")
        elif paper.id not in papers:
            papers[paper.id] = paper
            if not _is_replacement(item):
                listings[paper.id] = _listing(paper.id, item, observed_at)
    return Batch(
        papers=tuple(papers.values()),
        listings=tuple(listings.values()),
        skipped=tuple(skipped),
    )


def _paper(item: atom.Item, url: str) -> Paper | None:
    title, authors = item.title[:1_000], split_names(item.authors)
    found = _identifier(item)
    if title == "" or not (found or identifiers.normalise_title(title)):
        return None
    paper_id = found or identifiers.title_id(title, authors)
    scheme, _, number = paper_id.partition(":")
    preprint = scheme == "arxiv"
    return Paper(
        id=paper_id,
        arxiv_id=number if preprint else "",
        doi=number if scheme == "doi" else "",
        title=title,
        abstract=ANNOUNCED.sub("", item.summary, count=1)[:50_000],
        authors=authors,
        # An entry about an arXiv paper is dated by its list, not by the paper.
        # RSS 1.0 has one date only, which feedparser takes for the update.
        published_at=None if preprint else item.published_at or item.updated_at,
        updated_at=None if preprint else item.updated_at,
        url="" if preprint else _address(item, url),
    )


def _is_replacement(item: atom.Item) -> bool:
    """Whether arXiv's own feed says that this is a new version of an old paper."""
    head = ANNOUNCED.match(item.summary)
    return bool(head and head["kind"] in REPLACED)


def _identifier(item: atom.Item) -> str:
    """The paper that the entry names in its id, its links or its metadata; empty where none."""
    for word in (name[:500] for name in (item.id, item.link, *item.identifiers)):
        named = _ARXIV.fullmatch(word)
        if named and (split := identifiers.split_arxiv(named[1])):
            return f"arxiv:{split[0]}"
        if found := identifiers.arxiv_in_url(word):
            return f"arxiv:{found}"
        inside = _DOI_IN_URL.search(unquote(word))
        if doi := identifiers.normalise_doi(inside[1] if inside else word):
            return identifiers.from_doi(doi)
    return ""


def _address(item: atom.Item, url: str) -> str:
    try:
        return text.safe_url(urljoin(url, item.link))[:2_000]
    except ValueError:  # "http://[::1"
        return ""


def _listing(paper_id: str, item: atom.Item, observed_at: datetime) -> Listing:
    came = item.published_at or item.updated_at
    if came is None or came > observed_at:
        return Listing(paper_id=paper_id, source=NAME, list_date=observed_at.date())
    return Listing(paper_id=paper_id, source=NAME, list_date=came.date(), submitted_at=came)


def split_names(authors: tuple[str, ...]) -> tuple[str, ...]:
    """The authors, also where a feed gives all of them as one text.

    `Ann One, Bo Two` and `One, A., Two, B.` are two people, `One, Ann` is one.
    """
    names: list[str] = []
    for author in authors:
        parts = [part.strip() for part in re.split(r",|;|\band\b", author[:200_000])]
        parts = [part for part in parts if part]
        given, family = parts[1::2], parts[::2]
        if len(given) == len(family) and all(_INITIALS.fullmatch(part) for part in given):
            names += [f"{first} {last}" for last, first in zip(family, given, strict=True)]
        elif len(parts) > 1 and all(" " in part for part in parts):
            names += parts
        else:
            names.append(author)
    return tuple(name[:300] for name in names[:10_000])


@dataclass(frozen=True)
class FeedsSource:
    """Reads each listed address once, four at a time."""

    client: Client
    clock: Clock
    urls: tuple[str, ...] = ()
    name: str = NAME

    def fetch(self, wanted: "Wanted", state: Mapping[str, str]) -> Iterator[Batch]:
        """One batch a feed, in any order; feeds know no days, so `wanted` is not used.

        Raises SourceSkippedError where no feed is listed.
        """
        if not self.urls:
            raise SourceSkippedError(
                "sources.feeds.urls is empty; list the addresses of Atom or RSS feeds there."
            )
        urls = list(dict.fromkeys(self.urls))
        total = min(len(urls), MAX_FEEDS)
        yield from concurrently(lambda url: self._feed(url, state, total), urls[:MAX_FEEDS])
        if len(urls) > MAX_FEEDS:
            reason = f"sources.feeds.urls lists {len(urls)} feeds; the first {MAX_FEEDS} are read."
            yield Batch(failures=(SourceSkippedError(reason),), total=total)

    def _feed(self, url: str, state: Mapping[str, str], total: int) -> Batch:
        try:
            return replace(self._read(url, state), total=total)
        except SourceError as error:
            return Batch(failures=(error,), total=total)

    def _read(self, url: str, state: Mapping[str, str]) -> Batch:
        memory = atom.Memory.of(state.get(url, ""))
        answer = self.client.get(url, headers=_ACCEPT, etag=memory.etag)
        host = host_of(url)
        if answer.unchanged:
            return Batch()
        if answer.missing:
            reason = f"{host} has no feed at {url}; check sources.feeds.urls."
            raise SourceFormatError(reason, url=url)
        try:
            batch = parse(answer.body, observed_at=self.clock(), url=url)
        except SourceFormatError as error:
            reason = f"{host}: {error} ({url}); check sources.feeds.urls, or try again later."
            raise SourceFormatError(reason, url=url) from None
        listings = memory.dated(batch.listings)
        return replace(
            batch,
            listings=listings,
            skipped=tuple(f"{host}: {reason}" for reason in batch.skipped),
            state={url: memory.after(answer.etag, listings).note()},
        )
