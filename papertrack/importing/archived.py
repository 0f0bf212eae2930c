"""An export of papertrack, read line by line: of any length, in little memory.

Like every file it is a stranger's text: what has not the form of an export is left out, with the
reason, and no line may be longer than a paper can be.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import BinaryIO, TypeVar

from papertrack import identifiers
from papertrack.archive import Kept, ListRead, Opening, Place
from papertrack.errors import UsageError
from papertrack.importing.imported import bounded
from papertrack.importing.own import note_of, paper_of
from papertrack.models import KINDS, PAPER_FIELDS, SOURCES, Listing, Observation, Paper, ReaderState
from papertrack.sources import values

#: An export begins with this.
BEGINS = b'{"papertrack": "export"'
FORMAT = "papertrack export"
VERSION = 1
_LONGEST = 20_000_000  # bytes of a line
_MOST = 100_000  # of what belongs to one paper
_Part = TypeVar("_Part")


def opening_of(line: bytes) -> Opening:
    """The first line. Raises UsageError where a later papertrack wrote it, or it is damaged."""
    told = values.mapping(_json(line))
    version = values.count(told.get("version"))
    exported_at = values.moment(told.get("exported_at"))
    if version is None or exported_at is None:
        raise UsageError("The first line of the export is damaged; export it anew.")
    if version > VERSION:
        raise UsageError("It was exported by a later papertrack; update papertrack.")
    return Opening(
        exported_at=exported_at,
        papers=values.count(told.get("papers")) or 0,
        lists=tuple(_parts(told.get("lists"), _list_read)),
    )


def papers(file: BinaryIO) -> Iterator[Kept | str]:
    """Each paper of what follows the first line, or why a line was left out."""
    number = 1
    while line := file.readline(_LONGEST):
        number += 1
        whole = line.endswith(b"\n") or len(line) < _LONGEST
        if not whole:
            while (rest := file.readline(_LONGEST)) and not rest.endswith(b"\n"):
                pass
        if not line.strip():
            continue
        found = _kept(values.mapping(_json(line))) if whole else None
        yield found or f"line {number} holds no paper that could be read"


def _json(line: bytes) -> object:
    try:
        return values.loaded(line)
    except ValueError:
        return None


def _kept(record: Mapping[str, object]) -> Kept | None:
    try:
        paper_id = identifiers.parse(values.line(record.get("id")))
    except UsageError:
        return None
    paper = bounded(paper_of(paper_id, record))
    if not paper.title:
        return None
    return Kept(
        paper=paper,
        accounts=dict(_accounts(paper_id, record)),
        aliases=tuple(values.lines(record.get("aliases"))[:100]),
        listings=tuple(_parts(record.get("listings"), lambda row: _listing(paper_id, row))),
        observations=tuple(_parts(record.get("observations"), lambda row: _seen(paper_id, row))),
        places=tuple(_parts(record.get("places"), _place)),
        state=_state(values.mapping(record.get("marks"))),
        first_seen_at=values.moment(record.get("first_seen_at")),
    )


def _accounts(
    paper_id: str, record: Mapping[str, object]
) -> Iterator[tuple[str, tuple[Paper, datetime]]]:
    for source, told in values.mapping(record.get("accounts")).items():
        account = values.mapping(told)
        said_at = values.moment(account.get("said_at"))
        said = values.mapping(account.get("said"))
        if source in SOURCES and said_at:
            filled = {
                name: record.get(name) if said[name] is None else said[name]
                for name in PAPER_FIELDS
                if name in said
            }
            yield source, (bounded(_as_said(paper_of(paper_id, filled), filled)), said_at)


def _as_said(paper: Paper, said: Mapping[str, object]) -> Paper:
    """An account has no id of its own but what the source gave."""
    from dataclasses import replace

    return replace(
        paper,
        arxiv_id=paper.arxiv_id if "arxiv_id" in said else "",
        doi=paper.doi if "doi" in said else "",
    )


def _parts(rows: object, read: Callable[[list[object]], _Part | None]) -> Iterator[_Part]:
    """What belongs to a paper, without what is not of the form."""
    for row in values.items(rows)[:_MOST]:
        try:
            found = read(values.items(row))
        except (ValueError, TypeError, IndexError):
            continue
        if found is not None:
            yield found


def _named(name: object, names: tuple[str, ...]) -> str:
    return names[names.index(str(name))]


def _moment(value: object) -> datetime:
    found = values.moment(value)
    if found is None:
        raise ValueError(value)
    return found


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 10**12:
        raise ValueError(value)
    return value


def _list_read(row: list[object]) -> ListRead:
    source, day, read_at, papers = row
    return ListRead(
        _named(source, SOURCES),
        values.list_day(day),
        _moment(read_at),
        int(_number(papers)),
    )


def _listing(paper_id: str, row: list[object]) -> Listing:
    source, day, submitted_at, submitted_by = row
    return Listing(
        paper_id=paper_id,
        source=_named(source, SOURCES),
        list_date=values.list_day(day),
        submitted_at=values.moment(submitted_at),
        submitted_by=values.line(submitted_by)[:300],
    )


def _seen(paper_id: str, row: list[object]) -> Observation:
    kind, source, at, value = row
    return Observation(
        paper_id=paper_id,
        kind=_named(kind, KINDS),
        source=_named(source, SOURCES),
        observed_at=_moment(at),
        value=_number(value),
    )


def _place(row: list[object]) -> Place:
    day, ranking, place, score, votes, noted_at = row
    return Place(
        values.list_day(day),
        values.line(ranking)[:100],
        int(_number(place)),
        _number(score),
        _number(votes),
        _moment(noted_at),
    )


def _state(marks: Mapping[str, object]) -> ReaderState:
    return ReaderState(
        saved_at=values.moment(marks.get("saved_at")),
        read_at=values.moment(marks.get("read_at")),
        hidden_at=values.moment(marks.get("hidden_at")),
        seen_at=values.moment(marks.get("seen_at")),
        tags=tuple(tag[:100] for tag in values.lines(marks.get("tags"))[:1000]),
        note=note_of(marks.get("note")),
    )
