"""Eq. 1 on the CPU: s = sum_k f_k * e_k over the words of a sentence, and its derivatives.

With ds the gradient by s, the word at place k adds f_k * ds to de of its vector, and e_k * ds to
df_k. Pads have no vector and add nothing.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from relmem_variants.fast.tile import Array, compiled


@compiled
def _encode(tokens: Array, words: Array, mask: Array, s: Array) -> None:
    for n in range(len(tokens)):
        for k in range(tokens.shape[1]):
            token = tokens[n, k]
            if not 0 <= token < len(words):
                raise IndexError("a word has no vector")
            if token:
                for j in range(s.shape[1]):
                    s[n, j] += mask[k, j] * words[token, j]


@compiled
def _back(tokens: Array, words: Array, mask: Array, ds: Array, dwords: Array, dmask: Array) -> None:
    for n in range(len(tokens)):
        for k in range(tokens.shape[1]):
            token = tokens[n, k]
            if token:
                for j in range(ds.shape[1]):
                    dwords[token, j] += mask[k, j] * ds[n, j]
                    dmask[k, j] += words[token, j] * ds[n, j]


class Encode(torch.autograd.Function):
    """int64 tokens [N, L], words [V, d] and mask [at least L, d] to s [N, d]."""

    @staticmethod
    def forward(ctx: Any, tokens: Tensor, words: Tensor, mask: Tensor) -> Tensor:
        """Raises IndexError for a token or a place that there is no vector for."""
        if tokens.shape[1] > len(mask):
            raise IndexError(f"{tokens.shape[1]} words are more than the mask's {len(mask)}")
        arrays = tokens.numpy(), words.numpy(), mask.numpy()
        s = np.zeros((len(tokens), words.shape[1]), arrays[1].dtype)
        _encode(*arrays, s)
        ctx.arrays = arrays
        return torch.from_numpy(s)

    @staticmethod
    def backward(ctx: Any, ds: Tensor) -> tuple[None, Tensor, Tensor]:
        """The gradients by words and mask."""
        tokens, words, mask = ctx.arrays
        dwords, dmask = np.zeros_like(words), np.zeros_like(mask)
        _back(tokens, words, mask, ds.contiguous().numpy(), dwords, dmask)
        return None, torch.from_numpy(dwords), torch.from_numpy(dmask)
