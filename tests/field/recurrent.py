"""What tests of the systems with LSTMs and perceptrons share, in plain NumPy and float64."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from relmem_cli.contract import Variant
from relmem_cli.contract.model import StoryModel
from tests.variants.cases import SIZES

Vector = np.ndarray
Weights = Mapping[str, np.ndarray]


def made(variant: Variant, options: dict[str, Any], sizes: Any = SIZES) -> StoryModel[Any]:
    """A float64 model with random weights and biases, as it is when it answers.

    Their size keeps that of what they are multiplied with: neither are all ReLUs off, which would
    hide what is behind them, nor does anything saturate.
    """
    model = variant.build(sizes, options).double().eval()
    generator = torch.Generator().manual_seed(5)
    for parameter in model.parameters():
        size = 1.4 * parameter.shape[-1] ** -0.5 if parameter.dim() > 1 else 0.3
        nn.init.normal_(parameter, std=size, generator=generator)
    return model


def weights_of(model: nn.Module) -> Weights:
    return {name: value.detach().numpy() for name, value in model.named_parameters()}


def sigma(x: Vector) -> Vector:
    return 1 / (1 + np.exp(-x))


def lstm_step(x: Vector, h: Vector, c: Vector, w: Weights, *, end: str = "") -> tuple[Vector, ...]:
    """H and c after one input; `w` are a cell's weights by their names in torch."""
    a = w[f"weight_ih{end}"] @ x + w[f"bias_ih{end}"] + w[f"weight_hh{end}"] @ h
    i, f, g, o = np.split(a + w[f"bias_hh{end}"], 4)
    c = sigma(f) * c + sigma(i) * np.tanh(g)
    return sigma(o) * np.tanh(c), c


def of(weights: Weights, prefix: str) -> Weights:
    """The weights of one module."""
    return {
        name.removeprefix(f"{prefix}."): value
        for name, value in weights.items()
        if name.startswith(f"{prefix}.")
    }


def read(tokens: Sequence[int], weights: Weights, lstm: str) -> Vector:
    """What an LSTM has read after the last word."""
    w = of(weights, lstm)
    h = c = np.zeros(w["weight_hh_l0"].shape[1])
    for token in tokens:
        if token:
            h, c = lstm_step(weights["words.weight"][token], h, c, w, end="_l0")
    return h


def layers(weights: Weights, prefix: str) -> list[tuple[Vector, Vector]]:
    """The matrices and biases of a module's linear layers, in order."""
    names = [n.removesuffix(".weight") for n in of(weights, prefix) if n.endswith(".weight")]
    return [
        (weights[f"{prefix}.{name}.weight"], weights[f"{prefix}.{name}.bias"]) for name in names
    ]


def relu(x: Vector) -> Vector:
    return np.maximum(x, 0)


def perceptron(x: Vector, matrices: Sequence[tuple[Vector, Vector]]) -> Vector:
    """ReLU between layers, none after the last."""
    for number, (W, b) in enumerate(matrices):  # noqa: N806  # a matrix
        x = W @ (x if number == 0 else relu(x)) + b
    return x


def pair_layer(weights: Weights, prefix: str) -> tuple[Vector, Vector]:
    """The first layer of a perceptron over [o_i; o_j; q], as one matrix, and its bias."""
    names = ("one", "other", "asked")
    return (
        np.concatenate([weights[f"{prefix}.{name}.weight"] for name in names], axis=1),
        weights[f"{prefix}.asked.bias"],
    )


def one_hot(place: int, size: int) -> Vector:
    return np.eye(size)[place]
