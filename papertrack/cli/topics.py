"""`papertrack topics`: what you want to hear of, and what there is of it."""

from typing import Annotated

import typer

from papertrack.cli.faces import known
from papertrack.cli.papers import READ, window_of
from papertrack.cli.setup import Setup


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(rich_help_panel=READ)(topics)


def topics(
    ctx: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Which; all by default.")
    ] = None,
    window: Annotated[
        str, typer.Option("--window", "-w", metavar="TIME", help="How far back, such as 30d.")
    ] = "7d",
    limit: Annotated[
        int, typer.Option("--limit", "-l", min=0, metavar="N", help="Papers of each topic.")
    ] = 5,
    json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """The topics of your configuration, what is on each, and which of its words matched.

    As in: papertrack topics agents --window 30d
    """
    from papertrack.render import topics as face

    setup: Setup = ctx.obj
    by_name = {topic.name: topic for topic in setup.tracker.preferences.topics}
    chosen = [by_name[known(name, list(by_name), "a topic")] for name in names or by_name]
    if not chosen:
        where = setup.config_path
        setup.console.note(f"{where} names no topics; `papertrack config init` shows how.")
    found = setup.tracker.on_topics(chosen, window_of(window), limit)
    told = [(one.topic, one.found, one.total) for one in found]
    setup.console.page(face.as_json(told) if json else face.lines(told))
