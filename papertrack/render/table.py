"""A list of papers for a person at a terminal.

Every cell is a `Text`: remote titles never become Rich markup, emoji codes or styles. The id and
the numbers are never squeezed; the title takes what is left and wraps.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.style import Style
from rich.table import Table
from rich.text import Text

from papertrack import text
from papertrack.models import COMMENTS, GITHUB_STARS, UPVOTES, Ranked


@dataclass(frozen=True, kw_only=True)
class Terminal:
    """What the terminal can do."""

    width: int = 80
    color: bool = False
    links: bool = False


@dataclass(frozen=True)
class Column:
    """A column, and the width from which on it is worth its room."""

    header: str
    cell: Callable[[Ranked], Text]
    from_width: int = 0
    justify: Any = "right"
    max_width: int | None = None


def console(terminal: Terminal, into: io.StringIO) -> Console:
    """A console that renders to a string at exactly this width, whatever TERM says."""
    return Console(
        file=into,
        width=terminal.width,
        height=25,  # with a height given, Rich keeps the width also on dumb terminals
        force_terminal=terminal.color or terminal.links,
        no_color=not terminal.color,
        color_system="256" if terminal.color or terminal.links else None,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
        _environ={},
    )


def table(
    ranked: Sequence[Ranked],
    terminal: Terminal,
    *,
    explain: bool = False,
    abstract: bool = False,
) -> str:
    """The list as text, ready to be written."""
    shown = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold", expand=True)
    columns = [column for column in COLUMNS if terminal.width >= column.from_width]
    for column in columns:
        shown.add_column(
            column.header,
            justify=column.justify,
            no_wrap=True,
            max_width=column.max_width,
            overflow="ellipsis",
        )
    shown.add_column("title", ratio=1, overflow="fold")
    for one in ranked:
        title = _title(one, terminal, explain=explain, abstract=abstract)
        shown.add_row(*(column.cell(one) for column in columns), title)
    into = io.StringIO()
    console(terminal, into).print(shown)
    return "\n".join(line.rstrip() for line in into.getvalue().split("\n"))


def plain(value: str, style: str = "") -> Text:
    """Remote or own text as a cell that cannot be anything but text."""
    return Text(value, style=style)


def linked(value: str, url: str, terminal: Terminal, style: str = "") -> Text:
    """Text that is a clickable OSC 8 link where the terminal has them."""
    target = text.safe_url(url)
    if not terminal.links or not target:
        return Text(value, style=style)
    return Text(value, style=Style.parse(style or "none") + Style(link=target))


def short_id(one: Ranked) -> str:
    """The id as every command takes it: bare for arXiv, with its scheme else."""
    scheme, _, name = one.entry.paper.id.partition(":")
    return text.one_line(name if scheme == "arxiv" else one.entry.paper.id)


def compact(value: float | None) -> str:
    """`950`, `1.2k`, `79k`, `1.3M`; empty where nothing is known."""
    if value is None:
        return ""
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            number = value / size
            return f"{number:.1f}{unit}" if abs(number) < 9.95 else f"{number:.0f}{unit}"
    return f"{value:.0f}"


def _count(kind: str, style: str = "") -> Callable[[Ranked], Text]:
    return lambda one: plain(compact(one.entry.latest.get(kind)), style)


def _gain(one: Ranked) -> Text:
    """Votes since the observation before the last: green where they rise."""
    seen = one.entry.course(UPVOTES)
    if len(seen) < 2:
        return plain("")
    change = seen[-1].value - seen[0].value
    if change == 0:
        return plain("0", "dim")
    return plain(f"{change:+.0f}", "green" if change > 0 else "red")


def _listed(one: Ranked) -> Text:
    days = [listing.list_date for listing in one.entry.listings]
    return plain(f"{max(days):%b %d}" if days else "", "dim")


def _submitter(one: Ranked) -> Text:
    organization = text.one_line(one.entry.paper.organization, "")
    return plain(organization, "magenta")


def _authors(one: Ranked) -> Text:
    names = one.entry.paper.authors
    line = text.one_line(", ".join(names[:2]), "")
    return plain(line + (f" +{len(names) - 2}" if len(names) > 2 else ""), "dim")


def _title(one: Ranked, terminal: Terminal, *, explain: bool, abstract: bool) -> Text:
    """The title, and below it what was asked for: the reasons, the abstract."""
    paper = one.entry.paper
    cell = linked(text.title(paper.title), paper.page_url, terminal, "bold")
    if paper.withdrawn:
        cell.append(" (withdrawn)", style="red")
    if explain:
        cell.append_text(explanation(one))
    if abstract and paper.abstract:
        cell.append("\n" + text.abstract(paper.abstract), style="not bold")
    if explain or abstract:
        cell.append("\n")
    return cell


def explanation(one: Ranked) -> Text:
    """A line for each contribution; the points add up to the score."""
    lines = Text()
    for part in one.contributions:
        lines.append(f"\n{part.points:7.2f}  ", style="cyan not bold")
        lines.append(f"{part.signal}: {text.one_line(part.reason)}", style="not bold")
    if one.score is not None:
        lines.append(f"\n{one.score:7.2f}  ", style="bold cyan")
        lines.append("score", style="bold")
    return lines


COLUMNS = (
    Column("#", lambda one: plain(str(one.rank or ""), "dim")),
    Column("id", lambda one: plain(short_id(one), "cyan"), justify="left", max_width=30),
    Column("votes", _count(UPVOTES, "bold yellow")),
    Column("gain", _gain),
    Column("stars", _count(GITHUB_STARS), from_width=60),
    Column("talk", _count(COMMENTS), from_width=100),
    Column("listed", _listed, from_width=100),
    Column("from", _submitter, from_width=140, justify="left", max_width=24),
    Column("authors", _authors, from_width=170, justify="left", max_width=44),
)
