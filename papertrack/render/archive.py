"""An export as JSON Lines: one line that says what follows, then one for each paper.

A line of a paper has the keys of every JSON face for what describes it, and beside them everything
that belongs to it, so that `papertrack import` makes the same store of it again.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from papertrack.archive import Kept, Opening
from papertrack.clock import iso
from papertrack.models import PAPER_FIELDS, Paper
from papertrack.render.fields import whole
from papertrack.render.records import dumps, plain

VERSION = 1
_EMPTY = ("", (), None, False)


def lines(opening: Opening, kept: Iterable[Kept]) -> Iterator[str]:
    """The whole export; nothing is held but the paper at hand."""
    yield _line(
        {
            "papertrack": "export",
            "version": VERSION,
            "exported_at": iso(opening.exported_at),
            "papers": opening.papers,
            "lists": [
                [one.source, plain(one.list_date), iso(one.read_at), one.papers]
                for one in opening.lists
            ],
        }
    )
    for one in kept:
        yield _line(_record(one))


def _line(values: dict[str, Any]) -> str:
    return dumps(values, indent=None) + "\n"


def _fields(paper: Paper) -> dict[str, Any]:
    told = {name: getattr(paper, name) for name in PAPER_FIELDS}
    return {
        name: plain(list(value) if isinstance(value, tuple) else value)
        for name, value in told.items()
        if value not in _EMPTY
    }


def _record(one: Kept) -> dict[str, Any]:
    state = one.state
    marks = {
        name: plain(getattr(state, name))
        for name in ("saved_at", "read_at", "hidden_at", "seen_at", "note")
        if getattr(state, name)
    }
    return {
        "id": plain(one.paper.id),
        **_fields(one.paper),
        "first_seen_at": plain(one.first_seen_at),
        "accounts": {
            source: {"said_at": iso(at), "said": _said(said, one.paper)}
            for source, (said, at) in one.accounts.items()
        },
        "aliases": [plain(alias) for alias in one.aliases],
        "listings": [
            [at.source, plain(at.list_date), plain(at.submitted_at), plain(at.submitted_by)]
            for at in one.listings
        ],
        "observations": [
            [seen.kind, seen.source, iso(seen.observed_at), whole(seen.value)]
            for seen in one.observations
        ],
        "places": [
            [plain(at.day), at.ranking, at.place, at.score, whole(at.votes), iso(at.noted_at)]
            for at in one.places
        ],
        "marks": marks | ({"tags": [plain(tag) for tag in state.tags]} if state.tags else {}),
    }


def _said(said: Paper, merged: Paper) -> dict[str, Any]:
    """What a source says; null is "as above", which saves a second copy of the abstract."""
    return {
        name: None if getattr(said, name) == getattr(merged, name) else value
        for name, value in _fields(said).items()
    }
