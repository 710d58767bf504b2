"""What several of the systems make of sentences."""

import torch
from torch import Tensor, nn
from torch.nn.functional import pad
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


def encoded(words: nn.Embedding, tokens: Tensor) -> Tensor:
    """Sentences int64 [..., words] as [..., d]: position encoding (MemN2N, section 4.1).

    The sum over the words of l_j e_j, where l_kj = (1 - j/J) - (k/d)(1 - 2j/J) for word j of J and
    component k of d; pads count for nothing.
    """
    vectors: Tensor = words(tokens)
    there, d = (tokens != 0).unsqueeze(-1).to(vectors.dtype), words.embedding_dim
    j = there.cumsum(-2) / there.sum(-2, keepdim=True).clamp(min=1)
    k = torch.arange(1, d + 1, device=tokens.device, dtype=vectors.dtype) / d
    return ((1 - j - k * (1 - 2 * j)) * vectors * there).sum(-2)


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
