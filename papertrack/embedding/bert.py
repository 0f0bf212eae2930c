"""A BERT encoder in numpy: token numbers in, one vector of length 1 out.

The model is that of Devlin et al. (2019), with the mean over the tokens as the sentence (Reimers
and Gurevych 2019). Texts go through one by one, so there is no padding and no mask: the products of
one abstract are large enough to keep a processor busy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Layer:
    """One of the encoder's layers; every matrix is [in, out]."""

    mixed: tuple[Floats, Floats]  # query, key and value beside each other: [size, 3 * size]
    gathered: tuple[Floats, Floats]
    first_norm: tuple[Floats, Floats]
    wide: tuple[Floats, Floats]
    narrow: tuple[Floats, Floats]
    last_norm: tuple[Floats, Floats]


@dataclass(frozen=True)
class Bert:
    """Float32 weights, and the three numbers of config.json that the arithmetic needs."""

    words: Floats  # [vocabulary, size]
    places: Floats  # [longest, size], with the vector of the only segment added
    norm: tuple[Floats, Floats]
    layers: tuple[Layer, ...]
    heads: int
    epsilon: float

    def vector(self, tokens: Sequence[int]) -> Floats:
        """The text of these token numbers, [size], of length 1."""
        state = self.words[np.asarray(tokens)].astype(np.float32) + self.places[: len(tokens)]
        state = _normed(state, self.norm, self.epsilon)
        for layer in self.layers:
            state = _through(state, layer, self.heads, self.epsilon)
        mean: Floats = state.mean(axis=0)
        mean /= np.float32(max(float(np.linalg.norm(mean)), 1e-12))
        return mean


def assembled(weights: Mapping[str, Floats], layers: int, heads: int, epsilon: float) -> Bert:
    """The model out of its named weights, as BertModel of transformers names them; KeyError."""

    def both(name: str) -> tuple[Floats, Floats]:
        return weights[f"{name}.weight"], weights[f"{name}.bias"]

    def dense(*names: str) -> tuple[Floats, Floats]:
        pairs = [both(name) for name in names]
        matrix = np.concatenate([matrix.T for matrix, _ in pairs], axis=1)
        return np.ascontiguousarray(matrix), np.concatenate([bias for _, bias in pairs])

    def layer(number: int) -> Layer:
        at = f"encoder.layer.{number}"
        mixed = (f"{at}.attention.self.{part}" for part in ("query", "key", "value"))
        return Layer(
            dense(*mixed),
            dense(f"{at}.attention.output.dense"),
            both(f"{at}.attention.output.LayerNorm"),
            dense(f"{at}.intermediate.dense"),
            dense(f"{at}.output.dense"),
            both(f"{at}.output.LayerNorm"),
        )

    segment = weights["embeddings.token_type_embeddings.weight"][0]
    return Bert(
        weights["embeddings.word_embeddings.weight"],
        weights["embeddings.position_embeddings.weight"] + segment,
        both("embeddings.LayerNorm"),
        tuple(layer(number) for number in range(layers)),
        heads,
        epsilon,
    )


def _through(state: Floats, layer: Layer, heads: int, epsilon: float) -> Floats:
    tokens, size = state.shape
    mixed = (state @ layer.mixed[0] + layer.mixed[1]).reshape(tokens, 3, heads, size // heads)
    query, key, value = np.ascontiguousarray(mixed.transpose(1, 2, 0, 3))
    seen = query @ key.transpose(0, 2, 1)
    seen *= np.float32((size // heads) ** -0.5)
    seen -= seen.max(axis=2, keepdims=True)
    np.exp(seen, out=seen)
    seen /= seen.sum(axis=2, keepdims=True)
    gathered = (seen @ value).transpose(1, 0, 2).reshape(tokens, size)
    state = state + gathered @ layer.gathered[0] + layer.gathered[1]
    state = _normed(state, layer.first_norm, epsilon)
    wide: Floats = state @ layer.wide[0]
    wide += layer.wide[1]
    state = state + gelu(wide) @ layer.narrow[0] + layer.narrow[1]
    return _normed(state, layer.last_norm, epsilon)


def _normed(state: Floats, norm: tuple[Floats, Floats], epsilon: float) -> Floats:
    centred = state - state.mean(axis=1, keepdims=True)
    spread = np.sqrt(np.mean(centred * centred, axis=1, keepdims=True) + np.float32(epsilon))
    normed: Floats = centred / spread * norm[0] + norm[1]
    return normed


#: atanh(erf(x / sqrt 2)) as x times a polynomial in x^2, fitted for the least error of x * erf at
#: |x| up to 5.
_ERROR_FUNCTION = (0.797828136, 0.0364687893, -0.000124860264, -3.05813105e-05, 1.11910107e-06)


def gelu(x: Floats) -> Floats:
    """x times the normal distribution's share below x, within 4e-6; numpy has no error function."""
    squares = np.minimum(x * x, np.float32(25))
    inner = np.full_like(x, _ERROR_FUNCTION[-1])
    for factor in _ERROR_FUNCTION[-2::-1]:
        inner *= squares
        inner += np.float32(factor)
    inner *= x
    np.tanh(inner, out=inner)
    inner += 1
    inner *= x
    inner *= np.float32(0.5)
    return inner
