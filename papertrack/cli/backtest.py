"""`papertrack backtest`: how well each ranking would have predicted what you now know."""

from typing import Annotated

import typer

from papertrack.cli.faces import known
from papertrack.cli.setup import Setup

PANEL = "Read"
DEFAULT = ("trending", "velocity", "expected", "upvotes", "hot", "new")


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(rich_help_panel=PANEL)(backtest)


def backtest(
    ctx: typer.Context,
    rank: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this ranking; can be given again."),
    ] = None,
    window: Annotated[
        str, typer.Option("--window", "-w", metavar="TIME", help="The papers of so long.")
    ] = "7d",
    target: Annotated[
        str,
        typer.Option(metavar="NAME", help="gain (votes to come) or final; both by default."),
    ] = "",
    since: Annotated[
        str, typer.Option(metavar="DATE", help="Score only the moments from this day on.")
    ] = "",
    ledger: Annotated[
        bool,
        typer.Option("--ledger", help="The list of each day as it was shown, scored a week later."),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """How well each ranking would have predicted what you now know.

    At every moment of the store's history the papers of the window are ranked by what had been
    observed until then, and scored by the votes that came after. As in: papertrack backtest
    """
    from papertrack.clock import midnight, parse_duration, parse_since
    from papertrack.ranking.backtest import TARGETS
    from papertrack.rankings import RANKINGS
    from papertrack.render import backtesting

    setup: Setup = ctx.obj
    if ledger:
        _show_ledger(setup, json=json)
        return
    names = [known(name, list(RANKINGS), "a ranking") for name in rank or DEFAULT]
    targets = [known(target, TARGETS, "a target")] if target else list(TARGETS)
    start = midnight(parse_since(since, setup.now)) if since else None
    report = setup.tracker.backtest(names, parse_duration(window), targets, start)
    setup.close_bars()
    if report.note:
        setup.console.note(report.note)
    setup.console.write(backtesting.as_json(report) if json else backtesting.lines(report))


def _show_ledger(setup: Setup, *, json: bool) -> None:
    from papertrack.render import backtesting

    kept = setup.tracker.ledger()
    if not kept:
        setup.console.note("The ledger is empty; each day's first `papertrack fetch` adds to it.")
    setup.console.write(backtesting.ledger(kept, json=json))
