"""A numbered list in Markdown, good in a README, an issue or a chat.

What a paper says never becomes markup: punctuation is escaped, and an empty comment keeps `@name`,
`#12`, `:emoji:` and bare addresses from becoming what GitHub makes of them in plain text.
"""

import re
from collections.abc import Iterator, Sequence

from papertrack import text
from papertrack.models import GITHUB_STARS, UPVOTES, Ranked
from papertrack.render.fields import whole

_SPECIAL = re.compile(r"[\\`*_\[\]<>&~|$]|^[#+\-=]|(?<=^\d)[.)]|(?<=^\d\d)[.)]")
_MADE_BY_GITHUB = re.compile(r"(?<=[@:])(?=[\w/])|(?<=#)(?=\d)|(?<=www)(?=\.)", re.I)
_MOST_NAMES = 3


def as_markdown(
    ranked: Sequence[Ranked], *, abstract: bool = False, explain: bool = False
) -> Iterator[str]:
    """One item a paper: title with its link, who, when, counts; abstract and reasons if asked."""
    for place, one in enumerate(ranked, 1):
        margin = " " * len(f"{place}. ")
        yield f"{place}. {_item(one)}\n"
        if explain:
            for part in one.contributions:
                yield f"{margin}- {part.points:g} {part.signal}: {_line(part.reason)}\n"
        if abstract and (told := text.abstract(one.entry.paper.abstract)):
            for paragraph in told.split("\n\n"):
                yield f"\n{margin}{escaped(paragraph)}\n"
            yield "\n"


def escaped(line: str) -> str:
    """A line that Markdown prints as it is."""
    return _MADE_BY_GITHUB.sub("<!-- -->", _SPECIAL.sub(r"\\\g<0>", line))


def _line(words: str) -> str:
    return escaped(text.one_line(words, ""))


def _item(one: Ranked) -> str:
    paper = one.entry.paper
    parts = [_linked(text.title(paper.title), paper.page_url)]
    names = [name for author in paper.authors if (name := _line(text.readable(author)))]
    if names:
        more = " et al." if len(names) > _MOST_NAMES else ""
        parts.append(f"{', '.join(names[:_MOST_NAMES])}{more}")
    at = one.entry.listed_at or paper.published_at
    parts.append(f"{at.date()}" if at else "")
    for kind, sign in ((UPVOTES, "upvotes"), (GITHUB_STARS, "stars")):
        count = whole(one.entry.latest.get(kind))
        parts.append(f"{count:,} {sign}" if count is not None else "")
    parts.append(_linked("code", paper.code_url) if text.safe_url(paper.code_url) else "")
    return " · ".join(filter(None, parts))


def _linked(words: str, url: str) -> str:
    safe = text.safe_url(url)
    if not safe:
        return escaped(words)
    return f"[{escaped(words)}](<{safe.replace('<', '%3C').replace('>', '%3E')}>)"
