"""From bytes to text, and from text to JSON records, within bounds."""

import codecs
import re
from collections.abc import Iterator

from papertrack.errors import UsageError
from papertrack.importing.imported import MAX_BODY, MAX_PAPERS, OtherFormatError
from papertrack.sources import values

WHAT_IS_TAKEN = (
    "save the page as HTML, or export BibTeX, RIS or CSL-JSON, or write one id or address a line"
)
#: What else people hand over, by its first bytes.
_OTHER_FILES = (
    (b"%PDF-", f"a PDF; {WHAT_IS_TAKEN}"),
    (b"\x1f\x8b", "compressed (gzip); unpack it first"),
    (b"PK\x03\x04", "a ZIP archive; unpack it first"),
    (b"SQLite format 3\0", "a database; papertrack opens its own with --db"),
    (b"\x89PNG", f"a picture; {WHAT_IS_TAKEN}"),
    (b"\xff\xd8\xff", f"a picture; {WHAT_IS_TAKEN}"),
)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL = re.compile(r"[\0-\x08\x0e-\x1a\x1c-\x1f]")
_LISTS = ("papers", "items", "references")


def decode(body: bytes, shown: str) -> str:
    """The text of a file: UTF-8 or UTF-16 by their marks, else UTF-8, else Windows-1252 or Latin-1.

    Raises UsageError for a file that is empty, too long, or no text.
    """
    if not body.strip():
        raise UsageError(f"{shown} is empty; {WHAT_IS_TAKEN}.")
    if len(body) > MAX_BODY:
        raise UsageError(
            f"{shown} is longer than {MAX_BODY // 1_000_000} MB; split it and import the parts."
        )
    for start, what in _OTHER_FILES:
        if body.startswith(start):
            raise UsageError(f"{shown} is {what}.")
    text = _text(body)
    if len(_CONTROL.findall(text[:100_000])) > len(text[:100_000]) // 100 or "\0" in text:
        raise UsageError(f"{shown} is not a text file; {WHAT_IS_TAKEN}.")
    text = text.replace("\r\n", "\n")
    return text.replace("\r", "\n")


def lines_of(text: str) -> Iterator[str]:
    """The lines one by one, because ten million short ones take more than half a gigabyte."""
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start:end]
        start = end + 1
    yield text[start:]


def _text(body: bytes) -> str:
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, errors="replace")
    for encoding in ("utf-8", "cp1252"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return body.decode("latin-1")


def json_records(text: str) -> list[object]:
    """The records of a JSON array, of one object, of an object that wraps a list, or of JSON Lines.

    At most one more than are read, and None for a line that is no JSON. Raises OtherFormatError
    where the text is none of these.
    """
    start = text.lstrip()[:1]
    if start not in ("[", "{"):
        raise OtherFormatError('JSON (the text does not begin with "[" or "{")')
    try:
        values.refuse_many(text)  # of all lines together, too
    except ValueError as error:
        raise OtherFormatError(f"JSON (it has {error})") from None
    try:
        value = values.loaded(text)
    except ValueError as error:
        records = _json_lines(text) if start == "{" else []
        if not any(records):
            reason = str(error)[:100]
            raise OtherFormatError(f"JSON (it is damaged or cut: {reason})") from None
        return records
    if isinstance(value, dict):
        inner = next((value[key] for key in _LISTS if isinstance(value.get(key), list)), None)
        value = inner if inner is not None else [value]
    return value[: MAX_PAPERS + 1] if isinstance(value, list) else []


def _json_lines(text: str) -> list[object]:
    """The values of the lines; none where the first hundred hold not one."""
    records: list[object] = []
    for line in lines_of(text):
        if not line.strip():
            continue
        if len(records) > MAX_PAPERS or (len(records) == 100 and not any(records)):
            break
        try:
            records.append(values.loaded(line))
        except ValueError:
            records.append(None)
    return records
