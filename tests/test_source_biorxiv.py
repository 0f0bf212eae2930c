"""bioRxiv and medRxiv: pages by rows received, versions folded, silence not taken for emptiness."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papertrack.errors import SourceFormatError, SourceUnavailableError
from papertrack.models import Paper
from papertrack.reports import Batch
from papertrack.sources.biorxiv import BiorxivSource, parse
from papertrack.sources.client import Client

NOW = datetime(2026, 8, 5, 12, tzinfo=UTC)
DAY = date(2026, 8, 1)
HERE = Path(__file__).parent
PAGE = (HERE / "data/biorxiv/page.json").read_bytes()
RECORDED = HERE.parents[1] / "shared/data/biorxiv"
NONE = {"messages": [{"status": "no posts found"}], "collection": []}


def wanted(first: date, last: date | None = None) -> Any:
    return SimpleNamespace(days=tuple(d for d in (first, last) if d), papers=())


def row(number: int, day: str = "2026-08-01", version: object = "1") -> dict[str, object]:
    doi = f"10.64898/2026.07.30.{number:06}"
    return {"doi": doi, "title": f"Paper {number} v{version}", "date": day, "version": version}


def listing(rows: list[dict[str, object]], total: object) -> dict[str, object]:
    return {"messages": [{"status": "ok", "total": total}], "collection": rows}


class Server:
    """The service with rows by server and day, in pages of 30, and a log of what was asked."""

    def __init__(self, rows: Mapping[tuple[str, str], list[dict[str, object]]]) -> None:
        self.rows = rows
        self.asked: list[str] = []
        self.answer: Callable[[str], bytes | int | None] = lambda path: None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.raw_path.decode())
        given = self.answer(request.url.path)
        if given is None:
            _, _, server, day, _, cursor, _ = request.url.path.split("/")
            rows = self.rows.get((server, day), [])
            page = rows[int(cursor) : int(cursor) + 30]
            given = json.dumps(listing(page, str(len(rows))) if page else NONE).encode()
        if isinstance(given, int):
            return httpx.Response(given, stream=httpx.ByteStream(b""))
        return httpx.Response(200, stream=httpx.ByteStream(given))

    def source(self, **own: Any) -> BiorxivSource:
        client = Client(lambda: NOW, transport=httpx.MockTransport(self), sleep=lambda s: None)
        return BiorxivSource(client, lambda: NOW, **own)

    def paths(self) -> list[str]:
        return [path.removeprefix("/details/").removesuffix("/json") for path in self.asked]


def test_versions_of_a_preprint_are_one_paper() -> None:
    batch = parse(PAGE, observed_at=NOW)
    mice, yeast = batch.papers
    assert yeast == Paper(
        id="doi:10.1101/2026.07.20.000002",
        doi="10.1101/2026.07.20.000002",
        title="Yeast in Kettles, revised",
        abstract="Third.",
        authors=("D. Model",),
        categories=("microbiology",),
        published_at=datetime(2026, 7, 22, tzinfo=UTC),
        updated_at=datetime(2026, 8, 1, tzinfo=UTC),
        version=3,
    )
    assert mice.version == 1
    assert [(seen.paper_id, seen.source, seen.list_date) for seen in batch.listings] == [
        (mice.id, "biorxiv", DAY),
        (yeast.id, "biorxiv", date(2026, 7, 22)),
    ]
    assert batch.skipped == ("entry 4 has no usable DOI, title or date",)
    assert batch.observations == ()


def test_a_row_is_cleaned_of_its_markup() -> None:
    mice = parse(PAGE, observed_at=NOW).papers[0]
    assert mice.title == "Mice Prefer Oolong"
    assert mice.authors == ("A. B. Example", "C. van der Sample", "The Tea Consortium")
    assert mice.categories == ("animal behavior and cognition",)
    assert mice.abstract == (
        "Background: Mice drink ≥2 ml of lacZ tea. Highlights They like it A lot"
    )


@pytest.mark.parametrize(
    ("doi", "first"),
    [
        ("10.64898/2026.07.31.741992", date(2026, 7, 31)),
        ("10.1101/741992", None),
        ("10.1101/2026.13.77.1", None),
        ("10.1101/2027.01.01.1", None),
    ],
)
def test_of_a_later_version_alone_only_the_doi_knows_the_first_day(
    doi: str, first: date | None
) -> None:
    body = json.dumps(listing([row(1, version=2) | {"doi": doi}], 1)).encode()
    batch = parse(body, observed_at=NOW)
    moment = batch.papers[0].published_at
    assert (moment.date() if moment else None, batch.listings) == (first, ())


def test_a_withdrawn_preprint_says_so_in_its_title() -> None:
    body = json.dumps(listing([row(1) | {"title": "WITHDRAWN: Tea"}], 1)).encode()
    assert parse(body, observed_at=NOW).papers[0].withdrawn


def test_texts_and_lists_are_bounded() -> None:
    big = {"title": "t" * 5_000, "abstract": "O_FIG" * 90_000, "authors": "A, B;" * 20_000}
    rows = [row(0) | big, *(row(n) for n in range(1, 2_000))]
    papers = parse(json.dumps(listing(rows, 10**15)).encode(), observed_at=NOW).papers
    assert len(papers) == 1_000
    assert (len(papers[0].title), len(papers[0].authors)) == (1_000, 10_000)
    assert len(papers[0].abstract) <= 50_000


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"<html>Maintenance</html>", "not a list of preprints"),
        (PAGE[:300], "not a list of preprints"),
        (b"[]", "not a list of preprints"),
        (b'{"messages": [], "collection": []}', "not a list of preprints"),
        (b'{"messages": [{"status": "ok"}]}', "not a list of preprints"),
        (b'{"messages": [{"status": "Error: bad date"}], "collection": []}', "Error: bad date"),
    ],
)
def test_what_is_no_list_of_preprints_is_an_error(body: bytes, reason: str) -> None:
    with pytest.raises(SourceFormatError, match=reason):
        parse(body, observed_at=NOW)


def test_no_posts_found_is_an_empty_day() -> None:
    assert parse(json.dumps(NONE).encode(), observed_at=NOW) == Batch()


def test_pages_go_on_by_the_rows_that_came() -> None:
    server = Server({("biorxiv", "2026-08-01"): [row(n) for n in range(70)]})
    (batch,) = server.source(servers=("biorxiv",)).fetch(wanted(DAY), {})
    assert server.paths() == [f"biorxiv/2026-08-01/2026-08-01/{n}" for n in (0, 30, 60)]
    assert (len(batch.papers), len(batch.listings), batch.lists) == (70, 70, (DAY,))


def test_a_category_is_asked_for_by_name() -> None:
    server = Server({})
    categories = ("cell biology", "neuroscience")
    list(server.source(servers=("medrxiv",), categories=categories).fetch(wanted(DAY), {}))
    path = "/details/medrxiv/2026-08-01/2026-08-01/0/json"
    assert server.asked == [f"{path}?category=cell_biology", f"{path}?category=neuroscience"]


def test_days_are_read_newest_first_weekends_too_and_none_to_come() -> None:
    server = Server({})
    batches = list(server.source().fetch(wanted(date(2026, 8, 3), date(2026, 9, 1)), {}))
    assert [batch.lists for batch in batches] == [(date(2026, 8, n),) for n in (5, 4, 3)]
    assert [batch.total for batch in batches] == [3, 3, 3]
    assert len(server.asked) == 6
    assert list(server.source().fetch(SimpleNamespace(days=(), papers=()), {})) == []


def test_an_older_day_does_not_bring_an_older_version_back() -> None:
    days = {
        ("biorxiv", "2026-08-03"): [row(1, "2026-08-03", "2")],
        ("biorxiv", "2026-08-01"): [row(1)],
    }
    later, _, earlier = Server(days).source().fetch(wanted(DAY, date(2026, 8, 3)), {})
    assert [paper.title for paper in later.papers] == ["Paper 1 v2"]
    assert [paper.title for paper in earlier.papers] == ["Paper 1 v2"]
    assert earlier.papers[0].published_at == datetime(2026, 8, 1, tzinfo=UTC)
    assert [seen.list_date for seen in earlier.listings] == [DAY]


def test_a_settled_day_is_not_asked_for_again() -> None:
    rows = {("biorxiv", f"2026-08-0{n}"): [row(n, f"2026-08-0{n}")] for n in range(1, 6)}
    server = Server(rows)
    state: dict[str, str] = {}
    for batch in server.source().fetch(wanted(DAY, NOW.date()), state):
        state |= batch.state
    assert len(server.asked) == 10
    server.asked.clear()
    batches = list(server.source().fetch(wanted(DAY, NOW.date()), state))
    assert [batch.lists for batch in batches] == [(NOW.date(),), (date(2026, 8, 4),)]


def test_an_unsettled_day_whose_total_did_not_move_costs_one_page() -> None:
    today = NOW.date()
    server = Server({("biorxiv", str(today)): [row(n, str(today)) for n in range(95)]})
    (first,) = server.source(servers=("biorxiv",)).fetch(wanted(today), {})
    assert len(server.asked) == 4
    (second,) = server.source(servers=("biorxiv",)).fetch(wanted(today), first.state)
    assert len(server.asked) == 5
    assert second.lists == (today,)


def test_a_budget_of_pages_leaves_the_rest_for_the_next_run() -> None:
    days = [DAY + timedelta(days=n) for n in range(3)]
    rows = {("biorxiv", str(day)): [row(n, str(day)) for n in range(60)] for day in days}
    server = Server(rows)
    here = server.source(servers=("biorxiv",), max_pages=3)
    state: dict[str, str] = {}
    batches = list(here.fetch(wanted(days[0], days[-1]), state))
    assert len(server.asked) == 3
    assert [batch.lists for batch in batches] == [(days[2],), (), ()]
    assert batches[-1].skipped == (
        "1 days up to 2026-08-01 are left for the next run (sources.biorxiv.max_pages is 3)",
    )
    for batch in batches:
        state |= batch.state
    again = list(here.fetch(wanted(days[0], days[-1]), state))
    assert [batch.lists for batch in again] == [(days[1],), ()]


def test_an_absurd_total_is_bounded() -> None:
    server = Server({})
    server.answer = lambda path: json.dumps(
        listing([row(int(path.split("/")[5]) + n) for n in range(30)], 10**12)
    ).encode()
    batches = list(server.source().fetch(wanted(DAY), {}))
    assert len(server.asked) == 40
    assert batches[0].lists == ()


def test_the_same_page_again_and_again_is_an_error_and_keeps_the_rows() -> None:
    server = Server({})
    page = json.dumps(listing([row(n) for n in range(30)], "5906")).encode()
    server.answer = lambda path: page
    (batch,) = server.source(servers=("biorxiv",)).fetch(wanted(DAY), {})
    assert isinstance(batch.failures[0], SourceUnavailableError)
    assert (len(server.asked), len(batch.papers), batch.lists) == (2, 30, ())
    assert batch.state == {}


def test_a_total_a_little_too_high_is_this_services_way() -> None:
    server = Server({})
    rows = [row(n) for n in range(30)]
    server.answer = lambda path: json.dumps(
        listing(rows, "48") if "/0/json" in path else NONE
    ).encode()
    (batch,) = server.source(servers=("biorxiv",)).fetch(wanted(DAY), {})
    assert (len(batch.papers), batch.failures, batch.lists) == (30, (), (DAY,))


@pytest.mark.parametrize("body", [b"", json.dumps(listing([], "250")).encode()])
def test_an_empty_answer_is_a_failure_that_is_not_asked_for_twice(body: bytes) -> None:
    server = Server({("medrxiv", "2026-08-01"): [row(1)]})
    server.answer = lambda path: body if "biorxiv" in path else None
    batches = list(server.source().fetch(wanted(DAY, date(2026, 8, 3)), {}))
    assert [len(batch.failures) for batch in batches] == [1, 0, 0]
    assert "api.biorxiv.org" in str(batches[0].failures[0])
    assert sum(path.startswith("biorxiv") for path in server.paths()) == 1
    assert [paper.title for paper in batches[2].papers] == ["Paper 1 v1"]
    assert all(batch.lists == () for batch in batches)


def test_a_wrong_address_names_the_key_to_mend() -> None:
    server = Server({})
    server.answer = lambda path: 404
    (batch,) = server.source().fetch(wanted(DAY), {})
    assert "sources.biorxiv.base_url" in str(batch.failures[0])


def test_lookup_knows_all_versions() -> None:
    server = Server({})
    server.answer = lambda path: PAGE if "medrxiv" in path else json.dumps(NONE).encode()
    batch = server.source().lookup("doi:10.1101/2026.07.20.000002")
    assert [paper.version for paper in batch.papers] == [3]
    assert [urlsplit(path).path for path in server.asked] == [
        "/details/biorxiv/10.1101/2026.07.20.000002/na/json",
        "/details/medrxiv/10.1101/2026.07.20.000002/na/json",
    ]
    assert server.source().lookup("arxiv:2604.07413") == Batch()
    assert server.source().lookup("doi:10.1234/elsewhere") == Batch()
    assert server.source().lookup("doi:10.1101/unknown") == Batch()


@pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded answers in ../shared/data")
@pytest.mark.parametrize(
    ("name", "papers"),
    [
        ("details_biorxiv_2020-04_page1_rebuilt.json", 100),
        ("details_biorxiv_2020-04_page2_rebuilt.json", 100),
        ("details_biorxiv_2026-08-01_excerpt.json", 1),
    ],
)
def test_recorded_answers(name: str, papers: int) -> None:
    batch = parse((RECORDED / name).read_bytes(), observed_at=NOW)
    assert (len(batch.papers), len(batch.listings), batch.skipped) == (papers, papers, ())
    for paper in batch.papers:
        assert paper.title
        assert paper.authors
        assert paper.abstract
        assert not any(token in paper.abstract for token in ("O_LI", "C_LI", "O_FIG", "[&"))


KEYS = ["messages", "status", "total", "collection", "doi", "title", "date", "version", "authors"]
ANY_JSON = st.recursive(
    st.none() | st.floats() | st.integers() | st.text() | st.sampled_from(["ok", "10.1101/x"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=20,
)
ROWS = st.lists(st.dictionaries(st.sampled_from([*KEYS, "abstract", "category"]), ANY_JSON))


@settings(max_examples=100)
@given(
    st.binary()
    | ANY_JSON.map(lambda value: json.dumps(value).encode())
    | ROWS.map(lambda rows: json.dumps(listing(rows, 1)).encode())
)
def test_any_body_gives_a_batch_or_a_format_error(body: bytes) -> None:
    with suppress(SourceFormatError):
        assert isinstance(parse(body, observed_at=NOW), Batch)
