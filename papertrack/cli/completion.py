"""`papertrack completion`, and the table of words that completing goes by."""

import re
from typing import Annotated, Any

import typer

from papertrack.cli.catalogue import HOUSEKEEPING
from papertrack.cli.faces import known
from papertrack.cli.setup import Setup

#: What an option or an argument takes, by its longest name; the rest is free text.
OPTIONS = {
    **dict.fromkeys(("--config", "--db", "--output", "--like", "--html"), "file"),
    **dict.fromkeys(("--directory", "--parquet"), "folder"),
    **{"--format": "format", "--fields": "field", "--sort": "order", "--rank": "ranking"},
    **{"--topic": "topic", "--source": "source", "--tag": "tag", "--like-id": "paper"},
    "--target": "target",
}
ARGUMENTS = {
    **{"ids": "paper*", "paper": "paper", "name tag": "tag", "name untag": "tag"},
    **{"ids unsave": "paper saved*", "ids unread": "paper read*", "ids unhide": "paper hidden*"},
    **{"ids read": "paper saved*", "names topics": "topic*", "sources": "source*"},
    **{"names send": "digest*", "names retry": "digest*", "names status": "digest*"},
    **{"name preview": "digest", "files": "file*", "file": "file", "day": "day"},
    **{"command help": "command", "command schema": "shape", "shell": "shell"},
}


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(rich_help_panel=HOUSEKEEPING)(completion)


def completion(
    ctx: typer.Context,
    shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")],
) -> None:
    """Print what your shell has to read to complete commands, options, ids, tags and topics.

    In ~/.bashrc: eval "$(papertrack completion bash)"; in ~/.zshrc, after compinit, the same with
    zsh; in ~/.config/fish/config.fish: papertrack completion fish | source

    As in: papertrack completion bash
    """
    from papertrack import completing

    setup: Setup = ctx.obj
    name = known(shell, completing.SHELLS, "a shell that is known here")
    setup.console.write([completing.script(name)])


def table(program: Any) -> dict[str, Any]:
    """The words of the live program, as papertrack/completing/words.json keeps them."""
    return {"program": _command(program), "values": _values(program)}


def _command(command: Any) -> dict[str, Any]:
    children = {}
    if hasattr(command, "commands"):
        children = {name: command.get_command(None, name) for name in command.list_commands(None)}
    return {
        "help": _first_sentence(command.help or ""),
        "options": {
            name: [_kind(option), _first_sentence(option.help or "")]
            for option in command.params
            if option.opts[0].startswith("-") and not option.hidden
            for name in option.opts
        },
        "arguments": [
            ARGUMENTS.get(f"{one.name} {command.name}", ARGUMENTS.get(one.name, ""))
            for one in command.params
            if not one.opts[0].startswith("-")
        ],
        "commands": {name: _command(one) for name, one in children.items()},
    }


def _kind(option: Any) -> str | None:
    """What an option waits for; None where it waits for nothing."""
    return None if option.is_flag else OPTIONS.get(max(option.opts, key=len), "")


def _first_sentence(told: str) -> str:
    first = " ".join(told.split("\n\n", maxsplit=1)[0].split())
    return re.split(r"(?<=[a-z)])[.;] ", re.sub(r"\[/?bold\]", "", first))[0].rstrip(".")


def _values(program: Any) -> dict[str, list[tuple[str, str]]]:
    from papertrack.cli.options import SAID_OF_RANKINGS
    from papertrack.cli.shapes import OTHERS, PRINTED
    from papertrack.completing import SHELLS
    from papertrack.models import SOURCES
    from papertrack.ranking.backtest import TARGETS
    from papertrack.rankings import ORDERS
    from papertrack.render import FORMATS
    from papertrack.render.fields import FIELDS

    def bare(words: Any) -> list[tuple[str, str]]:
        return [(word, "") for word in words]

    return {
        "format": bare(FORMATS),
        "field": [(field.name, field.doc) for field in FIELDS],
        "order": bare(ORDERS),
        "ranking": list(SAID_OF_RANKINGS.items()),
        "source": bare(SOURCES),
        "target": bare(TARGETS),
        "day": bare(("today", "yesterday")),
        "command": bare(program.list_commands(None)),
        "shape": bare(dict.fromkeys(name.split()[0] for name in (*OTHERS, *PRINTED))),
        "shell": bare(SHELLS),
    }
