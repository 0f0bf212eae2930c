"""From lists to what they lead to: the papers of a topic, and a paper's page."""

import json
from pathlib import Path

import pytest
from desk import Desk

CONFIG = """
topics:
  - {name: agents, any: [agent, "tool use"]}
  - {name: labs, organizations: [ai2, bytedance]}
  - {name: silence, any: [qqqq]}
"""
WILD, DANCE = "2604.08626", "2604.14148"


@pytest.fixture
def reader(desk: Desk) -> Desk:
    (desk.home / "c.yaml").write_text(CONFIG)
    return desk


def test_each_topic_tells_its_papers_and_the_words_that_matched(reader: Desk) -> None:
    out = reader("topics", "-l", "1", config_flag=str(reader.home / "c.yaml")).out
    agents, labs, silence = out.split("\n\n")
    assert agents.startswith("agents: 10 papers\n  2604.")
    assert agents.endswith("[agent]")
    assert labs.splitlines()[1].endswith(
        "WildDet3D: Scaling Promptable 3D Detection in the Wild  [ai2]"
    )
    assert silence == "silence: 0 papers\n"


def test_topics_are_records_too(reader: Desk) -> None:
    given = {"config_flag": str(reader.home / "c.yaml")}
    (labs,) = json.loads(reader("topics", "labs", "--json", **given).out)
    assert (labs["name"], labs["organizations"], labs["total"]) == ("labs", ["ai2", "bytedance"], 3)
    assert labs["papers"][0]["matched"] == ["ai2"]
    done = reader("topics", "lab", **given)
    assert (done.code, done.err) == (
        2,
        "papertrack: 'lab' is not a topic; did you mean labs? known: agents, labs, silence.\n",
    )


def test_without_topics_it_says_how_to_have_some(desk: Desk) -> None:
    done = desk("topics")
    assert (done.code, done.out) == (0, "")
    assert "`papertrack config init` shows how" in done.err


def test_where_there_is_no_browser_addresses_are_printed(desk: Desk) -> None:
    assert desk("open", WILD, DANCE).out == (
        f"https://arxiv.org/abs/{WILD}\nhttps://arxiv.org/abs/{DANCE}\n"
    )
    assert desk("open", WILD, "--pdf", "--hf").out == (
        f"https://arxiv.org/pdf/{WILD}\nhttps://huggingface.co/papers/{WILD}\n"
    )


def test_what_a_paper_lacks_is_told(desk: Desk) -> None:
    done = desk("open", WILD, DANCE, "--code")
    assert (done.code, done.out) == (5, "https://github.com/allenai/WildDet3D\n")
    assert done.err.startswith(f"papertrack: {DANCE} has no code that is known; ")
    assert desk("open", *(f"2604.{number:05}" for number in range(21))).code == 2


def test_a_browser_gets_the_address(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, browser = tmp_path / "told", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$@" >> {told}\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", str(browser))
    assert desk("open", WILD, env={"BROWSER": str(browser)}).out == ""
    assert told.read_text() == f"https://arxiv.org/abs/{WILD}\n"
