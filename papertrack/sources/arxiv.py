"""arXiv: what was announced today, and what it says of single papers.

The daily feed (`rss.arxiv.org`, rebuilt at midnight in New York, with an ETag) is complete for its
categories and costs one request. The query API (`export.arxiv.org`) is for papers by id, by title
and by words; since February 2026 it answers 429 at random, so nothing here depends on it. arXiv
asks for one request in three seconds over both, which the client sees to.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from papertrack.clock import Clock
from papertrack.errors import SourceBusyError, SourceError, SourceFormatError
from papertrack.reports import Batch
from papertrack.sources import values
from papertrack.sources.arxiv_oai import OAI_URL, ArxivHarvest
from papertrack.sources.arxiv_xml import NAME, EmptyPageError, parse_feed, parse_query
from papertrack.sources.atom import Memory
from papertrack.sources.client import Answer, Client, host_of

if TYPE_CHECKING:
    from papertrack.sources.base import Wanted

BASE_URL = "https://export.arxiv.org"
FEED_URL = "https://rss.arxiv.org"
CATEGORIES = ("cs.AI", "cs.CL", "cs.CV", "cs.LG", "stat.ML")
BATCH_SIZE = 100
MAX_BATCHES = 5
CANDIDATES = 5
MAX_RESULTS = 200
_ACCEPT = {"Accept": "application/atom+xml"}


@dataclass(frozen=True)
class ArxivSource:
    """Reads the daily feed of the categories, and papers that only arXiv can complete."""

    client: Client
    clock: Clock
    base_url: str = BASE_URL
    feed_url: str = FEED_URL
    oai_url: str = OAI_URL
    categories: tuple[str, ...] = CATEGORIES
    name: str = NAME

    def harvest(self, since: date | None) -> ArxivHarvest:
        """The same service, read as a whole: every record that changed from a day on."""
        return ArxivHarvest(client=self.client, clock=self.clock, url=self.oai_url, since=since)

    def fetch(self, wanted: "Wanted", state: Mapping[str, str]) -> Iterator[Batch]:
        """The newest announcement, then the wanted papers that have no categories yet.

        The feed knows no other day. A failure of the feed does not keep the papers back; after a
        failure of the query API no more papers are asked for.
        """
        absent = self._absent(state)
        numbers = dict.fromkeys(
            paper.arxiv_id
            for paper in wanted.papers
            if paper.arxiv_id and not paper.categories and paper.arxiv_id not in absent
        )
        parts = _batches(list(numbers))
        total = len(parts) + bool(self.categories)
        if self.categories:
            yield self._daily(state, total)
        for part in parts:
            batch = self._details(part, absent, total)
            yield batch
            if batch.failures:
                return

    def lookup(self, paper_id: str) -> Batch:
        """What arXiv says of an arXiv id; empty for other ids and for those it does not know."""
        scheme, _, number = paper_id.partition(":")
        return self._by_id([number]) if scheme == "arxiv" and number else Batch()

    def lookup_all(self, paper_ids: Sequence[str]) -> Batch:
        """What arXiv says of many ids, a hundred a request; at most five requests."""
        numbers = [one.partition(":")[2] for one in paper_ids if one.startswith("arxiv:")]
        papers = (self._by_id(part).papers for part in _batches(numbers))
        return Batch(papers=tuple(paper for part in papers for paper in part))

    def find_title(self, title: str) -> Batch:
        """At most five papers that have these words in this order in their title."""
        words = _words(title)
        if not words:
            return Batch()
        return self._query({"search_query": f'ti:"{" ".join(words)}"', "max_results": CANDIDATES})

    def search(self, query: str, limit: int) -> Batch:
        """Papers that hold all the words anywhere, best first; at most 200."""
        words = [f'all:"{word}"' for word in _words(query)]
        if not words or limit < 1:
            return Batch()
        size = min(limit, MAX_RESULTS)
        return self._query({"search_query": " AND ".join(words), "max_results": size})

    # the daily feed

    def _daily(self, state: Mapping[str, str], total: int) -> Batch:
        try:
            return replace(self._read_daily(state), total=total)
        except SourceError as error:
            return Batch(failures=(error,), total=total)

    def _read_daily(self, state: Mapping[str, str]) -> Batch:
        names = "+".join(quote(category, safe="") for category in self.categories)
        url = f"{self.feed_url}/atom/{names}"
        memory = Memory.of(state.get(url, ""))
        answer = self.client.get(url, headers=_ACCEPT, etag=memory.etag)
        if answer.unchanged:
            return Batch(unchanged=tuple(sorted(set(memory.days.values()))[-1:]))
        self._refuse_missing(answer, "sources.arxiv.feed_url and categories")
        try:
            batch = parse_feed(answer.body, observed_at=self.clock())
        except SourceFormatError as error:
            raise _named(error, url) from None
        listings = memory.dated(batch.listings)
        days = {listing.list_date for listing in listings}
        read = days & {listing.list_date for listing in batch.listings}
        return replace(
            batch,
            listings=listings,
            lists=tuple(sorted(read)),
            unchanged=() if read else tuple(sorted(days)),
            state={url: memory.after(answer.etag, listings).note()},
        )

    # the query API

    def _details(self, numbers: list[str], absent: dict[str, None], total: int) -> Batch:
        try:
            batch = self._by_id(numbers)
        except SourceError as error:
            return Batch(failures=(error,), total=total)
        told = {paper.arxiv_id for paper in batch.papers if paper.categories}
        absent.update(dict.fromkeys(number for number in numbers if number not in told))
        note = {"day": self._today(), "absent": list(absent)}
        return replace(batch, state={self._api: json.dumps(note)}, total=total)

    def _absent(self, state: Mapping[str, str]) -> dict[str, None]:
        """The ids that arXiv did not know today: its answers change once a day."""
        try:
            note = values.mapping(json.loads(state.get(self._api, "{}")))
        except (ValueError, RecursionError):
            note = {}
        known = note.get("day") == self._today()
        return dict.fromkeys(values.lines(note.get("absent")) if known else ())

    def _by_id(self, numbers: list[str]) -> Batch:
        """The papers of these ids, found by id and never by place: unknown ones are left out."""
        batch = self._query({"id_list": ",".join(numbers), "max_results": BATCH_SIZE})
        asked = set(numbers)
        return replace(batch, papers=tuple(p for p in batch.papers if p.arxiv_id in asked))

    def _query(self, parameters: Mapping[str, str | int]) -> Batch:
        url = f"{self._api}?{urlencode(parameters)}"
        for _ in range(2):  # an empty page is a passing fault, and a second try usually works
            answer = self.client.get(url, headers=_ACCEPT)
            self._refuse_missing(answer, "sources.arxiv.base_url")
            try:
                return parse_query(answer.body, observed_at=self.clock())
            except EmptyPageError:
                continue
            except SourceFormatError as error:
                raise _named(error, url) from None
        raise SourceBusyError(
            f"{host_of(url)} promises papers and sends none ({url}); try again in some minutes.",
            url=url,
        )

    def _refuse_missing(self, answer: Answer, keys: str) -> None:
        if answer.missing:
            host = host_of(answer.url)
            message = f"{host} has nothing at {answer.url}; check {keys}."
            raise SourceFormatError(message, url=answer.url)

    @property
    def _api(self) -> str:
        return f"{self.base_url}/api/query"

    def _today(self) -> str:
        return self.clock().date().isoformat()


def _named(error: SourceFormatError, url: str) -> SourceFormatError:
    return SourceFormatError(f"{host_of(url)}: {error} ({url}); try again later.", url=url)


def _batches(numbers: list[str]) -> list[list[str]]:
    starts = range(0, len(numbers), BATCH_SIZE)
    return [numbers[start : start + BATCH_SIZE] for start in starts][:MAX_BATCHES]


def _words(text: str) -> list[str]:
    """The words of a query, without the characters and words that are its grammar."""
    bare = re.sub(r"""["'()\[\]{}\\:^~*?$]""", " ", values.line(text)[:300])
    return [word for word in bare.split() if word not in ("AND", "OR", "ANDNOT", "NOT")][:30]
