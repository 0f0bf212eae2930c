"""What a back-test found, as a table for people and JSON for scripts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from papertrack.clock import iso
from papertrack.render.records import dumps, plain


def lines(report: Any) -> Iterator[str]:
    """Rankings by target, then how steady and fair each is."""
    if report.scores:
        yield (
            f"{report.moments} moments from {iso(report.first)} to {iso(report.last)}, "
            f"{report.papers:,} papers\n\n"
        )
        yield f"{'ranking':<10} {'target':<6} {'nDCG@10':>8} {'95 %':>13} {'P@10':>6} {'rho':>6}\n"
    for one in report.scores:
        spread = f"{one.low:.3f}-{one.high:.3f}"
        yield (
            f"{one.ranking:<10} {one.target:<6} {one.ndcg:>8.3f} {spread:>13} "
            f"{one.precision:>6.3f} {one.spearman:>6.3f}\n"
        )
    if report.fairness:
        yield (
            f"\n{'ranking':<10} {'new a day':>9} {'age, h':>7} {'weekday':>8} {'hour':>7} "
            f"{'fake votes':>10}\n"
        )
    for one in report.fairness:
        fake = "-" if one.fake_votes is None else f"{one.fake_votes:.0f}"
        yield (
            f"{one.ranking:<10} {one.replaced_a_day:>9.0%} {one.mean_age_hours:>7.0f} "
            f"{one.weekday_chi2:>8.1f} {one.hour_chi2:>7.1f} {fake:>10}\n"
        )

    for one in report.losses:
        yield f"\n{report.scores[0].ranking} without {one.source}: {one.target} {one.ndcg:.3f}"
    yield "\n" if report.losses else ""


def ledger(kept: Sequence[Any], *, json: bool) -> Iterator[str]:
    """Each day's list: the votes its papers gained in a week, and how well they were ordered."""
    if json:
        yield dumps([asdict(one) for one in kept]) + "\n"
        return
    for one in kept:
        said = "the week is not over" if one.due else "nothing was gained"
        score = said if one.ndcg is None else f"nDCG@10 {one.ndcg:.3f}"
        yield f"{one.day}  {one.papers:>3} papers  {one.gained:>7,.0f} votes gained  {score}\n"


def as_json(report: Any) -> Iterator[str]:
    found: Mapping[str, Any] = asdict(report)
    told = {
        name: value for name, value in found.items() if name not in ("scores", "fairness", "losses")
    }
    yield (
        dumps(
            {
                **{name: plain(value) for name, value in told.items()},
                "scores": list(found["scores"]),
                "fairness": list(found["fairness"]),
                "losses": list(found["losses"]),
            }
        )
        + "\n"
    )
