"""The `sendmail` program of this machine: Postfix, msmtp, nullmailer and others bring one.

The recipient stands after `--` and the message holds none that would be obeyed: `-t` is never used.
Exit codes are those of sysexits.h. Exit 0 says that it was queued; a bounce comes later, as mail.
"""

import subprocess
from dataclasses import dataclass

from papertrack.errors import DeferredError, RefusedError, UnconfirmedError, UnreachableError
from papertrack.outbox.base import reply_text

_DATA_REFUSED, _NO_SUCH_USER = 65, 67
#: "Protocol error": msmtp leaves with it when the answer after the final dot is lost.
_PROTOCOL = 76


@dataclass(frozen=True, kw_only=True)
class SendmailTransport:
    """One run of the program a message; `timeout` in seconds."""

    path: str
    timeout: float = 600.0

    def deliver(self, sender: str, recipient: str, message: bytes) -> str:
        argv = [self.path, "-i", "-f", sender, "--", recipient]
        try:
            done = subprocess.run(
                argv,
                input=message.replace(b"\r\n", b"\n"),
                capture_output=True,
                timeout=self.timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise UnconfirmedError(
                f"{self.path} took longer than {self.timeout:.0f} seconds and was stopped."
            ) from None
        except OSError as error:
            raise UnreachableError(
                f"{self.path} cannot be run: {error.strerror}; set mail.sendmail to the program."
            ) from None
        return self._outcome(done.returncode, done.stderr or done.stdout)

    def _outcome(self, code: int, said: bytes) -> str:
        if code == 0:
            return f"queued by {self.path}"
        sentence = f"{self.path} ended with {code}: {reply_text(said)}."
        if code in (_DATA_REFUSED, _NO_SUCH_USER):
            raise RefusedError(sentence)
        if code == _PROTOCOL or code < 0:
            raise UnconfirmedError(sentence)
        raise DeferredError(sentence)

    def check(self) -> str:
        import os

        if not os.access(self.path, os.X_OK) or os.path.isdir(self.path):
            raise UnreachableError(
                f"{self.path} is not a program that can be run; set mail.sendmail to one, or "
                "mail.transport to smtp."
            )
        return f"{self.path} is there; what it does with a message shows `papertrack digest test`."

    def close(self) -> None:
        """Each run ends by itself."""
