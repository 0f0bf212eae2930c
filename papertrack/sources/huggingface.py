"""Hugging Face Daily Papers: the list of a day, its votes, comments and stars.

`GET /api/daily_papers?date=D&limit=100` answers a JSON array, sorted by votes; `Link: rel="next"`
leads on. A list grows all day (two thirds of it stand at 08:00 UTC), there is none on weekends, and
the list date is the UTC date of `paper.submittedOnDailyAt`. The outer `publishedAt` was the moment
of submission until 10 March 2025 and means nothing since.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import urlencode, urlsplit

from papertrack import identifiers, text
from papertrack.clock import FIRST_LIST, Clock, newest_list_day
from papertrack.errors import SourceError, SourceFormatError
from papertrack.models import COMMENTS, GITHUB_STARS, UPVOTES, Listing, Observation, Paper
from papertrack.reports import Batch
from papertrack.sources.base import Wanted
from papertrack.sources.client import Client, concurrently, host_of
from papertrack.sources.values import count, items, line, lines, loaded, mapping, moment, repository

NAME = "huggingface"
BASE_URL = "https://huggingface.co"
PAGE_SIZE = 100
MAX_PAGES = 50
QUERY_LENGTH = 250
_SUBMISSION_TIME_ENDS = date(2025, 3, 11)


@dataclass
class _Page:
    """What one answer held."""

    papers: list[Paper] = field(default_factory=list)
    listings: list[Listing] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def parse(body: bytes, *, observed_at: datetime, day: date | None = None) -> Batch:
    """A list answer as papers, listings and observations.

    `day` is the list date that was asked for; without it the date of submission is taken. Keys come
    and go over the years, so each is read by itself; an entry without id or title is skipped, with
    the reason. Raises SourceFormatError where the body is no JSON array.
    """
    entries = _loaded(body)
    if not isinstance(entries, list):
        raise SourceFormatError("the answer is not a JSON array of papers")
    return read_entries(entries, observed_at=observed_at, day=day)


def parse_paper(body: bytes, *, observed_at: datetime) -> Batch:
    """The answer of `/api/papers/{id}`: the inner part of a list entry, flat."""
    inner = _loaded(body)
    if not isinstance(inner, dict):
        raise SourceFormatError("the answer is not a JSON object")
    return read_entries([{"paper": inner}], observed_at=observed_at)


def _loaded(body: bytes | str) -> object:
    try:
        return loaded(body)
    except ValueError:
        return None


def read_entries(entries: list[object], *, observed_at: datetime, day: date | None = None) -> Batch:
    """The entries of such a list, wherever it was found."""
    page = _Page()
    for number, entry in enumerate(entries, 1):
        _read_entry(page, number, entry, observed_at, day)
    return Batch(
        papers=tuple(page.papers),
        listings=tuple(page.listings),
        observations=tuple(page.observations),
        skipped=tuple(page.skipped),
    )


def _read_entry(
    page: _Page, number: int, entry: object, observed_at: datetime, day: date | None
) -> None:
    outer = mapping(entry)
    inner = mapping(outer.get("paper"))
    paper = _paper(outer, inner)
    if paper is None:
        page.skipped.append(f"entry {number} has no usable id or title")
        return
    page.papers.append(paper)
    listing = _listing(paper.id, outer, inner, day)
    if listing:
        page.listings.append(listing)
    counts = (
        (UPVOTES, inner.get("upvotes")),
        (COMMENTS, outer.get("numComments")),
        (GITHUB_STARS, inner.get("githubStars")),
    )
    page.observations += [
        Observation(paper_id=paper.id, source=NAME, kind=kind, value=value, observed_at=observed_at)
        for kind, said in counts
        if (value := count(said)) is not None
    ]


def _paper(outer: Mapping[str, object], inner: Mapping[str, object]) -> Paper | None:
    split = identifiers.split_arxiv(line(inner.get("id")))
    title = line(inner.get("title")) or line(outer.get("title"))
    if not split or not title:
        return None
    organization = mapping(outer.get("organization")) or mapping(inner.get("organization"))
    return Paper(
        id=f"arxiv:{split[0]}",
        arxiv_id=split[0],
        title=title,
        abstract=line(inner.get("summary")) or line(outer.get("summary")),
        authors=tuple(
            name
            for author in items(inner.get("authors"))
            if (name := line(mapping(author).get("name")))
        ),
        published_at=moment(inner.get("publishedAt")),
        organization=line(organization.get("fullname")) or line(organization.get("name")),
        code_url=repository(line(inner.get("githubRepo"))),
        project_url=text.safe_url(line(inner.get("projectPage"))),
        ai_summary=line(inner.get("ai_summary")),
        keywords=lines(inner.get("ai_keywords")),
    )


def _listing(
    paper_id: str, outer: Mapping[str, object], inner: Mapping[str, object], day: date | None
) -> Listing | None:
    submitted = moment(inner.get("submittedOnDailyAt"))
    if submitted is None and day and day < _SUBMISSION_TIME_ENDS:
        submitted = moment(outer.get("publishedAt"))
    if day is None:
        if submitted is None:
            return None
        day = submitted.date()
    submitter = mapping(inner.get("submittedOnDailyBy")) or mapping(outer.get("submittedBy"))
    return Listing(
        paper_id=paper_id,
        source=NAME,
        list_date=day,
        submitted_at=submitted if submitted and submitted.date() == day else None,
        submitted_by=line(submitter.get("user")) or line(submitter.get("name")),
    )


@dataclass(frozen=True)
class HuggingFaceSource:
    """Reads the lists of days, four at a time, and single papers."""

    client: Client
    clock: Clock
    base_url: str = BASE_URL
    token: str = ""
    name: str = NAME

    def fetch(self, wanted: Wanted, state: Mapping[str, str]) -> Iterator[Batch]:
        """One batch a list day. Weekends and days to come are left out: they have no list."""
        newest = newest_list_day(self.clock())
        days = [day for day in wanted.days if FIRST_LIST <= day <= newest and day.weekday() < 5]
        # Newest first: what a reader waits for arrives first, also when the run is interrupted.
        days.sort(reverse=True)
        yield from concurrently(lambda day: self._day(day, state, len(days)), days)

    def lookup(self, paper_id: str) -> Batch:
        """What the service knows of an arXiv id; empty where it has not indexed the paper."""
        scheme, _, number = paper_id.partition(":")
        if scheme != "arxiv":
            return Batch()
        answer = self.client.get(f"{self.base_url}/api/papers/{number}", headers=self._headers())
        if answer.missing:
            return Batch()
        try:
            return parse_paper(answer.body, observed_at=self.clock())
        except SourceFormatError as error:
            raise _located(error, answer.url) from None

    def find_title(self, title: str) -> Batch:
        """At most five papers that the service's search finds for a title."""
        return self.search(title, 5)

    def search(self, words: str, most: int) -> Batch:
        """The papers that the service's own search finds for words, best first, at most 120."""
        query = urlencode({"q": words[:QUERY_LENGTH], "limit": most})
        url = f"{self.base_url}/api/papers/search?{query}"
        answer = self.client.get(url, headers=self._headers())
        if answer.missing:
            return Batch()
        return self._parse(answer.body, url, None)

    def _day(self, day: date, state: Mapping[str, str], total: int) -> Batch:
        try:
            return self._read_day(day, state, total)
        except SourceError as error:
            return Batch(failures=(error,), total=total)

    def _read_day(self, day: date, state: Mapping[str, str], total: int) -> Batch:
        query = urlencode({"date": day.isoformat(), "limit": PAGE_SIZE})
        url = f"{self.base_url}/api/daily_papers?{query}"
        parts: list[Batch] = []
        remembered: dict[str, str] = {}
        while url and len(remembered) < MAX_PAGES and url not in remembered:
            known = _remembered(state.get(url, ""))
            answer = self.client.get(url, headers=self._headers(), etag=known["etag"])
            if answer.missing:
                raise SourceFormatError(
                    f"{host_of(url)} has no Daily Papers at {url}; "
                    "check sources.huggingface.base_url.",
                    url=url,
                )
            following = self._next(known["next"] if answer.unchanged else answer.next_url())
            remembered[url] = json.dumps({"etag": answer.etag or known["etag"], "next": following})
            if not answer.unchanged:
                parts.append(self._parse(answer.body, url, day))
            url = following
        return _joined(parts, day, remembered, total)

    def _parse(self, body: bytes, url: str, day: date | None) -> Batch:
        try:
            return parse(body, observed_at=self.clock(), day=day)
        except SourceFormatError as error:
            raise _located(error, url) from None

    def _next(self, url: str) -> str:
        """The next page, on the same host and by the same scheme only.

        Raises SourceFormatError for another place: a list that is cut short is no list.
        """
        base, following = urlsplit(self.base_url), urlsplit(url)
        if url and following.netloc != base.netloc:
            raise SourceFormatError(
                f"{base.netloc} continues its list at another place ({url[:200]!r}), which is not "
                "followed; check sources.huggingface.base_url.",
                url=url,
            )
        return following._replace(scheme=base.scheme).geturl() if url else ""

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def _located(error: SourceFormatError, url: str) -> SourceFormatError:
    """What the parser says, with where it came from."""
    return SourceFormatError(
        f"{host_of(url)}: {error} ({url}); it may be under repair, try again later.", url=url
    )


def _remembered(note: str) -> dict[str, str]:
    known = mapping(_loaded(note))
    return {"etag": str(known.get("etag", "")), "next": str(known.get("next", ""))}


def _joined(parts: list[Batch], day: date, state: Mapping[str, str], total: int) -> Batch:
    """The pages of one day as one batch; without any, the day had not moved."""
    return Batch(
        papers=tuple(paper for part in parts for paper in part.papers),
        listings=tuple(listing for part in parts for listing in part.listings),
        observations=tuple(seen for part in parts for seen in part.observations),
        skipped=tuple(f"{day}: {reason}" for part in parts for reason in part.skipped),
        lists=(day,) if parts else (),
        unchanged=() if parts else (day,),
        state=state,
        total=total,
    )
