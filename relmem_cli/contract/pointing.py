"""Answers that are words of the story: for models that point instead of knowing all answers."""

import torch
from torch import Tensor


def pointed(weights: Tensor, words: Tensor, ids: int) -> Tensor:
    """Logits [Q, ids]: the logarithm of each word's summed weight (Kadlec et al. 2016, eq. 4).

    weights  [Q, N], at least 0: how much each place is pointed to; a row sums to 1 at most
    words    int64 [Q, N]: the id at each place; what points to a pad points to nothing
    ids      how many ids there are, `sizes.ids`: words outside the vocabulary are among them

    A word that nothing points to has the logarithm of 1e-9. arXiv 1603.01547.
    """
    mass = weights.new_zeros(len(weights), ids).scatter_add(1, words, weights)
    return torch.cat([torch.zeros_like(mass[:, :1]), mass[:, 1:]], dim=1).clamp(min=1e-9).log()
