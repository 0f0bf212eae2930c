"""Weeks of a life: two lines of cron and a user at once, while services and mail fail and processes
are killed. All of it is drawn from a seed. At the end nothing is lost, repeated or grown.
"""

import email
import random
import re
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from mailserver import (
    ACK_LOST,
    BUSY,
    GONE_EARLY,
    GONE_MIDWAY,
    GREYLISTED,
    NOT_NOW,
    QUIT_LOST,
    MailServer,
    mail_server,
)
from program import COMMAND, Home, HuggingFace, item, serving

FAULTS = (BUSY, GREYLISTED, NOT_NOW, GONE_EARLY, GONE_MIDWAY, ACK_LOST, QUIT_LOST)
READERS = ("me@example.org", "you@example.org")
FIRST = date(2026, 3, 2)  # a Monday; summer time comes within the month
A_DAY = 3
USER = ("trending", "search agent", "save {}", "status", "daily", "db stats", "mark-seen {}")


def number(day: date, n: int) -> str:
    return f"{day:%y%m}.{day.day:02}{n:03}"


@dataclass
class Life:
    """A machine, and the world around it."""

    home: Home
    world: HuggingFace
    server: MailServer
    chance: random.Random

    def day(self, today: date) -> None:
        """What happens on a day: at noon the cron lines and the user start at once."""
        if today.weekday() < 5:
            papers = [item(number(today, n), votes=n, day=str(today)) for n in range(A_DAY)]
            self.world.days[str(today)] = papers
        self.world.broken = {str(today)} if self.chance.random() < 0.2 else set()
        self.server.faults[:] = self.chance.choices(FAULTS, k=self.chance.choice((0, 0, 1, 2)))
        asked = self.chance.choice(USER).format(number(FIRST, 0))
        self.at_once(f"{today}T12:00:00Z", "fetch", "digest send --if-due", asked)
        self.world.broken = set()
        self.at_once(f"{today}T18:00:00Z", "digest send --if-due", "fetch")

    def at_once(self, now: str, *commands: str) -> None:
        home = Home(self.home.path, now=now)
        running = [
            subprocess.Popen(
                [*COMMAND, *command.split()],
                env=home.env(),
                cwd=home.path,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
            for command in commands
        ]
        if self.chance.random() < 0.25:
            time.sleep(self.chance.random())
            how = self.chance.choice((signal.SIGKILL, signal.SIGTERM, signal.SIGINT))
            self.chance.choice(running).send_signal(how)
        for one in running:
            _, err = one.communicate(timeout=60)
            assert b"Traceback" not in err, err.decode()
            assert b"bug in papertrack" not in err, err.decode()

    def told(self, reader: str) -> tuple[Counter[str], dict[str, set[bytes]]]:
        """In how many issues each paper was, and the bodies of each issue by its Message-ID."""
        bodies: dict[str, set[bytes]] = {}
        papers: Counter[str] = Counter()
        for raw in self.server.bodies(reader):
            message = email.message_from_bytes(raw)
            if message["Message-ID"] not in bodies:
                [plain, _] = message.get_payload()
                said = plain.get_payload(decode=True).decode()
                papers.update(set(re.findall(r"arxiv\.org/abs/(\d{4}\.\d{5})", said)))
            bodies.setdefault(message["Message-ID"], set()).add(raw)
        return papers, bodies


def lived(folder: Path, days: int, seed: int) -> None:
    with serving(HuggingFace()) as world, mail_server() as server:
        home = Home(folder)
        home.configure(
            "fetch: {sources: [huggingface]}\n"
            f"sources: {{huggingface: {{base_url: '{world.url}'}}}}\n"
            f"digests: [{{name: morning, to: [{', '.join(READERS)}], timezone: UTC, limit: 50}}]\n"
            f"mail: {{host: 127.0.0.1, port: {server.port}, tls: none, from: owner@example.org}}\n"
        )
        life = Life(home, world, server, random.Random(seed))
        for n in range(days):
            life.day(FIRST + timedelta(days=n))
        last = FIRST + timedelta(days=days)
        server.faults.clear()
        for hours in (6, 30, 54):
            end = Home(folder, now=f"{last}T00:00:00Z").later(hours=hours)
            assert end.run("fetch").returncode == 0
            assert end.run("digest", "send", "--if-due").returncode == 0
        # Who has not got an issue before the next was due gets it when a person says so.
        assert end.run("digest", "retry").returncode == 0
        _check(life, {one["paper"]["id"] for day in world.days.values() for one in day})


def _check(life: Life, all_papers: set[str]) -> None:
    with closing(sqlite3.connect(life.home.path / ".local/share/papertrack/papertrack.db")) as db:
        stored = {row[0] for row in db.execute("SELECT arxiv_id FROM papers")}
    assert all_papers <= stored
    for reader in READERS:
        papers, bodies = life.told(reader)
        assert {len(same) for same in bodies.values()} == {1}
        assert set(papers) >= all_papers
        assert {paper: times for paper, times in papers.items() if times > 1} == {}
    checked = life.home.run("db", "check")
    assert (checked.returncode, checked.stderr) == (0, "")
    kept = [path for path in life.home.files if ".tmp" in path.name]
    assert kept == []
    assert len(life.home.files) < 20
    assert sum(path.stat().st_size for path in life.home.files) < 20_000_000


def test_weeks_of_faults_lose_no_paper_and_repeat_no_mail(tmp_path: Path) -> None:
    lived(tmp_path, days=3, seed=1)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(3))
def test_so_it_is_after_two_months(tmp_path: Path, seed: int) -> None:
    lived(tmp_path, days=60, seed=seed)
