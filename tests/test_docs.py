"""The README is checked by the program: whoever adds a command or an option writes it down."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from papertrack.cli import app
from papertrack.errors import Exit

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
PROGRAM: Any = typer.main.get_command(app)
#: What typer brings along.
NOT_OURS = {"install_completion", "show_completion", "help"}


def _commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    for name, command in group.commands.items():
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
