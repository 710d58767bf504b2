"""Recurrent layers in plain NumPy, one word after another, to hold torch's against."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from relmem_field.words import BothWays

Array = npt.NDArray[np.float64]


def arrays(module: nn.Module) -> dict[str, Array]:
    """A module's parameters by name."""
    return {name: tensor.detach().numpy() for name, tensor in module.named_parameters()}


def sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def softmax(x: Array) -> Array:
    e = np.exp(x - x.max())
    return np.asarray(e / e.sum())


def gru(weights: Mapping[str, Array], xs: Array) -> Array:
    """All h_t [n, hidden] of a GRU over vectors [n, d], as torch.nn.GRU documents it."""
    w, u, b, c = (
        weights[f"{name}_l0"] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    h, states = np.zeros(u.shape[1]), []
    for x in xs:
        (r_x, z_x, n_x), (r_h, z_h, n_h) = np.split(w @ x + b, 3), np.split(u @ h + c, 3)
        r, z = sigmoid(r_x + r_h), sigmoid(z_x + z_h)
        h = (1 - z) * np.tanh(n_x + r * n_h) + z * h
        states.append(h)
    return np.array(states).reshape(len(xs), len(h))


def both_ways(layer: BothWays, xs: Array) -> tuple[Array, Array]:
    """States of a bidirectional GRU [n, 2 hidden], and what each direction ends with."""
    ahead, behind = gru(arrays(layer.ahead), xs), gru(arrays(layer.back), xs[::-1])
    return np.hstack([ahead, behind[::-1]]), np.concatenate([ahead[-1], behind[-1]])


def lstm(weights: Mapping[str, Array], xs: Array, h: Array, c: Array) -> tuple[Array, Array]:
    """h and c after vectors [n, d] (Hochreiter & Schmidhuber 1997, with a forget gate)."""
    w, u, b, d = (
        weights[f"{name}_l0"] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    for x in xs:
        i, f, g, o = np.split(w @ x + b + u @ h + d, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
    return h, c


def tokens(*shape: int, most: int, seed: int = 0) -> torch.Tensor:
    """Random words below `most`; each row has one at least, and pads after its last."""
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.randint(1, shape[-1] + 1, (*shape[:-1], 1), generator=generator)
    words = torch.randint(1, most, shape, generator=generator)
    return words * (torch.arange(shape[-1]) < lengths)
