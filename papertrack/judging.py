"""Rankings judged by what became of the papers: tried on the past, and held to what was shown."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from papertrack.clock import instant, midnight
from papertrack.freshening import LISTS
from papertrack.preferences import Preferences
from papertrack.ranking import backtest as trying
from papertrack.ranking import ledger as keeping
from papertrack.ranking.careers import Career
from papertrack.ranking.trials import Contender
from papertrack.rankings import RANKINGS
from papertrack.store import Store

if TYPE_CHECKING:
    from datetime import timedelta

    from papertrack.update import Progress

_START = midnight(date.min)


class Span(NamedTuple):
    """How long a list reaches back, and the moments at which lists are tried."""

    window: "timedelta"
    since: datetime | None  # None: from the first on
    until: datetime


def backtest(
    store: Store,
    preferences: Preferences,
    rankings: Sequence[str],
    targets: Sequence[str],
    span: Span,
    progress: "Progress | None" = None,
) -> trying.Report:
    """How well each of these rankings would have predicted what is known at the end."""
    careers = [
        Career(paper, listings, tuple(one for one in seen if one.observed_at <= span.until))
        for paper, listings, seen in store.histories(LISTS, _START)
    ]
    return trying.report(
        careers,
        [Contender(name, RANKINGS[name] or preferences.weights) for name in rankings],
        window=span.window,
        targets=targets,
        half_life=preferences.half_life,
        since=span.since,
        progress=progress,
    )


def ledger(store: Store, ranking: str, now: datetime) -> list[keeping.Kept]:
    """The list of each day as it was noted then, and what became of it in a week."""
    careers = {history[0].id: Career(*history) for history in store.histories(LISTS, _START)}
    days: dict[date, tuple[str, datetime, list[tuple[str, float]]]] = {}
    for day, noted_at, _, key, votes in store.promises(ranking):
        days.setdefault(day, (day.isoformat(), instant(noted_at), []))[2].append((key, votes))
    return keeping.keep_score(list(days.values()), careers, now)
