"""How weights begin."""

import torch
from torch import nn


def normal(*shape: int, scale: float = 1.0) -> nn.Parameter:
    """Normal numbers with standard deviation scale / sqrt(the last axis' length)."""
    return nn.Parameter(nn.init.normal_(torch.empty(shape), std=scale * shape[-1] ** -0.5))
