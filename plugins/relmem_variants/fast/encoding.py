"""Eq. 1 on the CPU: s = sum_k f_k * e_k over the words of a sentence, and its derivatives.

With ds the gradient by s, the word at place k adds f_k * ds to de of its vector, and e_k * ds to
df_k. Pads have no vector and add nothing.
"""

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


def encode(tokens: Tensor, words: Tensor, mask: Tensor) -> Tensor:
    """Sentences or questions int64 [N, L] as vectors [N, d]; words [V, d], mask [at least L, d].

    Raises IndexError for a token or a place that there is no vector for.
    """
    if tokens.shape[1] > len(mask):
        raise IndexError(f"{tokens.shape[1]} words are more than the mask's {len(mask)}")
    s = words.new_zeros(len(tokens), words.shape[1])
    _encode(tokens.numpy(), words.numpy(), mask.numpy(), s.numpy())
    return s


def encode_back(tokens: Tensor, words: Tensor, mask: Tensor, ds: Tensor, dwords: Tensor) -> Tensor:
    """The gradient by mask; that by words is added to `dwords`."""
    dmask = torch.zeros_like(mask)
    arrays = (tensor.numpy() for tensor in (tokens, words, mask, ds, dwords, dmask))
    _back(*arrays)
    return dmask
