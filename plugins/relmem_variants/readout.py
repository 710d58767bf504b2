"""From memory and question to an answer (eq. 11-14)."""

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from relmem_variants.activation import phi


class Readout(nn.Module):
    """Attends to rows of memory and scores every word as the answer.

    The paper counts answer columns for the m keys as well (it treats keys as words); no answer is
    ever a key, so the logits leave them out.
    """

    def __init__(self, *, vocabulary: int, slots: int, dim: int, hops: int) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self.hops = hops
        self.H = nn.Parameter(torch.randn(dim, dim) * dim**-0.5)
        self.R = nn.Parameter(torch.randn(vocabulary + slots, dim) * dim**-0.5)

    def forward(self, question: Tensor, rows: Tensor, slope: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Logits [batch, vocabulary] and, for each hop, the attention [batch, rows].

        question q [batch, dim]; rows m_i [batch, rows, dim]; slope of phi [dim].
        """
        p, u = self.attend(question, rows)
        attention = [p]
        for _ in range(self.hops - 1):
            question = question + u  # eq. 14
            p, u = self.attend(question, rows)
            attention.append(p)
        answer = phi(question + linear(u, self.H), slope)
        return linear(answer, self.R[: self.vocabulary]), attention  # eq. 13

    @staticmethod
    def attend(question: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Attention p [batch, rows] and what it reads, u [batch, dim]."""
        p = torch.softmax((rows @ question[:, :, None]).squeeze(2), dim=1)  # eq. 11
        return p, (p[:, None] @ rows).squeeze(1)  # eq. 12
