"""The words of the digest: what an issue holds, what its readers were told before, its envelope.

A **digest** is configured; an **issue** of it belongs to one **period** ("2026-11-23", "2026-W48").
Everything here is a frozen value, so that an issue can be composed, looked at and sent apart.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from papertrack.models import Ranked

TRENDING, TOPIC, AUTHORS, CHANGES, UNSEEN = "trending", "topic", "authors", "changes", "unseen"


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What readers of a digest were last told of a saved paper."""

    paper_id: str
    version: int | None = None
    withdrawn: bool = False
    code_url: str = ""
    stars: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Issued:
    """The last issue of a digest: its period, and when it was put together (UTC)."""

    period: str
    opened_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """What a digest has told so far; `Past()` is that of a digest that was never sent."""

    last: Issued | None = None
    papers: frozenset[str] = frozenset()  # ids of the papers in any of its issues
    told: Mapping[str, Told] = field(default_factory=dict)  # by paper id


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """A paper in an issue, and why it is there, in our words."""

    ranked: Ranked
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """Some papers of one kind, best first."""

    kind: str  # one of the words above
    title: str
    items: tuple[Item, ...]
    more: int = 0  # how many there are beyond the limit
    command: str = ""  # what shows them


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """One issue, ready to be written as a mail.

    `now` and `next_due` are in the digest's own zone. `note` is said where there is nothing to
    list; an issue with neither a paper nor a note is not sent, but its period is over and what is
    `watched` counts as told all the same.
    """

    name: str
    period: str
    now: datetime
    since: datetime | None = None  # when the last issue was put together; None for the first
    sections: tuple[Section, ...] = ()
    note: str = ""
    failures: tuple[str, ...] = ()  # a sentence for each source that could not be read
    next_due: datetime | None = None
    watched: tuple[Told, ...] = ()  # the saved papers as they are now, told with this issue

    @property
    def papers(self) -> tuple[str, ...]:
        """The ids that count as told once this is an issue; a change of a paper is no paper."""
        listed = (section.items for section in self.sections if section.kind != CHANGES)
        ids = (item.ranked.entry.paper.id for items in listed for item in items)
        return tuple(dict.fromkeys(ids))

    @property
    def changes(self) -> int:
        """How many saved papers have changed."""
        return sum(len(one.items) + one.more for one in self.sections if one.kind == CHANGES)

    @property
    def worth_sending(self) -> bool:
        return bool(self.note) or any(section.items for section in self.sections)


@dataclass(frozen=True, kw_only=True, slots=True)
class Envelope:
    """What a mail needs beside the issue. All of it is frozen with the bytes of the mail."""

    sender: str  # me@example.org
    recipient: str
    message_id: str  # <morning.2026-11-23.1f3a@example.org>, with the brackets
    date: datetime  # aware
    list_id: str  # morning.papertrack.example.org, without brackets
    unsubscribe: str  # the address that readers write to


#: Makes a mail of an issue, with CRLF line ends: `render.message.build`, handed to the work floor.
Build = Callable[[Digest, Envelope], bytes]
