"""How weights begin."""

import torch
from torch import nn


def normal(*shape: int, scale: float = 1.0) -> nn.Parameter:
    """Normal numbers with standard deviation scale / sqrt(the last axis' length)."""
    weights = torch.empty(shape)
    if not weights.is_meta:  # drawing none there saves importing torch's Python reference code
        nn.init.normal_(weights, std=scale * shape[-1] ** -0.5)
    return nn.Parameter(weights)
