"""The gated memory of EntNet (eq. 2-5)."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, normalize

from relmem_variants.activation import phi, slopes
from relmem_variants.initial import normal


class MemoryInputs(NamedTuple):
    """What eq. 2 and 3 need of a sentence and the keys; it does not depend on the memory.

    s [..., dim]; match s . w_i [..., slots]; drive V w_i + W s + bias [..., slots, dim].
    """

    s: Tensor
    match: Tensor
    drive: Tensor


class Memory(nn.Module):
    """Slots that a sentence opens by likeness to their key or content, then writes to.

    Slopes start at 0.25: a phi that starts as the identity leaves a model that is linear in what it
    read, and finds the tasks' rules less often.
    """

    def __init__(self, *, dim: int) -> None:
        super().__init__()
        self.U = normal(dim, dim)
        self.V = normal(dim, dim)
        self.W = normal(dim, dim)
        self.bias = nn.Parameter(torch.zeros(dim))
        self.slope = slopes(dim)

    def inputs(self, s: Tensor, w: Tensor) -> MemoryInputs:
        """For sentences s [..., dim] and keys w [slots, dim], all sentences at once."""
        drive = linear(w, self.V, self.bias) + linear(s, self.W)[..., None, :]
        return MemoryInputs(s, linear(s, w), drive)

    def forward(self, h: Tensor, inputs: MemoryInputs) -> tuple[Tensor, Tensor]:
        """New memory [batch, slots, dim] and gates g [batch, slots] after one sentence each."""
        s, match, drive = inputs
        g = torch.sigmoid((h @ s[:, :, None]).squeeze(2) + match)  # eq. 2
        candidate = phi(linear(h, self.U) + drive, self.slope)  # eq. 3
        return normalize(h + g[:, :, None] * candidate, dim=2), g  # eq. 4, 5
