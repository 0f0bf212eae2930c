"""Asking a service for many papers, some at a time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from papertrack.errors import SourceError, SourceFormatError
from papertrack.reports import Batch

MAX_REQUESTS = 50
Asked = TypeVar("Asked")


def in_parts(
    asked: Sequence[Asked], size: int, read: Callable[[Sequence[Asked]], Batch]
) -> Iterator[Batch]:
    """What `read` says of each part of so many, at most MAX_REQUESTS of them.

    A part that cannot be read is in the `failures` of its batch. After "slow down" or no answer
    nothing more is asked; after an answer of another form the next part is.
    """
    first = asked[: size * MAX_REQUESTS]
    parts = [first[start : start + size] for start in range(0, len(first), size)]
    for part in parts:
        try:
            yield replace(read(part), total=len(parts))
        except SourceError as error:
            yield Batch(failures=(error,), total=len(parts))
            if not isinstance(error, SourceFormatError):
                return
    if len(asked) > len(first):
        left = f"{len(asked) - len(first)} papers were not asked for: too many for one run"
        yield Batch(skipped=(left,), total=len(parts))
