"""Mail by the real cron, and by a real mailer; `.ci/run mail` installs both and asks for these.

They change the crontab of the user who runs them for a minute, so nobody gets them by accident.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from program import Home

from papertrack import demo
from papertrack.store import Store

WANTED = os.environ.get("PAPERTRACK_REAL_PARTS")
pytestmark = pytest.mark.skipif(not WANTED, reason="only where PAPERTRACK_REAL_PARTS is set")
CONFIG = """
fetch: {{sources: []}}
digests:
  - {{name: morning, to: me@example.org, every: day, at: "00:01", timezone: UTC}}
mail: {{transport: maildir, maildir: {box}, from: me@example.org}}
"""


def needs(*programs: str) -> None:
    for name in programs:
        if not shutil.which(name):
            pytest.skip(f"{name} is not installed")


@pytest.fixture
def crontab() -> Iterator[None]:
    """The crontab as it was, afterwards."""
    needs("cron", "crontab")
    if os.geteuid():
        pytest.skip("only root can start cron")
    before = subprocess.run(["crontab", "-l"], capture_output=True, text=True, check=False)
    yield
    if before.returncode:
        subprocess.run(["crontab", "-r"], check=False)
    else:
        subprocess.run(["crontab", "-"], input=before.stdout, text=True, check=True)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    moment, batch = demo.load()
    made = Home(tmp_path, "2026-04-17T20:00:00Z")
    made.configure(CONFIG.format(box=tmp_path / "Maildir"))
    store = Store(str(tmp_path / "papertrack.db"))
    store.add(demo.SOURCE, batch, moment)
    store.close()
    return made


def mails(home: Home) -> list[Path]:
    return sorted((home.path / "Maildir" / "new").glob("*"))


def test_cron_mails_once_however_often_it_runs(home: Home, crontab: None) -> None:
    db = str(home.path / "papertrack.db")
    done = home.run("schedule", "install", "--cron", "--yes", PAPERTRACK_DB=db)
    assert done.returncode == 0, done.stderr
    table = subprocess.run(["crontab", "-l"], capture_output=True, text=True, check=True).stdout
    line = next(one for one in table.splitlines() if "digest send" in one)
    often = f"PAPERTRACK_NOW={home.now}\n* * * * * {line.split(maxsplit=5)[5]}\n"
    subprocess.run(["crontab", "-"], input=often, text=True, check=True)
    daemon = subprocess.Popen(["cron", "-f"])
    try:
        end = time.monotonic() + 75
        while not mails(home) and time.monotonic() < end:
            time.sleep(1)
        time.sleep(61)  # and once more
    finally:
        daemon.terminate()
        daemon.wait(10)
    (mail,) = mails(home)
    assert b"Auto-Submitted: auto-generated" in mail.read_bytes()


class Box:
    """What a mail server was given."""

    def __init__(self) -> None:
        self.letters: list[tuple[list[str], bytes]] = []

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:
        self.letters.append((envelope.rcpt_tos, envelope.content))
        return "250 OK"


def test_a_mailer_of_the_system_takes_the_digest_to_a_server(home: Home) -> None:
    needs("msmtp")
    from aiosmtpd.controller import Controller

    box = Box()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        account = f"account default\nhost 127.0.0.1\nport {port}\nfrom me@example.org\n"
        (home.path / ".msmtprc").write_text(f"{account}tls off\nauth off\n")
        (home.path / ".msmtprc").chmod(0o600)
        mailer = f"transport: sendmail, sendmail: {shutil.which('msmtp')}"
        text = CONFIG.format(box=home.path / "Maildir")
        home.configure(text.replace("transport: maildir", mailer))
        done = home.run("digest", "send", PAPERTRACK_DB=str(home.path / "papertrack.db"))
    finally:
        server.stop()
    assert (done.returncode, done.stderr) == (0, "")
    ((recipients, letter),) = box.letters
    assert recipients == ["me@example.org"]
    assert b"Auto-Submitted: auto-generated" in letter
