"""A stand-in for Hugging Face's Daily Papers on loopback that waits before it answers, and counts.

Its answers are recorded ones where the recordings are beside the repository (../shared), else made
up in the same shape and size.
"""

import argparse
import hashlib
import json
import random
import sys
import threading
import time
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOOLS = Path(__file__).resolve().parents[2] / "shared" / "tools"
PAPERS_A_DAY = 30
ABSTRACT_LENGTH = 1255
WORDS = ("model", "learns", "from", "data", "with", "attention", "and", "long", "context", "of")


class Counter:
    """Requests, the most of them at once, and bytes sent."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = 0
        self._zero()

    def _zero(self) -> None:
        self.counts = {"requests": 0, "most_at_once": 0, "bytes": 0}

    def __enter__(self) -> None:
        with self._lock:
            self._now += 1
            self.counts["requests"] += 1
            self.counts["most_at_once"] = max(self.counts["most_at_once"], self._now)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._now -= 1

    def sent(self, number: int) -> None:
        with self._lock:
            self.counts["bytes"] += number

    def taken(self) -> dict[str, int]:
        with self._lock:
            counts = self.counts
            self._zero()
        return counts


class CountedFile:
    """What goes to the client, counted."""

    def __init__(self, file: Any, counter: Counter) -> None:
        self._file, self._counter = file, counter

    def write(self, data: bytes) -> int:
        self._counter.sent(len(data))
        return int(self._file.write(data))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class Made(BaseHTTPRequestHandler):
    """Lists of made-up papers, the same ones for the same day."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.respond()

    def respond(self) -> None:
        time.sleep(self.server.world.latency)
        world, asked = self.server.world, urlsplit(self.path)
        if asked.path != "/api/daily_papers":
            self.send(404, {"Content-Type": "application/json"}, b'{"error": "Not found"}')
            return
        day = parse_qs(asked.query).get("date", [world.at.date().isoformat()])[0]
        self.send(200, {"Content-Type": "application/json"}, made_list(date.fromisoformat(day)))

    def send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        if self.headers.get("If-None-Match") == etag:
            status, body = 304, b""
        self.send_response(status)
        for name, value in {**headers, "ETag": etag, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def made_list(day: date) -> bytes:
    chance = random.Random(day.toordinal())
    return json.dumps(
        [
            {
                "numComments": chance.randrange(9),
                "paper": {
                    "id": f"{day:%y%m}.{day.day:02}{number:03}",
                    "title": " ".join(chance.choices(WORDS, k=9)).capitalize(),
                    "summary": " ".join(chance.choices(WORDS, k=220))[:ABSTRACT_LENGTH],
                    "authors": [{"name": f"Ada Example {n}"} for n in range(6)],
                    "publishedAt": f"{day}T00:00:00.000Z",
                    "submittedOnDailyAt": f"{day}T0{chance.randrange(9)}:00:00.000Z",
                    "upvotes": chance.randrange(200),
                },
            }
            for number in range(PAPERS_A_DAY)
        ]
    ).encode()


class MadeWorld:
    """The moment and the delay."""

    def __init__(self, at: datetime, latency: float) -> None:
        self.at, self.latency = at, latency


def counting(handler: Any, counter: Counter) -> Any:
    """The same handler, with an eye on it."""

    class Counting(handler):
        def setup(self) -> None:
            super().setup()
            self.wfile = CountedFile(self.wfile, counter)

        def respond(self) -> None:
            if self.path == "/__counted":
                body = json.dumps(counter.taken()).encode()
                self.send(200, {"Content-Type": "application/json"}, body)
                return
            with counter:
                super().respond()

    return Counting


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--at", type=datetime.fromisoformat, required=True)
    parser.add_argument("--latency", type=float, default=0.0)
    given = parser.parse_args()
    counter = Counter()
    try:
        sys.path.insert(0, str(TOOLS))
        import replay
    except ImportError:
        server = ThreadingHTTPServer(("127.0.0.1", 0), counting(Made, counter))
        world, bodies = MadeWorld(given.at, given.latency), "made up"
    else:
        server = ThreadingHTTPServer(("127.0.0.1", 0), counting(replay.Handler, counter))
        server.archive = replay.Archive(str(TOOLS.parent / "data"))
        world, bodies = replay.World(given.at, given.latency), "recorded"
    server.world = world
    server.daemon_threads = True
    print(f"http://127.0.0.1:{server.server_address[1]} {bodies}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
