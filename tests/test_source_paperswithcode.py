"""Papers with Code: an undocumented list, of which no field may be missed."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papertrack.errors import SourceFormatError
from papertrack.identifiers import title_id
from papertrack.reports import Batch
from papertrack.sources.client import Client
from papertrack.sources.paperswithcode import MAX_ABSTRACT, PapersWithCodeSource, parse

NOW = datetime(2026, 4, 10, 12, tzinfo=UTC)
TODAY = NOW.date()
TRENDING = (Path(__file__).parent / "data/paperswithcode/trending.json").read_bytes()
URL = "https://paperswithcode.co/api/v1/papers/trending?limit=100"


def said(
    status: int = 200, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> httpx.Response:
    """An answer as it comes over a wire; one made of `content` counts as read already."""
    return httpx.Response(status, stream=httpx.ByteStream(body), headers=headers)


def wanted(*days: date) -> Any:
    try:
        from papertrack.sources.base import Wanted
    except ImportError:
        return SimpleNamespace(days=days, papers=())
    return Wanted(days=days)


def read(body: bytes) -> Batch:
    return parse(body, observed_at=NOW)


def rows(*entries: object) -> Batch:
    return read(json.dumps(entries).encode())


def fetched(
    handler: Callable[[httpx.Request], httpx.Response],
    state: dict[str, str] | None = None,
    days: tuple[date, ...] = (TODAY,),
) -> Iterator[Batch]:
    client = Client(
        clock=lambda: NOW, transport=httpx.MockTransport(handler), sleep=lambda seconds: None
    )
    return PapersWithCodeSource(client, lambda: NOW).fetch(wanted(*days), state or {})


def never(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"{request.url} was asked for")


def test_an_entry_is_read_whole() -> None:
    paper = read(TRENDING).papers[0]
    assert paper.id == "arxiv:2604.07413"
    assert paper.arxiv_id == "2604.07413"
    assert paper.title == r"Walking Robots that Mind the $\epsilon$-Gap"
    assert paper.abstract == r"We teach robots to step over gaps of $\epsilon$ metres."
    assert paper.authors == ("Ada Example", "Ben Invented")
    assert paper.published_at == datetime(2026, 4, 8, tzinfo=UTC)
    assert paper.keywords == ("Legged Locomotion", "Planning")
    assert paper.code_url == "https://github.com/example-lab/mind-the-gap"
    assert paper.url == ""


def test_a_paper_is_known_by_the_best_id_it_has() -> None:
    papers = read(TRENDING).papers
    report = "A Technical Report of No Archive"
    assert [paper.id for paper in papers[1:]] == [
        title_id(report, ("Cleo Made-Up",)),
        "doi:10.1101/2026.04.01.123456",
        "arxiv:2604.00002",
        title_id("Everything Else is Missing"),
    ]
    assert papers[1].url == "https://lab.example/report"
    assert papers[2].doi == "10.1101/2026.04.01.123456"


def test_the_list_is_that_of_the_utc_day() -> None:
    batch = read(TRENDING)
    assert batch.lists == (TODAY,)
    assert {(one.paper_id, one.source, one.list_date) for one in batch.listings} == {
        (paper.id, "paperswithcode", TODAY) for paper in batch.papers
    }


def test_stars_gained_are_observed_where_they_are_a_count() -> None:
    batch = read(TRENDING)
    assert [(seen.kind, seen.value) for seen in batch.observations] == [
        ("stars_gained", 412),
        ("stars_gained", 40),
        ("stars_gained", 7),
    ]
    assert {seen.observed_at for seen in batch.observations} == {NOW}


def test_entries_left_out_are_named() -> None:
    assert read(TRENDING).skipped == ("entry 5 has no title", "entry 6 is listed twice")


@pytest.mark.parametrize("field", list(json.loads(TRENDING)[0]))
@pytest.mark.parametrize("value", [None, 1, "x", [], [None], {}, {"name": 3}, True])
def test_no_field_needs_to_be_there_or_of_its_type(field: str, value: object) -> None:
    entry = json.loads(TRENDING)[0]
    other = {"title": "Another"}
    assert len(rows(entry | {field: value}, other).papers) in (1, 2)
    del entry[field]
    assert len(rows(entry, other).papers) == (1 if field == "title" else 2)


def test_texts_and_lists_are_bounded() -> None:
    long = {"title": "T" * 2_000, "abstract": "a " * 90_000, "authors": ["A"] * 20_000}
    paper = rows(long | {"tasks": [{"name": "t" * 5_000}] * 500}).papers[0]
    assert (len(paper.title), len(paper.authors)) == (1_000, 10_000)
    assert len(paper.abstract) <= MAX_ABSTRACT
    assert sum(map(len, paper.keywords)) <= 100_000
    many = rows(*({"title": f"Number {n}"} for n in range(1_200)))
    assert len(many.papers) == 1_000
    assert many.skipped == ("200 entries beyond the first 1,000",)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Back soon</html>",
        TRENDING[:200],
        b'{"error": "no"}',
        b"null",
        b"[1, 2]",
        b"[{}]",
    ],
)
def test_what_is_no_list_of_papers_is_an_error(body: bytes) -> None:
    with pytest.raises(SourceFormatError):
        read(body)


@settings(max_examples=100, deadline=None)
@given(st.binary())
def test_any_bytes_are_a_batch_or_a_format_error(body: bytes) -> None:
    for given_body in (body, b"[" + body + b"]", b'[{"title": "' + body + b'"}]'):
        with suppress(SourceFormatError):
            assert isinstance(read(given_body), Batch)


def test_one_request_and_its_etag_is_kept_for_the_day() -> None:
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return said(200, TRENDING, headers={"ETag": '"a"'})

    (batch,) = fetched(handler)
    assert [str(request.url) for request in asked] == [URL]
    assert len(batch.papers) == 5
    assert (batch.total, list(batch.state)) == (1, [URL])

    def unchanged(request: httpx.Request) -> httpx.Response:
        assert request.headers["If-None-Match"] == '"a"'
        return said(304)

    (again,) = fetched(unchanged, dict(batch.state))
    assert again.unchanged == (TODAY,)
    assert not again.papers


def test_yesterdays_etag_is_not_sent_since_today_needs_its_list() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        assert "If-None-Match" not in request.headers
        return said(200, TRENDING)

    for note in ('{"etag": "a", "day": "2026-04-09"}', "damaged", "[]"):
        (batch,) = fetched(handler, {URL: note})
        assert batch.lists == (TODAY,)


def test_it_is_not_asked_for_days_long_past() -> None:
    (batch,) = fetched(never, days=(date(2026, 3, 2), date(2026, 3, 3)))
    assert batch.skipped == ("it has the list of today only, and older days were asked for",)
    answer = said(200, TRENDING)
    assert next(fetched(lambda request: answer, days=(date(2026, 4, 7),))).papers


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (said(200, b"<html>"), "try again later"),
        (said(404), "base_url"),
    ],
)
def test_a_wrong_answer_says_what_to_do(answer: httpx.Response, words: str) -> None:
    with pytest.raises(SourceFormatError, match=words) as caught:
        list(fetched(lambda request: answer))
    assert caught.value.url == URL
