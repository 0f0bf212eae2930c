"""Which module has which command, so that a command loads its own module and builds no other's.

Help, completion and a word that is no command load all of them.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer

from papertrack.cli.groups import Group

#: The modules of this package and the commands that each registers, in the order of help.
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "papers": ("trending", "daily", "show"),
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
    "groups": ("help",),
    "digest": ("digest",),
    "config": ("config",),
    "db": ("db",),
}
_MODULE_OF = {name: module for module, names in COMMANDS.items() for name in names}


class Catalogue(Group):
    """A group that takes in the module of a command when the command is asked for."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in _MODULE_OF:
            self._take_in(_MODULE_OF[cmd_name])
        elif cmd_name not in self.commands:
            self.list_commands(ctx)  # what is like it is told from all there are
        return super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: Any) -> list[str]:
        for module in COMMANDS:
            self._take_in(module)
        return [*_MODULE_OF, *(name for name in self.commands if name not in _MODULE_OF)]

    def _take_in(self, module: str) -> None:
        if not self.commands.keys() >= set(COMMANDS[module]):
            self.commands.update(registered(module))


def registered(module: str) -> dict[str, Any]:
    """The commands of a module, as it registers them."""
    shelf = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode="rich")
    import_module(f"papertrack.cli.{module}").register(shelf)
    return dict(typer.main.get_group(shelf).commands)
