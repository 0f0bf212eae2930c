"""Mail by the real cron, opened in a real mail reader; `.ci/run mail` installs and asks for these.

They change the crontab of the user who runs them for a minute, so nobody gets them by accident.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

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


def test_a_mail_reader_lists_the_digest(home: Home) -> None:
    needs("neomutt", "script")
    db = str(home.path / "papertrack.db")
    assert home.run("digest", "send", PAPERTRACK_DB=db).returncode == 0
    screen = home.path / "screen"
    command = f"timeout 5 neomutt -R -n -F /dev/null -f {home.path}/Maildir"
    subprocess.run(
        ["script", "-qc", command, str(screen)],
        env={"PATH": os.environ["PATH"], "HOME": str(home.path), "TERM": "xterm"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert "morning: 15 new papers" in screen.read_text(errors="replace")
