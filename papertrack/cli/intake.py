"""`papertrack import`: papers from files."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from papertrack.cli.setup import Setup
from papertrack.errors import Exit, PapertrackError, UsageError
from papertrack.render import counted

if TYPE_CHECKING:
    from papertrack.importing.snapshot import Snapshot
    from papertrack.intake import LookedUp

PANEL = "Fetch"
#: Papers of an export that are stored in one transaction, and the longest first line, in bytes.
AT_ONCE, MAX_OPENING = 400, 20_000_000
#: So many reasons why something was left out are kept; a file may have millions.
MOST_SKIPPED = 1_000


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("import", rich_help_panel=PANEL)(import_files)


@dataclass
class _Told:
    """What one file gave, for the report."""

    file: str
    format: str = ""
    papers: int = 0
    new: int = 0
    skipped: list[str] = field(default_factory=list)
    found: int = 0
    missing: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)  # by id, of papers that have no other name
    code: Exit = Exit.DONE  # of what ended it
    next_step: str = ""

    def fail(self, error: PapertrackError) -> None:
        self.errors.append(str(error))
        self.code = error.exit_code


def import_files(
    ctx: typer.Context,
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Files; - is stdin.")],
    resolve: Annotated[
        bool, typer.Option("--resolve", help="Find ids for papers that have only a title.")
    ] = False,
    observations: Annotated[
        bool,
        typer.Option(
            "--observations", help="The files are series of counts, or times of submission."
        ),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="A report for scripts.")] = False,
) -> None:
    """Take in papers from files.

    A saved Daily Papers page, the text copied from one, BibTeX, RIS, CSL-JSON, papertrack's own
    JSON and `papertrack export`, a list of ids and addresses, or arXiv's metadata snapshot (gzip,
    xz and zip too): what a file holds decides, not its name. A snapshot goes on where an
    interrupted import of it stopped.

    Example: papertrack import refs.bib
    """
    setup: Setup = ctx.obj
    if setup.demo:
        raise UsageError("import fills the store, which --demo does not have; leave it out.")
    try:
        if observations:
            told = [_series(setup, name) for name in files]
        else:
            told = [_one(setup, name, resolve=resolve) for name in files]
    except KeyboardInterrupt:
        setup.close_bars()
        setup.console.detail("Stopped; what is stored is kept, and the same import does the rest.")
        raise
    setup.close_bars()
    for one in told:
        _tell(setup, one)
    code = _exit_code(told)
    if json:
        _write_json(setup, told, code)
    raise typer.Exit(int(code))


def _one(setup: Setup, name: str, *, resolve: bool) -> _Told:
    """Take in one file; what is wrong with it does not stop the others."""
    from papertrack.importing import read, snapshot

    told = _Told(file=name)
    try:
        with opened(name) as file:
            if is_export(file):
                return _restored(setup, told, file)
        whole = snapshot.find(Path(name)) if name != "-" else None
        if whole:
            _snapshot(setup, told, whole)
            return told
        body, saved_at = content_of(setup, name)
        imported = read(body, name=name, observed_at=saved_at)
        del body  # what it holds takes room enough
        counts = setup.tracker.take_in(imported, saved_at)
        told.format, told.papers, told.new = imported.format, counts.papers, counts.new
        told.skipped = list(imported.batch.skipped)
        unknown = [key for key in imported.ids if key not in setup.tracker.store.find([key])]
        told.found = len(imported.ids) - len(unknown)
        if unknown:
            _ask(setup, told, unknown)
            told.new += len(unknown) - len(told.missing)
        told.papers += len(imported.ids) - len(told.missing)
        if resolve and setup.offline:
            told.errors.append("--resolve asks the sources, which --offline forbids; leave it out.")
        elif resolve:
            told.titles = {paper.id: paper.title for paper in imported.batch.papers}
            _add(told, setup.tracker.resolve(list(told.titles)))
    except PapertrackError as error:
        told.fail(error)
    return told


def _snapshot(setup: Setup, told: _Told, whole: "Snapshot") -> None:
    """Take in arXiv's metadata snapshot, which may be larger than memory."""
    from papertrack.importing.imported import no_records
    from papertrack.importing.snapshot import FORMAT

    counts = setup.tracker.take_in_snapshot(whole)
    told.format, told.papers, told.new = FORMAT, counts.papers, counts.new
    if counts.skipped:
        told.skipped.append(no_records(counts.skipped, "".join(whole.odd)))
    told.next_step = "`papertrack fetch arxiv --oai` reads what has changed since it was made."


