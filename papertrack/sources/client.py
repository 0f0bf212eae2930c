"""The one way to the network: polite, bounded, and clear about what went wrong."""

import json
import math
import random
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Protocol, TypeVar
from urllib.parse import quote

from papertrack import __version__
from papertrack.clock import Clock, iso
from papertrack.errors import (
    SourceBusyError,
    SourceError,
    SourceFormatError,
    SourceUnavailableError,
)
from papertrack.sources import limits
from papertrack.sources.answers import (
    Answer,
    host_of,
    is_sendable,
    read_body,
    redirected,
    timely,
    with_query,
)

if TYPE_CHECKING:
    import httpx

__all__ = ["Answer", "Client", "Gate", "concurrently", "host_of", "user_agent"]

Item = TypeVar("Item")
Result = TypeVar("Result")
#: Something that is entered around each request: a pause between processes, or nothing.
Gate = Callable[[], AbstractContextManager[None]]

DEADLINE_SECONDS = 60.0
READ_SECONDS = 20.0
PATIENCE_SECONDS = 30.0  # the longest that one request waits because a service asked for it
ATTEMPTS = 3
IN_FLIGHT = 4
REDIRECTS = 5
#: A host that failed so often in a row is not asked again by this command.
HOPELESS = 4
_KEY_HEADERS = frozenset({"authorization", "x-api-key"})


def user_agent(contact: str = "") -> str:
    """Services ask for a name, a version and a way to reach whoever runs it."""
    scheme = "mailto:" if "@" in contact else "+"
    comment = f" ({scheme}{quote(contact, safe='@+:/')})" if contact else ""
    return f"papertrack/{__version__}{comment}"


class Sink(Protocol):
    """Where an answer goes that is too long to hold, a part at a time."""

    def headers(self) -> Mapping[str, str]:
        """What to ask with as things are: for the rest, where a part has come."""

    def take(self, status: int, headers: Mapping[str, str], parts: Iterator[bytes]) -> None:
        """Keep what comes; status 206 is the rest. Raises SourceError where it is not right."""


@dataclass(frozen=True)
class _Request:
    """What is to be asked. `secret` joins the address on the wire and appears nowhere else.

    With a `sink` the answer goes there, and all attempts together have until the `deadline`.
    """

    url: str
    headers: Mapping[str, str]
    payload: bytes | None = None
    secret: Mapping[str, str] = field(default_factory=dict)
    sink: Sink | None = None
    deadline: float = math.inf

    @property
    def carries_key(self) -> bool:
        return bool(self.secret) or not _KEY_HEADERS.isdisjoint(map(str.lower, self.headers))


