"""Completion: what may stand where the cursor is, in the shells themselves."""

import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from builders import NOW, paper
from program import Home
from test_architecture import HEAVY

from papertrack import completing
from papertrack.completing import own
from papertrack.reports import Batch
from papertrack.store import Store

CONFIG = """
topics:
  - {name: agents, any: [agent]}
digests:
  - {name: morning, to: me@example.org}
"""
DANCE, WILD = "2604.14148", "2604.08626"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Home:
    made = Home(tmp_path_factory.mktemp("completion"), "2026-04-17T20:00:00Z")
    made.configure(CONFIG)
    place = made.path / ".local" / "share" / "papertrack" / "papertrack.db"
    place.parent.mkdir(parents=True)
    shutil.copy(sample, place)
    for line in (f"save {DANCE}", f"tag to-read {DANCE}", f"hide {WILD}"):
        assert made.run(*line.split(), "--offline").returncode == 0
    programs = made.path / "bin"
    programs.mkdir()
    (programs / "papertrack").write_text(f'#!/bin/sh\nexec {sys.executable} -m papertrack "$@"\n')
    (programs / "papertrack").chmod(0o755)
    return made


def offered(home: Home, line: str, shell: str = "zsh") -> list[str]:
    """What is offered for the last word of a line."""
    done = home.run(*line.split(" "), _PAPERTRACK_COMPLETE=shell)
    assert (done.returncode, done.stderr) == (0, "")
    return [one.partition("\t")[0] for one in done.stdout.splitlines()]


# -- what is offered --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("tren", ["trending"]),
        ("digest s", ["send", "status"]),
        ("--demo --db x.db dai", ["daily"]),
        ("trending --abs", ["--abstract"]),
        ("trending --no-c", ["--no-color"]),
        ("trending -f js", ["json", "jsonl"]),
        ("trending --rank=h", ["--rank=hot"]),
        ("trending --fields id,up", ["id,updated_at", "id,upvotes"]),
        ("trending --source hug", ["huggingface"]),
        ("trending --topic ", ["agents"]),
        ("trending --match ", []),
        ("topics a", ["agents"]),
        ("digest preview ", ["morning"]),
        ("fetch arx", ["arxiv"]),
        ("saved --tag ", ["to-read"]),
        ("untag ", ["to-read"]),
        ("unsave ", [DANCE]),
        ("unhide ", [WILD]),
        ("unhide 2604.1", []),
        (f"untag to-read {DANCE}", [DANCE]),
        (f"show {DANCE} {DANCE}", []),
        ("daily y", ["yesterday"]),
        ("daily today ", []),
        ("import ", ["@files"]),
        ("trending -o x", ["@files"]),
        ("download -d ", ["@folders"]),
        ("help trend", ["trending"]),
        ("completion ", ["bash", "zsh", "fish"]),
        ("schema back", ["backtest"]),
        ("nonsense --rank ", []),
    ],
)
def test_words_are_offered_by_their_place(home: Home, line: str, words: list[str]) -> None:
    assert offered(home, line) == words


def test_bash_gets_what_follows_the_sign_at_which_it_breaks_a_word(home: Home) -> None:
    assert offered(home, "trending --rank = ho", "bash") == ["hot"]


def test_papers_come_saved_ones_and_the_newest_first_with_their_titles(home: Home) -> None:
    done = home.run("show", "", _PAPERTRACK_COMPLETE="fish").stdout.splitlines()
    assert 30 < len(done) <= own.MOST
    assert len(set(done)) == len(done)
    assert f"{WILD}\tWildDet3D: Scaling Promptable 3D Detection in the Wild" in done
    first, second, *_ = offered(home, "open ")
    assert first == DANCE
    assert second in home.run("daily", "2026-04-17", "-f", "ids", "--offline").stdout


def test_a_paper_that_is_on_no_list_is_offered_to_who_begins_its_id(home: Home) -> None:
    evil = replace(paper("2604.00001"), id="doi:10.1101/x$(id)", arxiv_id="")
    with closing(Store(str(home.path / ".local/share/papertrack/papertrack.db"))) as store:
        store.add("import", Batch(papers=(paper("1706.03762"), evil)), NOW)
    assert offered(home, "show 17") == ["1706.03762"]
    assert offered(home, "show 10.1101/x") == []  # a shell would run it


def test_what_is_wrong_is_no_noise(home: Home, tmp_path: Path) -> None:
    empty = Home(tmp_path)
    assert offered(empty, "show ") == []
    assert offered(empty, "trending --topic ") == []
    (tmp_path / "x.db").write_text("no database")
    assert offered(empty, f"--db {tmp_path / 'x.db'} show ") == []
    empty.configure("topics: [\n")
    assert offered(empty, "trending --topic ") == []


