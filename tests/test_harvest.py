"""arXiv over OAI-PMH: page by page, from a token or from a day, with what goes wrong on the way."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from papertrack.errors import SourceBusyError, SourceFormatError
from papertrack.reports import Batch
from papertrack.sources.arxiv import ArxivSource
from papertrack.sources.base import Wanted
from papertrack.sources.client import Client
from papertrack.store import Store
from papertrack.update import update

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
RECORDED = (
    Path(__file__).parents[2] / "shared/data/arxiv/oai/arXivRaw_ListRecords_1000_2014-01-16.xml"
)
Answers = Mapping[str, httpx.Response]


def said(body: bytes = b"", status: int = 200, wait: str = "") -> httpx.Response:
    headers = {"Retry-After": wait} if wait else {}
    return httpx.Response(status, stream=httpx.ByteStream(body), headers=headers)


def page(number: int, token: str = "") -> httpx.Response:
    """One record, and the token of the next page."""
    body = f"""<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords><record>
      <header><identifier>oai:arXiv.org:2611.{number:05}</identifier></header>
      <metadata><arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>2611.{number:05}</id>
      <version version="v1"><date>Sun, 1 Nov 2026 10:00:00 GMT</date></version>
      <title>Paper {number}</title><authors>Ada One and Ben Two</authors>
      <categories>cs.DL</categories><abstract>Words.</abstract></arXivRaw></metadata>
      </record><resumptionToken>{token}</resumptionToken></ListRecords></OAI-PMH>"""
    return said(body.encode())


def error(code: str) -> httpx.Response:
    body = f"""<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">
      <error code="{code}">said so</error></OAI-PMH>"""
    return said(body.encode())


class Service:
    """Answers by the token or the day that is asked for."""

    def __init__(self, answers: Answers) -> None:
        self.answers = dict(answers)
        self.asked: list[str] = []
        self.slept: list[float] = []
        self.turns = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        query = parse_qs(urlsplit(str(request.url)).query)
        assert request.url.path == "/oai"
        assert query["verb"] == ["ListRecords"]
        assert ("from" in query) == (query.get("metadataPrefix") == ["arXivRaw"])
        asked = (query.get("resumptionToken") or query["from"])[0]
        self.asked.append(asked)
        answer = self.answers[asked]
        if answer.status_code == 503:  # once
            self.answers[asked] = page(9)
        return answer

    @contextmanager
    def turn(self) -> Iterator[None]:
        self.turns += 1
        yield

    def source(self) -> ArxivSource:
        client = Client(
            clock=lambda: NOW,
            transport=httpx.MockTransport(self),
            sleep=self.slept.append,
            gate=self.turn,
        )
        return ArxivSource(client=client, clock=lambda: NOW)


def harvest(
    service: Service, since: date | None = None, state: Mapping[str, str] | None = None
) -> list[Batch]:
    return list(service.source().harvest(since).fetch(Wanted(), state or {}))


def place(batch: Batch) -> object:
    return json.loads(batch.state["oai"])


def test_all_pages_are_read_and_the_end_is_noted() -> None:
    service = Service({"2026-10-01": page(1, "t1"), "t1": page(2, "t2"), "t2": page(3)})

    batches = harvest(service, date(2026, 10, 1))

    assert [one.papers[0].arxiv_id for one in batches] == ["2611.00001", "2611.00002", "2611.00003"]
    assert service.asked == ["2026-10-01", "t1", "t2"]
    assert service.turns == 3  # each in its turn, three seconds apart
    assert place(batches[0]) == {"since": "2026-10-01", "token": "t1", "started": "2026-11-23"}
    assert place(batches[-1]) == {"until": "2026-11-23"}


def test_a_killed_harvest_goes_on_from_its_token() -> None:
    first = harvest(Service({"2026-10-01": page(1, "t1"), "t1": page(2)}), date(2026, 10, 1))[0]
    for since in (None, date(2026, 10, 1)):
        service = Service({"t1": page(2)})
        assert harvest(service, since, first.state)
        assert service.asked == ["t1"]


def test_another_day_is_another_harvest() -> None:
    state = {"oai": json.dumps({"since": "2026-10-01", "token": "t1", "started": "2026-11-22"})}
    service = Service({"2026-09-01": page(1)})
    harvest(service, date(2026, 9, 1), state)
    assert service.asked == ["2026-09-01"]


def test_a_token_that_has_expired_begins_at_its_day_again() -> None:
    state = {"oai": json.dumps({"since": "2026-10-01", "token": "t1", "started": "2026-11-22"})}
    service = Service({"t1": error("badResumptionToken"), "2026-10-01": page(1)})
    (batch,) = harvest(service, None, state)
    assert service.asked == ["t1", "2026-10-01"]
    assert place(batch) == {"until": "2026-11-23"}


@pytest.mark.parametrize(
    ("note", "begun"),
    [
        ({"until": "2026-11-20"}, "2026-11-20"),
        ({}, "2026-11-16"),
        ([1], "2026-11-16"),
        ({"until": 7, "token": "t"}, "2026-11-16"),
    ],
)
def test_without_a_day_it_begins_where_the_last_one_ended(note: object, begun: str) -> None:
    service = Service({begun: error("noRecordsMatch")})
    (batch,) = harvest(service, None, {"oai": json.dumps(note)})
    assert (service.asked, batch.papers) == ([begun], ())


def test_it_waits_as_long_as_it_is_asked_to() -> None:
    busy = said(status=503, wait="20")
    service = Service({"2026-10-01": page(1, "t1"), "t1": busy})
    assert len(harvest(service, date(2026, 10, 1))) == 2
    assert service.slept == [pytest.approx(20, abs=1)]


def test_a_page_that_names_itself_ends_it() -> None:
    service = Service({"2026-10-01": page(1, "t1"), "t1": page(2, "t1")})
    with pytest.raises(SourceBusyError, match="again and again"):
        harvest(service, date(2026, 10, 1))
    assert len(service.asked) == 2


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (said(b"<html><body>maintenance</body></html>"), "web page"),
        (said(status=404), "oai_url"),
        (error("badResumptionToken"), "said so"),
        (error("badArgument"), "said so"),
    ],
)
def test_no_answer_is_an_error_that_says_what_to_do(answer: httpx.Response, said: str) -> None:
    with pytest.raises(SourceFormatError, match=said):
        harvest(Service({"2026-10-01": answer}), date(2026, 10, 1))


def test_what_has_arrived_is_kept_when_the_next_page_fails() -> None:
    service = Service({"2026-10-01": page(1, "t1"), "t1": said(status=403)})
    with closing(Store(":memory:")) as store:
        whole = service.source().harvest(date(2026, 10, 1))
        (report,) = update([whole], store, (), clock=lambda: NOW)

        assert report.outcome == "partial"
        assert store.find(["arxiv:2611.00001"])
        assert json.loads(store.state("arxiv")["oai"])["token"] == "t1"


@pytest.mark.skipif(not RECORDED.exists(), reason=f"{RECORDED} is not there")
def test_a_recorded_page_is_stored_whole() -> None:
    body = RECORDED.read_bytes()
    token = re.search(rb"<resumptionToken[^>]*>([^<]+)<", body)
    assert token
    service = Service({"2014-01-16": said(body), token[1].decode(): page(1)})
    with closing(Store(":memory:")) as store:
        whole = service.source().harvest(date(2014, 1, 16))
        (report,) = update([whole], store, (), clock=lambda: NOW)
        assert (report.outcome, store.count()) == ("ok", 1_001)
