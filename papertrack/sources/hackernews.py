"""Hacker News, through Algolia's search: points and comments of the stories that link to papers.

`GET /api/v1/search_by_date?query=arxiv.org&restrictSearchableAttributes=url&...` answers
`{"hits": [...], "nbHits": N, ...}`, newest first, at most 1,000 of them whatever the page. It
matches words, not addresses, so the id is looked for here in each story's own address. Two
generations of fields are on record (2018 to 2020 with nulls, 2026 without); what we read is in
both. Points change all the time and both searches may hold stories of one paper, so nothing is
asked conditionally.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from papertrack import identifiers
from papertrack.clock import Clock, midnight
from papertrack.errors import SourceBusyError, SourceError, SourceFormatError
from papertrack.models import HN_POINTS, Listing, Observation, Paper
from papertrack.reports import Batch
from papertrack.sources import values
from papertrack.sources.client import Client, host_of

if TYPE_CHECKING:
    from papertrack.sources.base import Wanted

NAME = "hackernews"
BASE_URL = "https://hn.algolia.com"
HN_COMMENTS = "hn_comments"
QUERIES = ("arxiv.org", "huggingface.co/papers")
PAGE_SIZE = 1_000  # also the most that any search gives
MAX_PAGES = 20  # a search; about five years of stories that link to arXiv
MAX_TITLE = 1_000
MAX_NAME = 100
MAX_LINK = 2_000
#: A story with fewer points was seen by hardly anyone: its counts are kept, but it lists nothing.
LISTED_FROM = 5
_HOSTS = ("arxiv.org", "alphaxiv.org", "huggingface.co", "hf.co", "ar5iv.org")
_SUFFIXES = re.compile(r"(?:\s*(?:\[(?:pdf|video|audio)\]|\((?:19|20)\d\d\)))+$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Story:
    """A story whose address is a paper's."""

    paper_id: str  # "arxiv:..."
    title: str  # the submitter's words, without "[pdf]" and "(2019)"
    points: int
    comments: int | None
    author: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Page:
    """One answer: the stories of papers in it, and where the next answer begins."""

    stories: tuple[Story, ...] = ()
    skipped: tuple[str, ...] = ()
    before: int | None = None  # Unix second of the oldest hit, if older ones are left
    cut: bool = False  # older ones are left and will not be asked for


def parse(body: bytes, *, observed_at: datetime) -> Batch:
    """A search answer as observations, and as papers and listings from LISTED_FROM points on.

    Raises SourceFormatError where the body is no search answer, or has no hits but counts some.
    """
    return facts([parse_page(body)], observed_at=observed_at)


def parse_page(body: bytes) -> Page:
    """What `parse` says before the stories of several answers are weighed against each other."""
    try:
        answer = values.mapping(values.loaded(body))
    except ValueError:
        answer = {}
    hits = answer.get("hits")
    if not isinstance(hits, list):
        raise SourceFormatError("the answer is not a JSON object with a list of hits")
    total = values.count(answer.get("nbHits")) or 0
    if total and not hits:
        raise SourceFormatError(f"the answer has no hits, but says that there are {total}")
    stories: list[Story] = []
    skipped: list[str] = []
    for number, hit in enumerate(hits[:PAGE_SIZE], 1):
        fields = values.mapping(hit)
        arxiv_id = _arxiv_id(values.line(fields.get("url"))[:MAX_LINK])
        if not arxiv_id:
            continue  # a text post, a list of papers, a look-alike
        story = _story(f"arxiv:{arxiv_id}", fields)
        if story:
            stories.append(story)
        else:
            skipped.append(f"story {number} on arXiv {arxiv_id} has no points or no time")
    seconds = [when for hit in hits if (when := _second(values.mapping(hit))) is not None]
    more = bool(seconds) and total > len(hits)
    return Page(
        stories=tuple(stories), skipped=tuple(skipped), before=min(seconds) if more else None
    )


def facts(pages: Iterable[Page], *, observed_at: datetime) -> Batch:
    """The stories of all answers of a run as facts.

    Of several stories on a paper the one with most points speaks for it, with its own comments: a
    repost is shown to the same readers, and a sum would grow with each one that nobody looked at.
    A paper is listed on each day on which a story of it had enough points.
    """
    pages = list(pages)
    best: dict[str, Story] = {}
    days: dict[tuple[str, date], Story] = {}
    for story in sorted((s for page in pages for s in page.stories), key=_weight):
        best[story.paper_id] = story
        if story.points >= LISTED_FROM:
            days[story.paper_id, story.created_at.date()] = story
    return Batch(
        papers=tuple(
            Paper(id=key, arxiv_id=key.removeprefix("arxiv:"), title=story.title)
            for key, story in best.items()
            if story.points >= LISTED_FROM and story.title
        ),
        listings=tuple(_listing(story, day) for (_, day), story in days.items()),
        observations=tuple(seen for s in best.values() for seen in _counts(s, observed_at)),
        skipped=tuple(reason for page in pages for reason in page.skipped),
    )


