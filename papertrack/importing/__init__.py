"""Papers from files that people have: pages they saved, text they copied, bibliographies, ids.

`read` looks at what a file holds, never at its name, and tries the formats in a fixed order: the
ones that cannot be mistaken first, text copied from a page last. It is pure: bytes in, `Imported`
out. Papers without an arXiv id or DOI carry a `title:` id until they are looked up.
"""

from collections.abc import Callable
from datetime import datetime

from papertrack import text
from papertrack.errors import UsageError
from papertrack.importing import bibtex, csl, ids, own, page, pasted, ris
from papertrack.importing.files import WHAT_IS_TAKEN, decode, json_records
from papertrack.importing.imported import MAX_BODY, Imported, OtherFormatError

__all__ = ["MAX_BODY", "Imported", "read"]


def read(body: bytes, *, name: str, observed_at: datetime) -> Imported:
    """The papers of one file.

    `name` is what to call the file in a message; `observed_at` is when it was saved (its mtime),
    the moment at which the votes on a saved page were counted. Raises UsageError, naming what was
    tried and what was missing, for a file that holds no papers, and nothing else.
    """
    shown = "stdin" if name == "-" else text.one_line(name[-200:], "the file")
    given = [decode(body, shown)]
    tried = []
    for reader in _READERS:
        try:
            return reader(given, observed_at)
        except OtherFormatError as error:
            tried.append(str(error))
    raise UsageError(
        f"{shown} holds no papers that papertrack can read. Tried: {'; '.join(tried)}. "
        f"{WHAT_IS_TAKEN[0].upper()}{WHAT_IS_TAKEN[1:]}."
    )


def _json(given: list[str], observed_at: datetime) -> Imported:
    """The formats that are JSON: told apart by what a record holds."""
    records = json_records(given[0])
    given[0] = ""  # it is nothing else, and need not stand in memory beside what it says
    tried = []
    for reader in (page.read_answer, own.read, csl.read):
        try:
            return reader(records, observed_at)
        except OtherFormatError as error:
            tried.append(str(error))
    raise OtherFormatError(f"JSON ({'; '.join(tried)})")


def _text(reader: Callable[[str, datetime], Imported]) -> "_Reader":
    return lambda given, observed_at: reader(given[0], observed_at)


#: Each is given the text of the file as the only item of a list, from which it may take it.
_Reader = Callable[[list[str], datetime], Imported]
_READERS: tuple[_Reader, ...] = (
    _text(page.read),
    _json,
    *map(_text, (bibtex.read, ris.read, ids.read, pasted.read)),
)
