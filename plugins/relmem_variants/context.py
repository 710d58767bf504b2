"""Words by where they stand: what a word does in its sentence, whichever word it is."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from relmem_variants.initial import normal
from relmem_variants.options import OpenOptions


class InContext(NamedTuple):
    """Texts [..., words] as vectors [..., dim], and each word's roles [..., words, roles]."""

    vectors: Tensor
    roles: Tensor


class Context(nn.Module):
    """s = sum_k f_k * e_k (eq. 1) with a mask f_k that the words around word k decide.

    Two convolutions over the words, where all open words are alike, tell what each does: its mask,
    and its roles, numbers that say how much it counts where another text has the same word. So
    what is learned of one name holds for all, wherever in a sentence it stands.

    closed  how many ids stand for themselves; those from there on are open words
    ids     how many ids there are
    roles   how many roles
    """

    def __init__(self, *, closed: int, ids: int, roles: int, options: OpenOptions) -> None:
        super().__init__()
        dim, context, width = options.dim, options.context, options.width
        self.closed = closed
        self.words = normal(ids, dim, scale=3)
        self.near = normal(closed + 1, context, scale=2.5)  # the last: any open word
        self.asks = normal(context, scale=2.5)
        self.first = nn.Conv1d(context, context, width, padding=width // 2)
        self.second = nn.Conv1d(context, context, width, padding=width // 2)
        self.whole = nn.Linear(context, context, bias=False)
        self.norm = nn.LayerNorm(context)
        self.mask, self.more = nn.Linear(context, dim), nn.Linear(context, dim)
        self.roles = nn.Linear(context, roles)
        with torch.no_grad():
            self.mask.bias.add_(1)
            self.roles.weight.mul_(2)
            self.roles.bias.normal_(std=0.5)

    def forward(self, tokens: Tensor, *, asking: int = 0) -> InContext:
        """Texts int64 [N, words] in context; pads count for nothing.

        asking  how many of them are questions, the last ones
        """
        there = (tokens != 0)[..., None].to(self.words.dtype)
        asks = (torch.arange(len(tokens), device=tokens.device) >= len(tokens) - asking).to(there)
        h = (self.near[tokens.clamp(max=self.closed)] + asks[:, None, None] * self.asks) * there
        h = h + self._convolve(self.first, h)
        mean = (h * there).sum(dim=1) / there.sum(dim=1).clamp(min=1)
        h = (h + self.whole(mean)[:, None]) * there
        h = self.norm(h + self._convolve(self.second, h)) * there
        masked = self.mask(h) * there * self.words[tokens]
        return InContext(masked.sum(dim=1) + self.more(0.2 * h.sum(dim=1)), self.roles(h) * there)

    @staticmethod
    def _convolve(layer: nn.Conv1d, h: Tensor) -> Tensor:
        found: Tensor = gelu(layer(h.transpose(1, 2))).transpose(1, 2)
        return found
