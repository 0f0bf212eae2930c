"""papertrack with its dependencies in place; what a command talks to.

Here store, sources and ranking meet: a verb freshens what it needs, asks the store, ranks, selects.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from papertrack import freshness
from papertrack.clock import Clock, iso, midnight, newest_list_day
from papertrack.errors import NothingCachedError, PaperNotFoundError, PapertrackError, UsageError
from papertrack.freshening import LISTS, Freshener
from papertrack.models import UPVOTES, Entry, Observation, Ranked, Window
from papertrack.preferences import Preferences
from papertrack.ranking import numbered, ordered, rank
from papertrack.ranking.expected import from_text, to_text
from papertrack.rankings import RANKINGS
from papertrack.selecting import Selection, select
from papertrack.store import Store

if TYPE_CHECKING:
    from papertrack.comparing import Likes
    from papertrack.config import Config, DigestConfig
    from papertrack.encoding import Meaning
    from papertrack.errors import SourceError
    from papertrack.importing import Imported
    from papertrack.importing.snapshot import Snapshot
    from papertrack.intake import LookedUp
    from papertrack.mailing import Digest, Past
    from papertrack.models import Topic
    from papertrack.querying import Query
    from papertrack.ranking.backtest import Report
    from papertrack.ranking.ledger import Kept
    from papertrack.recommending import Wish
    from papertrack.reports import Account, Batch, Counts, SourceReport
    from papertrack.sources import Source
    from papertrack.update import Progress

#: Sources that announce everything there is. A ranked list leaves it out that nobody has noticed
#: yet, unless the reader asked for something of which popularity must not hide any.
ARXIV = "arxiv"
ANNOUNCERS = frozenset({ARXIV, "biorxiv", "feeds"})
DEFAULT_WINDOW = timedelta(days=7)
#: From so far back papers are recommended, if nothing else is said.
RECOMMENDED = timedelta(days=30)
TRENDING = "trending"
#: The name under which the store keeps what is normal, and how far back that is learned from.
NORM, MEMORY = "norm", timedelta(days=365)
LEARN_AFTER = timedelta(hours=20)
#: How many papers of a day's list are noted in the ledger.
PROMISED = 20
_EVER = datetime(9999, 1, 1, tzinfo=UTC)
_START = midnight(date.min)


class View(NamedTuple):
    """How a list is to be shown: which papers, in which order, how many."""

    selection: Selection = Selection()
    ranking: str = "trending"
    order: str = "score"
    diverse: bool = False
    limit: int | None = None


class Listed(NamedTuple):
    """A list, and what is to be said beside it."""

    ranked: tuple[Ranked, ...]
    notes: tuple[str, ...] = ()
    total: int = 0  # how many there are without the limit


class OnTopic(NamedTuple):
    """The papers of a topic, each with the words of the topic that it has."""

    topic: "Topic"
    found: tuple[tuple[Ranked, tuple[str, ...]], ...]
    total: int


class Shown(NamedTuple):
    """One paper with its whole course and its place among the papers of now."""

    ranked: Ranked
    history: tuple[Observation, ...] = ()
    accounts: "tuple[Account, ...]" = ()
    place: str = ""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Tracker:
    """The dependencies, wired once. `sources` is called when the network is really needed."""

    config: "Callable[[], Config]"  # all of it, for what is not about lists
    store: Store
    clock: Clock
    sources: "Callable[[], Sequence[Source]]"
    preferences: Preferences = Preferences()
    offline: bool = False
    sample: bool = False  # a closed world: nothing to fetch, nothing grows stale
    progress: "Progress | None" = None
    tell: "Callable[[str], None]" = lambda sentence: None  # what a reader should hear at once

    # -- lists ------------------------------------------------------------------------------

    def trending(self, window: timedelta, day: date | None, view: View) -> Listed:
        """What came before readers in the window, ranked as of its end."""
        now = self.clock()
        until = _end_of(day, now) if day else now
        since = until - window if until - _START > window else _START
        span = Window(since=since, until=until)
        notes = self._freshen(freshness.list_days(span, now))
        leave_out = frozenset() if _asks_for_all(view) else ANNOUNCERS
        brief = view.limit is not None and not self._reads_papers(view)
        entries, late = self._known(self.store.listed(span, leave_out), until, brief=brief)
        listed = self._listed(entries, view, until, span, [*notes, *late])
        return listed._replace(ranked=self._in_full(listed.ranked)) if brief else listed

    def daily(self, first: date, last: date, view: View) -> Listed:
        """The Daily Papers of these days, both included, most votes first."""
        now = self.clock()
        span = Window(since=midnight(first), until=_end_of(last, now))
        end = datetime.combine(last, time.max, now.tzinfo)
        days = freshness.list_days(Window(since=span.since, until=max(span.until, end)), now)
        notes = self._freshen([day for day in days if first <= day <= last])
        entries, late = self._known(self.store.on_lists(LISTS, first, last), now)
        return self._listed(entries, view, now, span, [*notes, *late])

    def saved(self, view: View, tags: Sequence[str] = (), *, unread: bool = False) -> Listed:
        """The reading list, last saved first where no other order is asked for."""
        now = self.clock()
        entries = self.store.entries(self.store.reading_list(), now)
        kept = [
            entry
            for entry in entries
            if (not tags or set(tags) & set(entry.state.tags))
            and not (unread and entry.state.read_at)
        ]
        ranked = self._rank(kept, view.ranking, now)
        if view.order == "saved":
            ranked.sort(key=lambda one: one.entry.state.saved_at or now, reverse=True)
            ranked = ordered(ranked, "score")
        else:
            ranked = ordered(ranked, view.order)
        found, dropped = select(ranked, view.selection)
        notes = [] if found else [_nothing_saved(len(entries), tags, dropped)]
        return Listed(tuple(found[: view.limit]), tuple(notes), total=len(found))

    def on_topics(
        self, topics: "Sequence[Topic]", window: timedelta, limit: int | None
    ) -> list[OnTopic]:
        """What of the window is on each topic, best first, and which words it has of it."""
        from papertrack.matching import matches

        now = self.clock()
        span = Window(since=now - window, until=now)
        entries = self.store.entries(self.store.listed(span), now)
        visible = [entry for entry in entries if entry.state.hidden_at is None]
        ranked = self._rank(visible, TRENDING, now)
        told = []
        for topic in topics:
            fitting = ((one, matches(topic, one.entry.paper)) for one in ranked)
            found = [(one, words) for one, words in fitting if words is not None]
            told.append(OnTopic(topic, tuple(found[:limit]), total=len(found)))
        return told

    def _listed(
        self, entries: Sequence[Entry], view: View, now: datetime, span: Window, notes: list[str]
    ) -> Listed:
        ranked = ordered(self._rank(entries, view.ranking, now), view.order)
        kept, dropped = select(ranked, view.selection)
        if not kept:
            notes.append(self._why_empty(entries, view, span, dropped))
        if view.diverse:
            from papertrack.ranking.diversity import diverse

            kept = diverse(kept)
        shown = numbered(kept[: view.limit])
        return Listed(tuple(shown), tuple(notes), total=len(kept))

    def _reads_papers(self, view: View) -> bool:
        """Whether the order or the choice goes by what is in the papers, so that all are read."""
        return bool(self.preferences.topics) or view.diverse or view.selection.reads_papers

    def _in_full(self, ranked: Sequence[Ranked]) -> tuple[Ranked, ...]:
        """What was ranked by brief papers, with all that is known of them."""
        papers = self.store.papers([one.entry.paper.id for one in ranked])
        return tuple(
            one._replace(entry=replace(one.entry, paper=papers[one.entry.paper.id]))
            for one in ranked
            if one.entry.paper.id in papers  # a run beside this one may have taken it out
        )

    def _why_empty(
        self, entries: Sequence[Entry], view: View, span: Window, dropped: Mapping[str, int]
    ) -> str:
        from papertrack import emptiness

        asked = view.selection.sources
        source = ARXIV if asked == (ARXIV,) else LISTS
        about = emptiness.Circumstances(
            span=span,
            now=self.clock(),
            source=source,
            read=self.store.lists_read(source),
            # Of an announcer that has announced nothing, that is the reason, and not the filter.
            found=0 if source == ARXIV and set(dropped) == {"--source"} else len(entries),
            dropped=dropped,
            without_categories=sum(not entry.paper.categories for entry in entries),
            health=next((one for one in self.store.health() if one.source == source), None),
            sample=self.sample,
        )
        return emptiness.explain(about)

    def _rank(self, entries: Sequence[Entry], name: str, now: datetime) -> list[Ranked]:
        return rank(
            entries,
            weights=RANKINGS[name] or self.preferences.weights,
            now=now,
            half_life=self.preferences.half_life,
            norm=from_text(self.store.learned(NORM)),
            topics=self.preferences.topics,
        )

    def _known(
        self, numbers: Sequence[int], until: datetime, *, brief: bool = False
    ) -> tuple[list[Entry], list[str]]:
        """The papers as they were known at a moment; later counts only if there are no others."""
        entries = self.store.entries(numbers, until, brief=brief)
        if not entries or any(UPVOTES in entry.latest for entry in entries):
            return entries, []
        first = self.store.first_observed(numbers)
        if first is None:
            return entries, []
        note = f"No counts from before {iso(until)} are stored; these are from {iso(first)} on."
        return self.store.entries(numbers, _EVER, brief=brief), [note]

    # -- papers like others -----------------------------------------------------------------

    def similar(self, keys: Sequence[str], view: View) -> Listed:
        """What in the whole store is nearest to these papers."""
        from papertrack.comparing import Likes

        likes = Likes(stored=tuple(dict.fromkeys(self._find(keys).values())))
        return self._like(likes, None, view, [])

    def recommend(self, wish: "Wish", window: timedelta | None, view: View) -> Listed:
        """What of the window, or of the whole store, is nearest to what the reader likes."""
        from papertrack.recommending import likes_of

        named = self._find(wish.keys).values() if wish.keys else ()
        likes = likes_of(self.store, wish, named)
        if window is None:
            return self._like(likes, None, view, [], remembers=True)
        now = self.clock()
        span = Window(since=now - window, until=now)
        try:
            notes = self._freshen(freshness.list_days(span, now))
        except NothingCachedError as error:
            notes = [str(error)]
            if not self.store.listed(span):
                raise
        return self._like(likes, self.store.listed(span), view, notes, remembers=True)

    def _like(
        self,
        likes: "Likes",
        pool: Sequence[int] | None,
        view: View,
        notes: Sequence[str],
        *,
        remembers: bool = False,
    ) -> Listed:
        """The nearest of a pool; they are picked by likeness and then put in the view's order."""
        from papertrack.comparing import Comparer
        from papertrack.recommending import nearest

        choice = view.limit and view.limit * (3 if view.diverse else 1)
        comparer = Comparer(
            store=self.store,
            model=lambda: self.config().similarity.model,
            progress=self._bar("model"),
            tell=self.tell,
            remembers=remembers,
        )
        found = nearest(likes, pool, view.selection, choice, self.clock(), comparer)
        ranked = list(found.ranked)
        if view.diverse:
            from papertrack.ranking.diversity import diverse

            ranked = diverse(ranked)
        shown = ordered(ranked[: view.limit], view.order)
        return Listed(tuple(shown), (*notes, *found.notes), total=found.total)

    def search(self, query: "Query", view: View, *, remote: bool = False) -> Listed:
        """The stored papers that answer a question; with `remote`, after asking elsewhere too."""
        from papertrack.searching import Wish, search

        now = self.clock()
        week = Window(since=now - DEFAULT_WINDOW, until=now)
        if remote:
            notes = self._search_remotely(query)
        else:
            notes = self._freshen(freshness.list_days(week, now)) if self.store.is_empty() else []
        limit = None if view.diverse else view.limit
        wish = Wish(selection=view.selection, order=view.order, limit=limit)
        found = search(
            self.store, query, wish, now, lambda pool: self._rank(pool, TRENDING, now), self._sense
        )
        ranked = list(found.ranked)
        if view.diverse:
            from papertrack.ranking.diversity import diverse

            ranked = ordered(diverse(ranked), "score")
        return Listed(tuple(ranked[: view.limit]), (*notes, *found.notes), found.total)

    def _search_remotely(self, query: "Query") -> list[str]:
        from papertrack.intake import search

        if self.offline:
            raise UsageError("--remote asks Hugging Face, and --offline nobody; leave one out.")
        able = [source for source in self.sources() if hasattr(source, "search")]
        if not able:
            return ["No source that is switched on has a search; sources.huggingface would have."]
        counts, errors = search(self.store, able, query.said, self.clock)
        if errors:
            return [f"{error} These are the papers that were stored before." for error in errors]
        return [f"Hugging Face finds {counts.papers} papers; {counts.new} of them are new here."]

    def _sense(self) -> "Meaning | None":
        """What the papers mean, where `embed` has been at work."""
        from papertrack import encoding

        place = encoding.place_of(self.store)
        if place is None or not place.exists():
            return None
        return encoding.meaning_of(self.store, self.config().similarity.model)

    # -- digests ----------------------------------------------------------------------------

    def draft(self, plan: "DigestConfig", past: "Past", *, look_again: bool = True) -> "Digest":
        """The issue of a digest as it would be now; see `papertrack.drafting`.

        With `look_again` the sources are asked, once a day, what has become of saved papers.
        """
        from papertrack.clock import zone_of
        from papertrack.drafting import Desk, draft

        desk = Desk(
            config=self.config(),
            store=self.store,
            now=self.clock(),
            zone=zone_of(plan.timezone),
            announcers=ANNOUNCERS,
            rank=self._rank,
            freshen=self._freshen,
            ask_again=self._ask_again if look_again else None,
        )
        return draft(plan, desk, past)

    def _ask_again(self, keys: Sequence[str]) -> "tuple[SourceError, ...]":
        from papertrack.intake import ask_again

        if self.offline or self.sample:
            return ()
        return ask_again(self.store, self.sources(), keys, self.clock)

    # -- single papers ----------------------------------------------------------------------

    def show(self, keys: Sequence[str]) -> list[Shown]:
        """Everything known of these papers; what is not stored is looked up first.

        Raises PaperNotFoundError, naming the first that nobody knows.
        """
        found = self._find(keys)
        now = self.clock()
        week = Window(since=now - DEFAULT_WINDOW, until=now)
        read = self.store.lists_read(LISTS)
        known = any(day in read for day in freshness.list_days(week, now))
        # A place among papers that nobody has read yet would say nothing.
        pool = self._pool(week, now) if known else []
        places = {one.entry.paper.id: one for one in self._rank(pool, "trending", now)}
        return [self._shown(found[key], places, now) for key in dict.fromkeys(keys)]

    def _shown(self, number: int, places: Mapping[str, Ranked], now: datetime) -> Shown:
        entry = self.store.entries([number], now)[0]
        ranked = places.get(entry.paper.id)
        place = f"{ranked.rank} of {len(places)} in the last 7 days" if ranked else ""
        alone = self._rank([entry], "trending", now)[0]
        return Shown(
            ranked=(ranked or alone)._replace(entry=entry, rank=ranked.rank if ranked else None),
            history=self.store.history(number),
            accounts=self._accounts(number),
            place=place,
        )

    def _accounts(self, number: int) -> "tuple[Account, ...]":
        """Who said what of a paper, and whose word is taken."""
        from papertrack.merging import winners
        from papertrack.reports import Account

        told = self.store.accounts(number)
        taken = winners({source: said for source, (said, _) in told.items()})
        return tuple(
            Account(
                source=source,
                said=said,
                said_at=at,
                taken=tuple(name for name, best in taken.items() if best == source),
            )
            for source, (said, at) in told.items()
        )

    def _find(self, keys: Sequence[str]) -> Mapping[str, int]:
        found = self.store.find(keys)
        missing = [key for key in keys if key not in found]
        if missing and self.sample:
            short = missing[0].partition(":")[2]
            raise PaperNotFoundError(
                f"{short} is not in the sample; leave out --demo to look it up."
            )
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

        return look_up(self.store, self.sources(), keys, self.clock, self._bar("papers"))

    # -- fetching ---------------------------------------------------------------------------

    def fetch(
        self, days: Sequence[date], names: Sequence[str] = (), *, full: bool = False
    ) -> "Iterator[SourceReport]":
        """Ask the sources for these days, and store what they say; `full` forgets what was read."""
        chosen = [source for source in self.sources() if not names or source.name in names]
        yield from self._update(chosen, days, full=full)

    def harvest(self, since: date | None, *, full: bool = False) -> "Iterator[SourceReport]":
        """Read arXiv's whole catalogue from a day on, or since the last time that was done."""
        whole = [source.harvest(since) for source in self.sources() if hasattr(source, "harvest")]
        yield from self._update(whole, (), full=full)

    def _update(
        self, sources: "Sequence[Source]", days: Sequence[date], *, full: bool
    ) -> "Iterator[SourceReport]":
        from papertrack.update import no_progress, update

        progress = self.progress or no_progress
        yield from update(sources, self.store, days, clock=self.clock, progress=progress, full=full)

    def conclude(self) -> None:
        """After a fetch: learn what is normal, note the list of the day, add to a learned model.

        Raises PapertrackError where the embedding model that is configured cannot be used; all else
        is done then.
        """
        from papertrack import encoding, learning
        from papertrack.ranking.careers import Career, learned

        now = self.clock()
        before = self.store.learned_at(NORM)
        if before is None or abs(now - before) > LEARN_AFTER:
            careers = [Career(*history) for history in self.store.histories(LISTS, now - MEMORY)]
            self.store.keep_learned(NORM, to_text(learned(careers, now)), now)
        week = Window(since=now - DEFAULT_WINDOW, until=now)
        ranked = self._rank(self._pool(week, now), TRENDING, now)[:PROMISED]
        promised = [
            (one.entry.paper.id, one.score or 0.0, one.entry.latest.get(UPVOTES, 0.0))
            for one in ranked
        ]
        self.store.keep_promise(newest_list_day(now), TRENDING, promised, now)
        learning.refresh(self.store, self.tell)
        settings = self.config().similarity
        if settings.embed_per_fetch and encoding.available(settings.model):
            self.embed(settings.embed_per_fetch)
        self._prepare(now)

    def _prepare(self, now: datetime) -> None:
        """Find what `recommend` will be asked for, where it was asked before."""
        from papertrack import learning
        from papertrack.recommending import Wish, likes_of

        place = learning.place_of(self.store)
        if place is not None and place.exists() and self.store.marked()["saved"]:
            span = Window(since=now - RECOMMENDED, until=now)
            likes = likes_of(self.store, Wish(), ())
            self._like(likes, self.store.listed(span), View(limit=1), [], remembers=True)

    def embed(self, most: int | None = None) -> tuple[int, int]:
        """Encode papers for comparison by meaning, newest first; (how many were, how many remain).

        Raises UsageError where there is no model, ConfigError where it cannot be used.
        """
        from papertrack import encoding

        model = self.config().similarity.model
        return encoding.embed(self.store, model, most, self._bar("embedding"))

    def _pool(self, span: Window, now: datetime) -> list[Entry]:
        """What competes in a window, as much of it as ranking needs."""
        numbers = self.store.listed(span, ANNOUNCERS)
        return self.store.entries(numbers, now, brief=not self.preferences.topics)

    def take_in(self, imported: "Imported", observed_at: datetime) -> "Counts":
        """Store what a file held."""
        from papertrack.intake import take_in

        return take_in(self.store, imported, observed_at, self.clock)

    def ledger(self) -> "list[Kept]":
        """The list of each day as it was noted then, and what became of it in a week."""
        from papertrack import judging

        return judging.ledger(self.store, TRENDING, self.clock())

    def take_in_snapshot(self, snapshot: "Snapshot") -> "Counts":
        """Store arXiv's metadata snapshot, from where an earlier run of it stopped."""
        from papertrack.intake import take_in_snapshot

        def progress(done: int, total: int) -> None:
            if self.progress:
                self.progress("MB read", done // 1_000_000, total // 1_000_000)

        return take_in_snapshot(self.store, snapshot, self.clock, progress)

    def take_in_series(self, batches: "Iterable[Batch]") -> "Counts":
        """Store a series of counts that somebody kept."""
        from papertrack.intake import take_in_series

        return take_in_series(self.store, batches, self.clock, self._bar("series"))

    def backtest(
        self,
        rankings: Sequence[str],
        window: timedelta,
        targets: Sequence[str],
        since: datetime | None = None,
    ) -> "Report":
        """How well each of these rankings would have predicted what is known now."""
        from papertrack import judging

        span = judging.Span(window=window, since=since, until=self.clock())
        return judging.backtest(
            self.store, self.preferences, rankings, targets, span, self.progress
        )

    def resolve(self, keys: Sequence[str]) -> "LookedUp":
        """Find ids for papers that are known by their titles only."""
        from papertrack.intake import resolve

        return resolve(self.store, self.sources(), keys, self.clock, self._bar("titles"))

    def _bar(self, name: str) -> Callable[[int, int | None], None]:
        """What shows how far a piece of work has come, where somebody sees it."""

        def progress(done: int, total: int | None) -> None:
            if self.progress:
                self.progress(name, done, total)

        return progress

    def _freshen(self, days: Sequence[date]) -> list[str]:
        if self.sample:
            return []
        freshener = Freshener(
            store=self.store,
            fetch=self.fetch,
            clock=self.clock,
            max_age=self.preferences.max_age,
            offline=self.offline,
        )
        return freshener.freshen(days)


def _nothing_saved(saved: int, tags: Sequence[str], dropped: Mapping[str, int]) -> str:
    """Why there is no reading list, or nothing of it is left."""
    if not saved:
        return "Nothing is saved yet; `papertrack save ID` saves a paper."
    by = [f"tagged {' or '.join(tags)}"] if tags else []
    by += [name for name in dropped if name.startswith("--")]
    what = f" ({', '.join(by)})" if by else ""
    return f"None of the {saved} saved papers is what you ask for{what}."


def _end_of(day: date, now: datetime) -> datetime:
    """The end of a day, or now while it lasts."""
    # Lists are dated by midnight since May 2026: that of the next day is not part of this one.
    return midnight(day + timedelta(days=1)) - timedelta(seconds=1) if day < now.date() else now


def _unknown(asked: "LookedUp") -> PapertrackError:
    """Nobody knows it, or nobody could be asked: these are two things."""
    if asked.errors:
        return asked.errors[0]
    scheme, _, short = asked.missing[0].partition(":")
    page = {"arxiv": "https://arxiv.org/abs/", "doi": "https://doi.org/"}.get(scheme)
    see = f", or open {page}{short} to see whether it exists" if page else ""
    return PaperNotFoundError(f"No source knows {short}; check the id{see}.")


def _asks_for_all(view: View) -> bool:
    """Whether the reader named what to see, or wants the newest first."""
    wanted = view.selection
    named = (wanted.topic, wanted.categories, wanted.authors, wanted.match, wanted.sources)
    return any(named) or "new" in (view.order, view.ranking)
