"""bioRxiv and medRxiv: the preprints posted on a day.

`GET /details/{server}/{from}/{to}/{cursor}/json` answers `messages[0]` (status, count, total; the
numbers are strings or numbers) and `collection`, one row per version of a preprint, 30 to a page
(100 until 2025), so the cursor advances by the rows that came. Errors arrive with status 200 and a
text; on 2026-09-15 every call answered 200 and nothing at all. `total` may promise up to a page
more than there is (ropensci/medrxivr#19). No counts of any kind, no ETag, no search by word.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from papertrack import identifiers
from papertrack.clock import Clock
from papertrack.errors import SourceError, SourceFormatError, SourceUnavailableError
from papertrack.models import Listing, Paper
from papertrack.reports import Batch
from papertrack.sources import values
from papertrack.sources.client import Client, host_of

if TYPE_CHECKING:
    from papertrack.sources.base import Wanted

NAME = "biorxiv"
BASE_URL = "https://api.biorxiv.org"
FIRST_DAY = date(2013, 11, 1)
MAX_ROWS = 1_000  # of one page
MAX_TITLE, MAX_ABSTRACT, MAX_AUTHORS = 1_000, 50_000, 10_000
SETTLES_AFTER = timedelta(days=2)  # a day that was read at this age is not read again
_PREFIXES = ("10.1101/", "10.64898/")  # the second is the newer one
_LARGEST_PAGE = 100
#: What is left of the markup where the service makes plain text of an abstract (seen 2020 to 2026).
_JOINED = re.compile(r"[OC]_SCP(?:CAP|LOW)")
_PARTED = re.compile(r"[OC]_(?:LIO_LI|LI|LST|QD|TEXTBOX|TABLECAPTION|SCPCAP|SCPLOW)|O_ST_ABS")
_FIGURE = re.compile(r"O_(?:FIG|TBL)|C_(?:FIG|TBL)")
_ENTITY = re.compile(r"\[(&#?\w{1,10};)\]")
_DATED = re.compile(r"10\.\d+/(\d{4})\.(\d\d)\.(\d\d)\.\d+")


@dataclass(frozen=True)
class _Row:
    """One version of one preprint."""

    paper: Paper
    posted: date
    version: int


@dataclass(frozen=True)
class _Page:
    rows: tuple[_Row, ...] = ()
    received: int = 0  # rows in the answer, the unreadable ones too
    total: int | None = None
    skipped: tuple[str, ...] = ()


def parse(body: bytes, *, observed_at: datetime) -> Batch:
    """One page as papers and listings, the versions of a preprint folded into one paper.

    The service counts nothing, so `observed_at` is not used. A row without DOI, title or date is
    skipped, with the reason. Raises SourceFormatError where the body is empty, no JSON, of another
    shape, or says that something went wrong; "no posts found" is an empty batch.
    """
    page = _read(body)
    papers, listings = _fold(page.rows)
    return Batch(papers=papers, listings=listings, skipped=page.skipped)


def _read(body: bytes) -> _Page:
    if not body.strip():
        raise SourceFormatError("the answer is empty, which this service sends when it is down")
    try:
        answer = values.loaded(body)
    except ValueError:
        answer = None
    message = values.mapping(next(iter(values.items(values.mapping(answer).get("messages"))), None))
    status = values.line(message.get("status"))
    if status.casefold().startswith("no posts found"):
        return _Page()
    entries = values.mapping(answer).get("collection")
    good = status.casefold() == "ok"
    if not good or not isinstance(entries, list):
        said = f"; it says {status[:200]!r}" if status and not good else ""
        raise SourceFormatError(f"the answer is not a list of preprints{said}")
    rows, skipped, entries = [], [], entries[:MAX_ROWS]
    for number, entry in enumerate(entries, 1):
        if row := _row(values.mapping(entry)):
            rows.append(row)
        else:
            skipped.append(f"entry {number} has no usable DOI, title or date")
    return _Page(tuple(rows), len(entries), values.count(message.get("total")), tuple(skipped))


def _row(entry: Mapping[str, object]) -> _Row | None:
    doi = identifiers.normalise_doi(values.line(entry.get("doi"))[:300])
    title = values.line(entry.get("title"))[:MAX_TITLE]
    posted = values.moment(entry.get("date"))
    if not doi or not doi.isprintable() or not title or not posted:
        return None
    version = values.count(entry.get("version"))
    category = values.line(entry.get("category"))[:100].casefold()
    return _Row(
        paper=Paper(
            id=identifiers.from_doi(doi),
            doi=doi,
            title=title,
            abstract=_abstract(entry.get("abstract")),
            authors=_authors(values.line(entry.get("authors"))),
            categories=(category,) if category else (),
            published_at=posted if version == 1 else _first_posted(doi, posted),
            updated_at=posted,
            version=version or None,
            withdrawn=title.casefold().startswith("withdrawn"),
        ),
        posted=posted.date(),
        version=version or 0,
    )


def _first_posted(doi: str, posted: datetime) -> datetime | None:
    """The day in the DOI, where the first version is not at hand: 10.64898/2026.07.31.741992.

    It is the day of submission, a few days before the posting. Older DOIs hold no day.
    """
    found = _DATED.fullmatch(doi)
    try:
        day = date(*map(int, found.groups())) if found else None
    except ValueError:
        return None
    return datetime.combine(day, time(), UTC) if day and FIRST_DAY <= day <= posted.date() else None


def _authors(names: str) -> tuple[str, ...]:
    """`Frey, K.; Pucker, B.` as names are written elsewhere: K. Frey, B. Pucker."""
    turned = []
    for name in names.split(";", MAX_AUTHORS)[:MAX_AUTHORS]:
        last, _, first = name.partition(",")
        turned.append(f"{first.strip()} {last.strip()}".strip())
    return tuple(filter(None, turned))


def _abstract(value: object) -> str:
    """The abstract without the service's leftovers of markup: `O_LI`, `O_ST_ABS`, figures."""
    words = value[: 2 * MAX_ABSTRACT] if isinstance(value, str) else ""
    words = _JOINED.sub("", _without_figures(words)).replace("C_ST_ABS", ": ")
    words = _ENTITY.sub(lambda found: html.unescape(found[1]), _PARTED.sub(" ", words))
    return values.line(words)[:MAX_ABSTRACT]


