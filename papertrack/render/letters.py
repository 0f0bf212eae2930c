"""Issues and letters for people and for scripts: what was sent, what waits, and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from papertrack import text
from papertrack.clock import ago, iso
from papertrack.errors import Exit
from papertrack.letters import Issue, Letter, Standing, State
from papertrack.outcomes import Outcome
from papertrack.render.records import dumps, plain


def standing_lines(one: Standing, now: datetime) -> Iterator[str]:
    """A digest, and below it its last issues."""
    due = f"next due {one.next_due:%A %d %B, %H:%M}"
    if one.overdue_since:
        due = f"overdue since {one.overdue_since.astimezone(one.next_due.tzinfo):%A %d %B, %H:%M}"
    yield f"{text.one_line(one.digest)}  {one.rhythm}; {due}\n"
    if not one.editions:
        yield "  no issue was made yet\n"
    for issue, letters in one.editions:
        yield from _issue_lines(issue, letters, now)


def complaint(one: Standing) -> str:
    """What is wrong with a digest that does not stand well, and what to do."""
    if one.overdue_since:
        return (
            f"{one.digest} is overdue since {iso(one.overdue_since)}; "
            f"`papertrack digest send {one.digest}` sends it, or says what is in the way."
        )
    return undelivered_line(one.digest, one.editions[0][0].period, one.undelivered[0])


def standing_record(one: Standing) -> Mapping[str, Any]:
    """A digest for scripts; keys are only ever added."""
    return {
        "digest": one.digest,
        "ok": not one.is_bad,
        "rhythm": one.rhythm,
        "recipients": list(one.recipients),
        "next_due": plain(one.next_due),
        "overdue_since": plain(one.overdue_since),
        "issues": [_issue_record(issue, letters) for issue, letters in one.editions],
    }


def _issue_lines(issue: Issue, letters: Sequence[Letter], now: datetime) -> Iterator[str]:
    """An issue, and below it a line for each recipient."""
    papers = "1 paper" if issue.papers == 1 else f"{issue.papers} papers"
    host = text.one_line(issue.host, "a machine without a name")
    yield f"  {issue.period}  {papers}, made {ago(issue.opened_at, now)} ago on {host}\n"
    if not letters:
        yield "    nothing was new, so nothing was mailed\n"
    width = max((len(letter.recipient) for letter in letters), default=0)
    for letter in letters:
        recipient = text.one_line(letter.recipient)
        yield f"    {recipient:<{width}}  {text.one_line(_fate(letter, now))}\n"


def _fate(letter: Letter, now: datetime) -> str:
    """What became of a letter, and what happens next."""
    if letter.state is State.SENT and letter.sent_at:
        return f"sent {ago(letter.sent_at, now)} ago: {letter.last_reply}"
    tries = "1 attempt" if letter.attempts == 1 else f"{letter.attempts} attempts"
    said = f"{letter.state}, {tries}: {letter.last_reply or 'not tried yet'}"
    return f"{said.rstrip('.')}. {what_next(letter)}".rstrip()


def what_next(letter: Letter) -> str:
    """What happens to a letter that has not arrived, or what a person can do."""
    if letter.state in (State.FAILED, State.HELD):
        return "`papertrack digest retry` sends it once more."
    if letter.next_try_at:
        return f"It is tried again after {iso(letter.next_try_at)}."
    return "It is tried again with the next `digest send`." if letter.state != State.DROPPED else ""


def undelivered_line(digest: str, period: str, letter: Letter) -> str:
    """A sentence for whoever reads the mail of cron."""
    doubt = " may not have got" if letter.state in (State.UNCERTAIN, State.HELD) else " did not get"
    return (
        f"{digest}: {letter.recipient}{doubt} the issue of {period}: "
        f"{letter.last_reply} {what_next(letter)}"
    )


def _letter_record(letter: Letter) -> Mapping[str, Any]:
    """A letter for scripts; keys are only ever added."""
    told = {name: plain(value) for name, value in asdict(letter).items()}
    return {name: value for name, value in told.items() if name not in ("id", "issue")}


def _issue_record(issue: Issue, letters: Sequence[Letter]) -> Mapping[str, Any]:
    """An issue with its letters for scripts."""
    told = {name: plain(value) for name, value in asdict(issue).items()}
    return {
        **{name: value for name, value in told.items() if name != "id"},
        "letters": [_letter_record(letter) for letter in letters],
    }


def outcomes_json(outcomes: Sequence[Outcome], code: Exit) -> Iterator[str]:
    """A run for scripts; keys are only ever added."""
    word = {Exit.DONE: "ok", Exit.PARTLY: "partial"}.get(code, "error")
    yield dumps({"status": word, "digests": [_outcome_record(one) for one in outcomes]}) + "\n"


def _outcome_record(one: Outcome) -> Mapping[str, Any]:
    return {
        "digest": one.digest,
        "period": one.period or None,
        "papers": one.papers,
        "sent": one.sent,
        "letters": [_letter_record(letter) for letter in one.letters],
        "failures": [plain(sentence) for sentence in one.failures],
        "next_due": plain(one.next_due),
        "note": one.note or None,
        "error": plain(str(one.error)) if one.error else None,
    }
