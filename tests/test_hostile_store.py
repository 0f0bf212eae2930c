"""A store full of what strangers wrote, and every command over it: nothing acts on a terminal."""

import io
import json
import re
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from builders import NOW, TODAY, seen
from desk import Desk, Done
from fakes import FakeSource, FrozenClock
from hypothesis import given, settings
from test_cli import commands
from test_faces import quiet
from test_hostile import NASTY, OWN, full_of, texts
from test_secrets import ID, WORDS

from papertrack import completing
from papertrack.cli.console import Console
from papertrack.completing import own
from papertrack.errors import SourceUnavailableError
from papertrack.letters import Draft, NewIssue, State
from papertrack.models import UPVOTES, Listing
from papertrack.render import FORMATS
from papertrack.reports import Batch
from papertrack.store import Store
from papertrack.text import repair
from papertrack.update import update

NAMES = [name for name, _ in commands()]
NUMBER = "2604.00001"
CONFIG = {
    "topics": [{"name": "all", "any": ["a", "good", "evil", "long"]}],
    "digests": [{"name": "morning", "to": ["me@example.org"], "topics": ["all"]}],
    "mail": {"from": "me@example.org", "transport": "maildir", "maildir": "mail"},
}
#: What each paper says in all of its fields; length is test_hostile.py's concern.
TOLD = [text for text in NASTY if len(text) < 1_000]
#: What a service, a mail server and the name of a machine say.
SAID = " and ".join(TOLD)


def number(place: int) -> str:
    return f"2604.{place:05}"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Papers, listings, marks, letters and failures that say each of the texts."""
    path = tmp_path_factory.mktemp("hostile") / "papertrack.db"
    with closing(Store(str(path))) as store:
        kept = [repair(text) for text in TOLD]  # as every source and importer does
        told = [full_of(f"{text} {place}").entry for place, text in enumerate(kept, 1)]
        papers = {
            number(place): replace(
                one.paper, id=f"arxiv:{number(place)}", arxiv_id=number(place), published_at=NOW
            )
            for place, one in enumerate(told, 1)
        }
        lists = [
            Listing(
                paper_id=f"arxiv:{key}",
                source="huggingface",
                list_date=TODAY,
                submitted_at=NOW,
                submitted_by=f"{text} {key}",
            )
            for key, text in zip(papers, kept, strict=True)
        ]
        votes = [seen(UPVOTES, place, NOW, key) for place, key in enumerate(papers)]
        batch = Batch(
            papers=tuple(papers.values()),
            listings=tuple(lists),
            observations=tuple(votes),
            lists=(TODAY,),
        )
        store.add("huggingface", batch, NOW)
        store.set_states(
            {
                f"arxiv:{key}": one.state._replace(saved_at=NOW)
                for key, one in zip(papers, told, strict=True)
            }
        )
        dead = FakeSource([SourceUnavailableError(SAID)], "arxiv")
        list(update([dead], store, [TODAY], clock=FrozenClock(NOW)))
        letter = Draft(recipient="me@example.org", message_id="<1@x>", message=b"x")
        issue = store.outbox.freeze(
            NewIssue(
                digest="morning",
                period="2026-04-15",
                opened_at=NOW,
                host=SAID,
                papers=tuple(one.id for one in papers.values()),
                watched=(),
                letters=(letter,),
            )
        )
        for one in store.outbox.letters(issue.id):
            store.outbox.end(one.id, State.FAILED, SAID, NOW)
    return path


@pytest.fixture
def reader(hostile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(json.dumps(CONFIG))
    (tmp_path / "ids.txt").write_text(f"{NUMBER}\n")
    (tmp_path / "own.db").write_bytes(hostile.read_bytes())
    return Desk(tmp_path, tmp_path / "own.db")


def asked(reader: Desk, *words: str, terminal: bool = False) -> Done:
    config = str(reader.home / "config.yaml")
    done = reader(*words, terminal=terminal, verbose=True, config_flag=config)
    assert quiet(OWN.sub("", done.out)), words
    assert quiet(done.err), words
    assert "Traceback" not in done.err
    assert "bug in papertrack" not in done.err
    return done


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", NAMES)
def test_no_command_lets_a_stranger_s_text_act(name: str, reader: Desk) -> None:
    words = shlex.split(WORDS.get(name, "").replace(ID, NUMBER))
    for terminal in (False, True):
        asked(reader, *name.split(), *words, terminal=terminal)
    for file in reader.home.glob("out.jsonl"):
        assert file.read_bytes().isascii()


@pytest.mark.parametrize("shown", FORMATS)
def test_nor_does_any_format(shown: str, reader: Desk) -> None:
    done = asked(reader, "trending", "-f", shown, "-l", "100", terminal=True)
    assert done.code == 0
    assert done.out.count("\n") >= len(TOLD)


@pytest.mark.parametrize("words", ["digest status", "digest status --json", "digest preview"])
def test_what_came_is_there_and_does_nothing(words: str, reader: Desk) -> None:
    assert "Evil" in asked(reader, *words.split()).out


@pytest.mark.parametrize("words", ["status", "status --json"])
def test_a_failure_of_a_source_is_told_on_its_line(words: str, reader: Desk) -> None:
    assert "Evil" in asked(reader, *words.split()).out


# -- the shell ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tagged(hostile: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(hostile, isolation_level=None)) as store:
        yield store
        store.execute("UPDATE papers SET title = 'x'")


@pytest.mark.parametrize("shell", completing.SHELLS)
@settings(max_examples=8, deadline=None)
@given(text=texts)
def test_what_is_completed_is_words_and_one_line_each(
    text: str, shell: str, hostile: Path, tagged: sqlite3.Connection
) -> None:
    tagged.execute("UPDATE papers SET title = ?", (repair(text),))
    tagged.execute("UPDATE OR REPLACE tags SET tag = ?", (repair(text),))
    env = {"_PAPERTRACK_COMPLETE": shell, "HOME": str(hostile.parent)}
    for line in (["show", ""], ["unsave", ""], ["untag", ""], ["trending", "--tag", ""]):
        for word, meaning in completing.suggestions(["--db", str(hostile), *line], env):
            assert re.fullmatch(r"[\w./+-]+", word, re.ASCII)
            assert quiet(meaning)
            assert not re.search(r"[\t\n\r]", meaning)
    assert shell == "bash" or list(own._papers("", "", ["--db", str(hostile)], env))


# -- sentences ---------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(text=texts)
def test_a_sentence_is_one_line_and_does_nothing(text: str) -> None:
    err = io.StringIO()
    console = Console(stdout=io.StringIO(), stderr=err, env={}, verbose=True)
    for say in (console.error, console.note, console.detail):
        say(f"It said {text}")
    assert err.getvalue().count("\n") == len(err.getvalue().splitlines()) == 3
    assert quiet(err.getvalue())


# -- files for programs ------------------------------------------------------------------------


def test_parquet_holds_the_texts_as_they_came(reader: Desk) -> None:
    pq = pytest.importorskip("pyarrow.parquet", reason="the extra `parquet` is not installed")
    done = asked(reader, "export", "--parquet", str(reader.home / "lake"))
    assert done.code == 0
    found = pq.read_table(reader.home / "lake" / "papers", columns=["title"])
    with closing(sqlite3.connect(reader.store)) as store:
        titles = [title for (title,) in store.execute("SELECT title FROM papers")]
    assert sorted(found.column("title").to_pylist()) == sorted(titles)
