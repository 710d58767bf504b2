"""A relation for every pair of slots, as RelNet keeps them (arXiv 1706.07179)."""

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from relmem_cli.stories.vocabulary import Sizes
from relmem_variants.options import RelationOptions
from relmem_variants.relation import RelationModel, RelationState, pair_gates


class AllRelations(RelationModel):
    """Keeps all m (m - 1) / 2 relations (eq. 15), each with the gate g_ij of its pair (eq. 6).

    The readout attends to the memory rows C h_i and to the pair rows D [h_i; h_j; r_ij], where D
    is d x 3 d: the three matrices more than relation-slot that the paper counts.
    """

    def __init__(self, *, sizes: Sizes, options: RelationOptions) -> None:
        super().__init__(sizes=sizes, options=options)
        dim = options.dim
        self.D = nn.Parameter(torch.randn(dim, 3 * dim) * (3 * dim) ** -0.5)

    def begin(self, batch: int) -> RelationState:
        """Every slot holds its key; no relations yet."""
        keys = self.keys.expand(batch, -1, -1)
        slots, dim = self.keys.shape
        relation = keys.new_zeros(batch, slots * (slots - 1) // 2, dim)
        return RelationState(keys, relation, keys.new_zeros(batch, slots))

    def step(self, state: RelationState, s: Tensor) -> RelationState:
        """Eq. 2-6, 8 and 9 for sentences s [batch, dim]."""
        h, g = self.memory(state.memory, s, self.keys)
        i, j = self._pairs()
        return RelationState(h, self.relations(state.relation, s, pair_gates(g)[:, i, j]), g)

    def rows(self, state: RelationState) -> Tensor:
        """M memory rows, then a row for each pair i < j."""
        i, j = self._pairs()
        left, right, middle = self.D.chunk(3, dim=1)
        pairs = (
            linear(state.memory, left)[:, i]
            + linear(state.memory, right)[:, j]
            + linear(state.relation, middle)
        )
        return torch.cat([linear(state.memory, self.C), pairs], dim=1)

    def _pairs(self) -> tuple[Tensor, Tensor]:
        slots = len(self.keys)
        i, j = torch.triu_indices(slots, slots, offset=1, device=self.keys.device)
        return i, j
