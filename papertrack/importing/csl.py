"""CSL-JSON, as Zotero, Mendeley, Pandoc and the content negotiation of doi.org give it.

Crossref's answers differ from the schema: a title may be a list, an abstract holds JATS tags.
"""

import re
from collections.abc import Mapping
from datetime import datetime

from papertrack.importing.imported import Gathering, Imported, OtherFormatError
from papertrack.importing.reference import Reference, published, words
from papertrack.sources import values

FORMAT = "CSL-JSON"
_KEYS = {"type", "author", "issued", "DOI", "URL", "container-title"}
_TAGS = re.compile(
    r"</?(?:jats:[\w-]{1,40}|i|b|em|strong|p|sub|sup|sc|scp|span)(?:\s[^<>]{0,200})?/?>", re.I
)
_PARTICLES = ("given", "dropping-particle", "non-dropping-particle", "family", "suffix")


def read(records: list[object], observed_at: datetime) -> Imported:
    """The items of a bibliography. `observed_at` is not used: CSL counts nothing."""
    if not any(_is_item(record) for record in records):
        raise OtherFormatError('no item with a "title" and a "type", "author" or "DOI" as in CSL')
    gathered = Gathering()
    for number, record in enumerate(records, 1):
        if gathered.is_full():
            break
        where = f"item {number}"
        reference = _reference(values.mapping(record))
        if paper := reference.paper():
            gathered.add(paper, where)
        elif reference.paper_id:
            gathered.ids[reference.paper_id] = None
        else:
            gathered.skip(f"{where} has no title")
    return gathered.imported(FORMAT, "no item with a title or an id")


def _is_item(record: object) -> bool:
    item = values.mapping(record)
    return bool(_KEYS & item.keys()) and bool({"title", "DOI"} & item.keys())


def _reference(item: Mapping[str, object]) -> Reference:
    def word(name: str) -> str:
        value = item.get(name)
        return _plain(value[0] if isinstance(value, list) and value else value)

    in_arxiv = "arxiv" in f"{word('archive')} {word('publisher')}".lower()
    location = word("archive_location") or word("archive-location")
    return Reference(
        title=word("title"),
        authors=tuple(filter(None, map(_name, values.items(item.get("author"))[:10_000]))),
        abstract=word("abstract"),
        eprint=location if in_arxiv else "",
        doi=word("DOI"),
        urls=(word("URL"), word("id")),
        notes=(_raw(item.get("note")), word("number"), word("archive_location")),
        journal=word("container-title"),
        keywords=words(word("keyword")),
        published_at=_issued(item.get("issued")),
    )


def _raw(value: object) -> str:
    return value if isinstance(value, str) else ""


def _plain(value: object) -> str:
    return values.line(_TAGS.sub(" ", value)) if isinstance(value, str) else ""


def _name(author: object) -> str:
    name = values.mapping(author)
    parts = (values.line(name.get(part)) for part in _PARTICLES)
    whole = values.line(name.get("literal")) or values.line(name.get("name"))
    return " ".join(filter(None, parts)) or whole


def _issued(issued: object) -> datetime | None:
    """`{"date-parts": [[2023, 5, 4]]}`, where numbers may be strings; or a date in words."""
    date = values.mapping(issued)
    parts = values.items(next(iter(values.items(date.get("date-parts"))), None))
    if parts:
        counts = [values.count(part) for part in parts[:3]]
        return published("-".join(str(part) for part in counts if part))
    return published(values.line(date.get("raw")) or values.line(issued))
