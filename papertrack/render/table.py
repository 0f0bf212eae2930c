"""A list of papers for a person at a terminal.

Every cell is made of `Text`: remote titles never become Rich markup, emoji codes or styles. The id
and the numbers are never squeezed; the title takes what is left and wraps.
"""

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text

from papertrack import text
from papertrack.models import COMMENTS, GITHUB_STARS, UPVOTES, Ranked
from papertrack.render import records
from papertrack.render.fields import Field, short_id


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
    whole: bool = False  # what does not fit goes on in the next line, and nothing is left out


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
    shown = _grid(terminal, expand=True)
    before, after = (
        [column for column in side if terminal.width >= column.from_width]
        for side in (BEFORE_TITLE, AFTER_TITLE)
    )
    left = _add(shown, before, ranked, terminal)
    shown.add_column("title", ratio=1, overflow="fold")
    right = _add(shown, after, ranked, terminal)
    for place, one in enumerate(ranked):
        title = _title(one, terminal, explain=explain, abstract=abstract)
        shown.add_row(*(cells[place] for cells in left), title, *(cells[place] for cells in right))
    return _drawn(shown, terminal)


def fields_table(ranked: Sequence[Ranked], fields: Sequence[Field], terminal: Terminal) -> str:
    """The list with the columns that were asked for, in their order.

    Where they do not fit the table is wider than the terminal: no column may vanish.
    """
    shown = _grid(terminal)
    least = -shown.padding[1]  # none after the last
    for field in fields:
        cells = [_field(one, field, terminal) for one in ranked]
        longest = max([len(field.name), *(cell.cell_len for cell in cells)])
        whole = longest <= WRAPPED_FROM
        least += (longest if whole else max(len(field.name), NARROWEST)) + shown.padding[1]
        shown.add_column(
            field.name,
            justify="right" if _is_number(field, ranked) else "left",
            no_wrap=whole,
            overflow="fold",
        )
    for one in ranked:
        shown.add_row(*(_field(one, field, terminal) for field in fields))
    return _drawn(shown, replace(terminal, width=max(terminal.width, least)))


def _is_number(field: Field, ranked: Sequence[Ranked]) -> bool:
    values = [field.get(one) for one in ranked]
    return all(value is None or isinstance(value, int | float) for value in values)


def _field(one: Ranked, field: Field, terminal: Terminal) -> Text:
    """A cell of a column that was asked for; ids and authors are as in the usual table."""
    if field.name == "authors":
        return _authors(one)
    value = short_id(one) if field.name == "id" else records.cell(field, one)
    if field.name == "title":
        return linked(value, one.entry.paper.page_url, terminal, "bold")
    return plain(value, _STYLES.get(field.name, ""))


def _grid(terminal: Terminal, *, expand: bool = False) -> Table:
    apart = 2 if terminal.width >= ROOMY else 1
    grid = Table(box=None, padding=(0, apart, 0, 0), pad_edge=False, expand=expand)
    grid.header_style = "bold"
    return grid


def _drawn(shown: Table, terminal: Terminal) -> str:
    into = io.StringIO()
    console(terminal, into).print(shown)
    return "\n".join(line.rstrip() for line in into.getvalue().split("\n"))


