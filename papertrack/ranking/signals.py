"""One function per signal: an entry with its observations in, a contribution with its reason out.

A value is 0 to 1. What is missing adds nothing and says so: missing is not zero, but nobody is
ranked up for what is not known. `weight` is filled in by `rank`, which knows what is asked for.
"""

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from papertrack.models import (
    A_WHILE,
    ABOUT_A_DAY,
    CITATIONS,
    COMMENTS,
    GITHUB_STARS,
    HN_POINTS,
    STARS_GAINED,
    UPVOTES,
    Entry,
    Gain,
    Topic,
)
from papertrack.ranking.expected import Norm

HOUR = timedelta(hours=1)
#: What a pace counts that is reckoned from the listing and not from an earlier observation.
SUPPOSED = 0.8
#: Counts at which a signal reaches half of what it can say at most.
HALF_STARS = 300.0
HALF_COMMENTS = 5.0
HALF_POINTS = 30.0
HALF_CITATIONS = 10.0
HALF_GAINED = 50.0


class Context(NamedTuple):
    """What a signal may know beside the paper: the moment, and what the pool is like."""

    now: datetime
    scale: float = 1.0  # votes: the most that a paper of the pool is worth
    half_life: timedelta = timedelta(days=10)
    norm: Norm = Norm()
    topics: tuple[Topic, ...] = ()  # what the reader wants to hear of


class Reading(NamedTuple):
    """What a signal says of one paper."""

    value: float
    reason: str


#: None where the signal has nothing to say of this paper: then it is not mentioned either.
Signal = Callable[[Entry, Context], Reading | None]


def age_hours(entry: Entry, now: datetime) -> float | None:
    """Hours since the paper first came before readers; None where it never did."""
    if entry.listed_at is None:
        return None
    return _hours(entry.listed_at, now)


def _hours(start: datetime, end: datetime) -> float:
    return max(0.0, (end - start).total_seconds() / 3600)


def votes_worth(entry: Entry, context: Context) -> float:
    """The final votes to be expected, halved with every half-life since the paper was listed."""
    votes, listed_at = entry.latest.get(UPVOTES), entry.listed_at
    if votes is None or listed_at is None:
        return 0.0
    seen_hours = _hours(listed_at, entry.course(UPVOTES)[-1].observed_at)
    faded = _fading(_hours(listed_at, context.now), context)
    return context.norm.final(votes, seen_hours) * faded


def votes_a_day(*gains: Gain | None) -> float:
    """The votes gained a day: the mean of the paces since a while ago and since about a day ago.

    Where a paper was not seen so long ago its listing stands in, at four fifths: votes come fast at
    first, so a beginning promises too much.
    """
    paces = (
        max(0.0, gain.per_day) * (1.0 if gain.measured else SUPPOSED) for gain in gains if gain
    )
    return sum(paces) / len(gains)


def _fading(hours: float, context: Context) -> float:
    return float(0.5 ** (hours * 3600 / context.half_life.total_seconds()))


def attention(entry: Entry, context: Context) -> Reading:
    """Votes against what is usual at that age and weekday, fading with the half-life."""
    votes, listed_at = entry.latest.get(UPVOTES), entry.listed_at
    if votes is None or listed_at is None:
        return Reading(0.0, "no votes known")
    hours = _hours(listed_at, entry.course(UPVOTES)[-1].observed_at)
    times = votes / context.norm.usual_at(listed_at, hours)
    old = _fading(_hours(listed_at, context.now), context)
    fades = f"; older by now, so it counts {old:.0%}" if old < 0.95 else ""
    return Reading(
        context.norm.final(votes, hours) * old / context.scale,  # what votes_worth says
        f"{_number(votes, 'upvote')}, {_times(times)} what is usual {_on_day(hours)}{fades}",
    )


def momentum(entry: Entry, context: Context) -> Reading:
    """Votes gained a day, by the last observations."""
    gain = entry.gain(UPVOTES, A_WHILE)
    if gain is None:
        return Reading(0.0, "no votes known")
    day = entry.gain(UPVOTES, ABOUT_A_DAY)
    pace = votes_a_day(gain, day)
    if not gain.measured:
        return Reading(
            pace / context.scale,
            f"about {gain.per_day:.0f} upvotes a day so far, of which four fifths count; "
            "no second observation yet",
        )
    said = f"{gain.change:+.0f} in {_span(gain.span / HOUR)}"
    pace_said = f"{pace:.0f} upvotes a day"
    if day and day.measured and day.span != gain.span:
        said += f" and {day.change:+.0f} in {_span(day.span / HOUR)}"
        pace_said = f"on average {pace_said}"
    return Reading(pace / context.scale, f"{said}: {pace_said}")


