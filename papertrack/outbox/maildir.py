"""A Maildir on this machine: written to tmp, synced, then linked into new.

The file's name follows from the message, so that the same message is there once however often it
is delivered, also where a reader has moved it on to cur. The stdlib's mailbox makes up a new name
each time.
"""

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from papertrack.errors import PapertrackError, UnreachableError
from papertrack.places import make_private_folder


@dataclass(frozen=True, kw_only=True)
class MaildirTransport:
    """A folder with tmp, new and cur; it is made when it is not there."""

    path: Path

    def deliver(self, sender: str, recipient: str, message: bytes) -> str:
        name = f"{hashlib.sha256(message).hexdigest()[:32]}.papertrack"
        self._make()
        try:
            if not any((self.path / "cur").glob(f"{name}*")):
                self._write(name, message.replace(b"\r\n", b"\n"))
        except OSError as error:
            raise UnreachableError(
                f"{self.path} cannot be written to: {error.strerror}; mend that, or set "
                "mail.maildir to another folder."
            ) from None
        return f"put into {self.path}"

    def check(self) -> str:
        self._make()
        if not os.access(self.path / "tmp", os.W_OK):
            raise UnreachableError(f"{self.path} cannot be written to; make it writable.")
        return f"{self.path} can be written to."

    def close(self) -> None:
        """Nothing is kept open."""

    def _make(self) -> None:
        for part in ("tmp", "new", "cur"):
            try:
                make_private_folder(self.path / part)
            except PapertrackError as error:
                raise UnreachableError(f"{error} Or set mail.maildir to another folder.") from None

    def _write(self, name: str, message: bytes) -> None:
        unfinished = self.path / "tmp" / f"{name}.{os.getpid()}"
        flags = os.O_CREAT | os.O_WRONLY | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
        try:
            with os.fdopen(os.open(unfinished, flags, 0o600), "wb") as file:
                file.write(message)
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, self.path / "new" / name)
            _sync(self.path / "new")
        finally:
            with suppress(OSError):
                os.unlink(unfinished)


def _sync(folder: Path) -> None:
    """Make the new name itself last; not every system lets a folder be opened."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
