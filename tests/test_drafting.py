"""Putting an issue together from a real store: what it asks of the sources, and what it leaves."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, timedelta

import pytest
from builders import NOW, TODAY, paper

from papertrack.config import Config, DigestConfig
from papertrack.drafting import Desk, draft
from papertrack.errors import (
    NothingCachedError,
    SourceError,
    SourceSkippedError,
    SourceUnavailableError,
)
from papertrack.mailing import CHANGES, Digest, Past
from papertrack.models import Entry, Listing, Paper, Ranked, ReaderState, Topic
from papertrack.ranking import rank
from papertrack.reports import Batch
from papertrack.store import Store

PLAN = DigestConfig(name="morning", to=("me@example.org",))
NO_PAST = Past()
ANNOUNCERS = frozenset({"arxiv"})


def put(store: Store, *papers: Paper, source: str = "huggingface", day: date = TODAY) -> None:
    listings = tuple(Listing(paper_id=one.id, source=source, list_date=day) for one in papers)
    store.add(source, Batch(papers=papers, listings=listings), NOW)


def desk(store: Store, config: Config = Config(), **changed: object) -> Desk:  # noqa: B008
    def ranked(entries: Sequence[Entry], name: str, now: object) -> list[Ranked]:
        return rank(entries, weights={"recency": 1.0}, now=NOW, half_life=timedelta(days=7))

    given = Desk(
        config=config,
        store=store,
        now=NOW,
        zone=UTC,
        announcers=ANNOUNCERS,
        rank=ranked,
        freshen=lambda days: [],
    )
    return replace(given, **changed)  # type: ignore[arg-type]


def titles(digest: Digest) -> list[list[str]]:
    return [
        [item.ranked.entry.paper.title for item in section.items] for section in digest.sections
    ]


def test_what_only_arxiv_announced_is_told_where_a_topic_or_an_author_wants_it(
    store: Store,
) -> None:
    put(store, paper("1", title="Noticed"))
    announced = (
        paper("2", title="An agent nobody saw"),
        paper("3", title="A proof", authors=("Emmy Noether",)),
        paper("4", title="Something else"),
    )
    put(store, *announced, source="arxiv")
    assert titles(draft(PLAN, desk(store), NO_PAST)) == [["Noticed"]]
    plan = replace(PLAN, topics=("agents",), authors=("Noether",))
    config = Config(topics=(Topic(name="agents", any=("agent",)),))
    assert titles(draft(plan, desk(store, config), NO_PAST)) == [
        ["Noticed"],
        ["An agent nobody saw"],
        ["A proof"],
    ]


def test_saved_papers_are_looked_at_again_once_a_day(store: Store) -> None:
    put(store, paper("1", version=1), day=TODAY - timedelta(days=60))
    put(store, paper("2"))
    store.set_states({"arxiv:1": ReaderState(saved_at=NOW)})
    asked: list[Sequence[str]] = []

    def ask(keys: Sequence[str]) -> tuple[SourceError, ...]:
        asked.append(keys)
        version = Batch(papers=(paper("1", version=1 + len(asked)),))
        store.add("arxiv", version, NOW)
        return ()

    first = draft(PLAN, desk(store, ask_again=ask), NO_PAST)
    past = Past(told={one.paper_id: replace(one, version=1) for one in first.watched})
    second = draft(PLAN, desk(store, ask_again=ask), past)
    assert asked == [["arxiv:1"]]
    changes = next(section for section in second.sections if section.kind == CHANGES)
    assert changes.items[0].reason == "version 2 is out; you knew version 1"
    tomorrow = desk(store, ask_again=ask, now=NOW + timedelta(days=1))
    draft(PLAN, tomorrow, past)
    assert len(asked) == 2


def test_where_saved_papers_cannot_be_looked_at_that_is_said_and_tried_again(store: Store) -> None:
    put(store, paper("1"))
    store.set_states({"arxiv:1": ReaderState(saved_at=NOW)})
    down = SourceUnavailableError("arxiv did not answer.")
    failing = desk(store, ask_again=lambda keys: (down,))
    said = "Saved papers were not all looked at: arxiv did not answer."
    assert draft(PLAN, failing, NO_PAST).failures == (said,)
    assert draft(PLAN, failing, NO_PAST).failures == (said,)


def test_a_source_without_a_key_does_not_keep_asking(store: Store) -> None:
    put(store, paper("1"))
    store.set_states({"arxiv:1": ReaderState(saved_at=NOW)})
    skipped = desk(store, ask_again=lambda keys: (SourceSkippedError("It needs a key."),))
    assert not draft(PLAN, skipped, NO_PAST).failures
    asked = desk(store, ask_again=lambda keys: (SourceUnavailableError("Asked again."),))
    assert not draft(PLAN, asked, NO_PAST).failures


def test_where_nothing_could_be_read_but_a_file_was_taken_in_that_is_told(store: Store) -> None:
    def refuse(days: Sequence[date]) -> list[str]:
        raise NothingCachedError("Nobody answers.")

    with pytest.raises(NothingCachedError):
        draft(PLAN, desk(store, freshen=refuse), NO_PAST)
    put(store, paper("1", title="From a file"), source="import")
    assert titles(draft(PLAN, desk(store, freshen=refuse), NO_PAST)) == [["From a file"]]
