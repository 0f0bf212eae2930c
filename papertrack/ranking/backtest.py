"""How well each ranking would have predicted what is known now.

At every moment at which young papers were counted, the papers of the window are ranked by what had
been observed until then, and nothing else; the order is scored by the votes that came after (gain)
or by the final count. The protocol is that of docs/ranking.md.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from papertrack.models import UPVOTES, Entry, Listing, Observation, Paper, Ranked, waymarks
from papertrack.ranking import rank
from papertrack.ranking.expected import FINAL_HOURS, Course, Norm, learn
from papertrack.ranking.metrics import interval, ndcg, precision, spearman

#: Fewer papers than this make no list worth scoring.
FEWEST_PAPERS = 25
#: A moment counts as a reading of a list if so many papers younger than this were counted then.
YOUNG, FEWEST_YOUNG = timedelta(hours=36), 5
TARGETS = ("gain", "final")
#: Fewer moments than this say nothing of a ranking.
FEWEST_MOMENTS = 10
TOP_OF_DAY = 20
#: Whose votes a back-test is scored by.
VOTES_FROM = "huggingface"
#: A list of the ledger is scored so long after it was noted.
LEDGER_SPAN = timedelta(days=7)
FAKE_VOTES = (5.0, 10.0, 20.0, 30.0, 50.0, 75.0, 100.0, 150.0, 200.0, 300.0, 500.0)


@dataclass(frozen=True)
class Career:
    """One paper with every count of it: what a back-test knows and a ranking must not."""

    paper: Paper
    listings: tuple[Listing, ...]
    observations: tuple[Observation, ...]
    _courses: Mapping[tuple[str, str], tuple[list[float], list[Observation]]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        courses: dict[tuple[str, str], tuple[list[float], list[Observation]]] = {}
        for seen in sorted(self.observations, key=lambda o: o.observed_at):
            times, course = courses.setdefault((seen.kind, seen.source), ([], []))
            times.append(seen.observed_at.timestamp())
            course.append(seen)
        object.__setattr__(self, "_courses", courses)

    @property
    def listed_at(self) -> datetime:
        return Entry(paper=self.paper, listings=self.listings).listed_at or datetime.max

    def votes(self) -> tuple[list[float], list[Observation]]:
        """When votes were counted, and the counts, oldest first."""
        found = (course for (kind, _), course in self._courses.items() if kind == UPVOTES)
        return max(found, key=lambda course: len(course[0]), default=([], []))

    def as_of(self, moment: float) -> Entry:
        """The paper as it was known at a moment (seconds since 1970)."""
        known: list[Observation] = []
        latest: dict[str, float] = {}
        for (kind, _), (times, course) in self._courses.items():
            until = bisect_right(times, moment)
            known += [course[place] for place in waymarks(times[:until])]
            if until:
                latest[kind] = course[until - 1].value
        return Entry(
            paper=self.paper,
            listings=self.listings,
            observations=tuple(known),
            latest=latest,
        )

    def course(self) -> Course:
        """The growth of its votes, for learning what is normal."""
        _, seen = self.votes()
        start = self.listed_at
        ages = (((o.observed_at - start) / timedelta(hours=1), o.value) for o in seen)
        return Course(start, [(hours, votes) for hours, votes in ages if hours >= 0])


@dataclass(frozen=True)
class Contender:
    """A ranking that is to be tried."""

    name: str
    weights: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Score:
    """How a ranking fared: means over the moments, with the 95 % interval of nDCG."""

    ranking: str
    target: str
    moments: int
    papers: int  # the median number of papers on a list
    ndcg: float
    low: float
    high: float
    precision: float
    spearman: float


@dataclass(frozen=True, kw_only=True)
class Fairness:
    """How steady and how fair a ranking's top 20 is, over the moments of a back-test."""

    ranking: str
    replaced_a_day: float  # share of the top 20 that is new a day later
    mean_age_hours: float  # of the top 10
    weekday_chi2: float  # winners by weekday listed against all papers; 6 degrees of freedom
    hour_chi2: float  # by quarter of the day; 3 degrees
    fake_votes: (
        float | None
    )  # the fewest votes given at once that lift the last paper to the top 10


