"""A back-test knows the end, and its rankings must not."""

import gzip
import json
import math
import runpy
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from builders import NOW, paper

from papertrack.config import Config
from papertrack.errors import Exit, PapertrackError, UsageError
from papertrack.importing.series import read_series
from papertrack.models import UPVOTES, Listing, Observation
from papertrack.ranking.backtest import FEWEST_MOMENTS, report
from papertrack.ranking.careers import Career
from papertrack.ranking.ledger import keep_score
from papertrack.ranking.metrics import interval, ndcg, precision, spearman
from papertrack.ranking.trials import Contender, trials

WEEK = timedelta(days=7)
CONTENDERS = [Contender("upvotes", {"votes": 100.0}), Contender("new", {"recency": 100.0})]


def career(number: int, listed_at: datetime, votes: Sequence[tuple[float, float]]) -> Career:
    """A paper whose votes were counted so many hours after it was listed."""
    key = f"arxiv:2604.{number:05}"
    listing = Listing(
        paper_id=key, source="huggingface", list_date=listed_at.date(), submitted_at=listed_at
    )
    seen = tuple(
        Observation(
            paper_id=key,
            source="huggingface",
            kind=UPVOTES,
            value=count,
            observed_at=listed_at + timedelta(hours=hours),
        )
        for hours, count in votes
    )
    return Career(paper(f"2604.{number:05}"), (listing,), seen)


def history(days: int = 12, papers: int = 8) -> list[Career]:
    """Some papers a day, counted at the same hour of every day until they are a week old; the one
    with the highest number of a day gains most."""
    return [
        career(
            day * 100 + n,
            NOW + timedelta(days=day),
            [(8 + 24 * age, n * (1 + age)) for age in range(7)],
        )
        for day in range(days)
        for n in range(1, papers + 1)
    ]


def test_a_ranking_sees_only_what_was_observed_by_then() -> None:
    one = career(1, NOW, [(8, 10.0), (32, 50.0)])
    entry = one.as_of((NOW + timedelta(hours=9)).timestamp())

    assert entry.latest == {UPVOTES: 10.0}
    assert len(entry.observations) == 1


def test_the_gain_is_what_came_later_and_the_final_is_the_end() -> None:
    trial = next(iter(trials(history(), WEEK)))
    young = max(trial.entries, key=lambda e: (e.listed_at or NOW, e.latest[UPVOTES]))
    key = young.paper.id

    assert trial.final[key] == 7 * young.latest[UPVOTES]
    assert trial.gain[key] == 6 * young.latest[UPVOTES]


def test_where_votes_foretell_votes_the_count_wins() -> None:
    found = report(
        history(), CONTENDERS, window=WEEK, targets=["final"], half_life=timedelta(days=10)
    )
    upvotes, new = found.scores

    assert upvotes.ndcg > new.ndcg
    assert upvotes.low <= upvotes.ndcg <= upvotes.high
    assert found.moments >= FEWEST_MOMENTS
    assert not found.note


def test_the_loss_of_a_source_is_told() -> None:
    """Stars of another source are taken away; the votes that all is scored by stay."""
    starred = [
        Career(
            one.paper,
            one.listings,
            (
                *one.observations,
                one.observations[0]._replace(source="github", kind="github_stars", value=999.0),
            ),
        )
        for one in history()
    ]
    weights = Contender("stars", {"code": 50.0, "votes": 50.0})
    found = report(starred, [weights], window=WEEK, targets=["gain"], half_life=timedelta(days=10))
    assert [(one.source, one.target) for one in found.losses] == [("github", "gain")]


def test_a_thin_history_is_said_to_be_thin() -> None:
    found = report(
        history(days=3), CONTENDERS, window=WEEK, targets=["gain"], half_life=timedelta(days=10)
    )
    assert not found.scores
    assert "are needed to say anything" in found.note


