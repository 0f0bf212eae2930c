"""One paper for a person at a terminal: everything that is known, wrapped to its width."""

import io
from collections.abc import Sequence
from itertools import groupby

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table

from papertrack import text
from papertrack.clock import iso
from papertrack.models import KINDS, PAPER_FIELDS, Listing, Observation, Paper, Ranked
from papertrack.render.fields import short_id
from papertrack.render.records import listed
from papertrack.render.records import plain as plain_value
from papertrack.render.table import Terminal, compact, console, explanation, linked, plain
from papertrack.reports import Account

_BARS = "▁▂▃▄▅▆▇█"
#: Lines longer than this are hard to read, however wide the terminal is.
READABLE = 100
_LABELS = {"github_stars": "stars", "hn_points": "Hacker News points"}


def page(
    ranked: Ranked,
    history: Sequence[Observation],
    place: str,
    terminal: Terminal,
    accounts: Sequence[Account] = (),
) -> str:
    """The page of one paper as text, ready to be written."""
    paper = ranked.entry.paper
    into = io.StringIO()
    out = console(terminal, into)
    width = min(terminal.width, READABLE)
    out.print(linked(text.title(paper.title), paper.page_url, terminal, "bold"), width=width)
    if paper.authors:
        out.print(plain(text.one_line(", ".join(paper.authors)), "dim"), width=width)
    out.print()
    out.print(_facts(ranked, history, terminal), width=width)
    if paper.ai_summary:
        _section(out, "In a sentence", plain(text.abstract(paper.ai_summary)), width)
    if paper.abstract:
        _section(out, "Abstract", plain(text.abstract(paper.abstract)), width)
    if ranked.contributions:
        heading = f"Why it ranks {place}" if place else "What it would rank by"
        _heading(out, heading)
        out.print(explanation(ranked), width=width)
    for account in accounts:
        _heading(out, f"{account.source}, {iso(account.said_at)}")
        out.print(_said(account), width=width)
    return "\n".join(line.rstrip() for line in into.getvalue().split("\n"))


def rule(terminal: Terminal) -> str:
    """What stands between two pages."""
    return f"\n{'-' * min(terminal.width, READABLE)}\n"


def _heading(out: Console, heading: str) -> None:
    out.print()
    out.print(plain(heading, "bold cyan"))


def _section(out: Console, heading: str, body: RenderableType, width: int) -> None:
    _heading(out, heading)
    out.print(Padding(body, (0, 0, 0, 2)), width=width)


def _facts(ranked: Ranked, history: Sequence[Observation], terminal: Terminal) -> Table:
    entry, paper = ranked.entry, ranked.entry.paper
    facts = Table.grid(padding=(0, 2, 0, 0))
    facts.add_column(no_wrap=True, style="cyan")
    facts.add_column(overflow="fold")
    facts.add_row("id", plain(short_id(ranked)))
    for label, value in _dates(paper, entry.listings):
        facts.add_row(label, plain(value))
    if paper.organization:
        facts.add_row("from", plain(text.one_line(paper.organization)))
    for label, value in _labels(paper):
        facts.add_row(label, plain(value))
    for kind, seen in groupby(sorted(history, key=_by_kind), key=lambda o: (o.kind, o.source)):
        label = _LABELS.get(kind[0], kind[0].replace("_", " "))
        facts.add_row(label, plain(course([*seen])))
    for label, url in _links(paper):
        facts.add_row(label, linked(text.safe_url(url), url, terminal))
    return facts


def _said(account: Account) -> Table:
    """What a source said, a line a field; a tick where its word is taken."""
    said = Table.grid(padding=(0, 2, 0, 0), expand=True)
    said.add_column(min_width=3, justify="right", style="green")
    said.add_column(min_width=max(map(len, PAPER_FIELDS)), no_wrap=True, style="cyan")
    said.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    for name in PAPER_FIELDS:
        value = listed(getattr(account.said, name))
        if value:
            told = plain_value(value)
            line = "; ".join(map(str, told)) if isinstance(told, list) else str(told)
            tick = "✓" if name in account.taken else ""
            said.add_row(tick, name, plain(text.one_line(line, "")))
    return said


def _by_kind(seen: Observation) -> tuple[int, str, float]:
    return (KINDS.index(seen.kind), seen.source, seen.observed_at.timestamp())


def _dates(paper: Paper, listings: Sequence[Listing]) -> list[tuple[str, str]]:
    rows = []
    if paper.published_at:
        version = (
            f", version {paper.version} on {paper.updated_at:%Y-%m-%d}"
            if (paper.version and paper.version > 1 and paper.updated_at)
            else ""
        )
        rows.append(("published", f"{paper.published_at:%Y-%m-%d}{version}"))
    for listing in listings:
        by = f" by {text.one_line(listing.submitted_by)}" if listing.submitted_by else ""
        rows.append(("listed", f"{listing.list_date}{by}"))
    return rows


def _labels(paper: Paper) -> list[tuple[str, str]]:
    rows = []
    if paper.categories:
        rows.append(("categories", text.one_line(" ".join(paper.categories))))
    if paper.keywords:
        rows.append(("keywords", text.one_line(", ".join(paper.keywords))))
    if paper.comment:
        rows.append(("comment", text.title(paper.comment)))
    if paper.journal:
        rows.append(("journal", text.title(paper.journal)))
    if paper.withdrawn:
        rows.append(("withdrawn", "yes; the reason is usually in the comment"))
    return rows


def _links(paper: Paper) -> list[tuple[str, str]]:
    rows = [
        ("page", paper.page_url),
        ("pdf", paper.pdf_url),
        ("discussion", paper.hf_url),
        ("code", paper.code_url),
        ("project", paper.project_url),
    ]
    return [(label, url) for label, url in rows if text.safe_url(url)]


def course(seen: Sequence[Observation]) -> str:
    """` 106  ▁▂▅█  +97 since 2026-04-10 08:00`: the last count, and how it came there."""
    last = seen[-1]
    if len(seen) == 1:
        return f"{compact(last.value):>4}  seen once, {last.observed_at:%Y-%m-%d %H:%M}"
    change = last.value - seen[0].value
    return (
        f"{compact(last.value):>4}  {sparkline([o.value for o in seen])}  "
        f"{change:+.0f} since {seen[0].observed_at:%Y-%m-%d %H:%M}"
    )


def sparkline(values: Sequence[float], width: int = 24) -> str:
    """A course in one line of blocks; longer ones are thinned evenly, first and last kept."""
    if len(values) > width:
        step = (len(values) - 1) / (width - 1)
        values = [values[round(place * step)] for place in range(width)]
    low, high = min(values), max(values)
    if high == low:
        return _BARS[0] * len(values)
    return "".join(_BARS[round((v - low) / (high - low) * (len(_BARS) - 1))] for v in values)
