"""Everything that can go wrong and that a user can do something about.

::

    PapertrackError                 exit 1
      + UsageError                       2   the words of the command are off
      + NothingCachedError               3   no source answered and nothing of that is stored
      + ConfigError                      4   names file, line and key
      + SourceError                      3   names the source and the URL
      |   - SourceUnavailableError           network, timeout, 5xx
      |   - SourceBusyError                  "slow down", with retry_at where the service said so
      |   - SourceFormatError                the body is not what the parser knows
      |   - SourceSkippedError               not asked: no key, no budget left
      |   - SourceInterruptedError           the user stopped the run
      + StoreError                       1   names the file
      |   - PaperNotFoundError               suggests what to try
      + MailError                        6   one message did not arrive, and why
      |   - DeferredError                      not taken yet, nothing was delivered: try again
      |   |   - UnreachableError               nor would any other message be: the server is away
      |   - RefusedError                       this message or recipient will never be taken
      |   - UnconfirmedError                   all was handed over and no answer came: unknown
      + BusyError                       75   another run holds the lock; try again

A message is one sentence, or two: what happened, and what to do next.
"""

from datetime import datetime
from enum import IntEnum


class Exit(IntEnum):
    """The exit codes that scripts rely on."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOTHING = 3
    CONFIG = 4
    PARTLY = 5
    MAIL = 6
    BUSY = 75
    INTERRUPTED = 130


class PapertrackError(Exception):
    """Something a user can act on; its text is the whole explanation."""

    exit_code: Exit = Exit.FAILED


class UsageError(PapertrackError):
    """The command was called with words it does not know."""

    exit_code = Exit.USAGE


class NothingCachedError(PapertrackError):
    """No source answered and the store has nothing to show instead."""

    exit_code = Exit.NOTHING


class ConfigError(PapertrackError):
    """The configuration cannot be used as it is written."""

    exit_code = Exit.CONFIG


class SourceError(PapertrackError):
    """A service could not be read. Never an empty list: failure is not emptiness."""

    exit_code = Exit.NOTHING
    kind = "error"

    def __init__(self, message: str, *, url: str = "", retry_at: datetime | None = None) -> None:
        super().__init__(message)
        self.url = url
        self.retry_at = retry_at


class SourceUnavailableError(SourceError):
    """The service did not answer, or answered with a failure of its own."""

    kind = "unavailable"


class SourceBusyError(SourceError):
    """The service asked us to slow down; `passing` where another try in a moment may help."""

    kind = "busy"
    passing = False


class SourceFormatError(SourceError):
    """The answer is not in the form the service documents."""

    kind = "format"


class SourceInterruptedError(SourceError):
    """The user stopped the run."""

    kind = "interrupted"


class SourceSkippedError(SourceError):
    """The service was not asked, for a reason the user can change."""

    kind = "skipped"


class StoreError(PapertrackError):
    """The database file cannot be used."""


class PaperNotFoundError(StoreError):
    """No paper is known under this id."""


class BusyError(PapertrackError):
    """Another run holds the lock."""

    exit_code = Exit.BUSY


class MailError(PapertrackError):
    """A message did not arrive as far as is known."""

    exit_code = Exit.MAIL


class DeferredError(MailError):
    """It was not taken, and nothing was delivered: the same may go through later."""


class UnreachableError(DeferredError):
    """No message can be handed over now: no connection, no login, no program to take it."""


class RefusedError(MailError):
    """It will not be taken, however often it is tried."""


class UnconfirmedError(MailError):
    """All of it was handed over and no answer came; it may have been delivered."""
