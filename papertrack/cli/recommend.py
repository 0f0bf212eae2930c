"""`papertrack similar` and `papertrack recommend`: papers like others."""

from typing import TYPE_CHECKING, Annotated

import typer

from papertrack.cli.faces import face_of
from papertrack.cli.fetch import PANEL as FETCH
from papertrack.cli.ids import Ids, leave, read_ids
from papertrack.cli.intake import content_of
from papertrack.cli.options import Look, with_look
from papertrack.cli.papers import READ, show_list, view_of, window_of
from papertrack.cli.setup import Setup
from papertrack.errors import UsageError

if TYPE_CHECKING:
    from papertrack.importing import Imported

LIKES = "What you like"


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command(rich_help_panel=READ)(similar)
    app.command(rich_help_panel=READ)(recommend)
    app.command(rich_help_panel=FETCH)(embed)


@with_look(sort="score", limit=20, rankings=False)
def similar(ctx: typer.Context, ids: Ids, *, look: Look) -> None:
    """The papers of the whole store that are nearest to these.

    As in: papertrack similar 2604.07413 --explain
    """
    setup: Setup = ctx.obj
    _refuse_ranking(look)
    named, view, face = read_ids(ids), view_of(setup, look), face_of(setup, look)
    show_list(setup, setup.tracker.similar(named.keys, view), look, face)
    leave(setup, named.errors, partly=True)


@with_look(sort="score", limit=20, rankings=False)
def recommend(
    ctx: typer.Context,
    window: Annotated[
        str,
        typer.Option(
            "--window", "-w", metavar="TIME", help="From the papers of so long, at most 90d."
        ),
    ] = "30d",
    whole: Annotated[bool, typer.Option("--all", help="From the whole store.")] = False,
    like: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="The papers of a file: BibTeX, or what else import reads; it is not stored.",
            rich_help_panel=LIKES,
        ),
    ] = None,
    like_id: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="A paper; can be given again.", rich_help_panel=LIKES),
    ] = None,
    like_author: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="The stored papers of an author.", rich_help_panel=LIKES),
    ] = None,
    *,
    look: Look,
) -> None:
    """Papers for you, from what you saved and what else you say that you like.

    What you read or hid is left out; hidden papers count against their like. As in:
    papertrack recommend --like refs.bib --explain
    """
    from papertrack.recommending import Wish

    setup: Setup = ctx.obj
    _refuse_ranking(look)
    length = None if whole else window_of(window)
    view, face = view_of(setup, look), face_of(setup, look)
    wish = Wish(
        keys=_liked(like_id or []),
        authors=tuple(like_author or ()),
        files=tuple(_file(setup, name) for name in like or ()),
    )
    show_list(setup, setup.tracker.recommend(wish, length, view), look, face)


def embed(
    ctx: typer.Context,
    limit: Annotated[
        int | None,
        typer.Option("--limit", "-l", min=1, help="So many papers at most.", show_default="all"),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="A report for scripts.")] = False,
) -> None:
    """Turn stored papers into vectors, for comparison by meaning; newest first, about 10 a second.

    Ctrl-C keeps what is done, and the next run goes on there. As in: papertrack embed
    """
    setup: Setup = ctx.obj
    try:
        done, remaining = setup.tracker.embed(limit)
    except KeyboardInterrupt:
        setup.close_bars()
        setup.console.detail("Stopped; what is embedded is kept, and the next run goes on there.")
        raise
    setup.close_bars()
    if json:
        from papertrack.render.records import dumps

        report = {"status": "ok", "embedded": done, "remaining": remaining}
        setup.console.write([dumps(report) + "\n"])
    else:
        setup.console.detail(f"{done:,} papers embedded, {remaining:,} remain.")


def _liked(words: list[str]) -> tuple[str, ...]:
    """The papers of --like-id. Raises UsageError for a word that names none."""
    keys, errors = read_ids(words)
    if errors:
        raise errors[0]
    return tuple(keys)


def _refuse_ranking(look: Look) -> None:
    if look.rank != "trending":
        raise UsageError("Likeness makes the score here; leave out --rank, or say --sort.")


def _file(setup: Setup, name: str) -> "Imported":
    from papertrack.importing import read

    body, saved_at = content_of(setup, name)
    return read(body, name=name, observed_at=saved_at)
