"""The directions in which sparse rows differ most: a randomised truncated SVD in a few products.

After Halko, Martinsson and Tropp (2011), algorithm 4.4, with the orthogonal step on the side of the
papers, of which there are fewer than terms.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from papertrack.similarity.terms import Floats, Rows

DIRECTIONS = 192
_EXTRA, _ITERATIONS = 20, 4


@dataclass(frozen=True)
class Basis:
    """Directions by terms, and the variance of the rows along each."""

    directions: Floats  # [terms, up to 192], orthonormal columns
    variances: Floats  # mean square of the rows along each, falling


def basis(rows: Rows, terms: int, most: int = DIRECTIONS) -> Basis:
    """The first directions of these rows; the same rows give the same ones."""
    size = min(most, len(rows), terms)
    sideways = transposed(rows, terms)
    wide = min(size + _EXTRA, len(rows), terms)
    seen = product(rows, np.random.default_rng(0).standard_normal((terms, wide), np.float32))
    for _ in range(_ITERATIONS):
        flat, _ = np.linalg.qr(seen)
        seen = product(rows, product(sideways, flat))
    flat, _ = np.linalg.qr(seen)
    back = product(sideways, flat)  # [terms, size + extra]
    squares, turn = np.linalg.eigh(back.T.astype(np.float64) @ back)
    order = np.argsort(-squares)[:size]
    strengths = np.sqrt(np.maximum(squares[order], 1e-12))
    directions = back @ (turn[:, order] / strengths).astype(np.float32)
    return Basis(directions, (strengths**2 / max(1, len(rows))).astype(np.float32))


def product(rows: Rows, dense: Floats) -> Floats:
    """rows @ dense, [papers, k]. A small product for each row is faster than a few large ones."""
    out = np.zeros((len(rows), dense.shape[1]), dtype=np.float32)
    ends = rows.starts.tolist()
    for place, (low, high) in enumerate(pairwise(ends)):
        weights = rows.weights[low:high].astype(np.float32, copy=False)
        needed = dense[rows.columns[low:high]].astype(np.float32, copy=False)
        np.dot(weights, needed, out=out[place])
    return out


def transposed(rows: Rows, terms: int) -> Rows:
    """The same entries, by terms."""
    order = np.argsort(rows.columns, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows.columns, minlength=terms))])
    return Rows(starts.astype(np.int64), rows.owners()[order].astype(np.int32), rows.weights[order])
