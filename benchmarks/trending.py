#!/usr/bin/env python3
"""How well each ranking predicts: the protocol of docs/ranking.md over a recorded series.

usage: trending.py [SERIES.jsonl.gz SUBMITTED.tsv] [--split 2026-01-01]

The constants of `trending` were chosen on the moments before the split; the rest was scored once.
"""

import argparse
from collections import defaultdict
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from papertrack.clock import instant
from papertrack.config import Config
from papertrack.importing.series import read_series
from papertrack.models import Listing, Observation, Paper
from papertrack.ranking import rank
from papertrack.ranking.backtest import score
from papertrack.ranking.careers import Career
from papertrack.ranking.trials import trials
from papertrack.rankings import RANKINGS

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "hf"


def careers(files: list[Path]) -> list[Career]:
    """The papers of a series whose moment of submission is known."""
    listings: dict[str, list[Listing]] = defaultdict(list)
    seen: dict[str, list[Observation]] = defaultdict(list)
    for file in files:
        for batch in read_series(file.read_bytes(), name=file.name):
            for listing in batch.listings:
                listings[listing.paper_id].append(listing)
            for one in batch.observations:
                seen[one.paper_id].append(one)
    found = []
    for key, all_listings in listings.items():
        timed = [one for one in all_listings if one.submitted_at]
        if timed and key in seen:
            start = min(one.listed_at for one in timed)
            later = tuple(one for one in seen[key] if one.observed_at >= start)
            found.append(Career(Paper(id=key, title=key), tuple(timed), later))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = [DATA / "upvotes.jsonl.gz", DATA / "submitted.tsv"]
    parser.add_argument("files", nargs="*", type=Path, default=default)
    parser.add_argument("--split", default="2026-01-01")
    args = parser.parse_args()
    split = instant(args.split).astimezone(UTC)
    config = Config().ranking
    weights = {name: found or asdict(config.weights) for name, found in RANKINGS.items()}
    print("window  moments  ranking     part    gain nDCG@10 (95 %)          P@10   final nDCG@10")
    for days in (3, 7):
        tried = list(trials(careers(args.files), timedelta(days=days)))
        parts = {
            "all": tried,
            "earlier": [one for one in tried if one.moment < split],
            "later": [one for one in tried if one.moment >= split],
        }
        for name in ("trending", "velocity", "expected", "upvotes", "hot", "new"):
            for part, moments in parts.items():
                line(f"{days} days", name, part, moments, weights[name], config.half_life)


def line(
    window: str, name: str, part: str, tried: list, weights: dict, half_life: timedelta
) -> None:
    orders = [
        rank(one.entries, weights=weights, now=one.moment, half_life=half_life) for one in tried
    ]
    gain, final = score(tried, orders, name)
    print(
        f"{window:<7} {gain.moments:>7}  {name:<10}  {part:<7} {gain.ndcg:>6.3f}"
        f" ({gain.low:.3f}-{gain.high:.3f})  {gain.precision:>12.3f}  {final.ndcg:>12.3f}",
        flush=True,
    )


if __name__ == "__main__":
    print(f"papertrack, {datetime.now(UTC):%Y-%m-%d}")
    main()
