"""Row to model and model to row; nothing else knows how a value is spelt in SQLite."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from papertrack.clock import instant, iso
from papertrack.models import KINDS, PAPER_FIELDS, SOURCES, Listing, Observation, Paper

SOURCE_IDS = {name: number for number, name in enumerate(SOURCES)}
KIND_IDS = {name: number for number, name in enumerate(KINDS)}

#: The row id of a paper is the day of its publication since 1970, and so many bits for its number.
ID_BITS = 14
_EPOCH = date(1970, 1, 1)

_LISTS = frozenset({"authors", "categories", "keywords"})
_MOMENTS = frozenset({"published_at", "updated_at"})
_PLAIN = frozenset(PAPER_FIELDS) - _LISTS - _MOMENTS - {"withdrawn"}


def moment(value: str | None) -> datetime | None:
    return instant(value) if value else None


def day_number(day: date) -> int:
    """The day since 1970 that a row id begins with; earlier days are the first."""
    return max(0, (day - _EPOCH).days)


def first_id(day: date) -> int:
    """Papers of this day and later have this id or a higher one."""
    return day_number(day) << ID_BITS


def paper_to_row(paper: Paper) -> dict[str, Any]:
    """The columns of `papers`, but for the row id."""
    row: dict[str, Any] = {"key": paper.id}
    for name in PAPER_FIELDS:
        row[name] = _to_column(name, getattr(paper, name))
    return row


def to_the_second(paper: Paper) -> Paper:
    """The paper as it comes back out of the store, which keeps no fractions of a second."""
    moments = {name: getattr(paper, name) for name in _MOMENTS}
    return replace(
        paper, **{name: value.replace(microsecond=0) for name, value in moments.items() if value}
    )


def _to_column(name: str, value: Any) -> Any:
    if name in _LISTS:
        return json.dumps(value, ensure_ascii=False)
    if name in _MOMENTS:
        return iso(value) if value else None
    return int(value) if name == "withdrawn" else value


def _from_column(name: str, value: Any) -> Any:
    if name in _LISTS:
        return tuple(json.loads(value)) if value and value != "[]" else ()
    if name in _MOMENTS:
        return moment(value)
    return bool(value) if name == "withdrawn" else value


def paper_from_row(row: Mapping[str, Any]) -> Paper:
    return Paper(id=row["key"], **{name: _from_column(name, row[name]) for name in PAPER_FIELDS})


def account_to_said(account: Paper, merged: Paper) -> str:
    """What a source said, as JSON: null for a field in which the merged paper says the same."""
    said: dict[str, Any] = {}
    for name in PAPER_FIELDS:
        value = getattr(account, name)
        if value in ("", (), None, False):
            continue
        said[name] = None if value == getattr(merged, name) else _to_column(name, value)
    return json.dumps(said, ensure_ascii=False)


def account_from_said(said: str, merged: Paper) -> Paper:
    """The account of a source, with what it shares with the merged paper filled in again."""
    given = {
        name: getattr(merged, name) if value is None else _from_column(name, value)
        for name, value in json.loads(said).items()
        if name in PAPER_FIELDS
    }
    return Paper(id=merged.id, **{"title": "", **given})


def listing_from_row(key: str, row: Sequence[Any]) -> Listing:
    """From (source, list_date, submitted_at, submitted_by)."""
    return Listing(
        paper_id=key,
        source=SOURCES[row[0]],
        list_date=date.fromisoformat(row[1]),
        submitted_at=moment(row[2]),
        submitted_by=row[3],
    )


def observation_from_row(key: str, row: Sequence[Any]) -> Observation:
    """From (kind, source, observed_at, value)."""
    return Observation(
        paper_id=key,
        kind=KINDS[row[0]],
        source=SOURCES[row[1]],
        value=row[3],
        observed_at=datetime.fromtimestamp(row[2], UTC),
    )
