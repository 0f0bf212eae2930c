"""arXiv: what was announced, what is known of a paper, and every way in which it says no."""

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest
from hang import no_hang
from hypothesis import given, settings
from hypothesis import strategies as st

from papertrack.errors import SourceBusyError, SourceFormatError
from papertrack.models import Paper
from papertrack.reports import Batch
from papertrack.sources import arxiv_xml
from papertrack.sources.arxiv import ArxivSource
from papertrack.sources.arxiv_papers import is_withdrawn, split_authors
from papertrack.sources.arxiv_xml import EmptyPageError, parse_feed, parse_oai, parse_query
from papertrack.sources.client import Client

NOW = datetime(2026, 4, 14, 12, tzinfo=UTC)
DATA = Path(__file__).parent / "data/arxiv"
RECORDED = Path(__file__).parents[2] / "shared/data/arxiv"
DAY = date(2026, 4, 14)
NEW, CROSS, REPLACED = "arxiv:2604.90001", "arxiv:2604.90002", "arxiv:2501.90003"
Handler = Callable[[httpx.Request], httpx.Response]


def data(name: str) -> bytes:
    return (DATA / f"{name}.xml").read_bytes()


def feed(name: str = "feed") -> Batch:
    return parse_feed(data(name), observed_at=NOW)


def query(name: str = "query") -> Batch:
    return parse_query(data(name), observed_at=NOW)


def papers(batch: Batch) -> dict[str, Paper]:
    return {paper.id: paper for paper in batch.papers}


# --- the daily feed ------------------------------------------------------------------------------


def test_what_is_new_or_cross_listed_is_listed_under_the_day_in_new_york() -> None:
    listed = {one.paper_id: one.list_date for one in feed().listings}
    assert listed == {NEW: DAY, CROSS: DAY}
    assert {(one.source, one.submitted_at, one.submitted_by) for one in feed().listings} == {
        ("arxiv", None, "")
    }


def test_a_replacement_is_a_new_version_and_no_listing() -> None:
    replaced, knots = papers(feed())[REPLACED], papers(feed())["arxiv:math/0309136"]
    assert (replaced.version, replaced.updated_at) == (4, datetime(2026, 4, 14, 4, tzinfo=UTC))
    assert knots.withdrawn
    assert not replaced.withdrawn
    assert {paper.published_at for paper in feed().papers} == {None}
    assert papers(feed())[NEW].updated_at is None


def test_an_announcement_is_read_whole_and_as_tex() -> None:
    paper = papers(feed())[NEW]
    assert paper.title == "Lanterns for Lost Gradients when $a<b$ and $b>c$"
    assert paper.abstract == (
        r"We light $\mathcal{O}(n^2)$ lanterns & follow them. They shine while $x<y$."
    )
    assert paper.authors == ("Ada Example", "Bo Sample Jr.", r"Zo\"e Third", "Ümit Fourth")
    assert paper.categories == ("cs.LG", "cs.AI")


def test_zero_is_a_title_and_the_kind_may_stand_in_the_summary_only() -> None:
    zero = papers(feed())[CROSS]
    assert (zero.title, zero.doi, zero.journal) == ("0", "10.5555/zero.1", "J. Nothing 0 (2026) 1")
    assert zero.abstract == "Nothing, in detail. Abstract: nouns are kept."


def test_what_cannot_be_used_is_left_out_with_the_reason() -> None:
    assert feed().skipped == (
        "entry 5 has no usable id or title",
        "arxiv:2604.90005 is announced as 'revived', so it is not listed",
    )


def test_a_weekend_is_no_error_and_an_error_no_weekend() -> None:
    assert feed("feed_weekend") == Batch()
    with pytest.raises(SourceFormatError, match=r"Feed error for query: cs\.XX"):
        feed("feed_error")
    with pytest.raises(SourceFormatError, match="incorrect id format"):
        parse_feed(data("query_error"), observed_at=NOW)


def test_a_feed_at_its_limit_says_that_papers_may_be_missing() -> None:
    body = data("feed").replace(b"</feed>", b"<entry/>" * 2_000 + b"</feed>")
    batch = parse_feed(body, observed_at=NOW)
    assert "limit of 2,000 entries" in batch.skipped[0]
    assert len(batch.papers) == 5


# --- the query API -------------------------------------------------------------------------------


