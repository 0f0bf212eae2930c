"""What became of a digest in one run, and the exit code that follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from papertrack.errors import Exit, PapertrackError
from papertrack.letters import MOVING, STUCK, Letter, State


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one digest in one run."""

    digest: str
    period: str = ""
    papers: int = 0
    letters: tuple[Letter, ...] = ()  # those of the issue that was worked on
    failures: tuple[str, ...] = ()  # sources that could not be read for a new issue
    next_due: datetime | None = None
    note: str = ""  # why nothing was sent, or what else is worth a sentence
    error: PapertrackError | None = None

    @property
    def undelivered(self) -> tuple[Letter, ...]:
        return tuple(one for one in self.letters if one.state in (*MOVING, *STUCK))

    @property
    def sent(self) -> int:
        return sum(one.state is State.SENT for one in self.letters)


def exit_code(outcomes: Sequence[Outcome]) -> Exit:
    """0 all that was to go has gone, 5 some of it, 6 none; an error of its own comes first."""
    errors = [outcome.error for outcome in outcomes if outcome.error]
    undelivered = sum(len(outcome.undelivered) for outcome in outcomes)
    sent = sum(outcome.sent for outcome in outcomes)
    waiting = any(outcome.failures and not outcome.letters for outcome in outcomes)
    if not errors and not undelivered:
        return Exit.PARTLY if waiting else Exit.DONE
    if sent:
        return Exit.PARTLY
    return errors[0].exit_code if errors else Exit.MAIL
