"""The activation phi of eq. 3, 8, 13 and 19."""

import torch
from torch import Tensor, nn
from torch.nn.functional import prelu


def slopes(dim: int) -> nn.Parameter:
    """The slopes of a phi [dim]; they begin at 0.25, as torch's own PReLU does."""
    return nn.Parameter(torch.full((dim,), 0.25))


def phi(x: Tensor, slope: Tensor) -> Tensor:
    """PReLU of x [..., dim] with a learned slope [dim] for each entry of the last axis."""
    return prelu(x.reshape(-1, x.shape[-1]), slope).view_as(x)
