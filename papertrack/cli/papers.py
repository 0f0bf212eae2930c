"""Commands that show papers."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from papertrack.cli.console import default_format, write_file
from papertrack.cli.options import Fields, Format, Json, Look, Output, with_look
from papertrack.cli.setup import Setup
from papertrack.errors import UsageError

if TYPE_CHECKING:
    from papertrack.models import Ranked
    from papertrack.render.fields import Field
    from papertrack.tracker import Listed, Shown, View

    Face = Callable[[Sequence[Ranked]], Iterable[str]]

READ = "Read"
KEEP = "Keep"
Ids = Annotated[
    list[str],
    typer.Argument(metavar="ID...", help="Ids or addresses; - reads them from stdin."),
]


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
        str, typer.Option("--window", "-w", metavar="TIME", help="How far back: 1d, 3d, 7d, 30d.")
    ] = "7d",
    day: Annotated[
        str,
        typer.Option(
            "--date", metavar="DATE", help="As of the end of this day.", show_default=False
        ),
    ] = "",
    *,
    look: Look,
) -> None:
    """What the field is reading now, ranked.

    As in: papertrack trending --window 3d --match "agent -survey" --explain
    """
    from papertrack.clock import parse_day, parse_duration

    setup: Setup = ctx.obj
    length = parse_duration(window)
    if not length:
        raise UsageError(f"--window {window} holds nothing; write it like 1d, 7d or 2w.")
    end = parse_day(day, setup.now) if day else None
    face = _face(setup, look)
    listed = setup.tracker.trending(length, end, _view(setup, look, order="score", limit=20))
    _show_list(setup, listed, look, face)


@with_look
def daily(
    ctx: typer.Context,
    day: Annotated[
        str, typer.Argument(metavar="[DATE]", help="2026-04-14, today or yesterday.")
    ] = "today",
    week: Annotated[str, typer.Option(metavar="WEEK", help="A week, such as 2026-W15.")] = "",
    month: Annotated[str, typer.Option(metavar="MONTH", help="A month, such as 2026-04.")] = "",
    *,
    look: Look,
) -> None:
    """The Daily Papers of a day, a week or a month.

    As in: papertrack daily yesterday --limit 10
    """
    from papertrack.clock import parse_day, parse_month, parse_week

    setup: Setup = ctx.obj
    if week and month:
        raise UsageError("--week and --month exclude each other; give one of them.")
    if week or month:
        first, last = parse_week(week) if week else parse_month(month)
    else:
        first = last = parse_day(day, setup.now)
    face = _face(setup, look)
    listed = setup.tracker.daily(first, last, _view(setup, look, order="upvotes", limit=None))
    _show_list(setup, listed, look, face)


def show(
    ctx: typer.Context,
    ids: Ids,
    format: Format = "",
    json: Json = False,
    fields: Fields = "",
    output: Output = None,
) -> None:
    """Everything known of a paper: abstract, counts and their course, links, why it ranks.

    As in: papertrack show 2604.07413 --json
    """
    setup: Setup = ctx.obj
    look = Look(format=format, json=json, fields=fields, output=output)
    name, face = _format(setup, look), _face(setup, look)
    shown = setup.tracker.show(read_ids(ids))
    # One paper is one object: `show ID --json | jq .title`.
    if name == "json" and len(shown) == 1 and ids != ["-"]:
        _write(setup, look, _one_object(shown[0], fields))
    elif name == "table" and not fields:
        _write(setup, look, _pages(setup, shown, look))
    else:
        _write(setup, look, face([one.ranked for one in shown]))


def mark_seen(ctx: typer.Context, ids: Ids) -> None:
    """Count papers as seen, so that --unseen leaves them out.

    As in: papertrack trending --unseen --format ids | papertrack mark-seen -
    """
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
    from papertrack.rankings import ORDERS, RANKINGS
    from papertrack.selecting import Selection
    from papertrack.tracker import View

    topics = {topic.name: topic for topic in setup.config.topics}
    selection = Selection(
        topic=topics[_known(look.topic, list(topics), "a topic")] if look.topic else None,
        categories=tuple(look.category or ()),
        authors=tuple(look.author or ()),
        match=look.match,
        exclude=look.exclude,
        sources=tuple(_known(name, SOURCES, "a source") for name in look.source or ()),
        unseen=look.unseen,
    )
    return View(
        selection=selection,
        ranking=_known(look.rank, list(RANKINGS), "a ranking"),
        order=_known(look.sort, ORDERS, "an order") if look.sort else _order(look, order),
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
    known = f"known: {', '.join(names)}" if names else "the configuration has none"
    hint = f"did you mean {near[0]}? " if near else ""
    raise UsageError(f"{name!r} is not {what}; {hint}{known}.")


def _show_list(setup: Setup, listed: "Listed", look: Look, face: "Face") -> None:
    setup.close_bars()
    for note in listed.notes:
        setup.console.note(note)
    _write(setup, look, face(listed.ranked))


def _write(setup: Setup, look: Look, pieces: Iterable[str]) -> None:
    """To stdout, or into the file that was asked for."""
    if look.output is None:
        setup.console.write(pieces)
    else:
        write_file(look.output, pieces)


def _format(setup: Setup, look: Look) -> str:
    """The format that was asked for, or the one that suits the place where it goes."""
    from papertrack.render import FORMATS

    name = "json" if look.json else look.format
    if not name:
        return default_format(look.output, is_terminal=setup.console.is_terminal)
    return _known(name, FORMATS, "a format")


def _face(setup: Setup, look: Look) -> "Face":
    """What makes a list into text. Wrong words are told here, before anybody is asked anything."""
    from papertrack.render import records
    from papertrack.render.fields import FIELDS, LINE_FIELDS, chosen

    name = _format(setup, look)
    default = LINE_FIELDS if name in ("tsv", "csv") else [field.name for field in FIELDS]
    more = {"abstract": look.abstract, "contributions": look.explain}
    extra = [field for field, wanted in more.items() if wanted and field not in default]
    fields = chosen(look.fields, [*default, *extra])
    faces: dict[str, Face] = {
        "table": lambda ranked: _table(setup, look, ranked, fields if look.fields else ()),
        "json": lambda ranked: records.as_json(ranked, fields),
        "jsonl": lambda ranked: records.as_jsonl(ranked, fields),
        "tsv": lambda ranked: records.as_tsv(ranked, fields),
        "csv": lambda ranked: records.as_csv(ranked, fields),
        "ids": records.as_ids,
    }
    return faces[name]


def _table(
    setup: Setup, look: Look, ranked: Sequence["Ranked"], fields: "Sequence[Field]"
) -> Iterator[str]:
    from papertrack.render.table import fields_table, table

    terminal = setup.console.terminal(for_file=look.output is not None)
    if ranked and fields:
        yield fields_table(ranked, fields, terminal)
    elif ranked:
        yield table(ranked, terminal, explain=look.explain, abstract=look.abstract)


def _one_object(shown: "Shown", fields: str) -> Iterator[str]:
    from papertrack.render.fields import FIELDS, chosen
    from papertrack.render.records import as_object

    yield from as_object(shown.ranked, chosen(fields, [field.name for field in FIELDS]))


def _pages(setup: Setup, shown: Sequence["Shown"], look: Look) -> Iterator[str]:
    from papertrack.render.page import page

    terminal = setup.console.terminal(for_file=look.output is not None)
    for number, one in enumerate(shown):
        yield "\n" if number else ""
        yield page(one.ranked, one.history, one.place, terminal)
