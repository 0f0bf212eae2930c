"""The words of an export: everything that a store knows of one paper, and of its lists."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from papertrack.models import Listing, Observation, Paper, ReaderState


@dataclass(frozen=True, slots=True)
class ListRead:
    """A list of a source, when it was last read, and how many papers it held."""

    source: str
    list_date: date
    read_at: datetime
    papers: int


@dataclass(frozen=True, slots=True)
class Place:
    """A place that a paper had on the list of a day, as the ledger noted it."""

    day: date
    ranking: str
    place: int
    score: float
    votes: float
    noted_at: datetime


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What comes first in an export."""

    exported_at: datetime
    papers: int
    lists: tuple[ListRead, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One paper with everything that belongs to it. `accounts` are by source, with their time."""

    paper: Paper
    accounts: Mapping[str, tuple[Paper, datetime]] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    listings: tuple[Listing, ...] = ()
    observations: tuple[Observation, ...] = ()
    places: tuple[Place, ...] = ()
    state: ReaderState = ReaderState()
    first_seen_at: datetime | None = None
