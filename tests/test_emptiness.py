"""An empty list says why."""

from datetime import date, datetime, timedelta

import pytest
from builders import NOW

from papertrack.clock import instant, midnight
from papertrack.emptiness import explain, named_days
from papertrack.models import Window


def day_of(day: str) -> Window:
    start = midnight(date.fromisoformat(day))
    return Window(since=start, until=start + timedelta(days=1))


def last(days: float, now: datetime = NOW) -> Window:
    return Window(since=now - timedelta(days=days), until=now)


def why(span: Window, *read: str, now: datetime = NOW) -> str:
    """What is said of a time without papers, these lists of which were read."""
    return explain(span, {date.fromisoformat(day): now for day in read}, {}, 0, now)


def test_all_were_filtered_out_and_by_what() -> None:
    assert explain(last(7), {}, {"--topic": 40, "--unseen": 2}, 42, NOW) == (
        "All 42 papers of this time were filtered out: 40 by --topic, 2 by --unseen."
    )


def test_there_are_no_lists_on_weekends() -> None:
    assert "no lists on weekends (2026-04-11); the newest is 2026-04-15" in why(
        day_of("2026-04-11")
    )


@pytest.mark.parametrize("day", ["2026-04-16", "2026-04-20", "9998-01-01"])
def test_there_is_no_list_yet(day: str) -> None:
    assert why(day_of(day)) == (
        f"There is no list yet for {day}; the newest is that of 2026-04-15."
    )


def test_before_the_first_list_there_was_none() -> None:
    assert (
        why(day_of("2023-05-03")) == "Empty: the first list of Daily Papers is that of 2023-05-04."
    )


def test_lists_that_were_not_read_are_named() -> None:
    read = ("2026-04-09", "2026-04-10", "2026-04-13", "2026-04-15")

    assert why(last(6), *read) == (
        "Empty: the list of 2026-04-14 was not read yet; run `papertrack fetch`."
    )
    assert "6 lists (2026-04-08 to 2026-04-15) were not read yet" in why(last(7))


def test_a_list_that_was_read_and_is_empty_fills_during_the_day() -> None:
    assert why(day_of("2026-04-15"), "2026-04-15") == (
        "Empty: the list of 2026-04-15 holds no papers yet; it fills during the day."
    )
    assert why(last(1), "2026-04-14", "2026-04-15") == (
        "Empty: 2 lists (2026-04-14 to 2026-04-15) hold no papers."
    )


def test_on_saturday_the_last_day_begins_after_fridays_list() -> None:
    """Friday's papers came before readers early on Friday, so "holds no papers" would be false."""
    saturday = instant("2026-04-18T12:00Z")

    assert why(last(1, saturday), "2026-04-17", now=saturday) == (
        "Empty: nothing came before readers since 2026-04-17T12:00:00Z, "
        "and the last list is that of 2026-04-17; look further back."
    )


def test_on_sunday_the_last_day_is_a_weekend_and_not_a_list_to_come() -> None:
    sunday = instant("2026-04-19T12:00Z")

    assert "no lists on weekends" in why(last(0.4, sunday), now=sunday)
    assert "no lists on weekends" in why(last(1, sunday), now=sunday)


def test_on_monday_before_the_turn_the_list_is_still_to_come() -> None:
    monday = instant("2026-04-20T00:30Z")

    assert why(last(1, monday), now=monday) == (
        "There is no list yet for 2026-04-20; the newest is that of 2026-04-17."
    )


def test_days_are_named_one_by_one_or_as_a_stretch() -> None:
    assert named_days([date(2026, 4, 14)]) == "the list of 2026-04-14 was"
    assert named_days([date(2026, 4, 14), date(2026, 4, 10)]) == (
        "2 lists (2026-04-10 to 2026-04-14) were"
    )
