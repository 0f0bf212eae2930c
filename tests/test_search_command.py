"""`papertrack search` as it is typed."""

import json
import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from builders import paper, ranked
from fakes import FakeService, Said, on_loopback
from program import NOWHERE, Home, item

from papertrack.render.table import Terminal, table


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_a_record_says_its_place_its_score_and_where_it_was_found(home: Home) -> None:
    done = home.run("--demo", "search", "world", "model", "--json", "-l", "2")
    first, second = json.loads(done.stdout)

    assert (first["rank"], first["score"], second["rank"]) == (1, 100.0, 2)
    assert first["score"] >= second["score"]
    assert "World Model" in first["title"]
    assert first["contributions"][0]["signal"] == "relevance"
    assert first["contributions"][0]["reason"].startswith("title: ")
    assert done.stderr == ""


def test_the_part_of_the_abstract_that_was_found_is_below_the_title(home: Home) -> None:
    done = home.run("--demo", "search", "gaussian", "splats", "-f", "table", COLUMNS="200")

    assert "Turns words, photos or footage into 3D worlds made of Gaussian splats" in done.stdout
    assert "\x1b" not in done.stdout


def test_on_a_terminal_the_words_are_highlighted() -> None:
    found = ranked(paper(title="Worlds of [bold]world[/] models"), matched=("world",))
    drawn = table([found], Terminal(width=80, color=True))

    assert re.search(r"\x1b\[[0-9;]*33m\S*world\x1b", drawn)  # yellow
    assert "Worlds of" in re.sub(r"\x1b\[[0-9;]*m", "", drawn)


@pytest.mark.parametrize("unwanted", [["-video"], ["--", "-video"], ["−video"]])
def test_a_word_with_a_minus_is_no_option(home: Home, unwanted: list[str]) -> None:
    with_it = home.run("--demo", "search", "generation", "-f", "ids").stdout.split()
    done = home.run("--demo", "search", "-fids", "-l50", "generation", *unwanted)

    assert set(done.stdout.split()) < set(with_it)


def test_a_misspelt_word_is_mended_and_said(home: Home) -> None:
    done = home.run("--demo", "search", "trasnformers", "-f", "ids")

    assert done.stderr == "Searched for 'transformers' instead of 'trasnformers'.\n"
    assert done.stdout


def test_nothing_found_is_no_failure(home: Home) -> None:
    done = home.run("--demo", "search", "zebra giraffe", "--json")

    assert (done.returncode, done.stdout.strip()) == (0, "[]")
    assert done.stderr.startswith("No stored paper answers 'zebra giraffe'.")


@pytest.mark.parametrize("order", ["new", "upvotes", "trending", "relevance"])
def test_orders(home: Home, order: str) -> None:
    done = home.run("--demo", "search", "video generation", "--sort", order, "--json")
    found = json.loads(done.stdout)

    assert [one["rank"] for one in found] == list(range(1, len(found) + 1))
    if order == "new":
        assert (days := [one["published_at"] for one in found]) == sorted(days, reverse=True)
    if order == "upvotes":
        votes = [one["upvotes"] for one in found]
        assert votes == sorted(votes, reverse=True)


def test_hugging_face_is_asked_where_that_is_wanted_and_its_papers_stay(home: Home) -> None:
    found = [item("2604.00001", "Zebras in the wild"), item("2604.00002", "Stripes")]
    target = f"/api/papers/search?{urlencode({'q': 'zebras', 'limit': 50})}"
    service = FakeService({target: Said(json.dumps(found).encode())})
    with on_loopback(service) as url:
        home.asks(url)
        first = home.run("search", "zebras -lions", "--remote", "-f", "ids")
    again = home.run("search", "zebras", "--offline", "-f", "ids")

    assert first.stdout.split() == again.stdout.split() == ["2604.00001"]
    assert "Hugging Face finds 2 papers; 2 of them are new here." in first.stderr


def test_who_is_offline_cannot_ask_elsewhere(home: Home) -> None:
    done = home.run("--demo", "search", "zebras", "--remote")

    assert done.returncode == 2
    assert "leave one out" in done.stderr


def test_a_dead_service_leaves_what_is_stored(home: Home) -> None:
    (home.path / "ids.txt").write_text("@article{a, title={Zebras and their stripes}, year=2025}")
    home.asks(NOWHERE).run("import", "ids.txt", "--offline")
    done = home.run("search", "zebras", "--remote", "--json")

    assert (done.returncode, len(json.loads(done.stdout))) == (0, 1)
    assert "These are the papers that were stored before." in done.stderr


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["trending", "--source", "arxiv"], 0, "not read into the sample; leave out --demo"),
        (["--db", "x.db", "trending"], 2, "--db names one; leave one out."),
    ],
)
def test_a_demo_sends_nobody_to_what_it_forbids(
    home: Home, args: list[str], code: int, said: str
) -> None:
    done = home.run("--demo", *args)

    assert (done.returncode, said in " ".join(done.stderr.split())) == (code, True)
