"""Any spelling of a paper to one id: `arxiv:2604.07413`, `doi:10.1101/...`, `title:<hash>`.

The arXiv id carries no version; `10.48550/arXiv.*` is the arXiv id it wraps; a subject class is
dropped (`math.GT/0309136` is `math/0309136`), which is arXiv's own canonical form.
"""

import hashlib
import re
import unicodedata
from urllib.parse import unquote

from papertrack.errors import UsageError

_NEW = r"\d{4}\.\d{4,5}"
_OLD = r"[a-z][a-z-]*(?:\.[A-Za-z-]{2,})?/\d{7}"
_ARXIV = re.compile(rf"(?P<id>{_NEW}|{_OLD})(?:v(?P<version>\d{{1,3}}))?", re.I | re.ASCII)
_DOI = re.compile(r"10\.[0-9]{4,9}/[^\s\"<>\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_PAPER_HOSTS = r"(?:[\w-]+\.)?(?:arxiv\.org|alphaxiv\.org|huggingface\.co|hf\.co|ar5iv\.org)"
#: Every ASCII character that is neither letter nor digit.
_NEITHER = {number: None for number in range(128) if not chr(number).isalnum()}
_URL = re.compile(
    rf"(?<![\w.-])(?:https?://)?{_PAPER_HOSTS}"
    r"/(?:abs|pdf|html|format|ps|papers|overview)/(?P<rest>[^?#]+)",
    re.IGNORECASE,
)


def split_arxiv(text: str) -> tuple[str, int | None] | None:
    """The bare arXiv id and the version, or None where the text is not one."""
    found = _ARXIV.fullmatch(text)
    if not found:
        found = _ARXIV.fullmatch(re.sub(r"^arxiv:\s*", "", text.strip(), flags=re.IGNORECASE))
    if not found:
        return None
    name = found["id"].lower()
    if "/" in name:
        archive, _, number = name.partition("/")
        name = f"{archive.partition('.')[0]}/{number}"
    elif not 1 <= int(name[2:4]) <= 12:
        return None
    return name, int(found["version"]) if found["version"] else None


def arxiv_in_url(url: str) -> str | None:
    """The arXiv id that a link to arXiv, Hugging Face or alphaXiv names, if it names one."""
    found = _URL.search(unquote(url))
    if not found:
        return None
    rest = re.sub(r"\.(pdf|md|html)$", "", found["rest"].strip("/"), flags=re.IGNORECASE)
    split = split_arxiv(rest)
    return split[0] if split else None


def normalise_doi(text: str) -> str | None:
    """`https://doi.org/10.1101/ABC` to `10.1101/abc`, or None."""
    bare = re.sub(
        r"^(?:https?://)?(?:dx\.)?doi\.org/|^doi:\s*", "", unquote(text.strip()), flags=re.I
    )
    return bare.rstrip(".,;)").lower() if _DOI.fullmatch(bare) else None


def from_doi(doi: str) -> str:
    """The id of a DOI; an arXiv DOI is the arXiv id."""
    found = re.fullmatch(r"10\.48550/arxiv\.(.+)", doi, re.IGNORECASE)
    split = split_arxiv(found[1]) if found else None
    return f"arxiv:{split[0]}" if split else f"doi:{doi.lower()}"


def parse(text: str) -> str:
    """The id that a user means by an id, a URL or a DOI in any usual spelling.

    Raises UsageError for anything else, with the spellings that work.
    """
    word = text.strip().strip("<>")
    if split := split_arxiv(word):
        return f"arxiv:{split[0]}"
    if found := arxiv_in_url(word):
        return f"arxiv:{found}"
    if doi := normalise_doi(word):
        return from_doi(doi)
    if re.fullmatch(r"title:[0-9a-f]{16}", word):
        return word
    raise UsageError(
        f"{text.strip()[:80]!r} is not a paper id; use one like 2604.07413, hep-th/9901001, "
        "an arXiv or Hugging Face address, or a DOI."
    )


def normalise_title(title: str) -> str:
    """Letters and digits only, lower case, without accents: equal for the same title anywhere."""
    if title.isascii():  # the same, in a twentieth of the time
        return title.lower().translate(_NEITHER)
    flat = unicodedata.normalize("NFKD", title).casefold()
    return re.sub(r"[^\w]+|_", "", "".join(c for c in flat if not unicodedata.combining(c)))


def title_id(title: str, authors: tuple[str, ...] = ()) -> str:
    """The id of a paper that has no other: a hash of its title and first author's last name."""
    first = normalise_title(authors[0].split()[-1]) if authors and authors[0].split() else ""
    return title_id_of(normalise_title(title), first)


def title_id_of(title: str, first: str = "") -> str:
    """The same of a title and a last name that are normalised already."""
    return f"title:{hashlib.sha256(f'{title}|{first}'.encode()).hexdigest()[:16]}"
