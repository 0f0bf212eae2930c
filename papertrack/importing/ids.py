"""A list of ids or addresses: one or more at the start of a line, the rest of it is a remark.

`#` begins a comment at the start of a line or after a blank, so that `.../abs/2604.07413#s2` stays
whole. A number or a bullet before the id is passed over: papertrack's own TSV begins with the rank.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from papertrack import identifiers
from papertrack.errors import UsageError
from papertrack.importing.files import lines_of
from papertrack.importing.imported import MAX_PAPERS, Gathering, Imported, OtherFormatError

FORMAT = "list of ids"
_COMMENT = re.compile(r"(?:^|\s)#.*")
_BULLET = re.compile(r"(?:[-*+•·]|\d{1,6}[.)]?)\s+")
_LONGEST = 300  # characters of an id or an address
_MOST_TOKENS = 100  # of one line


def read(text: str, observed_at: datetime) -> Imported:
    """The ids, each once, in order. Half of the lines must begin with one; others are skipped.

    `observed_at` is not used: a list of ids counts nothing.
    """
    gathered = Gathering()
    good = bad = 0
    for number, line in _lines(text):
        if gathered.is_full() or bad > MAX_PAPERS or (bad > 100 and good < bad):
            break
        found = _ids(line)
        gathered.ids.update(dict.fromkeys(found))
        good, bad = good + bool(found), bad + (not found)
        if not found:
            gathered.skip(f"line {number}: {line[:60]!r} does not begin with a paper id")
    if good < bad or not good:
        raise OtherFormatError(f"{FORMAT} (fewer than half of the lines begin with an id)")
    return gathered.imported(FORMAT, "no id")


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Number and content of the lines that hold more than a comment."""
    for number, whole in enumerate(lines_of(text), 1):
        line = _COMMENT.sub("", whole[:10_000], count=1).strip()
        if line:
            yield number, line


def _ids(line: str) -> list[str]:
    """The ids at the start of a line, up to the first word that is none."""
    bullet = _BULLET.match(line)
    found: list[str] = []
    for token in line[bullet.end() if bullet else 0 :].split(maxsplit=_MOST_TOKENS)[:_MOST_TOKENS]:
        known = _known(token)
        if not known:
            break
        found += known
    return found


def _known(token: str) -> list[str]:
    """What a word names: one id, or several with commas between; a DOI may hold a comma itself."""
    for parts in ([token.strip(",;")], [part for part in re.split("[,;]", token) if part]):
        try:
            return [identifiers.parse(part[:_LONGEST]) for part in parts if part]
        except UsageError:
            continue
    return []
