"""papertrack with its dependencies in place; what a command talks to.

Here store, sources and ranking meet: a verb freshens what it needs, asks the store, ranks, selects.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from papertrack import emptiness, freshness
from papertrack.clock import Clock, ago, iso, midnight
from papertrack.config import Config
from papertrack.errors import NothingCachedError, PaperNotFoundError, PapertrackError, StoreError
from papertrack.models import UPVOTES, Entry, Observation, Ranked, SourceReport, Window
from papertrack.ranking import ordered, rank
from papertrack.rankings import RANKINGS
from papertrack.selecting import Selection, select
from papertrack.store import Store

if TYPE_CHECKING:
    from papertrack.importing import Imported
    from papertrack.intake import LookedUp
    from papertrack.models import Counts
    from papertrack.sources import Source
    from papertrack.update import Progress

#: The source whose lists make `daily`, and most of `trending`.
LISTS = "huggingface"
#: Sources that a reader waits for: they answer in a request or two. The others are for `fetch`.
QUICK = ("huggingface", "paperswithcode", "hackernews")
#: Sources that announce everything there is. A ranked list leaves it out that nobody has noticed
#: yet, unless the reader asked for something of which popularity must not hide any.
ANNOUNCERS = frozenset({"arxiv", "biorxiv", "feeds"})
#: After a failure a reader is not kept waiting for another one; `fetch` always tries.
TRY_AGAIN_AFTER = timedelta(minutes=5)
DEFAULT_WINDOW = timedelta(days=7)
_START = midnight(date.min)


@dataclass(frozen=True, kw_only=True)
class View:
    """How a list is to be shown: which papers, in which order, how many."""

    selection: Selection = Selection()
    ranking: str = "trending"
    order: str = "score"
    limit: int | None = None


@dataclass(frozen=True)
class Listed:
    """A list, and what is to be said beside it."""

    ranked: tuple[Ranked, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One paper with its whole course and its place among the papers of now."""

    ranked: Ranked
    history: tuple[Observation, ...] = ()
    place: str = ""


