"""The token of a source: where it may come from, and what it costs to ask for it."""

import shlex
import subprocess
from collections.abc import Mapping

from papertrack.config import KeyedConfig
from papertrack.errors import ConfigError

TOKEN_SECONDS = 30


def token(name: str, section: object, env: Mapping[str, str]) -> str:
    """The token of a source: from $PAPERTRACK_<SOURCE>_TOKEN, the file, or what its command prints.

    Raises ConfigError where the command fails or prints none; what it printed is not repeated.
    """
    if not isinstance(section, KeyedConfig):
        return ""
    given = env.get(f"PAPERTRACK_{name.upper()}_TOKEN", "").strip() or section.token
    if given or not section.token_command:
        return given
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
            f"sources.{name}.token_command did not give a token ({type(error).__name__}); "
            "run it yourself to see why (it is run without a shell)."
        ) from None
    given = done.stdout.strip().partition("\n")[0]
    if not given:
        raise ConfigError(f"sources.{name}.token_command printed nothing; run it yourself to see.")
    return given
