r"""BibTeX and BibLaTeX.            door: bibtexparser

Titles keep their TeX, as everywhere in papertrack, but lose the braces that only keep capitals:
`{BERT} for {\"o}re` is `BERT for {\"o}re`. Names become Unicode, since names from elsewhere are.

The file is cut at lines that begin an entry, and read a little at a time: bibtexparser (2.1) gives
up an open entry at such a line itself, so nothing is lost, and a file of a million tiny entries
never stands in memory at once. It does not join `"a" # b`, and leaves entries whose key or field
comes twice unread (both `failed_blocks`); they are papers all the same.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from papertrack import text as unicode
from papertrack.importing.imported import (
    MAX_ABSTRACT,
    MAX_AUTHORS,
    MAX_RECORD,
    MAX_TITLE,
    Gathering,
    Imported,
    OtherFormatError,
)
from papertrack.importing.reference import Reference, first_name_first, published, words

FORMAT = "BibTeX"
_ENTRY = re.compile(r"^[ \t]*@[ \t]*[A-Za-z]+[ \t]*[{(]", re.M)
_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\$\$?|[{}]|[^\\${}]+|\\", re.S)
_ESCAPED = re.compile(r"\\([_%#&~{}$])|\\url\b")
_MOST_PARTS = 20  # of a value that is joined with "#"
_AND = re.compile(r"\s+and\s+", re.I)
_TEX = re.compile(r"[\\{}$~^]")


def read(text: str, observed_at: datetime) -> Imported:
    """The entries of a bibliography. `observed_at` is not used: BibTeX counts nothing."""
    if not _ENTRY.search(text):
        raise OtherFormatError(f'{FORMAT} (no entry such as "@article{{")')
    gathered = Gathering()
    for name, fields in _entries(text, gathered):
        if gathered.is_full():
            break
        reference = _reference(fields)
        if paper := reference.paper():
            gathered.add(paper, f"entry {name}")
        elif reference.paper_id:
            gathered.ids[reference.paper_id] = None
        else:
            gathered.skip(f"entry {name} has no title")
    return gathered.imported(FORMAT, "no entry with a title or an id")


def _entries(text: str, gathered: Gathering) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Key and fields of each entry, in order."""
    strings: dict[str, str] = {}
    for part in _parts(text):
        if len(part) > MAX_RECORD:
            gathered.skip(f"the entry {_shown(part)} is longer than {MAX_RECORD:,} characters")
        else:
            yield from _part(part, strings, gathered)


def _shown(part: str) -> str:
    return repr(part.strip()[:40])


def _parts(text: str) -> Iterator[str]:
    """Some entries at a time, cut where a line begins one; more than MAX_RECORD only if one is."""
    begin = end = 0
    for found in _ENTRY.finditer(text):
        if found.start() - begin > MAX_RECORD:
            if end > begin:
                yield text[begin:end]
                begin = end
            if found.start() - begin > MAX_RECORD:
                yield text[begin : found.start()]
                begin = found.start()
        end = found.start()
    if len(text) - begin > MAX_RECORD and end > begin:
        yield text[begin:end]
        begin = end
    yield text[begin:]


