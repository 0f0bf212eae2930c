"""An entry of a bibliography, in whatever format it came, as a paper.

Bibliographies name an arXiv id in many places: `eprint`, a DOI `10.48550/arXiv.*`, an address, a
note, a "journal" that reads `arXiv preprint arXiv:2301.00001`. A note counts only where the id
begins it or a part of it, because "extends arXiv:2301.00001" is another paper.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from papertrack import identifiers, text
from papertrack.importing.imported import MAX_ABSTRACT, MAX_AUTHORS, MAX_TITLE
from papertrack.models import Paper
from papertrack.sources import values

_ID = r"(\d{4}\.\d{4,5}|[a-z][a-z-]*(?:\.[a-z]{2})?/\d{7})(?:v\d{1,3})?(?![\d.]*\d)"
_NAMED = re.compile(rf"\barxiv ?[:.]? ?(?:e-?prints?|preprint)?,? ?(?:arxiv ?: ?)?{_ID}", re.I)
_BEGINS = re.compile(rf"(?:^|[;,(] ?)(?:eprint: ?|arxiv ?: ?|arxiv preprint arxiv: ?){_ID}", re.I)
_LINK = re.compile(r"https?://[^\s{}\"<>|\\^`]+", re.I)
_ARCHIVE = re.compile(r"(?:arxiv|corr)\b|abs/", re.I)
_DATE = re.compile(r"(?<!\d)(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2}))?)?(?!\d)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, kw_only=True)
class Reference:
    """What an entry says, as it says it; text is cleaned and cut here, not by the readers."""

    title: str = ""
    authors: tuple[str, ...] = ()  # first name first
    abstract: str = ""
    eprint: str = ""  # an arXiv id, if it is one
    doi: str = ""
    urls: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    journal: str = ""
    keywords: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    published_at: datetime | None = None

    @property
    def paper_id(self) -> str:
        """The id that the entry names, or nothing."""
        if arxiv_id := self.arxiv_id:
            return f"arxiv:{arxiv_id}"
        return identifiers.from_doi(doi) if (doi := self._doi()) else ""

    @property
    def arxiv_id(self) -> str:
        doi = self._doi()
        wrapped = identifiers.from_doi(doi) if doi else ""
        if found := identifiers.split_arxiv(_short(self.eprint)):
            return found[0]
        if wrapped.startswith("arxiv:"):
            return wrapped.removeprefix("arxiv:")
        for link in self._links():
            if named := identifiers.arxiv_in_url(link):
                return named
        return self._named()

    def paper(self) -> Paper | None:
        """The entry as a paper; None without a title."""
        title = values.line(self.title[: 4 * MAX_TITLE])[:MAX_TITLE]
        if not title:
            return None
        authors = tuple(filter(None, map(values.line, self.authors[:MAX_AUTHORS])))
        arxiv_id, doi = self.arxiv_id, self._doi()
        return Paper(
            id=self.paper_id or identifiers.title_id(title, authors),
            title=title,
            arxiv_id=arxiv_id,
            doi="" if doi.startswith("10.48550/arxiv.") else doi,
            abstract=values.line(self.abstract[: 4 * MAX_ABSTRACT])[:MAX_ABSTRACT],
            authors=authors,
            categories=tuple(filter(None, map(values.line, self.categories))),
            published_at=self.published_at,
            url="" if arxiv_id else self._page(),
            keywords=tuple(filter(None, map(values.line, self.keywords))),
            journal=self._journal(),
        )

    def _doi(self) -> str:
        found = (identifiers.normalise_doi(_short(one)) for one in (self.doi, *self._links()))
        return next(filter(None, found), "")

    def _links(self) -> list[str]:
        return [link for one in self.urls[:20] for link in _LINK.findall(one[:4_000])[:20]]

    def _page(self) -> str:
        """The first address that does not follow from the DOI."""
        pages = (link for link in self._links() if not identifiers.normalise_doi(link))
        return next(filter(None, map(text.safe_url, pages)), "")

    def _named(self) -> str:
        """The arXiv id that the journal or a note names."""
        lines = [_short(line) for note in self.notes[:20] for line in note[:4_000].split("\n")]
        found = [_NAMED.search(_short(self.journal)), *map(_BEGINS.search, lines)]
        ids = (identifiers.split_arxiv(one[1]) for one in found if one)
        return next((one[0] for one in ids if one), "")

    def _journal(self) -> str:
        """Where it was published: arXiv (CoRR at DBLP) is no journal, and no address is one."""
        journal = values.line(self.journal[: 4 * MAX_TITLE])[:MAX_TITLE]
        return "" if _ARCHIVE.match(journal) or "://" in journal else journal


def _short(value: str) -> str:
    return values.line(value[:2_000])


def published(year: str, month: str = "", day: str = "") -> datetime | None:
    """The date of an entry as midnight UTC; of a year alone its first day.

    `year` may hold the whole date (`2023-05-04`, RIS's `2023/05/04/`), `month` a number or a name
    in any length (`may`, `10~may`).
    """
    found = _DATE.search(year[:100])
    if not found:
        return None
    word = re.search(r"[a-z]{3,}", month[:40].lower())
    number = re.search(r"\d{1,2}", found[2] or month[:40])
    if word and word[0][:3] in _MONTHS and not found[2]:
        months = _MONTHS.index(word[0][:3]) + 1
    else:
        months = int(number[0]) if number else 1
    days = re.search(r"\d{1,2}", found[3] or day[:40])
    for parts in ((months, int(days[0]) if days else 1), (months, 1), (1, 1)):
        try:
            return values.moment(datetime(int(found[1]), *parts, tzinfo=UTC).isoformat())
        except ValueError:
            continue
    return None


def words(text_of_words: str | Iterable[str]) -> tuple[str, ...]:
    """Keywords, parted by commas or semicolons."""
    whole = text_of_words if isinstance(text_of_words, str) else ";".join(text_of_words)
    return tuple(word.strip() for word in re.split(r"[,;\n]", whole[:20_000]) if word.strip())


def first_name_first(name: str) -> str:
    """`van Gogh, Vincent` to `Vincent van Gogh`; `King, Jr., Martin` keeps the suffix last."""
    parts = [part.strip() for part in name.split(",") if part.strip()]
    if len(parts) == 3:
        last, suffix, first = parts
        if _is_suffix(first):  # RIS has the suffix last
            first, suffix = suffix, first
        return f"{first} {last} {suffix}"
    if len(parts) == 2 and _is_suffix(parts[1]):
        return " ".join(parts)
    return " ".join([*parts[1:], *parts[:1]])


def _is_suffix(word: str) -> bool:
    return bool(re.fullmatch(r"(?:jr|sr|ii|iii|iv|v)\.?", word, re.I))
