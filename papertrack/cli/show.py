"""`papertrack show`: everything that is known of a paper."""

from typing import TYPE_CHECKING, Annotated

import typer

from papertrack.cli.faces import whole_face_of, write
from papertrack.cli.ids import Ids, Named, leave, looked_up, read_ids
from papertrack.cli.options import Fields, Header, Json, Look, Output, PageFormat
from papertrack.cli.papers import READ
from papertrack.cli.setup import Setup
from papertrack.errors import PapertrackError

if TYPE_CHECKING:
    from papertrack.tracker import Shown


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(rich_help_panel=READ)(show)


def show(
    ctx: typer.Context,
    ids: Ids,
    format: PageFormat = "",
    json: Json = False,
    fields: Fields = None,
    header: Header = False,
    output: Output = None,
    sources: Annotated[
        bool, typer.Option("--sources", help="Say which source said what, and when.")
    ] = False,
) -> None:
    """Everything known of a paper: abstract, counts and their course, links, why it ranks.

    As in: papertrack show 2604.07413 --json
    """
    setup: Setup = ctx.obj
    look = Look(format=format, json=json, fields=fields, header=header, output=output)
    named = read_ids(ids)
    alone = len(named.keys) + len(named.errors) == 1 and ids != ["-"]
    face = whole_face_of(setup, look, alone=alone, sources=sources)
    shown, errors = _shown(setup, named)
    if shown or not errors:
        write(setup, look, face(shown))
    leave(setup, errors, partly=bool(shown))


def _shown(setup: Setup, named: Named) -> "tuple[list[Shown], list[PapertrackError]]":
    """What is known of these papers, in their order, and why nothing is known of the others."""
    there, errors = looked_up(setup, named)
    return (setup.tracker.show(there) if there else []), errors
