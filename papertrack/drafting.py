"""Putting an issue of a digest together: read the sources, ask the store, rank, compose.

Nothing is written but what reading the sources brings in; an issue that is only looked at leaves
no trace.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from papertrack import freshness
from papertrack.clock import ago
from papertrack.config import Config, DigestConfig
from papertrack.digests.compose import UNSEEN_WINDOW, Material, compose
from papertrack.digests.periods import window
from papertrack.errors import NothingCachedError
from papertrack.mailing import Digest, Past
from papertrack.models import Entry, Ranked, Window
from papertrack.reports import SourceHealth
from papertrack.store import Store


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What drafting needs of its surroundings; `freshen` says what could not be read."""

    config: Config
    store: Store
    now: datetime
    zone: tzinfo
    announcers: frozenset[str]  # sources that announce everything there is
    rank: Callable[[Sequence[Entry], str, datetime], list[Ranked]]
    freshen: Callable[[Sequence[date]], list[str]]


def draft(plan: DigestConfig, desk: Desk, past: Past) -> Digest:
    """The issue of now. Raises NothingCachedError where nothing is known of the whole window."""
    span = window(plan, desk.now, past.last)
    notes = _freshened(desk, span)
    broad = bool(plan.topics or plan.authors)
    noticed = desk.store.listed(span, desk.announcers)
    announced = desk.store.listed(span) if broad else []
    return compose(
        plan,
        Material(
            now=desk.now,
            zone=desk.zone,
            noticed=_ranked(desk, plan, noticed),
            announced=_ranked(desk, plan, announced),
            saved=desk.store.entries(desk.store.marked()["saved"], desk.now),
            topics=desk.config.topics,
            failures=(*(_failure(one, desk.now) for one in _failing(desk)), *notes),
            unseen=lambda: _unseen(desk, plan),
        ),
        past,
    )


def _ranked(desk: Desk, plan: DigestConfig, numbers: Sequence[int]) -> list[Ranked]:
    if not numbers:
        return []
    return desk.rank(desk.store.entries(numbers, desk.now), plan.rank, desk.now)


def _unseen(desk: Desk, plan: DigestConfig) -> list[Ranked]:
    span = Window(since=desk.now - UNSEEN_WINDOW, until=desk.now)
    return _ranked(desk, plan, desk.store.listed(span, desk.announcers))


def _freshened(desk: Desk, span: Window) -> list[str]:
    """Read the lists of the window; what is old or missing is said, and the rest is told."""
    try:
        notes = desk.freshen(freshness.list_days(span, desk.now))
    except NothingCachedError:
        if not desk.store.listed(span):
            raise
        return []
    told = {health.last_error for health in _failing(desk)}
    return [note for note in notes if note not in told]


def _failing(desk: Desk) -> list[SourceHealth]:
    """The sources in use that gave nothing when they were last asked."""
    return [
        health
        for health in desk.store.health()
        if health.failures_in_a_row and _in_use(desk.config, health.source)
    ]


def _failure(health: SourceHealth, now: datetime) -> str:
    good = health.last_success_at
    last = f"last read {ago(good, now)} ago" if good else "never read so far"
    return f"{health.source} could not be read ({last}): {health.last_error}"


def _in_use(config: Config, source: str) -> bool:
    section = getattr(config.sources, source, None)
    return section is not None and section.enabled and source in config.fetch.sources
