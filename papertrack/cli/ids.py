"""Papers named on the command line or on stdin, and those of them that nobody knows."""

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, NamedTuple

import typer

from papertrack.cli.setup import Setup
from papertrack.errors import Exit, PaperNotFoundError, PapertrackError, SourceError, UsageError

#: From so many unknown papers on, they are asked for together.
MANY = 4
Ids = Annotated[
    list[str],
    typer.Argument(metavar="ID...", help="Ids or addresses; - reads them from stdin."),
]


class Named(NamedTuple):
    """The papers that were named, each once, and what is to be said of words that name none."""

    keys: list[str]
    errors: Sequence[PapertrackError] = ()


def read_ids(words: Sequence[str]) -> Named:
    """The ids that arguments or stdin name, in any spelling. Raises UsageError where none does."""
    import sys

    from papertrack.identifiers import parse

    given: Iterable[str] = words
    if "-" in words:
        piped = sys.stdin.read().split()
        given = [word for one in words for word in (piped if one == "-" else [one])]
    keys: dict[str, None] = {}
    errors: list[PapertrackError] = []
    for word in given:
        try:
            keys[parse(word)] = None
        except UsageError as error:
            errors.append(error)
    if errors and not keys:
        raise errors[0]
    return Named(list(keys), errors)


def looked_up(
    setup: Setup, named: Named, *, ask: bool = True
) -> tuple[list[str], list[PapertrackError]]:
    """Those of the papers that are stored, or that a source knows, and why the others are not."""
    there, errors = _looked_up(setup, named.keys, ask=ask)
    return there, [*named.errors, *errors]


def _looked_up(
    setup: Setup, keys: Sequence[str], *, ask: bool
) -> tuple[list[str], list[PapertrackError]]:
    tracker = setup.tracker
    stored = tracker.store.find(keys)
    missing = [key for key in keys if key not in stored]
    if not ask:
        return [key for key in keys if key in stored], [_not_stored(key) for key in missing]
    if len(missing) >= MANY and not setup.offline:
        missing = list(tracker.look_up(missing).missing)  # a source may take many at once
    errors = problems(lambda key: tracker.show([key]), missing)
    stored = tracker.store.find(keys)
    return [key for key in keys if key in stored], errors


def _not_stored(key: str) -> PapertrackError:
    short = key.partition(":")[2]
    return PaperNotFoundError(f"{short} is not stored; `papertrack show {short}` looks it up.")


def problems(ask: Callable[[str], object], keys: Sequence[str]) -> list[PapertrackError]:
    """What is said when papers are asked for that are not there, a sentence for each."""
    errors: list[PapertrackError] = []
    for place, key in enumerate(keys):
        try:
            ask(key)
        except PaperNotFoundError as error:
            errors.append(error)
        except SourceError as error:  # nobody answers: the others would wait for the same sentence
            left = ", ".join(other.partition(":")[2] for other in keys[place:])
            return [*errors, SourceError(f"{error} Left out: {left}.")]
    return errors


def leave(setup: Setup, errors: Sequence[PapertrackError], *, partly: bool) -> None:
    """Say what is missing; the exit code tells whether that is all or a part."""
    for error in errors:
        setup.console.error(str(error))
    if errors:
        raise typer.Exit(int(Exit.PARTLY if partly else errors[0].exit_code))
