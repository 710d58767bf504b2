"""Eq. 1 on the CPU: s = sum_k f_k * e_k over the words of a sentence, and its derivatives.

With ds the gradient by s, the word at place k adds f_k * ds to de of its vector, and e_k * ds to
df_k. Pads have no vector and add nothing.
"""

from relmem_variants.fast.cpu.arrays import width_of, zeros
from relmem_variants.fast.cpu.tile import Array, compiled


@compiled
def encode(tokens: Array, words: Array, mask: Array) -> Array:
    """Sentences or questions int64 [N, L] as vectors [N, width]; words [V, d], mask [>= L, d].

    Raises IndexError for a token or a place that there is no vector for.
    """
    if tokens.shape[1] > len(mask):
        raise IndexError("a sentence has more words than the mask has places")
    dim = words.shape[1]
    s = zeros(len(tokens), width_of(dim, words), words)
    for n in range(len(tokens)):
        for k in range(tokens.shape[1]):
            token = tokens[n, k]
            if not 0 <= token < len(words):
                raise IndexError("a word has no vector")
            if token:
                for j in range(dim):
                    s[n, j] += mask[k, j] * words[token, j]
    return s


@compiled
def encode_back(
    tokens: Array, words: Array, mask: Array, ds: Array, dwords: Array, dmask: Array
) -> None:
    """Add to the gradients by words and mask what ds [N, width] gives."""
    for n in range(len(tokens)):
        for k in range(tokens.shape[1]):
            token = tokens[n, k]
            if token:
                for j in range(words.shape[1]):
                    dwords[token, j] += mask[k, j] * ds[n, j]
                    dmask[k, j] += words[token, j] * ds[n, j]
