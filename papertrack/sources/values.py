"""Reading what services send: values of any type in, values of the right type out, never an error.

A field that is missing, null, or of another type than documented is as good as not there.
"""

import json
import math
import re
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime

from papertrack import text

MAX_COUNT = 10**9
#: What is left of an ASCII text without these is found sooner than it is looked for.
_PLAIN = bytes(range(0x20, 0x7F))
#: Characters of a text; the longest real one, of a thousand authors' names, has a tenth of it.
MAX_TEXT = 200_000
#: Values of one answer, of which real ones have 100,000.
MAX_PARTS = 1_000_000
#: Bytes that a body takes as text and as values: each value up to 160, whatever it says, and its
#: characters as many as in the text, which are 4 each where one is an emoji.
_MAX_MEMORY, _OF_A_PART, _OF_A_TEXT = 200_000_000, 160, 1.5


def loaded(body: bytes | str) -> object:
    """A body as JSON. Raises ValueError for all else: absurd nesting and millions of parts too."""
    text = body if isinstance(body, str) else _text(body)
    refuse_many(text)
    try:
        value: object = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


def refuse_many(text: str) -> None:
    """Raise ValueError where the values of a JSON text would take too much memory."""
    room = (_MAX_MEMORY - _OF_A_TEXT * sys.getsizeof(text)) / _OF_A_PART
    if sum(map(text.count, ",[{")) > min(MAX_PARTS, room):
        raise ValueError("too many parts")


def _text(body: bytes) -> str:
    """In the encoding that its first bytes tell, as `json.loads` takes it."""
    return body.decode(json.detect_encoding(body), "surrogatepass")


def mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def line(value: object) -> str:
    """Text with its hard line breaks folded, always encodable, and of a bounded length."""
    if not value or not isinstance(value, str):
        return ""
    folded = value[:MAX_TEXT].replace("\n", " ").strip()
    if folded.isascii() and not folded.encode().translate(None, _PLAIN) and "  " not in folded:
        return folded  # the same, in half the time
    return " ".join(text.repair(value[:MAX_TEXT]).split())


def lines(value: object) -> tuple[str, ...]:
    """The texts of a list, empty ones left out."""
    return tuple(word for item in items(value) if (word := line(item)))


def count(value: object) -> int | None:
    """A whole number that can be a count; None for anything else, also for a negative one."""
    if isinstance(value, str) and re.fullmatch(r"\d{1,10}", value):
        value = int(value)
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        value = int(value)
    good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MAX_COUNT
    return value if good and isinstance(value, int) else None


def moment(value: object) -> datetime | None:
    """An ISO time as aware UTC, in seconds as the store keeps it; a bare one is UTC."""
    try:
        found = datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
    except ValueError:
        return None
    if found is None or not 1900 <= found.year <= 2100:
        return None
    found = found.replace(microsecond=0)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def list_day(value: object) -> date:
    """The day of a list as `2026-04-14`. Raises ValueError for all else, and for another era."""
    found = date.fromisoformat(str(value))
    if not 1900 <= found.year <= 2100:
        raise ValueError(f"there was no list on {found}")
    return found


def repository(url: str) -> str:
    """`https://github.com/owner/name` from any link into a repository, else nothing."""
    found = re.match(r"https?://(?:www\.)?github\.com/([\w.-]+/[\w.-]+)", url.strip(), re.ASCII)
    return f"https://github.com/{found[1].removesuffix('.git')}" if found else ""
