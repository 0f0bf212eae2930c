"""The jobs as units of a systemd user manager: a timer and a service for each.

Facts are those of systemd.timer(5), systemd.service(5) and systemd.syntax(7), systemd 252.
"""

import re
from collections.abc import Mapping, Sequence

from papertrack.errors import PapertrackError
from papertrack.schedules.jobs import Job

#: The first line of every file of ours; what does not begin with it is not touched.
SIGN = "# Written by `papertrack schedule install`; `papertrack schedule remove` takes it away.\n"

#: A timer is enabled by a link in this folder; what it leads to stands after the arrow.
WANTS = "timers.target.wants"
LINK = "-> "

_SERVICE = """\
[Unit]
Description=papertrack {name}
After=network-online.target

[Service]
Type=oneshot
SuccessExitStatus={harmless}
ExecStart={command}
"""
_TIMER = """\
[Unit]
Description=papertrack {name}, {often}

[Timer]
OnCalendar={calendar}
Persistent=true
RandomizedDelaySec={delay}

[Install]
WantedBy=timers.target
"""


def units(jobs: Sequence[Job]) -> Mapping[str, str]:
    """File names and what is in them. Raises PapertrackError for a path that a unit cannot hold."""
    files = {}
    for job in jobs:
        service = _SERVICE.format(
            name=_spoken(job),
            # 75: another run is at it. 5: a source was away; the next fetch asks it again.
            harmless="5 75" if job.hours > 1 else "75",
            command=" ".join(_word(word, first=not n) for n, word in enumerate(_called(job))),
        )
        timer = _TIMER.format(
            name=_spoken(job),
            often=f"every {job.hours} hours" if job.hours > 1 else "four times an hour",
            calendar=_calendar(job),
            delay="10m" if job.hours > 1 else "30s",
        )
        files[f"papertrack-{job.name}.service"] = SIGN + service
        files[f"papertrack-{job.name}.timer"] = SIGN + timer
        files[f"{WANTS}/papertrack-{job.name}.timer"] = f"{LINK}../papertrack-{job.name}.timer\n"
    return files


def is_ours(content: str) -> bool:
    """Whether we wrote a file."""
    return content.startswith(SIGN)


def _spoken(job: Job) -> str:
    return job.name.replace("-", " ", 1)


def _calendar(job: Job) -> str:
    hours = "*" if job.hours == 1 else f"0/{job.hours}"
    return f"*-*-* {hours}:{','.join(f'{minute:02}' for minute in job.minutes)}:00"


def _called(job: Job) -> Sequence[str]:
    """The command; a program whose path has quotes or backslashes systemd runs by `env` only."""
    return ("/usr/bin/env", *job.command) if re.search(r"[\\\"']", job.command[0]) else job.command


def _word(word: str, *, first: bool) -> str:
    """A word of a command line; % and $ mean something to systemd, in the program only %."""
    if re.search(r"[\0-\x1f\x7f]", word):
        raise PapertrackError(
            f"A unit cannot hold the path {word!r}; move what is there to a path without line "
            "breaks."
        )
    word = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    word = word if first else word.replace("$", "$$")
    return word if re.fullmatch(r"[\w@%+=:,./$-]+", word, re.ASCII) else f'"{word}"'
