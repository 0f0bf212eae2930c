"""Where the program runs: a bare environment, few resources, odd clocks, a narrow screen."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from program import COMMAND, Home, HuggingFace, serving, week

needs_faketime = pytest.mark.skipif(not shutil.which("faketime"), reason="faketime is missing")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("filled"))
    days = week()
    days["2026-04-15"][0]["paper"]["title"] = "Größe der Welt 世界 \U0001f525"
    with serving(HuggingFace(days)) as world:
        home.asks(world.url)
        assert home.run("fetch").returncode == 0
    return home


def run(
    words: str, env: dict[str, str], before: str = "", **more: object
) -> "subprocess.CompletedProcess[str]":
    """With this environment and no other; `before` is said to the shell first."""
    line = f"{before} exec {' '.join(COMMAND)} {words}"
    done = subprocess.run(
        ["bash", "-c", line],
        env={"PATH": "/usr/bin:/bin", **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert "bug in papertrack" not in done.stderr
    return done


def test_without_a_home_it_says_what_to_name(tmp_path: Path) -> None:
    bare = run("trending --offline", {})
    assert bare.returncode in (1, 2, 3, 4)
    assert bare.stderr.count("\n") <= 2
    gone = run("trending --offline", {"HOME": "/nonexistent"})
    assert gone.returncode in (1, 3)
    assert run("--demo trending -f ids", {}).returncode == 0


@pytest.mark.parametrize("lang", ["C", "POSIX", "de_DE.ISO-8859-1", "xx_XX.none"])
def test_in_any_language_titles_are_shown(filled: Home, lang: str) -> None:
    env = filled.env(LC_ALL=lang, LANG=lang)
    for words in ("daily 2026-04-15 --offline -f table", "daily 2026-04-15 --offline -f tsv"):
        done = run(words, env)
        assert done.returncode == 0
        assert "2604.15001" in done.stdout
    told = run("daily 2026-04-15 --offline --json", env)
    assert json.loads(told.stdout)


@pytest.mark.parametrize("words", ["trending --offline -f table", "--demo trending", "status"])
def test_few_files_may_be_open(filled: Home, words: str) -> None:
    assert run(words, filled.env(), "ulimit -n 16;").returncode == 0


@pytest.mark.parametrize("megabytes", [60, 120, 400])
def test_little_memory_is_enough_or_told(filled: Home, megabytes: int) -> None:
    limit = f"ulimit -v {megabytes * 1000};"
    done = run("trending --offline -f ids", filled.env(), limit)
    if megabytes == 400:
        assert done.returncode == 0
    assert filled.run("db", "check").returncode == 0


def test_a_file_that_may_not_grow_leaves_the_store_sound(filled: Home) -> None:
    done = run("mark-seen 2604.15001", filled.env(), "trap '' XFSZ; ulimit -f 1;")
    assert done.returncode in (0, 1)
    assert filled.run("db", "check").returncode == 0


def test_forty_columns_are_enough(filled: Home) -> None:
    for words in ("trending --offline -f table", "show 2604.15001 --offline", "status"):
        done = run(words, filled.env(COLUMNS="40", TERM="dumb"))
        assert done.returncode == 0
        assert "\x1b" not in done.stdout
        if words.startswith("trending"):
            assert max(map(len, done.stdout.splitlines())) <= 40


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kathmandu", "nowhere"])
def test_in_any_zone_the_list_is_the_same(filled: Home, zone: str) -> None:
    here = run("trending --offline -f ids", filled.env(TZ="UTC")).stdout
    assert here
    assert run("trending --offline -f ids", filled.env(TZ=zone)).stdout == here


@needs_faketime
@pytest.mark.parametrize(
    "moment",
    ["2026-03-29 01:59:58", "2026-10-25 02:59:58", "2026-12-31 23:59:58", "2028-02-29 12:00:00"],
)
def test_at_the_edges_of_the_calendar_it_runs(filled: Home, moment: str) -> None:
    """The machine's own clock, in Berlin, where summer time comes and goes."""
    env = {**filled.env(TZ="Europe/Berlin"), "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    del env["PAPERTRACK_NOW"]
    done = subprocess.run(
        ["faketime", moment, *COMMAND, "daily", "today", "--offline"],
        env={**env, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode in (0, 3)
    assert "Traceback" not in done.stderr
    assert "bug in papertrack" not in done.stderr
