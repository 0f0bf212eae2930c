"""OpenAlex: counts by DOI, abstracts from their index, and a key that appears nowhere."""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papertrack.errors import (
    SourceBusyError,
    SourceError,
    SourceFormatError,
    SourceSkippedError,
)
from papertrack.models import Paper
from papertrack.reports import Batch
from papertrack.sources.client import Answer
from papertrack.sources.openalex import FIELDS, OpenAlexSource, parse

NOW = datetime(2026, 4, 15, 12, tzinfo=UTC)
HERE = Path(__file__).parent
WORKS = (HERE / "data/openalex/works.json").read_bytes()
RECORDED = HERE.parents[1] / "shared/data/openalex"
TEAPOTS = Paper(id="arxiv:2604.07413", title="Teapots that Plan", arxiv_id="2604.07413")
KETTLES = Paper(id="doi:10.1234/kettle.7", title="Kettles at Scale", doi="10.1234/kettle.7")
ASKED = {"10.48550/arxiv.2604.07413": TEAPOTS.id, "10.1234/kettle.7": KETTLES.id}


def wanted(*papers: Paper) -> Any:
    return SimpleNamespace(days=(), papers=papers)


class Desk:
    """A client that notes what is asked and answers from a list."""

    def __init__(self, *answers: bytes | int | SourceError) -> None:
        self.answers = list(answers)
        self.urls: list[str] = []
        self.secrets: list[dict[str, str]] = []

    def get(self, url: str, *, secret_query: Mapping[str, str]) -> Answer:
        self.urls.append(url)
        self.secrets.append(dict(secret_query))
        answer = self.answers.pop(0)
        if isinstance(answer, SourceError):
            raise answer
        if isinstance(answer, int):
            return Answer(url, answer, {}, b"<!doctype html>")
        return Answer(url, 200, {}, answer)


def source(desk: Any, token: str = "canary") -> OpenAlexSource:
    return OpenAlexSource(desk, lambda: NOW, token=token)


def work(**fields: object) -> bytes:
    return json.dumps({"results": [{"doi": "10.1234/kettle.7", "title": "T", **fields}]}).encode()


def only(body: bytes) -> Paper:
    (paper,) = parse(body, observed_at=NOW).papers
    return paper


def test_works_are_matched_by_doi_and_the_more_cited_of_two_counts() -> None:
    batch = parse(WORKS, observed_at=NOW, asked=ASKED)
    assert {seen.paper_id: seen.value for seen in batch.observations} == {
        "arxiv:2604.07413": 9,
        "doi:10.1234/kettle.7": 2,
    }
    assert {seen.kind for seen in batch.observations} == {"citations"}
    assert batch.skipped == (
        "entry 4 has the DOI 10.9999/not-asked, which was not asked for",
        "entry 5 has no usable DOI",
    )


def test_a_published_paper() -> None:
    paper = parse(WORKS, observed_at=NOW, asked=ASKED).papers[1]
    assert paper == Paper(
        id="doi:10.1234/kettle.7",
        title="Kettles at Scale",
        doi="10.1234/kettle.7",
        abstract="We boil water.",
        authors=("Grace Sample",),
        published_at=datetime(2026, 2, 3, tzinfo=UTC),
        journal="Journal of Invented Results",
    )


def test_a_preprint_has_no_journal_and_no_first_of_january() -> None:
    entry = json.loads(WORKS)["results"][0]
    paper = only(json.dumps(entry).encode())
    assert (paper.id, paper.arxiv_id, paper.doi) == ("arxiv:2604.07413", "2604.07413", "")
    assert (paper.journal, paper.published_at) == ("", None)
    assert paper.authors == ("Ada Example", "Bo Sample")
    assert paper.abstract == "Tea is not only Tea"


def test_a_list_of_100_authors_may_be_cut_and_is_not_taken() -> None:
    people = [{"raw_author_name": f"Example, A{n}"} for n in range(100)]
    assert only(work(authorships=people)).authors == ()
    assert len(only(work(authorships=people[:99])).authors) == 99


@pytest.mark.parametrize(
    ("index", "abstract"),
    [
        (None, ""),
        ([1, 2], ""),
        ({"a": None, "b": "1", "c": [-1, 10**9, 10_001, True, {}]}, ""),
        ({"b": ["1"], "a": [0.0]}, "a b"),
        ({"x" * 60_000: [0]}, ""),
    ],
)
def test_an_index_that_is_wrong_gives_no_abstract(index: object, abstract: str) -> None:
    assert only(work(abstract_inverted_index=index)).abstract == abstract


def test_an_index_is_bounded() -> None:
    index = {f"w{n}": [n] for n in range(30_000)} | {"again": list(range(30_000))}
    abstract = only(work(abstract_inverted_index=index)).abstract
    assert abstract.startswith("w0 w1 ")
    assert len(abstract) <= 50_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!doctype html>\n<title>404 Not Found</title>",
        WORKS[:500],
        b"[]",
        b'{"results": {}}',
        b'{"error": "Invalid filter", "message": "Unknown filter field"}',
        b'{"error": "x", "doi": "10.1/x"}',
    ],
)
def test_what_is_no_list_of_works_is_an_error(body: bytes) -> None:
    with pytest.raises(SourceFormatError, match="not a list of works"):
        parse(body, observed_at=NOW)


