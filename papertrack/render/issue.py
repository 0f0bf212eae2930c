"""What both parts of a mail say of an issue, as clean lines of text without any markup."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from papertrack import text
from papertrack.mailing import UNSEEN, Digest, Item, Section
from papertrack.models import Paper
from papertrack.render import counted

#: Headers of another length are folded, and before Python 3.13 folding could lose a blank.
LONGEST_SUBJECT = 60
_NAMES = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A paper as both parts show it."""

    number: int
    title: str
    people: str
    reason: str
    summary: str
    url: str
    links: tuple[tuple[str, str], ...]  # (what it is, where it is) beside the main one


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A section as both parts show it."""

    title: str
    lines: tuple[Line, ...]
    more: str  # "7 more", or nothing
    command: str


def blocks(digest: Digest, longest_summary: int) -> list[Block]:
    """The sections with their papers numbered through."""
    number = 0
    found = []
    for section in digest.sections:
        lines = []
        for item in section.items:
            number += 1
            lines.append(line(item, number, longest_summary))
        found.append(_block(section, tuple(lines)))
    return found


def _block(section: Section, lines: tuple[Line, ...]) -> Block:
    return Block(
        title=text.one_line(section.title, ""),
        lines=lines,
        more=f"{section.more:,} more" if section.more else "",
        command=text.one_line(section.command, ""),
    )


def line(item: Item, number: int, longest_summary: int) -> Line:
    paper = item.ranked.entry.paper
    return Line(
        number=number,
        title=text.title(paper.title) + (" (withdrawn)" if paper.withdrawn else ""),
        people=people(paper),
        reason=text.one_line(item.reason, ""),
        summary=shortened(text.abstract(paper.ai_summary or paper.abstract), longest_summary),
        url=text.safe_url(paper.page_url),
        links=tuple(_links(item)),
    )


def people(paper: Paper) -> str:
    """`A. Author, B. Author, C. Author and 4 more, Some University`."""
    names = [text.one_line(name, "") for name in paper.authors]
    said = ", ".join(names[:_NAMES])
    if len(names) > _NAMES:
        said += f" and {len(names) - _NAMES} more"
    return ", ".join(filter(None, (said, text.one_line(paper.organization, ""))))


def shortened(whole: str, longest: int) -> str:
    """The first sentences that fit; else the first words, and an ellipsis."""
    flat = " ".join(whole.split())
    if len(flat) <= longest:
        return flat
    cut = flat[: longest + 1]
    ends = [found.end() for found in re.finditer(r"[.!?](?=\s)", cut)]
    if ends and ends[-1] > longest // 2:
        return cut[: ends[-1]]
    words = cut[:longest].rpartition(" ")[0] or cut[: longest - 1]
    return f"{words.rstrip(',;: ')}…" if longest > 1 else ""


def subject(digest: Digest) -> str:
    """Our words and numbers only, at most 60 characters: `morning: 24 papers, Mon 23 Nov 2026`."""
    said = f": {headline(digest)}, {digest.now:%a} {digest.now.day} {digest.now:%b %Y}"
    return digest.name[: LONGEST_SUBJECT - len(said)] + said


def headline(digest: Digest) -> str:
    """`24 new papers, 2 changes`; `nothing new, 15 older papers`."""
    older = any(section.kind == UNSEEN for section in digest.sections)
    papers = counted(len(digest.papers), "older paper" if older else "new paper")
    said = [papers] if digest.papers else []
    if older or (not digest.papers and not digest.changes):
        said.insert(0, "nothing new")
    if digest.changes:
        said.append(counted(digest.changes, "change"))
    return ", ".join(said)


def when(moment: datetime) -> str:
    """`Monday 23 November 2026`, by the clock of the moment's own zone."""
    return f"{moment:%A} {moment.day} {moment:%B %Y}"


def of_when(digest: Digest) -> str:
    """The day of the issue, and since when it tells."""
    if digest.since is None:
        return f"{when(digest.now)}, the first issue."
    since = f"{digest.since:%A} {digest.since.day} {digest.since:%B}, {digest.since:%H:%M}"
    return f"{when(digest.now)}. What is new since {since}."


def closing(digest: Digest, contact: str) -> list[str]:
    """The sentences of the footer."""
    said = [f"Not complete: {text.one_line(failure, '')}" for failure in digest.failures]
    if digest.next_due:
        due = digest.next_due
        said.append(f"The next one is due on {when(due)} at {due:%H:%M %Z}.")
    if contact:
        said.append(
            f"This is the digest '{digest.name}' of papertrack. To end it, write to {contact}."
        )
    return said


def fewer(digest: Digest, most: int) -> Digest:
    """The same with at most so many papers in a section; what is left out counts as more."""
    return replace(digest, sections=tuple(_cut(section, most) for section in digest.sections))


def _cut(section: Section, most: int) -> Section:
    left_out = max(0, len(section.items) - most)
    return replace(section, items=section.items[:most], more=section.more + left_out)


def _links(item: Item) -> Iterator[tuple[str, str]]:
    paper = item.ranked.entry.paper
    if paper.pdf_url:
        yield "PDF", text.safe_url(paper.pdf_url)
    if any(one.source == "huggingface" for one in item.ranked.entry.listings) and paper.arxiv_id:
        yield "Hugging Face", text.safe_url(paper.hf_url)
    for what, url in (("Code", paper.code_url), ("Project", paper.project_url)):
        if safe := text.safe_url(url):
            yield what, safe
