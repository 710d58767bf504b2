"""Standard layers in plain NumPy and float64, a step at a time, to hold torch's against."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import nn

Array = npt.NDArray[np.float64]
Weights = Mapping[str, Array]
"""A module's parameters by their names in torch."""


def weights_of(module: nn.Module) -> dict[str, Array]:
    return {name: value.detach().numpy() for name, value in module.named_parameters()}


def of(weights: Weights, prefix: str) -> Weights:
    """The weights of one part."""
    start = f"{prefix}."
    return {n.removeprefix(start): value for n, value in weights.items() if n.startswith(start)}


def sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def softmax(x: Array) -> Array:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def relu(x: Array) -> Array:
    return np.maximum(x, 0)


def gru(w: Weights, x: Array, h: Array, end: str = "") -> Array:
    """One step, h' = z h + (1 - z) tanh(W x + r (U h)); `end` is "_l0" of an nn.GRU."""
    a = w[f"weight_ih{end}"] @ x + w[f"bias_ih{end}"]
    b = w[f"weight_hh{end}"] @ h + w[f"bias_hh{end}"]
    (a_r, a_z, a_n), (b_r, b_z, b_n) = np.split(a, 3), np.split(b, 3)
    r, z = sigmoid(a_r + b_r), sigmoid(a_z + b_z)
    return np.asarray(z * h + (1 - z) * np.tanh(a_n + r * b_n))


def lstm(w: Weights, x: Array, state: Sequence[Array], end: str = "") -> tuple[Array, Array]:
    """One step from (h, c): c' = f c + i g, h' = o tanh(c')."""
    h, c = state
    a = w[f"weight_ih{end}"] @ x + w[f"bias_ih{end}"] + w[f"weight_hh{end}"] @ h
    i, f, g, o = np.split(a + w[f"bias_hh{end}"], 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def gru_states(w: Weights, xs: Array) -> Array:
    """All h_t [n, hidden] of an nn.GRU of one layer over vectors [n, d]."""
    h, states = np.zeros(w["weight_hh_l0"].shape[1]), []
    for x in xs:
        h = gru(w, x, h, "_l0")
        states.append(h)
    return np.array(states).reshape(len(xs), len(h))


def perceptron(x: Array, matrices: Sequence[tuple[Array, Array]]) -> Array:
    """Linear layers, each a matrix and its bias, with a ReLU between each two."""
    for number, (W, b) in enumerate(matrices):  # noqa: N806  # a matrix
        x = W @ (x if number == 0 else relu(x)) + b
    return x


def one_hot(place: int, size: int) -> Array:
    return np.eye(size)[place]


def position_encoded(words: Array, ids: Sequence[int], longest: int = 0) -> Any:
    """The sum of l_j e_j with l_kj = (1 - j/J) - (k/d)(1 - 2j/J); j and k from 1.

    J is `longest`, or how many words there are.
    """
    size, d = longest or len(ids), words.shape[1]
    total = np.zeros(d)
    for j, word in enumerate(ids, 1):
        for k in range(1, d + 1):
            total[k - 1] += ((1 - j / size) - k / d * (1 - 2 * j / size)) * words[word, k - 1]
    return total
