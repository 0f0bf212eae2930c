"""`papertrack search`: the stored papers that answer a question."""

from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from papertrack.cli.faces import face_of
from papertrack.cli.options import Look, with_look
from papertrack.cli.papers import READ, show_list, view_of
from papertrack.cli.setup import Setup
from papertrack.errors import UsageError


class _Searching(TyperCommand):
    """Lets `-word` be a word of the question, and no heap of options."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, [_kept(word) for word in args])


def _kept(word: str) -> str:
    """`-survey` with a minus sign that is no option's; `-fjson` and `-l5` stay what they are."""
    wanted = word.startswith("-") and word[1:2] not in ("-", "") and len(word) > 3
    return f"−{word[1:]}" if wanted and not word[1:].startswith(_GLUED) else word


_GLUED = ("fjson", "fids", "ftsv", "fcsv", "ftable", *(f"l{digit}" for digit in range(10)))


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command(rich_help_panel=READ, cls=_Searching)(search)


@with_look(sort="relevance", limit=20, more_orders=("relevance", "trending"), rankings=False)
def search(
    ctx: typer.Context,
    words: Annotated[
        list[str],
        typer.Argument(metavar="WORDS...", help='Words, "phrases", author:bengio, an id, ...'),
    ],
    remote: Annotated[
        bool,
        typer.Option("--remote", help="Ask Hugging Face's search as well, and store its papers."),
    ] = False,
    *,
    look: Look,
) -> None:
    """The stored papers that answer a question, best first.

    As in: papertrack search sparse attention author:dao after:2024 -survey
    """
    from papertrack.querying import parse

    setup: Setup = ctx.obj
    if look.rank != "trending":
        raise UsageError("Words make the score here; leave out --rank, or say --sort.")
    view, face = view_of(setup, look), face_of(setup, look)
    found = setup.tracker.search(parse(" ".join(words)), view, remote=remote)
    show_list(setup, found, look, face)