def test_a_result_is_read_whole() -> None:
    zero = papers(query())[CROSS]
    assert (zero.title, zero.version, zero.arxiv_id) == ("0", 3, "2604.90002")
    assert zero.published_at == datetime(2026, 3, 1, 17, 59, 46, tzinfo=UTC)
    assert zero.updated_at == datetime(2026, 4, 12, 8, tzinfo=UTC)
    assert zero.authors == ("Nil Null", "Zoë Zéro")
    assert zero.categories == ("math.ST", "cs.LG"), "primary first, no MSC or ACM classes"
    assert (zero.doi, zero.journal) == ("10.5555/zero.1", "J. Nothing 0 (2026) 1")
    assert zero.withdrawn
    assert zero.comment.startswith("This paper has been withdrawn")
    assert not papers(query())[NEW].withdrawn
    assert query().skipped == ("entry 3 has no usable date",)


def test_the_back_end_of_before_november_2025_is_read_as_well() -> None:
    (knots,) = query("query_legacy").papers
    assert (knots.id, knots.version) == ("arxiv:math/0309136", 2)
    assert knots.title == "Knots That Came Back to the Harbour of Their Youth"
    assert knots.abstract == r"Every knot is tied twice by Poincar\'e."
    assert (knots.comment, knots.categories) == ("12 pages, 3 figures", ("math.GT",))
    assert knots.doi == "", "arXiv's own DOI says no more than the id"


def test_nothing_found_is_not_the_same_as_nothing_sent() -> None:
    assert query("query_nothing") == Batch()
    with pytest.raises(EmptyPageError, match="promises 5,000 papers"):
        query("query_hollow")
    with pytest.raises(SourceFormatError, match="error of arXiv: incorrect id format for xyz"):
        query("query_error")
    with pytest.raises(SourceFormatError, match="not of a query"):
        query("feed")


# --- OAI-PMH -------------------------------------------------------------------------------------


def test_oai_gives_papers_and_the_token_of_the_next_page() -> None:
    batch, token = parse_oai(data("oai"), observed_at=NOW)
    (paper,) = batch.papers
    assert token == "verb%3DListRecords%26skip%3D3"
    assert paper.title == "Old Papers Are Modified Too"
    assert paper.authors == ("Array", "Edgar A. Roldan Jr"), "no author called ':'"
    assert (paper.published_at, paper.updated_at) == (
        datetime(2014, 1, 9, tzinfo=UTC),
        datetime(2026, 4, 12, tzinfo=UTC),
    )
    assert (paper.doi, paper.journal, paper.version) == ("10.5555/old-1", "Lett. Inv. 1", None)
    assert batch.skipped == (
        "record 2 was deleted",
        "record 3 is in neither the arXiv nor the arXivRaw format",
    )


def test_raw_oai_knows_the_versions_whatever_their_order() -> None:
    batch, token = parse_oai(data("oai_raw"), observed_at=NOW)
    (paper,) = batch.papers
    assert (token, paper.version) == ("", 10)
    assert paper.published_at == datetime(2018, 10, 22, 22, 41, 50, tzinfo=UTC)
    assert paper.updated_at == datetime(2019, 1, 13, 11, 17, 9, tzinfo=UTC)
    assert paper.authors == ("The FOG Collaboration", "R. One", "S. Two", r"\'Edgar Example")
    assert paper.withdrawn, "the source type of the newest version says so"


def test_an_oai_error_is_one_unless_it_means_nothing() -> None:
    body = b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><error code="%s">why</error>'
    assert parse_oai(body % b"noRecordsMatch" + b"</OAI-PMH>", observed_at=NOW) == (Batch(), "")
    with pytest.raises(SourceFormatError, match="OAI-PMH: why"):
        parse_oai(body % b"badResumptionToken" + b"</OAI-PMH>", observed_at=NOW)
    with pytest.raises(SourceFormatError, match="neither records nor an error"):
        parse_oai(body.split(b"<error")[0] + b"</OAI-PMH>", observed_at=NOW)


# --- withdrawn, authors --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "comment",
    """This paper has been withdrawn
    The paper is withdrawn due to license issue
    Withdrawn
    30 pages, 1 figure This paper has been withdrawn by the author since it differs
    14 pages, nofigure. WITHDRAWN by the author
    16 pages; correction of lemma 1; withdrawn because of generalised results
    Manuscript withdrawn: the author discovered that
    The author has withdrawn this submission [arXiv admin]
    5 pages, 2 figures. Admin note: withdrawn by arXiv admin because of a pseudonym
    This version withdrawn by arXiv administrators
    For this reason, it has been withdrawn by the authors
    Administratively withdrawn due to policy violation
    I have decided to withdraw the paper because""".splitlines(),
)
def test_what_the_authors_withdrew(comment: str) -> None:
    assert is_withdrawn(comment.strip(), "")