def _restored(setup: Setup, told: _Told, file: BinaryIO) -> _Told:
    """Take in an export of papertrack, some hundred papers at a time."""
    from itertools import chain

    from papertrack.importing import archived

    store = setup.tracker.store
    opening = archived.opening_of(file.readline(MAX_OPENING))
    lists, part = opening.lists, []
    for one in chain(archived.papers(file), [None]):
        if isinstance(one, str):
            told.skipped += [one] if len(told.skipped) < MOST_SKIPPED else []
        elif one is not None:
            part.append(one)
        if part and (one is None or len(part) == AT_ONCE):
            told.new += store.restore(part, lists, setup.now).new
            told.papers += len(part)
            told.format = archived.FORMAT
            setup.bar("papers", told.papers, opening.papers)
            lists, part = (), []
    told.format = archived.FORMAT
    return told


def is_export(file: BinaryIO) -> bool:
    """Whether papertrack exported it; nothing is read away."""
    from papertrack.importing.archived import BEGINS

    peek = getattr(file, "peek", None)
    return bool(peek and peek(len(BEGINS))[: len(BEGINS)] == BEGINS)


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """A file or stdin, to be read a line at a time."""
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(name).open("rb") as file:
            yield file
    except OSError as error:
        raise UsageError(f"{name} could not be read: {error.strerror}; check its name.") from None


def _series(setup: Setup, name: str) -> _Told:
    """Take in one series of counts."""
    from papertrack.importing.series import read_series

    told = _Told(file=name)
    try:
        body, _ = content_of(setup, name)
        counts = setup.tracker.take_in_series(read_series(body, name=name))
        told.format, told.papers, told.new = "series of counts", counts.papers, counts.new
    except PapertrackError as error:
        told.fail(error)
    return told


def _ask(setup: Setup, told: _Told, unknown: Sequence[str]) -> None:
    if setup.offline:
        told.missing += unknown
        told.errors.append(
            f"{counted(len(unknown), 'id')} not stored, and --offline asks nobody; leave it out."
        )
    else:
        _add(told, setup.tracker.look_up(unknown))


def _add(told: _Told, asked: "LookedUp") -> None:
    told.found += len(asked.found)
    told.missing += asked.missing
    told.errors += [str(error) for error in asked.errors]


def content_of(setup: Setup, name: str) -> tuple[bytes, datetime]:
    """A file and when it was saved; stdin is as of now."""
    from papertrack.importing import MAX_BODY

    if name == "-":
        return sys.stdin.buffer.read(MAX_BODY + 1), setup.now
    path = Path(name)
    try:
        with path.open("rb") as file:
            body = file.read(MAX_BODY + 1)
        saved_at = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
    except OSError as error:
        raise UsageError(f"{name} could not be read: {error.strerror}; check its name.") from None
    return body, min(saved_at, setup.now)


def _tell(setup: Setup, told: _Told) -> None:
    for message in told.errors:
        named = ("stdin" if told.file == "-" else Path(told.file).name) in message
        setup.console.error(message if named else f"{told.file}: {message}")
    if not told.format:
        return
    ids = f", {counted(told.found, 'id')} found" if told.found else ""
    papers = counted(told.papers, "paper")
    setup.console.detail(f"{told.file}: {told.format}; {papers}, {told.new:,} new{ids}.")
    if told.next_step:
        setup.console.detail(told.next_step)
    for reason in told.skipped[:5]:
        setup.console.note(f"{told.file}: left out: {reason}")
    if told.missing:
        names = (told.titles.get(key, key.partition(":")[2]) for key in told.missing[:5])
        some = "; ".join(name[:80] for name in names)
        more = f" and {len(told.missing) - 5} more" if len(told.missing) > 5 else ""
        setup.console.note(f"{told.file}: not found: {some}{more}")


def _exit_code(told: Sequence[_Told]) -> Exit:
    """0 all of it, 5 some of it; where no file could be used their reason, or 1 for several."""
    if not any(one.errors or one.missing or one.skipped for one in told):
        return Exit.DONE
    if any(one.format for one in told):
        return Exit.PARTLY
    reasons = {one.code for one in told}
    return reasons.pop() if len(reasons) == 1 else Exit.FAILED


def _write_json(setup: Setup, told: Sequence[_Told], code: Exit) -> None:
    from dataclasses import asdict

    from papertrack.render.records import dumps

    status = {Exit.DONE: "ok", Exit.PARTLY: "partial"}.get(code, "error")
    files = [asdict(one) for one in told]
    for one in files:
        for name in ("titles", "code", "next_step"):  # for people
            del one[name]
    report: dict[str, Any] = {"status": status, "files": files}
    setup.console.write([dumps(report) + "\n"])
