"""How well each ranking would have predicted what is known now.

At every moment at which young papers were counted, the papers of the window are ranked by what had
been observed until then, and nothing else; the order is scored by the votes that came after (gain)
or by the final count. The protocol is that of docs/ranking.md.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from papertrack.models import Entry, Ranked
from papertrack.ranking.careers import Career
from papertrack.ranking.fairness import Fairness, fairness
from papertrack.ranking.metrics import interval, ndcg, precision, spearman
from papertrack.ranking.trials import FEWEST_PAPERS, Contender, Trial, ranked, trials

TARGETS = ("gain", "final")
#: Fewer moments than this say nothing of a ranking.
FEWEST_MOMENTS = 10
#: Whose votes a back-test is scored by.
VOTES_FROM = "huggingface"


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
        orders = [ranked(trial, contender, half_life) for trial in tried]
        scores += score(tried, orders, contender.name, targets)
        steadiness.append(fairness(tried, orders, contender, half_life))
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
        orders = [ranked(trial, contender, half_life) for trial in without]
        for found in score(without, orders, contender.name, targets):
            yield Loss(source=source, target=found.target, ndcg=found.ndcg)


def _forgetting(entry: Entry, source: str) -> Entry:
    kept = tuple(o for o in entry.observations if o.source != source)
    latest = {o.kind: o.value for o in sorted(kept, key=lambda o: o.observed_at)}
    return replace(entry, observations=kept, latest=latest)
