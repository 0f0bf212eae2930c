"""Commands that fill the store and say how it fares."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from papertrack.cli.faces import known
from papertrack.cli.setup import Setup
from papertrack.errors import ConfigError, Exit, PapertrackError, UsageError
from papertrack.render import counted

if TYPE_CHECKING:
    from papertrack.reports import SourceReport

PANEL = "Fetch"
#: A fetch may wait for the end of a service's five-minute window; a reader may not.
PATIENCE_SECONDS = 330.0


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command(rich_help_panel=PANEL)(fetch)
    app.command(rich_help_panel=PANEL)(status)


def fetch(
    ctx: typer.Context,
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Which; all by default.")
    ] = None,
    since: Annotated[
        str,
        typer.Option(
            metavar="TIME", help="From this day on: 2026-04-01, or 14d for two weeks back."
        ),
    ] = "7d",
    day: Annotated[
        str, typer.Option("--date", metavar="DATE", help="This day only.", show_default=False)
    ] = "",
    full: Annotated[
        bool, typer.Option("--full", help="Read everything again, also what has not changed.")
    ] = False,
    oai: Annotated[
        bool,
        typer.Option(
            "--oai", help="All that arXiv changed: from --since on, else since the last time."
        ),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="A report for scripts.")] = False,
) -> None:
    """Fill the store. What has arrived is kept, whatever happens next."""
    setup: Setup = ctx.obj
    _refuse_offline(setup)
    names = _checked(setup, sources or [])
    setup.patience_seconds = PATIENCE_SECONDS
    try:
        if oai:
            reports = _harvest(ctx, setup, names, full=full)
        else:
            reports = list(setup.tracker.fetch(_days(setup, since, day), names, full=full))
    except KeyboardInterrupt:
        setup.close_bars()
        setup.console.detail("Stopped; what has arrived is kept, and the next fetch goes on there.")
        raise
    setup.close_bars()
    if any(report.outcome in ("ok", "partial") for report in reports):
        _conclude(setup)
    if not reports:
        raise ConfigError("No source is switched on; set sources.<name>.enabled to true.")
    for report in reports:
        _tell(setup, report)
    if json:
        _write_json(setup, reports)
    raise typer.Exit(int(exit_code(reports)))


def _conclude(setup: Setup) -> None:
    """What was fetched stays fetched, whatever is wrong with what is made of it."""
    try:
        setup.tracker.conclude()
    except PapertrackError as error:
        setup.console.error(str(error))
    finally:
        setup.close_bars()


def _refuse_offline(setup: Setup) -> None:
    if setup.offline or setup.demo:
        raise UsageError(
            "fetch asks the network, which --offline and --demo forbid; leave them out."
        )


def _harvest(
    ctx: typer.Context, setup: Setup, names: Sequence[str], *, full: bool
) -> "list[SourceReport]":
    """Everything of arXiv from the day that was given on, if one was."""
    if list(names) != ["arxiv"]:
        raise UsageError("--oai is arXiv's; write: papertrack fetch arxiv --oai")
    said = ctx.get_parameter_source("since")
    given = said is not None and said.name != "DEFAULT"
    first = _days(setup, ctx.params["since"], "")[0] if given else None
    return list(setup.tracker.harvest(first, full=full))


def status(
    ctx: typer.Context,
    check: Annotated[
        bool,
        typer.Option("--check", help="Exit code 6 where a digest is overdue or did not arrive."),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """How each source fares, and how old the lists are. For digests: papertrack digest status."""
    from papertrack.render import health

    setup: Setup = ctx.obj
    sources, stats = setup.tracker.store.health(), setup.tracker.store.stats()
    if json:
        setup.console.write(health.as_json(sources, stats))
    elif not check or setup.console.is_terminal:
        setup.console.report(health.lines(sources, stats, setup.now))
    if check and setup.config.digests:
        from papertrack.cli import outbox

        outbox.status(ctx, check=True)


def exit_code(reports: "Sequence[SourceReport]") -> Exit:
    """0 all is well, 5 some of it, 3 nobody answered. A source that was not asked is no failure."""
    asked = [report for report in reports if report.outcome != "skipped"]
    failed = [report for report in asked if report.error]
    if not failed:
        return Exit.DONE
    useful = any(report.outcome == "partial" for report in asked)
    return Exit.PARTLY if useful or len(failed) < len(asked) else Exit.NOTHING


def _days(setup: Setup, since: str, day: str) -> list[date]:
    from datetime import timedelta

    from papertrack.clock import newest_list_day, parse_day, parse_since

    last = newest_list_day(setup.now)
    if day:
        only = parse_day(day, setup.now)
        if only > last:
            raise UsageError(f"{day} is in the future; the newest list is that of {last}.")
        return [only]
    first = parse_since(since, setup.now)
    if first > last:
        raise UsageError(f"--since {since} is in the future; the newest list is that of {last}.")
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _checked(setup: Setup, names: Sequence[str]) -> Sequence[str]:
    sections = setup.config.sources
    on = [name for name in setup.config.fetch.sources if getattr(sections, name).enabled]
    return [known(name, on, "a source that is switched on") for name in names]


def _tell(setup: Setup, report: "SourceReport") -> None:
    if report.error:
        setup.console.error(f"{report.source}: {report.error}")
        if setup.env.get("PAPERTRACK_DEBUG") and report.error.__cause__:
            import traceback

            traceback.print_exception(report.error.__cause__)
    counts = report.counts
    setup.console.detail(
        f"{report.source}: {counted(counts.lists, 'list')} read, {counts.unchanged} unchanged; "
        f"{counted(counts.new, 'new paper')}, {counts.changed} changed, "
        f"{counted(counts.observations, 'new observation')}."
    )


def _write_json(setup: Setup, reports: "Sequence[SourceReport]") -> None:
    from dataclasses import asdict

    from papertrack.render.records import dumps, plain

    word = {Exit.DONE: "ok", Exit.PARTLY: "partial", Exit.NOTHING: "error"}[exit_code(reports)]
    told = [
        {
            "source": report.source,
            "error": plain(str(report.error)) if report.error else None,
            "retry_at": plain(report.error.retry_at) if report.error else None,
            **asdict(report.counts),
        }
        for report in reports
    ]
    setup.console.write([dumps({"status": word, "sources": told}) + "\n"])
