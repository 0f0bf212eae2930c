"""Our block of a crontab, between two marks; what is around it is nobody's business of ours."""

import re
import shlex
from collections.abc import Iterator, Sequence

from papertrack.errors import PapertrackError
from papertrack.schedules.jobs import Job

BEGIN = "# BEGIN papertrack"
END = "# END papertrack"
_HEAD = f"""\
{BEGIN}: written by `papertrack schedule install`, taken away by `papertrack schedule remove`
# Cron mails what these print, which is only what went wrong, to this user on this machine;
# a line MAILTO=you@example.org above sends it elsewhere, if the machine can send mail.
"""
_MARK = re.compile(r"#\s*(BEGIN|END) papertrack(?![\w-])")


def block(jobs: Sequence[Job]) -> str:
    """The block. Raises PapertrackError for a path that a crontab cannot hold."""
    return "".join([_HEAD, *(f"{_line(job)}\n" for job in jobs), f"{END}\n"])


def installed(crontab: str, jobs: Sequence[Job]) -> str:
    """A crontab with our block where it was, else at its end; all else byte for byte as it was.

    A last line without its end gets one, since cron takes no other. Raises PapertrackError.
    """
    before, after = _around(crontab)
    if before and not before.endswith("\n"):
        before += "\n"
    return f"{before}{block(jobs)}{after}"


def removed(crontab: str) -> str:
    """A crontab without our block. Raises PapertrackError."""
    return "".join(_around(crontab))


def _around(crontab: str) -> tuple[str, str]:
    """What is before and what is after the block; where there is none, all is before it."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", crontab)
    marks = [(n, found[1]) for n, line in enumerate(lines) if (found := _MARK.match(line))]
    if not marks:
        return crontab, ""
    if [word for _, word in marks] != ["BEGIN", "END"]:
        told = ", ".join(f"line {n + 1} is {word}" for n, word in marks)
        raise PapertrackError(
            f"The papertrack block of the crontab is broken ({told}); mend it with `crontab -e`, "
            "so that it has one line of each. Nothing was changed."
        )
    (first, _), (last, _) = marks
    return "".join(lines[:first]), "".join(lines[last + 1 :])


def _line(job: Job) -> str:
    hours = "*" if job.hours == 1 else f"*/{job.hours}"
    minutes = ",".join(map(str, job.minutes))
    return f"{minutes} {hours} * * * {' '.join(_words(job))}"


def _words(job: Job) -> Iterator[str]:
    """The words of the command for the shell that cron starts; to cron % is the end of a line."""
    for word in job.command:
        if re.search(r"[\\\0-\x1f\x7f]", word):
            raise PapertrackError(
                f"A crontab cannot hold the path {word!r}; move what is there to a path without "
                "backslashes and line breaks, or use --systemd."
            )
        yield shlex.quote(word).replace("%", "\\%")
