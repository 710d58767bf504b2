"""A relation for every pair of slots, as RelNet keeps them (arXiv 1706.07179)."""

import torch
from torch import Tensor
from torch.nn.functional import linear

from relmem_cli.stories.vocabulary import Sizes
from relmem_variants.initial import normal
from relmem_variants.options import RelationOptions
from relmem_variants.readout import scores, weighted
from relmem_variants.relation import RelationModel, RelationState
from relmem_variants.relations_kept import RelationKind


class AllRelations(RelationModel):
    """Keeps all m (m - 1) / 2 relations (eq. 15), each with the gate g_ij of its pair (eq. 6).

    The readout attends to the memory rows C h_i and to the pair rows D [h_i; h_j; r_ij], where D
    is d x 3 d: the three matrices more than relation-slot that the paper counts.
    """

    kind = RelationKind.pairs

    def __init__(self, *, sizes: Sizes, options: RelationOptions) -> None:
        super().__init__(sizes=sizes, options=options)
        dim = options.dim
        self.D = normal(dim, 3 * dim)

    def begin(self, batch: int) -> RelationState:
        """Every slot holds its key; no relations yet."""
        keys = self.keys.expand(batch, -1, -1)
        slots, dim = self.keys.shape
        relation = keys.new_zeros(batch, slots * (slots - 1) // 2, dim)
        return RelationState(keys, relation, keys.new_zeros(batch, slots))

    def relation_gates(self, g: Tensor) -> Tensor:
        """g_ij for the pairs i < j (eq. 6)."""
        i, j = self._pairs()
        return g[:, i] * g[:, j]

    def attend(self, state: RelationState, q: Tensor) -> tuple[Tensor, Tensor]:
        """Eq. 11 and 12 over m memory rows, then a row for each pair i < j.

        As in relation-slot the matrices are applied to vectors, not to every row.
        """
        i, j = self._pairs()
        h, r = state.memory, state.relation
        left, right, middle = (q @ self.D).chunk(3, dim=1)
        pairs = scores(h, left)[:, i] + scores(h, right)[:, j] + scores(r, middle)
        p = torch.softmax(torch.cat([scores(h, q @ self.C), pairs], dim=1), dim=1)
        own, paired = torch.split(p, [h.shape[1], r.shape[1]], dim=1)
        nothing = torch.zeros_like(own)
        read = torch.cat(
            [
                weighted(nothing.index_add(1, i, paired), h),
                weighted(nothing.index_add(1, j, paired), h),
                weighted(paired, r),
            ],
            dim=1,
        )
        return p, linear(weighted(own, h), self.C) + linear(read, self.D)

    def _pairs(self) -> tuple[Tensor, Tensor]:
        slots = len(self.keys)
        i, j = torch.triu_indices(slots, slots, offset=1, device=self.keys.device)
        return i, j
