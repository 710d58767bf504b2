"""From memory and question to an answer (eq. 11-14)."""

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn.functional import linear

from relmem_variants.activation import phi
from relmem_variants.initial import normal

Attend = Callable[[Tensor], tuple[Tensor, Tensor]]
"""Eq. 11 and 12: from q [batch, dim] to attention p [batch, rows] and what it reads, u."""


class Readout(nn.Module):
    """Attends to rows of memory and scores every word as the answer.

    The paper counts answer columns for the m keys as well (it treats keys as words); no answer is
    ever a key, so the logits leave them out.
    """

    def __init__(self, *, vocabulary: int, slots: int, dim: int, hops: int) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self.hops = hops
        self.H = normal(dim, dim)
        self.R = normal(vocabulary + slots, dim)

    def forward(self, q: Tensor, attend: Attend, slope: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Logits [batch, vocabulary] and, for each hop, the attention [batch, rows].

        question q [batch, dim]; slope of phi [dim].
        """
        p, u = attend(q)
        attention = [p]
        for _ in range(self.hops - 1):
            q = u + q  # eq. 14
            p, u = attend(q)
            attention.append(p)
        return self.score(q, u, slope), attention

    def score(self, q: Tensor, u: Tensor, slope: Tensor) -> Tensor:
        """Eq. 13: logits [rows, vocabulary] of questions q and what was read, u [rows, dim]."""
        answer = phi(q + linear(u, self.H), slope)
        return linear(answer, self.R[: self.vocabulary])  # eq. 13


def scores(rows: Tensor, q: Tensor) -> Tensor:
    """The products q . m_i: rows [batch, rows, dim] and q [batch, dim] to [batch, rows]."""
    return (rows @ q[:, :, None]).squeeze(2)


def weighted(p: Tensor, rows: Tensor) -> Tensor:
    """The sum over i of p_i m_i: p [batch, rows] and rows [batch, rows, dim] to [batch, dim]."""
    return (p[:, None] @ rows).squeeze(1)
