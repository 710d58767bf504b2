"""Attention that stops at the nearest match (stick-breaking), forward and backward."""

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid


def stick_breaking(scores: Tensor, allowed: Tensor, later_first: Tensor) -> Tensor:
    """Each row's weights [..., rows, columns]; they sum to at most 1.

    A column j gets w_j = sigma(a_j) times the product of 1 - sigma(a_k) over the columns k that
    come before it: the first that matches takes what is left, and what none takes is not read
    (Csordas et al. 2022, arXiv 2110.07732, eq. 6; Tan et al. 2024, arXiv 2410.17980).

    scores       a [..., rows, columns]
    allowed      which columns a row may read, as bool that can be broadcast to the scores
    later_first  whether a row's columns come from the last to the first or the other way round
    """
    weights: Tensor = _StickBreaking.apply(scores, allowed, later_first)
    return weights


class _StickBreaking(torch.autograd.Function):
    """By hand, since the same by autograd reads and writes three times as many matrices.

    With c_j = w_j dL/dw_j, dL/da_j = c_j - sigma(a_j) (c_j + the sum of c_k over k after j).
    """

    @staticmethod
    def forward(ctx: Any, scores: Tensor, allowed: Tensor, later_first: Tensor) -> Tensor:
        take = logsigmoid(scores)
        leave = (take - scores).masked_fill_(~allowed, 0)  # log(1 - sigma(a)) = log sigma(a) - a
        weights = take.add_(_before(leave, later_first)).exp_().masked_fill_(~allowed, 0)
        ctx.save_for_backward(scores, allowed, later_first, weights)
        return weights

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        scores, allowed, later_first, weights = ctx.saved_tensors
        own = gradient * weights
        after = _before(own, ~later_first).add_(own)
        return own.addcmul_(scores.sigmoid(), after, value=-1).masked_fill_(~allowed, 0), None, None


def _before(x: Tensor, later_first: Tensor) -> Tensor:
    """The sum of x over the columns that come before each column of a row."""
    until = x.cumsum(dim=-1)
    return torch.where(later_first, until[..., -1:] - until, until - x)
