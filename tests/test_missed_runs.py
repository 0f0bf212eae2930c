"""Machines that sleep, clocks that jump: one mail a period and none lost, through the program."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from desk import Desk
from mailserver import MailServer, mail_server
from program import COMMAND, Home, HuggingFace, item, serving

ME = "me@example.org"
CONFIG = """
fetch: {{sources: [huggingface]}}
sources: {{huggingface: {{base_url: '{hub}'}}}}
digests: [{{name: news, to: {me}, send_empty: note, limit: 50, {plan}}}]
mail: {{host: 127.0.0.1, port: {port}, tls: none, from: {me}}}
"""
SEND = ("digest", "send", "--if-due")
STORE = ".local/share/papertrack/papertrack.db"
#: A program lets the system close what it leaves open; in this process it would be a warning.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def number(day: date) -> str:
    return f"{day:%y%m}.{day.day:02}001"


def lists(first: date, days: int) -> HuggingFace:
    """A paper on every working day."""
    every = [first + timedelta(days=n) for n in range(days)]
    return HuggingFace(
        {
            f"{day}": [item(number(day), f"What is new on {day}", day=str(day))]
            for day in every
            if day.weekday() < 5
        }
    )


@contextmanager
def reader(
    folder: Path, plan: str, first: date, days: int = 30
) -> Iterator[tuple[Home, MailServer]]:
    with serving(lists(first, days)) as hub, mail_server() as server:
        home = Home(folder)
        home.configure(CONFIG.format(hub=hub.url, me=ME, plan=plan, port=server.port))
        yield home, server


def runs(home: Home, moments: list[str]) -> None:
    """`digest send --if-due` at each of these, in this process; it ends well and says nothing."""
    for moment in moments:
        desk = Desk(home.path, home.path / STORE, datetime.fromisoformat(moment))
        done = desk(*SEND, offline=False)
        assert (done.code, done.out, done.err) == (0, "", ""), moment


def periods(server: MailServer) -> list[str]:
    """Of each mail that came, from its Message-ID."""
    return [message_from_bytes(body)["Message-ID"].split(".")[1] for _, body in server.taken]


def test_after_nine_days_of_sleep_one_mail_tells_all_that_was_missed(tmp_path: Path) -> None:
    monday = date(2026, 4, 6)
    with reader(tmp_path, 'every: day, at: "07:30", timezone: UTC', monday) as (home, server):
        runs(home, ["2026-04-06T08:00:00Z", "2026-04-15T09:10:00Z", "2026-04-15T09:25:00Z"])

    assert periods(server) == ["2026-04-06", "2026-04-15"]
    missed = [monday + timedelta(days=n) for n in (1, 2, 3, 4, 7, 8, 9)]
    text = message_from_bytes(server.taken[1][1]).get_payload(0).get_payload(decode=True).decode()
    assert [day for day in missed if number(day) not in text] == []
    assert number(monday) not in text


@pytest.mark.parametrize(
    ("sunday", "ticks"),
    [
        ("2026-10-25", ["00:40", "01:40", "02:20"]),  # 02:30 comes twice
        ("2026-03-29", ["00:40", "01:40", "02:20"]),  # 02:30 is skipped
    ],
)
def test_when_the_clock_is_changed_each_day_has_one_mail(
    tmp_path: Path, sunday: str, ticks: list[str]
) -> None:
    day = date.fromisoformat(sunday)
    around = [day - timedelta(days=1), day + timedelta(days=1)]
    plan = 'every: day, at: "02:30", timezone: Europe/Berlin'
    with reader(tmp_path, plan, day - timedelta(days=10)) as (home, server):
        runs(home, [f"{around[0]}T01:40:00Z", *(f"{day}T{tick}:00Z" for tick in ticks)])
        runs(home, [f"{around[1]}T01:40:00Z"])

    assert periods(server) == [str(around[0]), sunday, str(around[1])]


def test_a_clock_that_is_set_back_brings_no_second_mail(tmp_path: Path) -> None:
    with reader(tmp_path, "every: day, timezone: UTC", date(2026, 4, 1)) as (home, server):
        runs(home, [f"2026-04-{day}T12:00:00Z" for day in ("15", "14", "13", "15", "16")])

    assert periods(server) == ["2026-04-15", "2026-04-16"]


def test_a_source_that_fails_for_a_day_makes_nothing_new_again(tmp_path: Path) -> None:
    hub = lists(date(2026, 4, 6), 14)
    with serving(hub), mail_server() as server:
        home = Home(tmp_path)
        plan = "every: day, timezone: UTC"
        home.configure(CONFIG.format(hub=hub.url, me=ME, plan=plan, port=server.port))
        runs(home, ["2026-04-14T12:00:00Z"])
        hub.broken = set(hub.days)
        Home(tmp_path, "2026-04-15T12:00:00Z").run(*SEND)
        hub.broken = set()
        runs(home, ["2026-04-16T12:00:00Z"])

    texts = [message_from_bytes(body).get_payload(0).get_payload() for _, body in server.taken]
    told = [found for text in texts for found in re.findall(r"abs/(\d{4}\.\d{5})", text)]
    assert len(told) == len(set(told))
    assert {number(date(2026, 4, day)) for day in (14, 15, 16)} <= set(told)


def test_who_moves_to_another_zone_gets_each_period_once(tmp_path: Path) -> None:
    with reader(tmp_path, "every: day, timezone: Asia/Tokyo", date(2026, 4, 1)) as (home, server):
        runs(home, ["2026-04-14T23:00:00Z"])  # the 15th, 08:00 in Tokyo
        home.configure(home.config_text.replace("Asia/Tokyo", "America/New_York"))
        runs(home, ["2026-04-15T00:00:00Z", "2026-04-15T12:00:00Z", "2026-04-16T12:00:00Z"])

    assert periods(server) == ["2026-04-15", "2026-04-16"]


def test_a_week_53_and_the_turn_of_the_year_have_one_mail_each(tmp_path: Path) -> None:
    with reader(tmp_path, "every: week, timezone: UTC", date(2026, 12, 14)) as (home, server):
        runs(home, [f"2026-12-{day}T12:00:00Z" for day in (21, 24, 28, 31)])
        runs(home, [f"2027-01-{day:02}T12:00:00Z" for day in (1, 3, 4, 5, 11)])

    assert periods(server) == ["2026-W52", "2026-W53", "2027-W01", "2027-W02"]


@pytest.mark.skipif(not shutil.which("faketime"), reason="faketime is not installed")
def test_by_the_clock_of_the_machine_it_is_the_same(tmp_path: Path) -> None:
    """Without $PAPERTRACK_NOW and without a zone in the configuration, as most people run it."""
    with reader(tmp_path, 'every: day, at: "02:30"', date(2026, 10, 15)) as (home, server):
        for moment in ("24 03:00:00", "25 02:10:00", "25 02:40:00", "25 03:10:00", "26 03:00:00"):
            done = subprocess.run(
                ["faketime", f"2026-10-{moment}", *COMMAND, *SEND],
                env={"HOME": str(home.path), "PATH": os.environ["PATH"], "TZ": "Europe/Berlin"},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert (done.returncode, done.stderr) == (0, "")

    assert periods(server) == ["2026-10-24", "2026-10-25", "2026-10-26"]


def test_a_digest_that_is_overdue_is_told_by_status_too(tmp_path: Path) -> None:
    with reader(tmp_path, "every: day, timezone: UTC", date(2026, 4, 1)) as (home, _):
        runs(home, ["2026-04-15T12:00:00Z"])
        good = home.later(hours=1).run("status", "--check")
        late = home.later(days=1).run("status", "--check")

    assert (good.returncode, good.stdout, good.stderr) == (0, "", "")
    assert late.returncode == 6
    assert "news is overdue since Thursday 16 April, 07:30;" in late.stderr


def test_a_fetch_and_a_digest_in_cron_s_environment_do_what_they_do_in_a_shell(
    tmp_path: Path,
) -> None:
    plan = "every: day, timezone: UTC, topics: [news]"
    with reader(tmp_path, plan, date(2026, 4, 1)) as (home, server):
        topics = 'topics: [{name: news, any: ["what is new"]}]\n'
        home.configure(home.config_text + topics)
        shell = Home(tmp_path / "shell")
        shell.path.mkdir()
        shell.configure(home.config_text)
        bare = {"HOME": str(home.path), "PATH": "/usr/bin:/bin", "PAPERTRACK_NOW": home.now}
        for command in (("fetch",), SEND):
            done = subprocess.run(
                [*COMMAND, *command],
                env=bare,
                cwd="/",
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=60,
                check=False,
            )
            assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
            assert shell.run(*command).returncode == 0

    (_, by_cron), (_, by_hand) = server.taken
    first, second = (
        [part.get_payload() for part in message_from_bytes(mail).get_payload()]
        for mail in (by_cron, by_hand)
    )
    assert first == second


def test_without_a_digest_there_is_nothing_to_be_overdue(tmp_path: Path) -> None:
    done = Home(tmp_path).run("status", "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
