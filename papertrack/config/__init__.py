"""The configuration: YAML, read as text first, to `Config`; every default with its sentence.

::

    keys      how a key is defined
    schema    what keys there are; those of digests and mail are in mail
    nodes     YAML text -> nodes with lines      door: PyYAML
    reading   nodes -> Config, or ConfigError
    writing   Config -> YAML text

Without a file only the schema is imported.
"""

from pathlib import Path

from papertrack.config.mail import DigestConfig, MailConfig
from papertrack.config.schema import (
    ArxivConfig,
    BiorxivConfig,
    Config,
    FeedsConfig,
    FetchConfig,
    GitHubConfig,
    KeyedConfig,
    RankingConfig,
    ServiceConfig,
    SourceConfig,
    Sources,
    StoreConfig,
    Weights,
)
from papertrack.places import is_there

__all__ = [
    "ArxivConfig",
    "BiorxivConfig",
    "Config",
    "DigestConfig",
    "FeedsConfig",
    "FetchConfig",
    "GitHubConfig",
    "KeyedConfig",
    "MailConfig",
    "RankingConfig",
    "ServiceConfig",
    "SourceConfig",
    "Sources",
    "StoreConfig",
    "Weights",
    "example",
    "load",
    "parse",
    "shown",
]


def load(path: Path, *, required: bool) -> Config:
    """The configuration in a file; without the file the defaults, unless it is required."""
    if not required and not is_there(path):
        return Config()
    from papertrack.config import reading

    return reading.load(path)


def parse(text: str, name: str = "config.yaml") -> Config:
    """The configuration that a text describes; what it leaves out keeps its default."""
    from papertrack.config import reading

    return reading.parse(text, name)


def example() -> str:
    """The text of config.example.yaml, which loads to exactly the defaults."""
    from papertrack.config import writing

    return writing.example()


def shown(config: Config) -> str:
    """What holds now, as YAML; secrets that are set appear as ***."""
    from papertrack.config import writing

    return writing.shown(config)
