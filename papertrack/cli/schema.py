"""`papertrack schema`: what the JSON of each command holds, for those who read it by program."""

from typing import Annotated

import typer

from papertrack.cli.catalogue import HOUSEKEEPING
from papertrack.cli.faces import known
from papertrack.cli.setup import Setup


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(rich_help_panel=HOUSEKEEPING)(schema)


def schema(
    ctx: typer.Context,
    command: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]", help="A command such as trending or db stats, or paper, or csl."
        ),
    ] = None,
) -> None:
    """Print the JSON Schema (2020-12) of what a command prints with --json; alone, their names.

    As in: papertrack schema trending > trending.schema.json
    """
    from papertrack.cli.shapes import DEFINED, OTHERS, PRINTED, said_of
    from papertrack.render.records import dumps
    from papertrack.render.schema import document

    setup: Setup = ctx.obj
    kinds = {**OTHERS, **PRINTED}
    if not command:
        setup.console.write(f"{name}\n" for name in kinds)
        return
    name = known(" ".join(command), list(kinds), "a command that prints JSON")
    told = document(f"papertrack {name}", kinds[name], said_of(name), DEFINED)
    setup.console.write([dumps(told) + "\n"])