@dataclass(frozen=True, kw_only=True)
class Loss:
    """How the first ranking of a back-test fares without what one source counted."""

    source: str
    target: str
    ndcg: float


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a back-test found; `note` where the history is too thin to say anything."""

    scores: tuple[Score, ...] = ()
    fairness: tuple[Fairness, ...] = ()
    losses: tuple[Loss, ...] = ()
    papers: int = 0
    moments: int = 0
    first: datetime | None = None
    last: datetime | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One moment: the papers that were ranked, and what each of them came to."""

    moment: datetime
    entries: Sequence[Entry]
    gain: Mapping[str, float]
    final: Mapping[str, float]


def trials(careers: Sequence[Career], window: timedelta) -> Iterator[Trial]:
    """Every moment with enough papers whose end is known, oldest first."""
    ends = {one.paper.id: one.course().final for one in careers}
    finals = {key: final for key, final in ends.items() if final}
    known = sorted(
        (one for one in careers if one.paper.id in finals), key=lambda one: one.listed_at
    )
    starts = [one.listed_at.timestamp() for one in known]
    for moment in _moments(careers):
        first = bisect_left(starts, moment - window.total_seconds())
        pool = known[first : bisect_left(starts, moment)]
        seen = [one for one in pool if (times := one.votes()[0]) and times[0] <= moment]
        if len(seen) >= FEWEST_PAPERS:
            yield Trial(
                moment=datetime.fromtimestamp(moment, tz=seen[0].listed_at.tzinfo),
                entries=[one.as_of(moment) for one in seen],
                gain={one.paper.id: _gain(one, moment) for one in seen},
                final=finals,
            )


def _moments(careers: Sequence[Career]) -> list[float]:
    """The moments at which a list of young papers was read."""
    young: dict[float, int] = {}
    for one in careers:
        start = one.listed_at.timestamp()
        for moment in one.votes()[0]:
            if 0 <= moment - start <= YOUNG.total_seconds():
                young[moment] = young.get(moment, 0) + 1
    return sorted(moment for moment, papers in young.items() if papers >= FEWEST_YOUNG)


def _gain(one: Career, moment: float) -> float:
    """The votes that came after a moment."""
    times, seen = one.votes()
    place = bisect_right(times, moment)
    later = max((o.value for o in seen[place:]), default=seen[place - 1].value)
    return max(0.0, later - seen[place - 1].value)


def _ranked(trial: Trial, contender: Contender, half_life: timedelta) -> list[Ranked]:
    return rank(trial.entries, weights=contender.weights, now=trial.moment, half_life=half_life)


