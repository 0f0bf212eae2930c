"""How well an order predicted what came: nDCG, precision, rank correlation, with their uncertainty.

nDCG with the count itself as gain and a logarithmic discount; ties in a rank correlation share
their mean rank; intervals by resampling the moments (bootstrap), 95 %.
"""

import math
import random
from collections.abc import Sequence

TOP = 10
RESAMPLES = 1000


def ndcg(gains: Sequence[float], top: int = TOP) -> float | None:
    """nDCG@top of gains in the order of a ranking; None where there was nothing to gain."""
    best = _discounted(sorted(gains, reverse=True)[:top])
    return _discounted(gains[:top]) / best if best > 0 else None


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(place + 2) for place, gain in enumerate(gains))


def precision(gains: Sequence[float], top: int = TOP) -> float | None:
    """The share of the first `top` that are among the `top` with the most to gain."""
    if sum(gains) <= 0:
        return None
    places = sorted(range(len(gains)), key=lambda place: -gains[place])[:top]
    return sum(place < top for place in places) / min(top, len(gains))


def spearman(gains: Sequence[float]) -> float | None:
    """The rank correlation of the order with the gains, -1 to 1; None where all gain the same."""
    count = len(gains)
    if count < 2:
        return None
    ranks = _ranks(gains)
    order = [float(count - place) for place in range(count)]
    mean = sum(ranks) / count
    middle = sum(order) / count
    both = sum((r - mean) * (o - middle) for r, o in zip(ranks, order, strict=True))
    spread = math.sqrt(sum((r - mean) ** 2 for r in ranks) * sum((o - middle) ** 2 for o in order))
    return both / spread if spread else None


def _ranks(values: Sequence[float]) -> list[float]:
    order = sorted(range(len(values)), key=lambda place: values[place])
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for place in range(start, end + 1):
            ranks[order[place]] = (start + end) / 2
        start = end + 1
    return ranks


def interval(values: Sequence[float], seed: int = 1) -> tuple[float, float]:
    """The 95 % interval of the mean, by resampling."""
    if len(values) < 2:
        return (math.nan, math.nan) if not values else (values[0], values[0])
    dice = random.Random(seed)
    means = sorted(sum(dice.choices(values, k=len(values))) / len(values) for _ in range(RESAMPLES))
    return means[int(0.025 * RESAMPLES)], means[int(0.975 * RESAMPLES)]
