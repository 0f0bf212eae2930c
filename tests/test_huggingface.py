"""Hugging Face Daily Papers: every form that the lists have had, and every way they go wrong."""

import gzip
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import NOW
from fakes import FakeService, FrozenClock, Said, TickingClock, on_loopback, redirect, said, wire
from hypothesis import given
from hypothesis import strategies as st

from papertrack.errors import SourceBusyError, SourceFormatError, SourceUnavailableError
from papertrack.models import COMMENTS, GITHUB_STARS, UPVOTES, Listing, Observation, Paper, Ranked
from papertrack.render import records
from papertrack.reports import Batch
from papertrack.sources.base import Wanted
from papertrack.sources.client import Client
from papertrack.sources.huggingface import HuggingFaceSource, parse, parse_paper
from papertrack.store import Store

DATA = Path(__file__).parent / "data" / "huggingface"
RECORDED = Path(__file__).parents[2] / "shared" / "data" / "hf"
SITE = "https://hf.example"
TODAY = NOW.date()


def parsed(name: str) -> tuple[Paper, Listing, dict[str, float]]:
    """The one paper of a file that is called after its list day."""
    body = (DATA / f"{name}.json").read_bytes()
    found = parse(body, observed_at=NOW, day=date.fromisoformat(name))
    (one,), (listing,) = found.papers, found.listings
    assert not found.skipped
    assert {(seen.paper_id, seen.observed_at) for seen in found.observations} == {(one.id, NOW)}
    return one, listing, {seen.kind: seen.value for seen in found.observations}


def entry(number: str = "2604.90001", **inner: Any) -> dict[str, Any]:
    return {"paper": {"id": number, "title": f"Paper {number}", "upvotes": 3, **inner}}


def parse_all(*entries: Any, day: date | None = TODAY) -> Batch:
    return parse(json.dumps(entries).encode(), observed_at=NOW, day=day)


# -- eras -----------------------------------------------------------------------------------


def test_2024_06_had_neither_submitter_nor_thumbnail() -> None:
    one, listing, counts = parsed("2024-06-03")

    assert one == Paper(
        id="arxiv:2405.90001",
        arxiv_id="2405.90001",
        title="Looms Are Looms: Weaving Algebra With Punched Cards",
        abstract="We weave algebraical patterns just as a loom weaves flowers and leaves.",
        authors=("Ada Byron", "Charles B. Engine"),
        published_at=datetime(2024, 5, 31, 17, 50, 1, tzinfo=UTC),
    )
    assert listing.submitted_by == ""
    assert counts == {UPVOTES: 27, COMMENTS: 3}


def test_until_2025_03_the_outer_date_is_the_submission() -> None:
    _, listing, _ = parsed("2024-09-10")

    assert listing.submitted_at == datetime(2024, 9, 10, 0, 15, 1, tzinfo=UTC)
    assert listing.submitted_by == "ghb"


def test_2025_02_says_whether_authors_take_part() -> None:
    one, listing, counts = parsed("2025-02-18")

    assert one.title == "Getting Up From the Floor"
    assert listing.submitted_by == "rossum"
    assert counts == {UPVOTES: 21, COMMENTS: 1}


def test_since_2025_03_the_submission_is_inside_and_the_outer_date_means_nothing() -> None:
    one, listing, _ = parsed("2025-03-25")

    assert listing.submitted_at == datetime(2025, 3, 25, 1, 42, 15, tzinfo=UTC)
    assert listing.submitted_by == "lumi"
    assert one.code_url == "https://github.com/lumiere/station"
    assert one.project_url == "https://station.example/token"
    assert one.keywords == ("video generation", "arrival models")


def test_2025_06_brought_summaries_and_stars_and_no_vote_is_a_count() -> None:
    one, _, counts = parsed("2025-06-25")

    assert one.ai_summary == "Dreams animate meshes."
    assert one.code_url == "https://github.com/nemo/slumberland"
    assert counts == {UPVOTES: 0, COMMENTS: 1, GITHUB_STARS: 20}


def test_2025_12_names_the_organization_and_tex_stays_as_it_is() -> None:
    one, _, counts = parsed("2025-12-11")

    assert one.organization == "King's Laboratory"
    assert one.title == r"Two Eyes Are Better: $\mathcal{O}(n)$ Stereo"
    assert counts == {UPVOTES: 26, COMMENTS: 4, GITHUB_STARS: 5}


