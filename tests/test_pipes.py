"""The shell lines of docs/pipes.md, run as they are printed there, in their order."""

import os
import pty
import re
import select
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from program import Home, HuggingFace, serving, week

PAGE = (Path(__file__).parents[1] / "docs" / "pipes.md").read_text(encoding="utf-8")
LINES = [
    line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()
]
#: What each line comes to: a pattern in what it prints, or a file and what is in it.
PRINTED = {
    "@tsv": r"arxiv:2604\.\d{5}\t\d+\tPaper 2604",
    "save -": "^$",
    "bibtex": ("refs.bib", "@misc{"),
    "mkdir": "^$",
    "atom": ("public/trending.xml", "<feed"),
    "show - --json": r'"id": "arxiv:2604.15001"',
    "[].title": "Paper 2604.15001\nPaper 2604.15002\n",
    "head -3": r"\A(\d+\tarxiv:.*\n){3}\Z",
    "schema": "\narxiv_id\n",
    "sqlite-utils": r'"title": "Paper 2604',
}
#: These wait for somebody, and have tests of their own.
WAITING = ("fzf", "datasette")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    made = Home(tmp_path_factory.mktemp("pipes"))
    (made.path / "urls.txt").write_text(
        "https://arxiv.org/abs/2604.15001v1\nhttps://huggingface.co/papers/2604.15002\n"
    )
    programs = made.path / "bin"
    programs.mkdir()
    (programs / "papertrack").write_text(f'#!/bin/sh\nexec {sys.executable} -m papertrack "$@"\n')
    (programs / "papertrack").chmod(0o755)
    with serving(HuggingFace(week())) as hub:
        yield made.asks(hub.url)


def environment(home: Home) -> dict[str, str]:
    beside = Path(sys.executable).parent  # where sqlite-utils and datasette are, if they are
    return home.env(PATH=f"{home.path / 'bin'}:{beside}:{os.environ['PATH']}", TERM="xterm")


def needs(home: Home, line: str) -> None:
    """Skip where a program of the line is not there."""
    bare = re.sub(r"'[^']*'", "", line)
    for word in (part.split()[0] for part in bare.split(" | ")):
        if not shutil.which(word, path=environment(home)["PATH"]):
            pytest.skip(f"{word} is not installed")


@pytest.mark.parametrize("line", [one for one in LINES if not any(map(one.__contains__, WAITING))])
def test_a_line_of_the_page_does_what_it_says(home: Home, line: str) -> None:
    needs(home, line)
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        env=environment(home),
        cwd=home.path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    *_, expected = (told for mark, told in PRINTED.items() if mark in line)
    if isinstance(expected, tuple):
        name, expected = expected
        assert expected in (home.path / name).read_text()
    else:
        assert re.search(expected, done.stdout), done.stdout


def the_line(word: str) -> str:
    (line,) = (one for one in LINES if word in one)
    return line


def test_fzf_chooses_and_shows_the_page_beside_the_list(home: Home) -> None:
    line = the_line("fzf")
    needs(home, line)
    home.run("fetch")
    screen, done = at_a_terminal(home, line, until="What 2604.", then=b"\r")
    assert "What 2604.15002 says." in screen
    assert done.endswith("https://arxiv.org/abs/2604.15002")


def at_a_terminal(home: Home, line: str, *, until: str, then: bytes) -> tuple[str, str]:
    """Run a line as somebody does who types when a text has come; the screen, and its end."""
    child, terminal = pty.fork()
    if not child:
        os.chdir(home.path)
        os.execvpe("bash", ["bash", "-c", f"stty rows 40 cols 120; {line}"], environment(home))
    screen, typed, end = "", False, time.monotonic() + 60
    while time.monotonic() < end and select.select([terminal], [], [], 30)[0]:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # how Linux says that the other end is closed
            break
        screen += part.decode("utf-8", "replace")
        if until in screen and not typed:
            typed = bool(os.write(terminal, then))
    os.waitpid(child, 0)
    return screen, re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen).strip()


def test_datasette_serves_the_store(home: Home) -> None:
    line = the_line("datasette ")
    needs(home, line)
    with socket.socket() as taken:
        if taken.connect_ex(("127.0.0.1", 8001)) == 0:
            pytest.skip("something else listens on 8001, which datasette takes")
    home.run("fetch")
    serves = subprocess.Popen(
        ["bash", "-c", f"exec {line}"],
        env=environment(home),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert b"2604.15001" in page("http://127.0.0.1:8001/papertrack/papers.json")
    finally:
        serves.terminate()
        serves.wait(10)


def page(url: str) -> bytes:
    ask = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(100):
        try:
            return ask.open(url, timeout=5).read()
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"nobody answers at {url}")


def test_every_line_has_something_that_it_comes_to() -> None:
    for line in LINES:
        assert any(mark in line for mark in (*PRINTED, *WAITING)), (
            f"say in PRINTED what {line} does"
        )
