"""Semantic Scholar: answers matched to questions, one source that stops when it is told to."""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
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
from papertrack.sources.client import Answer, Client
from papertrack.sources.semanticscholar import BASE_URL, SemanticScholarSource, parse

NOW = datetime(2026, 4, 15, 12, tzinfo=UTC)
HERE = Path(__file__).parent
BATCH = (HERE / "data/semanticscholar/batch.json").read_bytes()
MATCH = (HERE / "data/semanticscholar/match.json").read_bytes()
RECORDED = HERE.parents[1] / "shared/data/semanticscholar"
ASKED = [
    Paper(id="arxiv:2604.07413", title="Teapots that Plan", arxiv_id="2604.07413"),
    Paper(id="arxiv:2604.00404", title="Unknown There", arxiv_id="2604.00404"),
    Paper(id="arxiv:2601.00002", title="Kettles at Scale", arxiv_id="2601.00002"),
    Paper(id="doi:10.64898/2026.1", title="Mice prefer oolong.", doi="10.64898/2026.1"),
    Paper(id="arxiv:2604.00005", title="The Fifth", arxiv_id="2604.00005"),
]


def wanted(papers: list[Paper]) -> Any:
    return SimpleNamespace(days=(), papers=tuple(papers))


class Desk:
    """A client that notes what is posted and answers from a list."""

    def __init__(self, *answers: bytes | SourceError) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, Any, dict[str, str]]] = []

    def post(self, url: str, payload: Any, *, headers: Mapping[str, str]) -> Answer:
        self.asked.append((url, payload, dict(headers)))
        answer = self.answers.pop(0)
        if isinstance(answer, SourceError):
            raise answer
        return Answer(url, 200, {}, answer)


def answer(status: int, body: bytes) -> httpx.Response:
    return httpx.Response(status, stream=httpx.ByteStream(body))


def source(desk: Any, token: str = "canary") -> SemanticScholarSource:
    return SemanticScholarSource(desk, lambda: NOW, token=token)


def online(handler: Any) -> SemanticScholarSource:
    client = Client(lambda: NOW, transport=httpx.MockTransport(handler), sleep=lambda s: None)
    return source(client)


def counts(batch: Batch) -> dict[tuple[str, str], float]:
    return {(seen.paper_id, seen.kind): seen.value for seen in batch.observations}


def test_entries_are_matched_by_position_and_checked_by_their_ids() -> None:
    batch = parse(BATCH, observed_at=NOW, asked=ASKED)
    assert [paper.id for paper in batch.papers] == [
        "arxiv:2604.07413",
        "arxiv:2601.00002",
        "doi:10.64898/2026.1",  # the journal's DOI, but the title that was asked for
    ]
    assert counts(batch)["arxiv:2604.07413", "citations"] == 12
    assert counts(batch)["arxiv:2604.07413", "influential_citations"] == 3
    assert counts(batch)["arxiv:2601.00002", "citations"] == 0
    assert batch.skipped == ("entry 5 is another paper than arxiv:2604.00005",)
    assert all(seen.observed_at == NOW for seen in batch.observations)


def test_an_account_says_what_the_service_says_and_no_more() -> None:
    first, second, third = parse(BATCH, observed_at=NOW, asked=ASKED).papers
    assert first.title == "Teapots that Plan: Steeping as Search"
    assert (first.doi, first.journal, first.abstract) == ("", "", "")
    assert first.authors == ("Ada Example",)
    assert first.ai_summary == "A teapot that plans ahead brews better tea."
    assert first.published_at == datetime(2026, 4, 8, tzinfo=UTC)
    assert (second.doi, second.journal) == ("10.1234/kettle.7", "Journal of Invented Results")
    assert (second.ai_summary, third.journal, third.published_at) == ("", "", None)


def test_counts_come_without_a_title_too() -> None:
    body = b'[{"paperId": "x", "externalIds": {"ArXiv": "2604.07413"}, "citationCount": 8}]'
    batch = parse(body, observed_at=NOW, asked=ASKED[:1])
    assert (batch.papers, counts(batch)) == ((), {("arxiv:2604.07413", "citations"): 8})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Maintenance</html>",
        BATCH[:400],
        b'"text"',
        b"{}",
        b'{"message": "Too Many Requests", "code": "429"}',
        b'{"error": "Unrecognized or unsupported fields: [x]"}',
        b'{"total": 0, "data": 7}',
    ],
)
def test_what_is_no_list_of_papers_is_an_error(body: bytes) -> None:
    with pytest.raises(SourceFormatError, match="not a list of papers"):
        parse(body, observed_at=NOW)


def test_a_batch_of_another_length_cannot_be_matched() -> None:
    with pytest.raises(SourceFormatError, match="5 entries for 2 papers"):
        parse(BATCH, observed_at=NOW, asked=ASKED[:2])


def test_texts_and_lists_are_bounded() -> None:
    entry = {
        "paperId": "x",
        "externalIds": {"ArXiv": "2604.07413"},
        "title": "t" * 5_000,
        "abstract": "a " * 90_000,
        "authors": [{"name": "n"}] * 20_000,
        "citationCount": 10**12,
    }
    (paper,) = parse(json.dumps([entry]).encode(), observed_at=NOW).papers
    assert (len(paper.title), len(paper.abstract), len(paper.authors)) == (1_000, 50_000, 10_000)


