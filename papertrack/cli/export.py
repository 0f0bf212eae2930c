"""`papertrack export`: everything, for another machine or another program."""

import os
from pathlib import Path
from typing import Annotated

import typer

from papertrack.cli.console import write_file
from papertrack.cli.groups import HOUSEKEEPING
from papertrack.cli.setup import Setup


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(rich_help_panel=HOUSEKEEPING)(export)


def export(
    ctx: typer.Context,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Into a file; - is stdout.")
    ] = "-",
) -> None:
    """Write everything as JSON Lines: papers, who said what, lists, counts, your marks and notes.

    `papertrack import` makes the same store of it again, and adds it to another; it is read and
    written a paper at a time, so it may be of any size. As in: papertrack export -o all.jsonl
    """
    from papertrack.render import archive

    setup: Setup = ctx.obj
    store = setup.tracker.store
    lines = archive.lines(store.opening(setup.now), store.everything())
    if output == "-":
        setup.console.write(lines)
        return
    os.umask(0o077)  # notes and marks are nobody else's
    write_file(Path(output), lines)