def test_the_ledger_is_scored_a_week_later() -> None:
    careers = {one.paper.id: one for one in history()}
    best, worst = "arxiv:2604.00008", "arxiv:2604.00001"
    noted = NOW + timedelta(hours=9)
    promise = [("2026-04-15", noted, [(best, 8.0), (worst, 1.0)])]

    (kept,) = keep_score(promise, careers, noted + timedelta(days=8))
    assert (kept.gained, kept.ndcg, kept.due) == (54.0, 1.0, False)
    (early,) = keep_score(promise, careers, noted + timedelta(days=6))
    assert (early.ndcg, early.due) == (None, True)


# -- metrics --------------------------------------------------------------------------------


def test_ndcg_is_one_for_the_best_order_and_less_for_any_other() -> None:
    assert ndcg([3, 2, 1]) == 1.0
    assert ndcg([1, 2, 3]) == pytest.approx(
        (1 + 2 / math.log2(3) + 3 / 2) / (3 + 2 / math.log2(3) + 1 / 2)
    )
    assert ndcg([0, 0]) is None


def test_precision_counts_the_best_among_the_first() -> None:
    assert precision([9, 8, 0, 0], top=2) == 1.0
    assert precision([0, 9, 8, 0], top=2) == 0.5


def test_rank_correlation_runs_from_minus_one_to_one() -> None:
    assert spearman([3, 2, 1]) == pytest.approx(1.0)
    assert spearman([1, 2, 3]) == pytest.approx(-1.0)
    assert spearman([1, 1, 1]) is None


def test_an_interval_holds_the_mean_and_is_the_same_every_time() -> None:
    values = [0.1, 0.5, 0.9, 0.4]
    low, high = interval(values)
    assert low <= sum(values) / 4 <= high
    assert interval(values) == (low, high)


# -- series ---------------------------------------------------------------------------------


def test_a_series_is_read_line_by_line_and_bad_lines_are_told() -> None:
    row = {
        "paper_id": "2604.00001",
        "observed_at": "2026-04-14T08:00:00Z",
        "upvotes": 7,
        "comments": None,
        "github_stars": 3,
        "list_date": "2026-04-14",
    }
    body = f"{json.dumps(row)}\n2604.00001\t2026-04-14T01:02:03.5Z\n{{broken\n".encode()
    (batch,) = read_series(body, name="series.jsonl")

    assert [(one.kind, one.value) for one in batch.observations] == [
        ("upvotes", 7),
        ("github_stars", 3),
    ]
    assert [one.submitted_at is None for one in batch.listings] == [True, False]
    assert batch.skipped == ("1 line is no record, the first of them: line 3",)


@pytest.mark.parametrize("body", [b"", b"nothing\n", b"[1]\n", b"\xff\xfe"])
def test_what_is_no_series_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(UsageError, match="series"):
        list(read_series(body, name="series.jsonl"))


def test_a_packed_series_that_is_cut_failed_and_is_no_wrong_usage() -> None:
    with pytest.raises(PapertrackError, match=r"^series\.gz is damaged: .*; get it") as told:
        list(read_series(gzip.compress(b"nothing\n" * 99)[:-9], name="series.gz"))
    assert told.value.exit_code == Exit.FAILED


def test_the_manual_tells_the_figures_that_the_recorded_series_gives() -> None:
    """Whoever changes the ranking measures it again, and says so in docs/ranking.md."""
    root = Path(__file__).resolve().parents[1]
    data = root.parent / "shared" / "data" / "hf"
    if not data.exists():
        pytest.skip("../shared/data is not here")
    benchmark = runpy.run_path(str(root / "benchmarks" / "trending.py"))
    careers = benchmark["careers"]([data / "upvotes.jsonl.gz", data / "submitted.tsv"])
    trending = Contender("trending", asdict(Config().ranking.weights))
    found = report(
        careers,
        [trending],
        window=WEEK,
        targets=["gain", "final"],
        half_life=Config().ranking.half_life,
    )
    gain, final = (one.ndcg for one in found.scores)

    assert gain >= 0.75
    assert final >= 0.85
    manual = (root / "docs" / "ranking.md").read_text("utf-8")
    assert f"**{gain:.3f}**" in manual
    assert f"{final:.3f}" in manual