def test_names_and_the_store_are_read_as_a_configuration_is_mostly_written(home: Home) -> None:
    other = Home(home.path / "other")
    place = home.path / ".local/share/papertrack/papertrack.db"
    other.configure(
        "# topics: [{name: no}]\n"
        f"store:\n  path: '{place}'  # here\n"
        'topics:\n- any: [x]\n  name: "one"  # first\n\n  # - name: not\n'
        "- {any: [name], name: two}\n-\n  name: three-3\nmail: {from: a@b.example}\n"
        "digests: [{to: a@b.example, name: daily}]\n"
    )
    assert offered(other, "trending --topic ") == ["one", "two", "three-3"]
    assert offered(other, "digest send ") == ["daily"]
    assert DANCE in offered(other, "unsave ")


def test_neither_typer_nor_the_store_nor_yaml_is_loaded_for_an_id(home: Home) -> None:
    modules = loaded_for(home, "show", "26")
    assert not {"typer", "rich", "dataclasses", "papertrack.store", "papertrack.cli"} & modules
    assert not HEAVY & modules


def loaded_for(home: Home, *words: str) -> set[str]:
    code = (
        "import json, os, sys; leave = os._exit\n"
        "os._exit = lambda code: (print('\\n' + json.dumps(list(sys.modules)), flush=True), "
        "leave(code))\n"
        "from papertrack.__main__ import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        env=home.env(_PAPERTRACK_COMPLETE="bash"),
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


# -- the shells -------------------------------------------------------------------------------


def environment(home: Home) -> dict[str, str]:
    path = f"{home.path / 'bin'}:{os.environ['PATH']}"
    return home.env(PATH=path, TERM="xterm", PS1="> ", HISTFILE="/dev/null")


def typed(home: Home, command: list[str], setup: str, line: str, until: str) -> str:
    """The screen when a text has come that was awaited after a line and Tab were typed."""
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    child, terminal = pty.fork()
    if not child:
        os.chdir(home.path)
        os.execvpe(command[0], command, environment(home))
    os.write(terminal, f"{setup}; echo rea''dy\n".encode())
    heard(terminal, "ready")
    os.write(terminal, line.encode())
    screen = heard(terminal, until)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(terminal)
    return screen


def heard(terminal: int, awaited: str) -> str:
    """What comes until it holds what is awaited, for 20 seconds at most."""
    told, end = "", time.monotonic() + 20
    while awaited not in told and time.monotonic() < end:
        if select.select([terminal], [], [], 1)[0]:
            told += os.read(terminal, 65536).decode("utf-8", "replace")
            told = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x07", "", told)
    return told


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("tren\t--rank velo\t", "papertrack trending --rank velocity"),
        ("unsave 26\t", "unsave 2604.14148"),
        ("trending --rank=velo\t", "--rank=velocity"),
        ("trending -o .con\t", "-o .config/"),
    ],
)
def test_bash_completes(home: Home, line: str, shown: str) -> None:
    setup = 'eval "$(papertrack completion bash)"; bind "set enable-bracketed-paste off"'
    command = ["bash", "--norc", "--noprofile", "-i"]
    assert shown in typed(home, command, setup, f"papertrack {line}", shown)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("tren\t", "papertrack trending"),
        ("trending --topic=a\t", "--topic=agents"),
        ("show 2604.08\t\t", "WildDet3D"),
    ],
)
def test_zsh_completes_and_shows_titles_beside_ids(home: Home, line: str, shown: str) -> None:
    setup = 'autoload -Uz compinit; compinit -u -D; eval "$(papertrack completion zsh)"'
    assert shown in typed(home, ["zsh", "-f", "-i"], setup, f"papertrack {line}", shown)


def test_fish_completes_and_shows_titles_beside_ids(home: Home) -> None:
    if not shutil.which("fish"):
        pytest.skip("fish is not installed")
    done = subprocess.run(
        [
            *("fish", "--no-config", "-c"),
            "papertrack completion fish | source; complete -C 'papertrack show 2604.08'; "
            "complete -C 'papertrack trending --format=js'; complete -C 'papertrack import .c'",
        ],
        env=environment(home),
        cwd=home.path,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "2604.08626\tWildDet3D" in done.stdout
    assert "--format=jsonl\n" in done.stdout
    assert ".config/" in done.stdout
    assert done.stderr == ""


def test_a_shell_that_is_not_known_is_told(home: Home) -> None:
    done = home.run("completion", "zhs")
    assert (done.returncode, "did you mean zsh?" in done.stderr) == (2, True)
    assert home.run("completion", "bash").stdout == completing.script("bash")
