"""`papertrack db`: where the store is and what is in it."""

from typing import Annotated

import typer

from papertrack.cli.groups import Group
from papertrack.cli.setup import Setup

app = typer.Typer(cls=Group, help="The store: path, stats.")


@app.command()
def path(ctx: typer.Context) -> None:
    """Print where the store is, for sqlite3 and datasette."""
    setup: Setup = ctx.obj
    setup.console.write([f"{setup.database_path}\n"])


@app.command()
def stats(
    ctx: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Print how much is in the store."""
    from papertrack.render import health

    setup: Setup = ctx.obj
    found = setup.tracker.store.stats()
    setup.console.write(health.stats_json(found) if json else health.stats_lines(found))
