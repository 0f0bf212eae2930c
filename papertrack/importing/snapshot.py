"""arXiv's metadata snapshot: one JSON record a line, 3 million lines, also inside gzip, xz or zip.

It is read as a stream, never as a whole, and from any place on: `offset` counts bytes of the
unpacked text. The record is that of arXiv's own OAI-PMH feed, with its authors in parts.
"""

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from papertrack.errors import PapertrackError
from papertrack.identifiers import split_arxiv
from papertrack.models import Paper
from papertrack.sources import values
from papertrack.sources.arxiv_papers import described, mail_date

FORMAT = "arXiv metadata snapshot"
#: Papers of one transaction.
BATCH_SIZE = 10_000
#: No record is longer: the longest real one, of 2,900 authors, has 200 kB.
MAX_LINE, _LONG_LINE = 4_000_000, 400_000
#: Bytes of one part in memory, nearly; of ten thousand real papers they are 16 MB.
_MAX_PART = 24_000_000
_FIRST_BYTES = 65_536
_AT_ONCE = 1 << 20  # bytes of one read
_SHOWN = 60  # bytes of a line that is no record
_LONGEST_PLAIN = 300  # no name can be longer than a name may be
_HAS_LETTER = re.compile("[A-Za-z]").search
_MONTHS = {
    name: f"{number:02}"
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}


@dataclass(frozen=True)
class Part:
    """Some thousand papers of a snapshot, and how far it has been read with them."""

    papers: tuple[Paper, ...]
    offset: int  # where the next part begins, in bytes of unpacked text
    done: int  # bytes of the file read so far, of `Snapshot.size`
    skipped: int  # lines that are no records


@dataclass(frozen=True)
class Snapshot:
    """A file that holds one. `mark` tells it from every other file."""

    path: Path
    size: int
    mark: str
    odd: list[str] = field(default_factory=list, compare=False)  # the first line that is no record

    def parts(self, offset: int = 0, size: int = BATCH_SIZE) -> Iterator[Part]:
        """The papers from a place on, `size` a part; the last part may be empty.

        Raises PapertrackError, after all papers before, where the file cannot be read to its end.
        """
        read = 0
        try:
            with self.path.open("rb", _AT_ONCE) as file, _unpacked(file) as stream:
                stream.seek(offset)
                for part in _parts(stream, file, offset, size, self.odd):
                    read += len(part.papers)
                    yield part
        except _damaged() as error:
            kept = f"the {read:,} papers before that are kept" if read else "no paper could be read"
            raise PapertrackError(
                f"{self.path.name} ends in the middle or is damaged ({error}); {kept}. "
                "Get the file again, and import it."
            ) from None


def find(path: Path) -> Snapshot | None:
    """The snapshot in a file, told by its first record; None for any other file."""
    try:
        with path.open("rb") as file, _unpacked(file) as stream:
            line = stream.readline(MAX_LINE)
        known = os.stat(path)
        with path.open("rb") as file:
            first = file.read(_FIRST_BYTES)
    except _damaged():
        return None
    if _record(line) is None:
        return None
    mark = sha256(first + f"|{known.st_size}|{int(known.st_mtime)}".encode()).hexdigest()[:16]
    return Snapshot(path, known.st_size, mark)


def _damaged() -> tuple[type[Exception], ...]:
    """What reading a file may raise."""
    import lzma
    import zipfile
    import zlib

    broken = lzma.LZMAError, zlib.error, zipfile.BadZipFile
    # of a ZIP: nothing is in it, it has a password, it is packed in a way that Python does not know
    return OSError, EOFError, ValueError, IndexError, RuntimeError, *broken


def _unpacked(file: IO[bytes]) -> IO[bytes]:
    """The text of a file that may be packed, told by its first bytes."""
    first = file.read(6)
    file.seek(0)
    opener = next((opener for start, opener in _PACKED if first.startswith(start)), None)
    return opener(file) if opener else file


def _gzip(file: IO[bytes]) -> IO[bytes]:
    import gzip

    return gzip.GzipFile(fileobj=file)  # type: ignore[return-value]


def _xz(file: IO[bytes]) -> IO[bytes]:
    import lzma

    return lzma.LZMAFile(file)


def _zip(file: IO[bytes]) -> IO[bytes]:
    import zipfile

    archive = zipfile.ZipFile(file)
    return archive.open(archive.namelist()[0])