@dataclass
class Client:
    """One connection pool for all sources; threads may share it. `gate` is entered around requests.

    Proxies and the CA bundle come from the environment as httpx reads it; netrc is not read.
    """

    clock: Clock
    contact: str = ""
    transport: "httpx.BaseTransport | None" = None
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    deadline_seconds: float = DEADLINE_SECONDS
    patience_seconds: float = PATIENCE_SECONDS
    gate: Gate = nullcontext
    _paused: dict[str, float] = field(default_factory=dict)
    _failed: dict[str, int] = field(default_factory=dict)
    _causes: dict[str, str] = field(default_factory=dict)
    _http: "httpx.Client | None" = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        etag: str = "",
        secret_query: Mapping[str, str] | None = None,
    ) -> Answer:
        """Read one address; `secret_query` is for services that take their key nowhere else.

        Raises SourceBusyError where the service wants us to wait longer than a command should,
        SourceUnavailableError where it cannot be reached, SourceFormatError for any other refusal.
        """
        sent = {"Accept": "application/json", **(headers or {})}
        if etag:
            sent["If-None-Match"] = etag
        return self._ask(_Request(url, sent, secret=secret_query or {}))

    def post(
        self, url: str, payload: object, *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send JSON to one address; raises as `get` does. Only for questions."""
        sent = {"Accept": "application/json", "Content-Type": "application/json", **(headers or {})}
        return self._ask(_Request(url, sent, payload=json.dumps(payload).encode()))

    def save(self, url: str, sink: Sink, seconds: float) -> Answer:
        """Read one address into a sink, in so many seconds; raises as `get` does.

        After a cut it is asked again for what the sink lacks. The answer has no body; its status
        may be 416: what the sink has is no part of what is there.
        """
        until = self.monotonic() + seconds
        return self._ask(_Request(url, {}, sink=sink, deadline=until))

    def gated(self, gate: Gate) -> "Client":
        """The same client, whose requests each enter this gate."""
        self._session()
        return replace(self, gate=gate)

    def close(self) -> None:
        if self._http is not None:
            self._http.close()

    def _ask(self, request: _Request) -> Answer:
        """Ask, and ask again where that may help."""
        host = host_of(request.url)
        if not all(is_sendable(value) for value in request.headers.values()):
            raise SourceFormatError(
                f"What is to be sent to {host} has characters that cannot be sent; "
                "check the token in the configuration.",
                url=request.url,
            )
        last: SourceError | None = None
        for attempt in range(ATTEMPTS):
            self._give_up_early(host, request.url)
            self._wait_for(request.url, last, attempt)
            try:
                answer = self._once(request)
            except (SourceBusyError, SourceUnavailableError) as error:
                self._failed[host] = self._failed.get(host, 0) + 1
                self._causes[host] = str(error)
                last = error
                if not _worth_another_try(error) or self.monotonic() > request.deadline:
                    break
            else:
                self._failed[host] = 0
                return answer
        assert last is not None
        raise last

    def _give_up_early(self, host: str, url: str) -> None:
        if self._failed.get(host, 0) >= HOPELESS:
            cause = self._causes.get(host, f"{host} failed.")
            raise SourceUnavailableError(
                f"{cause} It failed {HOPELESS} times in a row and is not asked again in this run.",
                url=url,
            )

    def _wait_for(self, url: str, last: SourceError | None, attempt: int) -> None:
        """Wait as the service asked, or a little longer after each failure; give up politely."""
        pause = self._paused.get(host_of(url), 0.0) - self.monotonic()
        if last is not None and pause <= 0:
            pause = 0.5 * 2**attempt * random.uniform(0.8, 1.2)
        if pause > self.patience_seconds:
            until = self.clock() + timedelta(seconds=math.ceil(pause))  # never a second early
            raise SourceBusyError(
                f"{host_of(url)} asks us to wait until {iso(until)}; try again then.",
                url=url,
                retry_at=until,
            )
        if pause > 0:
            self.sleep(pause)

    def _once(self, request: _Request) -> Answer:
        import httpx

        url = request.url
        try:
            for _ in range(REDIRECTS + 1):
                answer = self._exchange(request, url)
                if isinstance(answer, Answer):
                    return self._judge(answer, request)
                url = answer
        except (httpx.InvalidURL, ValueError):
            raise SourceFormatError(f"{url!r} is not an address.", url=url) from None
        except (httpx.HTTPError, zlib.error) as error:
            raise SourceUnavailableError(
                f"{host_of(url)} could not be read ({_reason(error)}); check the network, or try "
                "again later.",
                url=url,
            ) from error
        raise SourceFormatError(f"{host_of(url)} redirects without end ({url}).", url=url)

    def _exchange(self, request: _Request, url: str) -> Answer | str:
        """One request: its answer, or the address that it redirects to."""
        sink = request.sink
        deadline = request.deadline if sink else self.monotonic() + self.deadline_seconds
        with (
            self.gate(),
            self._session().stream(
                "GET" if request.payload is None else "POST",
                with_query(url, request.secret),
                headers={**request.headers, **(sink.headers() if sink else {})},
                content=request.payload,
            ) as response,
        ):
            if response.has_redirect_location:
                return redirected(response, url)
            status, headers = response.status_code, response.headers
            if sink and status in (200, 206):
                sink.take(status, headers, timely(response, self.monotonic, deadline))
                body = b""
            else:
                body = read_body(response, self.monotonic, deadline)
            self._note_limits(url, headers)
            return Answer(url, status, headers, body)

    def _session(self) -> "httpx.Client":
        import httpx

        with self._lock:
            if self._http is None:
                self._http = httpx.Client(
                    transport=self.transport,
                    http2=True,
                    timeout=httpx.Timeout(READ_SECONDS, connect=10.0),
                    limits=httpx.Limits(max_connections=IN_FLIGHT),
                    headers={"User-Agent": user_agent(self.contact), "Accept-Encoding": "gzip"},
                )
            return self._http

    def _note_limits(self, url: str, headers: Mapping[str, str]) -> None:
        """Remember when this host may be asked again."""
        seconds = limits.pause_seconds(headers, self.clock())
        if seconds > 0:
            self._paused[host_of(url)] = self.monotonic() + seconds

    def _judge(self, answer: Answer, request: _Request) -> Answer:
        host, status = host_of(answer.url), answer.status
        said_when = self._paused.get(host, 0.0) > self.monotonic()
        if status == 401 or (status == 403 and request.carries_key and not said_when):
            raise SourceFormatError(
                f"{host} refused the key (status {status}); check its token in the configuration.",
                url=answer.url,
            )
        if limits.is_slow_down(status, answer.body):
            raise self._busy(answer)
        if status >= 500:
            raise SourceUnavailableError(
                f"{host} has trouble of its own (status {status}, {answer.url}); try again later.",
                url=answer.url,
            )
        if status not in ((200, 206, 404, 416) if request.sink else (200, 304, 404)):
            raise SourceFormatError(
                f"{host} refused the request (status {status}, {answer.url}).", url=answer.url
            )
        return answer

    def _busy(self, answer: Answer) -> SourceBusyError:
        host = host_of(answer.url)
        pause = max(60.0, self._paused.get(host, 0.0) - self.monotonic())
        error = SourceBusyError(
            f"{host} asked us to slow down (status {answer.status}, {answer.url}); "
            "try again in some minutes.",
            url=answer.url,
            retry_at=self.clock() + timedelta(seconds=math.ceil(pause)),
        )
        error.passing = answer.status in limits.PASSING or answer.status == 200
        return error


def _worth_another_try(error: SourceError) -> bool:
    """Not where nobody listens, and not where a service has shut its door (403, 406)."""
    import httpx

    if isinstance(error, SourceBusyError):
        return error.passing
    return not isinstance(error.__cause__, httpx.ConnectError)


#: What the system says in numbers, in words.
_REASONS = {
    "Errno -2": "there is no such host, or no network",
    "Errno -3": "there is no such host, or no network",
    "Errno 101": "there is no network",
    "Errno 104": "it cut the connection off",
    "Errno 111": "nobody listens there",
    "Errno 113": "there is no way to it",
}


def _reason(error: Exception) -> str:
    said = str(error).strip() or type(error).__name__
    if said.startswith("peer closed connection"):
        return "its answer was cut off"
    known = (words for number, words in _REASONS.items() if f"[{number}]" in said)
    return next(known, said[:160])


def concurrently(
    work: Callable[[Item], Result], items: Sequence[Item], workers: int = IN_FLIGHT
) -> Iterator[Result]:
    """Do the work on all items, at most `workers` at a time; results come as they are ready.

    Leaving the loop early, by Ctrl-C too, starts nothing more.
    """
    pool = ThreadPoolExecutor(max_workers=workers)
    waiting = iter(items)
    try:
        # No more is started than can be kept: results wait here until they are taken.
        pending = {pool.submit(work, item) for item in islice(waiting, 2 * workers)}
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
                pending |= {pool.submit(work, item) for item in islice(waiting, 1)}
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