@pytest.mark.parametrize(
    ("comment", "abstract"),
    [
        ("Accepted for ACMGIS 2009, but withdrawn because ACM would not include it", ""),
        ("9 pages; the bracket part withdrawn on 12/08/05 due to a gap", ""),
        ("Replacement for preceding (withdrawn) version v4 of arXiv:1802.10136", ""),
        ("accepted for publication; then withdrawn; now 19 pages", ""),
        ("guaranteed minimum withdrawal benefit (GMWB) products", ""),
        ("v2 withdrawn by the author by mistake, restored here", ""),
        ("", "Withdrawn and anxious patients are different."),
        ("", "The drug has been withdrawn from the market; this paper studies withdrawn drugs."),
        ("", "Scale geometry was withdrawn by its author from physical theorizing"),
    ],
)
def test_what_only_sounds_like_it(comment: str, abstract: str) -> None:
    assert not is_withdrawn(comment, abstract)


def test_an_abstract_that_says_so_of_the_paper_counts() -> None:
    assert is_withdrawn("6 pages", "This paper has been withdrawn due to an error.")
    assert is_withdrawn("", "Withdrawn by the author. Further research is needed.")


def test_authors_in_one_text() -> None:
    assert split_authors("A. One (1), B. Two (1 and (2)) ((1) Fog, (2) Mist)") == (
        "A. One",
        "B. Two",
    )
    assert split_authors("") == ()
    assert len(split_authors("A B, " * 20_000)) == 10_000
    with no_hang():
        split_authors("(" * 200_000 + "A" + ")" * 200_000)


# --- hostile bodies ------------------------------------------------------------------------------

BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    b'<feed xmlns="http://www.w3.org/2005/Atom"><title>&b;</title></feed>'
)
BAD = {
    "empty": b" \n",
    "web page": b"<!doctype html><title>Maintenance</title><p>Back soon",
    "web page, well-formed": b"<html><title>Maintenance</title></html>",
    "soft limit": b"Rate exceeded.",
    "json": b'{"error": 1}',
    "cut": data("feed")[:-200],
    "entities": BOMB,
    "entities in UTF-16": BOMB.replace(b'"1.0"', b'"1.0" encoding="UTF-16"')
    .decode()
    .encode("utf-16"),
    "strange encoding": b'<?xml version="1.0" encoding="idna"?><feed/>',
    "entities after a comment": b"<!-- -->" + BOMB.partition(b"?>")[2],
    "deep": b"<feed>" * 500_000,
    "deep, in few tags": b"<feed>" * 31 + b"</feed>" * 31,
    "many": b'<feed xmlns="http://www.w3.org/2005/Atom">' + b"<a/>" * 1_100_000 + b"</feed>",
    "long": b" " * 8_000_001 + b"<feed/>",
    "rss": b'<rss version="2.0"><channel/></rss>',
    "noise": bytes(range(256)) * 16,
}


@pytest.mark.parametrize("parse", [parse_feed, parse_query, parse_oai])
@pytest.mark.parametrize("body", BAD.values(), ids=BAD.keys())
def test_what_is_no_answer_is_never_an_empty_one(body: bytes, parse: Any) -> None:
    with no_hang(), pytest.raises(SourceFormatError, match=r"^the answer "):
        parse(body, observed_at=NOW)


@pytest.mark.parametrize("name", ["feed", "query"])
def test_what_is_looked_at_tag_by_tag_is_read_the_same(name: str) -> None:
    parse = {"feed": parse_feed, "query": parse_query}[name]
    watched = data(name) + b"<!---->" * 300_000
    assert parse(watched, observed_at=NOW) == parse(data(name), observed_at=NOW)


def test_everything_is_bounded() -> None:
    entry = (
        b"<entry><id>http://arxiv.org/abs/2604.1v1</id><id/></entry>"
        b"<entry><id>http://arxiv.org/abs/2604.90001v1</id><published>2026-04-13T17:00:00Z"
        b"</published><title>%s</title><summary>%s</summary>%s%s</entry></feed>"
    ) % (
        b"t" * 9_999,
        b"s" * 99_999,
        b"<author><name>A</name></author>" * 12_000,
        b"".join(b'<category term="cs.a%s"/>' % (b"b" * n) for n in range(99)),
    )
    batch = parse_query(data("query_hollow").replace(b"</feed>", entry), observed_at=NOW)
    (paper,) = batch.papers
    assert (len(paper.title), len(paper.abstract), len(paper.authors)) == (1_000, 50_000, 10_000)
    assert len(paper.categories) <= 50


