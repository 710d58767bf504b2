"""Attention that stops at the nearest match (stick-breaking)."""

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid


def stick_breaking(scores: Tensor, allowed: Tensor, later_first: Tensor) -> Tensor:
    """Each row's weights [..., rows, columns]; they sum to at most 1.

    A column j gets sigma(a_j) times the product of 1 - sigma(a_k) over the columns k that come
    before it: the first that matches takes what is left, and what none takes is not read
    (Csordas et al. 2022, arXiv 2110.07732, eq. 6; Tan et al. 2024, arXiv 2410.17980).

    scores       a [..., rows, columns]
    allowed      which columns a row may read, broadcast to the scores
    later_first  whether a row's columns come from the last to the first, or the other way round
    """
    take = logsigmoid(scores)
    leave = (take - scores).masked_fill(~allowed, 0)  # log(1 - sigma(a)) = log sigma(a) - a
    taken = leave.cumsum(dim=-1)
    before = torch.where(later_first, taken[..., -1:] - taken, taken - leave)
    return (take + before).exp().masked_fill(~allowed, 0)
