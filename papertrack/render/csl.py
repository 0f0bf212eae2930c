"""CSL-JSON, for Zotero, Pandoc and citeproc; after the schema of CSL 1.0.2.

A preprint is an `article` whose `genre` says so, as that schema has it. TeX is readable here.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from papertrack import text
from papertrack.models import Ranked
from papertrack.render.records import as_array
from papertrack.render.reference import Name, Reference, references


def as_csl(ranked: Sequence[Ranked]) -> Iterator[str]:
    """A JSON array with an item a paper."""
    yield from as_array(_item(one) for one in references(ranked))


def _item(one: Reference) -> dict[str, Any]:
    paper = one.paper
    arxiv = f"arXiv:{paper.arxiv_id}" if paper.arxiv_id else ""
    item: dict[str, Any] = {
        "id": one.key,
        "type": "article-journal" if paper.journal else "article",
        "genre": "" if paper.journal else "preprint",
        "title": text.title(paper.title),
        "author": [_person(name) for name in one.names],
        "issued": {"date-parts": [list(one.issued)]} if one.issued else None,
        "container-title": text.one_line(paper.journal, ""),
        "publisher": "arXiv" if arxiv and not paper.journal else "",
        "number": arxiv,
        "DOI": text.one_line(one.doi, ""),
        "URL": text.safe_url(paper.page_url),
        "keyword": ", ".join(text.one_line(word, "") for word in paper.keywords),
        "abstract": text.one_line(text.readable(paper.abstract), ""),
    }
    return {name: value for name, value in item.items() if value}


def _person(name: Name) -> dict[str, str]:
    if not name.given:
        return {"literal": name.family}
    parts = {"family": name.family, "given": name.given, "suffix": name.suffix}
    return {part: value for part, value in parts.items() if value}
