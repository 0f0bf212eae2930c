"""Feeds that the user lists: which paper an entry is, and what is no feed."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from html import escape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from hang import no_hang
from hypothesis import given, settings
from hypothesis import strategies as st

from papertrack import identifiers
from papertrack.errors import SourceBusyError, SourceFormatError, SourceSkippedError
from papertrack.models import Paper
from papertrack.reports import Batch
from papertrack.sources import atom
from papertrack.sources.client import Client
from papertrack.sources.feeds import FeedsSource, parse, split_names

NOW = datetime(2026, 4, 14, 12, tzinfo=UTC)
TODAY = NOW.date()
URL = "https://fog.example/feed.xml"
DATA = Path(__file__).parent / "data/feeds"
RECORDED = Path(__file__).parents[2] / "shared/data/arxiv"
Handler = Callable[[httpx.Request], httpx.Response]
RSS = '<rss version="2.0"><channel><title>F</title>{}</channel></rss>'


def data(name: str) -> bytes:
    return (DATA / f"{name}.xml").read_bytes()


def read(name: str) -> Batch:
    return parse(data(name), observed_at=NOW, url=URL)


def papers(name: str) -> list[Paper]:
    return list(read(name).papers)


def days(batch: Batch) -> dict[str, date]:
    return {listing.paper_id: listing.list_date for listing in batch.listings}


def item(inside: str) -> Paper:
    (paper,) = parse(RSS.format(f"<item>{inside}</item>").encode(), observed_at=NOW).papers
    return paper


# --- entries -------------------------------------------------------------------------------------


def test_an_entry_of_a_blog_is_known_by_its_title() -> None:
    post = papers("lab_atom")[0]
    assert post.title == "We trained a lantern: a < b & c"
    assert post.id == identifiers.title_id(post.title, ("Ada Example",))
    assert post.authors == ("Ada Example", "Bo Sample")
    assert post.abstract == "One two2 $a<b$", "no markup, no script, no style"
    assert post.url == "https://fog.example/posts/lantern?x=1"
    assert post.published_at == datetime(2026, 4, 13, 21, 30, tzinfo=UTC)


def test_an_entry_that_names_a_paper_is_that_paper() -> None:
    found = {paper.id: paper for name in ("lab_atom", "journal_rss") for paper in papers(name)}
    paper = found["arxiv:2604.90001"]
    assert (paper.arxiv_id, paper.url, paper.published_at) == ("2604.90001", "", None)
    assert paper.title == "Our paper is on the archive when $a<b$ and $b>c$"
    assert paper.abstract == "Read it."
    assert found["doi:10.5555/s1"].url == "https://journal.example/articles/s1"
    assert found["doi:10.5555/s2"].title == "Found by its address", "and not the same again"
    assert found["arxiv:2604.90002"].doi == ""
    assert papers("reading_rdf")[0].doi == "10.1101/2026.04.01.000001"


@pytest.mark.parametrize(
    ("inside", "paper_id"),
    [
        ("<guid>oai:arXiv.org:2604.90001v2</guid>", "arxiv:2604.90001"),
        ("<guid>arXiv:hep-th/9901001</guid>", "arxiv:hep-th/9901001"),
        ("<link>http://arxiv.org/pdf/2604.90001v2.pdf</link>", "arxiv:2604.90001"),
        ("<link>https://dl.acm.org/doi/10.1145/1.2?af=R</link>", "doi:10.1145/1.2"),
        ("<guid>2604.90001</guid>", identifiers.title_id("T")),
        ("<link>https://fog.example/2604.90001</link>", identifiers.title_id("T")),
        ("<description>see https://arxiv.org/abs/2604.90001</description>", None),
    ],
)
def test_only_the_id_and_the_link_name_a_paper(inside: str, paper_id: str | None) -> None:
    assert item(f"<title>T</title>{inside}").id == (paper_id or identifiers.title_id("T"))


def test_an_entry_is_listed_under_its_day_and_never_in_the_future() -> None:
    listed = list(read("lab_atom").listings)
    assert [one.list_date.day for one in listed] == [13, 12, 14, 14]
    assert listed[0].submitted_at == datetime(2026, 4, 13, 21, 30, tzinfo=UTC)
    assert listed[3].submitted_at is None, "posted in the year to come"
    assert {one.source for one in listed} == {"feeds"}


def test_a_replacement_in_arxivs_own_feed_is_no_news() -> None:
    replaced = papers("journal_rss")[-1]
    assert replaced.id == "arxiv:2501.90003"
    assert replaced.abstract == "The fourth bridge holds."
    assert replaced.id not in days(read("journal_rss"))


def test_what_cannot_be_used_is_left_out_with_the_reason() -> None:
    assert read("lab_atom").skipped == ("entry 5 has no title to know it by",)
    many = RSS.format("<item><title>T</title></item>" * 1_001).encode()
    assert parse(many, observed_at=NOW).skipped == ("1 entries after the first 1,000",)
    assert item("<title>0</title>").title == "0"


def test_a_feed_with_a_fault_is_read_if_its_end_is_there() -> None:
    batch = read("reading_rdf")
    assert batch.papers[0].title == "Cells in Fog & Mist"
    assert batch.skipped == ("the feed is not well-formed; it was read as far as possible",)


@pytest.mark.parametrize(
    ("given_as", "names"),
    [
        (("One, A., Two, B. C.",), ("A. One", "B. C. Two")),
        (("Ann One, Bo Two and Cy Three",), ("Ann One", "Bo Two", "Cy Three")),
        (("One, Ann",), ("One, Ann",)),
        (("The Fog Lab", "Ann One"), ("The Fog Lab", "Ann One")),
        (("Ann One",), ("Ann One",)),
        ((",",), ()),
        ((), ()),
    ],
)
def test_names_in_one_text(given_as: tuple[str, ...], names: tuple[str, ...]) -> None:
    assert split_names(given_as) == names


def test_only_links_that_are_safe_are_kept() -> None:
    assert papers("lab_atom")[2].url == ""
    for link in ("http://[::1", "file:///etc/passwd", "https://a@evil.example/"):
        assert item(f"<title>T</title><link>{link}</link>").url == ""


def test_everything_is_bounded() -> None:
    names = "".join(f"<author>{n} N</author>" for n in range(10))
    paper = item(f"<title>{'t' * 9_999}</title><description>{'s ' * 99_999}</description>{names}")
    assert (len(paper.title), len(paper.abstract)) == (1_000, 50_000)


# --- what is no feed -----------------------------------------------------------------------------

ERROR = (Path(__file__).parent / "data/arxiv/query_error.xml").read_bytes()
WHOLE = data("lab_atom")
BAD = {
    "empty": b"\n ",
    "web page": b"<!DOCTYPE html><html><body>Maintenance</body></html>",
    "soft limit": b"Rate exceeded.",
    "json": b'{"items": []}',
    "cut": WHOLE[: len(WHOLE) // 2],
    "cut at the end": WHOLE.rstrip()[:-3],
    "error": ERROR,
    "entities": b'<!DOCTYPE rss [<!ENTITY a "b">]>' + RSS.format("").encode(),
    "entities in UTF-16": ('<!DOCTYPE rss [<!ENTITY a "b">]>' + RSS.format("")).encode("utf-16"),
    "long": b" " * 5_000_001,
    "a file": os.fsencode(__file__),
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD.keys())
def test_what_is_no_feed_is_never_an_empty_one(body: bytes) -> None:
    with pytest.raises(SourceFormatError):
        parse(body, observed_at=NOW)


def test_a_feed_without_entries_is_one() -> None:
    assert parse(RSS.format("").encode(), observed_at=NOW) == Batch()


@settings(max_examples=100, deadline=None)
@given(st.binary() | st.text().map(lambda text: RSS.format(text).encode("utf-8", "replace")))
def test_any_bytes_are_a_batch_or_a_format_error(body: bytes) -> None:
    with suppress(SourceFormatError):
        parse(body, observed_at=NOW, url=URL)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_feed_is_a_batch_or_a_format_error(draw: st.DataObject) -> None:
    for name in ("lab_atom", "journal_rss", "reading_rdf"):
        body = data(name)
        at = draw.draw(st.integers(0, len(body)))
        body = (
            body[:at] + draw.draw(st.binary(max_size=8)) + body[at + draw.draw(st.integers(0, 9)) :]
        )
        with suppress(SourceFormatError):
            parse(body, observed_at=NOW, url=URL)


@settings(max_examples=100)
@given(st.text(alphabet="<>/!-[]&;#ab \"'=") | st.text())
def test_markup_of_any_kind_comes_off(text: str) -> None:
    assert isinstance(atom.without_markup(text), str)


def test_broken_markup_comes_to_an_end() -> None:
    for part in ("<", "<!", "<![", "&", "<a b='", "<!--", "</", "<script>", "<script"):
        markup = part * (200_000 // len(part))
        inside = RSS.format(
            f"<item><title>T</title><description>{escape(markup)}</description></item>"
        )
        with no_hang():
            assert len(atom.without_markup(markup)) <= 200_000
            assert parse(inside.encode(), observed_at=NOW).papers[0].title == "T"
    assert atom.without_markup("&#" + "9" * 9_999), "no number of this length is read"


# --- requests ------------------------------------------------------------------------------------


def said(body: bytes = b"", status: int = 200, etag: str = "") -> httpx.Response:
    headers = {"ETag": etag} if etag else {}
    return httpx.Response(status, stream=httpx.ByteStream(body), headers=headers)


def fetched(
    handler: Handler,
    urls: tuple[str, ...] = (URL,),
    state: Mapping[str, str] | None = None,
    now: datetime = NOW,
) -> list[Batch]:
    client = Client(
        clock=lambda: now, transport=httpx.MockTransport(handler), sleep=lambda seconds: None
    )
    return list(FeedsSource(client, lambda: now, urls).fetch(wanted(), state or {}))


def wanted() -> Any:
    try:
        from papertrack.sources.base import Wanted
    except ImportError:
        return SimpleNamespace(days=(TODAY,), papers=())
    return Wanted(days=(TODAY,))


def test_each_feed_is_asked_for_once_and_then_only_for_changes() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if request.headers.get("If-None-Match") == '"one"':
            return said(status=304)
        return said(data("lab_atom"), etag='"one"')

    (batch,) = fetched(handler, (URL, URL))
    assert (len(batch.papers), batch.total, len(seen)) == (4, 1, 1)
    assert "application/rss+xml" in seen[0].headers["Accept"]
    assert fetched(handler, state=batch.state) == [Batch(total=1)]


def test_an_entry_without_a_date_is_new_once() -> None:
    (first,) = fetched(lambda request: said(data("lab_atom")))
    tomorrow = NOW + timedelta(days=1)
    (again,) = fetched(lambda request: said(data("lab_atom")), state=first.state, now=tomorrow)
    assert days(again) == days(first)


def test_one_feed_that_fails_is_the_failure_of_that_feed() -> None:
    other = "https://mist.example/rss"

    page = b"<html><title>Maintenance</title>"
    for status, reason in ((200, "the answer is a web page"), (404, "has no feed at")):

        def handler(request: httpx.Request, status: int = status) -> httpx.Response:
            good = request.url.host == "fog.example"
            return said(data("lab_atom")) if good else said(page, status)

        batches = fetched(handler, (URL, other))
        assert sorted(len(batch.papers) for batch in batches) == [0, 4]
        (error,) = (error for batch in batches for error in batch.failures)
        assert reason in str(error)
        assert "mist.example" in str(error)
        assert "sources.feeds.urls" in str(error)
        assert error.url == other


def test_a_feed_that_is_busy_says_so() -> None:
    (batch,) = fetched(lambda request: said(b"", status=429))
    assert isinstance(batch.failures[0], SourceBusyError)


def test_without_a_feed_the_source_is_skipped_and_too_many_are_named() -> None:
    with pytest.raises(SourceSkippedError, match=r"sources\.feeds\.urls is empty"):
        fetched(lambda request: said(), ())
    urls = tuple(f"https://fog.example/{n}" for n in range(60))
    batches = fetched(lambda request: said(RSS.format("").encode()), urls)
    assert len(batches) == 51
    assert "lists 60 feeds" in str(batches[-1].failures[0])


@pytest.mark.skipif(not RECORDED.is_dir(), reason=f"no recorded data: {RECORDED}")
def test_the_recorded_feeds_and_answers_of_arxiv_are_read() -> None:
    counted = {"feeds/atom": 7, "feeds/rss": 4, "atom/query_testing_start0_max100": 100}
    for start, expected in counted.items():
        (path,) = RECORDED.glob(f"{start}*")
        batch = parse(path.read_bytes(), observed_at=NOW)
        assert len(batch.papers) == expected
        assert all(paper.arxiv_id and paper.abstract for paper in batch.papers)
        assert not any("Announce Type" in paper.abstract for paper in batch.papers)
    for path in RECORDED.glob("oai/*"):
        with pytest.raises(SourceFormatError):
            parse(path.read_bytes(), observed_at=NOW)
