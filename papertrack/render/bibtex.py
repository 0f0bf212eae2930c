r"""BibTeX, for LaTeX and whatever reads it.            door: bibtexparser

TeX of titles and abstracts is kept, since this is where it belongs; what TeX would take for its
own and the author did not mean so (`100%`, `R&D`, a lonely `$`) is escaped, and braces balance.
Capitals inside words are kept by braces (`{BERT}`), which importing takes away again.
"""

import re
from collections.abc import Iterator, Sequence

from papertrack import tex, text
from papertrack.models import Ranked
from papertrack.render.reference import Name, Reference, references

_PIECE = re.compile(
    r"\\[A-Za-z]+\*?|\\[^\s]|\\|\$(?P<maths>(?:[^$\\]|\\.)*)\$(?P<after>.?)|[$&%#_^{}]"
)
_ESCAPED = {
    **{char: f"\\{char}" for char in "$&%#_"},
    **{"^": r"\^{}", "\\": r"\textbackslash{}", r"\\": r"\\ "},
    # BibTeX counts every brace, whatever stands before it.
    **{r"\{": r"\textbraceleft{}", r"\}": r"\textbraceright{}"},
}
#: A word with a capital after its first letter, which title styles would make small.
_CAPITALS = re.compile(r"[^\W_]+[A-Z][^\W_]*")


def as_bibtex(ranked: Sequence[Ranked]) -> Iterator[str]:
    """One entry a paper: `@article` where it appeared in a journal, else `@misc`."""
    from bibtexparser.entrypoint import write_string
    from bibtexparser.library import Library
    from bibtexparser.model import Entry, Field
    from bibtexparser.writer import BibtexFormat

    style = BibtexFormat()  # type: ignore[no-untyped-call]
    style.indent, style.block_separator = "  ", "\n"
    for place, one in enumerate(references(ranked)):
        kind = "article" if one.paper.journal else "misc"
        fields = [Field(name, value) for name, value in _fields(one).items() if value]
        entry = write_string(Library([Entry(kind, one.key, fields)]), bibtex_format=style)
        yield ("\n" if place else "") + entry


def _fields(one: Reference) -> dict[str, str]:
    paper = one.paper
    arxiv = paper.arxiv_id
    return {
        "title": _titled(in_tex(paper.title, keep_capitals=True)),
        "author": " and ".join(map(_author, one.names)),
        "year": str(one.issued[0]) if one.issued else "",
        "month": str(one.issued[1]) if len(one.issued) > 1 else "",
        "journal": in_tex(paper.journal),
        "eprint": arxiv,
        "archiveprefix": "arXiv" if arxiv else "",
        "primaryclass": in_tex(paper.categories[0]) if arxiv and paper.categories else "",
        "doi": _plain(text.one_line(paper.doi, "")),
        "url": _plain(text.safe_url(paper.page_url)),
        "keywords": in_tex(", ".join(paper.keywords)),
        "abstract": in_tex(paper.abstract),
    }


def in_tex(value: str, *, keep_capitals: bool = False) -> str:
    """One line that TeX reads as its author meant it, with braces that balance."""
    clean = text.one_line(value, "")
    parts: list[str] = []
    position = depth = 0
    while found := _PIECE.search(clean, position):
        parts.append(_words(clean[position : found.start()], keep_capitals and not depth))
        piece, position = found[0], found.end()
        if found["maths"] is not None and not tex.is_maths(found["maths"], found["after"]):
            piece, position = "$", found.start() + 1
        elif found["maths"] is not None:
            piece, position = f"${found['maths']}$", found.end() - len(found["after"])
            piece = piece.replace(r"\{", r"\lbrace ").replace(r"\}", r"\rbrace ")
            if not _balances(piece) or piece.endswith("\\\\$"):
                piece, position = "$", found.start() + 1
        if piece == "{":
            depth += 1
        elif piece == "}":
            piece = "" if not depth else piece
            depth = max(0, depth - 1)
        parts.append(_ESCAPED.get(piece, piece))
    parts.append(_words(clean[position:], keep_capitals and not depth))
    return "".join(parts) + "}" * depth


def _titled(title: str) -> str:
    """A title that is more than braces."""
    return title if title.strip("{} ") else "(untitled)"


def _words(plain: str, keep_capitals: bool) -> str:
    return _CAPITALS.sub(r"{\g<0>}", plain) if keep_capitals else plain


def _balances(piece: str) -> bool:
    depth = 0
    for char in piece:
        depth += (char == "{") - (char == "}")
        if depth < 0:
            return False
    return depth == 0


def _author(name: Name) -> str:
    """`Gogh, Vincent`; braces keep a group whole, and "and" in a name from parting two."""
    whole = in_tex(name.last_first)
    alone = not name.given and " " in name.family
    return f"{{{whole}}}" if alone or re.search(r"\band\b", whole, re.I) else whole


def _plain(url: str) -> str:
    """An address or a DOI, which BibTeX styles print verbatim; its braces cannot end the field."""
    return url.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")
