"""How steady a ranking's top is from day to day, and whom it favours."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from papertrack.models import UPVOTES, Entry, Ranked
from papertrack.ranking.trials import Contender, Trial, ranked

TOP_OF_DAY = 20
FAKE_VOTES = (5.0, 10.0, 20.0, 30.0, 50.0, 75.0, 100.0, 150.0, 200.0, 300.0, 500.0)


@dataclass(frozen=True, kw_only=True)
class Fairness:
    """How steady and how fair a ranking's top 20 is, over the moments of a back-test."""

    ranking: str
    replaced_a_day: float  # share of the top 20 that is new a day later
    mean_age_hours: float  # of the top 10
    weekday_chi2: float  # winners by weekday listed against all papers; 6 degrees of freedom
    hour_chi2: float  # by quarter of the day; 3 degrees
    #: The fewest votes given at once that lift the last paper to the top 10.
    fake_votes: float | None


def fairness(
    tried: Sequence[Trial],
    orders: Sequence[Sequence[Ranked]],
    contender: Contender,
    half_life: timedelta,
) -> Fairness:
    """Of one contender, whose orders at these moments are given."""
    tops = [[one.entry for one in order[:TOP_OF_DAY]] for order in orders]
    ages = [
        (trial.moment - entry.listed_at) / timedelta(hours=1)
        for trial, top in zip(tried, tops, strict=True)
        for entry in top[:10]
        if entry.listed_at
    ]
    everyone = [entry for trial in tried for entry in trial.entries]
    winners = [entry for top in tops for entry in top[:10]]
    return Fairness(
        ranking=contender.name,
        replaced_a_day=_replaced(tried, tops),
        mean_age_hours=sum(ages) / len(ages) if ages else 0.0,
        weekday_chi2=_chi_square(winners, everyone, lambda at: at.weekday()),
        hour_chi2=_chi_square(winners, everyone, lambda at: at.hour // 6),
        fake_votes=_fake_votes(tried[-1], orders[-1], contender, half_life),
    )


def _replaced(tried: Sequence[Trial], tops: Sequence[Sequence[Entry]]) -> float:
    """The mean share of the top 20 that was not in the top 20 about a day before."""
    shares = []
    for place, trial in enumerate(tried):
        before = place - 1
        while before >= 0 and trial.moment - tried[before].moment < timedelta(hours=20):
            before -= 1
        if before >= 0 and trial.moment - tried[before].moment < timedelta(hours=30):
            old = {entry.paper.id for entry in tops[before]}
            shares.append(sum(e.paper.id not in old for e in tops[place]) / len(tops[place]))
    return sum(shares) / len(shares) if shares else 0.0


def _chi_square(
    winners: Sequence[Entry], everyone: Sequence[Entry], kind: Callable[[datetime], int]
) -> float:
    """How far the winners' days differ from those of all papers; each paper counts once."""
    all_of = Counter(kind(at) for at in _listing_times(everyone))
    won = Counter(kind(at) for at in _listing_times(winners))
    share = sum(won.values()) / max(1, sum(all_of.values()))
    return sum((won[one] - seen * share) ** 2 / (seen * share) for one, seen in all_of.items())


def _listing_times(entries: Sequence[Entry]) -> list[datetime]:
    found = {entry.paper.id: entry.listed_at for entry in entries if entry.listed_at}
    return list(found.values())


def _fake_votes(
    trial: Trial, order: Sequence[Ranked], contender: Contender, half_life: timedelta
) -> float | None:
    """The fewest votes that lift the last paper of a list into its top 10, given just then."""
    last = order[-1].entry
    for votes in FAKE_VOTES:
        seen = last.course(UPVOTES)[-1]
        more = seen._replace(value=seen.value + votes, observed_at=trial.moment)
        known = tuple(o for o in last.observations if o is not seen)
        faked = replace(
            last,
            observations=(*known, more),
            latest={**last.latest, UPVOTES: more.value},
        )
        entries = [faked if entry is last else entry for entry in trial.entries]
        again = ranked(replace(trial, entries=entries), contender, half_life)
        if any(one.entry is faked for one in again[:10]):
            return votes
    return None
