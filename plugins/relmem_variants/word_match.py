"""Scores for words that two sentences share, wherever they stand."""

import torch
from torch import Tensor, nn


class WordMatch(nn.Module):
    """A learned score for every pair of places that hold the same word.

    It sees which words are equal and nothing of what they are, so that what it learns of one name
    holds for all. Among sentences (`alike`) it begins as one that looks for the same word at the
    same place, at some places more than at others: heads that begin so find relations which they
    hardly ever find from a random start.
    """

    def __init__(self, *, left: int, right: int, out: int, noise: float, alike: float = 0) -> None:
        super().__init__()
        start = nn.init.normal_(torch.empty(left, right, out), std=noise)
        if alike:
            nn.init.uniform_(start.diagonal(), 0, alike)
        self.weight = nn.Parameter(start.view(left * right, out))

    def forward(self, same: Tensor) -> Tensor:
        """Same [..., left, right] (from `same_words`) to scores [..., out]."""
        return same.flatten(-2).to(self.weight.dtype) @ self.weight


def same_words(left: Tensor, right: Tensor) -> Tensor:
    """Whether words are equal and no pads: [..., m] and [..., n] to bool [..., m, n]."""
    return (left[..., :, None] == right[..., None, :]) & (left != 0)[..., :, None]
