"""The options that commands share, each written once.

`Look` is how every command that shows papers can be told what to show; `with_look` gives a command
its options and hands them over as one value.
"""

import inspect
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import typer

from papertrack.rankings import ORDERS, RANKINGS
from papertrack.render import FORMATS

WHICH, HOW = "Which papers", "How to show them"

Format = Annotated[
    str,
    typer.Option(
        "--format",
        "-f",
        metavar="NAME",
        help=f"{', '.join(FORMATS)}; a table on a terminal, TSV in a pipe.",
        rich_help_panel=HOW,
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="The same as -f json.", rich_help_panel=HOW)]
Fields = Annotated[
    str,
    typer.Option(
        metavar="A,B,C", help="Only these fields, such as id,upvotes,title.", rich_help_panel=HOW
    ),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Into this file.", rich_help_panel=HOW),
]


@dataclass(frozen=True)
class Look:
    """What to show of a list, and how."""

    limit: Annotated[
        int | None,
        typer.Option(
            "--limit", "-l", min=1, metavar="N", help="At most so many.", rich_help_panel=WHICH
        ),
    ] = None
    topic: Annotated[
        str,
        typer.Option(metavar="NAME", help="A topic of the configuration.", rich_help_panel=WHICH),
    ] = ""
    category: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="An arXiv category, such as cs.LG or cs; any of several.",
            rich_help_panel=WHICH,
        ),
    ] = None
    author: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="An author's name; any of several.", rich_help_panel=WHICH
        ),
    ] = None
    match: Annotated[
        str,
        typer.Option(
            metavar="WORDS",
            help='Words that all occur; "a phrase", prefix*, -without.',
            rich_help_panel=WHICH,
        ),
    ] = ""
    exclude: Annotated[
        str,
        typer.Option(
            "--not", metavar="WORDS", help="Words that do not occur.", rich_help_panel=WHICH
        ),
    ] = ""
    source: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only what this source knows.", rich_help_panel=WHICH),
    ] = None
    unseen: Annotated[
        bool, typer.Option("--unseen", help="Only what was not seen yet.", rich_help_panel=WHICH)
    ] = False
    sort: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help=f"By {', '.join(ORDERS)}.",
            rich_help_panel=HOW,
            show_default=False,
        ),
    ] = ""
    rank: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help=f"Which ranking: {', '.join(RANKINGS)}.",
            rich_help_panel=HOW,
            show_default=False,
        ),
    ] = "trending"
    explain: Annotated[
        bool, typer.Option("--explain", help="Say why each paper ranks.", rich_help_panel=HOW)
    ] = False
    abstract: Annotated[
        bool, typer.Option("--abstract", help="With abstracts.", rich_help_panel=HOW)
    ] = False
    format: Format = ""
    json: Json = False
    fields: Fields = ""
    output: Output = None


def with_look(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `Look` after its own, and pass them on as `look`."""
    signature = inspect.signature(command)
    own = [p for name, p in signature.parameters.items() if name != "look"]
    shared = [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if field.default is MISSING else field.default,
            annotation=field.type,
        )
        for field in fields(Look)
    ]
    names = {parameter.name for parameter in shared}

    def wrapper(**given: Any) -> None:
        look = Look(**{name: given.pop(name) for name in names})
        command(**given, look=look)

    wrapper.__name__, wrapper.__doc__ = command.__name__, command.__doc__
    vars(wrapper)["__signature__"] = signature.replace(parameters=[*own, *shared])
    wrapper.__annotations__ = {p.name: p.annotation for p in [*own, *shared]}
    return wrapper
