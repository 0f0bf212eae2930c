"""`digest preview`: a digest is looked at as it would be mailed, and nothing is left behind."""

import email
import re
from datetime import UTC, datetime
from email.policy import default
from pathlib import Path

import pytest
from program import NOWHERE, Home, HuggingFace, serving, week

from papertrack.errors import Exit
from papertrack.letters import NewIssue
from papertrack.store import Store

CONFIG = """\
fetch: {{sources: [huggingface]}}
sources: {{huggingface: {{base_url: '{url}'}}}}
topics: [{{name: summing, any: ['what 2604*']}}]
digests:
  - {{name: morning, to: [you@example.net, they@example.net], timezone: Europe/Berlin, limit: 4}}
  - {{name: weekly, to: you@example.net, every: fri, topics: summing, timezone: UTC, limit: 2}}
mail: {{from: me@example.org, domain: mail.example.org}}
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_the_demo_has_a_digest_and_leaves_nothing_behind(home: Home) -> None:
    done = home.run("--demo", "digest", "preview")
    assert done.returncode == 0
    assert done.stdout.startswith("demo: 15 new papers\nFriday 17 April 2026")
    assert not done.stderr
    assert not home.files


def test_the_command_in_a_mail_shows_what_it_left_out(home: Home) -> None:
    told = home.run("--demo", "digest", "preview").stdout
    found = re.search(r"(\d+) more: papertrack (.+)", told)
    assert found
    shown = home.run("--demo", *found[2].split(), "-f", "ids").stdout.split()
    there = re.findall(r"arxiv\.org/abs/(\S+)", told)
    assert len(set(shown) - set(there)) == int(found[1]) > 20
    assert len(there) == 15


def test_the_whole_mail_can_be_read_by_a_mail_program(home: Home) -> None:
    with serving(HuggingFace(week())) as world:
        home.configure(CONFIG.format(url=world.url))
        done = home.run("digest", "preview", "morning", "--eml")
    message = email.message_from_string(done.stdout, policy=default)
    assert message["To"] == "you@example.net"
    assert message["Message-ID"] == "<morning.2026-04-15.preview@mail.example.org>"
    assert message["List-Id"] == "<morning.papertrack.mail.example.org>"
    assert message["List-Unsubscribe"] == "<mailto:me@example.org?subject=unsubscribe%20morning>"
    assert message["Subject"] == "morning: 4 new papers, Wed 15 Apr 2026"


def test_a_preview_is_no_issue(home: Home) -> None:
    with serving(HuggingFace(week())) as world:
        home.configure(CONFIG.format(url=world.url))
        first, second = (home.run("digest", "preview", "weekly") for _ in range(2))
    assert first.stdout == second.stdout
    assert "2. Paper 2604.1500" in first.stdout
    assert "On summing" in first.stdout
    assert "due on Friday 17 April 2026 at 07:30 UTC" in first.stdout


def test_what_an_issue_has_told_is_not_in_the_next_preview(home: Home) -> None:
    with serving(HuggingFace(week())) as world:
        home.configure(CONFIG.format(url=world.url))
        home.run("fetch")
    (database,) = home.path.rglob("papertrack.db")
    store = Store(str(database))
    yesterday = datetime(2026, 4, 14, 6, tzinfo=UTC)
    told = tuple(f"arxiv:2604.{day}00{n}" for day in (15, 14) for n in (1, 2))
    issue = NewIssue(
        digest="morning", period="2026-04-14", opened_at=yesterday, host="x", papers=told
    )
    store.outbox.freeze(issue)
    store.close()
    done = home.run("--offline", "digest", "preview", "morning")
    assert "What is new since Tuesday 14 April, 08:00." in done.stdout
    assert "2604.13002" in done.stdout
    assert "2604.14002" not in done.stdout
    assert "2604.15001" not in done.stdout


def test_html_goes_into_the_file(home: Home) -> None:
    done = home.run("--demo", "digest", "preview", "demo", "--html", "page.html")
    assert (done.returncode, done.stdout) == (0, "")
    assert (home.path / "page.html").read_text().startswith("<!doctype html>")


def test_a_source_that_fails_is_named_in_the_footer(home: Home) -> None:
    with serving(HuggingFace(week(), broken={"2026-04-14"})) as world:
        home.configure(CONFIG.format(url=world.url))
        done = home.run("digest", "preview", "morning")
    assert done.returncode == 0
    assert "Paper 2604.15001" in done.stdout
    assert done.stdout.count("Not complete: 127.0.0.1") == 1


def test_a_source_that_is_down_is_named_with_when_it_was_last_read(home: Home) -> None:
    with serving(HuggingFace(week())) as world:
        home.configure(CONFIG.format(url=world.url))
        home.run("fetch")
    done = home.later(hours=5).run("digest", "preview", "morning")
    said = " ".join(done.stdout.split())
    assert "Not complete: huggingface could not be read (last read 5 hours ago): 127.0.0.1" in said
    assert "Paper 2604.15001" in done.stdout


def test_where_nobody_answers_and_nothing_is_stored_it_says_so(home: Home) -> None:
    home.configure(CONFIG.format(url=NOWHERE))
    done = home.run("digest", "preview", "morning")
    assert done.returncode == Exit.NOTHING
    assert "Nothing is stored yet" in done.stderr
    assert not done.stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("digest preview", Exit.USAGE, "There are several digests; name one of morning, weekly."),
        ("digest preview mourning", Exit.USAGE, "did you mean morning?"),
        ("digest preview weekly --eml --open", Exit.USAGE, "exclude each other"),
    ],
)
def test_wrong_words_are_told(home: Home, words: str, code: Exit, said: str) -> None:
    home.configure(CONFIG.format(url=NOWHERE))
    done = home.run(*words.split())
    assert done.returncode == code
    assert said in done.stderr


def test_without_a_digest_it_says_where_to_write_one(home: Home) -> None:
    done = home.run("digest", "preview")
    assert done.returncode == Exit.CONFIG
    assert "config.yaml, as `papertrack config init --stdout` shows it." in done.stderr