def _without_figures(words: str) -> str:
    """The text without `O_FIG ... C_FIG`; one that is never closed is left as it is."""
    kept, end, opened = [], 0, -1
    for mark in _FIGURE.finditer(words):
        if mark[0][0] == "O":
            opened = mark.start() if opened < 0 else opened
        elif opened >= 0:
            kept.append(words[end:opened])
            end, opened = mark.end(), -1
    return " ".join([*kept, words[end:]])


def _fold(rows: Iterable[_Row]) -> tuple[tuple[Paper, ...], tuple[Listing, ...]]:
    """Each preprint once, as its newest version says; it is listed on the day of the first."""
    newest: dict[str, _Row] = {}
    listings: dict[str, Listing] = {}
    for row in rows:
        key = row.paper.id
        newest[key] = _newer(newest.get(key, row), row)
        if row.version == 1:
            listings[key] = Listing(paper_id=key, source=NAME, list_date=row.posted)
    return tuple(row.paper for row in newest.values()), tuple(listings.values())


def _newer(one: _Row, other: _Row) -> _Row:
    """The newer of two versions, with the day of the first one where either knows it.

    That is the later of two days: a row that does not know it has the day of submission.
    """
    row = other if (other.version, other.posted) > (one.version, one.posted) else one
    days = [day for day in (one.paper.published_at, other.paper.published_at) if day]
    return replace(row, paper=replace(row.paper, published_at=max(days, default=None)))


@dataclass
class _Run:
    """What one run has left and has seen."""

    pages: int  # that may still be asked for
    failed: set[str] = field(default_factory=set)  # servers
    newest: dict[str, _Row] = field(default_factory=dict)

    def may_ask(self, server: str) -> bool:
        return self.pages > 0 and server not in self.failed

    def settle(self, rows: Sequence[_Row]) -> list[_Row]:
        """The rows, and of each paper the newest version of this run: older days come later."""
        for row in rows:
            self.newest[row.paper.id] = _newer(self.newest.get(row.paper.id, row), row)
        return [*rows, *(self.newest[key] for key in dict.fromkeys(r.paper.id for r in rows))]