def score(
    tried: Sequence[Trial],
    orders: Sequence[Sequence[Ranked]],
    name: str,
    targets: Sequence[str] = TARGETS,
) -> list[Score]:
    """How one ranking's orders at these moments fared, for each target."""
    scores = []
    sizes = sorted(len(trial.entries) for trial in tried)
    for target in targets:
        values: tuple[list[float], list[float], list[float]] = ([], [], [])
        for trial, order in zip(tried, orders, strict=True):
            worth = trial.gain if target == "gain" else trial.final
            gains = [worth[one.entry.paper.id] for one in order]
            measured = (ndcg(gains), precision(gains), spearman(gains))
            for kept, value in zip(values, measured, strict=True):
                kept.extend([value] if value is not None else [])
        scores.append(_scored(name, target, values, sizes[len(sizes) // 2]))
    return scores


def report(
    careers: Sequence[Career],
    contenders: Sequence[Contender],
    *,
    window: timedelta,
    targets: Sequence[str],
    half_life: timedelta,
    since: datetime | None = None,
    progress: Callable[[str, int, int | None], None] | None = None,
) -> Report:
    """Each contender tried at all moments of the history, or from `since` on.

    Under the built-in norm: nothing that came later can have taught it.
    """
    careers = _timed(careers)
    tried = [one for one in trials(careers, window) if since is None or one.moment >= since]
    if len(tried) < FEWEST_MOMENTS:
        return Report(papers=len(careers), moments=len(tried), note=_too_thin(careers, tried))
    scores: list[Score] = []
    steadiness: list[Fairness] = []
    for done, contender in enumerate(contenders, 1):
        orders = [_ranked(trial, contender, half_life) for trial in tried]
        scores += score(tried, orders, contender.name, targets)
        steadiness.append(_fairness(tried, orders, contender, half_life))
        if progress:
            progress("backtest", done, len(contenders))
    return Report(
        scores=tuple(scores),
        fairness=tuple(steadiness),
        losses=tuple(_losses(tried, contenders[0], targets, half_life)),
        papers=len({entry.paper.id for trial in tried for entry in trial.entries}),
        moments=len(tried),
        first=tried[0].moment,
        last=tried[-1].moment,
    )


def _timed(careers: Sequence[Career]) -> Sequence[Career]:
    """The papers whose moment of submission is known, unless that is so of few: ages by the day
    only (Hugging Face since May 2026) are off by hours, which is much for a young paper."""
    timed = [one for one in careers if any(two.submitted_at for two in one.listings)]
    return timed if 2 * len(timed) >= len(careers) else careers


def _too_thin(careers: Sequence[Career], tried: Sequence[Trial]) -> str:
    return (
        f"{len(careers)} papers give {len(tried)} moments at which {FEWEST_PAPERS} papers with a "
        f"known end could be ranked; {FEWEST_MOMENTS} are needed to say anything. Fetch every day "
        "for two weeks, or `papertrack import --observations FILE`."
    )


def _scored(
    name: str, target: str, values: tuple[list[float], list[float], list[float]], papers: int
) -> Score:
    means = [sum(one) / len(one) if one else 0.0 for one in values]
    low, high = interval(values[0])
    return Score(
        ranking=name,
        target=target,
        moments=len(values[0]),
        papers=papers,
        ndcg=means[0],
        low=low,
        high=high,
        precision=means[1],
        spearman=means[2],
    )


def _losses(
    tried: Sequence[Trial], contender: Contender, targets: Sequence[str], half_life: timedelta
) -> Iterator[Loss]:
    """Each source but that of the votes themselves, which everything is scored by."""
    counted = {o.source for trial in tried for entry in trial.entries for o in entry.observations}
    for source in sorted(counted - {VOTES_FROM}):
        without = [
            replace(trial, entries=[_forgetting(entry, source) for entry in trial.entries])
            for trial in tried
        ]
        orders = [_ranked(trial, contender, half_life) for trial in without]
        for found in score(without, orders, contender.name, targets):
            yield Loss(source=source, target=found.target, ndcg=found.ndcg)


def _forgetting(entry: Entry, source: str) -> Entry:
    kept = tuple(o for o in entry.observations if o.source != source)
    latest = {o.kind: o.value for o in sorted(kept, key=lambda o: o.observed_at)}
    return replace(entry, observations=kept, latest=latest)


def _fairness(
    tried: Sequence[Trial],
    orders: Sequence[Sequence[Ranked]],
    contender: Contender,
    half_life: timedelta,
) -> Fairness:
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
        more = replace(seen, value=seen.value + votes, observed_at=trial.moment)
        known = tuple(o for o in last.observations if o is not seen)
        faked = replace(
            last,
            observations=(*known, more),
            latest={**last.latest, UPVOTES: more.value},
        )
        entries = [faked if entry is last else entry for entry in trial.entries]
        again = rank(entries, weights=contender.weights, now=trial.moment, half_life=half_life)
        if any(one.entry is faked for one in again[:10]):
            return votes
    return None


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A day's list of the ledger, and what became of it in the week after."""

    day: str
    papers: int
    gained: float  # votes that these papers gained in the week after
    ndcg: float | None  # of their order by that gain; None where nothing was gained
    due: bool = False  # the week is not over yet


def keep_score(
    promises: Sequence[tuple[str, datetime, Sequence[tuple[str, float]]]],
    careers: Mapping[str, Career],
    now: datetime,
) -> list[Kept]:
    """Each noted list, (day, when, (paper, votes then) from the top), scored a week later."""
    kept = []
    for day, noted_at, papers in promises:
        end = noted_at + LEDGER_SPAN
        gains = [
            max(0.0, _votes_by(careers[key], end) - votes) if key in careers else 0.0
            for key, votes in papers
        ]
        kept.append(
            Kept(
                day=day,
                papers=len(papers),
                gained=sum(gains),
                ndcg=ndcg(gains) if end <= now else None,
                due=end > now,
            )
        )
    return kept


def _votes_by(career: Career, moment: datetime) -> float:
    times, seen = career.votes()
    place = bisect_right(times, moment.timestamp())
    return seen[place - 1].value if place else 0.0


def learned(careers: Sequence[Career], until: datetime) -> Norm:
    """What was normal by a moment: only papers whose end was known then are learned from."""
    settled = timedelta(hours=FINAL_HOURS)
    return learn(one.course() for one in careers if one.listed_at + settled <= until)
