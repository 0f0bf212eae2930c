"""The only reader of the wall clock, and the words for time: `7d`, `today`, `2026-W15`.

The Daily Papers day turns at 21:30 in New York (01:30 or 02:30 UTC), not at midnight: that is how
Hugging Face's own server computes the newest list date.
"""

import os
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from papertrack.errors import UsageError

Clock = Callable[[], datetime]

#: The first Daily Papers list.
FIRST_LIST = date(2023, 5, 4)
LIST_TURN = time(21, 30)
#: Nobody means a year outside, and near 1 and 9999 dates end.
_YEARS = range(1990, 2101)
#: The word for the week or the month that it is.
THIS = "this"
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def system_clock() -> datetime:
    """Now, or `$PAPERTRACK_NOW`, which makes reports and tests reproducible."""
    fixed = os.environ.get("PAPERTRACK_NOW", "").strip()
    if not fixed:
        return datetime.now(UTC)
    try:
        now = instant(fixed)
        if now.year in _YEARS:
            return now
    except (ValueError, OverflowError):
        pass
    raise UsageError(
        f"PAPERTRACK_NOW is {fixed!r}, which is not an ISO time such as 2026-04-15T12:00:00Z."
    )


def instant(text: str) -> datetime:
    """Read an ISO date or time as aware UTC. A bare one is UTC; a date is its first moment."""
    value = datetime.fromisoformat(text.strip())
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def iso(moment: datetime) -> str:
    """`2026-04-15T12:00:00Z`: seconds, UTC, the one form in which times leave papertrack."""
    there = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    # In two parts, which do not ask the zone: half the time, and lists of papers are full of them.
    return f"{there.date().isoformat()}T{there.time().isoformat()[:8]}Z"


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def zone_of(name: str) -> tzinfo:
    """The time zone of this name, or this machine's where there is none: $TZ, /etc/localtime, UTC.

    Raises ZoneInfoNotFoundError for a name that no zone has.
    """
    from zoneinfo import ZoneInfo

    if name:
        return ZoneInfo(name)
    try:
        if said := os.environ.get("TZ", "").removeprefix(":"):
            return ZoneInfo(said)
        with open("/etc/localtime", "rb") as file:
            return ZoneInfo.from_file(file)
    except (OSError, ValueError, LookupError):
        # No zone database entry, or rules in POSIX form: the offset of now has to do.
        return datetime.now().astimezone().tzinfo or UTC


def newest_list_day(now: datetime) -> date:
    """The newest Daily Papers list at this moment, a weekday: lists do not appear on weekends."""
    moment = now.astimezone(UTC)
    day = moment.date() - timedelta(days=0 if _has_turned(moment) else 1)
    while day.weekday() >= 5:
        day -= timedelta(days=1)
    return day


def _has_turned(moment: datetime) -> bool:
    """Whether the list day that is called after this UTC day has begun.

    New York is four or five hours behind, so only within one hour of the day must be known which.
    """
    if not time(1, 30) <= moment.time() < time(2, 30):
        return moment.time() >= time(2, 30)
    from zoneinfo import ZoneInfo

    return moment.astimezone(ZoneInfo("America/New_York")).time() >= LIST_TURN


def list_opens_at(day: date) -> datetime:
    """When the list of a day becomes the newest: the evening before in New York."""
    from zoneinfo import ZoneInfo

    evening = datetime.combine(day - timedelta(days=1), LIST_TURN, ZoneInfo("America/New_York"))
    return evening.astimezone(UTC)


def weekdays(first: date, last: date) -> list[date]:
    """Monday to Friday between two days, both included, oldest first."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if day.weekday() < 5]


def parse_duration(text: str) -> timedelta:
    """`12h`, `7d`, `2w`, `1y`: a year is 365 days."""
    found = re.fullmatch(r"(\d{1,4})([hdwy])", text.strip().lower())
    if not found:
        raise UsageError(f"{text!r} is not a length of time; write it like 12h, 7d or 2w.")
    if found[2] == "y":
        return timedelta(days=365 * int(found[1]))
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def parse_day(text: str, now: datetime) -> date:
    """`2026-04-14`, `today` or `yesterday`: the last two are list days, not calendar days."""
    word = text.strip().lower()
    newest = newest_list_day(now)
    if word == "today":
        return newest
    if word == "yesterday":
        return weekdays(newest - timedelta(days=4), newest - timedelta(days=1))[-1]
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise UsageError(
            f"{text!r} is not a day; write it like 2026-04-14, today or yesterday."
        ) from None


def parse_since(text: str, now: datetime) -> date:
    """A day, or a length of time back from now."""
    if re.fullmatch(r"\d+[hdwyHDWY]", text.strip()):
        return (now - parse_duration(text)).date()
    try:
        return parse_day(text, now)
    except UsageError:
        raise UsageError(
            f"{text!r} is not a time to start from; write it like 2026-04-14, yesterday or 14d."
        ) from None


def parse_week(text: str, now: datetime) -> tuple[date, date]:
    """`2026-W15`, or `this`, that of the newest list: Monday and Sunday of the ISO week."""
    if text.strip().lower() == THIS:
        newest = newest_list_day(now)
        monday = newest - timedelta(days=newest.weekday())
        return monday, monday + timedelta(days=6)
    found = re.fullmatch(r"(\d{4})-?[Ww](\d{1,2})", text.strip())
    try:
        if found:
            monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
            return monday, monday + timedelta(days=6)
    except (ValueError, OverflowError):
        pass
    raise UsageError(f"{text!r} is not a week; write it like 2026-W15.")


def parse_month(text: str, now: datetime) -> tuple[date, date]:
    """`2026-04`, or `this`, that of the newest list: its first and last day."""
    word = text.strip()
    if word.lower() == THIS:
        word = newest_list_day(now).isoformat()[:7]
    try:
        first = date.fromisoformat(f"{word}-01")
        return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    except (ValueError, OverflowError):
        raise UsageError(f"{text!r} is not a month; write it like 2026-04.") from None


def ago(moment: datetime, now: datetime) -> str:
    """`40 minutes`, `3 hours`, `5 days`: how long ago, in one unit."""
    seconds = max(0, int((now - moment).total_seconds()))
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            number = seconds // size
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return "a moment"