def test_the_days_of_march_2025_without_submitter_or_submission_are_read() -> None:
    found = parse_all(entry(), day=date(2025, 3, 12))

    assert found.listings[0] == Listing(
        paper_id="arxiv:2604.90001", source="huggingface", list_date=date(2025, 3, 12)
    )


def test_without_a_day_the_date_of_submission_is_the_list() -> None:
    found = parse_all(entry(submittedOnDailyAt="2026-04-14T23:59:59.999Z"), day=None)

    assert found.listings[0].list_date == date(2026, 4, 14)


def test_a_submission_of_another_day_is_no_time_of_this_list() -> None:
    found = parse_all(entry(submittedOnDailyAt="2026-04-10T02:00:00Z"), day=TODAY)

    assert found.listings[0].list_date == TODAY
    assert found.listings[0].submitted_at is None


def test_the_answer_for_one_paper_is_the_inner_part() -> None:
    inner = json.loads((DATA / "2025-12-11.json").read_bytes())[0]["paper"]
    found = parse_paper(json.dumps(inner).encode(), observed_at=NOW)

    assert found.papers[0] == parsed("2025-12-11")[0]
    assert found.listings[0].list_date == date(2025, 12, 11)
    assert {seen.kind for seen in found.observations} == {UPVOTES, GITHUB_STARS}


# -- hostile --------------------------------------------------------------------------------


def test_entries_that_cannot_be_used_are_left_out_and_counted() -> None:
    found = parse((DATA / "hostile.json").read_bytes(), observed_at=NOW, day=date(2026, 4, 14))

    assert [one.arxiv_id for one in found.papers] == ["2604.90001", "2604.90002", "2604.90003"]
    assert len(found.skipped) == 9
    assert found.skipped[0] == "entry 4 has no usable id or title"


def test_counts_that_are_no_counts_are_not_observed() -> None:
    """Huge, negative, boolean, null and infinite are no numbers of votes; "12" in quotes is one."""
    found = parse((DATA / "hostile.json").read_bytes(), observed_at=NOW)

    assert [(seen.paper_id, seen.kind, seen.value) for seen in found.observations] == [
        ("arxiv:2604.90001", UPVOTES, 3),
        ("arxiv:2604.90001", COMMENTS, 1),
        ("arxiv:2604.90003", UPVOTES, 12),
    ]


def test_parts_of_the_wrong_type_are_missing_parts() -> None:
    first, second, _ = parse((DATA / "hostile.json").read_bytes(), observed_at=NOW).papers

    assert first.authors == ("Zero Byte",)
    assert (first.code_url, first.project_url, first.keywords) == ("", "", ())
    assert first.published_at is None
    assert (second.authors, second.published_at, second.organization) == ((), None, "")


def test_hostile_text_survives_store_and_json(store: Store) -> None:
    """What cannot be kept is replaced; what can only do harm on a terminal is kept and escaped."""
    found = parse((DATA / "hostile.json").read_bytes(), observed_at=NOW, day=date(2026, 4, 14))
    store.add("huggingface", found, NOW)

    day = date(2026, 4, 14)
    entries = store.entries(store.on_lists("huggingface", day, day), NOW)
    text = "".join(records.as_json([Ranked(entry=one) for one in entries]))
    title = "A lone \ufffd surrogate, a NUL , an ESC \x1b[31m and a \u202e turn"
    assert entries[0].paper.title == title
    assert entries[0].listings[0].submitted_by == "mallory\ufffd"
    assert json.loads(text)[0]["title"] == title
    assert text.isascii()
    assert "\x1b" not in text


@pytest.mark.parametrize(
    "body",
    [
        b"<!doctype html>",
        b"",
        b"null",
        b'{"error": "Rate limit"}',
        b'[{"paper"',
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b"[" + b"9" * 5000 + b"]",
        b"\xff\xfe",
        b'"\xed\xa0\x80"',
    ],
)
def test_what_is_no_list_is_an_error_and_not_an_empty_list(body: bytes) -> None:
    with pytest.raises(SourceFormatError, match="not a JSON array"):
        parse(body, observed_at=NOW)
    with pytest.raises(SourceFormatError, match="not a JSON object"):
        parse_paper(b"[]" if body.startswith(b"{") else body, observed_at=NOW)