@settings(max_examples=100)
@given(st.binary())
def test_any_bytes_are_a_batch_or_a_format_error(body: bytes) -> None:
    for parse in (parse_feed, parse_query, parse_oai):
        with suppress(SourceFormatError):
            parse(body, observed_at=NOW)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_damaged_answer_is_a_batch_or_a_format_error(draw: st.DataObject) -> None:
    for name in ("feed", "query", "query_legacy", "oai", "oai_raw"):
        body = data(name)
        at = draw.draw(st.integers(0, len(body)))
        body = (
            body[:at] + draw.draw(st.binary(max_size=8)) + body[at + draw.draw(st.integers(0, 9)) :]
        )
        for parse in (parse_feed, parse_query, parse_oai):
            with suppress(SourceFormatError):
                parse(body, observed_at=NOW)


# --- requests ------------------------------------------------------------------------------------


def said(body: bytes = b"", status: int = 200, etag: str = "") -> httpx.Response:
    headers = {"ETag": etag} if etag else {}
    return httpx.Response(status, stream=httpx.ByteStream(body), headers=headers)


def source(handler: Handler, **fields: Any) -> ArxivSource:
    client = Client(
        clock=lambda: NOW, transport=httpx.MockTransport(handler), sleep=lambda seconds: None
    )
    return ArxivSource(client, lambda: NOW, **{"categories": ("cs.AI", "cs.LG")} | fields)


def wanted(*papers: Paper) -> Any:
    try:
        from papertrack.sources.base import Wanted
    except ImportError:
        return SimpleNamespace(days=(DAY,), papers=papers)
    return Wanted(days=(DAY,), papers=papers)


def stored(numbers: Iterable[str], **fields: Any) -> tuple[Paper, ...]:
    return tuple(Paper(id=f"arxiv:{n}", arxiv_id=n, title="T", **fields) for n in numbers)


def asked(request: httpx.Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}


def is_feed(request: httpx.Request) -> bool:
    return request.url.host == "rss.arxiv.org"


def test_the_feed_is_asked_for_once_and_then_only_for_changes() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if request.headers.get("If-None-Match") == '"one"':
            return said(status=304)
        return said(data("feed"), etag='"one"')

    (batch,) = source(handler).fetch(wanted(), {})
    assert str(seen[0].url) == "https://rss.arxiv.org/atom/cs.AI+cs.LG"
    assert seen[0].headers["Accept"] == "application/atom+xml"
    assert (len(batch.listings), batch.lists, batch.total) == (2, (DAY,), 1)
    (again,) = source(handler).fetch(wanted(), batch.state)
    assert again == Batch(unchanged=(DAY,), total=1)
    assert len(seen) == 2


def test_a_batch_served_again_under_a_new_day_keeps_its_day() -> None:
    state: Mapping[str, str] = {}
    served = data("feed")

    def one(body: bytes) -> Batch:
        nonlocal state
        (batch,) = source(lambda request: said(body)).fetch(wanted(), state)
        state = {**state, **batch.state}
        return batch

    assert one(served).lists == (DAY,)
    assert one(data("feed_weekend")).listings == ()
    stale = one(served.replace(b"2026-04-14T00:00", b"2026-04-15T00:00"))
    assert {listing.list_date for listing in stale.listings} == {DAY}
    assert (stale.lists, stale.unchanged) == ((), (DAY,))
    partly = one(
        served.replace(b"2026-04-14T00:00", b"2026-04-15T00:00").replace(
            b"2604.90001", b"2604.91111"
        )
    )
    assert {listing.paper_id[-5:]: listing.list_date.day for listing in partly.listings} == {
        "91111": 15,
        "90002": 14,
    }
    assert partly.lists == (date(2026, 4, 15),)


@pytest.mark.parametrize("note", ["", "{", "[]", '{"days": 1}', '{"days": {"x": "y"}, "etag": 3}'])
def test_a_note_that_cannot_be_read_is_no_note(note: str) -> None:
    state = {"https://rss.arxiv.org/atom/cs.AI+cs.LG": note}
    state["https://export.arxiv.org/api/query"] = note
    (batch,) = source(lambda request: said(data("feed"))).fetch(wanted(), state)
    assert batch.lists == (DAY,)


