"""The PDF of a paper at arXiv, into a file: whole or not there, and never over another.

While it comes it lies beside its place as `NAME.pdf.part`, whose time is the Last-Modified of what
it is a part of: with that a later run asks for the rest, and gets the whole where it has changed
(RFC 9110, 13.1.5 and 14.2).
"""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from papertrack.errors import (
    PaperNotFoundError,
    PapertrackError,
    SourceFormatError,
    SourceUnavailableError,
    UsageError,
)
from papertrack.housekeeping import Progress
from papertrack.sources.client import Client, host_of

#: The longest PDF that is taken, in bytes, and the longest that one may take to come, in seconds.
MAX_BYTES, SECONDS = 200_000_000, 900.0
BEGINS, ENDS = b"%PDF-", b"%%EOF"
#: A Last-Modified that is no older than this may not tell two versions apart, in seconds.
SURE = 60
_NOT_FOLLOWED = getattr(os, "O_NOFOLLOW", 0)


def file_name(number: str) -> str:
    """`2604.07413.pdf`, `hep-th_9901001.pdf`: of the id's own letters only.

    Raises UsageError for what is no id of arXiv.
    """
    name = number.replace("/", "_")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}", name):
        raise UsageError(f"{number!r} is no id of arXiv, such as 2604.07413.")
    return f"{name}.pdf"


@dataclass(frozen=True)
class PdfSource:
    """Downloads PDFs from arXiv, at its pace."""

    client: Client
    base_url: str
    seconds: float = SECONDS
    limit: int = MAX_BYTES

    def download(self, number: str, place: Path, progress: Progress, *, force: bool) -> None:
        """Fill the place with the PDF of this paper.

        Raises PaperNotFoundError where arXiv has none, SourceError where it did not come, and
        PapertrackError where it cannot be written or something is there and may stay.
        """
        url = f"{self.base_url}/pdf/{quote(number, safe='/')}"
        arriving = _Arriving(place, url, progress, self.limit)
        try:
            answer = self.client.save(url, arriving, self.seconds)
            if answer.status == 416:  # what is here is longer than what is there
                arriving.forget()
                answer = self.client.save(url, arriving, self.seconds)
            if answer.missing:
                raise PaperNotFoundError(
                    f"{host_of(url)} has no PDF of {number}; `papertrack open {number}` shows why."
                )
            arriving.settle(force=force)
        except OSError as error:
            raise PapertrackError(
                f"{place} could not be written: {error.strerror or error}; choose another folder "
                "with --directory."
            ) from error


