"""The program under strace: killed at its N-th call of a kind, refused there, or only watched.

And a machine to do it on: a home with a digest that is due, put back before each run as it was.
"""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from mailserver import MailServer, mail_server
from program import COMMAND, Home, HuggingFace, serving, week

STORE = Path(".local/share/papertrack/papertrack.db")
READERS = ("me@example.org", "you@example.org")
SEND = ("digest", "send", "--if-due")
KILL = "signal=SIGKILL"


def _works() -> bool:
    """It may be missing, or not allowed to trace."""
    try:
        done = subprocess.run(
            ["strace", "-f", "-o", "/dev/null", "true"], capture_output=True, check=False
        )
    except OSError:
        return False
    return done.returncode == 0


needs_strace = pytest.mark.skipif(not _works(), reason="strace is missing or may not trace")


@dataclass(frozen=True)
class Traced:
    """One run of the program, and the calls that were watched."""

    code: int
    stderr: str
    calls: str

    @property
    def met(self) -> bool:
        """Whether the fault came, or the program ended before it could."""
        return "(INJECTED)" in self.calls or "+++ killed by SIGKILL" in self.calls

    @property
    def after(self) -> str:
        """The calls after the last fault."""
        return self.calls.rpartition("(INJECTED)")[2]


def traced(home: Home, words: Sequence[str], *options: str, fault: str = "") -> Traced:
    """Run it with `fault` such as `fdatasync:error=EIO:when=3`, watching what `options` say."""
    log = home.path.with_name(f"{home.path.name}.calls")
    call = fault.partition(":")[0]
    watched = options or ("-e", f"trace={call},sendto")
    inject = ("-e", f"inject={fault}") if fault else ()
    done = subprocess.run(
        ["strace", "-f", "-o", str(log), *watched, *inject, *COMMAND, *words],
        env=home.env(),
        cwd=home.path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Traced(done.returncode, done.stderr, log.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Fate:
    """What the recipients have at the end."""

    lost: int  # recipients who got nothing
    extra: int  # copies beyond one for each
    bodies: int  # the most different bodies that one recipient got


@dataclass(frozen=True)
class Machine:
    """A home folder that is put back to what it was before each fault."""

    folder: Path
    template: Path
    server: MailServer

    def fresh(self) -> Home:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.template, self.folder)
        self.server.taken.clear()
        return Home(self.folder)

    def ended(self, home: Home, *minutes: int) -> Fate:
        """Let cron run it so many minutes later, which goes well; what everybody has then."""
        for later in minutes or (6, 120):
            done = home.later(minutes=later).run(*SEND)
            assert (done.returncode, done.stderr) == (0, "")
        bodies = [self.server.bodies(reader) for reader in READERS]
        return Fate(
            lost=sum(not got for got in bodies),
            extra=sum(len(got) - 1 for got in bodies if got),
            bodies=max(len(set(got)) for got in bodies),
        )


@contextmanager
def machine(folder: Path) -> Iterator[Machine]:
    """Papers of a week are stored and fresh, and a digest is due."""
    with serving(HuggingFace(week())) as hub, mail_server() as server:
        home = Home(folder / "template")
        home.path.mkdir()
        home.configure(
            "fetch: {sources: [huggingface]}\n"
            f"sources: {{huggingface: {{base_url: '{hub.url}'}}}}\n"
            f"digests: [{{name: morning, to: [{', '.join(READERS)}], timezone: UTC}}]\n"
            f"mail: {{host: 127.0.0.1, port: {server.port}, tls: none, from: owner@example.org}}\n"
        )
        assert home.run("trending").returncode == 0
        yield Machine(folder / "home", home.path, server)
