"""Stand-ins for what the tests must not touch: the clock, the network, the services on it.

Each is handed in where the real one would be; nothing is patched. A server on loopback is used
where the fault lies in the bytes on the wire; elsewhere the same script answers without a socket.
"""

import gzip
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from papertrack.reports import Batch
from papertrack.sources.base import Wanted

# -- time -----------------------------------------------------------------------------------


@dataclass
class FrozenClock:
    """A wall clock that stands still until it is told to move."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> datetime:
        """Move on by `hours=6` or the like."""
        self.now += timedelta(**by)
        return self.now


@dataclass
class TickingClock:
    """Seconds that pass when somebody sleeps, and `step` whenever somebody looks."""

    step: float = 0.0
    now: float = 1000.0
    naps: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        self.now += self.step
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


# -- sources --------------------------------------------------------------------------------


@dataclass
class FakeSource:
    """A source that plays a script: batches, and errors where they are to happen."""

    script: Sequence[Batch | BaseException] = ()
    name: str = "huggingface"
    asked: list[tuple[list[date], dict[str, str]]] = field(default_factory=list)

    def fetch(self, wanted: Wanted, state: Mapping[str, str]) -> Iterator[Batch]:
        self.asked.append((list(wanted.days), dict(state)))
        for part in self.script:
            if isinstance(part, BaseException):
                raise part
            yield part


# -- services -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """One answer of a service."""

    body: bytes = b"[]"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    missing: int = 0  # so many bytes are promised by Content-Length and never sent
    drips: bool = False  # a byte at a time


def said(value: Any, **headers: str) -> Said:
    """A JSON answer; `etag="x"` and the like are its headers."""
    return Said(json.dumps(value).encode(), headers=headers)


def redirect(to: str) -> Said:
    return Said(b"", status=302, headers={"Location": to})


def gzipped(body: bytes, *, cut: int = 0) -> Said:
    """A compressed answer, without its last bytes if they are to be cut."""
    packed = gzip.compress(body)
    return Said(packed[: len(packed) - cut], headers={"Content-Encoding": "gzip"})


def bomb(megabytes: int) -> Said:
    """Zeroes that are a thousand times smaller on the wire."""
    return gzipped(bytes(megabytes * 1_000_000))


@dataclass(frozen=True)
class Asked:
    """One request as the service saw it; header names in lower case."""

    target: str
    headers: Mapping[str, str]


@dataclass
class FakeService:
    """Answers by path and query. Of several answers each is given once, the last one for ever.

    What nobody foresaw is 404. With `together`, a request is answered only when so many have come.
    """

    answers: Mapping[str, Said | Sequence[Said]] = field(default_factory=dict)
    together: int = 1
    asked: list[Asked] = field(default_factory=list)
    busiest: int = 0  # the most requests that were under way at one time
    _under_way: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._met = threading.Barrier(self.together, timeout=10)

    @property
    def targets(self) -> list[str]:
        return [one.target for one in self.asked]

    def answer(self, target: str, headers: Mapping[str, str]) -> Said:
        with self._lock:
            place = self.targets.count(target)
            self.asked.append(Asked(target, {name.lower(): headers[name] for name in headers}))
            self._under_way += 1
            self.busiest = max(self.busiest, self._under_way)
        self._met.wait()
        with self._lock:
            self._under_way -= 1
        given = self.answers.get(target, Said(b"{}", status=404))
        return given if isinstance(given, Said) else given[min(place, len(given) - 1)]

    def transport(self) -> httpx.MockTransport:
        """The service without a network."""

        def handle(request: httpx.Request) -> httpx.Response:
            given = self.answer(request.url.raw_path.decode(), request.headers)
            return httpx.Response(
                given.status,
                headers=[(name.encode(), text.encode()) for name, text in given.headers.items()],
                stream=httpx.ByteStream(given.body),
            )

        return httpx.MockTransport(handle)


def wire() -> httpx.HTTPTransport:
    """The network itself, past any proxy of this machine."""
    return httpx.HTTPTransport()


@contextmanager
def on_loopback(service: FakeService) -> Iterator[str]:
    """The service on a free port of this machine; its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            given = service.answer(self.path, self.headers)
            self.send_response(given.status)
            for name, text in given.headers.items():
                self.send_header(name, text)
            if given.status != 304:
                self.send_header("Content-Length", str(len(given.body) + given.missing))
            self.end_headers()
            self.close_connection = self.close_connection or bool(given.missing)
            self._send(given)

        def _send(self, given: Said) -> None:
            size = 1 if given.drips else len(given.body) or 1
            try:
                for start in range(0, len(given.body), size):
                    self.wfile.write(given.body[start : start + size])
            except OSError:
                self.close_connection = True  # whoever asked has heard enough

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
