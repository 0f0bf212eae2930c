"""The token of a source: where it may come from, and what it costs to ask for it."""

from collections.abc import Mapping

from papertrack.commands import first_line
from papertrack.config import KeyedConfig


def token(name: str, section: object, env: Mapping[str, str]) -> str:
    """The token of a source: from $PAPERTRACK_<SOURCE>_TOKEN, the file, or what its command prints.

    Raises ConfigError where the command fails or prints none; what it printed is not repeated.
    """
    if not isinstance(section, KeyedConfig):
        return ""
    given = env.get(f"PAPERTRACK_{name.upper()}_TOKEN", "").strip() or section.token
    if given or not section.token_command:
        return given
    return first_line(f"sources.{name}.token_command", section.token_command, "a token")
