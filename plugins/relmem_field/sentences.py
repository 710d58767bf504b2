"""What several of the systems make of sentences."""

import torch
from torch import Tensor, nn


def encoded(words: nn.Embedding, tokens: Tensor) -> Tensor:
    """Sentences int64 [..., words] as [..., d]: position encoding (MemN2N, section 4.1).

    The sum over the words of l_j e_j, where l_kj = (1 - j/J) - (k/d)(1 - 2j/J) for word j of J and
    component k of d; pads count for nothing.
    """
    there, d = (tokens != 0).unsqueeze(-1), words.embedding_dim
    j = there.cumsum(-2) / there.sum(-2, keepdim=True).clamp(min=1)
    k = torch.arange(1, d + 1, device=tokens.device) / d
    return ((1 - j - k * (1 - 2 * j)) * words(tokens) * there).sum(-2)


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
