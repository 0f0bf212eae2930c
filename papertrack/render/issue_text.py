"""The text part of an issue: complete on its own, at most 76 columns wide but for links."""

import io
from collections.abc import Iterator

from papertrack.mailing import Digest
from papertrack.render.issue import Block, Line, blocks, closing, headline, of_when

WIDTH = 76
SUMMARY = 300  # characters
_INDENT = 4
#: Links worth a line of their own in a text.
_LINKS = ("Code", "Project")


def as_text(digest: Digest, contact: str = "") -> str:
    """The issue as text; the lines end with a line feed."""
    return "".join(f"{line}".rstrip() + "\n" for line in _lines(digest, contact))


def _lines(digest: Digest, contact: str) -> Iterator[str]:
    yield from wrapped(f"{digest.name}: {headline(digest)}")
    yield from wrapped(of_when(digest))
    if digest.note:
        yield ""
        yield from wrapped(digest.note)
    for block in blocks(digest, SUMMARY):
        yield from _block(block)
    yield ""
    yield "-" * WIDTH
    for sentence in closing(digest, contact):
        yield from wrapped(sentence)


def _block(block: Block) -> Iterator[str]:
    yield ""
    yield ""
    title = list(wrapped(block.title))
    yield from title
    yield "-" * min(WIDTH, max(map(len, title)))
    for line in block.lines:
        yield ""
        yield from _paper(line)
    if block.more:
        yield ""
        yield from _more(block)


def _more(block: Block) -> Iterator[str]:
    """A command stays in one line, however long, so that it can be copied."""
    said = f"{' ' * _INDENT}{block.more}: {block.command}"
    if not block.command or len(said) <= WIDTH:
        yield said.rstrip(" :")
    else:
        yield f"{' ' * _INDENT}{block.more}:"
        yield f"{' ' * _INDENT}{block.command}"


def _paper(line: Line) -> Iterator[str]:
    first, *rest = wrapped(line.title, _INDENT)
    yield f"{line.number:>2}. {first.lstrip()}"
    yield from rest
    if line.people:
        yield from wrapped(line.people, _INDENT)
    yield from wrapped(f"Why: {line.reason}", _INDENT)
    for url in (line.url, *(url for what, url in line.links if what in _LINKS)):
        if url:
            yield " " * _INDENT + url
    if line.summary:
        yield ""
        yield from wrapped(line.summary, _INDENT)


def wrapped(said: str, indent: int = 0) -> Iterator[str]:
    """Lines of at most 76 columns; Chinese characters take two of them."""
    from rich.console import Console
    from rich.text import Text

    console = Console(file=io.StringIO(), width=WIDTH, height=25, _environ={})
    for line in Text(said).wrap(console, WIDTH - indent):
        yield " " * indent + line.plain.rstrip()
