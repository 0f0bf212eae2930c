"""A paper as bibliographies name it: a key, a date, people with given and family names.

Shared by BibTeX, RIS and CSL-JSON.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from papertrack import text
from papertrack.models import Paper, Ranked

#: Words in small letters that belong to the family name after them.
_PARTICLES = {
    "af", "al", "bin", "da", "das", "de", "del", "della", "den", "der", "des", "di", "do", "dos",
    "du", "el", "la", "le", "ten", "ter", "van", "vom", "von", "zu",
}  # fmt: skip
_SUFFIXES = {"jr", "sr", "ii", "iii", "iv"}
#: The first or the last word of a name that is no person's: `Qwen Team`, `Team GLM`.
_GROUPS = {
    "ai", "collaboration", "consortium", "foundation", "group", "inc", "institute", "lab", "labs",
    "laboratory", "project", "research", "team", "university",
}  # fmt: skip
_SMALL_WORDS = {
    "a", "an", "and", "are", "at", "by", "do", "for", "from", "how", "in", "is", "of", "on", "or",
    "the", "to", "what", "with",
}  # fmt: skip


@dataclass(frozen=True)
class Name:
    """One author. A group, and a name of one word, has a family name only."""

    family: str
    given: str = ""
    suffix: str = ""

    @property
    def last_first(self) -> str:
        """`van Gogh, Vincent` or `King, Jr., Martin`."""
        return ", ".join(filter(None, (self.family, self.suffix, self.given)))


@dataclass(frozen=True)
class Reference:
    """One paper of a bibliography, with the key that it has there."""

    key: str
    paper: Paper
    names: tuple[Name, ...]
    issued: tuple[int, ...]  # year, and month and day where they are known

    @property
    def doi(self) -> str:
        """Its own DOI, or that which arXiv registers for each of its papers."""
        paper = self.paper
        return paper.doi or (f"10.48550/arXiv.{paper.arxiv_id}" if paper.arxiv_id else "")


def references(ranked: Iterable[Ranked]) -> list[Reference]:
    """The papers in their order, no two with one key.

    A key says the first author's family name, the year and the first telling word of the title:
    `ho2020denoising`. It does not depend on what else is in the list, but for a second paper that
    would have the same: it adds its id.
    """
    found: dict[str, Reference] = {}
    for one in ranked:
        paper = one.entry.paper
        people = tuple(name for author in paper.authors if (name := name_of(author)))
        issued = _issued(paper)
        key = _key(paper, people, issued)
        if key in found:
            key = f"{key}-{re.sub('[^A-Za-z0-9.]+', '-', paper.id.partition(':')[2])}"
        found.setdefault(key, Reference(key, paper, people, issued))
    return list(found.values())


def name_of(author: str) -> Name | None:
    """`Vincent van Gogh` or `van Gogh, Vincent` in its parts; None where nothing is left of it."""
    clean = text.one_line(text.readable(author), "")
    if not clean:
        return None
    last, comma, given = clean.partition(",")
    words = clean.split()
    if comma:
        return Name(last.strip(), given.strip()) if last.strip() else None
    if len(words) == 1 or _GROUPS & {words[-1].lower().strip("."), words[0].lower()}:
        return Name(clean)
    suffix = words.pop() if words[-1].lower().strip(".") in _SUFFIXES and len(words) > 2 else ""
    start = len(words) - 1
    while start > 1 and words[start - 1] in _PARTICLES:
        start -= 1
    return Name(" ".join(words[start:]), " ".join(words[:start]), suffix)


def _issued(paper: Paper) -> tuple[int, ...]:
    """When it appeared; of an arXiv paper at least the month, which its id says."""
    if at := paper.published_at:
        return (at.year, at.month, at.day)
    number = re.fullmatch(r"(?:.*/)?(\d\d)(\d\d)[.\d]*", paper.arxiv_id)
    if number and 1 <= int(number[2]) <= 12:
        year = int(number[1])
        return (1900 + year if year > 90 else 2000 + year, int(number[2]))
    return ()


def iso_date(issued: Sequence[int]) -> str:
    """`2020-06-19`; where the day is not known, the first."""
    return date(*(*issued, 1, 1)[:3]).isoformat() if issued else ""


def _key(paper: Paper, people: Sequence[Name], issued: Sequence[int]) -> str:
    family = _ascii(people[0].family) if people else ""
    words = (_ascii(word) for word in re.findall(r"[^\W_]+", text.title(paper.title)))
    telling = next((word for word in words if word and word not in _SMALL_WORDS), "")
    return f"{family or 'anonymous'}{issued[0] if issued else ''}{telling}"[:80]


def _ascii(word: str) -> str:
    """Small letters and digits, without accents."""
    plain = unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", plain.lower())
