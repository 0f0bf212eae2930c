"""The one way to the network: polite, bounded, and clear about what went wrong.

Every answer is read as raw bytes and unpacked here under a cap, because a megabyte of gzip can
unpack to a gigabyte in one of httpx's own chunks. Every request has a deadline for the whole of it,
because a read timeout alone lets a body drip for ever.
"""

import json
import random
import re
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, urljoin, urlsplit

from papertrack import __version__
from papertrack.clock import Clock, iso
from papertrack.errors import (
    SourceBusyError,
    SourceError,
    SourceFormatError,
    SourceUnavailableError,
)

if TYPE_CHECKING:
    import httpx

Item = TypeVar("Item")
Result = TypeVar("Result")

MAX_BODY = 20_000_000
DEADLINE_SECONDS = 60.0
READ_SECONDS = 20.0
PATIENCE_SECONDS = 30.0  # the longest that one request waits because a service asked for it
ATTEMPTS = 3
LONGEST_PAUSE_SECONDS = 7 * 86_400.0  # a service that names a longer one cannot mean it
IN_FLIGHT = 4
REDIRECTS = 5
_SLOW_DOWN = {403, 406, 429, 503}
#: arXiv's front end says this with status 200 (2026): 14 bytes, text/html.
_SOFT_LIMIT = re.compile(rb"\s*rate (limit )?exceeded", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """What a service answered: 200 with a body, 304 without, or 404."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def unchanged(self) -> bool:
        return self.status == 304

    @property
    def missing(self) -> bool:
        return self.status == 404

    @property
    def etag(self) -> str:
        """Empty where it is none that could be sent back."""
        etag = self.headers.get("etag", "")
        return etag if _is_sendable(etag) else ""

    def next_url(self) -> str:
        """The address behind `Link: <...>; rel="next"`, made absolute; empty at the last page."""
        for part in self.headers.get("link", "").split(","):
            found = re.match(r'\s*<([^>]*)>\s*;.*rel="?next"?', part)
            if found:
                return _absolute(self.url, found[1])
        return ""

    def json(self) -> object:
        """The body as JSON, or SourceFormatError that says what it is instead."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise SourceFormatError(
                f"{host_of(self.url)} answered with {_describe(self.body)} instead of JSON "
                f"({self.url}); try again later.",
                url=self.url,
            ) from None


def _absolute(base: str, address: str) -> str:
    try:
        return str(urljoin(base, address))
    except ValueError:
        raise SourceFormatError(
            f"{host_of(base)} leads on to {address[:200]!r}, which is not an address.", url=base
        ) from None


def _is_sendable(value: str) -> bool:
    return value.isascii() and value.isprintable()


def _describe(body: bytes) -> str:
    if not body.strip():
        return "an empty body"
    if body.lstrip()[:1] == b"<":
        return "a web page"
    return "a damaged body"


def host_of(url: str) -> str:
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return url


def user_agent(contact: str = "") -> str:
    """Services ask for a name, a version and a way to reach whoever runs it."""
    comment = f" (mailto:{quote(contact, safe='@+')})" if contact else ""
    return f"papertrack/{__version__}{comment}"


