"""Commands that hold others, and help for all of them."""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

HOUSEKEEPING = "Housekeeping"
MAIL = "Mail"


class Group(TyperGroup):
    """Without a command it says which there are: that was the question, so it is no failure."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        bare = not args and not ctx.resilient_parsing
        return super().parse_args(ctx, ["--help"] if bare else args)


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("help", rich_help_panel=HOUSEKEEPING)(say_how)


def say_how(
    ctx: typer.Context,
    command: Annotated[
        list[str] | None,
        typer.Argument(metavar="[COMMAND]", help="Such as trending, or config init."),
    ] = None,
) -> None:
    """Say how a command is used, as its --help does."""
    root = ctx.find_root()
    root.command.main([*(command or []), "--help"], root.info_name, standalone_mode=False)
