"""Why a list is empty, in a sentence. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from papertrack import announcements
from papertrack.clock import (
    FIRST_LIST,
    ago,
    iso,
    list_opens_at,
    midnight,
    newest_list_day,
    weekdays,
)
from papertrack.freshness import named_days
from papertrack.models import Window
from papertrack.reports import SourceHealth


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What is known of an empty list: which source it asks, what was read, what was left out."""

    span: Window
    now: datetime
    source: str = "huggingface"
    read: Mapping[date, datetime] = field(default_factory=dict)  # when each list was read
    found: int = 0  # papers before filters
    dropped: Mapping[str, int] = field(default_factory=dict)  # papers that each filter took away
    without_categories: int = 0  # papers of which no source has told the categories
    health: SourceHealth | None = None
    sample: bool = False  # the demo, into which nothing is fetched


def explain(about: Circumstances) -> str:
    """The reason, the most telling first: filtered out, no such list, source down, not read."""
    if about.found:
        return _filtered(about)
    if about.source == "arxiv":
        silent = _arxiv_is_silent(about)
        if silent:
            return silent
    first, last = about.span.since.date(), (about.span.until - timedelta(seconds=1)).date()
    newest = newest_list_day(about.now)
    if last < FIRST_LIST:
        return f"Empty: the first list of Daily Papers is that of {FIRST_LIST}."
    days = weekdays(max(first, FIRST_LIST), max(first, last))
    if not days:
        return f"Empty: Daily Papers have no lists on weekends ({first}); the newest is {newest}."
    if days[0] > newest:
        opens = iso(list_opens_at(days[0]))
        return f"There is no list yet for {days[0]}: it opens at {opens}; the newest is {newest}."
    return _of_lists([day for day in days if day <= newest], about)


def _filtered(about: Circumstances) -> str:
    if set(about.dropped) == {"--unseen"}:
        return f"All {about.found} papers of this time were seen already; leave out --unseen."
    by = ", ".join(f"{number} by {name}" for name, number in about.dropped.items())
    why = f"All {about.found} papers of this time were filtered out: {by}."
    if "--category" in about.dropped and about.without_categories:
        why += (
            f" Of {about.without_categories} the categories are not known yet; "
            "`papertrack fetch arxiv` asks for them."
        )
    return why


def _arxiv_is_silent(about: Circumstances) -> str:
    day = about.now.date()
    silent = announcements.why_silent(day)
    then = iso(announcements.next_announcement(about.now))
    if silent:
        return f"Empty: today is {silent}; arXiv announces papers next at {then}."
    if not about.read:
        return _unread("arXiv was", about)
    return f"Empty: not announced yet; arXiv announces papers next at {then}."


def _of_lists(days: Sequence[date], about: Circumstances) -> str:
    """Why lists that there are, oldest first, give nothing."""
    unread = [day for day in days if day not in about.read]
    if unread:
        return _unread(named_days(unread), about)
    if about.span.since > midnight(days[-1]):
        return (
            f"Empty: nothing came before readers since {iso(about.span.since)}, "
            f"and the last list is that of {days[-1]}; look further back."
        )
    if len(days) == 1:
        return f"Empty: the list of {days[0]} holds no papers yet; it fills during the day."
    return f"Empty: {len(days)} lists ({days[0]} to {days[-1]}) hold no papers."


def _unread(what: str, about: Circumstances) -> str:
    """Not read because nobody asked, because the source is down, or because it wants a pause."""
    if about.sample:
        return f"Empty: {what} not read into the sample; leave out --demo to ask for more."
    health = about.health
    if health and health.retry_at and health.retry_at > about.now:
        return (
            f"Empty: {what} not read, and {about.source} wants to be left alone "
            f"until {iso(health.retry_at)}."
        )
    if health and health.failures_in_a_row and health.last_error_at:
        since = health.down_since or health.last_error_at
        return (
            f"Empty: {what} not read, because {about.source} has been down for "
            f"{ago(since, about.now)} ({health.last_error})"
        )
    return f"Empty: {what} not read yet; run `papertrack fetch`."
