"""Which module has which command, so that a run loads one module and makes one command.

Help, completion and a word that is no command load all of them.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.models import CommandInfo

#: What help gathers commands under.
HOUSEKEEPING = "Housekeeping"
MAIL = "Mail"

#: The modules of this package and the commands that each registers, in the order of help.
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "papers": ("trending", "daily"),
    "show": ("show",),
    "reading": (
        *("saved", "save", "unsave", "read", "unread", "hide", "unhide", "tag", "untag", "note"),
        "mark-seen",
    ),
    "fetch": ("fetch", "status"),
    "intake": ("import",),
    "export": ("export",),
    "doctor": ("doctor",),
    "backtest": ("backtest",),
    "recommend": ("similar", "recommend", "embed"),
    "search": ("search",),
    "topics": ("topics",),
    "opening": ("open",),
    "download": ("download",),
    "help": ("help",),
    "digest": ("digest",),
    "schedule": ("schedule",),
    "config": ("config",),
    "db": ("db",),
    "schema": ("schema",),
    "completion": ("completion",),
}
_MODULE_OF = {name: module for module, names in COMMANDS.items() for name in names}
#: What other programs call it, or what a person tries first, and what it is here.
MEANT: Mapping[str, str] = {
    **dict.fromkeys(("list", "ls", "top", "hot", "new", "papers"), "trending"),
    **dict.fromkeys(("today", "yesterday"), "daily"),
    **dict.fromkeys(("info", "view", "get", "abstract", "read-paper"), "show"),
    **dict.fromkeys(("find", "query", "grep"), "search"),
    **dict.fromkeys(("pdf", "clone"), "download"),
    **dict.fromkeys(("star", "bookmark", "add", "like"), "save"),
    **dict.fromkeys(("bookmarks", "library", "reading-list"), "saved"),
    **dict.fromkeys(("update", "sync", "pull", "refresh"), "fetch"),
    **dict.fromkeys(("mail", "email", "send"), "digest send"),
    **dict.fromkeys(("init", "setup"), "config init"),
    **dict.fromkeys(("feed", "rss", "atom"), "trending -f atom"),
    **dict.fromkeys(("bibtex", "cite"), "saved -f bibtex"),
    "version": "--version",
}


class Group(TyperGroup):
    """Without a command it says which there are: that was the question, so it is no failure."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        bare = not args and not ctx.resilient_parsing
        return super().parse_args(ctx, ["--help"] if bare else args)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        found = super().get_command(ctx, cmd_name)
        if found:
            found.help = _unwrapped(found.help or "")
        return found


def _unwrapped(told: str) -> str:
    """A docstring without the line breaks of its source: the terminal breaks the lines of help."""
    return "\n\n".join(" ".join(part.split("\n")) for part in told.split("\n\n"))


class Catalogue(Group):
    """A group that makes a command when it is asked for."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self.commands:
            if cmd_name in _MODULE_OF:
                self.commands.update(registered(_MODULE_OF[cmd_name], cmd_name))
            else:
                self.list_commands(ctx)  # what is like it is told from all there are
        return super().get_command(ctx, cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        word = args[0] if args else ""
        if word in MEANT and word not in _MODULE_OF:
            ctx.fail(f"No such command {word!r}. Did you mean 'papertrack {MEANT[word]}'?")
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:
        for module, names in COMMANDS.items():
            if not self.commands.keys() >= set(names):
                self.commands.update(registered(module))
        return [*_MODULE_OF, *(name for name in self.commands if name not in _MODULE_OF)]


def registered(module: str, name: str = "") -> dict[str, Any]:
    """The commands of a module as it registers them, or the one of this name alone."""
    shelf = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode="rich")
    import_module(f"papertrack.cli.{module}").register(shelf)
    if name:
        shelf.registered_commands = [one for one in shelf.registered_commands if _name(one) == name]
    return dict(typer.main.get_group(shelf).commands)


def _name(one: CommandInfo) -> str:
    return one.name or typer.main.get_command_name(getattr(one.callback, "__name__", ""))
