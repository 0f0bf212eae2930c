"""Which lists are worth reading again, and how old is what we have. Pure: dates in, dates out.

A list grows for a day and its votes move for two weeks; after that it has settled and is not asked
for again unless the user says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from papertrack.clock import FIRST_LIST, midnight, newest_list_day, weekdays
from papertrack.models import Window

#: How old a list that still moves may be before it is read again.
MAX_AGE = timedelta(hours=1)
#: Votes hardly move after this long (+14 % from day 7 to day 30, for the top papers only).
SETTLED_AFTER = timedelta(days=14)


def list_days(window: Window, now: datetime) -> list[date]:
    """The list days that a window touches: weekdays, not before the first list, not to come."""
    last = min(window.until.date(), newest_list_day(now))
    return weekdays(max(window.since.date(), FIRST_LIST), last)


def due(
    days: Iterable[date], read: Mapping[date, datetime], now: datetime, max_age: timedelta
) -> list[date]:
    """The days whose list was never read, or may have moved since."""
    return [day for day in days if _is_due(day, read.get(day), now, max_age)]


def unsettled(days: Iterable[date], read: Mapping[date, datetime]) -> list[date]:
    """The days whose list was not read since it settled."""
    return [day for day in days if day not in read or not _is_settled(day, read[day])]


def _is_due(day: date, read_at: datetime | None, now: datetime, max_age: timedelta) -> bool:
    if read_at is None:
        return True
    return not _is_settled(day, read_at) and now - read_at > max_age


def _is_settled(day: date, read_at: datetime) -> bool:
    """Whether a list had come to rest when it was read."""
    return read_at - midnight(day) > SETTLED_AFTER


def oldest_reading(
    days: Iterable[date], read: Mapping[date, datetime], now: datetime
) -> datetime | None:
    """When the least fresh of the lists that still move was read; None where there is none."""
    moving = [read[day] for day in days if day in read and now - midnight(day) <= SETTLED_AFTER]
    return min(moving, default=None)


def named_days(days: Sequence[date]) -> str:
    """`the list of 2026-04-14 was`, `5 lists (2026-04-10 to 2026-04-16) were`."""
    if len(days) == 1:
        return f"the list of {days[0]} was"
    return f"{len(days)} lists ({min(days)} to {max(days)}) were"
