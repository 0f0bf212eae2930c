"""The way to the network is polite, bounded, and clear about what went wrong."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

import pytest
from builders import NOW
from fakes import (
    FakeService,
    FrozenClock,
    Said,
    TickingClock,
    bomb,
    gzipped,
    on_loopback,
    redirect,
    said,
    wire,
)

from papertrack import __version__
from papertrack.errors import (
    SourceBusyError,
    SourceError,
    SourceFormatError,
    SourceUnavailableError,
)
from papertrack.sources import client as module
from papertrack.sources.client import Client, concurrently, user_agent

SITE = "https://papers.example"


def client(service: FakeService, time: TickingClock | None = None, contact: str = "") -> Client:
    """A client of the service, without a network, whose seconds are ours."""
    time = time or TickingClock()
    return Client(
        clock=FrozenClock(NOW),
        contact=contact,
        transport=service.transport(),
        sleep=time.sleep,
        monotonic=time.monotonic,
    )


@contextmanager
def wired(
    answer: Said | list[Said], time: TickingClock | None = None
) -> Iterator[Callable[[], module.Answer]]:
    """A call that asks a server on loopback for `/list`, over a real socket."""
    time = time or TickingClock()
    with on_loopback(FakeService({"/list": answer})) as url:
        one = Client(
            clock=FrozenClock(NOW), transport=wire(), sleep=time.sleep, monotonic=time.monotonic
        )
        try:
            yield lambda: one.get(f"{url}/list")
        finally:
            one.close()


# -- what is sent ---------------------------------------------------------------------------


def test_requests_say_who_asks_and_how_to_reach_them() -> None:
    service = FakeService({"/list": said([])})
    client(service, contact="ada@papers.example").get(f"{SITE}/list")

    (asked,) = service.asked
    assert asked.headers["user-agent"] == f"papertrack/{__version__} (mailto:ada@papers.example)"
    assert asked.headers["accept"] == "application/json"
    assert asked.headers["accept-encoding"] == "gzip"
    assert "if-none-match" not in asked.headers


@pytest.mark.parametrize("contact", ["josé@papers.example", "a\r\nX-Evil: b", "a) b"])
def test_a_contact_can_neither_break_nor_forge_a_header(contact: str) -> None:
    word = user_agent(contact)

    assert word.isascii()
    assert word.isprintable()
    assert word.count(")") == 1


def test_a_token_that_cannot_be_sent_is_not_shown() -> None:
    for token in ("hf_secrét", "hf_secret\nX-Evil: b"):
        with pytest.raises(SourceFormatError, match="check the token") as caught:
            client(FakeService()).get(SITE, headers={"Authorization": f"Bearer {token}"})
        assert "secr" not in str(caught.value)


def test_what_has_not_moved_costs_no_body() -> None:
    service = FakeService({"/list": [said([1], ETag='W/"1"'), Said(b"", status=304)]})
    one = client(service)

    first = one.get(f"{SITE}/list")
    again = one.get(f"{SITE}/list", etag=first.etag)

    assert service.asked[1].headers["if-none-match"] == 'W/"1"'
    assert again.unchanged
    assert not first.unchanged


@pytest.mark.parametrize("etag", ['"\xe9"', '"\x01"'])
def test_an_etag_that_cannot_be_sent_back_is_none(etag: str) -> None:
    assert module.Answer(SITE, 200, {"etag": etag}, b"").etag == ""


def test_what_is_missing_is_an_answer() -> None:
    assert client(FakeService()).get(f"{SITE}/nowhere").missing


# -- slow down ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "7"},
        {"RateLimit": '"api";r=0;t=7'},
        {"Retry-After": "3", "RateLimit": '"api";r=0;t=7'},
        {"Retry-After": "Wed, 15 Apr 2026 12:00:07 GMT"},
    ],
)
def test_a_service_that_names_a_pause_gets_it(headers: Mapping[str, str]) -> None:
    time = TickingClock()
    service = FakeService({"/list": [Said(b"", 429, headers), said([])]})

    assert client(service, time).get(f"{SITE}/list").json() == []
    assert time.naps == [7.0]


def test_the_last_free_request_of_a_time_is_followed_by_a_pause() -> None:
    time = TickingClock()
    one = client(FakeService({"/list": said([], RateLimit='"api";r=0;t=20')}), time)
    one.get(f"{SITE}/list")
    assert time.naps == []

    one.get(f"{SITE}/list")
    assert time.naps == [20.0]


def test_requests_that_are_left_are_used_without_a_pause() -> None:
    time = TickingClock()
    one = client(FakeService({"/list": said([], RateLimit='"api";r=10;t=20')}), time)
    one.get(f"{SITE}/list")
    one.get(f"{SITE}/list")

    assert time.naps == []


def test_a_long_pause_is_not_sat_out_and_says_when_to_come_back() -> None:
    time = TickingClock()
    service = FakeService({"/list": Said(b"", 429, {"Retry-After": "300"})})

    with pytest.raises(
        SourceBusyError, match=r"wait until 2026-04-15T12:05:00Z; try again then"
    ) as e:
        client(service, time).get(f"{SITE}/list")

    assert e.value.retry_at == NOW + timedelta(minutes=5)
    assert time.naps == []
    assert len(service.asked) == 1


def test_while_a_host_is_to_be_left_alone_it_is_not_asked_but_others_are() -> None:
    service = FakeService({"/list": Said(b"", 429, {"Retry-After": "300"}), "/free": said([])})
    one = client(service)
    for _ in range(3):
        with pytest.raises(SourceBusyError):
            one.get(f"{SITE}/list")

    assert service.targets == ["/list"]
    assert one.get("https://other.example/free").json() == []


@pytest.mark.parametrize(
    "answer",
    [
        Said(b"", 429),
        Said(b"", 403),
        Said(b"", 406),
        Said(b"", 503),
        Said(b"Rate exceeded.", 200, {"Content-Type": "text/html"}),
    ],
)
def test_every_way_of_saying_slow_down_is_heard(answer: Said) -> None:
    """A door that is shut (403, 406) is not knocked at again; a busy one is, a little later."""
    time = TickingClock()
    service = FakeService({"/list": answer})

    with pytest.raises(SourceBusyError, match=r"papers\.example asked us to slow down") as caught:
        client(service, time).get(f"{SITE}/list")

    assert caught.value.retry_at is not None
    if answer.status in (403, 406):
        assert len(service.asked) == 1
    else:
        assert len(service.asked) == 3
        assert time.naps[0] < time.naps[1]  # a little longer each time


def test_github_names_the_moment_of_its_reset() -> None:
    """x-ratelimit-reset is in epoch seconds, and counts only where nothing remains."""
    reset = str(int(NOW.timestamp()) + 600)
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset}
    service = FakeService({"/list": Said(b"", 403, headers)})

    with pytest.raises(SourceBusyError) as caught:
        client(service).get(f"{SITE}/list")
    assert caught.value.retry_at == NOW + timedelta(seconds=600)


def test_a_refused_key_is_told_apart_from_a_full_house() -> None:
    service = FakeService({"/list": Said(b"", 403)})

    with pytest.raises(SourceFormatError, match="refused the key"):
        client(service).get(f"{SITE}/list", headers={"x-api-key": "k"})


def test_a_host_that_keeps_failing_is_left_alone() -> None:
    """Fourteen lists of a dead host cost four tries, not forty-two."""
    service = FakeService({"/list": Said(b"", 500)})
    asking = client(service)

    for _ in range(14):
        with pytest.raises(SourceUnavailableError):
            asking.get(f"{SITE}/list")
    assert len(service.asked) == 4


def test_a_secret_in_the_query_reaches_the_service_and_nothing_else() -> None:
    service = FakeService(
        {"/list?api_key=canary": Said(b"[]"), "/other?api_key=canary": Said(b"", 500)}
    )
    asking = client(service)

    answer = asking.get(f"{SITE}/list", secret_query={"api_key": "canary"})
    assert answer.url == f"{SITE}/list"
    with pytest.raises(SourceUnavailableError) as caught:
        asking.get(f"{SITE}/other", secret_query={"api_key": "canary"})
    assert "canary" not in str(caught.value)
    assert "canary" not in repr(caught.value.url)


@pytest.mark.parametrize("after", ["9" * 400, "9" * 12])
def test_a_pause_without_end_is_one_of_a_week(after: str) -> None:
    service = FakeService({"/list": Said(b"", 429, {"Retry-After": after})})

    with pytest.raises(SourceBusyError) as caught:
        client(service).get(f"{SITE}/list")

    assert caught.value.retry_at == NOW + timedelta(days=7)


@pytest.mark.parametrize("after", ["soon", "²", "-5", "", "Wed, 99 Apr 2026", "1e9"])
def test_a_pause_that_is_no_number_and_no_date_is_ours_to_choose(after: str) -> None:
    time = TickingClock()
    service = FakeService({"/list": [Said(b"", 429, {"Retry-After": after}), said([])]})

    assert client(service, time).get(f"{SITE}/list").json() == []
    assert 0 < time.naps[0] < 5


def test_trouble_of_the_service_is_tried_again() -> None:
    service = FakeService({"/list": [Said(b"", 500), Said(b"", 502), said([])]})
    assert client(service).get(f"{SITE}/list").json() == []

    with pytest.raises(SourceUnavailableError, match="trouble of its own"):
        client(FakeService({"/list": Said(b"", 500)})).get(f"{SITE}/list")


def test_a_refusal_is_not_tried_again() -> None:
    service = FakeService({"/list": Said(b"", 401)})

    with pytest.raises(SourceFormatError, match="refused the key"):
        client(service).get(f"{SITE}/list")
    assert len(service.asked) == 1


# -- bounded --------------------------------------------------------------------------------


def test_a_compressed_answer_is_unpacked() -> None:
    with wired(gzipped(b"[1, 2]")) as get:
        assert get().json() == [1, 2]


@pytest.mark.parametrize(
    "answer",
    [
        bomb(100),
        Said(bytes(20_000_001)),
        Said(gzipped(b"[]").body + bytes(20_000_001), headers={"Content-Encoding": "gzip"}),
    ],
    ids=["bomb", "long", "long after the end"],
)
def test_no_more_than_twenty_megabytes_are_read(answer: Said) -> None:
    with wired(answer) as get, pytest.raises(SourceFormatError, match="longer than 20 MB"):
        get()


def test_a_body_that_drips_is_cut_off_at_the_deadline() -> None:
    """Each look at the clock finds it a minute later, and no more may pass."""
    time = TickingClock(step=61)
    with (
        wired(Said(b"[" + b" " * 10_000 + b"]", drips=True), time) as get,
        pytest.raises(SourceUnavailableError, match="took too long"),
    ):
        get()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Said(b"[]", missing=10), "its answer was cut off"),
        (gzipped(b"[1, 2, 3]", cut=4), "ends too early"),
        (Said(b"[]", headers={"Content-Encoding": "gzip"}), "incorrect header"),
        (Said(b"[]", headers={"Content-Encoding": "br"}), "unexpected encoding"),
    ],
)
def test_a_damaged_answer_is_a_failure_and_not_an_empty_list(answer: Said, reason: str) -> None:
    with wired(answer) as get, pytest.raises(SourceUnavailableError, match=reason):
        get()


def test_a_cut_answer_is_asked_for_again() -> None:
    with wired([Said(b"[]", missing=10), said([1])]) as get:
        assert get().json() == [1]


def test_where_nobody_listens_the_sentence_names_the_host_and_the_reason() -> None:
    with on_loopback(FakeService()) as url:
        pass
    one = Client(clock=FrozenClock(NOW), transport=wire(), sleep=TickingClock().sleep)
    try:
        with pytest.raises(
            SourceUnavailableError,
            match=r"127\.0\.0\.1:\d+ could not be read \(nobody listens there\); check the network",
        ):
            one.get(url)
    finally:
        one.close()


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"<!doctype html><p>Be right back", "a web page"),
        (b"", "an empty body"),
        (b" \n", "an empty body"),
        (b'[{"paper"', "a damaged body"),
        (b"\xff\xfe\x00", "a damaged body"),
        (b"[" * 100_000, "a damaged body"),
    ],
)
def test_what_is_no_json_is_called_by_its_name(body: bytes, what: str) -> None:
    answer = client(FakeService({"/list": Said(body)})).get(f"{SITE}/list")

    with pytest.raises(SourceFormatError, match=f"{what} instead of JSON.*try again later"):
        answer.json()


# -- where it leads -------------------------------------------------------------------------


def test_a_redirect_on_the_same_host_is_followed() -> None:
    service = FakeService({"/list": redirect("/new?a=1"), "/new?a=1": said([1])})

    answer = client(service).get(f"{SITE}/list")
    assert answer.json() == [1]
    assert answer.url == f"{SITE}/new?a=1"


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example/list",
        "//evil.example/list",
        "http://papers.example/list",
        "https://papers.example:444/list",
        "https://papers.example@evil.example/list",
        "https://user@papers.example/list",
    ],
)
def test_a_redirect_elsewhere_is_refused_and_no_token_goes_there(to: str) -> None:
    service = FakeService({"/list": redirect(to)})

    with pytest.raises(SourceFormatError, match=r"redirects to another place.*its address"):
        client(service).get(f"{SITE}/list", headers={"Authorization": "Bearer hf_secret"})
    assert service.targets == ["/list"]


def test_over_real_sockets_too_nothing_is_sent_to_another_host() -> None:
    other = FakeService({"/list": said(["evil"])})
    with (
        on_loopback(other) as elsewhere,
        wired(redirect(f"{elsewhere}/list")) as get,
        pytest.raises(SourceFormatError, match="another place"),
    ):
        get()
    assert other.asked == []


def test_from_http_to_https_is_a_way_up() -> None:
    service = FakeService({"/list": [redirect("https://papers.example/list"), said([1])]})

    assert client(service).get("http://papers.example/list").json() == [1]


def test_redirects_without_end_come_to_one() -> None:
    service = FakeService({"/list": redirect("/list")})

    with pytest.raises(SourceFormatError, match="redirects without end"):
        client(service).get(f"{SITE}/list")
    assert len(service.asked) == 6


@pytest.mark.parametrize("to", ["http://[::1", "https://papers.example:port/", "http://\x00/"])
def test_a_redirect_to_nonsense_is_an_error_of_the_source(to: str) -> None:
    with pytest.raises(SourceError):
        client(FakeService({"/list": redirect(to)})).get(f"{SITE}/list")


@pytest.mark.parametrize("url", ["http://[::1/", "nonsense", "http://\udcff/", "http://x/\udcff"])
def test_what_is_no_address_is_an_error_of_the_source(url: str) -> None:
    with pytest.raises(SourceFormatError, match="is not an address"):
        client(FakeService()).get(url)


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ('</list?p=1>; rel="next"', f"{SITE}/list?p=1"),
        (f'<{SITE}/list?p=1>; rel="next"', f"{SITE}/list?p=1"),
        ("</list?p=1>; rel=next", f"{SITE}/list?p=1"),
        ('</list?p=0>; rel="prev", </list?p=2>; rel="next"', f"{SITE}/list?p=2"),
        ('</list?p=0>; rel="prev"', ""),
        ("", ""),
    ],
)
def test_the_next_page_is_behind_the_link_header(link: str, url: str) -> None:
    assert module.Answer(f"{SITE}/list", 200, {"link": link}, b"").next_url() == url


def test_a_next_page_at_no_address_is_an_error_of_the_source() -> None:
    answer = module.Answer(f"{SITE}/list", 200, {"link": '<http://[::1>; rel="next"'}, b"")

    with pytest.raises(SourceFormatError, match="is not an address"):
        answer.next_url()


# -- several at a time ----------------------------------------------------------------------


def test_four_requests_are_under_way_at_a_time_and_never_five() -> None:
    """The server answers only when four have come: with fewer in flight it would wait for ever."""
    service = FakeService({f"/{n}": said(n) for n in range(12)}, together=4)
    with on_loopback(service) as url:
        one = Client(clock=FrozenClock(NOW), transport=wire())
        answers = list(concurrently(lambda n: one.get(f"{url}/{n}").json(), range(12)))
        one.close()

    assert sorted(answers) == list(range(12))
    assert service.busiest == 4


def test_leaving_the_loop_starts_nothing_more() -> None:
    started: list[int] = []
    go_on = threading.Event()

    def work(number: int) -> int:
        started.append(number)
        return number if number == 0 else go_on.wait(10)

    results = concurrently(work, range(100))
    assert next(results) == 0
    results.close()
    go_on.set()

    assert len(started) <= 5
