"""Which lists are worth reading again."""

from datetime import UTC, date, datetime, timedelta

import pytest
from builders import NOW
from hypothesis import given
from hypothesis import strategies as st

from papertrack.clock import FIRST_LIST, newest_list_day
from papertrack.freshness import due, list_days, oldest_reading
from papertrack.models import Window

HOUR = timedelta(hours=1)
TODAY = NOW.date()
MOMENTS = st.datetimes(datetime(2023, 5, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


def window(days: float, until: datetime = NOW) -> Window:
    return Window(since=until - timedelta(days=days), until=until)


def test_a_window_touches_the_weekdays_in_it() -> None:
    assert [day.day for day in list_days(window(7), NOW)] == [8, 9, 10, 13, 14, 15]


def test_a_list_that_is_not_there_yet_is_not_in_the_window() -> None:
    before_the_turn = NOW.replace(hour=1)

    assert max(list_days(window(1, before_the_turn), before_the_turn)) == date(2026, 4, 14)
    assert list_days(window(1, NOW + timedelta(days=9)), NOW) == []


def test_lists_begin_with_the_first() -> None:
    assert list_days(window(9999), NOW)[0] == FIRST_LIST


@given(now=MOMENTS, back=st.floats(0, 30), length=st.floats(0.1, 30))
def test_whatever_the_window_its_lists_are_weekdays_that_exist(
    now: datetime, back: float, length: float
) -> None:
    span = window(length, now - timedelta(days=back))
    days = list_days(span, now)

    assert days == sorted(set(days))
    assert all(day.weekday() < 5 for day in days)
    assert all(FIRST_LIST <= day <= newest_list_day(now) for day in days)
    assert all(span.since.date() <= day <= span.until.date() for day in days)


@pytest.mark.parametrize(
    ("day", "read", "is_due"),
    [
        (TODAY, None, True),
        (TODAY, NOW - HOUR, False),
        (TODAY, NOW - HOUR * 1.01, True),
        (TODAY, NOW + HOUR, False),  # the clock was set back
        (TODAY - timedelta(days=13), NOW - HOUR * 2, True),
        (TODAY - timedelta(days=20), NOW - timedelta(days=5), False),  # had settled when read
        (TODAY - timedelta(days=20), NOW - timedelta(days=10), True),  # had not
        (TODAY - timedelta(days=99), None, True),
    ],
)
def test_a_list_is_due_until_it_was_read_after_it_had_settled(
    day: date, read: datetime | None, is_due: bool
) -> None:
    assert due([day], {day: read} if read else {}, NOW, HOUR) == ([day] if is_due else [])


def test_of_the_lists_that_still_move_the_oldest_reading_counts() -> None:
    yesterday, long_ago = TODAY - timedelta(days=1), TODAY - timedelta(days=60)
    read = {TODAY: NOW - HOUR, yesterday: NOW - 5 * HOUR, long_ago: NOW - timedelta(days=30)}

    assert oldest_reading(read, read, NOW) == NOW - 5 * HOUR
    assert oldest_reading([long_ago], read, NOW) is None
    assert oldest_reading([TODAY], {}, NOW) is None
