"""`papertrack db`: where the store is, what is in it, and what keeps it well."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from papertrack.cli.catalogue import HOUSEKEEPING, Group
from papertrack.cli.setup import Setup
from papertrack.errors import Exit, StoreError, UsageError

if TYPE_CHECKING:
    from papertrack.housekeeping import Pruning

app = typer.Typer(cls=Group, help="The store: path, stats, backup, check, repair, optimize, prune.")


def register(program: typer.Typer) -> None:
    """Add these commands to the program."""
    program.add_typer(app, name="db", rich_help_panel=HOUSEKEEPING)


Json = Annotated[bool, typer.Option("--json", help="For scripts.")]


@app.command()
def path(ctx: typer.Context) -> None:
    """Print where the store is, for sqlite3 and datasette."""
    setup: Setup = ctx.obj
    setup.console.write([f"{setup.database_path}\n"])


@app.command()
def stats(
    ctx: typer.Context,
    exact: Annotated[
        bool, typer.Option("--exact", help="Count every row and byte, also among millions.")
    ] = False,
    json: Json = False,
) -> None:
    """Print how much is in the store, table by table.

    Of millions of papers it says about how much, at once; --exact reads the whole file.
    """
    from papertrack.render import health

    setup: Setup = ctx.obj
    if not setup.demo:
        _existing(setup)
    store = setup.tracker.store
    found, tables = store.stats(exact=exact), store.tables(exact=exact)
    _tell(setup, json, health.stats_json(found, tables), health.stats_lines(found, tables))


@app.command()
def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="The copy: a new file, readable by you alone.")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
) -> None:
    """Copy the store into a file, also while a fetch is writing to it.

    The copy is the store as of one moment, whole or not there. To go back to it, put it in the
    place that `papertrack db path` names while nothing runs. As in: papertrack db backup papers.bak
    """
    from papertrack.render.health import size
    from papertrack.store import upkeep

    setup: Setup = ctx.obj
    _ = _existing(setup), setup.store  # what is no store is refused
    copied = upkeep.backup(setup.store.path, file, force=force, progress=setup.bar)
    setup.close_bars()
    setup.console.detail(f"Wrote {file} ({size(copied)}).")


@app.command()
def check(
    ctx: typer.Context,
    full: Annotated[
        bool, typer.Option("--full", help="Compare the indexes with their tables too; slower.")
    ] = False,
    json: Json = False,
) -> None:
    """Look for damage, and say how to mend it; exit code 1 where there is some.

    Reads every page; looks for rows that refer to nothing and for a search index that does not
    agree with the papers. Changes nothing.
    """
    from papertrack.housekeeping import Problem
    from papertrack.render import health

    setup: Setup = ctx.obj
    where = str(_existing(setup))
    try:
        found = setup.store.problems(full=full, progress=setup.bar)
    except StoreError as error:
        found = [Problem("file", str(error))]
    setup.close_bars()
    _tell(setup, json, health.problems_json(where, found), health.problem_lines(found))
    raise typer.Exit(int(Exit.FAILED if found else Exit.DONE))


@app.command()
def repair(ctx: typer.Context, json: Json = False) -> None:
    """Mend a damaged store: rebuild its indexes, or save what can be read.

    Rows that refer to nothing are dropped. Where pages are damaged, what can be read goes into a
    new file that takes the store's place, and the damaged file is kept beside it. Nothing else may
    run meanwhile.
    """
    from papertrack.render import health
    from papertrack.store.repair import repair

    setup: Setup = ctx.obj
    done = repair(str(_existing(setup)), setup.clock(), setup.bar)
    setup.close_bars()
    _tell(setup, json, health.repaired_json(done), health.repaired_lines(done))
    raise typer.Exit(int(Exit.FAILED if done.left else Exit.DONE))


@app.command()
def optimize(ctx: typer.Context, json: Json = False) -> None:
    """Make the store quicker and smaller; worth it once in some months.

    Merges the search index, measures how the values lie, and gives free space back to the disk
    where that is a tenth of the file or more.
    """
    from papertrack.render import health
    from papertrack.store import upkeep

    setup: Setup = ctx.obj
    _ = _existing(setup), setup.store  # an old one is migrated first, a foreign one refused
    done = upkeep.optimize(setup.store.path, setup.bar)
    setup.close_bars()
    _tell(setup, json, health.optimized_json(done), health.optimized_lines(done))


@app.command()
def prune(
    ctx: typer.Context,
    older_than: Annotated[
        str,
        typer.Option("--older-than", metavar="TIME", help="2y, 90d, or a day: 2024-12-31."),
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Say what would go; remove nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Remove old papers that you never marked, with their counts.

    A paper stays if you saved, read, hid, tagged or noted it, took it in from a file or were mailed
    it, and if it was on a list since. What would go is told first. As in: papertrack db prune
    --older-than 2y
    """
    from papertrack.render import health

    setup: Setup = ctx.obj
    _existing(setup)
    plan = _plan(setup, older_than)
    asks = not (dry_run or yes or json) and setup.console.is_terminal
    if not json:
        setup.console.report(health.pruning_lines(plan))
    if plan.papers and not dry_run and not _agreed(plan, yes=yes, asks=asks):
        raise UsageError("nothing was removed; add --yes to remove these, or --dry-run to look.")
    gone = 0 if dry_run else setup.store.prune(plan, setup.bar)
    setup.close_bars()
    if json:
        setup.console.write(health.pruning_json(plan, gone))
    elif gone:
        setup.console.note(
            f"Removed {gone:,} papers. Their room is used again; `papertrack db optimize` gives it "
            "back to the disk."
        )


def _tell(setup: Setup, json: bool, record: Iterable[str], lines: Iterable[str]) -> None:
    """For scripts the record, for people the lines."""
    if json:
        setup.console.write(record)
    else:
        setup.console.report(lines)


def _plan(setup: Setup, older_than: str) -> "Pruning":
    from datetime import date, timedelta

    from papertrack.clock import parse_since
    from papertrack.tracker import MEMORY

    now = setup.clock()
    try:
        before = parse_since(older_than, now)
    except OverflowError:
        before = date.min
    if before > now.date() - timedelta(days=1):
        raise UsageError(f"--older-than {older_than} leaves nothing; write it like 2y or 90d.")
    return setup.store.plan_pruning(before, (now - MEMORY).date())


def _agreed(plan: "Pruning", *, yes: bool, asks: bool) -> bool:
    return yes or (asks and typer.confirm(f"Remove {plan.papers:,} papers?", err=True))


def _existing(setup: Setup) -> Path:
    """The path of a store that is there: upkeep makes none."""
    found = setup.database_path
    if not found.exists() and not found.is_symlink():
        raise StoreError(f"{found} does not exist yet; `papertrack fetch` makes and fills it.")
    return found