def test_a_paper_of_any_depth_is_read_or_refused() -> None:
    for depth in range(900, 1100, 5):
        body = b'{"id": "2604.90001", "title": "t", "x": ' + b"[" * depth + b"]" * depth + b"}"
        with suppress(SourceFormatError):
            assert len(parse_paper(body, observed_at=NOW).papers) == 1


KEYS = ("id", "title", "authors", "upvotes", "githubStars", "submittedOnDailyAt", "organization")
KEYS += ("paper", "publishedAt", "submittedBy", "githubRepo", "projectPage", "ai_keywords", "name")
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.sampled_from(["2604.90001", "2026-04-14T02:00:00Z", "0001-01-01T00:00+23:59"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6)
    ),
    max_leaves=20,
)


@given(st.lists(st.fixed_dictionaries({"paper": JSON}) | JSON, max_size=3))
def test_any_json_array_is_read_without_an_exception(entries: list[Any]) -> None:
    found = parse(json.dumps(entries).encode(), observed_at=NOW)

    assert len(found.papers) + len(found.skipped) == len(entries)


@pytest.mark.parametrize(
    ("repository", "code_url"),
    [
        ("https://github.com/a/b", "https://github.com/a/b"),
        ("http://www.github.com/a/b.git", "https://github.com/a/b"),
        ("https://github.com/a/b/tree/main/c?d#e", "https://github.com/a/b"),
        ("https://github.com/a", ""),
        ("https://github.com/a/", ""),
        ("https://gitlab.com/a/b", ""),
        ("https://github.com/\u0430/b", ""),
        ("javascript:alert('https://github.com/a/b')", ""),
    ],
)
def test_a_repository_is_owner_and_name(repository: str, code_url: str) -> None:
    assert parse_all(entry(githubRepo=repository)).papers[0].code_url == code_url


# -- recorded answers -----------------------------------------------------------------------


def _recorded() -> Iterator[Path]:
    for folder in ("eras", "daily", "samples"):
        yield from sorted((RECORDED / folder).glob("*.json*"))


@pytest.mark.skipif(not RECORDED.is_dir(), reason=f"there are no recorded answers in {RECORDED}")
@pytest.mark.parametrize("path", list(_recorded()), ids=lambda path: path.name)
def test_every_recorded_entry_becomes_a_paper_with_listing_and_counts(path: Path) -> None:
    body = path.read_bytes()
    body = gzip.decompress(body) if path.suffix == ".gz" else body
    name = path.name.removeprefix("daily-")
    day = None if name.startswith("list") else date.fromisoformat(name[:10])
    entries = json.loads(body)
    found = parse(body, observed_at=NOW, day=day)

    ids = [f"arxiv:{one['paper']['id']}" for one in entries]
    assert not found.skipped
    assert [one.id for one in found.papers] == ids
    assert [one.paper_id for one in found.listings] == ids
    assert all(one.authors and one.published_at for one in found.papers)
    if day:
        assert {one.list_date for one in found.listings} == {day}
    if not day or day.year > 2025:  # before, some came on the evening before their list
        assert all(one.submitted_at for one in found.listings)
    for kind in (UPVOTES, COMMENTS):
        assert [seen.paper_id for seen in found.observations if seen.kind == kind] == ids
    starred = [one for one in entries if "githubStars" in one["paper"]]
    assert sum(seen.kind == GITHUB_STARS for seen in found.observations) == len(starred)


# -- fetching -------------------------------------------------------------------------------


def page(day: date, number: int = 0) -> str:
    """The target of a page of a day's list."""
    return f"/api/daily_papers?date={day}&limit=100" + (f"&p={number}" if number else "")


def link(target: str) -> str:
    return f'<{target}>; rel="next"'


def source(service: FakeService, now: datetime = NOW, token: str = "") -> HuggingFaceSource:
    time = TickingClock()
    clock = FrozenClock(now)
    client = Client(
        clock=clock,
        transport=service.transport(),
        sleep=time.sleep,
        monotonic=time.monotonic,
    )
    return HuggingFaceSource(client=client, clock=clock, base_url=SITE, token=token)


