"""The HTML part of an issue: tables and inline styles, no remote resource, under 90 KB.

Gmail clips a message of more than 102 KB, so summaries are shortened first and papers left out
last; the text part has them all.
"""

from pathlib import Path

from papertrack.mailing import Digest
from papertrack.render.issue import blocks, closing, fewer, headline, of_when, subject

LARGEST = 90_000  # bytes
SUMMARIES = (420, 240, 120, 0)  # characters, tried in turn
TEMPLATE = Path(__file__).parent / "templates" / "digest.html.j2"


def as_html(digest: Digest, contact: str = "") -> str:
    """The issue as a page that needs nothing from elsewhere."""
    for longest in SUMMARIES:
        page = _page(digest, contact, longest)
        if _fits(page):
            return page
    most = max(len(section.items) for section in digest.sections)
    while most > 1:
        most = most * 3 // 4
        page = _page(fewer(digest, most), contact, 0)
        if _fits(page):
            return page
    return _page(fewer(digest, 0), contact, 0)


def _fits(page: str) -> bool:
    return len(page.encode()) < LARGEST


def _page(digest: Digest, contact: str, longest_summary: int) -> str:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        subject=subject(digest),
        name=digest.name,
        headline=headline(digest),
        when=of_when(digest),
        note=digest.note,
        blocks=blocks(digest, longest_summary),
        closing=closing(digest, contact),
    )
