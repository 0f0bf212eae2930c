"""What can be shown of a paper: one list for tables, JSON keys, CSV columns and --fields.

A getter gives the raw value: text as its source wrote it, numbers or None, times as datetimes.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from papertrack import text
from papertrack.errors import UsageError
from papertrack.models import (
    CITATIONS,
    COMMENTS,
    GITHUB_STARS,
    HN_POINTS,
    UPVOTES,
    Ranked,
)


class Field(NamedTuple):
    """One thing a face can show."""

    name: str
    get: Callable[[Ranked], Any]
    doc: str
    kind: Any  # of its value, as render/schema.py reads it


#: Counts are whole, but nothing keeps a source from 1.5.
Count = float | None
CONTRIBUTION = {"signal": str, "value": float, "weight": float, "points": float, "reason": str}


def _count(kind: str) -> Callable[[Ranked], Any]:
    return lambda one: whole(one.entry.latest.get(kind))


def whole(value: float | None) -> float | int | None:
    """Counts are whole numbers; JSON should say 43, not 43.0."""
    return int(value) if value is not None and value == int(value) else value


def short_id(one: Ranked) -> str:
    """The id as every command takes it: bare for arXiv, with its scheme else."""
    scheme, _, name = one.entry.paper.id.partition(":")
    return text.one_line(name if scheme == "arxiv" else one.entry.paper.id)


def _submitter(one: Ranked) -> str | None:
    return next(
        (listing.submitted_by for listing in one.entry.listings if listing.submitted_by), None
    )


def _contributions(one: Ranked) -> list[dict[str, Any]]:
    return [
        {
            "signal": part.signal,
            "value": part.value,
            "weight": part.weight,
            "points": part.points,
            "reason": part.reason,
        }
        for part in one.contributions
    ]


def _days(one: Ranked) -> list[Any]:
    return sorted({listing.list_date for listing in one.entry.lists})


def _seen(one: Ranked) -> bool:
    """What --unseen goes by."""
    return one.entry.state.seen_at is not None or one.entry.state.read_at is not None


def _pace(one: Ranked) -> float | None:
    pace = one.entry.pace(UPVOTES)
    return None if pace is None else round(pace, 1)


#: The order is that of a JSON record. Fields are only ever added.
FIELDS: Sequence[Field] = (
    Field("rank", lambda one: one.rank, "place on this list, from 1", int | None),
    Field("score", lambda one: one.score, "sum of the points of all contributions", float | None),
    Field("id", lambda one: one.entry.paper.id, "the paper's id, with its scheme", str),
    Field(
        "arxiv_id",
        lambda one: one.entry.paper.arxiv_id or None,
        "arXiv id without version",
        str | None,
    ),
    Field("doi", lambda one: one.entry.paper.doi or None, "DOI", str | None),
    Field("title", lambda one: one.entry.paper.title, "title, with its TeX", str),
    Field(
        "abstract",
        lambda one: one.entry.paper.abstract or None,
        "abstract, with its TeX",
        str | None,
    ),
    Field("authors", lambda one: list(one.entry.paper.authors), "all authors, in order", list[str]),
    Field(
        "categories", lambda one: list(one.entry.paper.categories), "arXiv categories", list[str]
    ),
    Field(
        "published_at",
        lambda one: one.entry.paper.published_at,
        "when version 1 appeared",
        datetime | None,
    ),
    Field(
        "updated_at",
        lambda one: one.entry.paper.updated_at,
        "when this version appeared",
        datetime | None,
    ),
    Field("version", lambda one: one.entry.paper.version, "version number", int | None),
    Field("listed_on", _days, "the Daily Papers lists it was on", list[date]),
    Field("submitted_by", _submitter, "who put it on Daily Papers", str | None),
    Field(
        "organization", lambda one: one.entry.paper.organization or None, "organization", str | None
    ),
    Field("url", lambda one: one.entry.paper.page_url or None, "the paper's page", str | None),
    Field("pdf_url", lambda one: one.entry.paper.pdf_url or None, "the PDF", str | None),
    Field(
        "hf_url", lambda one: one.entry.paper.hf_url or None, "the page at Hugging Face", str | None
    ),
    Field("code_url", lambda one: one.entry.paper.code_url or None, "the repository", str | None),
    Field(
        "project_url",
        lambda one: one.entry.paper.project_url or None,
        "the project's page",
        str | None,
    ),
    Field(
        "ai_summary",
        lambda one: one.entry.paper.ai_summary or None,
        "Hugging Face's summary",
        str | None,
    ),
    Field("keywords", lambda one: list(one.entry.paper.keywords), "keywords", list[str]),
    Field("sources", lambda one: list(one.entry.sources), "who told us of the paper", list[str]),
    Field("upvotes", _count(UPVOTES), "votes at Hugging Face", Count),
    Field("velocity", _pace, "votes gained a day", float | None),
    Field("comments", _count(COMMENTS), "comments at Hugging Face", Count),
    Field("github_stars", _count(GITHUB_STARS), "stars of the repository", Count),
    Field("citations", _count(CITATIONS), "citations", Count),
    Field("hn_points", _count(HN_POINTS), "points at Hacker News", Count),
    Field(
        "first_seen_at",
        lambda one: one.entry.first_seen_at,
        "when papertrack heard of it",
        datetime | None,
    ),
    Field(
        "last_seen_at",
        lambda one: one.entry.last_seen_at,
        "when it was last counted",
        datetime | None,
    ),
    Field("saved", lambda one: one.entry.state.saved_at is not None, "on the reading list", bool),
    Field("read", lambda one: one.entry.state.read_at is not None, "marked as read", bool),
    Field("hidden", lambda one: one.entry.state.hidden_at is not None, "hidden for good", bool),
    Field("seen", _seen, "marked as seen or as read", bool),
    Field("tags", lambda one: list(one.entry.state.tags), "your tags", list[str]),
    Field("note", lambda one: one.entry.state.note or None, "your note", str | None),
    Field(
        "snippet",
        lambda one: one.snippet or None,
        "what of the abstract a search found",
        str | None,
    ),
    Field(
        "contributions",
        _contributions,
        "what each signal adds to the score, and why",
        [CONTRIBUTION],
    ),
)
BY_NAME = {field.name: field for field in FIELDS}
#: The headings of the table, for those who type what they see.
HEADINGS = {
    "#": "rank",
    "votes": "upvotes",
    "gain": "velocity",
    "stars": "github_stars",
    "talk": "comments",
    "listed": "listed_on",
    "from": "organization",
}


def chosen(names: str | None, default: Sequence[str]) -> list[Field]:
    """The fields of `--fields a,b,c`, or the default where nothing was asked for.

    Raises UsageError, listing the known ones.
    """
    if names is None:
        return [BY_NAME[name] for name in default]
    given = [name.strip() for name in names.split(",") if name.strip()]
    wanted = [HEADINGS.get(name, name) for name in given]
    known = f"The fields are: {', '.join(BY_NAME)}."
    if not wanted:
        raise UsageError(f"--fields names no field. {known}")
    unknown = [name for name in wanted if name not in BY_NAME]
    if unknown:
        from difflib import get_close_matches

        near = get_close_matches(unknown[0], BY_NAME, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise UsageError(f"{unknown[0]!r} is not a field.{hint} {known}")
    return [BY_NAME[name] for name in wanted]