def fetch(
    service: FakeService,
    days: Sequence[date] = (TODAY,),
    state: dict[str, str] | None = None,
    **more: Any,
) -> list[Batch]:
    return list(source(service, **more).fetch(Wanted(days=tuple(days)), state or {}))


def days(first: str, last: str) -> list[date]:
    start = date.fromisoformat(first)
    return [start + timedelta(n) for n in range((date.fromisoformat(last) - start).days + 1)]


def test_weekends_days_to_come_and_days_before_the_first_list_are_not_asked_for() -> None:
    service = FakeService()
    fetch(service, [date(2023, 5, 3), *days("2026-04-10", "2026-04-20")])

    wanted = ("2026-04-10", "2026-04-13", "2026-04-14", "2026-04-15")
    assert sorted(service.targets) == [page(date.fromisoformat(day)) for day in wanted]


@pytest.mark.parametrize(
    ("now", "newest"),
    [
        ("2026-01-14T02:29:59Z", "2026-01-13"),  # winter: 21:30 in New York is 02:30 UTC
        ("2026-01-14T02:30:00Z", "2026-01-14"),
        ("2026-07-15T01:29:59Z", "2026-07-14"),  # summer: 01:30 UTC
        ("2026-07-15T01:30:00Z", "2026-07-15"),
        ("2026-07-18T12:00:00Z", "2026-07-17"),  # a Saturday
    ],
)
def test_the_newest_list_turns_at_half_past_nine_in_new_york(now: str, newest: str) -> None:
    service = FakeService()
    moment = datetime.fromisoformat(now)
    fetch(service, [moment.date() + timedelta(n) for n in (-1, 0, 1)], now=moment)

    assert max(service.targets) == page(date.fromisoformat(newest))


def test_a_batch_is_a_list_day_with_what_to_remember_of_it() -> None:
    service = FakeService({page(TODAY): said([entry()], ETag='"1"')})

    (batch,) = fetch(service)

    assert batch.lists == (TODAY,)
    assert batch.total == 1
    assert [one.arxiv_id for one in batch.papers] == ["2604.90001"]
    assert json.loads(batch.state[SITE + page(TODAY)]) == {"etag": '"1"', "next": ""}


def test_an_empty_list_is_a_list() -> None:
    (batch,) = fetch(FakeService({page(TODAY): said([])}))

    assert (batch.lists, batch.failures) == ((TODAY,), ())


def test_a_list_that_has_not_moved_is_not_read_again() -> None:
    service = FakeService({page(TODAY): [said([entry()], ETag='"1"'), Said(b"", 304)]})
    (first,) = fetch(service)
    (again,) = fetch(service, state=dict(first.state))

    assert service.asked[1].headers["if-none-match"] == '"1"'
    assert (again.lists, again.unchanged, again.papers) == ((), (TODAY,), ())
    assert again.state == first.state


def test_pages_are_followed_also_when_the_first_has_not_moved() -> None:
    service = FakeService(
        {
            page(TODAY): [said([entry()], ETag='"1"', Link=link(page(TODAY, 1))), Said(b"", 304)],
            page(TODAY, 1): [
                said([entry("2604.90002")], ETag='"2"'),
                said([entry("2604.90003")], ETag='"3"'),
            ],
        }
    )
    (first,) = fetch(service)
    (again,) = fetch(service, state=dict(first.state))

    assert [one.arxiv_id for one in first.papers] == ["2604.90001", "2604.90002"]
    assert [one.arxiv_id for one in again.papers] == ["2604.90003"]
    assert again.lists == (TODAY,)


@pytest.mark.parametrize("note", ["no JSON", "[]", "null", '{"etag": 7}'])
def test_a_memory_that_makes_no_sense_is_no_memory(note: str) -> None:
    service = FakeService({page(TODAY): said([entry()])})

    (batch,) = fetch(service, state={SITE + page(TODAY): note})
    assert batch.lists == (TODAY,)