def _weight(story: Story) -> tuple[int, int, float]:
    """More points, then more comments, then the older one."""
    return story.points, story.comments or 0, -story.created_at.timestamp()


def _listing(story: Story, day: date) -> Listing:
    return Listing(
        paper_id=story.paper_id,
        source=NAME,
        list_date=day,
        submitted_at=story.created_at,
        submitted_by=story.author,
    )


def _counts(story: Story, observed_at: datetime) -> Iterator[Observation]:
    for kind, value in ((HN_POINTS, story.points), (HN_COMMENTS, story.comments)):
        if value is not None:
            yield Observation(
                paper_id=story.paper_id,
                source=NAME,
                kind=kind,
                value=value,
                observed_at=observed_at,
            )


def _story(paper_id: str, hit: Mapping[str, object]) -> Story | None:
    points = values.count(hit.get("points"))
    second = _second(hit)
    if points is None or second is None:
        return None
    title = values.line(hit.get("title"))[:MAX_TITLE].strip()
    return Story(
        paper_id=paper_id,
        title=_SUFFIXES.sub("", title) or title,
        points=points,
        comments=values.count(hit.get("num_comments")),
        author=values.line(hit.get("author"))[:MAX_NAME],
        created_at=datetime.fromtimestamp(second, UTC),
    )


def _second(hit: Mapping[str, object]) -> int | None:
    """When the story was posted, as a Unix second within reason."""
    second = hit.get("created_at_i")
    if isinstance(second, int) and not isinstance(second, bool) and 0 < second < 2**32:
        return second
    moment = values.moment(hit.get("created_at"))
    return int(moment.timestamp()) if moment and moment.timestamp() > 0 else None


def _arxiv_id(url: str) -> str | None:
    """The arXiv id in the path of an address on a host of papers.

    `https://notarxiv.org/abs/...` and `https://elsewhere.example/?to=arxiv.org/abs/...` name a
    paper in their words only.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not any(
        host == known or host.endswith(f".{known}") for known in _HOSTS
    ):
        return None
    return identifiers.arxiv_in_url(f"https://arxiv.org{parts.path}")


@dataclass(frozen=True)
class HackerNewsSource:
    """Reads the stories since the first wanted day: one search for arXiv, one for Hugging Face."""

    client: Client
    clock: Clock
    base_url: str = BASE_URL
    name: str = NAME

    def fetch(self, wanted: "Wanted", state: Mapping[str, str]) -> Iterator[Batch]:
        """One batch, since stories of one paper may be far apart.

        If a search fails, the batch has what the other found. `lists` are the wanted days, where
        all of them was read.
        """
        if not wanted.days:
            return
        start = int(midnight(min(wanted.days)).timestamp())
        pages: list[Page] = []
        failures: list[SourceError] = []
        for query in QUERIES:
            try:
                pages.extend(self._pages(query, start))
            except SourceError as error:
                failures.append(error)
                if isinstance(error, SourceBusyError):
                    break
        if not pages and failures:
            raise failures[0]
        now = self.clock()
        today = now.astimezone(UTC).date()
        whole = not failures and not any(page.cut for page in pages)
        yield replace(
            facts(pages, observed_at=now),
            lists=tuple(day for day in wanted.days if whole and day <= today),
            failures=tuple(failures),
            total=1,
        )

    def _pages(self, query: str, start: int) -> Iterator[Page]:
        """The answers to one search: one, but for windows of more than PAGE_SIZE stories."""
        before: int | None = None
        for _ in range(MAX_PAGES):
            page = self._page(query, start, before)
            stuck = None not in (before, page.before) and page.before == before
            yield replace(page, cut=stuck)
            if page.before is None or stuck:
                return
            before = page.before
        reason = f"stories on {query} older than the newest {MAX_PAGES * PAGE_SIZE:,} are left out"
        yield Page(skipped=(reason,), cut=True)

    def _page(self, query: str, start: int, before: int | None) -> Page:
        window = f"created_at_i>={start}"
        if before is not None:
            window += f",created_at_i<={before}"  # others may have been posted in that second
        parameters = {
            "tags": "story",
            "query": query,
            "restrictSearchableAttributes": "url",
            "numericFilters": window,
            "hitsPerPage": PAGE_SIZE,
        }
        url = f"{self.base_url}/api/v1/search_by_date?{urlencode(parameters)}"
        answer = self.client.get(url)
        try:
            return parse_page(answer.body)
        except SourceFormatError as error:
            raise SourceFormatError(
                f"{host_of(url)}: {error} ({url}); try again later, and if it stays so, check "
                "sources.hackernews.base_url.",
                url=url,
            ) from None
