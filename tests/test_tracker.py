"""The verbs: when the network is asked, what is said beside a list, and what a list holds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest
from builders import NOW, SOURCE, entry, paper

from papertrack.config import Config
from papertrack.errors import (
    NothingCachedError,
    PaperNotFoundError,
    SourceError,
    SourceUnavailableError,
)
from papertrack.models import COMMENTS, GITHUB_STARS, UPVOTES
from papertrack.rankings import ORDERS, RANKINGS
from papertrack.reports import Batch
from papertrack.selecting import Selection
from papertrack.sources.base import Wanted
from papertrack.store import MEMORY, Store
from papertrack.tracker import LISTS, Listed, Tracker, View

WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)
DAYS = [date(2026, 4, day) for day in (8, 9, 10, 13, 14, 15)]


@dataclass
class Lists:
    """A source with two papers on each list, more votes on later ones; it can be made to fail."""

    asked: list[list[date]] = field(default_factory=list)
    broken: dict[date, SourceError] = field(default_factory=dict)
    dead: SourceError | None = None
    now: datetime = NOW
    name: str = SOURCE

    def fetch(self, wanted: Wanted, state: Mapping[str, str]) -> Iterator[Batch]:
        self.asked.append(sorted(wanted.days))
        if self.dead:
            raise self.dead
        for day in wanted.days:
            if day in self.broken:
                yield Batch(failures=(self.broken[day],))
            else:
                yield self._list(day)

    def _list(self, day: date) -> Batch:
        entries = [
            entry(paper(f"2604.{day:%d}00{n}"), votes=(10 * day.day + n,), day=day) for n in (1, 2)
        ]
        counts = [seen for one in entries for seen in one.observations]
        return Batch(
            papers=tuple(one.paper for one in entries),
            listings=tuple(listing for one in entries for listing in one.listings),
            observations=tuple(count._replace(observed_at=self.now) for count in counts),
            lists=(day,),
        )

    def lookup(self, key: str) -> Batch:
        if key != "arxiv:1706.03762":
            return Batch()
        return Batch(papers=(paper("1706.03762", title="Attention Is All You Need"),))


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class World:
    """A tracker, its source and its clock."""

    lists: Lists = field(default_factory=Lists)
    clock: Clock = field(default_factory=Clock)
    store: Store = field(default_factory=lambda: Store(MEMORY))

    def tracker(self, *, offline: bool = False) -> Tracker:
        return Tracker(
            config=Config,
            store=self.store,
            clock=self.clock,
            sources=lambda: [self.lists],
            offline=offline,
        )

    def trending(
        self,
        day: date | None = None,
        *,
        window: timedelta = WEEK,
        offline: bool = False,
        **view: object,
    ) -> Listed:
        wanted = View(**view)  # type: ignore[arg-type]
        return self.tracker(offline=offline).trending(window, day, wanted)

    def daily(self, first: date, last: date | None = None, *, offline: bool = False) -> Listed:
        wanted = View(order="upvotes")
        return self.tracker(offline=offline).daily(first, last or first, wanted)


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.store.close()


def numbers(listed: Listed) -> list[str]:
    return [one.entry.paper.arxiv_id for one in listed.ranked]


# -- when the network is asked ----------------------------------------------------------------


def test_an_empty_store_is_filled_by_the_first_look(world: World) -> None:
    listed = world.trending()
    assert world.lists.asked == [DAYS]
    assert len(listed.ranked) == 10  # the lists of the 8th were before the window began
    assert listed.notes == ()


def test_fresh_lists_are_not_asked_for_again_and_old_ones_are(world: World) -> None:
    world.trending()
    world.clock.now += HOUR
    assert world.trending().notes == ()
    assert len(world.lists.asked) == 1
    world.clock.now += HOUR
    world.trending()
    assert world.lists.asked[1:] == [DAYS]


def test_only_the_days_that_are_shown_are_asked_for(world: World) -> None:
    world.daily(date(2026, 4, 14))
    assert world.lists.asked == [[date(2026, 4, 14)]]
    world.trending(date(2026, 4, 14), window=timedelta(days=2))
    assert world.lists.asked[1:] == [[date(2026, 4, 13)]]


def test_offline_asks_nobody_and_says_how_old_it_is(world: World) -> None:
    world.trending()
    world.clock.now += timedelta(hours=3)
    listed = world.trending(offline=True)
    assert len(world.lists.asked) == 1
    assert listed.ranked
    assert listed.notes == ("Counts are as of 3 hours ago (2026-04-15T12:00:00Z).",)


def test_a_failing_source_is_told_and_what_is_stored_is_shown(world: World) -> None:
    world.trending()
    world.clock.now += timedelta(hours=3)
    world.lists.dead = SourceUnavailableError("huggingface.co could not be read.")
    listed = world.trending()
    assert listed.ranked
    assert listed.notes == (
        "huggingface.co could not be read.",
        "Counts are as of 3 hours ago (2026-04-15T12:00:00Z).",
    )


def test_after_a_failure_a_reader_is_not_kept_waiting_for_another(world: World) -> None:
    world.trending()
    world.clock.now += timedelta(hours=3)
    world.lists.dead = SourceUnavailableError("huggingface.co could not be read.")
    world.trending()
    world.clock.now += timedelta(minutes=4)
    assert world.trending().notes == ("Counts are as of 3 hours ago (2026-04-15T12:00:00Z).",)
    assert len(world.lists.asked) == 2
    world.clock.now += timedelta(minutes=2)
    world.trending()
    assert len(world.lists.asked) == 3


def test_a_day_that_could_not_be_read_is_told_beside_the_others(world: World) -> None:
    missing = date(2026, 4, 14)
    world.lists.broken[missing] = SourceUnavailableError("The list of 2026-04-14 is damaged.")
    listed = world.trending()
    assert len(listed.ranked) == 8
    assert "The list of 2026-04-14 is damaged." in listed.notes
    assert "The list of 2026-04-14 was not read yet; `papertrack fetch` does." in listed.notes


@pytest.mark.parametrize("offline", [True, False])
def test_nothing_stored_and_nobody_answers_is_an_error_that_names_the_demo(
    world: World, offline: bool
) -> None:
    world.lists.dead = SourceUnavailableError("huggingface.co could not be read.")
    with pytest.raises(NothingCachedError, match=r"`papertrack --demo trending`") as told:
        world.trending(offline=offline)
    assert ("--offline" if offline else "huggingface.co could not be read") in str(told.value)


def test_nothing_stored_is_told_again_where_nobody_is_asked_so_soon(world: World) -> None:
    world.lists.dead = SourceUnavailableError("huggingface.co could not be read.")
    for _ in range(2):
        with pytest.raises(NothingCachedError, match="--demo"):
            world.daily(date(2026, 4, 14))


# -- what a list holds ------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "papers"), [(1, 2), (3, 6), (7, 10), (30, 12)])
def test_a_window_holds_what_came_before_readers_in_it(
    world: World, days: int, papers: int
) -> None:
    world.lists.asked.clear()
    list(world.tracker().fetch(DAYS))
    assert len(world.trending(window=timedelta(days=days), offline=True).ranked) == papers


def test_a_list_as_of_a_day_knows_nothing_later(world: World) -> None:
    for votes, now in ((5, NOW - timedelta(days=1)), (500, NOW)):
        one = entry(paper(), votes=(votes,), day=date(2026, 4, 13))
        counts = tuple(count._replace(observed_at=now) for count in one.observations)
        batch = Batch(
            papers=(one.paper,),
            listings=one.listings,
            observations=counts,
            lists=tuple(DAYS),
        )
        world.store.add(LISTS, batch, now)
    [then] = world.trending(date(2026, 4, 14), offline=True).ranked
    [today] = world.trending(offline=True).ranked
    assert (then.entry.latest[UPVOTES], today.entry.latest[UPVOTES]) == (5, 500)


def test_where_nothing_was_counted_by_then_later_counts_are_taken_and_it_is_said(
    world: World,
) -> None:
    list(world.tracker().fetch(DAYS))
    listed = world.trending(date(2026, 4, 13), offline=True)
    assert listed.notes[-1] == (
        "No counts from before 2026-04-13T23:59:59Z are stored; "
        "these are from 2026-04-15T12:00:00Z on."
    )
    assert listed.ranked[0].entry.latest[UPVOTES] > 0


def test_a_day_to_come_is_as_of_now(world: World) -> None:
    assert numbers(world.trending(date(9999, 12, 31))) == numbers(world.trending())


def test_the_first_of_all_days_is_a_day(world: World) -> None:
    world.trending()
    assert world.trending(date.min).ranked == ()


def test_a_day_has_its_own_papers_most_votes_first(world: World) -> None:
    assert numbers(world.daily(date(2026, 4, 14))) == ["2604.14002", "2604.14001"]


def test_a_stretch_of_days_has_those_of_all(world: World) -> None:
    listed = world.daily(date(2026, 4, 13), date(2026, 4, 19))
    assert numbers(listed)[:2] == ["2604.15002", "2604.15001"]
    assert len(listed.ranked) == 6
    assert world.lists.asked == [DAYS[3:]]


def test_a_weekend_says_that_it_is_one(world: World) -> None:
    world.trending()
    assert world.daily(date(2026, 4, 11)).notes == (
        "Empty: Daily Papers have no lists on weekends (2026-04-11); the newest is 2026-04-15.",
    )


def test_a_day_to_come_has_no_list_yet(world: World) -> None:
    world.trending()
    assert world.daily(date(2026, 4, 17)).notes == (
        "There is no list yet for 2026-04-17: it opens at 2026-04-17T01:30:00Z; "
        "the newest is 2026-04-15.",
    )


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_sorts_by_what_it_is_called_after(world: World, order: str) -> None:
    world.store.add(LISTS, _varied(), NOW)
    listed = world.trending(offline=True, order=order)
    value = {
        "score": lambda one: one.score,
        "upvotes": lambda one: one.entry.latest[UPVOTES],
        "velocity": lambda one: one.entry.pace(UPVOTES),
        "stars": lambda one: one.entry.latest.get(GITHUB_STARS, -1),
        "comments": lambda one: one.entry.latest.get(COMMENTS, -1),
        "citations": lambda one: one.score,
        "new": lambda one: one.entry.listed_at,
    }[order]
    values = [value(one) for one in listed.ranked]
    assert values == sorted(values, reverse=True)
    assert [one.rank for one in listed.ranked] == [1, 2, 3, 4]


def _varied() -> Batch:
    entries = [
        entry(paper("2604.00001"), votes=(10, 12), stars=5, day=date(2026, 4, 15)),
        entry(paper("2604.00002"), votes=(1, 90), comments=7, day=date(2026, 4, 14)),
        entry(paper("2604.00003"), votes=(99, 100), stars=900, comments=1, day=date(2026, 4, 13)),
        entry(paper("2604.00004"), votes=(3,), day=date(2026, 4, 10)),
    ]
    return Batch(
        papers=tuple(one.paper for one in entries),
        listings=tuple(listing for one in entries for listing in one.listings),
        observations=tuple(seen for one in entries for seen in one.observations),
        lists=tuple(DAYS),
    )


@pytest.mark.parametrize("name", list(RANKINGS))
def test_every_ranking_gives_all_papers_and_points_that_add_up(world: World, name: str) -> None:
    world.store.add(LISTS, _varied(), NOW)
    listed = world.trending(offline=True, ranking=name)
    scores = [one.score or 0 for one in listed.ranked]
    assert len(scores) == 4
    assert scores == sorted(scores, reverse=True)
    for one in listed.ranked:
        assert sum(part.points for part in one.contributions) == pytest.approx(one.score)


def test_a_limit_is_of_what_passes_the_filters(world: World) -> None:
    world.store.add(LISTS, _varied(), NOW)
    wish = Selection(exclude="2604.00002")
    listed = world.trending(offline=True, order="upvotes", selection=wish, limit=2)
    assert numbers(listed) == ["2604.00003", "2604.00001"]
    assert [one.rank for one in listed.ranked] == [1, 2]


def test_what_is_shown_of_a_few_is_what_is_shown_of_all(world: World) -> None:
    few, every = world.trending(limit=2).ranked, world.trending().ranked

    assert few == every[:2]
    assert few[0].entry.paper.title


def test_filters_that_drop_everything_say_how_many_each_took(world: World) -> None:
    world.store.add(LISTS, _varied(), NOW)
    wish = Selection(match="2604.00002", exclude="paper")
    listed = world.trending(offline=True, selection=wish)
    assert listed.ranked == ()
    assert listed.notes == (
        "All 4 papers of this time were filtered out: 3 by --match, 1 by --not.",
    )


# -- one paper --------------------------------------------------------------------------------


def test_a_paper_of_the_week_has_its_place_in_it(world: World) -> None:
    world.trending()
    [shown] = world.tracker().show(["arxiv:2604.15002"])
    assert shown.place.endswith(" of 10 in the last 7 days")
    assert [one.kind for one in shown.history] == [UPVOTES]


def test_an_older_paper_says_what_it_would_rank_by(world: World) -> None:
    list(world.tracker().fetch(DAYS))
    [shown] = world.tracker().show(["arxiv:2604.08001"])
    assert shown.place == ""
    assert shown.ranked.rank is None
    assert shown.ranked.contributions


def test_what_is_not_stored_is_looked_up_once_and_kept(world: World) -> None:
    [shown] = world.tracker().show(["arxiv:1706.03762"])
    assert shown.ranked.entry.paper.title == "Attention Is All You Need"
    assert world.tracker(offline=True).show(["arxiv:1706.03762"]) == [shown]


def test_what_nobody_knows_is_told_with_its_id(world: World) -> None:
    with pytest.raises(PaperNotFoundError, match=r"No source knows 2604\.99999; check the id"):
        world.tracker().show(["arxiv:2604.99999"])
    with pytest.raises(PaperNotFoundError, match="--offline asks nobody"):
        world.tracker(offline=True).show(["arxiv:2604.99999"])


def test_several_papers_come_in_the_order_of_asking(world: World) -> None:
    world.trending()
    keys = ["arxiv:2604.14001", "arxiv:2604.15001", "arxiv:2604.14001"]
    shown = world.tracker().show(keys)
    assert [one.ranked.entry.paper.id for one in shown] == keys[:2]
