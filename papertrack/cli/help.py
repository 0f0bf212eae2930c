"""`papertrack help`: how a command is used."""

from typing import Annotated

import typer

from papertrack.cli.catalogue import HOUSEKEEPING


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