def test_pages_come_to_an_end_on_a_server_that_knows_none() -> None:
    endless = {page(TODAY, n): said([], Link=link(page(TODAY, n + 1))) for n in range(200)}
    service = FakeService(endless)
    fetch(service)
    assert len(service.asked) == 50

    circle = FakeService({page(TODAY): said([entry()], Link=link(page(TODAY)))})
    assert fetch(circle)[0].lists == (TODAY,)
    assert len(circle.asked) == 1


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/api?p=1", "//evil.example/", "https://hf.example:444/"]
)
def test_a_list_that_goes_on_at_another_place_is_not_followed_and_not_taken_for_whole(
    elsewhere: str,
) -> None:
    service = FakeService({page(TODAY): said([entry()], Link=link(elsewhere))})

    (batch,) = fetch(service, token="hf_secret")

    assert len(service.asked) == 1
    assert (batch.lists, batch.state) == ((), {})
    assert "continues its list at another place" in str(batch.failures[0])


def test_a_next_page_is_never_asked_for_by_a_lesser_scheme() -> None:
    service = FakeService(
        {
            page(TODAY): said([entry()], Link=link("http://hf.example" + page(TODAY, 1))),
            page(TODAY, 1): said([entry("2604.90002")]),
        }
    )
    (batch,) = fetch(service)

    assert len(batch.papers) == 2
    assert SITE + page(TODAY, 1) in batch.state


def test_a_token_goes_to_its_own_host_only() -> None:
    stranger = FakeService({page(TODAY): said([])})
    with on_loopback(stranger) as elsewhere:
        moved = FakeService({page(TODAY): redirect(elsewhere + page(TODAY))})
        with on_loopback(moved) as url:
            client = Client(clock=FrozenClock(NOW), transport=wire())
            one = HuggingFaceSource(
                client=client, clock=FrozenClock(NOW), base_url=url, token="hf_secret"
            )
            (batch,) = one.fetch(Wanted(days=(TODAY,)), {})
            client.close()

    assert moved.asked[0].headers["authorization"] == "Bearer hf_secret"
    assert stranger.asked == []
    assert "hf_secret" not in str(batch.failures[0])


def test_without_a_token_none_is_sent() -> None:
    service = FakeService({page(TODAY): said([])})
    fetch(service)

    assert "authorization" not in service.asked[0].headers


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Said(b"<html>under repair</html>"), SourceFormatError),
        (Said(b""), SourceFormatError),
        (said({"error": "Invalid date"}), SourceFormatError),
        (Said(b"{}", 404), SourceFormatError),
        (Said(b"{}", 400), SourceFormatError),
        (Said(b"", 500), SourceUnavailableError),
        (Said(b"", 429), SourceBusyError),
        (Said(b"Rate exceeded."), SourceBusyError),
        (said([], Link='<http://[::1>; rel="next"'), SourceFormatError),
    ],
)
def test_one_day_that_fails_leaves_the_others(answer: Said, kind: type[Exception]) -> None:
    week = days("2026-04-13", "2026-04-15")
    service = FakeService({page(day): said([entry()]) for day in week} | {page(week[1]): answer})

    batches = fetch(service, week)

    assert sorted(day for one in batches for day in one.lists) == [week[0], week[2]]
    (failure,) = [error for one in batches for error in one.failures]
    assert isinstance(failure, kind)
    assert "hf.example" in str(failure)
    assert page(week[1]) in failure.url


# -- one paper ------------------------------------------------------------------------------


def test_a_paper_is_looked_up_by_its_id() -> None:
    service = FakeService({"/api/papers/2604.90001": said(entry()["paper"])})

    found = source(service).lookup("arxiv:2604.90001")
    assert [one.id for one in found.papers] == ["arxiv:2604.90001"]
    assert found.observations == (
        Observation(
            paper_id="arxiv:2604.90001",
            source="huggingface",
            kind=UPVOTES,
            value=3,
            observed_at=NOW,
        ),
    )


def test_a_paper_that_is_not_indexed_or_not_at_arxiv_is_not_known() -> None:
    service = FakeService()

    assert source(service).lookup("arxiv:2604.90001") == Batch()
    assert source(service).lookup("doi:10.1101/a") == Batch()
    assert service.targets == ["/api/papers/2604.90001"]


def test_a_page_in_place_of_a_paper_is_an_error_that_names_the_host() -> None:
    service = FakeService({"/api/papers/2604.90001": Said(b"<html>")})

    with pytest.raises(SourceFormatError, match=r"hf\.example: .* not a JSON object"):
        source(service).lookup("arxiv:2604.90001")
