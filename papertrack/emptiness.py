"""Why a list is empty, in a sentence. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from papertrack.clock import FIRST_LIST, iso, midnight, newest_list_day, weekdays
from papertrack.models import Window


def explain(
    span: Window,
    read: Mapping[date, datetime],
    dropped: Mapping[str, int],
    found: int,
    now: datetime,
) -> str:
    """The reason, the most telling first: filtered out, no such list, not read, no papers."""
    if found:
        by = ", ".join(f"{number} by {name}" for name, number in dropped.items())
        return f"All {found} papers of this time were filtered out: {by}."
    first, last = span.since.date(), (span.until - timedelta(seconds=1)).date()
    newest = newest_list_day(now)
    if last < FIRST_LIST:
        return f"Empty: the first list of Daily Papers is that of {FIRST_LIST}."
    days = weekdays(max(first, FIRST_LIST), max(first, last))
    if not days:
        return f"Empty: Daily Papers have no lists on weekends ({first}); the newest is {newest}."
    if days[0] > newest:
        return f"There is no list yet for {days[0]}; the newest is that of {newest}."
    return _of_lists([day for day in days if day <= newest], span, read)


def _of_lists(days: Sequence[date], span: Window, read: Mapping[date, datetime]) -> str:
    """Why lists that there are, oldest first, give nothing."""
    unread = [day for day in days if day not in read]
    if unread:
        return f"Empty: {named_days(unread)} not read yet; run `papertrack fetch`."
    if span.since > midnight(days[-1]):
        return (
            f"Empty: nothing came before readers since {iso(span.since)}, "
            f"and the last list is that of {days[-1]}; look further back."
        )
    if len(days) == 1:
        return f"Empty: the list of {days[0]} holds no papers yet; it fills during the day."
    return f"Empty: {len(days)} lists ({days[0]} to {days[-1]}) hold no papers."


def named_days(days: Sequence[date]) -> str:
    """`the list of 2026-04-14 was`, `5 lists (2026-04-10 to 2026-04-16) were`."""
    if len(days) == 1:
        return f"the list of {days[0]} was"
    return f"{len(days)} lists ({min(days)} to {max(days)}) were"
