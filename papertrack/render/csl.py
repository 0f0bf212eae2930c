"""CSL-JSON, for Zotero, Pandoc and citeproc; after the schema of CSL 1.0.2.

A preprint is an `article` whose `genre` says so, as that schema has it. TeX is readable here.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from papertrack import text
from papertrack.models import Ranked
from papertrack.render.records import as_array
from papertrack.render.reference import Name, Reference, references

_TEXT = {"type": "string", "minLength": 1}
_PERSON = {
    "type": "object",
    "properties": {"family": _TEXT, "given": _TEXT, "suffix": _TEXT, "literal": _TEXT},
    "anyOf": [{"required": ["family"]}, {"required": ["literal"]}],
    "additionalProperties": False,
}
_ISSUED = {
    "type": "object",
    "properties": {
        "date-parts": {
            "type": "array",
            "items": {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 3},
            "minItems": 1,
            "maxItems": 2,
        }
    },
    "required": ["date-parts"],
    "additionalProperties": False,
}
#: What of the schema of CSL 1.0.2 these items use, in JSON Schema.
SCHEMA: Mapping[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "type": {"type": "string", "enum": ["article", "article-journal"]},
            "author": {"type": "array", "items": _PERSON, "minItems": 1},
            "issued": _ISSUED,
            "DOI": {"type": "string", "pattern": r"^10\.[0-9]{4,9}/\S+$"},
            "URL": {"type": "string", "pattern": "^https?://"},
            **dict.fromkeys(("id", "genre", "title", "container-title", "publisher"), _TEXT),
            **dict.fromkeys(("number", "keyword", "abstract"), _TEXT),
        },
        "required": ["id", "type", "title"],
        "additionalProperties": False,
    },
}


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