def _add(
    shown: Table, columns: Sequence[Column], ranked: Sequence[Ranked], terminal: Terminal
) -> list[list[Text]]:
    """Give the table these columns; answers the cells of each that the table has now.

    Neighbours whose values stand on one line become one column of lines that are aligned already:
    what Rich does for each cell is most of what a table costs.
    """
    told: list[list[Text]] = []
    run: list[tuple[Column, list[Text]]] = []
    longest_line = max(10, min(30, terminal.width * 3 // 8))

    def end_run() -> None:
        if run:
            header, *cells = _aligned(run, shown.padding[1])
            shown.add_column(header, no_wrap=True)
            told.append(cells)
            run.clear()

    for column in columns:
        cells = [column.cell(one) for one in ranked]
        if column.whole and max((cell.cell_len for cell in cells), default=0) > longest_line:
            end_run()
            shown.add_column(column.header, width=longest_line, overflow="fold")
            told.append(cells)
        else:
            run.append((column, cells))
    end_run()
    return told


def _aligned(run: Sequence[tuple[Column, list[Text]]], apart: int) -> list[Text]:
    """The header and the lines of some columns beside each other."""
    sides = []
    for column, cells in run:
        whole = [plain(column.header), *cells]
        width = max(cell.cell_len for cell in whole)
        width = min(width, column.max_width or width)
        for cell in whole:
            cell.truncate(width, overflow="ellipsis")
            pad = cell.pad_right if column.justify == "left" else cell.pad_left
            pad(width - cell.cell_len)
        sides.append(whole)
    return [Text(" " * apart).join(line) for line in zip(*sides, strict=True)]


def plain(value: str, style: str = "") -> Text:
    """Remote or own text as a cell that cannot be anything but text."""
    return Text.assemble((value, style))  # as a part, so that the blanks beside it have no style


def linked(value: str, url: str, terminal: Terminal, style: str = "") -> Text:
    """Text that is a clickable OSC 8 link where the terminal has them."""
    target = text.safe_url(url)
    if not terminal.links or not target:
        return plain(value, style)
    return Text.assemble((value, Style.parse(style or "none") + Style(link=target)))


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
    """Votes gained a day: green where they rise."""
    pace = one.entry.pace(UPVOTES)
    if pace is None:
        return plain("")
    if round(pace) == 0:
        return plain("0", "dim")
    return plain(f"{pace:+.0f}", "green" if pace > 0 else "red")


def _listed(one: Ranked) -> Text:
    days = [listing.list_date for listing in one.entry.lists]
    return plain(f"{max(days):%b %d}" if days else "", "dim")


def _submitter(one: Ranked) -> Text:
    organization = text.one_line(one.entry.paper.organization, "")
    return plain(organization, "magenta")


def _authors(one: Ranked) -> Text:
    names = one.entry.paper.authors
    line = text.one_line(", ".join(names[:2]), "")
    return plain(line + (f" +{len(names) - 2}" if len(names) > 2 else ""), "dim")


def _score(one: Ranked) -> Text:
    return plain("" if one.score is None else f"{one.score:.1f}")


def _title(one: Ranked, terminal: Terminal, *, explain: bool, abstract: bool) -> RenderableType:
    """The title, and below it what was asked for: the reasons, the abstract."""
    paper = one.entry.paper
    title = linked(text.title(paper.title), paper.page_url, terminal, "bold")
    _highlight(title, one.matched)
    if paper.withdrawn:
        title.append(" (withdrawn)", style="red")
    below: list[RenderableType] = []
    if one.snippet and not abstract:
        below.append(_highlight(plain(text.abstract(one.snippet), "dim"), one.matched))
    if abstract and paper.abstract:
        below.append(_highlight(plain(text.abstract(paper.abstract)), one.matched))
    if explain and one.contributions:
        below.append(explanation(one))
    return Group(title, *below, "") if below else title


def _highlight(shown: Text, matched: Sequence[str]) -> Text:
    """The words of a question, where they stand as words."""
    if matched:
        words = "|".join(map(re.escape, sorted(matched, key=len, reverse=True)))
        shown.highlight_regex(rf"(?i)(?<!\w)(?:{words})(?!\w)", FOUND)
    return shown


def explanation(one: Ranked) -> RenderableType:
    """A line for each contribution; the points add up to the score, as they are printed."""
    lines = Table.grid(padding=(0, 2, 0, 0))
    lines.add_column(justify="right", no_wrap=True)
    lines.add_column(overflow="fold")
    for part in one.contributions:
        reason = f"{part.signal}: {text.one_line(part.reason, '')}"
        lines.add_row(plain(f"{part.points:.2f}", "cyan"), plain(reason))
    if one.score is not None:
        lines.add_row(plain(f"{one.score:.2f}", "bold cyan"), plain("score", "bold"))
    return Padding(lines, (0, 0, 0, 2))


#: How a word looks that was searched for.
FOUND = "not dim bold yellow"
#: From this width on the columns stand further apart.
ROOMY = 100
#: A chosen field with longer values than this may go on in the next line.
WRAPPED_FROM = 24
#: What such a field keeps at least.
NARROWEST = 12
_STYLES = {"id": "cyan", "arxiv_id": "cyan", "upvotes": "bold yellow"}
BEFORE_TITLE = (
    Column("#", lambda one: plain(str(one.rank or ""), "dim")),
    Column("id", lambda one: plain(short_id(one), "cyan"), justify="left", whole=True),
    Column("votes", _count(UPVOTES, "bold yellow")),
    Column("gain", _gain, from_width=50),
    Column("stars", _count(GITHUB_STARS), from_width=60),
    Column("talk", _count(COMMENTS), from_width=100),
    Column("score", _score, from_width=120),
    Column("listed", _listed, from_width=100),
)
AFTER_TITLE = (
    Column("from", _submitter, from_width=140, justify="left", max_width=32),
    Column("authors", _authors, from_width=170, justify="left", max_width=44),
)
