"""Reading what services send: values of any type in, values of the right type out, never an error.

A field that is missing, null, or of another type than documented is as good as not there.
"""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime

from papertrack import text

MAX_COUNT = 10**9
_PLAIN = bytes(
    range(0x20, 0x7F)
)  # what is left without these is found faster than it is looked for
#: Values of one answer. Each takes up to 170 bytes, whatever it says; real answers have 100,000.
MAX_PARTS = 1_000_000


def loaded(body: bytes | str) -> object:
    """A body as JSON. Raises ValueError for all else: absurd nesting and millions of parts too."""
    marks = map(body.count, ",[{") if isinstance(body, str) else map(body.count, (b",", b"[", b"{"))
    if sum(marks) > MAX_PARTS:
        raise ValueError("too many parts")
    try:
        value: object = json.loads(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


def mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def line(value: object) -> str:
    """Text with its hard line breaks folded, and always encodable."""
    if not value or not isinstance(value, str):
        return ""
    folded = value.replace("\n", " ").strip()
    if folded.isascii() and not folded.encode().translate(None, _PLAIN) and "  " not in folded:
        return folded  # the same, in half the time
    return " ".join(text.repair(value).split())


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