@dataclass(frozen=True)
class _Arriving:
    """A PDF on its way into a place."""

    place: Path
    url: str
    progress: Progress
    limit: int

    @property
    def part(self) -> Path:
        return self.place.with_name(f"{self.place.name}.part")

    def headers(self) -> Mapping[str, str]:
        asked = {"Accept": "application/pdf", "Accept-Encoding": "identity"}
        with suppress(OSError):
            come = self.part.lstat()
            if stat.S_ISREG(come.st_mode) and come.st_size >= len(BEGINS):
                asked["Range"] = f"bytes={come.st_size}-"
                asked["If-Range"] = formatdate(int(come.st_mtime), usegmt=True)
        return asked

    def take(self, status: int, headers: Mapping[str, str], parts: Iterator[bytes]) -> None:
        """Keep what comes, from the start or after what has come."""
        start, total = _extent(status, headers)
        if (total or 0) > self.limit:
            raise self._too_long()
        with self._opened() as file:
            if start > os.fstat(file.fileno()).st_size:
                raise SourceFormatError(
                    f"{host_of(self.url)} answers with another part than was asked for "
                    f"({self.url}); remove {self.part.name} and try again.",
                    url=self.url,
                )
            file.truncate(start)
            file.seek(start)
            try:
                size = self._filled(file, parts, start, total)
            finally:
                file.flush()
                _stamp(file, headers)
            self._judge(file, size, total)

    def settle(self, *, force: bool) -> None:
        """Give the whole file its name. Raises PapertrackError where that is taken."""
        if not force:
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | _NOT_FOLLOWED
            try:
                os.close(os.open(self.place, flags, 0o666))
            except FileExistsError:
                raise PapertrackError(
                    f"{self.place} has come up meanwhile; --force writes over it."
                ) from None
        os.replace(self.part, self.place)
        os.utime(self.place)  # it is as old as the download

    def forget(self) -> None:
        self.part.unlink(missing_ok=True)

    def _opened(self) -> BinaryIO:
        """The part, to be written to: a plain file of ours and no link to another."""
        file = os.open(self.part, os.O_CREAT | os.O_RDWR | _NOT_FOLLOWED, 0o666)
        is_plain = stat.S_ISREG(os.fstat(file).st_mode) and os.fstat(file).st_nlink == 1
        if not is_plain:
            os.close(file)
            raise PapertrackError(f"{self.part} is no plain file; remove it, and try again.")
        return os.fdopen(file, "r+b")

    def _filled(self, file: BinaryIO, parts: Iterator[bytes], start: int, total: int | None) -> int:
        """Write what comes, as long as it is a PDF of a bearable length; how long it is."""
        size, head = start, BEGINS if start else b""
        for part in parts:
            head = (head + part)[: len(BEGINS)]
            if not BEGINS.startswith(head):
                self.forget()
                raise self._no_pdf(part)
            size += len(part)
            if size > self.limit:
                self.forget()
                raise self._too_long()
            file.write(part)
            self.progress(f"{self.place.stem}, kB", size // 1000, total and total // 1000)
        return size

    def _judge(self, file: BinaryIO, size: int, total: int | None) -> None:
        """Where nobody said how long it is, a PDF says itself where it ends."""
        file.seek(max(0, size - 1024))
        if size != total if total is not None else ENDS not in file.read():
            raise SourceUnavailableError(
                f"{host_of(self.url)} could not be read (its answer was cut off); the same "
                "command goes on there.",
                url=self.url,
            )
        if size < len(BEGINS):
            self.forget()
            raise self._no_pdf(b"")

    def _no_pdf(self, body: bytes) -> SourceFormatError:
        what = "a web page" if body.lstrip()[:1] == b"<" else "something else"
        return SourceFormatError(
            f"{host_of(self.url)} answered with {what} instead of a PDF ({self.url}); try again "
            "later, or look at the paper's page with `papertrack open`.",
            url=self.url,
        )

    def _too_long(self) -> SourceFormatError:
        return SourceFormatError(
            f"{self.url} is longer than {self.limit // 1_000_000} MB, which is not downloaded; "
            "`papertrack open --pdf` leaves it to your browser.",
            url=self.url,
        )


def _extent(status: int, headers: Mapping[str, str]) -> tuple[int, int | None]:
    """Where the answer begins in the file, and how long the file is, where that is said."""
    if status == 206:
        found = re.fullmatch(r"bytes ([0-9]+)-[0-9]+/([0-9]+|\*)", headers.get("content-range", ""))
        if found:
            return int(found[1]), None if found[2] == "*" else int(found[2])
        return 2**62, None  # nobody can say what it is a part of
    length = headers.get("content-length", "")
    return 0, int(length) if re.fullmatch("[0-9]{1,18}", length) else None


def _stamp(file: BinaryIO, headers: Mapping[str, str]) -> None:
    """Note on the file of what it is a part; 1970 where that cannot be told for sure."""
    seconds = 0.0
    with suppress(ValueError, TypeError, OverflowError):
        changed = parsedate_to_datetime(headers.get("last-modified", ""))
        told = parsedate_to_datetime(headers.get("date", ""))
        if (told - changed).total_seconds() >= SURE:
            seconds = changed.timestamp()
    os.utime(file.fileno(), (seconds, seconds))