def recency(entry: Entry, context: Context) -> Reading:
    """How new the paper is to readers."""
    hours = age_hours(entry, context.now)
    if hours is None:
        return Reading(0.0, "on no list")
    return Reading(0.5 ** (hours / 24), f"listed {_span(hours)} ago")


def code(entry: Entry, context: Context) -> Reading:
    """Stars of the paper's repository."""
    stars = entry.latest.get(GITHUB_STARS)
    gained = entry.latest.get(STARS_GAINED)
    if stars is None and gained is None:
        reason = "code, but its stars are not known" if entry.paper.code_url else "no code known"
        return Reading(0.1 if entry.paper.code_url else 0.0, reason)
    said = [_number(stars, "star")] if stars is not None else []
    said += [f"{gained:+,.0f} today"] if gained is not None else []
    value = max(_saturating(stars or 0.0, HALF_STARS), _saturating(gained or 0.0, HALF_GAINED))
    return Reading(value, ", ".join(said))


def discussion(entry: Entry, context: Context) -> Reading:
    """Comments on the paper's page. The first is usually its author's."""
    comments = entry.latest.get(COMMENTS)
    if comments is None:
        return Reading(0.0, "no comments known")
    reason = "1 comment, usually its author's" if comments == 1 else _number(comments, "comment")
    return Reading(_saturating(max(0.0, comments - 1), HALF_COMMENTS), reason)


def hackernews(entry: Entry, context: Context) -> Reading | None:
    """Points of its best story at Hacker News."""
    points = entry.latest.get(HN_POINTS)
    if points is None:
        return None
    return Reading(_saturating(points, HALF_POINTS), f"{_number(points, 'point')} at Hacker News")


def citations(entry: Entry, context: Context) -> Reading | None:
    """Citations: next to none for a paper of this week, and a lot where there are some."""
    cited = entry.latest.get(CITATIONS)
    if not cited:
        return None
    return Reading(_saturating(cited, HALF_CITATIONS), _number(cited, "citation"))


def topics(entry: Entry, context: Context) -> Reading | None:
    """What the reader wants to hear of, by the topics of the configuration."""
    if not context.topics:
        return None
    from papertrack.matching import matches

    matched = [topic.name for topic in context.topics if matches(topic, entry.paper) is not None]
    if not matched:
        return None
    names = ", ".join(f"'{name}'" for name in matched)
    return Reading(1.0, f"matches your topic{'' if len(matched) == 1 else 's'} {names}")


def votes(entry: Entry, context: Context) -> Reading:
    """The bare count, on a logarithm up to 1,000."""
    count = entry.latest.get(UPVOTES)
    if count is None:
        return Reading(0.0, "no votes known")
    return Reading(math.log1p(count) / math.log1p(1000), _number(count, "upvote"))


def hot(entry: Entry, context: Context) -> Reading:
    """Hacker News: (votes - 1)^0.8 / (hours + 2)^1.8."""
    hours, count = age_hours(entry, context.now), entry.latest.get(UPVOTES)
    if hours is None or count is None:
        return Reading(0.0, "no votes known")
    heat = max(0.0, count - 1) ** 0.8 / (hours + 2) ** 1.8
    return Reading(heat / (heat + 0.2), f"{_number(count, 'upvote')} after {_span(hours)}")


def final_votes(entry: Entry, context: Context) -> Reading:
    """The votes that the paper is expected to end with."""
    forever = Context(now=context.now, half_life=timedelta(days=36_500))
    count = votes_worth(entry, forever)
    return Reading(math.log1p(count) / math.log1p(1000), f"about {count:.0f} upvotes expected")


def _saturating(count: float, half: float) -> float:
    """0 at nothing, 0.5 at `half`, towards 1: on a logarithm: counts spread over decades."""
    size = math.log1p(max(0.0, count))
    return size / (size + math.log1p(half))


def _number(count: float, unit: str) -> str:
    return f"{count:,.0f} {unit}{'' if count == 1 else 's'}"


def _times(ratio: float) -> str:
    return f"{ratio:.0f} times" if ratio >= 10 else f"{ratio:.1f} times"


def _span(hours: float) -> str:
    """`5 hours`, `a day`, `3 days`."""
    if hours < 36:
        whole = max(1, round(hours))
        return "an hour" if whole == 1 else "a day" if 22 <= whole <= 26 else f"{whole} hours"
    return f"{round(hours / 24)} days"


def _on_day(hours: float) -> str:
    if hours < 6:
        return "in its first hours"
    day = int(hours // 24) + 1
    return f"on day {day}" if day <= 7 else "after a week"
