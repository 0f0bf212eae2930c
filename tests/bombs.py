"""Bodies that are as long as may be and hold as much as they can of one thing.

What a text takes in memory is not what it takes on the wire: a value in JSON has 160 bytes, a line
60, and where one character is an emoji every other has four.
"""

import gzip
from collections.abc import Callable, Iterable, Mapping

EMOJI = "\U0001f600".encode()
ATOM = b'<feed xmlns="http://www.w3.org/2005/Atom">'
EXPORT = b'{"papertrack": "export", "version": 1, "exported_at": "2026-04-15T12:00:00Z"'
PAGE = b'<div data-target="DailyPapers" data-props="{&quot;dailyPapers&quot;:['
RECORD = b'{"id":"0704.%04d","title":"T","abstract":"%s","categories":"h","versions":[%s]}\n'


def many(text: bytes, size: int) -> bytes:
    """So much of it, whole."""
    return text * (size // len(text))


def numbered(text: bytes, size: int) -> Iterable[bytes]:
    """So much of it, with a number of its own in each."""
    return (text % n for n in range((size - 1_000) // (len(text) + 6)))


def ids(text: bytes, size: int) -> Iterable[bytes]:
    """The same with an arXiv id in each."""
    each = range((size - 1_000) // (len(text) + 2))
    return (text % (2001 + n // 100_000, n % 100_000) for n in each)


def listed(parts: Iterable[bytes]) -> bytes:
    return b"[" + b",".join(parts) + b"]"


def keys(size: int) -> bytes:
    return b",".join(numbered(b'"k%d":1', size))


def atom(text: bytes, size: int) -> bytes:
    return ATOM + many(text, size - 1_000) + b"</feed>"


def authors(n: int) -> bytes:
    named = b",".join(b'{"family":"a%d"}' % m for m in range(2_000))
    return b'{"type":"article","title":"t%d","author":[%s]}' % (n, named)


def tagged(n: int) -> bytes:
    tags = b",".join(b'"t%d"' % m for m in range(90))
    days = b",".join([b'"2026-04-14"'] * 90)
    return b'{"id":"arxiv:2604.%05d","title":"t","tags":[%s],"listed_on":[%s]}' % (n, tags, days)


def laughs(size: int) -> bytes:
    steps = ((n, (b"&a%d;" % (n - 1) if n else b"&a;") * 10) for n in range(12))
    declared = b"".join(b'<!ENTITY a%d "%s">' % step for step in steps)
    return b'<!DOCTYPE a [<!ENTITY a "ha">' + declared + b"]><rss>&a11;</rss>"


def one_of(record: bytes, size: int) -> bytes:
    """One record with one field that is everything, in wide characters."""
    before, after = record.split(b"@")
    return before + EMOJI + b"x" * (size - 1_000) + after


JSON: Mapping[str, Callable[[int], bytes]] = {
    "nesting": lambda size: b"[" * size,
    "objects": lambda size: many(b'{"a":', size),
    "digits": lambda size: b"[" + b"9" * (size - 2) + b"]",
    "keys": lambda size: b"{" + keys(size) + b"}",
    "keys of a record": lambda size: b"[{" + keys(size) + b"}]",
    "keys and an emoji": lambda size: b'{"' + EMOJI + b'":1,' + keys(size) + b"}",
    "numbers": lambda size: listed(numbered(b"1000000%d", size)),
    "texts": lambda size: listed(numbered(b'"s%x"', size)),
    "texts and an emoji": lambda size: listed([b'"' + EMOJI + b'"', *numbered(b'"s%x"', size)]),
    "empty entries": lambda size: listed([b"{}"] * (size // 3)),
    "small lists": lambda size: listed([b"[0]"] * (size // 4)),
    "lines of nothing": lambda size: many(b"{}\n", size),
    "lines of ids": lambda size: b"".join(ids(b'{"id":"arxiv:%04d.%05d"}\n', size)),
    "our ids": lambda size: listed(ids(b'{"id":"arxiv:%04d.%05d"}', size)),
    "our titles": lambda size: listed(ids(b'{"id":"arxiv:%04d.%05d","title":"t"}', size)),
    "our tags": lambda size: listed(map(tagged, range(size // 2_000))),
    "our title": lambda size: one_of(b'[{"id":"arxiv:2604.00001","title":"@"}]', size),
    "our abstracts": lambda size: listed(
        b'{"id":"arxiv:2604.%05d","title":"t","abstract":"%s"}' % (n, EMOJI + b"a b " * 1_000)
        for n in range(size // 4_070)
    ),
    "CSL": lambda size: listed(numbered(b'{"type":"article","title":"t%d"}', size)),
    "CSL authors": lambda size: listed(map(authors, range(size // 40_000))),
    "CSL title": lambda size: one_of(b'[{"type":"article","title":"@"}]', size),
    "votes": lambda size: listed(numbered(b'{"paper":{"id":"2604.%05d","title":"t"}}', size)),
    "vote": lambda size: one_of(b'[{"paper":{"id":"2604.00001","title":"@"}}]', size),
    "emoji": lambda size: (
        b'[{"paper":{"id":"2604.00001","title":"' + EMOJI * (size // 4 - 20) + b'"}}]'
    ),
}
TEXT: Mapping[str, Callable[[int], bytes]] = {
    "zeroes": bytes,
    "blanks": lambda size: b" " * (size - 1) + b"x",
    "short lines": lambda size: many(b"ab\n", size),
    "short lines and an emoji": lambda size: EMOJI + many(b"\nab", size - 4),
    "two kinds of line breaks": lambda size: EMOJI + many(b"\nab\r\ncd\r", size - 4),
    "blank lines": lambda size: b"\n" * (size - 1) + b"a",
    "half a page": lambda size: many(b"Submitted by\nx\n", size // 2),
    "half of blank lines": lambda size: many(b"a\n\n", size // 2),
    "paragraphs": lambda size: many(b"A title\n" + b"word " * 50 + b".\n", size // 2),
    "ids": lambda size: b"".join(ids(b"%04d.%05d\n", size)),
    "ids in a line": lambda size: many(b"2604.00001,", size),
    "braces": lambda size: b"@article{" + b"{" * size,
    "BibTeX": lambda size: b"".join(numbered(b"@a{k%d,\ntitle={t}}\n", size)),
    "BibTeX fields": lambda size: many(b"@a{k,\n" + many(b"a={},", 300_000) + b"}\n", size),
    "BibTeX names": lambda size: b"".join(numbered(b'@string{a%d="' + b"x" * 100 + b'"}\n', size)),
    "BibTeX ids": lambda size: b"".join(ids(b"@a{k,eprint={%04d.%05d}}\n", size)),
    "RIS": lambda size: b"".join(numbered(b"TY  - JOUR\nTI  - t%d\n", size)),
    "long RIS": lambda size: b"".join(
        numbered(
            b"TY  - JOUR\nTI  - t%d\nAB  - " + b"word " * 30 + b"\nAU  - Lovelace, Ada\n", size
        )
    ),
    "RIS keywords": lambda size: b"TY  - JOUR\nTI  - t\n" + many(b"KW  - x\n", size - 100),
    "RIS records": lambda size: many(b"TY  - JOUR\nTI  - t\n" + b"KW  - x\n" * 60_000, size),
    "page": lambda size: (
        PAGE
        + many(b"{&quot;paper&quot;:{&quot;id&quot;:&quot;2604.00001&quot;}},", size)
        + b'{}]}">'
    ),
    "page and an emoji": lambda size: one_of(PAGE + b'],&quot;@&quot;:1}">', size),
    "page of keys": lambda size: PAGE + b"]" + many(b",&quot;a&quot;:1", size) + b'}">',
    "HTML": lambda size: b"<html><body>" + many(b"<p>x</p>", size),
    "counts": lambda size: b"".join(ids(b"%04d.%05d\t2026-04-14T12:00:00Z\n", size)),
    "gzip": lambda size: gzip.compress(bytes(size * 20)),
    "gzip of lines": lambda size: gzip.compress(b"{}\n" * (size * 5)),
}
XML: Mapping[str, Callable[[int], bytes]] = {
    "tags": lambda size: ATOM + many(b"<a>", size),
    "empty tags": lambda size: atom(b"<a/>", size),
    "entries": lambda size: atom(b"<entry/>", size),
    "names of tags": lambda size: ATOM + b"".join(numbered(b"<a%d/>", size)) + b"</feed>",
    "attributes": lambda size: b"<feed " + b"".join(numbered(b'a%d="" ', size)) + b"/>",
    "items": lambda size: b"<rss><channel>" + many(b"<item/>", size) + b"</channel></rss>",
    "a long text": lambda size: one_of(ATOM + b"<title>@</title></feed>", size),
    "laughs": laughs,
}
STREAMS: Mapping[str, Callable[[int], bytes]] = {
    "export of keys": lambda size: EXPORT + b"}\n{" + keys(size) + b"}\n",
    "export that begins with keys": lambda size: EXPORT + b"," + keys(size) + b"}\n",
    "export of noise": lambda size: EXPORT + b"}\n" + many(b"x\n", size),
    "export of lists": lambda size: (
        EXPORT
        + b',"lists":['
        + many(b'["huggingface","2026-04-14","2026-04-14T12:00:00Z",1],', size)
        + b"0]}\n"
    ),
    "export of counts": lambda size: (
        EXPORT
        + b'}\n{"id":"arxiv:2604.00001","title":"t","observations":['
        + many(b'["arxiv","upvotes",3,"2026-04-14T12:00:00Z"],', size)
        + b"0]}\n"
    ),
    "snapshot": lambda size: b"".join(
        RECORD % (n, b"x " * 1_000, b"") for n in range(size // 2_100)
    ),
    "snapshot of versions": lambda size: many(
        RECORD % (1, b"", b",".join([b"{}"] * 1_300_000)), size
    ),
    "packed snapshot": lambda size: gzip.compress(
        b"".join(RECORD % (n, b"\\ud83d\\ude00" + b"x " * 20_000, b"") for n in range(9_999)), 1
    ),
}
BOMBS = JSON | TEXT | XML | STREAMS