def test_papers_without_categories_are_asked_for_in_hundreds() -> None:
    numbers = [f"2603.{n:05}" for n in range(700)]
    seen: list[dict[str, str]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if is_feed(request):
            return said(data("feed_weekend"))
        seen.append(asked(request))
        return said(data("query_nothing"))

    known = stored(["2604.90001"], categories=("cs.LG",))
    batches = list(source(handler).fetch(wanted(*known, *stored(numbers)), {}))
    assert [len(one["id_list"].split(",")) for one in seen] == [100] * 5
    assert {one["max_results"] for one in seen} == {"100"}
    assert "2604.90001" not in str(seen)
    assert [batch.total for batch in batches] == [6] * 6

    seen.clear()
    state = {name: note for batch in batches for name, note in batch.state.items()}
    list(source(handler).fetch(wanted(*stored(numbers)), state))
    assert [one["id_list"].split(",")[0] for one in seen] == ["2603.00500", "2603.00600"], (
        "what arXiv did not know this morning it does not know at noon"
    )


def test_papers_are_matched_by_id_and_never_by_place() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return said(data("feed_weekend") if is_feed(request) else data("query"))

    batch = list(source(handler).fetch(wanted(*stored(["2604.90009", "2604.90001"])), {}))[1]
    assert list(papers(batch)) == [NEW]


def test_one_part_that_fails_does_not_take_the_other_along() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        good = is_feed(request) is feed_is_good
        return said(data("feed" if is_feed(request) else "query")) if good else said(b"<html>")

    feed_is_good = True
    first, second = source(handler).fetch(wanted(*stored(["2604.90001"])), {})
    assert (len(first.listings), len(second.failures)) == (2, 1)
    feed_is_good = False
    first, second = source(handler).fetch(wanted(*stored(["2604.90001"])), {})
    assert (len(first.failures), list(papers(second))) == (1, [NEW])
    assert "rss.arxiv.org: the answer is a web page" in str(first.failures[0])


def test_after_slow_down_no_more_papers_are_asked_for() -> None:
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.host)
        return said(data("feed_weekend") if is_feed(request) else b"Rate exceeded.")

    batches = list(source(handler).fetch(wanted(*stored(f"2603.{n:05}" for n in range(300))), {}))
    assert len(batches) == 2
    assert isinstance(batches[1].failures[0], SourceBusyError)
    assert seen.count("export.arxiv.org") <= 3, "the client's own attempts at one request"


def test_an_empty_page_is_asked_for_again_and_then_called_busy() -> None:
    pages = [data("query_hollow"), data("query")]
    assert len(source(lambda request: said(pages.pop(0))).search("lanterns", 10).papers) == 2
    with pytest.raises(SourceBusyError, match="promises papers and sends none"):
        source(lambda request: said(data("query_hollow"))).search("lanterns", 10)


