"""The gated memory of EntNet (eq. 2-5)."""

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, normalize

from relmem_variants.activation import phi


class Memory(nn.Module):
    """Slots that a sentence opens by likeness to their key or content, then writes to."""

    def __init__(self, *, dim: int) -> None:
        super().__init__()
        self.U = nn.Parameter(torch.randn(dim, dim) * dim**-0.5)
        self.V = nn.Parameter(torch.randn(dim, dim) * dim**-0.5)
        self.W = nn.Parameter(torch.randn(dim, dim) * dim**-0.5)
        self.bias = nn.Parameter(torch.zeros(dim))
        self.slope = nn.Parameter(torch.ones(dim))

    def forward(self, h: Tensor, s: Tensor, w: Tensor) -> tuple[Tensor, Tensor]:
        """New memory and gates g [batch, slots].

        h [batch, slots, dim]; sentences s [batch, dim]; keys w [slots, dim].
        """
        g = torch.sigmoid(((h + w) @ s[:, :, None]).squeeze(2))  # eq. 2
        drive = linear(w, self.V, self.bias) + linear(s, self.W)[:, None]
        candidate = phi(linear(h, self.U) + drive, self.slope)  # eq. 3
        return normalize(h + g[:, :, None] * candidate, dim=2), g  # eq. 4, 5
