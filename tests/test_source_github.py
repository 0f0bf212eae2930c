"""GitHub: stars by the hundred with a token, one by one within the hour's budget without."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papertrack.errors import (
    SourceBusyError,
    SourceFormatError,
    SourceSkippedError,
    SourceUnavailableError,
)
from papertrack.models import Paper
from papertrack.reports import Batch
from papertrack.sources.client import Answer, Client
from papertrack.sources.github import (
    GitHubSource,
    Repository,
    parse,
    parse_graphql,
    question,
    repositories,
)

NOW = datetime(2026, 4, 10, 12, tzinfo=UTC)
RESET = datetime(2026, 4, 10, 12, 40, tzinfo=UTC)
SPENT = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(RESET.timestamp()))}
DATA = Path(__file__).parent / "data/github"
REPOSITORY = (DATA / "repository.json").read_bytes()
GRAPHQL = (DATA / "graphql.json").read_bytes()
RECORDED = Path(__file__).parents[2] / "shared/data/github"
ASKED = [Repository("example-lab", name, (f"arxiv:{name}",)) for name in ("gap", "gone", "shut")]
API = "https://api.github.com/repos"
Handler = Callable[[httpx.Request], httpx.Response]


def paper(number: int, code: str = "") -> Paper:
    """The higher its number, the newer."""
    return Paper(
        id=f"arxiv:2604.{number:05}",
        title=f"Paper {number}",
        code_url=code or f"https://github.com/lab/r{number}",
        published_at=NOW - timedelta(days=1_000 - number),
    )


def said(
    status: int = 200, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> httpx.Response:
    """An answer as it comes over a wire; one made of `content` counts as read already."""
    return httpx.Response(status, stream=httpx.ByteStream(body), headers=headers)


def wanted(*papers: Paper) -> Any:
    try:
        from papertrack.sources.base import Wanted
    except ImportError:
        return SimpleNamespace(days=(), papers=papers)
    return Wanted(papers=papers)


def fetched(
    handler: Handler, *papers: Paper, state: Mapping[str, str] | None = None, **own: Any
) -> list[Batch]:
    client = Client(
        clock=lambda: NOW, transport=httpx.MockTransport(handler), sleep=lambda seconds: None
    )
    return list(GitHubSource(client, lambda: NOW, **own).fetch(wanted(*papers), state or {}))


@dataclass
class Poster:
    """A client that answers each POST with the next of the bodies, or raises it."""

    answers: list[Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: list[tuple[str, Any, Mapping[str, str]]] = field(default_factory=list)

    def post(self, url: str, payload: object, *, headers: Mapping[str, str]) -> Answer:
        self.sent.append((url, payload, headers))
        answer = self.answers[min(len(self.sent), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return Answer(url, 200, httpx.Headers(dict(self.headers)), answer)

    def fetched(self, *papers: Paper) -> list[Batch]:
        client: Any = self
        source = GitHubSource(client, lambda: NOW, token="secret-token")
        return list(source.fetch(wanted(*papers), {}))


def stars(*batches: Batch) -> dict[str, float]:
    return {seen.paper_id: seen.value for batch in batches for seen in batch.observations}


def all_stars(count: int = 100) -> bytes:
    return json.dumps({"data": {f"r{n}": {"stargazerCount": n} for n in range(count)}}).encode()


def test_stars_are_observed_for_each_paper_of_a_repository() -> None:
    batch = parse(REPOSITORY, observed_at=NOW, papers=["arxiv:1", "arxiv:2"])
    assert stars(batch) == {"arxiv:1": 1234, "arxiv:2": 1234}
    assert {(seen.kind, seen.source, seen.observed_at) for seen in batch.observations} == {
        ("github_stars", "github", NOW)
    }
    assert not batch.papers


def test_a_graphql_answer_says_which_repositories_it_does_not_know() -> None:
    batch = parse_graphql(GRAPHQL, observed_at=NOW, asked=ASKED)
    assert stars(batch) == {"arxiv:gap": 1234}
    assert batch.skipped == (
        "example-lab/gone is not there, or not public",
        "example-lab/shut: Resource protected by organization SAML enforcement.",
    )
    assert not batch.failures


@pytest.mark.parametrize(
    "error",
    [
        {"type": "RATE_LIMITED", "message": "API rate limit exceeded"},
        {"type": "RATE_LIMIT", "code": "graphql_rate_limit", "message": "already exceeded"},
        {"message": "You have exceeded a secondary rate limit."},
    ],
)
def test_a_spent_budget_is_a_failure_beside_what_arrived(error: dict[str, str]) -> None:
    for data in ({}, {"data": None}, {"data": {"r0": {"stargazerCount": 1}, "r1": None}}):
        body = json.dumps({**data, "errors": [error]}).encode()
        batch = parse_graphql(body, observed_at=NOW, asked=ASKED)
        assert isinstance(batch.failures[0], SourceBusyError)
        assert stars(batch) == ({"arxiv:gap": 1} if data.get("data") else {})
        assert not batch.skipped


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!DOCTYPE html><title>Unicorn!</title>",
        REPOSITORY[:60],
        b"[]",
        b"null",
        b'{"message": "Not Found"}',
        b'{"message": "\\u001b[2JBad credentials", "stargazers_count": true}',
        b'{"errors": [{"message": "Something went wrong while executing your query."}]}',
        b'{"data": {"r0": null, "r1": null}, "errors": [{"message": "timeout"}]}',
        b'{"data": [], "errors": {"a": 1}}',
    ],
)
def test_what_has_no_stars_is_an_error(body: bytes) -> None:
    with pytest.raises(SourceFormatError) as caught:
        parse(body, observed_at=NOW, papers=["arxiv:1"])
    assert str(caught.value).isprintable()
    with pytest.raises(SourceFormatError):
        parse_graphql(body, observed_at=NOW, asked=ASKED)


@settings(max_examples=100, deadline=None)
@given(st.binary())
def test_any_bytes_are_a_batch_or_a_format_error(body: bytes) -> None:
    for given_body in (
        body,
        b'{"stargazers_count": ' + body + b"}",
        b'{"data": {"r0": ' + body + b'}, "errors": [' + body + b"]}",
    ):
        with suppress(SourceFormatError):
            batch = parse(given_body, observed_at=NOW, papers=["arxiv:1"])
            assert isinstance(batch, Batch)
        with suppress(SourceFormatError):
            assert isinstance(parse_graphql(given_body, observed_at=NOW, asked=ASKED), Batch)


def test_each_repository_is_asked_for_once_and_the_newest_first() -> None:
    found = repositories(
        [
            paper(1),
            paper(3, "https://github.com/Lab/Shared.git"),
            paper(2, "http://www.github.com/lab/shared/tree/main?x=1"),
        ]
    )
    assert list(map(str, found)) == ["Lab/Shared", "lab/r1"]
    assert found[0].papers == ("arxiv:2604.00003", "arxiv:2604.00002")


@pytest.mark.parametrize(
    "code",
    [
        "",
        "https://gitlab.com/lab/code",
        "https://github.com/lab",
        "https://github.com/../..",
        "https://github.com/lab/..",
        "https://github.com/lab/ⅽode",
        "https://github.com@evil.example/lab/code",
        "https://github.com/" + "l" * 101 + "/code",
    ],
)
def test_what_is_no_repository_is_never_asked_for(code: str) -> None:
    assert repositories([Paper(id="arxiv:1", title="T", code_url=code)]) == []


def test_names_are_variables_and_not_part_of_the_query() -> None:
    asked = question([Repository("la.b", "co-de_1", ())])
    assert asked == {
        "query": "query($o0: String!, $n0: String!) "
        "{ r0: repository(owner: $o0, name: $n0) { stargazerCount } }",
        "variables": {"o0": "la.b", "n0": "co-de_1"},
    }


def test_with_a_token_a_hundred_repositories_are_one_call() -> None:
    client = Poster([all_stars()])
    batches = client.fetched(*(paper(n) for n in range(250)))
    assert len(stars(*batches)) == 250
    assert [len(payload["variables"]) for _, payload, _ in client.sent] == [200, 200, 100]
    assert [batch.total for batch in batches] == [3, 3, 3]
    url, payload, headers = client.sent[0]
    assert url == "https://api.github.com/graphql"
    assert headers["Authorization"] == "Bearer secret-token"
    assert "secret-token" not in url + json.dumps(payload)


def test_a_spent_budget_stops_the_calls_and_says_until_when() -> None:
    limited = b'{"errors": [{"type": "RATE_LIMIT", "message": "API rate limit already exceeded"}]}'
    papers = [paper(n) for n in range(250)]
    for bodies, arrived in (([all_stars()], 100), ([limited], 0)):
        client = Poster(bodies, SPENT)
        (batch,) = client.fetched(*papers)
        assert len(stars(batch)) == arrived
        assert isinstance(batch.failures[0], SourceBusyError)
        assert batch.failures[0].retry_at == RESET
        assert len(client.sent) == 1
    (batch,) = Poster([limited]).fetched(*papers)
    assert batch.failures[0].retry_at == NOW + timedelta(hours=1)
    assert not Poster([all_stars()], SPENT).fetched(paper(1))[0].failures


def test_a_call_that_fails_keeps_those_before_it() -> None:
    down = SourceUnavailableError("down")
    client = Poster([all_stars(), down])
    first, last = client.fetched(*(paper(n) for n in range(250)))
    assert len(stars(first)) == 100
    assert last.failures == (down,)
    assert len(client.sent) == 2
    for answer in (SourceFormatError("refused (status 401)"), b"<html>"):
        (batch,) = Poster([answer]).fetched(paper(1))
        assert "sources.github.token" in str(batch.failures[0])


def test_calls_are_bounded() -> None:
    client = Poster([all_stars()])
    batches = client.fetched(*(paper(n, f"https://github.com/l/{n}") for n in range(5_001)))
    assert len(client.sent) == 50
    assert batches[-1].skipped == ("1 repositories were not asked for: the newest come first",)


def test_without_a_token_the_newest_are_asked_one_by_one() -> None:
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return said(200, REPOSITORY, headers={"ETag": 'W/"1"'})

    batches = fetched(handler, *(paper(n) for n in range(100)))
    assert [str(request.url) for request in asked] == [f"{API}/lab/r{n}" for n in range(99, 59, -1)]
    assert all("Authorization" not in request.headers for request in asked)
    assert len(stars(*batches)) == 40
    assert batches[-1].skipped == (
        "60 repositories were not asked for: "
        "without sources.github.token only 40 are asked for in a run",
    )
    assert {batch.total for batch in batches} == {41}
    assert len(batches) == 41
    asked.clear()
    fetched(handler, *(paper(n) for n in range(100)), limit_without_token=500)
    assert len(asked) == 60


def test_an_unchanged_repository_still_has_the_stars_it_had() -> None:
    def first(request: httpx.Request) -> httpx.Response:
        return said(200, REPOSITORY, headers={"ETag": 'W/"1"'})

    (batch,) = fetched(first, paper(1))
    assert list(batch.state) == [f"{API}/lab/r1"]

    def unchanged(request: httpx.Request) -> httpx.Response:
        assert request.headers["If-None-Match"] == 'W/"1"'
        return said(304)

    (again,) = fetched(unchanged, paper(1), state=batch.state)
    assert stars(again) == stars(batch) == {"arxiv:2604.00001": 1234}

    def whole(request: httpx.Request) -> httpx.Response:
        assert "If-None-Match" not in request.headers
        return first(request)

    for note in ("damaged", '{"etag": "x"}', "[]"):
        fetched(whole, paper(1), state={f"{API}/lab/r1": note})


def test_a_repository_that_moved_is_followed_and_one_that_is_gone_is_left_out() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/repos/lab/r3":
            return said(301, headers={"Location": "https://api.github.com/repositories/1"})
        if request.url.path == "/repos/lab/r2":
            return said(404, json.dumps({"message": "Not Found"}).encode())
        if request.url.path == "/repos/lab/r1":
            return said(451, json.dumps({"message": "Repository access blocked"}).encode())
        return said(200, REPOSITORY)

    batches = fetched(handler, *(paper(n) for n in range(4)))
    assert stars(*batches) == {"arxiv:2604.00003": 1234, "arxiv:2604.00000": 1234}
    gone, blocked = (reason for batch in batches for reason in batch.skipped)
    assert gone == "lab/r2 is not there, or not public"
    assert "451" in blocked
    assert not any(batch.failures for batch in batches)


def test_the_last_of_the_budget_stops_the_run_until_the_reset() -> None:
    left = iter("210")

    def handler(request: httpx.Request) -> httpx.Response:
        headers = {**SPENT, "X-RateLimit-Remaining": next(left)}
        return said(200, REPOSITORY, headers=headers)

    batches = fetched(handler, *(paper(n) for n in range(9)))
    assert len(stars(*batches)) == 3
    assert isinstance(batches[-1].failures[0], SourceBusyError)
    assert batches[-1].failures[0].retry_at == RESET
    assert "2026-04-10T12:40:00Z" in str(batches[-1].failures[0])


@pytest.mark.parametrize(
    ("headers", "until"),
    [
        ({"Retry-After": "90"}, NOW + timedelta(seconds=90)),
        ({"X-RateLimit-Reset": "1"}, NOW + timedelta(hours=1)),
        ({"X-RateLimit-Reset": "9" * 10}, NOW + timedelta(hours=1)),
        ({"X-RateLimit-Reset": "soon"}, NOW + timedelta(hours=1)),
        ({}, NOW + timedelta(hours=1)),
    ],
)
def test_a_time_that_makes_no_sense_is_an_hour(headers: dict[str, str], until: datetime) -> None:
    client = Poster([all_stars()], {"X-RateLimit-Remaining": "0", **headers})
    (batch,) = client.fetched(*(paper(n) for n in range(101)))
    assert batch.failures[0].retry_at == until


def test_slow_down_keeps_the_time_of_the_client() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/repos/lab/r3":
            return said(200, REPOSITORY)
        return said(403, json.dumps({"message": "slow"}).encode(), headers={"Retry-After": "600"})

    first, last = fetched(handler, *(paper(n) for n in range(4)))
    assert stars(first)
    assert isinstance(last.failures[0], SourceBusyError)
    assert last.failures[0].retry_at is not None
    assert last.failures[0].retry_at > NOW


def test_answers_that_are_no_repositories_are_the_services_trouble() -> None:
    asked: list[httpx.Request] = []

    def page(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return said(200, b"<html>Unicorn!</html>")

    batches = fetched(page, *(paper(n) for n in range(9)))
    assert len(asked) == 3
    assert isinstance(batches[-1].failures[0], SourceFormatError)
    (alone,) = fetched(page, paper(1))
    assert isinstance(alone.failures[0], SourceFormatError)
    assert "check sources.github.base_url" in str(alone.failures[0])


def test_nothing_to_count_asks_nothing_and_no_budget_says_so() -> None:
    def never(request: httpx.Request) -> httpx.Response:
        raise AssertionError("asked")

    assert fetched(never) == []
    assert fetched(never, Paper(id="arxiv:1", title="No code")) == []
    with pytest.raises(SourceSkippedError, match=r"sources\.github\.token is not set"):
        fetched(never, paper(1), limit_without_token=0)


def recorded() -> list[dict[str, Any]]:
    path = RECORDED / "index.json"
    found: list[dict[str, Any]] = json.loads(path.read_bytes()) if path.is_file() else []
    return found


@pytest.mark.skipif(not RECORDED.is_dir(), reason="../shared/data/github is not here")
@pytest.mark.parametrize("entry", recorded(), ids=lambda entry: entry["file"])
def test_recorded_answers_are_told_apart(entry: dict[str, Any]) -> None:
    body = (RECORDED / entry["file"]).read_bytes()
    url = f"{API}/lab/r1"
    state = {url: json.dumps({"etag": '"8600"', "stars": 7})} if entry["status"] == 304 else {}

    def handler(request: httpx.Request) -> httpx.Response:
        assert ("If-None-Match" in request.headers) == bool(state)
        return said(entry["status"], body, headers=entry["response_headers"])

    (batch,) = fetched(handler, paper(1), state=state)
    if entry["file"].startswith("repo_pygithub"):
        assert stars(batch) == {"arxiv:2604.00001": json.loads(body)["stargazers_count"]}
        assert json.loads(batch.state[url])["etag"].startswith("W/")
    elif entry["status"] == 304:
        assert stars(batch) == {"arxiv:2604.00001": 7}
    elif entry["status"] == 404:
        assert batch.skipped
        assert not batch.failures
    else:
        busy = entry["status"] == 403
        kind = SourceBusyError if busy else SourceFormatError
        assert isinstance(batch.failures[0], kind)


@pytest.mark.skipif(not RECORDED.is_dir(), reason="../shared/data/github is not here")
def test_a_recorded_graphql_answer_about_something_else_is_an_error() -> None:
    body = (RECORDED / "graphql_repository_url.json").read_bytes()
    with pytest.raises(SourceFormatError):
        parse_graphql(body, observed_at=NOW, asked=ASKED)
