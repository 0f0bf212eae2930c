"""An empty list says why."""

from datetime import date, datetime, timedelta

import pytest
from builders import NOW

from papertrack.clock import instant, midnight
from papertrack.emptiness import Circumstances, explain
from papertrack.freshness import named_days
from papertrack.models import Window
from papertrack.reports import SourceHealth


def day_of(day: str) -> Window:
    start = midnight(date.fromisoformat(day))
    return Window(since=start, until=start + timedelta(days=1))


def last(days: float, now: datetime = NOW) -> Window:
    return Window(since=now - timedelta(days=days), until=now)


def why(span: Window, *read: str, now: datetime = NOW) -> str:
    """What is said of a time without papers, these lists of which were read."""
    known = {date.fromisoformat(day): now for day in read}
    return explain(Circumstances(span=span, read=known, now=now))


def test_all_were_filtered_out_and_by_what() -> None:
    dropped = {"--topic": 40, "--unseen": 2}
    assert explain(Circumstances(span=last(7), found=42, dropped=dropped, now=NOW)) == (
        "All 42 papers of this time were filtered out: 40 by --topic, 2 by --unseen."
    )


def test_all_were_seen_already() -> None:
    about = Circumstances(span=last(7), found=42, dropped={"--unseen": 42}, now=NOW)
    assert explain(about) == "All 42 papers of this time were seen already; leave out --unseen."


def test_a_category_that_nobody_has_told_yet() -> None:
    about = Circumstances(
        span=last(7), found=42, dropped={"--category": 42}, without_categories=42, now=NOW
    )
    assert "Of 42 the categories are not known yet; `papertrack fetch arxiv`" in explain(about)


def test_the_source_has_been_down_since() -> None:
    health = SourceHealth(
        source="huggingface",
        failures_in_a_row=3,
        down_since=NOW - timedelta(hours=5),
        last_error_at=NOW,
        last_error="It did not answer.",
    )
    said = explain(Circumstances(span=last(1), now=NOW, health=health))
    assert "huggingface has been down for 5 hours (It did not answer.)" in said


def test_the_source_wants_to_be_left_alone() -> None:
    health = SourceHealth(source="huggingface", retry_at=NOW + timedelta(hours=1))
    said = explain(Circumstances(span=last(1), now=NOW, health=health))
    assert "wants to be left alone until 2026-04-15T13:00:00Z" in said


def arxiv(day: str, *, read: bool = True) -> str:
    now = instant(f"{day}T15:00:00Z")
    known = {now.date(): now} if read else {}
    return explain(Circumstances(span=last(1, now), source="arxiv", read=known, now=now))


def test_arxiv_is_silent_on_weekends_and_holidays_and_says_until_when() -> None:
    """Friday's announcement comes on Sunday evening, which is midnight UTC in summer."""
    assert arxiv("2026-04-11") == (
        "Empty: today is a weekend; arXiv announces papers next at 2026-04-13T00:00:00Z."
    )
    assert "today is an arXiv holiday" in arxiv("2026-11-27")


def test_arxiv_has_not_announced_yet() -> None:
    assert arxiv("2026-04-15") == (
        "Empty: not announced yet; arXiv announces papers next at 2026-04-16T00:00:00Z."
    )
    assert "not read yet; run `papertrack fetch`" in arxiv("2026-04-15", read=False)


def test_there_are_no_lists_on_weekends() -> None:
    assert "no lists on weekends (2026-04-11); the newest is 2026-04-15" in why(
        day_of("2026-04-11")
    )


@pytest.mark.parametrize("day", ["2026-04-16", "2026-04-20", "9998-01-01"])
def test_there_is_no_list_yet(day: str) -> None:
    said = why(day_of(day))
    assert said.startswith(f"There is no list yet for {day}: it opens at {day}T0")
    assert said.endswith("; the newest is 2026-04-15.")


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
        "There is no list yet for 2026-04-20: it opens at 2026-04-20T01:30:00Z; "
        "the newest is 2026-04-17."
    )


def test_days_are_named_one_by_one_or_as_a_stretch() -> None:
    assert named_days([date(2026, 4, 14)]) == "the list of 2026-04-14 was"
    assert named_days([date(2026, 4, 14), date(2026, 4, 10)]) == (
        "2 lists (2026-04-10 to 2026-04-14) were"
    )
