"""The services that know papers, one module each, and how they are made from the configuration."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from papertrack.clock import Clock
from papertrack.config import Config
from papertrack.errors import ConfigError, SourceError
from papertrack.reports import Batch
from papertrack.sources.base import LookupSource, Source, TitleSource, Wanted, left_alone
from papertrack.sources.tokens import token

if TYPE_CHECKING:
    from papertrack.sources.pdf import PdfSource

__all__ = [
    "LookupSource",
    "Source",
    "TitleSource",
    "Wanted",
    "left_alone",
    "make_pdf_source",
    "make_sources",
]

#: Seconds between two requests. arXiv asks for three, over its API and feeds together, and a little
#: more is for clocks and networks that jitter; Semantic Scholar allows one a second with a key.
PAUSES: Mapping[str, float] = {"arxiv": 3.1, "semanticscholar": 1.1}


def make_sources(
    config: Config, clock: Clock, env: Mapping[str, str], turns: Path, patience_seconds: float = 30
) -> Sequence[Source]:
    """The sources that are switched on, in the order of `fetch.sources`.

    `turns` is the folder in which all processes of the user keep their turns at services that ask
    for pauses; `patience_seconds` is how long a request may wait because a service asked for it.
    A source whose token cannot be had fails when it is asked, and the others do not.
    """
    from papertrack.sources.client import Client
    from papertrack.sources.pacing import Pace

    shared = Client(clock=clock, contact=config.fetch.contact, patience_seconds=patience_seconds)
    made: list[Source] = []
    for name in config.fetch.sources:
        section = getattr(config.sources, name)
        if section.enabled:
            pause = PAUSES.get(name)
            client = shared.gated(Pace(turns, name, pause).turn) if pause else shared
            try:
                made.append(_MAKERS[name](client, clock, section, token(name, section, env)))
            except ConfigError as error:
                made.append(_Unusable(name, str(error)))
    return made


def make_pdf_source(
    config: Config, clock: Clock, env: Mapping[str, str], turns: Path
) -> "PdfSource":
    """Where PDFs are downloaded from, one at a time and in the turn of arXiv's other requests."""
    from papertrack.sources.client import Client
    from papertrack.sources.pacing import Pace
    from papertrack.sources.pdf import PdfSource

    client = Client(clock=clock, contact=config.fetch.contact)
    pace = Pace(turns, "arxiv", PAUSES["arxiv"])
    return PdfSource(client.gated(pace.turn), config.sources.arxiv.base_url)


@dataclass(frozen=True)
class _Unusable:
    """Stands for a source that cannot be made; whoever asks it hears why."""

    name: str
    reason: str

    def fetch(self, wanted: Wanted, state: Mapping[str, str]) -> Iterator[Batch]:
        raise SourceError(self.reason)


# Each maker imports its own module, so that a source that is switched off costs nothing.


def _huggingface(client: Any, clock: Clock, section: Any, key: str) -> Source:
    from papertrack.sources.huggingface import HuggingFaceSource

    return HuggingFaceSource(client=client, clock=clock, base_url=section.base_url, token=key)


def _paperswithcode(client: Any, clock: Clock, section: Any, key: str) -> Source:
    from papertrack.sources.paperswithcode import PapersWithCodeSource

    return PapersWithCodeSource(client=client, clock=clock, base_url=section.base_url)


def _arxiv(client: Any, clock: Clock, section: Any, key: str) -> Source:
    from papertrack.sources.arxiv import ArxivSource

    return ArxivSource(
        client=client,
        clock=clock,
        base_url=section.base_url,
        feed_url=section.feed_url,
        oai_url=section.oai_url,
        categories=section.categories,
    )


def _hackernews(client: Any, clock: Clock, section: Any, key: str) -> Source:
    from papertrack.sources.hackernews import HackerNewsSource

    return HackerNewsSource(client=client, clock=clock, base_url=section.base_url)


def _github(client: Any, clock: Clock, section: Any, key: str) -> Source:
    from papertrack.sources.github import GitHubSource

    return GitHubSource(
        client=client,
        clock=clock,
        base_url=section.base_url,
        token=key,
        limit_without_token=section.limit_without_token,
    )


def _semanticscholar(client: Any, clock: Clock, section: Any, key: str) -> Source:
    from papertrack.sources.semanticscholar import SemanticScholarSource

    return SemanticScholarSource(client=client, clock=clock, base_url=section.base_url, token=key)


def _openalex(client: Any, clock: Clock, section: Any, key: str) -> Source:
    from papertrack.sources.openalex import OpenAlexSource

    return OpenAlexSource(client=client, clock=clock, base_url=section.base_url, token=key)


def _biorxiv(client: Any, clock: Clock, section: Any, key: str) -> Source:
    from papertrack.sources.biorxiv import BiorxivSource

    return BiorxivSource(
        client=client,
        clock=clock,
        base_url=section.base_url,
        servers=section.servers,
        categories=section.categories,
        max_pages=section.max_pages,
    )


def _feeds(client: Any, clock: Clock, section: Any, key: str) -> Source:
    from papertrack.sources.feeds import FeedsSource

    return FeedsSource(client=client, clock=clock, urls=section.urls)


_MAKERS: Mapping[str, Callable[[Any, Clock, Any, str], Source]] = {
    "huggingface": _huggingface,
    "paperswithcode": _paperswithcode,
    "arxiv": _arxiv,
    "hackernews": _hackernews,
    "github": _github,
    "semanticscholar": _semanticscholar,
    "openalex": _openalex,
    "biorxiv": _biorxiv,
    "feeds": _feeds,
}
