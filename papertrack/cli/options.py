"""The options that commands share, each written once.

`Look` is how every command that shows papers can be told what to show; `with_look` gives a command
its options and hands them over as one value.
"""

import inspect
from collections.abc import Callable, Mapping
from copy import copy
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_args, get_origin

import typer

from papertrack.errors import UsageError
from papertrack.rankings import ORDERS
from papertrack.render import FORMATS, LINE_FIELDS

WHICH, HOW = "Which papers", "How to show them"
#: What makes the score, by the names of --rank.
SAID_OF_RANKINGS = {
    "trending": "every signal, as configured",
    "hot": "votes by age, as at Hacker News",
    "upvotes": "votes",
    "velocity": "votes a day",
    "stars": "code",
    "new": "last listed first",
    "expected": "votes in the end",
}

Format = Annotated[
    str,
    typer.Option(
        "--format",
        "-f",
        metavar="NAME",
        help=f"{', '.join(FORMATS)}; a table on a terminal, else tsv: {', '.join(LINE_FIELDS)}.",
        rich_help_panel=HOW,
        show_default=False,
    ),
]
PageFormat = Annotated[
    str,
    typer.Option(
        "--format",
        "-f",
        metavar="NAME",
        help=f"{', '.join(FORMATS)}; the page of each paper where you say nothing.",
        rich_help_panel=HOW,
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="The same as -f json.", rich_help_panel=HOW)]
Fields = Annotated[
    str | None,
    typer.Option(
        metavar="A,B,C", help="Only these fields, such as id,upvotes,title.", rich_help_panel=HOW
    ),
]
Header = Annotated[
    bool,
    typer.Option("--header", help="With tsv: the names of the fields first.", rich_help_panel=HOW),
]
Raw = Annotated[
    bool,
    typer.Option(
        "--raw",
        help="With csv and tsv: cells as they are, also those that a spreadsheet would run.",
        rich_help_panel=HOW,
    ),
]
Output = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Into this file, in the format that its name says, as .json or .bib; - is stdout.",
        rich_help_panel=HOW,
    ),
]


class Look(NamedTuple):
    """What to show of a list, and how.

    None where an option was not given; an empty one was, and means nothing that can be done.
    """

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
        str | None,
        typer.Option(
            metavar="WORDS",
            help='Words that all occur; "a phrase", prefix*, -without.',
            rich_help_panel=WHICH,
        ),
    ] = None
    exclude: Annotated[
        str | None,
        typer.Option(
            "--not", metavar="WORDS", help="Words that do not occur.", rich_help_panel=WHICH
        ),
    ] = None
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
            help=f"The order, whatever the score: {', '.join(ORDERS)}.",
            rich_help_panel=HOW,
        ),
    ] = ""
    rank: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="What makes the score, and then the order: "
            f"{', '.join(f'{name} ({said})' for name, said in SAID_OF_RANKINGS.items())}.",
            rich_help_panel=HOW,
        ),
    ] = "trending"
    diverse: Annotated[
        bool,
        typer.Option("--diverse", help="Not all of one lab or subject.", rich_help_panel=HOW),
    ] = False
    explain: Annotated[
        bool, typer.Option("--explain", help="Say why each paper ranks.", rich_help_panel=HOW)
    ] = False
    abstract: Annotated[
        bool, typer.Option("--abstract", help="With abstracts.", rich_help_panel=HOW)
    ] = False
    format: Format = ""
    json: Json = False
    fields: Fields = None
    header: Header = False
    raw: Raw = False
    output: Output = None
    command: str = ""
    usual_sort: str = "score"
    usual_limit: int | None = None
    orders: tuple[str, ...] = ORDERS

    @property
    def file(self) -> Path | None:
        """Where to write, if not to stdout."""
        if self.output == "":
            raise UsageError("--output names no file; give one, or - for stdout.")
        return Path(self.output) if self.output not in (None, "-") else None


Command = Callable[..., None]


def with_look(
    *,
    sort: str,
    limit: int | None,
    more_orders: tuple[str, ...] = (),
    rankings: bool = True,
) -> Callable[[Command], Command]:
    """Give a command the options of `Look` after its own, and pass them on as `look`.

    `sort` and `limit` are what holds where neither was asked for; help says so. `more_orders` are
    those that this command knows beside the usual ones. Where the score is made of something else,
    there are no `rankings`: --rank is refused by the command, and help does not show it.
    """
    orders = (*more_orders, *ORDERS)
    usual = {"sort": sort, "limit": "all" if limit is None else str(limit)}
    hidden = () if rankings else ("rank",)
    hints: Mapping[str, Any] = Look.__annotations__
    options = {name: kind for name, kind in hints.items() if get_origin(kind) is Annotated}

    def add(command: Command) -> Command:
        signature, name = inspect.signature(command), command.__name__
        own = [p for name, p in signature.parameters.items() if name != "look"]
        shared = [
            inspect.Parameter(
                option,
                inspect.Parameter.KEYWORD_ONLY,
                default=Look._field_defaults[option],
                annotation=_hiding(kind)
                if option in hidden
                else _saying(kind, usual.get(option), more_orders),
            )
            for option, kind in options.items()
        ]

        def wrapper(**given: Any) -> None:
            asked = {option: given.pop(option) for option in options}
            look = Look(**asked, command=name, usual_sort=sort, usual_limit=limit, orders=orders)
            command(**given, look=look)

        wrapper.__name__, wrapper.__doc__ = command.__name__, command.__doc__
        vars(wrapper)["__signature__"] = signature.replace(parameters=[*own, *shared])
        wrapper.__annotations__ = {p.name: p.annotation for p in [*own, *shared]}
        return wrapper

    return add


def _hiding(annotation: Any) -> Any:
    """The option, which help does not show."""
    kind, option = get_args(annotation)
    told = copy(option)
    told.hidden = True
    return Annotated[kind, told]


def _saying(annotation: Any, default: str | None, more_orders: tuple[str, ...]) -> Any:
    """The option, with what help says that its default is."""
    if default is None:
        return annotation
    kind, option = get_args(annotation)
    told = copy(option)
    told.show_default = default
    usual = ", ".join(ORDERS)
    told.help = (told.help or "").replace(usual, ", ".join((*more_orders, *ORDERS)))
    return Annotated[kind, told]
