"""From what is known to one issue of a digest.

A paper is in an issue once, in the first section that wants it, and in no later issue of the same
digest. Hidden and read papers are left out. What was saved is watched: a change is told once.
"""

import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from papertrack.config import DigestConfig
from papertrack.digests import reasons
from papertrack.digests.periods import LONGEST, Rhythm, window
from papertrack.mailing import (
    AUTHORS,
    CHANGES,
    TOPIC,
    TRENDING,
    UNSEEN,
    Digest,
    Item,
    Past,
    Section,
    Told,
)
from papertrack.matching import matches
from papertrack.models import Entry, Ranked, Topic

#: How far back `send_empty: best-unseen` looks.
UNSEEN_WINDOW = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Material:
    """What an issue is made of."""

    now: datetime
    zone: tzinfo
    noticed: Sequence[Ranked] = ()  # what readers voted on in the window, best first
    announced: Sequence[Ranked] = ()  # everything that came out in it, best first
    saved: Sequence[Entry] = ()
    topics: Sequence[Topic] = ()  # of the configuration
    failures: tuple[str, ...] = ()
    unseen: Callable[[], Sequence[Ranked]] = tuple  # of a longer window, where it is wanted


def compose(plan: DigestConfig, material: Material, past: Past) -> Digest:
    """The issue of now."""
    rhythm = Rhythm.of(plan, material.zone)
    now = material.now.astimezone(material.zone)
    sections = _sections(plan, material, past)
    note = ""
    if not sections and plan.send_empty != "never":
        note = _nothing_new(past, material.zone)
        if plan.send_empty == "best-unseen":
            sections = _best_unseen(plan, material, past)
    return Digest(
        name=plan.name,
        period=rhythm.period(now),
        now=now,
        since=past.last.opened_at.astimezone(material.zone) if past.last else None,
        sections=tuple(sections),
        note=note,
        failures=material.failures,
        next_due=rhythm.after(now),
        watched=_watched(material.saved, past),
    )


def _sections(plan: DigestConfig, material: Material, past: Past) -> list[Section]:
    taken = set(past.papers)
    every = _every(plan, material.now, past)
    found = [
        _taken(
            taken,
            plan.limit,
            Section(
                kind=TRENDING,
                title="Trending",
                items=tuple(
                    Item(ranked=one, reason=reasons.of_rank(one)) for one in material.noticed
                ),
                command=every if plan.rank == "trending" else f"{every} --rank {plan.rank}",
            ),
        )
    ]
    known = {topic.name: topic for topic in material.topics}
    for topic in (known[name] for name in plan.topics if name in known):
        section = Section(
            kind=TOPIC,
            title=f"On {topic.name}",
            items=tuple(_on(topic, material.announced)),
            command=f"{every} --topic {shlex.quote(topic.name)}",
        )
        found.append(_taken(taken, plan.limit, section))
    if plan.authors:
        found.append(_taken(taken, plan.limit, _by_authors(plan, material, every)))
    found.append(_changes(material.saved, past))
    return [section for section in found if section.items]


def _every(plan: DigestConfig, now: datetime, past: Past) -> str:
    """The command that shows what an issue was made of, which after a pause is more than usual."""
    span = window(plan, now, past.last)
    length = span.until - span.since
    if length > plan.window:
        length = -(-length // timedelta(days=1)) * timedelta(days=1)
    return f"papertrack trending --window {_length(min(length, LONGEST))}"


def _ranked(pool: Iterable[Ranked]) -> tuple[Item, ...]:
    return tuple(Item(ranked=one, reason=reasons.of_rank(one)) for one in pool)


def _on(topic: Topic, pool: Iterable[Ranked]) -> Iterable[Item]:
    for one in pool:
        words = matches(topic, one.entry.paper)
        if words is not None:
            yield Item(ranked=one, reason=reasons.of_topic(topic, words, one.entry))


def _by_authors(plan: DigestConfig, material: Material, every: str) -> Section:
    followed = Topic(name=AUTHORS, authors=plan.authors)
    items = []
    for one in material.announced:
        names = matches(followed, one.entry.paper)
        if names is not None:
            items.append(Item(ranked=one, reason=reasons.of_authors(names, one.entry)))
    options = " ".join(f"--author {shlex.quote(name)}" for name in plan.authors)
    return Section(
        kind=AUTHORS,
        title="By authors you follow",
        items=tuple(items),
        command=f"{every} {options}",
    )


def _taken(taken: set[str], limit: int, section: Section) -> Section:
    """The section without what was told before or stands above, cut at the limit.

    The command shows those as well, so its limit is that of all.
    """
    left = [
        item
        for item in section.items
        if item.ranked.entry.paper.id not in taken and _wanted(item.ranked.entry)
    ]
    shown = left[:limit]
    taken.update(item.ranked.entry.paper.id for item in shown)
    return replace(
        section,
        items=tuple(shown),
        more=len(left) - len(shown),
        command=f"{section.command} --limit {len(section.items)}",
    )


def _wanted(entry: Entry) -> bool:
    return entry.state.hidden_at is None and entry.state.read_at is None


def _changes(saved: Sequence[Entry], past: Past) -> Section:
    items = []
    for entry in saved:
        before = past.told.get(entry.paper.id)
        change = reasons.of_change(before, reasons.told(entry)) if before else ""
        if change:
            items.append(Item(ranked=Ranked(entry=entry), reason=change))
    return Section(kind=CHANGES, title="Changes to papers you saved", items=tuple(items))


def _watched(saved: Sequence[Entry], past: Past) -> tuple[Told, ...]:
    now = (reasons.told(entry) for entry in saved)
    return tuple(
        reasons.kept(past.told[one.paper_id], one) if one.paper_id in past.told else one
        for one in now
    )


def _best_unseen(plan: DigestConfig, material: Material, past: Past) -> list[Section]:
    section = Section(
        kind=UNSEEN,
        title="The best of 30 days that you were not told of",
        items=_ranked(material.unseen()),
        command=f"papertrack trending --window {_length(UNSEEN_WINDOW)}",
    )
    found = _taken(set(past.papers), plan.limit, section)
    return [found] if found.items else []


def _nothing_new(past: Past, zone: tzinfo) -> str:
    if past.last is None:
        return "There is nothing to tell yet."
    since = past.last.opened_at.astimezone(zone)
    return f"There is nothing new since {since:%A} {since.day} {since:%B}."


def _length(window: timedelta) -> str:
    hours = max(1, -(-window // timedelta(hours=1)))
    return f"{hours // 24}d" if hours % 24 == 0 else f"{hours}h"
