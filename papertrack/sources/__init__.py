"""The services that know papers, one module each, and how they are made from the configuration."""

import shlex
import subprocess
from collections.abc import Mapping, Sequence

from papertrack.clock import Clock
from papertrack.config import Config, SourceConfig
from papertrack.errors import ConfigError
from papertrack.sources.base import LookupSource, Source

__all__ = ["LookupSource", "Source", "make_sources"]

TOKEN_SECONDS = 30


def make_sources(config: Config, clock: Clock, env: Mapping[str, str]) -> Sequence[Source]:
    """The sources that are switched on, in the order of `fetch.sources`, on one shared client."""
    from papertrack.sources.client import Client
    from papertrack.sources.huggingface import HuggingFaceSource

    client = Client(clock=clock, contact=config.fetch.contact)
    makers = {
        "huggingface": lambda section: HuggingFaceSource(
            client=client,
            clock=clock,
            base_url=section.base_url,
            token=token(section, "sources.huggingface"),
        )
    }
    sections = {name: getattr(config.sources, name) for name in config.fetch.sources}
    return [makers[name](section) for name, section in sections.items() if section.enabled]


def token(section: SourceConfig, key: str) -> str:
    """The token of a source: written down, or the first line that its command prints."""
    if section.token or not section.token_command:
        return section.token
    try:
        done = subprocess.run(
            shlex.split(section.token_command),
            capture_output=True,
            text=True,
            timeout=TOKEN_SECONDS,
            check=True,
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise ConfigError(
            f"{key}.token_command did not give a token ({type(error).__name__}); "
            "run it in a shell to see why."
        ) from None
    return done.stdout.strip().partition("\n")[0]
