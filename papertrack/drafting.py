"""Putting an issue of a digest together: read the sources, ask the store, rank, compose.

Nothing is written but what reading the sources brings in; an issue that is only looked at leaves
no trace.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from papertrack import freshness
from papertrack.clock import ago
from papertrack.config import Config, DigestConfig
from papertrack.digests.compose import UNSEEN_WINDOW, Material, compose
from papertrack.digests.periods import window
from papertrack.errors import NothingCachedError, SourceError
from papertrack.mailing import Digest, Past
from papertrack.matching import matches
from papertrack.models import Entry, Ranked, Topic, Window
from papertrack.reports import SourceHealth
from papertrack.store import Store

#: Under this name the store keeps when the saved papers were last looked at; once a day is enough.
WATCHED, ASK_AFTER = "watched", timedelta(hours=20)
#: So many of the papers that were saved last are looked at again.
MOST_WATCHED = 200


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
    ask_again: Callable[[Sequence[str]], tuple[SourceError, ...]] | None = None


def draft(plan: DigestConfig, desk: Desk, past: Past) -> Digest:
    """The issue of now. Raises NothingCachedError where nothing is known of the whole window."""
    span = window(plan, desk.now, past.last)
    notes = _freshened(desk, span)
    saved, unanswered = _saved(desk)
    noticed, announced = _pools(plan, desk, span)
    return compose(
        plan,
        Material(
            now=desk.now,
            zone=desk.zone,
            noticed=noticed,
            announced=announced,
            saved=saved,
            topics=desk.config.topics,
            failures=(*(_failure(one, desk.now) for one in _failing(desk)), *notes, *unanswered),
            unseen=lambda: _unseen(desk, plan),
        ),
        past,
    )


def _pools(plan: DigestConfig, desk: Desk, span: Window) -> tuple[list[Ranked], list[Ranked]]:
    """What readers noticed in the window; and all of it, where topics or authors are wanted."""
    numbers = desk.store.listed(span, desk.announcers)
    noticed = desk.store.entries(numbers, desk.now)
    ranked = desk.rank(noticed, plan.rank, desk.now)
    if not (plan.topics or plan.authors):
        return ranked, []
    others = sorted(set(desk.store.listed(span)) - set(numbers))
    wanted = _asked_for(plan, desk, desk.store.entries(others, desk.now))
    return ranked, desk.rank([*noticed, *wanted], plan.rank, desk.now)


def _asked_for(plan: DigestConfig, desk: Desk, entries: Sequence[Entry]) -> list[Entry]:
    """Of everything that was announced what a section may want: the rest need not be ranked."""
    wanted = [topic for topic in desk.config.topics if topic.name in plan.topics]
    wanted += [Topic(name="authors", authors=plan.authors)] if plan.authors else []
    return [
        one for one in entries if any(matches(topic, one.paper) is not None for topic in wanted)
    ]


def _saved(desk: Desk) -> tuple[list[Entry], list[str]]:
    """The saved papers as they are now, those saved last first; and why that may be old news."""
    found = desk.store.entries(desk.store.marked()["saved"], desk.now)
    found.sort(key=lambda entry: (entry.state.saved_at or desk.now, entry.paper.id), reverse=True)
    asked_at = desk.store.learned_at(WATCHED)
    lately = asked_at is not None and timedelta() <= desk.now - asked_at < ASK_AFTER
    if not found or desk.ask_again is None or lately:
        return found, []
    told = desk.ask_again([entry.paper.id for entry in found[:MOST_WATCHED]])
    errors = [error for error in told if error.kind != "skipped"]
    if not errors:
        desk.store.keep_learned(WATCHED, "", desk.now)
    refreshed = desk.store.entries(desk.store.marked()["saved"], desk.now)
    return refreshed, [f"Saved papers were not all looked at: {error}" for error in errors[:1]]


def _unseen(desk: Desk, plan: DigestConfig) -> list[Ranked]:
    span = Window(since=desk.now - UNSEEN_WINDOW, until=desk.now)
    numbers = desk.store.listed(span, desk.announcers)
    return desk.rank(desk.store.entries(numbers, desk.now), plan.rank, desk.now)


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