@dataclass(frozen=True, kw_only=True)
class Tracker:
    """The dependencies, wired once. `sources` is called when the network is really needed."""

    config: Config
    store: Store
    clock: Clock
    sources: "Callable[[], Sequence[Source]]"
    offline: bool = False
    sample: bool = False  # a closed world: nothing to fetch, nothing grows stale
    progress: "Progress | None" = None

    # -- lists ------------------------------------------------------------------------------

    def trending(self, window: timedelta, day: date | None, view: View) -> Listed:
        """What came before readers in the window, ranked as of its end."""
        now = self.clock()
        until = _end_of(day, now) if day else now
        since = until - window if until - _START > window else _START
        span = Window(since=since, until=until)
        notes = self._freshen(freshness.list_days(span, now))
        leave_out = frozenset() if _asks_for_all(view) else ANNOUNCERS
        entries, late = self._known(self.store.listed(span, leave_out), until)
        return self._listed(entries, view, until, span, [*notes, *late])

    def daily(self, first: date, last: date, view: View) -> Listed:
        """The Daily Papers of these days, both included, most votes first."""
        now = self.clock()
        span = Window(since=midnight(first), until=_end_of(last, now))
        end = datetime.combine(last, time.max, now.tzinfo)
        days = freshness.list_days(Window(since=span.since, until=max(span.until, end)), now)
        notes = self._freshen([day for day in days if first <= day <= last])
        entries = self.store.entries(self.store.on_lists(LISTS, first, last), now)
        return self._listed(entries, view, now, span, notes)

    def _listed(
        self, entries: Sequence[Entry], view: View, now: datetime, span: Window, notes: list[str]
    ) -> Listed:
        ranked = ordered(self._rank(entries, view.ranking, now), view.order)
        kept, dropped = select(ranked, view.selection)
        if not kept:
            read = self.store.lists_read(LISTS)
            notes.append(emptiness.explain(span, read, dropped, len(ranked), self.clock()))
        shown = ordered(kept, "score")[: view.limit]
        return Listed(tuple(shown), tuple(notes))

    def _rank(self, entries: Sequence[Entry], name: str, now: datetime) -> list[Ranked]:
        weights = RANKINGS[name] or asdict(self.config.ranking.weights)
        return rank(entries, weights=weights, now=now, half_life=self.config.ranking.half_life)

    def _known(self, numbers: Sequence[int], until: datetime) -> tuple[list[Entry], list[str]]:
        """The papers as they were known at a moment; later counts only if there are no others."""
        entries = self.store.entries(numbers, until)
        if not entries or any(UPVOTES in entry.latest for entry in entries):
            return entries, []
        first = self.store.first_observed(numbers)
        if first is None:
            return entries, []
        note = f"Nothing was counted by {iso(until)}; ranked by counts seen from {iso(first)} on."
        return self.store.entries(numbers, self.clock()), [note]

    # -- single papers ----------------------------------------------------------------------

    def show(self, keys: Sequence[str]) -> list[Shown]:
        """Everything known of these papers; what is not stored is looked up first.

        Raises PaperNotFoundError, naming the first that nobody knows.
        """
        found = self._find(keys)
        now = self.clock()
        week = Window(since=now - DEFAULT_WINDOW, until=now)
        pool = self.store.entries(self.store.listed(week), now)
        places = {one.entry.paper.id: one for one in self._rank(pool, "trending", now)}
        return [self._shown(found[key], places, now) for key in dict.fromkeys(keys)]

    def _shown(self, number: int, places: Mapping[str, Ranked], now: datetime) -> Shown:
        entry = self.store.entries([number], now)[0]
        ranked = places.get(entry.paper.id)
        place = f"{ranked.rank} of {len(places)} in the last 7 days" if ranked else ""
        alone = self._rank([entry], "trending", now)[0]
        return Shown(
            ranked=ranked or Ranked(entry=entry, contributions=alone.contributions),
            history=self.store.history(number),
            place=place,
        )

    def _find(self, keys: Sequence[str]) -> Mapping[str, int]:
        found = self.store.find(keys)
        missing = [key for key in keys if key not in found]
        if missing and self.offline:
            raise PaperNotFoundError(
                f"{missing[0].partition(':')[2]} is not stored, and --offline asks nobody; "
                "leave it out to look it up."
            )
        if missing:
            asked = self.look_up(missing)
            if asked.missing:
                raise _unknown(asked)
        return self.store.find(keys)

    def look_up(self, keys: Sequence[str]) -> "LookedUp":
        """Ask the sources for papers by their ids, until each is known or all have been asked."""
        from papertrack.intake import look_up

        return look_up(self.store, self.sources(), keys, self.clock)

    # -- fetching ---------------------------------------------------------------------------

    def fetch(
        self, days: Sequence[date], names: Sequence[str] = (), *, full: bool = False
    ) -> Iterator[SourceReport]:
        """Ask the sources for these days, and store what they say; `full` forgets what was read."""
        from papertrack.update import no_progress, update

        chosen = [source for source in self.sources() if not names or source.name in names]
        yield from update(
            chosen,
            self.store,
            days,
            clock=self.clock,
            progress=self.progress or no_progress,
            full=full,
        )

    def take_in(self, imported: "Imported", observed_at: datetime) -> "Counts":
        """Store what a file held."""
        from papertrack.intake import take_in

        return take_in(self.store, imported, observed_at, self.clock)

    def resolve(self, keys: Sequence[str]) -> "LookedUp":
        """Find ids for papers that are known by their titles only."""
        from papertrack.intake import resolve

        def progress(done: int, total: int) -> None:
            if self.progress:
                self.progress("titles", done, total)

        return resolve(self.store, self.sources(), keys, self.clock, progress)

    def _freshen(self, days: Sequence[date]) -> list[str]:
        """Read the lists that may have moved, if the network may be used; say what is stale.

        Raises NothingCachedError where there is nothing to show and nobody answered.
        """
        if self.sample:
            return []
        now = self.clock()
        due = freshness.due(days, self.store.lists_read(LISTS), now, self.config.fetch.max_age)
        errors: list[PapertrackError] = []
        if due and not self.offline:
            errors = self._ask_quick(due, now)
        if self.store.is_empty():
            raise _nothing(self.offline, errors[0] if errors else None)
        return [str(error) for error in errors] + self._age(days, due)

    def _ask_quick(self, due: Sequence[date], now: datetime) -> list[PapertrackError]:
        """Ask the sources that a reader waits for, but none that has just failed."""
        names = [name for name in QUICK if not self._failed_lately(name, now)]
        try:
            reports = list(self.fetch(due, names)) if names else []
        except StoreError as error:  # it can be read but not written: show what there is
            return [error]
        return [report.error for report in reports if report.error]

    def _failed_lately(self, name: str, now: datetime) -> bool:
        last = self.store.last_failure(name)
        return last is not None and timedelta() <= now - last < TRY_AGAIN_AFTER

    def _age(self, days: Sequence[date], due: Sequence[date]) -> list[str]:
        """A sentence on how old the lists are, where they are older than they should be."""
        now = self.clock()
        read = self.store.lists_read(LISTS)
        still_due = freshness.due(due, read, now, self.config.fetch.max_age)
        oldest = freshness.oldest_reading(still_due, read, now)
        missing = [day for day in still_due if day not in read]
        notes = []
        if oldest:
            notes.append(f"Counts are as of {ago(oldest, now)} ago ({iso(oldest)}).")
        if missing and len(missing) < len(days):
            notes.append(f"{emptiness.named_days(missing).capitalize()} not read yet.")
        return notes


def _end_of(day: date, now: datetime) -> datetime:
    """The end of a day, or now while it lasts."""
    # Lists are dated by midnight since May 2026: that of the next day is not part of this one.
    return midnight(day + timedelta(days=1)) - timedelta(seconds=1) if day < now.date() else now


def _unknown(asked: "LookedUp") -> PapertrackError:
    """Nobody knows it, or nobody could be asked: these are two things."""
    if asked.errors:
        return asked.errors[0]
    short = asked.missing[0].partition(":")[2]
    return PaperNotFoundError(
        f"No source knows {short}; check the id, or open https://arxiv.org/abs/{short} "
        "to see whether it exists."
    )


def _asks_for_all(view: View) -> bool:
    """Whether the reader named what to see, or wants the newest first."""
    wanted = view.selection
    named = (wanted.topic, wanted.categories, wanted.authors, wanted.match, wanted.sources)
    return any(named) or "new" in (view.order, view.ranking)


def _nothing(offline: bool, error: PapertrackError | None) -> NothingCachedError:
    demo = "`papertrack --demo trending` shows a sample without any network"
    if error:
        return NothingCachedError(f"Nothing is stored yet, and {error} Meanwhile {demo}.")
    if offline:
        return NothingCachedError(
            f"Nothing is stored yet, and --offline asks nobody; leave it out once, or try: {demo}."
        )
    return NothingCachedError(f"Nothing is stored yet, and no source answered lately; {demo}.")