def test_lookup_answers_for_arxiv_ids_only() -> None:
    seen: list[dict[str, str]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(asked(request))
        return said(data("query_legacy"))

    (knots,) = source(handler).lookup("arxiv:math/0309136").papers
    assert knots.arxiv_id == seen[0]["id_list"] == "math/0309136"
    assert source(handler).lookup("arxiv:2604.99999").papers == (), "an answer about another paper"
    assert source(handler).lookup("doi:10.5555/1") == source(handler).lookup("arxiv:") == Batch()
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("title", "sent"),
    [
        ('A "quoted" (bracketed) title: AND more', 'ti:"A quoted bracketed title more"'),
        (r"$\alpha$-Nets \& Schrödinger’s C++", 'ti:"alpha -Nets & Schrödinger’s C++"'),
        ("0", 'ti:"0"'),
    ],
)
def test_a_title_is_searched_for_as_one_phrase(title: str, sent: str) -> None:
    seen: list[dict[str, str]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(asked(request))
        return said(data("query"))

    assert len(source(handler).find_title(title).papers) == 2
    assert seen == [{"search_query": sent, "max_results": "5"}]


def test_words_are_searched_for_anywhere_and_all_of_them() -> None:
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(unquote(urlsplit(str(request.url)).query))
        return said(data("query"))

    assert len(source(handler).search('state-of-the-art OR "ti:x', 9_999).papers) == 2
    assert seen == ['search_query=all:"state-of-the-art"+AND+all:"ti"+AND+all:"x"&max_results=200']
    assert source(handler).search(' "() ', 10) == source(handler).search("x", 0) == Batch()
    assert source(handler).find_title("()") == Batch()
    assert len(seen) == 1


def test_a_wrong_address_names_the_key() -> None:
    with pytest.raises(SourceFormatError, match=r"check sources\.arxiv\.base_url"):
        source(lambda request: said(status=404)).search("x", 1)
    (batch,) = source(lambda request: said(status=404)).fetch(wanted(), {})
    assert "sources.arxiv.feed_url" in str(batch.failures[0])
    assert list(source(lambda request: said(), categories=()).fetch(wanted(), {})) == []


# --- recorded answers ----------------------------------------------------------------------------

needs_recorded = pytest.mark.skipif(not RECORDED.is_dir(), reason=f"no recorded data: {RECORDED}")
#: Papers, and for feeds listings, that each answer holds; None where it is an error.
HOLDS = {
    "atom/query_testing_start0_max100.xml": 100,
    "atom/query_testing_start0_max10.xml": 10,
    "atom/query_testing_start10_max10.xml": 10,
    "atom/query_testing_start20_max10.xml": 10,
    "atom/id_1605.08386.xml": 1,
    "atom/id_quant-ph_0201082v1.xml": 1,
    "atom/error_400_malformed_id.xml": None,
    "atom/empty_id_0000.0000.xml": 0,
    "atom/query_cs.AI_cs.LG_cs.CL_submittedDate_2026-08-02.xml": 25,
    "atom/query_all_glacier_2026-08-07.xml": 2,
    "atom/legacy_backend_cs.RO_2025-10-17.xml": 2,
    "atom/throttled_429_rate_exceeded.txt": None,
    "feeds/atom_cs.AI_2025-08-20_trimmed.xml": 7,
    "feeds/rss_cs.LG+cs.AI+cs.CL+stat.ML_2026-09-24_trimmed.xml": None,
    "oai/arXivRaw_GetRecord_1810.09584.xml": 1,
    "oai/arXiv_GetRecord_1401.2122.xml": 1,
    "oai/arXiv_ListRecords_hep-th_2017-12-14.xml": 3,
    "oai/oai_dc_record_1711.05739.xml": None,
    "oai/arXivRaw_ListRecords_1000_2014-01-16.xml": 1_000,
}


def read(name: str) -> Batch:
    body = (RECORDED / name).read_bytes()
    if name.startswith("oai"):
        return parse_oai(body, observed_at=NOW)[0]
    return (parse_feed if name.startswith("feeds") else parse_query)(body, observed_at=NOW)


@needs_recorded
def test_every_recorded_answer_is_known_here() -> None:
    assert {entry["file"] for entry in json.loads((RECORDED / "index.json").read_bytes())} == set(
        HOLDS
    )


@needs_recorded
@pytest.mark.parametrize("name", HOLDS)
def test_a_recorded_answer_is_read_whole(name: str) -> None:
    if HOLDS[name] is None:
        with pytest.raises(SourceFormatError):
            read(name)
        return
    batch = read(name)
    assert len(batch.papers) == HOLDS[name]
    assert len(batch.listings) == (7 if name.startswith("feeds") else 0)
    assert batch.skipped == ()
    for paper in batch.papers:
        assert paper.title
        assert paper.authors
        assert paper.categories
        assert paper.abstract
        assert "Announce Type" not in paper.abstract
        assert paper.published_at or name.startswith("feeds")


@needs_recorded
def test_the_thousand_raw_records_have_versions_and_six_were_withdrawn() -> None:
    body = (RECORDED / "oai/arXivRaw_ListRecords_1000_2014-01-16.xml").read_bytes()
    batch, token = parse_oai(body, observed_at=NOW)
    assert token == "496549|96001"
    assert all(paper.version and paper.updated_at for paper in batch.papers)
    withdrawn = {paper.arxiv_id for paper in batch.papers if paper.withdrawn}
    assert withdrawn == {f"0811.{n}" for n in (3882, 3921, 4009, 4148, 4613, 4628)}


def test_a_full_feed_is_read() -> None:
    entry = data("feed").split(b"<entry>")[1].removesuffix(b"</feed>").rstrip()
    entry = b"<entry>" + entry.replace(b"lanterns", b"lanterns " + b"and more " * 200)
    whole = data("feed").split(b"<entry>")[0] + entry * 1_999 + b"</feed>"
    assert len(arxiv_xml.parse_feed(whole, observed_at=NOW).papers) == 1_999
