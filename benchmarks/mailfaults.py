"""papertrack and rss2email under the same five faults of mail: what is lost, and what comes twice.

Both have six papers and two recipients, and the mail server of the tests, which fails in the first
run only; then each runs three times more, as from cron. Prints a Markdown table for docs/digest.md.
With --said also what each printed in the first run. rss2email is installed by pip into an
environment of its own.
"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import common

sys.path.insert(0, str(common.HERE.parent / "tests"))

from mailserver import ACK_LOST, GREYLISTED, QUIT_LOST, MailServer, mail_server
from program import Home, HuggingFace, item, serving

PEER = "rss2email==3.14"
READERS = ("me@example.org", "you@example.org")
DAY = date(2026, 4, 15)
TITLES = tuple(f"Findings number {n} of the day" for n in range(1, 7))
CRASH, REFUSED = "killed when half of the mails are taken", "550 for one recipient, known later"
#: What the server does in the first run: at the first connection, or all along.
FAULTS = {
    CRASH: "",
    "the answer after the first mail is lost": ACK_LOST,
    "QUIT of the first mail is not answered": QUIT_LOST,
    REFUSED: "",
    "451 to every recipient (greylisting)": GREYLISTED,
}
#: rss2email mails each entry by itself, unless it is told to make digests.
KINDS = ("papertrack", "rss2email", "rss2email, digest = True")


@dataclass(frozen=True)
class Program:
    """A program that mails, ready to run in a folder of its own."""

    command: Sequence[str]
    env: Callable[[int], Mapping[str, str]]  # by the number of the run
    mails: int  # that a run without faults sends, counted by recipient
    repair: Sequence[str] = ()  # what it says that a person should run


@dataclass(frozen=True)
class Seen:
    """What came of one fault."""

    code: int  # of the first run
    said: str
    mails: Mapping[str, Sequence[bytes]]  # by recipient, in the order in which they came

    @property
    def lost(self) -> int:
        """Papers that a recipient never got, for all recipients."""
        return sum(
            not any(title in _text(mail) for mail in mails)
            for mails in self.mails.values()
            for title in TITLES
        )

    @property
    def again(self) -> Sequence[tuple[bytes, bytes]]:
        """Mails that told their recipient nothing new, each with the one that had told it."""
        found = []
        for mails in self.mails.values():
            told: dict[frozenset[str], bytes] = {}
            for mail in mails:
                titles = frozenset(title for title in TITLES if title in _text(mail))
                if titles in told:
                    found.append((told[titles], mail))
                told.setdefault(titles, mail)
        return found

    @property
    def how(self) -> str:
        """Whether a mail program can see that a copy is one."""
        if not self.again:
            return ""
        same = all(_id(first) == _id(second) for first, second in self.again)
        return ", same Message-ID" if same else ", new Message-ID"


def _id(mail: bytes) -> str:
    return str(message_from_bytes(mail)["Message-ID"])


def main() -> None:
    peer = common.venv_with(PEER)
    if isinstance(peer, str):
        print(f"{peer}; only papertrack is shown.\n")
    print("| fault | program | exit code | papers lost | mails that came again |")
    print("|---|---|---:|---:|---|")
    for fault, played in FAULTS.items():
        for kind in KINDS[: None if isinstance(peer, Path) else 1]:
            with (
                tempfile.TemporaryDirectory() as folder,
                mail_server() as server,
                _world(kind, Path(folder), server, peer) as program,
            ):
                seen = _played(program, server, fault, played)
            again = f"{len(seen.again)}{seen.how}"
            print(f"| {fault} | {kind} | {seen.code} | {seen.lost} | {again} |")
            if "--said" in sys.argv:
                print(seen.said)


def _played(program: Program, server: MailServer, fault: str, played: str) -> Seen:
    """The first run with the fault, then three without, and what all of them brought."""
    if played == GREYLISTED:
        server.forever = played
    elif played:
        server.faults.append(played)
    if fault == REFUSED:
        server.unknown = frozenset(READERS[1:])
    process = subprocess.Popen(
        program.command,
        env=program.env(0),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if fault == CRASH:
        server.heard = _killer(process, server, program.mails // 2)
    out, err = process.communicate(timeout=120)
    server.heard, server.forever, server.unknown = (lambda: None), "", frozenset()
    for number in (1, 2, 3):
        asked = fault == REFUSED and number == 1 and process.returncode
        subprocess.run(
            program.repair if asked and program.repair else program.command,
            env=program.env(number),
            capture_output=True,
            timeout=120,
            check=False,
        )
    mails = {reader: server.bodies(reader) for reader in READERS}
    return Seen(code=process.returncode, said=out + err, mails=mails)


def _killer(process: "subprocess.Popen[str]", server: MailServer, after: int) -> Callable[[], None]:
    """kill -9 at the first command after so many mails were taken."""

    def kill() -> None:
        if len(server.taken) >= after and process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()

    return kill


def _text(mail: bytes) -> str:
    parts = list(message_from_bytes(mail).walk())
    plain = [part for part in parts if part.get_content_type() == "text/plain"]
    bodies = (part.get_payload(decode=True).decode("utf-8", "replace") for part in plain)
    return " ".join(" ".join([*(str(part["Subject"]) for part in parts), *bodies]).split())


# -- the two programs -----------------------------------------------------------------------------


@contextmanager
def _world(kind: str, folder: Path, server: MailServer, peer: Path | str) -> Iterator[Program]:
    if kind == "papertrack":
        with serving(_lists()) as hub:
            yield _papertrack(folder, hub.url, server.port)
    else:
        with _feed() as url:
            assert isinstance(peer, Path)
            yield _rss2email(folder, url, server.port, peer / "r2e", "digest" in kind)


def _papertrack(folder: Path, hub: str, port: int) -> Program:
    home = Home(folder, "2026-04-15T12:00:00Z")
    home.configure(
        "fetch: {sources: [huggingface]}\n"
        f"sources: {{huggingface: {{base_url: '{hub}'}}}}\n"
        f"digests: [{{name: news, to: [{', '.join(READERS)}], timezone: UTC}}]\n"
        f"mail: {{host: 127.0.0.1, port: {port}, tls: none, from: owner@example.org}}\n"
    )
    command = (sys.executable, "-m", "papertrack", "digest")
    return Program(
        (*command, "send", "--if-due"),
        lambda number: home.later(hours=number).env(),
        mails=len(READERS),
        repair=(*command, "retry"),
    )


def _rss2email(folder: Path, feed: str, port: int, r2e: Path, digest: bool) -> Program:
    config = folder / "rss2email.cfg"
    config.write_text(
        "[DEFAULT]\nfrom = owner@example.org\n"
        f"to = {','.join(READERS)}\ndigest = {digest}\n"
        f"email-protocol = smtp\nsmtp-server = 127.0.0.1\nsmtp-port = {port}\n"
        "smtp-ssl = False\nsmtp-auth = False\n"
    )
    env = common.clean_env(folder)
    command = (str(r2e), "-c", str(config), "-d", str(folder / "rss2email.json"))
    subprocess.run([*command, "add", "news", feed], env=env, check=True, capture_output=True)
    mails = len(READERS) * (1 if digest else len(TITLES))
    return Program((*command, "run"), lambda _: env, mails=mails)


def _lists() -> HuggingFace:
    papers = [
        item(f"2604.1500{n}", title, votes=50 - n, day=str(DAY)) for n, title in enumerate(TITLES)
    ]
    return HuggingFace({str(DAY): papers})


@contextmanager
def _feed() -> Iterator[str]:
    """The same six as an Atom feed."""
    entries = "".join(
        f"<entry><title>{title}</title><id>urn:x:{n}</id><updated>2026-04-15T02:00:00Z</updated>"
        f"<link href='http://127.0.0.1:9/{n}'/><summary>What {n} says.</summary></entry>"
        for n, title in enumerate(TITLES)
    )
    body = (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>news</title><id>urn:x</id>"
        f"<updated>2026-04-15T02:00:00Z</updated>{entries}</feed>"
    ).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/atom+xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/feed"
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    main()
