"""Issues and letters: what a digest said in one period, and what became of it for each reader.

An **issue** is one edition of a digest. It is frozen when it is opened: its papers, and for each
recipient a **letter**, the finished bytes of one message. A letter that is sent again is the same
letter, with the same Message-ID, so that whoever keeps mail can tell that it is a copy.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from papertrack.mailing import Told


class State(StrEnum):
    """What is known of a letter.

    ::

        pending --> sending --> sent
           ^           |------> failed       it was refused for good
           |-----------|                     it was not taken: once more, later
                       |------> uncertain --> sending   no answer: the same bytes once more
                                    |------> held       no answer three times: your turn
        dropped    not wanted any more: the recipient is gone, or the issue was made anew
    """

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    HELD = "held"
    DROPPED = "dropped"


#: These go on by themselves; an issue is open as long as it has one of them.
MOVING = (State.PENDING, State.SENDING, State.UNCERTAIN)
#: These wait for `digest retry`.
STUCK = (State.FAILED, State.HELD)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A letter that is to be frozen."""

    recipient: str
    message_id: str
    message: bytes


@dataclass(frozen=True, kw_only=True)
class NewIssue:
    """An issue that is to be frozen, all of it or nothing."""

    digest: str
    period: str  # 2026-11-23 or 2026-W48, in the digest's own time zone
    opened_at: datetime
    host: str
    papers: tuple[str, ...] = ()  # the ids of those it shows, from the top
    watched: tuple[Told, ...] = ()  # saved papers as they are now
    letters: tuple[Draft, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Issue:
    """An issue as it is stored."""

    id: int
    digest: str
    period: str
    opened_at: datetime
    closed_at: datetime | None  # nothing more happens by itself
    host: str
    papers: int = 0


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A letter as it is stored, without its bytes."""

    id: int
    issue: int
    recipient: str
    message_id: str
    state: State
    attempts: int = 0  # how often it was begun to be sent
    unconfirmed: int = 0  # how many of these ended without an answer
    last_reply: str = ""
    next_try_at: datetime | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a digest stands: its last issues, newest first, and when the next one is due."""

    digest: str
    rhythm: str  # "weekdays at 07:30 (Europe/Berlin)"
    recipients: tuple[str, ...]
    editions: tuple[tuple[Issue, tuple[Letter, ...]], ...]
    next_due: datetime
    overdue_since: datetime | None = None

    @property
    def undelivered(self) -> tuple[Letter, ...]:
        """Letters of the newest issue that have not reached somebody who still is a recipient."""
        newest = self.editions[0][1] if self.editions else ()
        return tuple(
            letter
            for letter in newest
            if letter.state in (*MOVING, *STUCK) and letter.recipient in self.recipients
        )

    @property
    def is_bad(self) -> bool:
        return bool(self.overdue_since or self.undelivered)
