"""RIS, as Zotero, EndNote, publishers and databases export it.            door: rispy

Records are cut apart here and read one by one: rispy (0.10) drops a last record without `ER`, and
raises KeyError where a record begins with a continuation of the one before.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from papertrack.importing.imported import MAX_RECORD, Gathering, Imported, OtherFormatError
from papertrack.importing.reference import Reference, first_name_first, published, words

FORMAT = "RIS"
_START = re.compile(r"^\ufeff?TY {1,2}- ?", re.M)
#: Some exporters write one blank before the dash, or none after it.
_TAG = re.compile(r"^([A-Z][A-Z0-9]) {1,2}-(?: |$)", re.M)


def read(text: str, observed_at: datetime) -> Imported:
    """The records of a bibliography. `observed_at` is not used: RIS counts nothing."""
    if not _START.search(text):
        raise OtherFormatError(f'{FORMAT} (no line that begins with "TY  - ")')
    gathered = Gathering()
    for number, raw in enumerate(_records(text), 1):
        if gathered.is_full():
            break
        where = f"record {number}"
        record = _parse(raw) if len(raw) <= MAX_RECORD else None
        reference = _reference(record or {})
        if paper := reference.paper():
            gathered.add(paper, where)
        elif reference.paper_id:
            gathered.ids[reference.paper_id] = None
        else:
            gathered.skip(f"{where} has no title" if record else f"{where} cannot be read")
    return gathered.imported(FORMAT, "no record with a title or an id")


def _records(text: str) -> Iterator[str]:
    """Each record from its `TY` to before the next."""
    begin = None
    for found in _START.finditer(text):
        if begin is not None:
            yield text[begin : found.start()]
        begin = found.start()
    if begin is not None:
        yield text[begin:]


def _parse(raw: str) -> Mapping[str, object] | None:
    import rispy

    try:
        records = rispy.loads(_TAG.sub(r"\1  - ", raw) + "\nER  - \n", skip_unknown_tags=True)
    except (KeyError, TypeError, AttributeError, ValueError):
        return None
    return records[0] if records else None


def _reference(record: Mapping[str, object]) -> Reference:
    def word(*names: str) -> str:
        return next((value for name in names for value in _texts(record.get(name)) if value), "")

    authors = _texts(record.get("authors")) or _texts(record.get("first_authors"))
    custom = [f"custom{number}" for number in range(1, 9)]
    notes = [*_texts(record.get("note")), *_texts(record.get("notes"))]
    notes += [word(name) for name in ("number", "accession_number", "label", *custom)]
    return Reference(
        title=word("title", "primary_title", "translated_title"),
        authors=tuple(map(first_name_first, authors)),
        abstract=word("abstract", "notes_abstract"),
        doi=word("doi"),
        urls=tuple(_texts(record.get("urls"))),
        notes=tuple(filter(None, notes)),
        journal=word("journal_name", "alternate_title3", "secondary_title", "alternate_title2"),
        keywords=words(_texts(record.get("keywords"))),
        published_at=published(word("date", "year", "publication_year")),
    )


def _texts(value: object) -> list[str]:
    """A tag's texts: rispy gives a text, or a list of them for tags that may come again."""
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
