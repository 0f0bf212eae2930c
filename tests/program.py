"""The installed program as a user runs it, and a small Hugging Face for it to ask."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import starting
from starting import COMMAND

NOW = "2026-04-15T12:00:00Z"
#: Nothing answers here, and nothing ever will.
NOWHERE = "http://127.0.0.1:9"
#: Runs a command and writes the most memory that it took into a file: of a small process, because a
#: child begins with the figure of its parent.
LAUNCHER = """
import os, resource, subprocess, sys
child = subprocess.Popen(sys.argv[2:])
_, status, used = os.wait4(child.pid, 0)
open(sys.argv[1], "w").write(str(used.ru_maxrss // 1000))
os._exit(os.waitstatus_to_exitcode(status))
"""


@dataclass(frozen=True)
class Home:
    """A user's machine: a home folder and nothing in the environment but what is said."""

    path: Path
    now: str = NOW

    def env(self, **more: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return {**kept, "HOME": str(self.path), "PAPERTRACK_NOW": self.now, **more}

    def run(self, *args: str, stdin: str = "", **more: str) -> "subprocess.CompletedProcess[str]":
        """Run the program to its end; names in capitals are environment variables."""
        return starting.run(args, self.env(**more), self.path, stdin, timeout=30)

    def shell(self, line: str) -> "subprocess.CompletedProcess[str]":
        """Run a line of bash in which `papertrack` is the program."""
        script = f"papertrack() {{ '{sys.executable}' -m papertrack \"$@\"; }}; {line}"
        return subprocess.run(
            ["bash", "-c", script],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=self.env(),
            cwd=self.path,
            timeout=30,
            check=False,
        )

    def configure(self, text: str) -> None:
        folder = self.path / ".config" / "papertrack"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.yaml").write_text(text, encoding="utf-8")

    @property
    def config_text(self) -> str:
        return (self.path / ".config" / "papertrack" / "config.yaml").read_text(encoding="utf-8")

    def asks(self, base_url: str) -> "Home":
        """Let the program ask this server in place of Hugging Face, and nobody else."""
        self.configure(
            "fetch: {sources: [huggingface]}\n"
            f"sources: {{huggingface: {{base_url: '{base_url}'}}}}\n"
        )
        return self

    def later(self, **time: float) -> "Home":
        """The same machine some time later."""
        now = datetime.fromisoformat(self.now) + timedelta(**time)
        return Home(self.path, now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))

    @property
    def files(self) -> list[Path]:
        return [path for path in self.path.rglob("*") if path.is_file()]


@dataclass(frozen=True)
class Run:
    """How one run of the program ended."""

    home: Home
    code: int
    stdout: str
    stderr: str
    megabytes: int

    @property
    def told(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(self.stdout)
        assert "Traceback" not in self.stderr
        return report


def run(home: Home, *args: str) -> Run:
    note = home.path / "memory"
    done = subprocess.run(
        [sys.executable, "-c", LAUNCHER, str(note), *COMMAND, *args],
        capture_output=True,
        text=True,
        env=home.env(),
        cwd=home.path,
        timeout=300,
        check=False,
    )
    return Run(home, done.returncode, done.stdout, done.stderr, int(note.read_text()))


def item(number: str, title: str = "", votes: int = 10, day: str = "2026-04-14") -> dict[str, Any]:
    """An entry of `/api/daily_papers`, in the form that it has since 2025."""
    return {
        "paper": {
            "id": number,
            "title": title or f"Paper {number}",
            "summary": f"What {number} says.",
            "authors": [{"name": "Ada Lovelace"}, {"name": "Alan Turing"}],
            "publishedAt": "2026-04-10T00:00:00.000Z",
            "submittedOnDailyAt": f"{day}T02:00:00.000Z",
            "submittedOnDailyBy": {"user": "akhaliq"},
            "upvotes": votes,
            "githubRepo": f"https://github.com/lab/{number}",
            "githubStars": 7,
        },
        "numComments": 2,
    }


@dataclass
class HuggingFace:
    """Lists by day, and the days on which something else happens."""

    days: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)  # these days answer with a web page
    hangs: bool = False
    asked: list[str] = field(default_factory=list)
    url: str = ""
    reached: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def answer(self, target: str) -> tuple[int, bytes]:
        self.asked.append(target)
        self.reached.set()
        if self.hangs:
            self.released.wait(30)
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        if path.startswith("/api/papers/"):
            return self._paper(path.removeprefix("/api/papers/"))
        day = query.get("date", [""])[0]
        if day in self.broken:
            return 200, b"<html>under repair</html>"
        return 200, json.dumps(self.days.get(day, [])).encode()

    def _paper(self, number: str) -> tuple[int, bytes]:
        known = [one["paper"] for day in self.days.values() for one in day]
        found = next((one for one in known if one["id"] == number), None)
        return (200, json.dumps(found).encode()) if found else (404, b"{}")


@contextmanager
def serving(world: HuggingFace) -> Iterator[HuggingFace]:
    """The world on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = world.answer(self.path)
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                pass  # whoever asked has left

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    world.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield world
    finally:
        world.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def week() -> dict[str, list[dict[str, Any]]]:
    """Two papers a day from Wednesday to Wednesday, 8 to 15 April 2026."""
    days = ["08", "09", "10", "13", "14", "15"]
    return {
        f"2026-04-{day}": [
            item(f"2604.{day}00{n}", votes=10 * int(day) + n, day=f"2026-04-{day}") for n in (1, 2)
        ]
        for day in days
    }
