"""`papertrack download`: PDFs from arXiv, for reading without a network."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from papertrack import places
from papertrack.cli.ids import Ids, Named, leave, looked_up, read_ids
from papertrack.cli.papers import READ
from papertrack.cli.setup import Setup
from papertrack.errors import PapertrackError, UsageError

if TYPE_CHECKING:
    from papertrack.sources.pdf import PdfSource


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(rich_help_panel=READ)(download)


def download(
    ctx: typer.Context,
    ids: Ids,
    directory: Annotated[
        Path,
        typer.Option("--directory", "-d", metavar="DIR", help="Into this folder.", file_okay=False),
    ] = Path("."),
    force: Annotated[bool, typer.Option("--force", help="Write over what is there.")] = False,
) -> None:
    """Download PDFs from arXiv, at its pace, and print their names; what is there already stays.

    A download that was cut goes on where it stopped.

    As in: papertrack saved --unread -f ids | papertrack download - -d ~/papers
    """
    from papertrack.sources import make_pdf_source

    setup: Setup = ctx.obj
    if setup.offline or setup.demo:
        raise UsageError(
            "download asks the network, which --offline and --demo forbid; leave them out."
        )
    keys, wrong = read_ids(ids)
    _made(directory)
    turns = places.state_folder(setup.env) / "turns"
    source = make_pdf_source(setup.config, setup.clock, setup.env, turns)
    errors = list(wrong)
    for key in keys:
        try:
            place = _downloaded(setup, source, key, directory, force=force)
            setup.close_bars()
            setup.console.write([f"{place}\n"])
        except PapertrackError as error:
            errors.append(error)
        except KeyboardInterrupt:
            setup.close_bars()
            setup.console.detail("Stopped; the same command goes on there.")
            raise
        finally:
            setup.close_bars()
    leave(setup, errors, partly=len(errors) - len(wrong) < len(keys))


def _downloaded(setup: Setup, source: "PdfSource", key: str, folder: Path, *, force: bool) -> Path:
    """Where the PDF of a paper is now, be it from an earlier download."""
    from papertrack.sources.pdf import file_name

    number = _arxiv_id(setup, key)
    place = folder / file_name(number)
    if os.path.lexists(place) and not force:
        setup.console.note(f"{place} is there already; --force downloads it again.")
    else:
        source.download(number, place, setup.bar, force=force)
    return place


def _arxiv_id(setup: Setup, key: str) -> str:
    """The arXiv id of a paper, which one that is known by its DOI may have too."""
    scheme, _, name = key.partition(":")
    if scheme == "arxiv":
        return name
    there, errors = looked_up(setup, Named([key]), ask=False)
    if errors:
        raise errors[0]
    (shown,) = setup.tracker.show(there)
    number: str = shown.ranked.entry.paper.arxiv_id
    if not number:
        raise PapertrackError(
            f"{name} is not at arXiv, and PDFs come from there; `papertrack open {key}` goes to "
            "its page."
        )
    return number


def _made(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be made: {error.strerror}; choose another --directory."
        ) from None