def test_without_a_key_nothing_is_asked() -> None:
    desk = Desk()
    with pytest.raises(SourceSkippedError, match=r"sources\.openalex\.token is not set"):
        list(source(desk, token="").fetch(wanted(TEAPOTS), {}))
    assert desk.urls == []


def test_papers_are_asked_100_dois_at_a_time() -> None:
    many = [Paper(id=f"arxiv:2604.{n:05}", title="P") for n in range(100)]
    rest = [KETTLES, Paper(id="title:0123456789abcdef", title="No id yet")]
    odd = Paper(id="doi:10.1/a|b", title="A bar would end the DOI", doi="10.1/a|b")
    desk = Desk(b'{"results": []}', WORKS)
    batches = list(source(desk).fetch(wanted(*many, *rest, odd), {}))
    assert [batch.total for batch in batches] == [2, 2]
    first, second = (parse_qs(urlsplit(url).query) for url in desk.urls)
    assert first["filter"][0].count("|") == 99
    assert first["filter"][0].startswith("doi:10.48550/arxiv.2604.00000|")
    assert second == {
        "filter": ["doi:10.1234/kettle.7"],
        "select": [FIELDS],
        "per_page": ["100"],
    }
    assert all(len(url) < 4_000 for url in desk.urls)


def test_the_key_goes_beside_the_address_and_into_no_message() -> None:
    desk = Desk(b"<html>", 404)
    batches = [*source(desk).fetch(wanted(TEAPOTS), {}), *source(desk).fetch(wanted(TEAPOTS), {})]
    failures = [error for batch in batches for error in batch.failures]
    assert desk.secrets == [{"api_key": "canary"}] * 2
    assert "sources.openalex.base_url" in str(failures[1])
    told = [*desk.urls, *map(str, failures), *(error.url for error in failures)]
    assert "canary" not in " ".join([*told, repr([dict(batch.state) for batch in batches])])


def test_a_spent_budget_ends_the_run_and_keeps_what_arrived() -> None:
    many = [Paper(id=f"arxiv:2604.{n:05}", title="P") for n in range(300)]
    spent = SourceBusyError("wait", retry_at=NOW + timedelta(hours=15))
    body = b'{"results": [{"doi": "10.48550/arXiv.2604.00007", "cited_by_count": 3}]}'
    first, last = source(Desk(body, spent)).fetch(wanted(*many), {})
    assert [(seen.paper_id, seen.value) for seen in first.observations] == [("arxiv:2604.00007", 3)]
    assert first.papers == ()
    assert last.failures == (spent,)


def test_a_run_asks_at_most_50_times_and_says_what_it_left_out() -> None:
    many = [Paper(id=f"arxiv:2604.{n:05}", title="P") for n in range(5_003)]
    desk = Desk(*[b'{"results": []}'] * 50)
    *_, last = source(desk).fetch(wanted(*many), {})
    assert len(desk.urls) == 50
    assert last.skipped == ("3 papers were not asked for: too many for one run",)


def test_lookup_is_one_record_and_404_is_none() -> None:
    one = json.dumps(json.loads(WORKS)["results"][2]).encode()
    desk = Desk(one, 404)
    assert [p.title for p in source(desk).lookup("doi:10.1234/kettle.7").papers] == [
        "Kettles at Scale"
    ]
    assert source(desk).lookup("arxiv:hep-th/9901001") == Batch()
    assert source(desk).lookup("title:0123456789abcdef") == Batch()
    assert [urlsplit(url).path for url in desk.urls] == [
        "/works/doi:10.1234/kettle.7",
        "/works/doi:10.48550/arxiv.hep-th/9901001",
    ]


@pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded answers in ../shared/data")
@pytest.mark.parametrize(
    ("name", "cited"),
    [
        ("work_10.1016_j.xgen.2025.100814.json", {"doi:10.1016/j.xgen.2025.100814": 3}),
        ("work_select_two_fields.json", {}),
        ("works_title_search_paperqa.json", {"arxiv:2312.07559": 27}),
        ("error_404_html.txt", None),
    ],
)
def test_recorded_answers(name: str, cited: dict[str, int] | None) -> None:
    body = (RECORDED / name).read_bytes()
    if cited is None:
        with pytest.raises(SourceFormatError):
            parse(body, observed_at=NOW)
        return
    batch = parse(body, observed_at=NOW)
    assert {seen.paper_id: seen.value for seen in batch.observations} == cited
    assert [paper.id for paper in batch.papers] == list(cited)
    assert batch.skipped == ()


@pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded answers in ../shared/data")
def test_a_recorded_abstract_and_authors() -> None:
    paper = only((RECORDED / "works_title_search_paperqa.json").read_bytes())
    assert paper.abstract.startswith("Large Language Models (LLMs) generalize well across")
    assert paper.authors[-1] == "Andrew D. White"  # display_name is Andrew Dickson White, d. 1918
    assert paper.published_at is None


KEYS = ["results", "doi", "title", "cited_by_count", "authorships", "raw_author_name", "author"]
KEYS += ["abstract_inverted_index", "primary_location", "source", "type", "publication_date"]
ANY_JSON = st.recursive(
    st.none() | st.floats() | st.integers() | st.text() | st.just("10.1234/x"),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=20,
)


@settings(max_examples=100)
@given(st.binary() | ANY_JSON.map(lambda value: json.dumps(value).encode()))
def test_any_body_gives_a_batch_or_a_format_error(body: bytes) -> None:
    with suppress(SourceFormatError):
        assert isinstance(parse(body, observed_at=NOW), Batch)
