"""The activation phi of eq. 3, 8, 13 and 19."""

from torch import Tensor
from torch.nn.functional import prelu


def phi(x: Tensor, slope: Tensor) -> Tensor:
    """PReLU of x [..., dim] with a learned slope [dim] for each entry of the last axis."""
    return prelu(x.reshape(-1, x.shape[-1]), slope).view_as(x)
