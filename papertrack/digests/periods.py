"""When an issue is due.

A digest goes at one time of the day on some days, by its own zone's clock: these moments are its
**slots**. The latest slot that has come names the **period**: its date ("2026-11-23"), or its ISO
week ("2026-W48") where it goes once a week. An issue is due when its period is later than that of
the last issue, whatever was missed in between: after nine days' sleep it is one issue, and a clock
that is set back makes none. A time that a change of the clock skips comes an hour later on that
day, one that comes twice is its first.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from papertrack.config import DigestConfig
from papertrack.config.mail import WEEKDAYS
from papertrack.mailing import Issued
from papertrack.models import Window

_DAYS_OF = {"day": range(7), "weekdays": range(5), "week": range(1)}
#: No list of papers is older than what a digest may look back at.
LONGEST = timedelta(days=90)


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """On which days of the week, at which time, by whose clock."""

    every: str  # day, weekdays, week, mon .. sun
    at: time
    zone: tzinfo

    @classmethod
    def of(cls, plan: DigestConfig, zone: tzinfo) -> "Rhythm":
        return cls(every=plan.every, at=plan.at, zone=zone)

    def slot(self, now: datetime) -> datetime:
        """The latest moment that has come at which an issue may go, as UTC."""
        today = now.astimezone(self.zone).date()
        back = (self._moment(today + timedelta(days=1 - n)) for n in range(9))
        return next(slot for slot in back if slot and slot <= now.astimezone(UTC))

    def period(self, now: datetime) -> str:
        """The key of the period that `now` belongs to."""
        return self._key(self.slot(now).astimezone(self.zone).date())

    def due(self, now: datetime, last: Issued | None) -> bool:
        """Whether an issue may be made now."""
        if last is None:
            return True
        period = self.period(now)
        if _is_week(period) == _is_week(last.period):
            return period > last.period
        # It went daily and goes weekly now, or the other way: its first slot after the last issue.
        return self.slot(now) > last.opened_at

    def next_due(self, now: datetime, last: Issued | None) -> datetime:
        """When the next issue may go: now if one is due, else the first slot after the last one."""
        if self.due(now, last):
            return now.astimezone(self.zone)
        slot = next(slot for slot in self._slots_after(now) if self.due(slot, last))
        return slot.astimezone(self.zone)

    def after(self, now: datetime) -> datetime:
        """The slot that follows an issue which is made now."""
        opened = Issued(period=self.period(now), opened_at=now)
        slot = next(slot for slot in self._slots_after(now) if self.due(slot, opened))
        return slot.astimezone(self.zone)

    def _slots_after(self, now: datetime) -> Iterator[datetime]:
        day = now.astimezone(self.zone).date()
        while True:
            if (slot := self._moment(day)) and slot > now.astimezone(UTC):
                yield slot
            day += timedelta(days=1)

    def _moment(self, day: date) -> datetime | None:
        """The slot of a day, if it has one, as UTC: within one zone Python compares the clocks'
        hands, which stand twice at the same place when summer time ends."""
        if day.weekday() not in _DAYS_OF.get(self.every, ()) and (
            WEEKDAYS[day.weekday()] != self.every
        ):
            return None
        return datetime.combine(day, self.at, self.zone).astimezone(UTC)

    def _key(self, day: date) -> str:
        if self.every in ("day", "weekdays"):
            return day.isoformat()
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02}"


def _is_week(period: str) -> bool:
    return re.fullmatch(r"\d{4}-W\d{2}", period) is not None


def window(plan: DigestConfig, now: datetime, last: Issued | None) -> Window:
    """The time from which papers are taken: the configured window, or since the last issue.

    Whichever is longer, so that nothing is missed while the machine slept; 90 days at most.
    """
    since = now - plan.window
    if last is not None:
        since = max(min(since, last.opened_at), now - max(LONGEST, plan.window))
    return Window(since=since, until=now)
