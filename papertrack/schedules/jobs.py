"""The jobs: one to fetch, and one for each digest, each at minutes of its own.

No two digests begin in the same minute, since two runs that send from one store exclude each other.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from papertrack.config import DigestConfig

#: A digest is looked at so often, in minutes. All time zones are whole quarters of an hour apart.
OFTEN = 15
#: Lists are read so often, in hours: counts that are nearer to each other tell little of momentum.
SELDOM = 3


@dataclass(frozen=True, kw_only=True)
class Job:
    """A command and the minutes at which it runs, every hour or every few hours."""

    name: str  # fetch, digest-morning
    command: tuple[str, ...]  # the program by its whole path, and its arguments
    minutes: tuple[int, ...]
    hours: int = 1


def jobs_of(digests: Sequence[DigestConfig], program: Sequence[str], seed: str) -> tuple[Job, ...]:
    """The jobs of a machine. `seed` spreads machines over the hour, and is always the same for one.

    A digest that may go from 07:30 on is first looked at two to four minutes later.
    """
    spread = zlib.crc32(seed.encode("utf-8", "surrogateescape"))
    fetch = Job(
        name="fetch",
        command=(*program, "fetch"),
        minutes=(1 + 2 * (spread % 30),),
        hours=SELDOM,
    )
    phases = _phases([plan.at.minute for plan in digests], 2 + spread % 3)
    mails = (
        Job(
            name=f"digest-{plan.name}",
            command=(*program, "digest", "send", plan.name, "--if-due"),
            minutes=tuple(range(phase, 60, OFTEN)),
        )
        for plan, phase in zip(digests, phases, strict=True)
    )
    return (fetch, *mails)


def _phases(minutes: Sequence[int], later: int) -> Iterator[int]:
    """A minute of the quarter of an hour for each, apart from each other while there is room.

    Never the first, in which every machine does something.
    """
    taken: set[int] = set()
    for minute in minutes:
        wished = [(minute + later + 2 * n) % OFTEN for n in range(OFTEN)]
        phase = next((one for one in wished if one and one not in taken), wished[0] or 1)
        taken.add(phase)
        yield phase
