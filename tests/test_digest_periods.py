"""When an issue is due: once in each period, whatever clocks and machines do."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papertrack.config import DigestConfig
from papertrack.digests.periods import Rhythm, window
from papertrack.mailing import Issued

BERLIN, NEW_YORK, TOKYO = (
    ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Asia/Tokyo")
)
MONDAY = datetime(2026, 11, 23, 7, 30, tzinfo=BERLIN)


def rhythm(every: str = "day", at: str = "07:30", zone: ZoneInfo = BERLIN) -> Rhythm:
    return Rhythm(every=every, at=time.fromisoformat(at), zone=zone)


def issued(period: str, at: datetime = MONDAY) -> Issued:
    return Issued(period=period, opened_at=at.astimezone(UTC))


def issues(one: Rhythm, ticks: list[datetime]) -> list[str]:
    """The periods of the issues that a program makes which looks at these moments."""
    last = None
    made = []
    for now in ticks:
        if one.due(now, last):
            last = Issued(period=one.period(now), opened_at=now)
            made.append(last.period)
    return made


def ticks(first: datetime, days: float, minutes: int = 10) -> list[datetime]:
    start = first.astimezone(UTC)
    return [start + timedelta(minutes=minutes * n) for n in range(int(days * 1440 / minutes))]


@pytest.mark.parametrize(
    ("every", "period"),
    [("day", "2026-11-23"), ("weekdays", "2026-11-23"), ("week", "2026-W48"), ("mon", "2026-W48")],
)
def test_a_period_is_named_after_its_day_or_its_week(every: str, period: str) -> None:
    assert rhythm(every).period(MONDAY) == period
    assert rhythm(every).period(MONDAY - timedelta(minutes=1)) < period


def test_on_a_weekend_it_is_still_the_issue_of_friday() -> None:
    assert rhythm("weekdays").period(MONDAY - timedelta(days=1)) == "2026-11-20"


def test_a_digest_that_was_never_sent_is_due() -> None:
    assert rhythm("sun").due(MONDAY, None)


def test_it_is_due_once_its_time_has_come() -> None:
    last = issued("2026-11-22")
    assert not rhythm().due(MONDAY - timedelta(seconds=1), last)
    assert rhythm().due(MONDAY, last)
    assert not rhythm().due(MONDAY + timedelta(hours=23), issued("2026-11-23"))


def test_after_nine_days_of_sleep_it_is_one_issue() -> None:
    asleep = [MONDAY, *ticks(MONDAY + timedelta(days=9, hours=2), 0.5)]
    assert issues(rhythm(), asleep) == ["2026-11-23", "2026-12-02"]


@pytest.mark.parametrize("at", ["01:30", "02:30", "03:00", "00:00", "23:59"])
@pytest.mark.parametrize(
    ("zone", "day"),
    [
        (BERLIN, datetime(2027, 3, 28)),  # 02:00 to 03:00 is skipped
        (BERLIN, datetime(2026, 10, 25)),  # 02:00 to 03:00 comes twice
        (NEW_YORK, datetime(2027, 3, 14)),
        (NEW_YORK, datetime(2026, 11, 1)),
        (ZoneInfo("America/Santiago"), datetime(2026, 9, 6)),  # midnight is skipped
        (ZoneInfo("Australia/Lord_Howe"), datetime(2026, 10, 4)),  # half an hour
    ],
)
def test_when_summer_time_comes_or_goes_each_day_has_one_issue(
    zone: ZoneInfo, day: datetime, at: str
) -> None:
    start = day.replace(tzinfo=zone) - timedelta(days=1)
    made = issues(rhythm(at=at, zone=zone), ticks(start, 4))
    assert made == sorted(set(made))
    days = [(day + timedelta(days=n)).date().isoformat() for n in (-1, 0, 1)]
    assert set(days) <= set(made)


def test_a_clock_that_is_set_back_makes_no_second_issue() -> None:
    back = [MONDAY, MONDAY - timedelta(days=1), MONDAY - timedelta(hours=2), MONDAY]
    assert issues(rhythm(), back) == ["2026-11-23"]


def test_a_reader_who_moves_gets_no_period_twice() -> None:
    in_tokyo = rhythm(zone=TOKYO)
    now = datetime(2026, 11, 24, 8, tzinfo=TOKYO)
    last = issued(in_tokyo.period(now), now)
    there = rhythm(zone=NEW_YORK)
    assert not there.due(now + timedelta(hours=1), last)
    assert not there.due(datetime(2026, 11, 24, 8, tzinfo=NEW_YORK), last)
    assert there.due(datetime(2026, 11, 25, 8, tzinfo=NEW_YORK), last)


def test_a_year_of_53_weeks_has_53_issues() -> None:
    start = datetime(2026, 1, 1, tzinfo=BERLIN)
    made = issues(rhythm("sun"), ticks(start, 376, minutes=360))
    assert made[-3:] == ["2026-W52", "2026-W53", "2027-W01"]
    assert len([week for week in made if week.startswith("2026")]) == 53


def test_from_daily_to_weekly_and_back_nothing_is_sent_twice_at_once() -> None:
    daily, weekly = issued("2026-11-23"), issued("2026-W48")
    assert not rhythm("week").due(MONDAY + timedelta(hours=1), daily)
    assert rhythm("week").due(MONDAY + timedelta(days=7), daily)
    assert not rhythm().due(MONDAY + timedelta(hours=1), weekly)
    assert rhythm().due(MONDAY + timedelta(days=1), weekly)


def test_the_next_issue_is_told_by_the_clock_of_the_digest() -> None:
    friday = datetime(2026, 11, 27, 8, tzinfo=BERLIN)
    assert rhythm("weekdays").after(friday) == datetime(2026, 11, 30, 7, 30, tzinfo=BERLIN)
    waiting = rhythm("weekdays").next_due(friday, issued("2026-11-27", friday))
    assert waiting.isoformat() == "2026-11-30T07:30:00+01:00"
    assert rhythm().next_due(friday, None) == friday


@settings(max_examples=60, deadline=None)
@given(
    every=st.sampled_from(["day", "weekdays", "week", "wed", "sun"]),
    at=st.times(),
    zone=st.sampled_from([BERLIN, NEW_YORK, TOKYO, ZoneInfo("UTC"), ZoneInfo("Pacific/Apia")]),
    start=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
    naps=st.lists(st.integers(1, 60 * 24 * 12), min_size=1, max_size=60),
)
def test_no_period_has_two_issues_and_none_that_is_due_waits(
    every: str, at: time, zone: ZoneInfo, start: datetime, naps: list[int]
) -> None:
    one = Rhythm(every=every, at=at.replace(second=0, microsecond=0), zone=zone)
    now, last = start.replace(tzinfo=UTC), None
    made = []
    for minutes in naps:
        now += timedelta(minutes=minutes)
        expected = one.next_due(now, last)
        assert one.due(now, last) == (expected <= now)
        if one.due(now, last):
            last = Issued(period=one.period(now), opened_at=now)
            made.append(last.period)
            assert not one.due(now, last)
            assert one.due(one.after(now), last)
    assert made == sorted(set(made))


# -- from when on papers are taken ----------------------------------------------------------------

PLAN = DigestConfig(name="morning", to=("me@example.org",), window=timedelta(days=7))


def test_the_window_reaches_back_to_the_last_issue() -> None:
    assert window(PLAN, MONDAY, None).since == MONDAY - timedelta(days=7)
    lately = issued("x", MONDAY - timedelta(days=1))
    assert window(PLAN, MONDAY, lately).since == MONDAY - timedelta(days=7)
    long_ago = issued("x", MONDAY - timedelta(days=9))
    assert window(PLAN, MONDAY, long_ago).since == MONDAY - timedelta(days=9)


def test_after_a_year_it_is_ninety_days() -> None:
    found = window(PLAN, MONDAY, issued("x", MONDAY - timedelta(days=365)))
    assert found.since == MONDAY - timedelta(days=90)
