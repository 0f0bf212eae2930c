"""`papertrack export`: everything, for another machine or another program."""

import os
from pathlib import Path
from typing import Annotated

import typer

from papertrack.cli.catalogue import HOUSEKEEPING
from papertrack.cli.console import write_file
from papertrack.cli.setup import Setup
from papertrack.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(rich_help_panel=HOUSEKEEPING)(export)


def export(
    ctx: typer.Context,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Into a file; - is stdout.")
    ] = "-",
    parquet: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Parquet files by month, without your marks; needs pyarrow."
        ),
    ] = None,
) -> None:
    """Write everything as JSON Lines: papers, who said what, lists, counts, your marks and notes.

    `papertrack import` makes the same store of it again, and adds it to another; it is read and
    written a paper at a time, so it may be of any size. As in: papertrack export -o all.jsonl

    --parquet writes papers, listings and observations for DuckDB and the like; docs/scale.md shows
    how. A folder of an earlier export is replaced.
    """
    from papertrack.render import archive

    setup: Setup = ctx.obj
    if parquet is not None:
        _write_lake(setup, parquet)
        return
    _refuse_other_format(output)
    store = setup.tracker.store
    lines = archive.lines(store.opening(setup.now), store.everything())
    if output == "-":
        setup.console.write(lines)
        return
    os.umask(0o077)  # notes and marks are nobody else's
    write_file(Path(output), lines)


def _refuse_other_format(output: str) -> None:
    """Raise UsageError for a file whose name promises what is not written."""
    suffix = Path(output).suffix.lower()
    if suffix not in ("", ".jsonl", ".ndjson", ".txt"):
        raise UsageError(
            f"{suffix} is no name for JSON Lines; end --output in .jsonl, or pack what is printed: "
            "papertrack export | gzip > all.jsonl.gz"
        )


def _write_lake(setup: Setup, folder: Path) -> None:
    """Papers, listings, counts, and what the score is made of, so that SQL can make it too."""
    from papertrack import lake
    from papertrack.ranking.expected import SHRINKAGE, from_text
    from papertrack.tracker import NORM

    tracker = setup.tracker
    norm, ranking = from_text(tracker.store.learned(NORM)), tracker.preferences
    constants = {
        **{f"{name}_weight": weight for name, weight in ranking.weights.items()},
        "half_life_hours": ranking.half_life.total_seconds() / 3600,
        "typical_final": norm.typical_final,
        "shrinkage": SHRINKAGE,
    }
    with lake.writing(folder, setup.now) as place, tracker.store.months() as tables:
        for table in tables:
            lake.write(place, lake.Table(*table), setup.bar)
        lake.write_one(place, "ranking", {name: [float(v)] for name, v in constants.items()})
        hours, shares = zip(*norm.growth, strict=True)
        lake.write_one(place, "growth", {"hours": hours, "share": shares})
    setup.close_bars()
    setup.console.detail(f"Wrote {folder}; docs/scale.md shows how to ask it.")
