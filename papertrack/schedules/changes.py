"""What a crontab or a folder of units would be with our jobs in it, and without them.

Both are files by name: the crontab is one, and of the folder only what is ours is looked at.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence

from papertrack import text
from papertrack.schedules import crontab
from papertrack.schedules.jobs import Job
from papertrack.schedules.units import units

CRON, SYSTEMD = "cron", "systemd"
CRONTAB = "crontab"
Files = Mapping[str, str]


def shown(kind: str, jobs: Sequence[Job]) -> Files:
    """What is ours alone."""
    return units(jobs) if kind == SYSTEMD else {CRONTAB: crontab.block(jobs)}


def installed(kind: str, before: Files, jobs: Sequence[Job]) -> Files:
    """With the jobs in it, in place of what we wrote before."""
    if kind == SYSTEMD:
        return units(jobs)
    return {CRONTAB: crontab.installed(before[CRONTAB], jobs)}


def removed(kind: str, before: Files) -> Files:
    """Without anything of ours."""
    return {} if kind == SYSTEMD else {CRONTAB: crontab.removed(before[CRONTAB])}


def difference(before: Files, after: Files) -> Iterator[str]:
    """A unified diff by lines, each of them safe for a terminal."""
    for name in sorted({*before, *after}):
        old, new = _lines(before.get(name, "")), _lines(after.get(name, ""))
        for line in difflib.unified_diff(old, new, name, name, n=1, lineterm=""):
            yield f"{line[:1]}{text.one_line(line[1:], '')}\n"


def _lines(content: str) -> list[str]:
    return content.removesuffix("\n").split("\n") if content else []
