"""Rows that look at sentences several times, with the same weights each time.

Sentences and a question are rows; what they become is what relation-transformer and
open-transformer share (Dehghani et al. 2019, arXiv 1807.03819; Csordas et al. 2022, 2110.07732).
"""

import math
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from relmem_variants.initial import normal
from relmem_variants.stick_breaking import stick_breaking

KINDS = 3
"""A third of the heads each: the nearest earlier sentence first, the nearest later one first, and
all of them by softmax."""


class Read(NamedTuple):
    """What a step may read, and scores that stay as they are from step to step.

    match    [questions, heads, 1 + sentences, sentences]
    allowed  like match, bool; the first row is the question
    """

    match: Tensor
    allowed: Tensor


class AttentionOptions(Protocol):
    """What the options of a variant that looks tell; see `TransformerOptions`."""

    @property
    def dim(self) -> int:
        """Length of a row."""

    @property
    def dropout(self) -> float:
        """The part of what a step adds that is dropped."""


class StoryAttention(nn.Module):
    """The layers of a step, and the step itself; a subclass sets `heads` and `steps` before."""

    heads: int
    steps: int

    def _build_steps(self, options: AttentionOptions) -> None:
        """Make the layers; in this order, since the seed's numbers are drawn in it."""
        dim = options.dim
        self.step = normal(self.steps, dim, scale=0.2)
        self.attention_norm, self.mix_norm = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.query, self.key = nn.Linear(dim, dim), nn.Linear(dim, dim)
        with torch.no_grad():
            self.key.weight.copy_(self.query.weight)  # what is alike matches from the start
        self.value, self.output = nn.Linear(dim, dim), nn.Linear(dim, dim)
        self.widen, self.narrow = nn.Linear(dim, 2 * dim), nn.Linear(2 * dim, dim)
        self.drop = nn.Dropout(options.dropout)
        self.answer_norm, self.say = nn.LayerNorm(dim), nn.Linear(dim, dim)

    def _step(self, z: Tensor, what: Read, step: Tensor) -> tuple[Tensor, Tensor]:
        """The rows [questions, rows, dim] that `what` has, after one look; and its weights.

        Row i looks at sentence j with the score a_ij = query_i . key_j / sqrt(d / h) + match_ij.
        """
        rows = what.match.shape[2]
        y = self.attention_norm(z) + step  # [questions, 1 + sentences, d]
        query, key, value = (
            self._by_head(of(rows_of))
            for of, rows_of in (
                (self.query, y[:, :rows]),
                (self.key, y[:, 1:]),
                (self.value, y[:, 1:]),
            )
        )
        scores = (query * key.shape[-1] ** -0.5) @ key.mT + what.match
        weights = self._weights(scores, what.allowed)  # [questions, h, rows, sentences]
        z = z[:, :rows] + self.drop(self.output((weights @ value).transpose(1, 2).flatten(2)))
        return z + self.drop(self.narrow(gelu(self.widen(self.mix_norm(z))))), weights

    def _weights(self, scores: Tensor, allowed: Tensor) -> Tensor:
        """Attention by heads of each kind; every head may also read nothing."""
        each = self.heads // KINDS
        later_first = torch.ones(
            2 * each, scores.shape[2], 1, dtype=torch.bool, device=scores.device
        )
        later_first[each:, 1:] = False  # the question's row has only sentences before it
        near = stick_breaking(scores[:, : 2 * each], allowed[:, : 2 * each], later_first)
        nothing = scores.new_zeros(*scores.shape[:1], each, scores.shape[2], 1)
        far = scores[:, 2 * each :].masked_fill(~allowed[:, 2 * each :], -math.inf)
        return torch.cat([near, torch.cat([nothing, far], dim=3).softmax(dim=3)[..., 1:]], dim=1)

    def _by_head(self, x: Tensor) -> Tensor:
        return x.view(*x.shape[:2], self.heads, x.shape[2] // self.heads).transpose(1, 2)
