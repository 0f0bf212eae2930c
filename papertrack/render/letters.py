"""Issues and letters for people and for scripts: what was sent, what waits, and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, tzinfo
from typing import Any

from papertrack import text
from papertrack.clock import ago
from papertrack.errors import Exit
from papertrack.letters import Issue, Letter, Standing, State
from papertrack.outcomes import Outcome
from papertrack.render.records import dumps, plain


def standing_lines(one: Standing, now: datetime) -> Iterator[str]:
    """A digest, and below it its last issues."""
    zone = one.next_due.tzinfo
    due = f"next due {day_and_time(one.next_due, zone)}"
    if one.overdue_since:
        due = f"overdue since {day_and_time(one.overdue_since, zone)}"
    yield f"{text.one_line(one.digest)}  {one.rhythm}; {due}\n"
    if not one.editions:
        yield "  no issue was made yet\n"
    for issue, letters in one.editions:
        yield from _issue_lines(issue, letters, now, zone)


def day_and_time(moment: datetime, zone: tzinfo | None) -> str:
    """`Monday 20 April, 07:30`, by the clock of the digest."""
    there = moment.astimezone(zone or UTC)
    return f"{there:%A} {there.day} {there:%B}, {there:%H:%M}{'' if zone else ' UTC'}"


def complaint(one: Standing) -> str:
    """What is wrong with a digest that does not stand well, and what to do."""
    if one.overdue_since:
        return (
            f"{one.digest} is overdue since "
            f"{day_and_time(one.overdue_since, one.next_due.tzinfo)}; "
            f"`papertrack digest send {one.digest}` sends it, or says what is in the way."
        )
    period, zone = one.editions[0][0].period, one.next_due.tzinfo
    return undelivered_line(one.digest, period, one.undelivered[0], zone)


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


def _issue_lines(
    issue: Issue, letters: Sequence[Letter], now: datetime, zone: tzinfo | None
) -> Iterator[str]:
    """An issue, and below it a line for each recipient."""
    papers = "1 paper" if issue.papers == 1 else f"{issue.papers} papers"
    host = text.one_line(issue.host, "a machine without a name")
    yield f"  {issue.period}  {papers}, made {ago(issue.opened_at, now)} ago on {host}\n"
    if not letters:
        yield "    nothing was new, so nothing was mailed\n"
    width = max((len(letter.recipient) for letter in letters), default=0)
    for letter in letters:
        recipient = text.one_line(letter.recipient)
        yield f"    {recipient:<{width}}  {text.one_line(_fate(letter, now, zone))}\n"


def _fate(letter: Letter, now: datetime, zone: tzinfo | None) -> str:
    """What became of a letter, and what happens next."""
    if letter.state is State.SENT and letter.sent_at:
        return f"sent {ago(letter.sent_at, now)} ago: {letter.last_reply}"
    tries = "1 attempt" if letter.attempts == 1 else f"{letter.attempts} attempts"
    said = f"{letter.state}, {tries}: {letter.last_reply or 'not tried yet'}"
    return f"{said.rstrip('.')}. {what_next(letter, zone)}".rstrip()


def what_next(letter: Letter, zone: tzinfo | None) -> str:
    """What happens to a letter that has not arrived, or what a person can do."""
    if letter.state in (State.FAILED, State.HELD):
        return "`papertrack digest retry` sends it once more."
    if letter.next_try_at:
        return f"It is tried again after {day_and_time(letter.next_try_at, zone)}."
    return "It is tried again with the next `digest send`." if letter.state != State.DROPPED else ""


def undelivered_line(digest: str, period: str, letter: Letter, zone: tzinfo | None) -> str:
    """A sentence for whoever reads the mail of cron."""
    doubt = " may not have got" if letter.state in (State.UNCERTAIN, State.HELD) else " did not get"
    return (
        f"{digest}: {letter.recipient}{doubt} the issue of {period}: "
        f"{letter.last_reply} {what_next(letter, zone)}"
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