def test_without_a_key_nothing_is_asked() -> None:
    desk = Desk()
    with pytest.raises(SourceSkippedError, match=r"sources\.semanticscholar\.token is not set"):
        list(source(desk, token="").fetch(wanted(ASKED), {}))
    assert desk.asked == []


def test_papers_are_asked_500_at_a_time_by_the_ids_the_service_knows() -> None:
    many = [Paper(id=f"arxiv:2604.{n:05}", title=f"P{n}") for n in range(501)]
    many.append(Paper(id="title:0123456789abcdef", title="No id yet"))
    many.append(Paper(id="doi:10.1101/2026.1", title="By DOI"))
    desk = Desk(b"[" + b",".join([b"null"] * 500) + b"]", b"[null, null]")
    batches = list(source(desk).fetch(wanted(many), {}))
    assert [batch.total for batch in batches] == [2, 2]
    (url, first, headers), (_, second, _) = desk.asked
    assert url.startswith(f"{BASE_URL}/graph/v1/paper/batch?fields=externalIds%2Ctitle")
    assert len(first["ids"]) == 500
    assert second == {"ids": ["ARXIV:2604.00500", "DOI:10.1101/2026.1"]}
    assert headers == {"x-api-key": "canary"}
    assert "canary" not in url


def test_slow_down_ends_the_run_and_keeps_what_arrived() -> None:
    many = [Paper(id=f"arxiv:2604.{n:05}", title=f"P{n}") for n in range(1_500)]
    entry = b'{"paperId": "x", "title": "P0", "citationCount": 1}'
    busy = SourceBusyError("wait", retry_at=NOW)
    desk = Desk(b"[" + b",".join([entry, *[b"null"] * 499]) + b"]", busy)
    first, last = source(desk).fetch(wanted(many), {})
    assert counts(first) == {("arxiv:2604.00000", "citations"): 1}
    assert last.failures == (busy,)


def test_an_answer_of_another_form_costs_its_own_batch_only() -> None:
    many = [Paper(id=f"arxiv:2604.{n:05}", title=f"P{n}") for n in range(501)]
    first, second = source(Desk(b"<html>", b"[null]")).fetch(wanted(many), {})
    assert isinstance(first.failures[0], SourceFormatError)
    assert second.failures == ()


def test_a_run_asks_at_most_50_times_and_says_what_it_left_out() -> None:
    many = [Paper(id=f"arxiv:2604.{n:05}", title="P") for n in range(25_007)]
    desk = Desk(*[b"[" + b",".join([b"null"] * 500) + b"]"] * 50)
    *_, last = source(desk).fetch(wanted(many), {})
    assert len(desk.asked) == 50
    assert last.skipped == ("7 papers were not asked for: too many for one run",)


def test_lookup_asks_for_one_paper_and_404_is_none() -> None:
    entry = json.dumps(json.loads(BATCH)[0]).encode()
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        known = "2604.07413" in request.url.path
        return answer(200, entry) if known else answer(404, b'{"error": "Paper not found"}')

    here = online(handler)
    assert [paper.id for paper in here.lookup("arxiv:2604.07413").papers] == ["arxiv:2604.07413"]
    assert asked[0].url.path == "/graph/v1/paper/ARXIV:2604.07413"
    assert asked[0].headers["x-api-key"] == "canary"
    assert here.lookup("doi:10.1234/x") == Batch()
    assert here.lookup("title:0123456789abcdef") == Batch()
    assert len(asked) == 2


def test_a_title_is_matched_or_not_found() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        answers = {"Kettles": MATCH, "Empty": b'{"data": []}'}
        body = answers.get(request.url.params["query"].split()[0])
        return answer(200, body) if body else answer(404, b"<html>none</html>")

    here = online(handler)
    assert [paper.title for paper in here.find_title("Kettles\n at Scale").papers] == [
        "Kettles at Scale"
    ]
    assert here.find_title("Empty answer") == Batch()
    assert here.find_title("Nothing like it") == Batch()


@pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded answers in ../shared/data")
@pytest.mark.parametrize(
    "path", [p for p in sorted(RECORDED.glob("*.json")) if p.stem != "index"], ids=lambda p: p.name
)
def test_recorded_answers(path: Path) -> None:
    if path.name.startswith("error_"):
        with pytest.raises(SourceFormatError, match="it says"):
            parse(path.read_bytes(), observed_at=NOW)
        return
    batch = parse(path.read_bytes(), observed_at=NOW)
    cited = {s.paper_id: s.value for s in batch.observations if s.kind == "citations"}
    assert cited == RECORDED_CITATIONS.get(path.name, {})
    assert len(batch.papers) == len(cited)


RECORDED_CITATIONS = {
    "match_chemcrow.json": {"arxiv:2304.05376": 488},
    "paper_by_arxiv_doi_2312.07559.json": {"arxiv:2312.07559": 111},
    "batch_full_fields_one_null.json": {
        "doi:10.2139/ssrn.288970": 10670,
        "doi:10.2139/ssrn.2250500": 2185,
        "doi:10.1257/rct.1355": 0,
    },
}
KEYS = ["data", "paperId", "externalIds", "ArXiv", "DOI", "title", "authors", "name"]
KEYS += ["citationCount", "tldr", "text", "total", "publicationDate"]
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=20,
)


@settings(max_examples=100)
@given(st.binary() | ANY_JSON.map(lambda value: json.dumps(value).encode()))
def test_any_body_gives_a_batch_or_a_format_error(body: bytes) -> None:
    with suppress(SourceFormatError):
        assert isinstance(parse(body, observed_at=NOW), Batch)
