"""Where configuration and database are: by flag, environment, configuration or XDG, in this order.

The XDG rules hold on every system, so that one crontab line and one README fit all. platformdirs is
not used: it reads `os.environ` itself, and what is left of it for two folders is `_xdg`.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from papertrack.errors import ConfigError, PapertrackError


def config_path(flag: str | None, env: Mapping[str, str]) -> Path:
    """The configuration file, whether it exists or not."""
    chosen = flag or env.get("PAPERTRACK_CONFIG")
    if chosen:
        return _absolute(chosen, env)
    return _xdg("XDG_CONFIG_HOME", ".config", env, instead="--config") / "config.yaml"


def database_path(flag: str | None, env: Mapping[str, str], configured: str) -> Path:
    """The database file; `configured` is `store.path`."""
    chosen = flag or env.get("PAPERTRACK_DB") or configured
    if chosen:
        return _absolute(chosen, env)
    return _xdg("XDG_DATA_HOME", ".local/share", env, instead="--db") / "papertrack.db"


def state_folder(env: Mapping[str, str]) -> Path:
    """Where processes of one user leave word for each other: locks and turns."""
    return _xdg("XDG_STATE_HOME", ".local/state", env, instead="--config")


def is_there(path: Path) -> bool:
    """Whether there is a file, or something that keeps us from seeing it."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        pass  # reading it will say what is wrong
    return True


def make_private_folder(path: Path) -> None:
    """Make a folder, and those above it, for this user only; what exists stays as it is."""
    try:
        for folder in (*reversed(path.parents), path):
            if not folder.is_dir():
                folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise PapertrackError(f"The folder {path} cannot be made: {error.strerror}.") from None


def _xdg(name: str, below_home: str, env: Mapping[str, str], *, instead: str) -> Path:
    """The folder of papertrack; the specification says to ignore a relative value."""
    base = env.get(name, "")
    folder = Path(base) if os.path.isabs(base) else _home(env, instead) / below_home
    return folder / "papertrack"


def _home(env: Mapping[str, str], instead: str) -> Path:
    home = env.get("HOME") or env.get("USERPROFILE")
    if not home:
        raise ConfigError(f"There is no home folder to look in; set HOME or say {instead} FILE.")
    return Path(os.path.abspath(home))


def _absolute(text: str, env: Mapping[str, str]) -> Path:
    first, *rest = Path(text).parts or (".",)
    if first == "~":
        return _home(env, "a full path instead of ~, as").joinpath(*rest)
    try:
        return Path(os.path.abspath(os.path.expanduser(text)))  # expands ~other only
    except OSError:  # the current folder was removed
        raise ConfigError(
            f"{text} is relative to a folder that is gone; say the full path."
        ) from None
