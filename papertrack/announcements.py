"""When arXiv announces papers: 20:00 in New York, Sunday to Thursday, but for its holidays.

From arXiv's submission schedule and its list of holidays (read 2026-11); what is submitted by 14:00
on Friday appears on Sunday evening, which is Monday's list. Lists are dated by the day after the
evening of their announcement.
"""

from datetime import UTC, date, datetime, time, timedelta

ANNOUNCED = time(20)
#: The days on whose evening nothing is announced, beside Friday and Saturday.
HOLIDAYS = frozenset(
    date(2026, month, day)
    for month, day in (
        (1, 1),
        (1, 19),
        (6, 19),
        (7, 3),
        (9, 7),
        (11, 26),
        (12, 25),
        (12, 29),
        (12, 31),
    )
)
_SILENT_WEEKDAYS = frozenset({4, 5})  # Friday, Saturday


def why_silent(day: date) -> str:
    """Why arXiv has no list of this day: `a weekend`, `an arXiv holiday`; empty if it has."""
    evening = day - timedelta(days=1)
    if evening.weekday() in _SILENT_WEEKDAYS:
        return "a weekend"
    return "an arXiv holiday" if evening in HOLIDAYS else ""


def next_announcement(now: datetime) -> datetime:
    """The next moment at which arXiv announces papers, in UTC."""
    from zoneinfo import ZoneInfo

    new_york = ZoneInfo("America/New_York")
    day = now.astimezone(new_york).date()
    while True:
        moment = datetime.combine(day, ANNOUNCED, new_york)
        if moment > now and not why_silent(day + timedelta(days=1)):
            return moment.astimezone(UTC)
        day += timedelta(days=1)
