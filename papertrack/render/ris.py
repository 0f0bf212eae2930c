"""RIS, for reference managers.            door: rispy

TeX is readable here: no reader of RIS knows it.
"""

from collections.abc import Iterator, Sequence

from papertrack import text
from papertrack.models import Ranked
from papertrack.render.reference import Reference, iso_date, references


def as_ris(ranked: Sequence[Ranked]) -> Iterator[str]:
    """One record a paper: JOUR where it appeared in a journal, else UNPB, which is a preprint."""
    from rispy.writer import RisWriter

    class Writer(RisWriter):  # type: ignore[misc]
        """Without a number before each record, which some readers take for text."""

        def set_header(self, count: int) -> str:
            return ""

    for one in references(ranked):
        record = {name: value for name, value in _record(one).items() if value}
        yield Writer().formats([record]).strip() + "\n\n"


def _record(one: Reference) -> dict[str, object]:
    paper = one.paper
    arxiv = f"arXiv:{paper.arxiv_id}" if paper.arxiv_id else ""
    return {
        "type_of_reference": "JOUR" if paper.journal else "UNPB",
        "id": one.key,
        "title": text.title(paper.title),
        "authors": [name.last_first for name in one.names],
        "year": str(one.issued[0]) if one.issued else "",
        "date": iso_date(one.issued).replace("-", "/"),
        "journal_name": text.one_line(paper.journal, ""),
        "publisher": "arXiv" if paper.arxiv_id and not paper.journal else "",
        "doi": text.one_line(one.doi, ""),
        "urls": [url for url in [text.safe_url(paper.page_url)] if url],
        "accession_number": arxiv,
        "keywords": [text.one_line(word, "") for word in paper.keywords],
        "abstract": text.one_line(text.readable(paper.abstract), ""),
    }