_PACKED = ((b"\x1f\x8b", _gzip), (b"\xfd7zXZ\0", _xz), (b"PK\x03\x04", _zip))


def _parts(
    stream: IO[bytes], file: IO[bytes], offset: int, size: int, odd: list[str]
) -> Iterator[Part]:
    papers: list[Paper] = []
    skipped = held = 0
    broken: Exception | None = None
    while True:
        try:
            line = stream.readline(MAX_LINE)
        except _damaged() as error:
            line, broken = b"", error
        if not line:
            break
        offset += len(line)
        paper = _record(line)
        if paper is not None:
            papers.append(paper)
            held += max(len(line), sys.getsizeof(paper.abstract))
        elif line.strip():
            skipped += 1
            odd += [] if odd else [line[:_SHOWN].decode("utf-8", "replace").strip()]
        if len(papers) == size or held > _MAX_PART:
            yield Part(tuple(papers), offset, file.tell(), skipped)
            papers, skipped, held = [], 0, 0
    yield Part(tuple(papers), offset, file.tell(), skipped)
    if broken:
        raise broken


def _record(line: bytes) -> Paper | None:
    """The paper of a line; None where it is no record of the snapshot."""
    try:
        # Told that it is ASCII, as arXiv writes it, `loads` need not find out.
        ascii_line = line.decode("ascii") if line.isascii() else line
        record = json.loads(ascii_line) if len(line) < _LONG_LINE else values.loaded(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or not isinstance(record.get("versions"), list):
        return None
    number = record.get("id")
    if not isinstance(number, str) or not isinstance(record.get("abstract"), str):
        return None
    split = split_arxiv(number)
    return paper_of(record, split) if split else None


def paper_of(record: Mapping[str, Any], split: tuple[str, int | None]) -> Paper | None:
    """One record as a paper; None without a title."""
    line = values.line
    given = record.get("categories")
    versions = [one for one in record["versions"] if isinstance(one, dict)]
    first = _moment(versions[0].get("created")) if versions else None
    return described(
        split,
        line(record.get("title")),
        abstract=line(record["abstract"]),
        authors=_authors(record.get("authors_parsed")),
        categories=_categories(given if isinstance(given, str) else ""),
        published_at=first,
        updated_at=_moment(versions[-1].get("created")) if len(versions) > 1 else first,
        version=len(versions) or None,
        doi=line(record.get("doi")),
        journal=line(record.get("journal-ref")),
        comment=line(record.get("comments")),
    )


def _authors(parsed: object) -> list[str] | tuple[str, ...]:
    """[["Balazs", "C.", "Jr."], ...] to names; what stands behind the third part is elsewhere.

    A tuple where every name is plain, which needs no repair (nearly all: a tenth of the time).
    """
    if not isinstance(parsed, list):
        return []
    try:
        names = [
            " ".join((one[1], one[0], one[2]) if one[2] else (one[1], one[0]))
            for one in parsed
            if type(one) is list
        ]
    except (IndexError, TypeError):
        names = []
    if len(names) == len(parsed) and _are_plain(names):
        return tuple(names)
    return [_name(parts[:3]) if isinstance(parts, list) else "" for parts in parsed]


def _are_plain(names: Sequence[str]) -> bool:
    """Whether each is one line of ASCII with a letter, and there are not very many."""
    given = "|".join(names)
    return (
        given.isascii()
        and given.isprintable()
        and "  " not in given
        and " |" not in given
        and "| " not in given
        and given == given.strip()
        and len(given) <= _LONGEST_PLAIN
        and all(map(_HAS_LETTER, names))
    )


def _name(parts: Sequence[object]) -> str:
    words = [part for part in parts if isinstance(part, str)]
    if len(words) >= 2:
        words[:2] = words[1], words[0]
    return " ".join(words)


@lru_cache(maxsize=10_000)
def _categories(names: str) -> tuple[str, ...]:
    return tuple(values.line(names).split())


def _moment(created: object) -> datetime | None:
    """`Mon, 2 Apr 2007 19:18:42 GMT`, fast where it is written so."""
    if not isinstance(created, str):
        return None
    try:
        _, day, month, year, clock, zone = created.split(" ")
        if zone == "GMT" and len(clock) == 8 and "1900" <= year <= "2100":
            found = datetime.fromisoformat(f"{year}-{_MONTHS[month]}-{day:0>2}T{clock}+00:00")
            return found if found.tzinfo is UTC else None
    except (ValueError, KeyError):
        pass
    return mail_date(created)