def _part(
    part: str, strings: dict[str, str], gathered: Gathering
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The entries of a part; `strings` holds what @string said so far, and takes what it says."""
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.middlewares import RemoveEnclosingMiddleware
    from bibtexparser.model import Entry, ParsingFailedBlock

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # it warns of each broken entry
    try:
        library = parse_string(part, parse_stack=[RemoveEnclosingMiddleware()])
    except Exception as error:  # the library documents none
        gathered.skip(f"near {_shown(part)}: {type(error).__name__}")
        return
    strings |= {
        key.lower(): str(one.value)[:MAX_TITLE] for key, one in library.strings_dict.items()
    }
    bare = RemoveEnclosingMiddleware()
    for block in library.blocks:
        entry = block.ignore_error_block if isinstance(block, ParsingFailedBlock) else block
        if entry is None:
            gathered.skip(f"the entry {_shown(block.raw or '')} is broken")
        elif isinstance(entry, Entry):
            if entry is not block:
                entry = bare.transform_entry(entry, library)
            yield repr(str(entry.key)[:80]), _fields(entry, strings)


def _fields(entry: Any, strings: Mapping[str, str]) -> dict[str, str]:
    """Values by name in lower case; of a field that comes twice the first that is not empty."""
    fields: dict[str, str] = {}
    for field in entry.fields:
        value = str(field.value)
        if field.enclosing == "no-enclosing":
            value = _joined(value, strings)
        name = str(field.key).lower()
        if not fields.get(name):
            fields[name] = value.strip()
    return fields


def _joined(value: str, strings: Mapping[str, str]) -> str:
    """`acm # " Press"` with the names replaced. One step only: names of names stay as they are.

    Parts and their lengths are bounded: names that stand for names can make a gigabyte of a line.
    """
    parts = (part.strip() for part in value.split("#", _MOST_PARTS)[:_MOST_PARTS])
    return "".join(strings.get(part.lower(), part.strip('{}"')) for part in parts)


def _reference(fields: Mapping[str, str]) -> Reference:
    def word(*names: str) -> str:
        return next((fields[name] for name in names if fields.get(name)), "")

    def link(name: str) -> str:
        return _ESCAPED.sub(lambda found: found[1] or "", fields.get(name, "")[:4_000])

    archive = word("archiveprefix", "eprinttype")
    eprint = link("eprint") if archive.lower().strip("{}") in ("", "arxiv") else ""
    volume = re.fullmatch(r"abs/(.+)", fields.get("volume", "")[:40])  # DBLP's CoRR
    return Reference(
        title=unbraced(word("title")[: 4 * MAX_TITLE]),
        authors=names(word("author")[: MAX_AUTHORS * 50]),
        abstract=unbraced(word("abstract")[: 2 * MAX_ABSTRACT]),
        eprint=eprint or link("arxiv") or link("arxivid") or (volume[1] if volume else ""),
        doi=link("doi"),
        urls=(link("url"), link("howpublished"), link("ee"), link("note")),
        notes=(link("note"), link("annote"), link("number"), link("pubstate")),
        journal=unbraced(
            word("journal", "journaltitle", "booktitle", "howpublished")[: 4 * MAX_TITLE]
        ),
        keywords=words(unbraced(word("keywords", "keyword")[:20_000])),
        categories=words(word("primaryclass", "eprintclass")),
        published_at=published(word("date", "year"), word("month"), word("day")),
    )


def unbraced(text: str) -> str:
    r"""TeX without the braces that keep capitals; those of commands, accents and maths stay."""
    if "{" not in text and "}" not in text:
        return text
    out: list[str] = []
    kept: list[bool] = []
    maths = after = False  # `after`: an argument may stand here
    for found in _TOKEN.finditer(text):
        token = found[0]
        if token == "{":
            keep = maths or after or text.startswith("\\", found.end())
            kept.append(keep)
            out.append(token if keep else "")
            after = False
        elif token == "}":
            after = kept.pop() if kept else False
            out.append(token if after else "")
        else:
            maths ^= token[0] == "$"
            after = token[0] == "\\" and len(token) > 1
            out.append(token)
    return "".join(out)


def names(field: str) -> tuple[str, ...]:
    """`Gogh, Vincent van and {Google Research}` to names, first name first, in Unicode."""
    if "{" in field:
        from bibtexparser.middlewares.names import split_multiple_persons_names

        people = split_multiple_persons_names(field)
    else:
        people = _AND.split(field)
    return tuple(name for one in people[:MAX_AUTHORS] if (name := _name(one.strip())))


def _name(name: str) -> str:
    if name.lower() == "others":
        return ""
    whole = name.startswith("{") and name.endswith("}") and name.count("{") == 1
    plain = name[1:-1] if whole else first_name_first(name)
    return unicode.readable(plain) if _TEX.search(plain) else plain
