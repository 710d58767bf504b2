"""What several of the systems make of sentences."""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn.functional import pad
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from relmem_cli.contract.window import WindowModel
from relmem_cli.stories.batch import StoryBatch


def encoded(words: nn.Embedding, tokens: Tensor, longest: int = 0) -> Tensor:
    """Sentences int64 [..., words] as [..., d], in position encoding (MemN2N, section 4.1)."""
    vectors: Tensor = words(tokens)
    return (position(tokens, vectors.dtype, words.embedding_dim, longest) * vectors).sum(-2)


def last_state(lstm: nn.LSTM, words: nn.Embedding, tokens: Tensor) -> Tensor:
    """Sentences int64 [..., words] as [..., d]: the LSTM's h after the last word, 0 where none is.

    The LSTM is batch_first; pads stand last, and what it makes of them is not looked at.
    """
    flat = tokens.reshape(-1, tokens.shape[-1])
    h = lstm(words(flat))[0]  # [N, words, d]
    length = (flat != 0).sum(dim=1)
    h = h[torch.arange(len(flat), device=flat.device), (length - 1).clamp(min=0)]
    state: Tensor = h * (length > 0)[:, None]
    return state.view(*tokens.shape[:-1], -1)


def encoded_by_each(words: nn.Embedding, tokens: Tensor, d: int, longest: int) -> Tensor:
    """Sentences as [..., tables, d], by tables of vectors that lie side by side in one embedding.

    In the position encoding of MemN2N's code, or as the plain sum of their words if longest is 0.
    """
    vectors: Tensor = words(tokens).unflatten(-1, (-1, d))
    kind = vectors.dtype
    weights = centred(tokens, kind, d, longest) if longest else (tokens != 0)[..., None].to(kind)
    return (weights[..., None, :] * vectors).sum(-3)


def small_embedding(vocabulary: int, d: int) -> nn.Embedding:
    """Word vectors that begin as N(0, 0.1), the pad's as zeros, which it stays."""
    words = nn.Embedding(vocabulary, d, padding_idx=0)
    words.weight.data.mul_(0.1)
    return words


def position(tokens: Tensor, kind: torch.dtype, d: int, longest: int = 0) -> Tensor:
    """How much each component of each word counts, [..., words, d] (MemN2N, section 4.1).

    l_kj = (1 - j/J) - (k/d)(1 - 2j/J) for word j and component k of d; 0 for a pad. J is `longest`,
    the same for all sentences, or if that is 0 the sentence's own number of words.
    """
    there = (tokens != 0).unsqueeze(-1).to(kind)
    j = there.cumsum(-2) / (longest or there.sum(-2, keepdim=True).clamp(min=1))
    k = torch.arange(1, d + 1, device=tokens.device, dtype=kind) / d
    return (1 - j - k * (1 - 2 * j)) * there


def centred(tokens: Tensor, kind: torch.dtype, d: int, longest: int) -> Tensor:
    """The same as MemN2N's code has it, twice as large: l_kj is 1 where j is in the middle of J.

    l_kj = 1 + 4 (j - (J + 1) / 2) (k - (d + 1) / 2) / (J d).
    """
    there = (tokens != 0).unsqueeze(-1).to(kind)
    j = there.cumsum(-2) - (longest + 1) / 2
    k = torch.arange(1, d + 1, device=tokens.device, dtype=kind) - (d + 1) / 2
    return (1 + 4 * j * k / (longest * d)) * there


def ages(there: Tensor) -> Tensor:
    """How many sentences came after each [Q, T], of those that are there; 0 where none is."""
    return there.int().flip(1).cumsum(1).flip(1).sub(1).clamp(min=0)


def encoded_once(
    model: WindowModel, batch: StoryBatch, encode: Callable[[Tensor], Tensor]
) -> Tensor:
    """`encode` of each question's own sentences [Q, T, ...], a sentence encoded once a batch.

    encode takes sentences [n, words] to [n, ...]; a sentence of pads is zeros.
    """
    there = (batch.sentences != 0).any(2)
    numbers = there.flatten().cumsum(0).view(there.shape) * there  # from 1; 0 is a pad
    own = model.windows(replace(batch, sentences=numbers[..., None]))[0][..., 0]
    vectors = encode(batch.sentences[there])
    return torch.cat([torch.zeros_like(vectors[:1]), vectors])[own]


def in_common(sentences: Tensor, others: Tensor) -> Tensor:
    """Which words of sentences [Q, T, words] are in others [Q, words], too: bool."""
    return (sentences[..., None] == others[:, None, None]).any(3) & (sentences != 0)


def stories(ordered: Tensor) -> tuple[Tensor, Tensor]:
    """The stories [S, T, words] that sentences [Q, T, words] begin, the pads behind them.

    Next to each other, what one question reads may be how the next one's sentences begin. Returns
    the longest of each such row, and for each question which of them is its own, int64 [Q].
    """
    there = (ordered != 0).any(2)
    begins = ((ordered[:-1] == ordered[1:]).all(2) | ~there[:-1]).all(1)
    last = torch.cat([~begins, begins.new_ones(min(len(ordered), 1))])
    return ordered[last], last.cumsum(0) - last.long()


def in_a_row(vectors: Tensor, there: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """All words of all sentences one after another, the pads behind them.

    vectors [Q, T, words, d], and whether there is a word, [Q, T, words]. Returns the vectors
    [Q, T * words, d], the place that each had among all [Q, T * words], and how many are words [Q].
    """
    there = there.flatten(1)
    order = (~there).to(torch.uint8).argsort(dim=1, stable=True)
    return vectors.flatten(1, 2).take_along_dim(order[..., None], dim=1), order, there.sum(dim=1)


def run(rnn: nn.GRU | nn.LSTM, vectors: Tensor, count: Tensor) -> tuple[Tensor, Tensor]:
    """Its states [Q, T, hidden] at the first `count` [Q] of the vectors [Q, T, d], and the last.

    At least one vector is read; states behind the count mean nothing. Where it reads in both
    directions their states stand side by side.
    """
    size, most = rnn.hidden_size * (2 if rnn.bidirectional else 1), vectors.shape[1]
    count = count.clamp(min=1)
    if not len(vectors):
        return vectors.new_zeros(0, most, size), vectors.new_zeros(0, size)
    if not rnn.bidirectional:  # without packing, whose way back takes twice as long on a CPU
        states, _ = rnn(vectors[:, : int(count.max())])
        last = states.take_along_dim((count - 1)[:, None, None], dim=1)[:, 0]
        return pad(states, (0, 0, 0, most - states.shape[1])), last
    packed = pack_padded_sequence(vectors, count.cpu(), batch_first=True, enforce_sorted=False)
    states, last = rnn(packed)
    if isinstance(rnn, nn.LSTM):
        last, _ = last
    states, _ = pad_packed_sequence(states, batch_first=True, total_length=most)
    return states, last.transpose(0, 1).flatten(1)