@dataclass
class Client:
    """One connection pool for all sources; threads may share it."""

    clock: Clock
    contact: str = ""
    transport: "httpx.BaseTransport | None" = None
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    deadline_seconds: float = DEADLINE_SECONDS
    _paused: dict[str, float] = field(default_factory=dict)
    _http: "httpx.Client | None" = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, etag: str = "") -> Answer:
        """Read one address.

        Raises SourceBusyError where the service wants us to wait longer than a command should,
        SourceUnavailableError where it cannot be reached, SourceFormatError for any other refusal.
        """
        sent = {"Accept": "application/json", **(headers or {})}
        if etag:
            sent["If-None-Match"] = etag
        if not all(_is_sendable(value) for value in sent.values()):
            raise SourceFormatError(
                f"What is to be sent to {host_of(url)} has characters that cannot be sent; "
                "check the token in the configuration.",
                url=url,
            )
        last: SourceError | None = None
        for attempt in range(ATTEMPTS):
            self._wait_for(url, last, attempt)
            try:
                return self._once(url, sent)
            except (SourceBusyError, SourceUnavailableError) as error:
                last = error
        assert last is not None
        raise last

    def close(self) -> None:
        if self._http is not None:
            self._http.close()

    def _wait_for(self, url: str, last: SourceError | None, attempt: int) -> None:
        """Wait as the service asked, or a little longer after each failure; give up politely."""
        pause = self._paused.get(host_of(url), 0.0) - self.monotonic()
        if last is not None and pause <= 0:
            pause = 0.5 * 2**attempt * random.uniform(0.8, 1.2)
        if pause > PATIENCE_SECONDS:
            until = self.clock() + timedelta(seconds=pause)
            raise SourceBusyError(
                f"{host_of(url)} asks us to wait until {iso(until)}; "
                "what is stored can be read meanwhile with --offline.",
                url=url,
                retry_at=until,
            )
        if pause > 0:
            self.sleep(pause)

    def _once(self, url: str, headers: Mapping[str, str]) -> Answer:
        import httpx

        deadline = self.monotonic() + self.deadline_seconds
        try:
            origin = urlsplit(url)[:2]
            for _ in range(REDIRECTS + 1):
                with self._session().stream("GET", url, headers=dict(headers)) as response:
                    if response.has_redirect_location:
                        url = _same_origin(response, origin)
                        continue
                    body = _read(response, self.monotonic, deadline)
                    self._note_limits(url, response.headers)
                    return self._judge(Answer(url, response.status_code, response.headers, body))
        except (httpx.InvalidURL, ValueError):
            raise SourceFormatError(f"{url!r} is not an address.", url=url) from None
        except (httpx.HTTPError, zlib.error) as error:
            raise SourceUnavailableError(
                f"{host_of(url)} could not be read ({_reason(error)}); "
                "check the network, or use --offline for what is stored.",
                url=url,
            ) from error
        raise SourceFormatError(f"{host_of(url)} redirects without end ({url}).", url=url)

    def _session(self) -> "httpx.Client":
        import httpx

        with self._lock:
            if self._http is None:
                self._http = httpx.Client(
                    transport=self.transport,
                    timeout=httpx.Timeout(READ_SECONDS, connect=10.0),
                    limits=httpx.Limits(max_connections=IN_FLIGHT),
                    headers={"User-Agent": user_agent(self.contact), "Accept-Encoding": "gzip"},
                )
            return self._http

    def _note_limits(self, url: str, headers: Mapping[str, str]) -> None:
        """Remember when this host may be asked again.

        `RateLimit: "api";r=REMAINING;t=SECONDS` is IETF draft 9, as Hugging Face sends it.
        """
        found = re.search(r"r=0+;\s*t=([0-9]+)", headers.get("ratelimit", ""))
        seconds = max(
            float(found[1]) if found else 0.0, self._retry_after(headers.get("retry-after", ""))
        )
        if seconds > 0:
            pause = min(seconds, LONGEST_PAUSE_SECONDS)
            self._paused[host_of(url)] = self.monotonic() + pause

    def _retry_after(self, text: str) -> float:
        """The seconds that `Retry-After` names, as a number or as a date; 0 for anything else."""
        if re.fullmatch("[0-9]+", text.strip()):
            return float(text)
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return 0.0
        return (moment.replace(tzinfo=moment.tzinfo or UTC) - self.clock()).total_seconds()

    def _judge(self, answer: Answer) -> Answer:
        host = host_of(answer.url)
        if answer.status in _SLOW_DOWN or _SOFT_LIMIT.match(answer.body[:40]):
            raise SourceBusyError(
                f"{host} asked us to slow down (status {answer.status}, {answer.url}); "
                "try again in some minutes.",
                url=answer.url,
                retry_at=self.clock() + timedelta(seconds=self._pause_of(host)),
            )
        if answer.status >= 500:
            raise SourceUnavailableError(
                f"{host} has trouble of its own (status {answer.status}, {answer.url}); "
                "try again later.",
                url=answer.url,
            )
        if answer.status not in (200, 304, 404):
            raise SourceFormatError(
                f"{host} refused the request (status {answer.status}, {answer.url}).",
                url=answer.url,
            )
        return answer

    def _pause_of(self, host: str) -> float:
        return max(60.0, self._paused.get(host, 0.0) - self.monotonic())


def _same_origin(response: "httpx.Response", origin: Sequence[str]) -> str:
    """The address to follow: only on the same host, and never from https to http."""
    target = _absolute(str(response.url), response.headers.get("location", ""))
    scheme, host = urlsplit(target)[:2]
    if host != origin[1] or (origin[0], scheme) not in (
        ("http", "http"),
        ("http", "https"),
        ("https", "https"),
    ):
        raise SourceFormatError(
            f"{origin[1]} redirects to another place ({target[:200]!r}), which is not followed; "
            "check base_url in the configuration.",
            url=str(response.url),
        )
    return target


def _read(response: "httpx.Response", monotonic: Callable[[], float], deadline: float) -> bytes:
    """The body, unpacked, at most MAX_BODY long and before the deadline."""
    import httpx

    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", ""):
        raise httpx.DecodingError(f"unexpected encoding {encoding[:40]}")
    unpack = zlib.decompressobj(wbits=31) if "gzip" in encoding else None
    parts: list[bytes] = []
    size = wire = 0
    for chunk in response.iter_raw():
        plain = chunk
        if unpack:
            plain = b"" if unpack.eof else unpack.decompress(chunk, MAX_BODY - size + 1)
        size += len(plain)
        wire += len(chunk)  # what follows the end of a gzip stream unpacks to nothing
        parts.append(plain)
        if max(size, wire) > MAX_BODY:
            raise httpx.DecodingError(f"the answer is longer than {MAX_BODY // 1_000_000} MB")
        if monotonic() > deadline:
            raise httpx.ReadTimeout("the answer took too long")
    if unpack and parts and not unpack.eof:
        raise httpx.DecodingError("the answer ends too early")
    return b"".join(parts)


def _reason(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text[:160]


def concurrently(
    work: Callable[[Item], Result], items: Sequence[Item], workers: int = IN_FLIGHT
) -> Iterator[Result]:
    """Do the work on all items, at most `workers` at a time; results come as they are ready.

    Leaving the loop early, by Ctrl-C too, starts nothing more.
    """
    pool = ThreadPoolExecutor(max_workers=workers)
    try:
        pending = {pool.submit(work, item) for item in items}
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
