"""What a service answered, read under a cap and before a deadline.

A body is read as raw bytes and unpacked here, because a megabyte of gzip can unpack to a gigabyte
in one of httpx's own chunks. The whole answer has a deadline, because a read timeout alone lets a
body drip for ever.
"""

import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin, urlsplit

from papertrack.errors import SourceFormatError
from papertrack.sources import values

if TYPE_CHECKING:
    import httpx

MAX_BODY = 20_000_000


@dataclass(frozen=True)
class Answer:
    """What a service answered: 200 with a body, 304 without, or 404."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def unchanged(self) -> bool:
        return self.status == 304

    @property
    def missing(self) -> bool:
        return self.status == 404

    @property
    def etag(self) -> str:
        """Empty where it is none that could be sent back."""
        etag = self.headers.get("etag", "")
        return etag if is_sendable(etag) else ""

    def next_url(self) -> str:
        """The address behind `Link: <...>; rel="next"`, made absolute; empty at the last page."""
        for part in self.headers.get("link", "").split(","):
            found = re.match(r'\s*<([^>]*)>\s*;.*rel="?next"?', part)
            if found:
                return absolute(self.url, found[1])
        return ""

    def json(self) -> object:
        """The body as JSON, or SourceFormatError that says what it is instead."""
        try:
            return values.loaded(self.body)
        except ValueError:
            raise SourceFormatError(
                f"{host_of(self.url)} answered with {_describe(self.body)} instead of JSON "
                f"({self.url}); try again later.",
                url=self.url,
            ) from None


def _describe(body: bytes) -> str:
    if not body.strip():
        return "an empty body"
    if body.lstrip()[:1] == b"<":
        return "a web page"
    return "a damaged body"


def is_sendable(value: str) -> bool:
    """Whether a value can stand in a header."""
    return value.isascii() and value.isprintable()


def host_of(url: str) -> str:
    """Host and port of an address, without user or password."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return url


def absolute(base: str, address: str) -> str:
    """An address that a service gave, seen from the page it stood on."""
    try:
        return str(urljoin(base, address))
    except ValueError:
        raise SourceFormatError(
            f"{host_of(base)} leads on to {address[:200]!r}, which is not an address.", url=base
        ) from None


def redirected(response: "httpx.Response", asked: str) -> str:
    """The address to follow: only on the same host, and never from https to http."""
    target = absolute(asked, response.headers.get("location", ""))
    before, after = urlsplit(asked), urlsplit(target)
    allowed = (("http", "http"), ("http", "https"), ("https", "https"))
    if after.netloc != before.netloc or (before.scheme, after.scheme) not in allowed:
        raise SourceFormatError(
            f"{host_of(asked)} redirects to another place ({target[:200]!r}), which is not "
            "followed; check its address in the configuration.",
            url=asked,
        )
    return target


def read_body(response: "httpx.Response", monotonic: Callable[[], float], deadline: float) -> bytes:
    """The body, unpacked, before the deadline; else httpx.HTTPError.

    Raises SourceFormatError where it is longer than MAX_BODY.
    """
    import httpx

    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", ""):
        raise httpx.DecodingError(f"unexpected encoding {encoding[:40]}")
    unpack = zlib.decompressobj(wbits=31) if "gzip" in encoding else None
    parts: list[bytes] = []
    size = wire = 0
    for chunk in response.iter_raw():
        plain = chunk
        if unpack:
            plain = b"" if unpack.eof else unpack.decompress(chunk, MAX_BODY - size + 1)
        size += len(plain)
        wire += len(chunk)  # what follows the end of a gzip stream unpacks to nothing
        parts.append(plain)
        if max(size, wire) > MAX_BODY:
            raise SourceFormatError(  # and asking again would only bring it again
                f"{host_of(str(response.url))} sends an answer longer than "
                f"{MAX_BODY // 1_000_000} MB, which is not read; check its address in the "
                "configuration, or try again later."
            )
        if monotonic() > deadline:
            raise httpx.ReadTimeout("the answer took too long")
    if unpack and parts and not unpack.eof:
        raise httpx.DecodingError("the answer ends too early")
    return b"".join(parts)


def timely(
    response: "httpx.Response", monotonic: Callable[[], float], deadline: float
) -> Iterator[bytes]:
    """The body as it comes, not packed, before the deadline; else httpx.HTTPError."""
    import httpx

    if response.headers.get("content-encoding", "identity").strip().lower() not in ("identity", ""):
        raise httpx.DecodingError("it is packed, which was not asked for")
    for part in response.iter_raw():
        yield part
        if monotonic() > deadline:
            raise httpx.ReadTimeout("the answer took too long")


def with_query(url: str, query: Mapping[str, str]) -> str:
    """An address with more parameters: for keys that a service takes in no other place."""
    if not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"
