"""An LSTM that predicts each word from those before it."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, pad
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from relmem_field.options import LstmOptions
from relmem_field.words import words_first


class Read(NamedTuple):
    """What was read: h and c, both [batch, hidden]."""

    h: Tensor
    c: Tensor


class LanguageModel(nn.Module):
    """p(w_t | w_1 .. w_(t-1)) is softmax(V h_(t-1) + b), h_t the LSTM's state after w_t."""

    def __init__(self, vocabulary: int, options: LstmOptions) -> None:
        super().__init__()
        self.words = nn.Embedding(vocabulary, options.dim, padding_idx=0)
        self.lstm = nn.LSTM(options.dim, options.hidden, batch_first=True)
        self.out, self.drop = nn.Linear(options.hidden, vocabulary), nn.Dropout(options.dropout)

    def begin(self, batch: int) -> Read:
        """Nothing read."""
        zeros = self.out.weight.new_zeros(batch, self.lstm.hidden_size)
        return Read(zeros, zeros)

    def read(self, state: Read, tokens: Tensor) -> tuple[Tensor, Tensor, Read]:
        """Read on: h before each word and after the last [batch, n + 1, hidden], words, the state.

        Of tokens int64 [batch, m] the words are those that are no pads, [batch, n], pads last.
        """
        (words, order), vectors = words_first(tokens), self.drop(self.words(tokens))
        if not len(tokens):
            return state.h[:, None].expand(-1, words.shape[1] + 1, -1), words, state
        vectors, length = vectors.take_along_dim(order[:, :, None], dim=1), (words != 0).sum(dim=1)
        packed = pack_padded_sequence(
            vectors, length.clamp(min=1).cpu(), batch_first=True, enforce_sorted=False
        )
        with torch.backends.cudnn.flags(enabled=self.training):  # else it gives /why no gradient
            states, (h, c) = self.lstm(packed, (state.h[None], state.c[None]))
        hidden, _ = pad_packed_sequence(states, batch_first=True, total_length=words.shape[1])
        some = (length > 0)[:, None]
        after = Read(torch.where(some, h[0], state.h), torch.where(some, c[0], state.c))
        return torch.cat([state.h[:, None], hidden], dim=1), words, after

    def following(self, state: Read) -> Tensor:
        """Log p of each word [batch, vocabulary] to come next."""
        logits: Tensor = self.out(self.drop(state.h))
        return logits.log_softmax(dim=1)

    def before(self, words: Tensor) -> Tensor:
        """H before each word and after the last [batch, n + 1, hidden], from the first one on.

        The same as `read` gives, some twenty times faster, but without the state.
        """
        states, _ = self.lstm(self.drop(self.words(words)))
        return pad(states, (0, 0, 1, 0))

    def missed(self, before: Tensor, words: Tensor) -> Tensor:
        """-log p of each word [batch, n] from h before it; 0 for pads."""
        there = words != 0
        logits = self.out(self.drop(before[:, :-1][there]))
        missed = cross_entropy(logits, words[there], reduction="none")
        return before.new_zeros(words.shape).masked_scatter(there, missed)
