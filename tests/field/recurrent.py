"""What tests of the systems with LSTMs and perceptrons share, in plain NumPy and float64."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from relmem_cli.contract import Variant
from relmem_cli.contract.model import StoryModel
from tests.field.layers import Array, Weights, lstm, of
from tests.variants.cases import SIZES


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


def read(tokens: Sequence[int], weights: Weights, name: str) -> Array:
    """What an LSTM has read after the last word."""
    w = of(weights, name)
    h = c = np.zeros(w["weight_hh_l0"].shape[1])
    for token in tokens:
        if token:
            h, c = lstm(w, weights["words.weight"][token], (h, c), "_l0")
    return h


def layers(weights: Weights, prefix: str) -> list[tuple[Array, Array]]:
    """The matrices and biases of a module's linear layers, in order."""
    names = [n.removesuffix(".weight") for n in of(weights, prefix) if n.endswith(".weight")]
    return [
        (weights[f"{prefix}.{name}.weight"], weights[f"{prefix}.{name}.bias"]) for name in names
    ]


def pair_layer(weights: Weights, prefix: str) -> tuple[Array, Array]:
    """The first layer of a perceptron over [o_i; o_j; q], as one matrix, and its bias."""
    names = ("one", "other", "asked")
    return (
        np.concatenate([weights[f"{prefix}.{name}.weight"] for name in names], axis=1),
        weights[f"{prefix}.asked.bias"],
    )
