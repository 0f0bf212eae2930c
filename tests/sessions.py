"""The shell sessions of the pages, run as somebody at a terminal would, line by line.

    python tests/sessions.py docs/tutorial.md    put into a page what the program prints now

Each page has a home of its own, and a small Hugging Face with the lists of the bundled sample. In a
page `<!-- session: config -->` before a block of YAML makes it the configuration, and
`<!-- session: now 2026-04-16T06:00:00Z -->` moves the clock.
"""

import json
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from program import Home, HuggingFace, serving

from papertrack import demo

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
START = "2026-04-16T06:00:00Z"
WIDTH = 80
_STEP = re.compile(
    r"<!-- session: now (?P<now>\S+) -->"
    r"|<!-- session: config -->\s*?```yaml\n(?P<config>.*?)```"
    r"|```console\n(?P<shown>.*?)```",
    re.DOTALL,
)


def pages() -> list[Path]:
    """The pages with a session."""
    return [page for page in PAGES if "```console\n" in page.read_text(encoding="utf-8")]


def played(text: str, place: Path) -> Iterator[tuple[str, str]]:
    """Each session of a page as it is written there, and as the program makes it now."""
    home = Home(place, START)
    _install(place)
    with serving(HuggingFace(lists(START))) as hub:
        home.asks(hub.url)
        for step in _STEP.finditer(text):
            if step["now"]:
                home = Home(place, step["now"])
                hub.days = lists(home.now)
            elif step["config"]:
                base = home.asks(hub.url).config_text
                home.configure(f"{step['config']}{base}")
            else:
                yield step["shown"], "".join(_session(step["shown"], home))


def _install(place: Path) -> None:
    program = place / "bin" / "papertrack"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m papertrack "$@"\n')
    program.chmod(0o755)


def _session(shown: str, home: Home) -> Iterator[str]:
    first, *parts = re.split(r"^\$ ", shown, flags=re.MULTILINE)
    yield first
    for part in parts:
        line, told = re.split(r"(?<!\\)\n", part, maxsplit=1)
        if not _lacks(line):
            blank = "\n" if told == "\n" or told.endswith("\n\n") else ""
            told = f"{at_terminal(line, home).rstrip()}\n{blank}"
        yield f"$ {line}\n{told}"


def _lacks(line: str) -> bool:
    """Whether a program of the line is not on this machine."""
    words = [part.split()[0] for part in re.sub(r"'[^']*'", "", line).split(" | ")]
    return any(word != "papertrack" and not shutil.which(word) for word in words)


def at_terminal(line: str, home: Home) -> str:
    """What a line of bash shows on a terminal that can nothing but write."""
    path = f"{home.path / 'bin'}:{os.environ['PATH']}"
    shown_by = {"TERM": "dumb", "COLUMNS": str(WIDTH), "PAGER": "cat", "LANG": "C.UTF-8"}
    env = home.env(PATH=path, **shown_by)
    terminal, other = pty.openpty()
    with subprocess.Popen(
        ["bash", "-c", line], stdin=other, stdout=other, stderr=other, env=env, cwd=home.path
    ):
        os.close(other)
        shown = b"".join(iter(lambda: _read(terminal), b""))
    os.close(terminal)
    told = shown.decode("utf-8", "replace").replace("\r", "").replace(str(home.path), "/home/me")
    return re.sub(r"[ \t]+$", "", told, flags=re.MULTILINE)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux says that the other end is closed
        return b""


def lists(now: str) -> dict[str, list[dict[str, Any]]]:
    """The lists of the sample as they are answered at this moment, by day."""
    sample = json.loads(Path(demo.__file__).with_name("sample.json").read_text(encoding="utf-8"))
    days: dict[str, list[dict[str, Any]]] = {}
    for row in sample["papers"]:
        for listing in row["listings"]:
            if listing["submitted_at"] <= now:
                days.setdefault(listing["list_date"], []).append(_entry(row, listing, now))
    return days


def _entry(row: dict[str, Any], listing: dict[str, Any], now: str) -> dict[str, Any]:
    def last(kind: str) -> int | None:
        seen = [value for moment, value in row["observations"].get(kind, []) if moment <= now]
        return seen[-1] if seen else None

    paper = {
        "id": row["arxiv_id"],
        "title": row["title"],
        "summary": row["abstract"],
        "authors": [{"name": name} for name in row["authors"]],
        "publishedAt": row["published_at"],
        "submittedOnDailyAt": listing["submitted_at"],
        "submittedOnDailyBy": {"user": listing["submitted_by"]},
        "upvotes": last("upvotes") or 0,
        "githubRepo": row.get("code_url"),
        "githubStars": last("github_stars"),
        "projectPage": row.get("project_url"),
        "ai_keywords": row["keywords"],
        "organization": {"fullname": row.get("organization")},
    }
    return {"paper": paper, "numComments": last("comments") or 0}


def renew(page: Path) -> None:
    """Put into the sessions of a page what is printed now."""
    text = page.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as place:
        made = list(played(text, Path(place)))
    blocks = iter(made)
    text = re.sub(
        r"```console\n.*?```",
        lambda _: f"```console\n{next(blocks)[1].rstrip()}\n```",
        text,
        flags=re.DOTALL,
    )
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        renew(Path(name))
