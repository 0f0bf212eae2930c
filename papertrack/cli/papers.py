"""Commands that show lists of papers, and what all such commands have in common."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from papertrack.cli.faces import face_of, known, write
from papertrack.cli.options import Look, with_look
from papertrack.cli.setup import Setup
from papertrack.errors import UsageError

if TYPE_CHECKING:
    from papertrack.cli.faces import Face
    from papertrack.tracker import Listed, View

LONGEST_WINDOW = timedelta(days=90)
READ = "Read"
KEEP = "Keep"


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command(rich_help_panel=READ)(trending)
    app.command(rich_help_panel=READ, cls=_Daily)(daily)


class _Daily(TyperCommand):
    """`--week` and `--month` alone are this one; typer has no option that may lack its value."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        return super().parse_args(ctx, _with_this(args))


def _with_this(args: list[str]) -> list[str]:
    """`--week --json` to `--week=this --json`."""
    given: list[str] = []
    for word, following in zip(args, [*args, "--"][1:], strict=True):
        alone = word in ("--week", "--month") and following.startswith("-") and "--" not in given
        given.append(f"{word}=this" if alone else word)
    return given


@with_look(sort="score", limit=20)
def trending(
    ctx: typer.Context,
    window: Annotated[
        str,
        typer.Option(
            "--window",
            "-w",
            metavar="TIME",
            help="How far back: 1d, 3d, 7d, 30d; also 12h or 2w, from 1h to 90d.",
        ),
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
    setup: Setup = ctx.obj
    length = window_of(window)
    end = _past(setup, day) if day else None
    view, face = view_of(setup, look), face_of(setup, look)
    show_list(setup, setup.tracker.trending(length, end, view), look, face)


@with_look(sort="upvotes", limit=None)
def daily(
    ctx: typer.Context,
    day: Annotated[
        str,
        typer.Argument(
            metavar="[DATE]", help="2026-04-14, today or yesterday.", show_default="today"
        ),
    ] = "",
    week: Annotated[
        str | None,
        typer.Option(metavar="[WEEK]", help="A week, such as 2026-W15; alone: this one."),
    ] = None,
    month: Annotated[
        str | None,
        typer.Option(metavar="[MONTH]", help="A month, such as 2026-04; alone: this one."),
    ] = None,
    *,
    look: Look,
) -> None:
    """The Daily Papers of a day, a week or a month.

    As in: papertrack daily yesterday --limit 10
    """
    setup: Setup = ctx.obj
    first, last = _days(setup, day, week, month)
    view, face = view_of(setup, look), face_of(setup, look)
    show_list(setup, setup.tracker.daily(first, last, view), look, face)


def window_of(text: str) -> timedelta:
    from papertrack.clock import parse_duration

    length = parse_duration(text)
    if not length:
        raise UsageError(f"--window {text} holds nothing; write it like 1d, 7d or 2w.")
    if length > LONGEST_WINDOW:
        longest = LONGEST_WINDOW.days
        raise UsageError(f"--window {text} is too long; the longest is {longest}d.")
    return length


def _past(setup: Setup, text: str) -> date:
    """The day of --date, which nobody can know before it comes."""
    from papertrack.clock import newest_list_day, parse_day

    day, newest = parse_day(text, setup.now), newest_list_day(setup.now)
    if day > max(newest, setup.now.date()):
        raise UsageError(f"--date {day} is in the future; the newest list is that of {newest}.")
    return day


def _days(setup: Setup, day: str, week: str | None, month: str | None) -> tuple[date, date]:
    """The first and the last day of what was asked for."""
    from papertrack.clock import parse_day, parse_month, parse_week

    named = {f"DATE {day}": day or None, "--week": week, "--month": month}
    given = [name for name, text in named.items() if text is not None]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} exclude each other; give one of them.")
    if week is not None:
        return parse_week(week, setup.now)
    if month is not None:
        return parse_month(month, setup.now)
    only = parse_day(day or "today", setup.now)
    return only, only


def view_of(setup: Setup, look: Look) -> "View":
    """What was asked for in words that the tracker knows."""
    from papertrack.models import SOURCES
    from papertrack.rankings import RANKINGS
    from papertrack.selecting import Selection
    from papertrack.tracker import View

    topics = {topic.name: topic for topic in setup.preferences.topics}
    selection = Selection(
        topic=topics[known(look.topic, list(topics), "a topic")] if look.topic else None,
        categories=tuple(look.category or ()),
        authors=tuple(look.author or ()),
        match=_words(look.match, "--match"),
        exclude=_words(look.exclude, "--not"),
        sources=tuple(known(name, SOURCES, "a source") for name in look.source or ()),
        unseen=look.unseen,
    )
    return View(
        selection=selection,
        ranking=known(look.rank, list(RANKINGS), "a ranking"),
        order=known(look.sort, look.orders, "an order") if look.sort else _order(look),
        diverse=look.diverse,
        limit=look.limit or look.usual_limit,
    )


def _order(look: Look) -> str:
    """Who asks for another ranking wants to see its order."""
    return look.usual_sort if look.rank == "trending" else "score"


def _words(text: str | None, option: str) -> str:
    """What to look for. Raises UsageError where there is nothing in it to look for."""
    if text is None:
        return ""
    from papertrack.matching import words

    if not any(word.strip('*-" ') for word in words(text)):
        raise UsageError(f'{option} {text!r} holds no word; write it like {option} "tool use".')
    return text


def show_list(setup: Setup, listed: "Listed", look: Look, face: "Face") -> None:
    setup.close_bars()
    for note in listed.notes:
        setup.console.note(note)
    write(setup, look, face(listed.ranked))
    if look.limit is None and listed.total > len(listed.ranked):
        some = f"{len(listed.ranked)} of {listed.total:,} papers"
        setup.console.detail(f"{some}; --limit shows more.")
