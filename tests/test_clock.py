"""Words for time, and the list day that turns at half past nine in New York."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from builders import NOW
from hypothesis import given
from hypothesis import strategies as st

from papertrack.clock import (
    LIST_TURN,
    ago,
    instant,
    iso,
    midnight,
    newest_list_day,
    parse_day,
    parse_duration,
    parse_month,
    parse_since,
    parse_week,
    weekdays,
    zone_of,
)
from papertrack.errors import UsageError

MOMENTS = st.datetimes(datetime(2023, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("now", "newest"),
    [
        ("2026-04-15T12:00:00Z", "2026-04-15"),
        ("2026-04-15T01:29:59Z", "2026-04-14"),
        ("2026-04-15T01:30:00Z", "2026-04-15"),
        ("2026-01-14T02:29:59Z", "2026-01-13"),  # winter
        ("2026-01-14T02:30:00Z", "2026-01-14"),
        ("2026-04-11T01:30:00Z", "2026-04-10"),  # Friday night: the next list is Monday's
        ("2026-04-12T12:00:00Z", "2026-04-10"),
        ("2026-04-13T01:29:59Z", "2026-04-10"),
        ("2026-04-13T01:30:00Z", "2026-04-13"),
        ("2026-03-09T01:29:59Z", "2026-03-06"),  # New York's clocks went forward that day
        ("2026-03-09T01:30:00Z", "2026-03-09"),
        ("2026-11-02T01:30:00Z", "2026-10-30"),  # and back that day: 21:30 is 02:30 UTC again
        ("2026-11-02T02:30:00Z", "2026-11-02"),
    ],
)
def test_the_newest_list_turns_in_new_york(now: str, newest: str) -> None:
    assert newest_list_day(instant(now)) == date.fromisoformat(newest)


@given(MOMENTS, st.timedeltas(timedelta(), timedelta(days=9)))
def test_the_newest_list_is_a_weekday_never_to_come_and_never_goes_back(
    now: datetime, later: timedelta
) -> None:
    newest = newest_list_day(now)

    assert newest.weekday() < 5
    assert newest <= now.date()
    assert now.date() - newest <= timedelta(days=3)
    assert newest_list_day(now + later) >= newest


@given(MOMENTS)
def test_the_newest_list_is_what_a_clock_in_new_york_says(now: datetime) -> None:
    there = now.astimezone(ZoneInfo("America/New_York"))
    turned = there.date() + timedelta(days=there.time() >= LIST_TURN)

    assert newest_list_day(now) == weekdays(turned - timedelta(days=3), turned)[-1]


@given(MOMENTS)
def test_times_round_trip_to_the_second(moment: datetime) -> None:
    assert instant(iso(moment)) == moment.replace(microsecond=0)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-04-15", midnight(date(2026, 4, 15))),
        (" 2026-04-15T12:00:00 ", NOW),
        ("2026-04-15T12:00:00Z", NOW),
        ("2026-04-15T14:00+02:00", NOW),
    ],
)
def test_a_bare_time_is_utc_and_others_are_made_so(text: str, moment: datetime) -> None:
    assert instant(text) == moment
    assert instant(text).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-04-14", "2026-04-14"),
        ("today", "2026-04-15"),
        (" Yesterday ", "2026-04-14"),
    ],
)
def test_days_have_names(text: str, day: str) -> None:
    assert parse_day(text, NOW) == date.fromisoformat(day)


def test_the_day_before_monday_is_friday() -> None:
    assert parse_day("yesterday", instant("2026-04-13T12:00Z")) == date(2026, 4, 10)
    assert parse_day("today", instant("2026-04-12T12:00Z")) == date(2026, 4, 10)


@pytest.mark.parametrize(
    ("text", "first"),
    [("7d", "2026-04-08"), ("36H", "2026-04-14"), ("2w", "2026-04-01"), ("today", "2026-04-15")],
)
def test_since_is_a_day_or_a_length_of_time(text: str, first: str) -> None:
    assert parse_since(text, NOW) == date.fromisoformat(first)


def test_weeks_and_months_are_first_and_last_day() -> None:
    assert parse_week("2026-W15", NOW) == (date(2026, 4, 6), date(2026, 4, 12))
    assert parse_week("2026w1", NOW) == (date(2025, 12, 29), date(2026, 1, 4))
    assert parse_month("2026-04", NOW) == (date(2026, 4, 1), date(2026, 4, 30))
    assert parse_month("2024-02", NOW) == (date(2024, 2, 1), date(2024, 2, 29))
    assert parse_month("2025-12", NOW) == (date(2025, 12, 1), date(2025, 12, 31))


def test_this_week_and_month_are_those_of_the_newest_list() -> None:
    before_the_list_of_monday = instant("2026-06-01T01:29:59Z")
    assert parse_week("this", before_the_list_of_monday) == (date(2026, 5, 25), date(2026, 5, 31))
    assert parse_month("this", before_the_list_of_monday) == (date(2026, 5, 1), date(2026, 5, 31))
    assert parse_week("this", instant("2026-06-01T01:30:00Z"))[0] == date(2026, 6, 1)


@pytest.mark.parametrize(
    "text",
    ["", "2026-13-01", "2026-02-30", "tomorrow", "2026-W15", "15", "\x1b[31m", "2026-04-14\n; rm"],
)
def test_what_is_no_day_is_a_usage_error_that_shows_how(text: str) -> None:
    with pytest.raises(UsageError, match="write it like 2026-04-14"):
        parse_day(text, NOW)


@pytest.mark.parametrize("text", ["2026-W54", "2026-W00", "9999-W52", "0000-W01", "W15", "²-W1"])
def test_what_is_no_week_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="is not a week"):
        parse_week(text, NOW)


@pytest.mark.parametrize("text", ["2026-13", "2026", "9999-12", "0000-01", "2026-W15", "2026-4"])
def test_what_is_no_month_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="is not a month"):
        parse_month(text, NOW)


def test_lengths_of_time() -> None:
    assert parse_duration("12h") == timedelta(hours=12)
    assert parse_duration(" 7D ") == timedelta(days=7)
    for text in ("7", "7m", "-7d", "d", "99999d", "1.5d"):
        with pytest.raises(UsageError, match="write it like 12h, 7d or 2w"):
            parse_duration(text)


def test_weekdays_are_monday_to_friday() -> None:
    assert [day.day for day in weekdays(date(2026, 4, 10), date(2026, 4, 14))] == [10, 13, 14]
    assert weekdays(date(2026, 4, 11), date(2026, 4, 12)) == []
    assert weekdays(date(2026, 4, 14), date(2026, 4, 10)) == []


@pytest.mark.parametrize(
    ("hours", "text"),
    [(0, "a moment"), (1 / 60, "1 minute"), (2.9, "2 hours"), (24, "1 day"), (80, "3 days")],
)
def test_how_long_ago_in_one_unit(hours: float, text: str) -> None:
    assert ago(NOW - timedelta(hours=hours), NOW) == text
    assert ago(NOW + timedelta(hours=9), NOW) == "a moment"


def _now_of(variable: str) -> "subprocess.CompletedProcess[str]":
    """The environment is read once, by the process that has it."""
    script = "from papertrack.clock import iso, system_clock; print(iso(system_clock()))"
    return subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PAPERTRACK_NOW": variable},
        capture_output=True,
        text=True,
        check=False,
    )


def test_papertrack_now_sets_the_clock() -> None:
    assert _now_of("2026-04-15T14:00:00+02:00").stdout == "2026-04-15T12:00:00Z\n"


@pytest.mark.parametrize("value", ["noon", "0001-01-01T00:00+05:00", "0001-01-01", "9999-12-31"])
def test_papertrack_now_that_cannot_be_is_a_usage_error(value: str) -> None:
    assert "UsageError: PAPERTRACK_NOW is" in _now_of(value).stderr


# -- zones ----------------------------------------------------------------------------------------

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_a_zone_is_found_by_its_name() -> None:
    assert NOON.astimezone(zone_of("Europe/Berlin")).hour == 14


@pytest.mark.parametrize(("said", "hour"), [("Asia/Tokyo", 21), (":Asia/Tokyo", 21), ("UTC", 12)])
def test_without_a_name_it_is_the_zone_of_this_machine(
    said: str, hour: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", said)
    assert NOON.astimezone(zone_of("")).hour == hour


def test_a_zone_in_words_of_its_own_is_taken_as_it_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "no such zone/../etc")
    assert NOON.astimezone(zone_of("")).utcoffset() is not None
