"""The pages are checked by the program: what they say of it is what it says and does."""

import re
import sys
from collections.abc import Iterator
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sessions
from program import Home, HuggingFace, serving

from papertrack.cli import global_first
from papertrack.config.schema import RankingConfig, Sources, Weights
from papertrack.errors import Exit
from papertrack.rankings import RANKINGS
from papertrack.render.table import AFTER_TITLE, BEFORE_TITLE

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "docs" / "make"))
import pictures  # noqa: E402
import reference  # noqa: E402

TEXTS = {str(page.relative_to(ROOT)): page.read_text(encoding="utf-8") for page in sessions.PAGES}
README, RANKING, LISTS = TEXTS["README.md"], TEXTS["docs/ranking.md"], TEXTS["docs/lists.md"]
COMMANDS = TEXTS["docs/reference/commands.md"]
MENU = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
RENEW = "`python docs/make` writes it anew"


def _said(text: str) -> Iterator[str]:
    """The commands of ours that a page shows, in its blocks and in its sentences."""
    blocks = re.findall(r"^```(?:sh|console)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    for line in [*lines, *re.findall(r"`(papertrack [^`\n]+)`", text)]:
        bare = line.split(" # ")[0]
        yield from re.findall(r"(?:^|(?<=[ /(]))papertrack ([a-z-][^|;&)]*)", bare)


def _walked(line: str) -> list[str]:
    """What of a command is not the program's; empty where all is."""
    words = global_first(re.sub(r"\"[^\"]*\"|'[^']*'|[\"']", "words", line).split())
    command, known = reference.PROGRAM, _names(reference.PROGRAM)
    odd = []
    for before, word in pairwise(["", *words]):
        if re.match(r"--\w|-\w$", word):
            known |= _names(command)
            odd += [] if word.partition("=")[0] in known or word == "--help" else [word]
        elif before not in ("--db", "--config") and hasattr(command, "commands"):
            command = command.get_command(None, word)
            if command is None:
                return [*odd, word] if word != "COMMAND" else odd
    return odd


def _names(command: Any) -> set[str]:
    return {name for one in command.params for name in (*one.opts, *one.secondary_opts)}


@pytest.mark.parametrize("page", TEXTS)
def test_every_command_and_option_that_a_page_shows_exists(page: str) -> None:
    odd = {line: strange for line in _said(TEXTS[page]) if (strange := _walked(line))}
    assert not odd


@pytest.mark.parametrize("name", reference.PAGES)
def test_the_reference_says_what_the_program_says(name: str) -> None:
    assert TEXTS[f"docs/reference/{name}.md"] == reference.PAGES[name](), RENEW


def test_the_reference_has_every_command_and_each_of_its_options() -> None:
    for name, command in reference._commands(reference.PROGRAM):
        assert f"\n### {name}\n" in COMMANDS
        assert all(f"`{max(one.opts, key=len)}" in COMMANDS for one in reference._own(command))


@pytest.mark.parametrize("name", pictures.LINES)
def test_a_picture_shows_what_the_program_prints(name: str) -> None:
    line = pictures.LINES[name]
    checked_in = (ROOT / "docs" / "pictures" / f"{name}.svg").read_text(encoding="utf-8")
    printed = re.sub(r"\x1b(\[[\d;]*m|\]8;[^\x1b]*\x1b\\)", "", pictures.printed(line))
    rows = ["".join(row.split()) for row in ["$ " + line, *printed.splitlines()] if row.strip()]
    assert list(pictures.words(checked_in)) == rows, RENEW
    assert "http" not in re.sub(r'xmlns="[^"]*"|<text.*?</text>', "", checked_in)


@pytest.mark.parametrize("page", sessions.pages(), ids=lambda page: page.name)
def test_a_session_is_what_the_program_prints(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for shown, now in sessions.played(text, tmp_path):
        assert now.rstrip() == shown.rstrip(), f"`python tests/sessions.py {page}` writes it anew"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Somebody who has fetched, saved a paper, and written it out in three forms."""
    home = Home(tmp_path_factory.mktemp("reader"), sessions.START)
    with serving(HuggingFace(sessions.lists(home.now))) as hub:
        home.asks(hub.url).run("fetch")
        home.run("save", "2604.07413")
        for name in ("refs.bib", "library.ris"):
            home.run("saved", "-o", name)
        home.run("saved", "-f", "ids", "-o", "ids.txt")
        yield home


@pytest.mark.parametrize(
    "line",
    [
        line
        for block in re.findall(r"```sh\n(.*?)```", TEXTS["docs/howto.md"], re.DOTALL)
        for line in block.splitlines()
        if not line.startswith("pip ")
    ],
)
def test_a_line_of_the_how_tos_does_something(reader: Home, line: str) -> None:
    done = reader.shell(f"set -o pipefail; {line}")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", TEXTS)
def test_every_link_to_a_file_leads_somewhere(page: str) -> None:
    folder = (ROOT / page).parent
    for target in re.findall(r"\]\((?!<?https?:|#|mailto:)([^)#\s]+)", TEXTS[page]):
        assert (folder / target).exists(), f"{page} links to {target}"


@pytest.mark.parametrize("page", [page for page in TEXTS if page.startswith("docs/")])
def test_the_site_has_the_page(page: str) -> None:
    assert re.search(rf" {page.removeprefix('docs/')}\n", MENU), "add it to mkdocs.yml"


def test_the_readme_leads_to_the_reference() -> None:
    for name in reference.PAGES:
        assert f"(docs/reference/{name}.md)" in README


@pytest.mark.parametrize("column", [*BEFORE_TITLE, *AFTER_TITLE], ids=lambda one: one.header)
def test_it_is_said_what_each_column_is_and_from_which_width_on(column: Any) -> None:
    [row] = re.findall(rf"^\| (?:`[^|]*, )?`{column.header}`[,\s].*$", LISTS, re.MULTILINE)
    assert row.endswith(f" {max(40, column.from_width)} |")


def test_it_is_said_what_every_ranking_is_and_what_each_signal_weighs() -> None:
    for name in RANKINGS:
        assert re.search(rf"^\| `{name}` \| \w", RANKING, re.MULTILINE)
    for signal in fields(Weights):
        assert f"*{signal.name}* ({signal.default:g})" in RANKING.lower()
    assert f"`half_life` ({RankingConfig().half_life.days}d)" in RANKING


@pytest.mark.parametrize("source", fields(Sources), ids=lambda one: one.name)
def test_it_is_said_what_every_source_tells_and_whether_it_is_on(source: Any) -> None:
    on = "yes" if getattr(Sources(), source.name).enabled else "no"
    assert re.search(rf"^\| `{source.name}` \| .* \| {on} \|$", TEXTS["docs/sources.md"], re.M)


@pytest.mark.parametrize("code", Exit)
def test_every_exit_code_is_told(code: Exit) -> None:
    assert f"| {int(code)} | " in TEXTS["docs/reference/exit-codes.md"]
