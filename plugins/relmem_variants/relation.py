"""Relations among memory slots (eq. 6-10) and the relation-slot variant."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from relmem_cli.contract.model import Chart, Explanation
from relmem_cli.stories.vocabulary import Sizes
from relmem_variants.activation import phi
from relmem_variants.options import RelationOptions
from relmem_variants.slots import SlotModel


class RelationState(NamedTuple):
    """memory h [batch, slots, dim]; relation r [batch, relations, dim]; gates g [batch, slots]."""

    memory: Tensor
    relation: Tensor
    gates: Tensor


class Relation(nn.Module):
    """The relation candidate phi(A r + B s) of eq. 8, and of eq. 18 for the memory itself.

    A starts at zero and B small: relations begin as faint sums of the sentences that opened their
    slots. `bias` and `slope` belong to the candidate; `output_slope` to the readout of the
    variants that have relations (the paper's counts leave room for three vectors and do not name
    them).
    """

    def __init__(self, *, dim: int) -> None:
        super().__init__()
        self.A = nn.Parameter(torch.zeros(dim, dim))
        self.B = nn.Parameter(torch.randn(dim, dim) * 0.1 * dim**-0.5)
        self.bias = nn.Parameter(torch.zeros(dim))
        self.slope = nn.Parameter(torch.ones(dim))
        self.output_slope = nn.Parameter(torch.ones(dim))

    def forward(self, r: Tensor, s: Tensor, gate: Tensor) -> Tensor:
        """R + gate * phi(A r + B s) (eq. 8, 9; 18, 19).

        r [batch, rows, dim]; sentences s [batch, dim]; gate [batch, rows].
        """
        candidate = phi(linear(r, self.A) + linear(s, self.B, self.bias)[:, None], self.slope)
        return r + gate[:, :, None] * candidate


def gathered(g: Tensor) -> Tensor:
    """gr_i = sum over j != i of g_i g_j (eq. 6, 7), for gates g [batch, slots]."""
    return g * (g.sum(dim=1, keepdim=True) - g)


def pair_gates(g: Tensor) -> Tensor:
    """g_ij = g_i g_j, and 0 where i = j (eq. 6): [batch, slots, slots]."""
    return (g[:, :, None] * g[:, None]).masked_fill(
        torch.eye(g.shape[1], dtype=torch.bool, device=g.device), 0
    )


class RelationModel(SlotModel[RelationState]):
    """What the two variants with relations of their own have in common."""

    def __init__(self, *, sizes: Sizes, options: RelationOptions) -> None:
        super().__init__(sizes=sizes, options=options, hops=options.hops)
        self.relation = Relation(dim=options.dim)
        self.limit = options.relation_limit
        self.C = nn.Parameter(torch.randn(options.dim, options.dim) * options.dim**-0.5)

    def relations(self, r: Tensor, s: Tensor, gate: Tensor) -> Tensor:
        """Relations after sentences s (eq. 8, 9), those over the limit scaled down to it."""
        r = self.relation(r, s, gate)
        if not self.limit:
            return r
        length: Tensor = torch.linalg.vector_norm(r, dim=2, keepdim=True)
        return r / (length / self.limit).clamp_min(1)

    def output_slope(self) -> Tensor:
        """A slope of the readout's own."""
        return self.relation.output_slope

    def explain(self, state: RelationState, questions: Tensor) -> Explanation:
        """Also the pairs' gates that the latest sentence opened."""
        pairs = Chart(values=pair_gates(state.gates[:1])[0], rows="slot", columns="slot")
        return super().explain(state, questions) | {"relations": pairs}


class RelationSlot(RelationModel):
    """EntNet with one relation slot beside each memory slot (eq. 1-14)."""

    def begin(self, batch: int) -> RelationState:
        """Every slot holds its key; no relations yet."""
        keys = self.keys.expand(batch, -1, -1)
        return RelationState(keys, torch.zeros_like(keys), keys.new_zeros(keys.shape[:2]))

    def step(self, state: RelationState, s: Tensor) -> RelationState:
        """Eq. 2-9 for sentences s [batch, dim]."""
        h, g = self.memory(state.memory, s, self.keys)
        return RelationState(h, self.relations(state.relation, s, gathered(g)), g)

    def rows(self, state: RelationState) -> Tensor:
        """C h_1 ... C h_m, C r_1 ... C r_m (eq. 10; the counts give C one d x d matrix)."""
        return linear(torch.cat([state.memory, state.relation], dim=1), self.C)
