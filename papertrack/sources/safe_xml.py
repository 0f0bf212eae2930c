"""XML of strangers, read safely: no document type, bounded in size, depth and number of elements.

With ElementTree, in one of two ways. What can hold no document type by its first line and its bytes
is read by the C tree builder; all else by one that looks at each element, in twice the time.
"""

import re
from itertools import chain
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from papertrack.errors import SourceFormatError
from papertrack.sources import values
from papertrack.sources.atom import is_web_page

MAX_BODY = 8_000_000  # the longest that a service gives, 2,000 entries of arXiv, is 5 MB
_MAX_ELEMENTS = 1_000_000  # 100 papers of 3,000 authors each
_MANY_TAGS = 300_000  # so many do no harm, nested or not: 0.4 s and 80 MB
_DEEPEST = 30
#: How a body begins that is in UTF-8 by its own word. In it a tag is these bytes and no others.
_PROLOG = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:<(?!\?xml)|<\?xml\s+version\s*=\s*[\"']1\.\d[\"']"
    rb"(?:\s+encoding\s*=\s*[\"'](?:utf-8|us-ascii)[\"'])?"
    rb"(?:\s+standalone\s*=\s*[\"'](?:yes|no)[\"'])?\s*\?>)",
    re.IGNORECASE,
)


def root(body: bytes, tag: str, what: str) -> Element:
    """The root element if it is the wanted one, else SourceFormatError that says what came."""
    if not body.strip():
        raise SourceFormatError("the answer is empty")
    if len(body) > MAX_BODY:
        raise SourceFormatError(f"the answer is longer than {MAX_BODY // 1_000_000} MB")
    try:
        found = _parsed(body)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        fault = f"no complete XML ({values.line(str(error))[:100]})"
        reason = "a web page" if is_web_page(body) else fault
        raise SourceFormatError(f"the answer is {reason}") from None
    if found.tag != tag:
        name = found.tag.rpartition("}")[2]
        shown = "a web page" if name.lower() == "html" else f"<{values.line(name)[:40]}>"
        raise SourceFormatError(f"the answer is {shown}, not {what}")
    return found


def _parsed(body: bytes) -> Element:
    """The root. Raises what ElementTree raises, and SourceFormatError where the body is refused."""
    plain = _is_plain(body)
    parser = ElementTree.XMLParser(target=ElementTree.TreeBuilder() if plain else _Tree())
    for start in range(0, len(body), 65_536):
        parser.feed(body[start : start + 65_536])
    found: Element = parser.close()
    if plain:
        _refuse_depth(found)
    return found


def _is_plain(body: bytes) -> bool:
    """Whether nothing in it can grow: UTF-8, no document type, and not too many tags."""
    return (
        _PROLOG.match(body) is not None
        and b"\0" not in body  # by which UTF-16 is told
        and b"<!DOCTYPE" not in body
        and body.count(b"<") < _MANY_TAGS
    )


def _refuse_depth(found: Element) -> None:
    level = [found]
    for _ in range(_DEEPEST):
        level = list(chain.from_iterable(level))
        if not level:
            return
    raise SourceFormatError(_TOO_MUCH)


_TOO_MUCH = "the answer is nested too deep or holds too many elements"


class _Tree(ElementTree.TreeBuilder):
    """Refuses what can grow without end: a document type (entities), depth, too many elements."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = self.count = 0

    def doctype(self, name: str, pubid: str, system: str) -> None:
        what = "a web page" if name.lower() == "html" else "XML with a document type"
        raise SourceFormatError(f"the answer is {what}")

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self.depth += 1
        self.count += 1
        if self.depth > _DEEPEST or self.count > _MAX_ELEMENTS:
            raise SourceFormatError(_TOO_MUCH)
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self.depth -= 1
        return super().end(tag)


def text(element: Element, path: str) -> str:
    """The text of the first element at this path in one line; empty where there is none."""
    found = element.find(path)
    return "" if found is None else inside(found)


def inside(element: Element) -> str:
    """The text of an element and of those in it, in one line."""
    return values.line("".join(element.itertext()) if len(element) else element.text)