@dataclass
class _Day:
    """What has arrived of one day."""

    rows: list[_Row] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    failures: list[SourceError] = field(default_factory=list)
    state: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class BiorxivSource:
    """Reads whole days, newest first; a day that has settled is read once.

    An unfiltered weekday has some 250 rows, nine pages; a week of both servers is about 70.
    """

    client: Client
    clock: Clock
    base_url: str = BASE_URL
    servers: tuple[str, ...] = ("biorxiv", "medrxiv")
    categories: tuple[str, ...] = ()
    max_pages: int = 40  # in one run, of all servers and days together
    name: str = NAME

    def fetch(self, wanted: "Wanted", state: Mapping[str, str]) -> Iterator[Batch]:
        """One batch a day, from the newest wanted day back to the oldest, weekends too.

        A run that ends early, by Ctrl-C or at `max_pages`, leaves whole days behind, and the next
        one goes on with those that are missing. A server that fails is not asked again in this run.
        """
        today = self.clock().date()
        days = [day for day in _span(wanted.days, today) if self._is_open(day, state)]
        run = _Run(self.max_pages)
        for number, day in enumerate(days):
            if run.failed.issuperset(self.servers):
                return
            if run.pages <= 0:
                left = (
                    f"{len(days) - number} days up to {day} are left for the next run "
                    f"(sources.biorxiv.max_pages is {self.max_pages})"
                )
                yield Batch(skipped=(left,), total=len(days))
                return
            yield replace(self._day(day, run, state, today), total=len(days))

    def lookup(self, paper_id: str) -> Batch:
        """All versions of one preprint as one paper; empty for any id that is not from here."""
        doi = paper_id.removeprefix("doi:")
        if not paper_id.startswith("doi:") or not doi.startswith(_PREFIXES):
            return Batch()
        for server in self.servers:
            page = self._page(f"{self._root(server)}/{quote(doi, safe='/')}/na/json")
            papers, listings = _fold(row for row in page.rows if row.paper.id == paper_id)
            if papers:
                return Batch(papers=papers, listings=listings)
        return Batch()

    def _is_open(self, day: date, state: Mapping[str, str]) -> bool:
        return not all(_is_settled(state.get(url, ""), day) for url in self._urls(day))

    def _day(self, day: date, run: _Run, state: Mapping[str, str], today: date) -> Batch:
        """A day of all servers and categories, with what failed in it."""
        got = _Day()
        urls = self._urls(day)
        for url, server in urls.items():
            if _is_settled(state.get(url, ""), day) or not run.may_ask(server):
                continue
            try:
                total = self._walk(url, run, state.get(url, ""), got)
            except SourceError as error:
                got.failures.append(error)
                run.failed.add(server)
            else:
                if total is not None:
                    got.state[url] = f"{today} {total}"
        papers, listings = _fold(run.settle(got.rows))
        whole = all(url in got.state or _is_settled(state.get(url, ""), day) for url in urls)
        return Batch(
            papers=papers,
            listings=listings,
            lists=(day,) if whole else (),
            state=got.state,
            skipped=tuple(f"{day}: {reason}" for reason in got.skipped),
            failures=tuple(got.failures),
        )

    def _walk(self, url: str, run: _Run, note: str, got: _Day) -> int | None:
        """Add the pages behind `url` to the day.

        Answers how many rows the service says there are, or None where `max_pages` came first. A
        total that is what it was the last time needs no second page.
        """
        cursor, known = 0, set[tuple[str, int]]()
        total: int | None = None
        while run.pages > 0:
            run.pages -= 1
            page = self._page(url.replace("/0/json", f"/{cursor}/json"))
            fresh = [row for row in page.rows if (row.paper.id, row.version) not in known]
            known |= {(row.paper.id, row.version) for row in fresh}
            got.rows += fresh
            got.skipped += page.skipped
            cursor += page.received
            total = total if page.total is None else page.total
            more = page.received > 0 and not (page.rows and not fresh)
            same = note.partition(" ")[2] == str(total)
            if same or _ended(url, cursor, total, more=more):
                return cursor if total is None else total
        return None

    def _page(self, url: str) -> _Page:
        answer = self.client.get(url)
        if answer.missing:
            raise SourceFormatError(
                f"{host_of(url)} has no preprints at {url}; check sources.biorxiv.base_url.",
                url=url,
            )
        try:
            return _read(answer.body)
        except SourceFormatError as error:
            raise SourceFormatError(
                f"{host_of(url)}: {error} ({url}); try again later.", url=url
            ) from None

    def _root(self, server: str) -> str:
        return f"{self.base_url}/details/{quote(server, safe='')}"

    def _urls(self, day: date) -> dict[str, str]:
        """The first page of each server and category on a day, and the server it belongs to."""
        queries = [f"?category={quote(c.replace(' ', '_'))}" for c in self.categories] or [""]
        return {
            f"{self._root(server)}/{day}/{day}/0/json{query}": server
            for server in self.servers
            for query in queries
        }


def _is_settled(note: str, day: date) -> bool:
    """Whether the day was over, in New York too, when it was last read to its end."""
    try:
        return date.fromisoformat(note.partition(" ")[0]) - day >= SETTLES_AFTER
    except ValueError:
        return False


def _ended(url: str, cursor: int, total: int | None, *, more: bool) -> bool:
    """Whether all rows are here: by the total, or because nothing new came (not `more`).

    Raises SourceUnavailableError where far fewer rows came than the total says.
    """
    missing = (total or 0) - cursor
    if more:
        return total is not None and missing <= 0
    if missing > _LARGEST_PAGE or (missing > 0 and not cursor):
        raise SourceUnavailableError(
            f"{host_of(url)} says there are {total} preprints and sends {cursor} ({url}); "
            "try again later.",
            url=url,
        )
    return True


def _span(days: Sequence[date], today: date) -> list[date]:
    """Every day from the first that is wanted to the last, newest first, none to come."""
    first = max(min(days, default=today), FIRST_DAY)
    last = min(max(days, default=FIRST_DAY), today)
    return [last - timedelta(days=n) for n in range((last - first).days + 1)]
