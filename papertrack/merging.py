"""Several accounts of one paper to one paper, field by field the better source.

arXiv is the authority on what a paper is: Hugging Face loses the backslashes of TeX in abstracts
and shows the first version's date only. Hugging Face is the authority on code, project and
organisation, which people enter there. Where the better source says nothing, the next one is asked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from papertrack.models import PAPER_FIELDS, Paper

#: Best first. A source that is not named comes last, in alphabetical order.
BIBLIOGRAPHY = (
    "arxiv",
    "biorxiv",
    "semanticscholar",
    "openalex",
    "huggingface",
    "paperswithcode",
    "import",
    "feeds",
    "hackernews",
    "github",
)
COMMUNITY = ("huggingface", "paperswithcode", "import", "github", "semanticscholar", "openalex")
#: The fields in which the community's word is worth more than the archive's.
COMMUNITY_FIELDS = frozenset({"organization", "code_url", "project_url", "ai_summary", "keywords"})


def merge(paper_id: str, accounts: Mapping[str, Paper]) -> Paper:
    """One paper from what each source says of it; the order of `accounts` does not matter."""
    first = accounts[_ordered(accounts, BIBLIOGRAPHY)[0]]
    chosen = {name: getattr(accounts[source], name) for name, source in winners(accounts).items()}
    return replace(first, id=paper_id, **chosen)


def winners(accounts: Mapping[str, Paper]) -> dict[str, str]:
    """For each field that anybody fills, the source whose word is taken."""
    by_worth = {
        False: _ordered(accounts, BIBLIOGRAPHY),
        True: _ordered(accounts, COMMUNITY),
    }
    found = {}
    for name in PAPER_FIELDS:
        for source in by_worth[name in COMMUNITY_FIELDS]:
            if getattr(accounts[source], name) not in ("", (), None, False):
                found[name] = source
                break
    return found


def _ordered(sources: Iterable[str], worth: tuple[str, ...]) -> list[str]:
    places = {source: place for place, source in enumerate(worth)}
    return sorted(sources, key=lambda source: (places.get(source, len(worth)), source))
