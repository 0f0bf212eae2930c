"""`papertrack digest send, status, retry, test` as cron runs them: exit codes, and silence."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path
from typing import Any

import mailserver
import pytest
from mailserver import MailServer, mail_server
from program import COMMAND, NOWHERE, Home, HuggingFace, serving, week

from papertrack.outbox.lock import only_one

ME, YOU = "me@example.org", "you@example.org"
CANARY = "canary-51ce-never-shown"
CONFIG = """
fetch: {{sources: [huggingface]}}
sources: {{huggingface: {{base_url: '{hub}'}}}}
digests:
  - name: morning
    to: [{to}]
    timezone: UTC
mail: {{host: 127.0.0.1, port: {port}, tls: none, timeout: 1s, from: owner@example.org{more}}}
"""


@contextmanager
def reader(
    folder: Path, *faults: str, to: str = f"{ME}, {YOU}", more: str = "", **options: Any
) -> Iterator[tuple[Home, MailServer]]:
    """A user with a digest, the papers of a week, and a mail server."""
    with serving(HuggingFace(week())) as hub, mail_server(*faults, **options) as server:
        home = Home(folder)
        home.configure(CONFIG.format(hub=hub.url, port=server.port, to=to, more=more))
        yield home, server


def test_cron_mails_what_is_due_once_and_says_nothing(tmp_path: Path) -> None:
    with reader(tmp_path) as (home, server):
        ticks = [home.later(hours=n).run("digest", "send", "--if-due") for n in range(3)]

    assert [(one.returncode, one.stdout, one.stderr) for one in ticks] == [(0, "", "")] * 3
    assert [to for to, _ in server.taken] == [ME, YOU]
    message = message_from_bytes(server.bodies(YOU)[0])
    assert (message["To"], message.get_content_type()) == (YOU, "multipart/alternative")
    assert message["Message-ID"].startswith("<morning.2026-04-15.")
    assert message["Message-ID"].endswith("@example.org>")


def test_the_next_day_brings_only_what_is_new(tmp_path: Path) -> None:
    with reader(tmp_path, to=ME) as (home, server):
        home.run("digest", "send", "--if-due")
        assert home.later(days=1).run("digest", "send", "--if-due").returncode == 0
        preview = home.later(days=1).run("digest", "preview")

    assert len(server.bodies(ME)) == 1  # nothing new, and send_empty is never
    assert "2604.1500" not in preview.stdout


def test_a_recipient_who_is_unknown_is_named_on_stderr_with_exit_code_5(tmp_path: Path) -> None:
    with reader(tmp_path, unknown=frozenset([ME])) as (home, server):
        done = home.run("digest", "send", "--if-due")
        server.unknown = frozenset()
        retried = home.run("digest", "retry")

    assert done.returncode == 5
    assert done.stderr == (
        "papertrack: morning: me@example.org did not get the issue of 2026-04-15: 127.0.0.1 said "
        "550 5.1.1 no such user. `papertrack digest retry` sends it once more.\n"
    )
    assert (retried.returncode, retried.stderr) == (0, "")
    assert [len(server.bodies(to)) for to in (ME, YOU)] == [1, 1]


def test_a_server_that_is_away_is_said_with_what_happens_next(tmp_path: Path) -> None:
    with reader(tmp_path, mailserver.BUSY, to=ME) as (home, server):
        done = home.run("digest", "send", "--if-due", "--json")
        assert home.later(minutes=10).run("digest", "send", "--if-due").returncode == 0

    assert done.returncode == 6
    assert "It is tried again after Wednesday 15 April, 12:05." in done.stderr
    report = json.loads(done.stdout)
    assert report["status"] == "error"
    (letter,) = report["digests"][0]["letters"]
    assert (letter["state"], letter["next_try_at"]) == ("pending", "2026-04-15T12:05:00Z")
    assert len(server.bodies(ME)) == 1


def test_status_tells_each_recipient_s_fate_and_what_the_server_said(tmp_path: Path) -> None:
    with reader(tmp_path, mailserver.FINE, unknown=frozenset([YOU])) as (home, _):
        home.run("digest", "send")
        text = home.run("digest", "status").stdout
        report = json.loads(home.run("digest", "status", "--json").stdout)
        check = home.run("digest", "status", "--check")

    assert "me@example.org   sent a moment ago: 250 2.0.0 queued as 7" in text
    assert "you@example.org  failed, 1 attempt: 127.0.0.1 said 550 5.1.1 no such user." in text
    (digest,) = report["digests"]
    assert (report["status"], digest["ok"], digest["next_due"]) == (
        "error",
        False,
        "2026-04-16T07:30:00Z",
    )
    assert [one["state"] for one in digest["issues"][0]["letters"]] == ["sent", "failed"]
    assert (check.returncode, check.stdout) == (6, "")


def test_a_digest_that_is_overdue_fails_the_check(tmp_path: Path) -> None:
    with reader(tmp_path) as (home, _):
        home.run("digest", "send")
        good = home.run("digest", "status", "--check")
        late = home.later(days=1).run("digest", "status", "--check")

    assert (good.returncode, good.stdout, good.stderr) == (0, "", "")
    assert late.returncode == 6
    assert "morning is overdue since Thursday 16 April, 07:30;" in late.stderr


def test_a_dry_run_sends_nothing_and_leaves_no_trace(tmp_path: Path) -> None:
    with reader(tmp_path) as (home, server):
        said = home.run("digest", "send", "--dry-run").stdout
        again = home.run("digest", "send", "--dry-run").stdout

    assert said == again
    assert said.startswith(f"morning: would send the issue of 2026-04-15 to {ME}, {YOU}; papers: ")
    assert server.taken == []


def test_the_last_issue_can_be_had_again_as_it_was(tmp_path: Path) -> None:
    with reader(tmp_path, to=ME) as (home, server):
        home.run("digest", "send")
        home.later(hours=3).run("digest", "send", "--resend")

    assert len(server.bodies(ME)) == 2
    assert len(set(server.bodies(ME))) == 1


def test_a_trial_message_goes_to_yourself(tmp_path: Path) -> None:
    with reader(tmp_path) as (home, server):
        done = home.run("digest", "test")

    assert done.returncode == 0
    assert done.stderr == (
        "A message to owner@example.org was taken: 250 2.0.0 queued as 7. Look whether it "
        "arrives.\n"
    )
    assert [to for to, _ in server.taken] == ["owner@example.org"]


def test_a_trial_says_what_is_in_the_way(tmp_path: Path) -> None:
    with reader(tmp_path, more=", user: me") as (home, _):
        done = home.run("digest", "test", PAPERTRACK_MAIL_PASSWORD=CANARY)

    assert done.returncode == 6
    assert "127.0.0.1" in done.stderr
    assert CANARY not in done.stdout + done.stderr


def test_a_password_that_is_missing_stops_nothing_for_good(tmp_path: Path) -> None:
    with reader(tmp_path, to=ME, more=", user: me") as (home, server):
        done = home.run("digest", "send")
        home.configure(home.config_text.replace(", user: me", ""))
        later = home.run("digest", "send")

    assert done.returncode == 4
    assert "mail.password_command" in done.stderr
    assert later.returncode == 0
    assert len(server.bodies(ME)) == 1


@pytest.mark.parametrize(
    ("mail", "key"),
    [
        ("{}", "mail.from"),
        ("{from: a@example.org, host: mail.example.org, tls: none}", "mail.allow_plain"),
        ("{from: a@example.org, transport: maildir}", "mail.maildir"),
    ],
)
def test_what_the_configuration_lacks_is_named_before_anything_is_asked(
    tmp_path: Path, mail: str, key: str
) -> None:
    home = Home(tmp_path)
    home.configure(
        f"sources: {{huggingface: {{base_url: '{NOWHERE}'}}}}\nfetch: {{sources: [huggingface]}}\n"
        f"digests: [{{name: morning, to: [{ME}]}}]\nmail: {mail}\n"
    )
    done = home.run("digest", "send", "--if-due")

    assert done.returncode == 4
    assert key in done.stderr


def test_without_any_paper_nothing_is_frozen_and_the_next_run_tries_again(tmp_path: Path) -> None:
    with reader(tmp_path, to=ME) as (home, server):
        text = home.config_text
        home.configure(text.replace(text.split("base_url: '")[1].split("'")[0], NOWHERE))
        assert home.run("digest", "send", "--if-due").returncode == 3
        home.configure(text)
        assert home.later(hours=1).run("digest", "send", "--if-due").returncode == 0

    assert len(server.bodies(ME)) == 1


def test_mail_can_go_into_a_folder(tmp_path: Path) -> None:
    with reader(tmp_path, to=ME, more=", transport: maildir, maildir: ~/Mail") as (home, _):
        assert home.run("digest", "send").returncode == 0

    (only,) = (tmp_path / "Mail" / "new").iterdir()
    assert message_from_bytes(only.read_bytes())["To"] == ME


def test_two_runs_at_once_are_one_run(tmp_path: Path) -> None:
    with reader(tmp_path) as (home, server):
        home.run("trending")
        with only_one(str(tmp_path / ".local" / "share" / "papertrack" / "papertrack.db")):
            done = home.run("digest", "send", "--if-due")
        assert home.run("digest", "send", "--if-due").returncode == 0

    assert done.returncode == 75
    assert "try again when it has ended" in done.stderr
    assert len(server.taken) == 2


def test_cron_s_bare_environment_makes_no_difference(tmp_path: Path) -> None:
    with reader(tmp_path, to=ME) as (home, server):
        bare = {"HOME": str(home.path), "PATH": "/usr/bin:/bin", "PAPERTRACK_NOW": home.now}
        done = subprocess.run(
            [*COMMAND, "digest", "send", "--if-due"],
            env=bare,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert len(server.bodies(ME)) == 1


@pytest.mark.parametrize("flag", ["--offline", "--demo"])
def test_what_forbids_the_network_forbids_mail(tmp_path: Path, flag: str) -> None:
    done = Home(tmp_path).run(flag, "digest", "send")

    assert done.returncode == 2
    assert "digest preview" in done.stderr
