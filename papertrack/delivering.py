"""The letters of an issue on their way: what is sent now, and what each answer means.

A letter is noted as `sending` before a byte of it leaves, and what became of it is noted before the
next one begins. So a crash at any moment loses none, and repeats at most the one that was under way
with the same bytes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from papertrack.clock import Clock
from papertrack.errors import (
    DeferredError,
    PapertrackError,
    RefusedError,
    UnconfirmedError,
    UnreachableError,
)
from papertrack.letters import MOVING, Issue, Letter, State
from papertrack.outbox import Transport
from papertrack.store.outbox import Outbox

#: A letter that got no answer is sent twice more; after that it waits for a person.
MOST_UNCONFIRMED = 3
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=4)


@dataclass(frozen=True, kw_only=True)
class Postman:
    """Takes letters from the outbox to the transport, one recipient at a time."""

    outbox: Outbox
    transport: Transport
    clock: Clock
    sender: str

    def deliver(self, issue: Issue, *, at_once: bool) -> None:
        """Try every letter that is not done; one that is to wait only where it is asked for."""
        try:
            self._deliver(issue, at_once)
        finally:
            self.outbox.finish(issue.id, self.clock())

    def _deliver(self, issue: Issue, at_once: bool) -> None:
        for letter in self.outbox.letters(issue.id):
            waits = letter.next_try_at is not None and letter.next_try_at > self.clock()
            if letter.state in MOVING and (at_once or not waits):
                try:
                    self._send(letter)
                except UnreachableError as error:
                    self._leave(issue, str(error))
                    return

    def _send(self, letter: Letter) -> None:
        """One attempt. Raises UnreachableError where no other letter would fare better."""
        message = self.outbox.message(letter.id)
        self.outbox.begin(letter.id)
        try:
            reply = self.transport.deliver(self.sender, letter.recipient, message)
        except RefusedError as error:
            self._end(letter, State.FAILED, str(error))
        except UnconfirmedError as error:
            self._unconfirmed(letter, str(error))
        except DeferredError as error:
            self._wait(letter, str(error))
            if isinstance(error, UnreachableError):
                raise
        except PapertrackError as error:  # a password that is not there: nothing was sent
            self._wait(letter, str(error))
            raise
        else:
            self._end(letter, State.SENT, reply)

    def _unconfirmed(self, letter: Letter, reply: str) -> None:
        times = letter.unconfirmed + 1
        if times < MOST_UNCONFIRMED:
            self._wait(letter, reply, times)
        else:
            self._end(letter, State.HELD, reply, times)

    def _wait(self, letter: Letter, reply: str, unconfirmed: int | None = None) -> None:
        """Once more, later. What may have arrived before stays uncertain until it is answered."""
        times = letter.unconfirmed if unconfirmed is None else unconfirmed
        state = State.UNCERTAIN if times else State.PENDING
        self._end(letter, state, reply, times, self.clock() + pause(letter.attempts + 1))

    def _end(
        self,
        letter: Letter,
        state: State,
        reply: str,
        unconfirmed: int = 0,
        next_try_at: datetime | None = None,
    ) -> None:
        self.outbox.end(
            letter.id,
            state,
            reply,
            self.clock(),
            next_try_at=next_try_at,
            unconfirmed=unconfirmed,
        )

    def _leave(self, issue: Issue, reply: str) -> None:
        """Letters that were not begun wait too, for the same reason."""
        for letter in self.outbox.letters(issue.id):
            if letter.state in MOVING and letter.next_try_at is None:
                self._wait(letter, reply)


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 5 minutes, 10, 20, ... up to 4 hours."""
    return min(FIRST_PAUSE * (1 << min(attempts - 1, 10)), LONGEST_PAUSE)
