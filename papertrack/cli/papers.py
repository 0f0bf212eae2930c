"""Commands that show papers."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from papertrack.cli.console import default_format, write_file
from papertrack.cli.options import Look, with_look
from papertrack.cli.setup import Setup
from papertrack.errors import UsageError

if TYPE_CHECKING:
    from papertrack.models import Ranked
    from papertrack.render.fields import Field
    from papertrack.tracker import Listed, Shown, View

READ = "Read"
KEEP = "Keep"
Ids = Annotated[list[str], typer.Argument(help="Ids or addresses; - reads them from stdin.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command(rich_help_panel=READ)(trending)
    app.command(rich_help_panel=READ)(daily)
    app.command(rich_help_panel=READ)(show)
    app.command("mark-seen", rich_help_panel=KEEP)(mark_seen)


@with_look
def trending(
    ctx: typer.Context,
    window: Annotated[
        str, typer.Option("--window", "-w", help="How far back: 1d, 3d, 7d, 30d.")
    ] = "7d",
    day: Annotated[
        str, typer.Option("--date", help="As of the end of this day.", show_default=False)
    ] = "",
    *,
    look: Look,
) -> None:
    """What the field is reading now, ranked."""
    from papertrack.clock import parse_day, parse_duration

    setup: Setup = ctx.obj
    length = parse_duration(window)
    end = parse_day(day, setup.now) if day else None
    listed = setup.tracker.trending(length, end, _view(setup, look, order="score", limit=20))
    _show_list(setup, listed, look)


@with_look
def daily(
    ctx: typer.Context,
    day: Annotated[
        str, typer.Argument(metavar="[DATE]", help="2026-04-14, today or yesterday.")
    ] = "today",
    week: Annotated[str, typer.Option(help="A week, such as 2026-W15.")] = "",
    month: Annotated[str, typer.Option(help="A month, such as 2026-04.")] = "",
    *,
    look: Look,
) -> None:
    """The Daily Papers of a day, a week or a month."""
    from papertrack.clock import parse_day, parse_month, parse_week

    setup: Setup = ctx.obj
    if week and month:
        raise UsageError("--week and --month exclude each other; give one of them.")
    if week or month:
        first, last = parse_week(week) if week else parse_month(month)
    else:
        first = last = parse_day(day, setup.now)
    listed = setup.tracker.daily(first, last, _view(setup, look, order="upvotes", limit=None))
    _show_list(setup, listed, look)


def show(
    ctx: typer.Context,
    ids: Ids,
    format: Annotated[
        str, typer.Option("--format", "-f", help="table, json, jsonl, tsv, csv or ids.")
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="The same as -f json.")] = False,
    fields: Annotated[str, typer.Option(help="Only these fields.")] = "",
) -> None:
    """Everything known of a paper: abstract, counts and their course, links, why it ranks."""
    setup: Setup = ctx.obj
    keys = read_ids(ids)
    shown = setup.tracker.show(keys)
    name = "json" if json else format
    # One paper is one object: `show ID --json | jq .title`.
    if name == "json" and len(shown) == 1 and ids != ["-"]:
        setup.console.write(_one_object(shown[0], fields))
    elif name in ("", "table") and (name or setup.console.is_terminal):
        setup.console.write(_pages(setup, shown))
    else:
        look = Look(format=name, fields=fields)
        _write(setup, [one.ranked for one in shown], look)


def mark_seen(ctx: typer.Context, ids: Ids) -> None:
    """Count papers as seen, so that --unseen leaves them out."""
    setup: Setup = ctx.obj
    number = setup.tracker.store.mark_seen(read_ids(ids), setup.now)
    setup.console.detail(f"{number} marked as seen.")


def read_ids(words: Sequence[str]) -> list[str]:
    """The ids that arguments or stdin name, in any spelling. Raises UsageError for other words."""
    import sys

    from papertrack.identifiers import parse

    given: Iterable[str] = words
    if "-" in words:
        piped = sys.stdin.read().split()
        given = [word for one in words for word in (piped if one == "-" else [one])]
    return list(dict.fromkeys(parse(word) for word in given))


def _view(setup: Setup, look: Look, *, order: str, limit: int | None) -> "View":
    """What was asked for in words that the tracker knows."""
    from papertrack.models import SOURCES
    from papertrack.ranking import ORDERS, RANKINGS
    from papertrack.selecting import Selection
    from papertrack.tracker import View

    topics = {topic.name: topic for topic in setup.config.topics}
    selection = Selection(
        topic=topics[_known(look.topic, list(topics), "topic")] if look.topic else None,
        categories=tuple(look.category or ()),
        authors=tuple(look.author or ()),
        match=look.match,
        exclude=look.exclude,
        sources=tuple(_known(name, SOURCES, "source") for name in look.source or ()),
        unseen=look.unseen,
    )
    return View(
        selection=selection,
        ranking=_known(look.rank, list(RANKINGS), "ranking"),
        order=_known(look.sort, ORDERS, "order") if look.sort else _order(look, order),
        limit=look.limit or limit,
    )


def _order(look: Look, default: str) -> str:
    """Who asks for another ranking wants to see its order."""
    return default if look.rank == "trending" else "score"


def _known(name: str, names: Sequence[str], what: str) -> str:
    """The name, if it is one of those. Raises UsageError with the nearest one."""
    if name in names:
        return name
    from difflib import get_close_matches

    near = get_close_matches(name, names, 1)
    known = f"known: {', '.join(names)}" if names else f"the configuration has no {what}"
    hint = f"did you mean {near[0]}? " if near else ""
    raise UsageError(f"{name!r} is not a {what}; {hint}{known}.")


def _show_list(setup: Setup, listed: "Listed", look: Look) -> None:
    setup.close_bars()
    for note in listed.notes:
        setup.console.note(note)
    _write(setup, listed.ranked, look)


def _write(setup: Setup, ranked: Sequence["Ranked"], look: Look) -> None:
    """A list in the format that was asked for, to stdout or a file."""
    from papertrack.render import FORMATS

    name = "json" if look.json else look.format
    name = name or default_format(look.output, is_terminal=setup.console.is_terminal)
    pieces = _faces(setup, look)[_known(name, FORMATS, "format")](ranked)
    if look.output is None:
        setup.console.write(pieces)
    else:
        write_file(look.output, pieces)


def _faces(setup: Setup, look: Look) -> "dict[str, Callable[[Sequence[Ranked]], Iterable[str]]]":
    """For each format what makes a list of papers into text; only the chosen one is run."""
    from papertrack.render import records
    from papertrack.render.fields import FIELDS, LINE_FIELDS, chosen

    everything = [field.name for field in FIELDS]

    def fields(default: Sequence[str]) -> "list[Field]":
        extra = [
            *(["abstract"] if look.abstract else []),
            *(["contributions"] if look.explain else []),
        ]
        return chosen(look.fields, [*default, *(name for name in extra if name not in default)])

    def table(ranked: Sequence["Ranked"]) -> Iterator[str]:
        from papertrack.render.table import table as drawn

        chosen(look.fields, everything)
        terminal = setup.console.terminal(for_file=look.output is not None)
        if ranked:
            yield drawn(ranked, terminal, explain=look.explain, abstract=look.abstract)

    return {
        "table": table,
        "json": lambda ranked: records.as_json(ranked, fields(everything)),
        "jsonl": lambda ranked: records.as_jsonl(ranked, fields(everything)),
        "tsv": lambda ranked: records.as_tsv(ranked, fields(LINE_FIELDS)),
        "csv": lambda ranked: records.as_csv(ranked, fields(LINE_FIELDS)),
        "ids": records.as_ids,
    }


def _one_object(shown: "Shown", fields: str) -> Iterator[str]:
    from papertrack.render.fields import FIELDS, chosen
    from papertrack.render.records import dumps, record

    yield dumps(record(shown.ranked, chosen(fields, [field.name for field in FIELDS]))) + "\n"


def _pages(setup: Setup, shown: Sequence["Shown"]) -> Iterator[str]:
    from papertrack.render.page import page

    terminal = setup.console.terminal()
    for number, one in enumerate(shown):
        yield "\n" if number else ""
        yield page(one.ranked, one.history, one.place, terminal)
