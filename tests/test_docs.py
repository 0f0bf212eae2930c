"""The README is checked by the program: whoever adds a command or an option writes it down."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer
from program import Home

from papertrack.cli import app
from papertrack.config.schema import RankingConfig, Sources, Weights
from papertrack.errors import Exit
from papertrack.rankings import RANKINGS
from papertrack.render.table import AFTER_TITLE, BEFORE_TITLE

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
PROGRAM: Any = typer.main.get_command(app)
#: What typer brings along.
NOT_OURS = {"install_completion", "show_completion", "help"}


def _commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        if hasattr(command, "commands"):
            yield from _commands(command, (*path, name))
        else:
            yield " ".join((*path, name))


def _options(command: Any) -> list[str]:
    return [
        max(option.opts, key=len)
        for option in command.params
        if option.name not in NOT_OURS and option.opts[0].startswith("-")
    ]


def _says(words: str) -> bool:
    return bool(re.search(rf"(?<![\w-]){re.escape(words)}(?![\w-])", README))


def _says_command(name: str) -> bool:
    """`config path`, also as `config path|show` and `config path`, `show`."""
    *group, last = name.split()
    listed = rf"`{' '.join(group)} [\w-]+[^\n]*?[`|]{re.escape(last)}\\?[`|]"
    return _says(name) or bool(group and re.search(listed, README))


@pytest.mark.parametrize("name", list(_commands(PROGRAM)))
def test_the_readme_names_every_command(name: str) -> None:
    assert README.strip(), "README.md is still empty"
    assert _says_command(name), f"README.md does not name `papertrack {name}`"


@pytest.mark.parametrize("option", _options(PROGRAM))
def test_the_readme_names_every_global_option(option: str) -> None:
    assert README.strip(), "README.md is still empty"
    assert _says(option), f"README.md does not name the global option {option}"


@pytest.mark.parametrize("option", _options(PROGRAM.commands["trending"]))
def test_the_readme_names_every_option_of_a_list(option: str) -> None:
    assert README.strip(), "README.md is still empty"
    assert _says(option), f"README.md does not name {option}, which lists of papers take"


def test_every_command_that_the_readme_shows_exists() -> None:
    known = {name.split()[0] for name in _commands(PROGRAM)}
    for line in re.findall(r"^\s*\$? ?papertrack (.+)$", README, re.MULTILINE):
        words = [word for word in line.split() if not word.startswith("-")]
        assert not words or words[0] in known, f"README.md shows `papertrack {line}`"


def test_the_readme_lists_the_exit_codes() -> None:
    for code in Exit:
        if code not in (Exit.MAIL, Exit.BUSY):  # there is no mail yet
            assert re.search(rf"(?m)^\W*{int(code)}\b", README) or _says(str(int(code)))


def _session() -> Iterator[tuple[str, str]]:
    """The commands of the session, and what the README says that they print."""
    block = README.partition("```console\n")[2].partition("```")[0]
    for part in re.split(r"^\$ papertrack ", block, flags=re.MULTILINE)[1:]:
        line, _, shown = part.partition("\n")
        if "jq" not in line:
            yield line, shown.strip("\n")


@pytest.mark.parametrize(("line", "shown"), list(_session()))
def test_the_session_is_what_the_program_prints(line: str, shown: str, tmp_path: Path) -> None:
    command, _, head = line.partition(" | head -")
    done = Home(tmp_path).run(*shlex.split(command), "-f", "table", COLUMNS="80")
    printed = done.stdout.splitlines()[: int(head) if head else None]
    assert "\n".join(printed).strip("\n") == shown, f"{line} prints something else now"


@pytest.mark.parametrize("column", [*BEFORE_TITLE, *AFTER_TITLE], ids=lambda one: one.header)
def test_the_readme_says_what_each_column_is_and_from_which_width_on(column: Any) -> None:
    [row] = re.findall(rf"^\| (?:`[^|]*, )?`{column.header}`[,\s].*$", README, re.MULTILINE)
    assert row.endswith(f" {max(40, column.from_width)} |")


def test_the_readme_says_what_every_ranking_is_and_what_each_signal_weighs() -> None:
    for name in RANKINGS:
        assert re.search(rf"^- `{name}`: \w", README, re.MULTILINE)
    for signal in fields(Weights):
        assert f"*{signal.name}* ({signal.default:g})" in README.lower()
    assert f"`half_life` ({RankingConfig().half_life.days}d)" in README


@pytest.mark.parametrize("source", [source.name for source in fields(Sources)])
def test_the_readme_names_every_source(source: str) -> None:
    assert _says(f"`{source}`")
