"""Stores that their reader cannot write to: another user's, or one on a medium that is read-only.

A file in WAL mode wants a -shm beside it, which nobody can make there; SQLite does without where it
is told that the file is immutable (https://www.sqlite.org/wal.html#read_only_databases).
"""

import os
from pathlib import Path


def may_write(path: str) -> bool:
    """Whether the file and its folder, for SQLite's journals, can be written to."""
    return all(_allowed(place, os.W_OK) for place in (Path(path), Path(path).parent))


def is_kept_from_us(path: str) -> bool:
    """Whether there is such a file, and it may not even be read."""
    return _allowed(Path(path), os.F_OK) and not _allowed(Path(path), os.R_OK)


def _allowed(place: Path, what: int) -> bool:
    return os.access(place, what, effective_ids=os.access in os.supports_effective_ids)


def immutable(path: str) -> str:
    """The address of a file that holds all that was ever written to it; empty of any other.

    A journal with something in it belongs to the file, and is not read by way of this address.
    """
    if may_write(path):
        return ""
    journals = (Path(f"{path}{suffix}") for suffix in ("-wal", "-journal"))
    if any(one.exists() and one.stat().st_size for one in journals):
        return ""
    return f"{Path(path).absolute().as_uri()}?mode=ro&immutable=1"
