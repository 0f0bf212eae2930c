"""Hacker News: stories about papers, told from those that only look like it."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papertrack.errors import SourceBusyError, SourceFormatError, SourceUnavailableError
from papertrack.reports import Batch
from papertrack.sources import hackernews
from papertrack.sources.client import Client
from papertrack.sources.hackernews import HackerNewsSource, parse, parse_page

NOW = datetime(2026, 4, 10, 12, tzinfo=UTC)
DAYS = (date(2026, 4, 9), date(2026, 4, 10))
STORIES = (Path(__file__).parent / "data/hackernews/stories.json").read_bytes()
RECORDED = Path(__file__).parents[2] / "shared/data/hn"
NONE = b'{"hits": [], "nbHits": 0}'
Handler = Callable[[httpx.Request], httpx.Response]


def said(
    status: int = 200, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> httpx.Response:
    """An answer as it comes over a wire; one made of `content` counts as read already."""
    return httpx.Response(status, stream=httpx.ByteStream(body), headers=headers)


def wanted(days: tuple[date, ...]) -> Any:
    try:
        from papertrack.sources.base import Wanted
    except ImportError:
        return SimpleNamespace(days=days, papers=())
    return Wanted(days=days)


def fetched(handler: Handler, days: tuple[date, ...] = DAYS) -> list[Batch]:
    client = Client(
        clock=lambda: NOW, transport=httpx.MockTransport(handler), sleep=lambda seconds: None
    )
    return list(HackerNewsSource(client, lambda: NOW).fetch(wanted(days), {}))


def read(body: bytes) -> Batch:
    return parse(body, observed_at=NOW)


def hit(points: object = 50, number: str = "2604.07413", **fields: object) -> dict[str, object]:
    url = f"https://arxiv.org/abs/{number}"
    return {"title": "T", "url": url, "points": points, "created_at_i": 1775809800, **fields}


def answer(*hits: object, total: object = None) -> bytes:
    return json.dumps({"hits": hits, "nbHits": len(hits) if total is None else total}).encode()


def counted(batch: Batch) -> dict[str, float]:
    return {f"{seen.paper_id} {seen.kind}": seen.value for seen in batch.observations}


def test_the_story_with_most_points_speaks_for_the_paper() -> None:
    assert counted(read(STORIES)) == {
        "arxiv:2604.07413 hn_points": 120,
        "arxiv:2604.07413 hn_comments": 31,
        "arxiv:2604.00002 hn_points": 2,
        "arxiv:2604.00002 hn_comments": 0,
    }


def test_a_paper_is_listed_on_each_day_of_a_story_with_points() -> None:
    batch = read(STORIES)
    assert [(paper.id, paper.title) for paper in batch.papers] == [
        ("arxiv:2604.07413", "Robots that mind the gap")
    ]
    assert {(one.list_date, one.submitted_at, one.submitted_by) for one in batch.listings} == {
        (date(2026, 4, 9), datetime(2026, 4, 9, 6, tzinfo=UTC), "early"),
        (date(2026, 4, 10), datetime(2026, 4, 10, 8, 30, tzinfo=UTC), "poster"),
    }


def test_five_points_list_a_paper_and_four_do_not() -> None:
    assert read(answer(hit(5))).papers
    few = read(answer(hit(4)))
    assert not few.papers
    assert not few.listings
    assert counted(few) == {"arxiv:2604.07413 hn_points": 4}


def test_a_story_without_points_is_left_out_with_the_reason() -> None:
    assert read(STORIES).skipped == ("story 10 on arXiv 2604.00004 has no points or no time",)


@pytest.mark.parametrize(
    ("title", "paper"),
    [
        ("Attention (2017)", "Attention"),
        ("Attention [pdf] (2017)", "Attention"),
        ("Attention (2017) [PDF]", "Attention"),
        ("Attention (in 2017)", "Attention (in 2017)"),
        ("[pdf]", "[pdf]"),
        ("Ba\x00d \ud800 [pdf]", "Bad \ufffd"),
        ("a" * 3_000, "a" * 1_000),
    ],
)
def test_what_submitters_add_to_a_title_is_taken_off(title: str, paper: str) -> None:
    assert read(answer(hit(title=title))).papers[0].title == paper


@pytest.mark.parametrize(
    "url",
    [
        "http://arxiv.org/abs/2604.07413",
        "https://export.arxiv.org/pdf/2604.07413v12",
        "https://ar5iv.labs.arxiv.org/html/2604.07413?x=1",
        "https://ARXIV.org/abs/2604.07413#S1",
        "https://huggingface.co/papers/2604.07413",
        "https://alphaxiv.org/overview/2604.07413",
    ],
)
def test_a_paper_is_found_under_any_address(url: str) -> None:
    assert read(answer(hit(url=url))).papers[0].id == "arxiv:2604.07413"


@pytest.mark.parametrize(
    "url",
    [
        "https://notarxiv.org/abs/2604.07413",
        "https://arxiv.org.evil.example/abs/2604.07413",
        "https://arxiv.org@evil.example/abs/2604.07413",
        "https://evil.example/arxiv.org/abs/2604.07413",
        "https://arxiv.org/search?q=arxiv.org/abs/2604.07413",
        "https://arxiv.org/abs/2613.07413",
        "https://[bad/abs/2604.07413",
        "arxiv.org/abs/2604.07413",
        "",
        7,
        None,
    ],
)
def test_a_look_alike_is_dropped(url: object) -> None:
    assert read(answer(hit(url=url))) == Batch()


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", STORIES[:300], b"[]", b'{"hits": {}}', b'{"message": "no"}', answer(total=7)],
)
def test_what_is_no_search_answer_is_an_error(body: bytes) -> None:
    with pytest.raises(SourceFormatError):
        read(body)


@settings(max_examples=100, deadline=None)
@given(st.binary(), st.sampled_from([*json.loads(STORIES)["hits"][0]]))
def test_any_bytes_are_a_batch_or_a_format_error(body: bytes, field: str) -> None:
    entry = json.dumps(hit(**{field: 0})).encode().replace(b": 0}", b": " + body + b"}")
    for given_body in (body, b'{"hits": [' + body + b"]}", b'{"hits": [' + entry + b"]}"):
        with suppress(SourceFormatError):
            assert isinstance(read(given_body), Batch)


@pytest.mark.parametrize("value", [None, True, -1, 10**30, 1e400, "2", [], {}, "0001-01-01"])
@pytest.mark.parametrize("field", ["points", "num_comments", "created_at", "created_at_i", "title"])
def test_a_field_of_any_value_is_harmless(field: str, value: object) -> None:
    assert isinstance(read(answer(hit(**{field: value}))), Batch)


@pytest.mark.skipif(not RECORDED.is_dir(), reason="../shared/data/hn is not here")
@pytest.mark.parametrize("path", sorted(RECORDED.glob("search*.json")), ids=lambda path: path.name)
def test_recorded_answers_are_read_and_hold_no_papers(path: Path) -> None:
    assert read(path.read_bytes()) == Batch()
    page = json.loads(path.read_bytes())
    for place, number in ((0, "2604.07413"), (-1, "2604.00001")):
        page["hits"][place]["url"] = f"https://arxiv.org/abs/{number}"
    batch = read(json.dumps(page).encode())
    assert {seen.paper_id for seen in batch.observations} == {
        "arxiv:2604.07413",
        "arxiv:2604.00001",
    }
    assert all(one.submitted_by and one.submitted_at for one in batch.listings)


def test_two_searches_from_midnight_of_the_first_day_are_one_batch() -> None:
    asked: list[httpx.QueryParams] = []

    def handler(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/api/v1/search_by_date"
        asked.append(request.url.params)
        first = len(asked) == 1
        return said(200, STORIES if first else answer(hit(300, num_comments=1)))

    (batch,) = fetched(handler, DAYS[::-1])
    assert [query["query"] for query in asked] == ["arxiv.org", "huggingface.co/papers"]
    assert {(query["numericFilters"], query["hitsPerPage"], query["tags"]) for query in asked} == {
        ("created_at_i>=1775692800", "1000", "story")
    }
    assert counted(batch)["arxiv:2604.07413 hn_points"] == 300
    assert counted(batch)["arxiv:2604.07413 hn_comments"] == 1
    assert set(batch.lists) == set(DAYS)


def test_a_window_of_more_stories_than_an_answer_holds_is_read_backwards() -> None:
    stories = [hit(n, f"2604.{n:05}", created_at_i=1775700000 + n) for n in range(10, 0, -1)]
    asked: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params["numericFilters"])
        upto = int(asked[-1].partition("<=")[2] or 2**31)
        found = [one for one in stories if int(str(one["created_at_i"])) <= upto]
        return said(200, answer(*found[:4], total=len(found)))

    (batch,) = fetched(handler)
    assert len(counted(batch)) == 10
    assert batch.lists == DAYS
    assert asked[1] == "created_at_i>=1775692800,created_at_i<=1775700007"
    assert len(asked) == 6


def test_a_service_that_repeats_itself_or_never_ends_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[httpx.Request] = []

    def same(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return said(200, answer(hit(), total=900_000))

    (batch,) = fetched(same)
    assert (len(asked), batch.lists, len(batch.papers)) == (4, (), 1)

    def endless(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return said(200, answer(hit(created_at_i=10**9 - len(asked)), total=9))

    monkeypatch.setattr(hackernews, "MAX_PAGES", 3)
    (batch,) = fetched(endless)
    assert len(asked) == 4 + 6
    assert batch.lists == ()
    assert "older than the newest 3,000 are left out" in batch.skipped[0]


def test_one_search_that_fails_does_not_lose_the_other() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        good = request.url.params["query"] == "arxiv.org"
        return said(200, STORIES if good else b"<html>")

    (batch,) = fetched(handler)
    assert batch.papers
    assert batch.lists == ()
    (failure,) = batch.failures
    assert isinstance(failure, SourceFormatError)
    assert "hackernews.base_url" in str(failure)


def test_a_service_that_is_down_is_an_error_and_a_busy_one_is_left_alone() -> None:
    with pytest.raises(SourceUnavailableError):
        fetched(lambda request: said(500))
    queries = set()

    def busy(request: httpx.Request) -> httpx.Response:
        queries.add(request.url.params["query"])
        return said(429)

    with pytest.raises(SourceBusyError):
        fetched(busy)
    assert queries == {"arxiv.org"}


def test_nothing_is_asked_where_no_day_is_wanted() -> None:
    assert fetched(lambda request: said(200, NONE), days=()) == []
    (batch,) = fetched(lambda request: said(200, NONE))
    assert batch == replace(Batch(), lists=DAYS, total=1)


def test_a_page_says_where_the_next_begins() -> None:
    assert parse_page(answer(hit(), total=2)).before == 1775809800
    assert parse_page(answer(hit())).before is None
