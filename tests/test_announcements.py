"""When arXiv announces: evenings in New York, Sunday to Thursday, but for its holidays."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.announcements import HOLIDAYS, next_announcement, why_silent
from papertrack.clock import instant, iso


@pytest.mark.parametrize(
    ("now", "then"),
    [
        # Wednesday: that evening; a second later, the next one
        ("2026-04-15T12:00:00Z", "2026-04-16T00:00:00Z"),
        ("2026-04-15T23:59:59Z", "2026-04-16T00:00:00Z"),
        ("2026-04-16T00:00:00Z", "2026-04-17T00:00:00Z"),
        # from Thursday evening to Sunday evening
        ("2026-04-17T00:00:01Z", "2026-04-20T00:00:00Z"),
        ("2026-04-18T12:00:00Z", "2026-04-20T00:00:00Z"),
        # New York's clocks change on Sunday 8 March and Sunday 1 November, before that evening
        ("2026-03-06T12:00:00Z", "2026-03-09T00:00:00Z"),
        ("2026-03-05T12:00:00Z", "2026-03-06T01:00:00Z"),
        ("2026-10-30T12:00:00Z", "2026-11-02T01:00:00Z"),
        ("2026-10-29T12:00:00Z", "2026-10-30T00:00:00Z"),
        # no announcement on the evening of a holiday: Thanksgiving is a Thursday, so Sunday is next
        ("2026-11-26T12:00:00Z", "2026-11-30T01:00:00Z"),
        ("2025-12-31T12:00:00Z", "2026-01-01T01:00:00Z"),
        ("2026-01-01T12:00:00Z", "2026-01-05T01:00:00Z"),
        ("2026-01-19T12:00:00Z", "2026-01-21T01:00:00Z"),
        ("2026-12-29T12:00:00Z", "2026-12-31T01:00:00Z"),
    ],
)
def test_the_next_announcement(now: str, then: str) -> None:
    assert iso(next_announcement(instant(now))) == then


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2026-04-15", ""),
        ("2026-04-17", ""),  # Friday's list was announced on Thursday
        ("2026-04-18", "a weekend"),
        ("2026-04-19", "a weekend"),
        ("2026-04-20", ""),  # Monday's on Sunday
        ("2026-01-02", "an arXiv holiday"),
        ("2026-01-20", "an arXiv holiday"),
        ("2026-06-20", "a weekend"),  # Juneteenth is a Friday
        ("2026-11-27", "an arXiv holiday"),
        ("2026-12-30", "an arXiv holiday"),
        ("2026-12-31", ""),
    ],
)
def test_why_a_day_has_no_list(day: str, why: str) -> None:
    assert why_silent(date.fromisoformat(day)) == why


def test_each_holiday_of_2026_is_silent() -> None:
    assert len(HOLIDAYS) == 9
    assert all(why_silent(day + timedelta(days=1)) for day in HOLIDAYS)


@given(now=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))
def test_an_announcement_is_ahead_in_the_evening_and_not_far(now: datetime) -> None:
    then = next_announcement(now)
    assert now < then <= now + timedelta(days=5)
    assert (then.hour, then.minute) in ((0, 0), (1, 0))
    assert not why_silent(then.date())
