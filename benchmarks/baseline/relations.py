"""The variants with relations (eq. 6-10, 15-19), laid out as `baseline.model`."""

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from relmem_cli.stories.vocabulary import Sizes

from .model import EntNet, State, phi


class SelfMemory(EntNet):
    """The relations are written into the memory itself (eq. 16-19)."""

    def __init__(self, *, sizes: Sizes, slots: int, dim: int, hops: int = 1) -> None:
        super().__init__(sizes=sizes, slots=slots, dim=dim, hops=hops)
        self.A = nn.Linear(dim, dim, bias=False)
        self.B = nn.Linear(dim, dim)
        self.relation_slope = nn.Parameter(torch.ones(dim))
        self.output_slope = nn.Parameter(torch.ones(dim))

    def step(self, state: State, s: Tensor, from_keys: Tensor) -> State:
        """Eq. 2-5, then 16-19."""
        h, gate = self.write(state[0], s, from_keys)
        return (self.relate(h, s, gathered(gate)),)

    def answer_slope(self) -> Tensor:
        """A slope of its own."""
        return self.output_slope

    def relate(self, r: Tensor, s: Tensor, gate: Tensor) -> Tensor:
        """Relations [batch, rows, dim] after a sentence, with their gates [batch, rows] (8, 9)."""
        candidate = phi(self.A(r) + self.B(s)[:, None], self.relation_slope)
        return r + gate[:, :, None] * candidate


class RelationSlot(SelfMemory):
    """A relation slot beside each memory slot (eq. 6-10), no longer than `relation_limit`."""

    def __init__(
        self, *, sizes: Sizes, slots: int, dim: int, hops: int = 1, relation_limit: float = 0.0
    ) -> None:
        super().__init__(sizes=sizes, slots=slots, dim=dim, hops=hops)
        self.C = nn.Linear(dim, dim, bias=False)
        self.limit = relation_limit

    def begin(self, batch: int) -> State:
        """Every slot holds its key; no relations."""
        h = self.keys.expand(batch, -1, -1)
        return h, torch.zeros_like(h)

    def step(self, state: State, s: Tensor, from_keys: Tensor) -> State:
        """Eq. 2-9."""
        h, gate = self.write(state[0], s, from_keys)
        r = self.relate(state[1], s, self.relation_gates(gate))
        if self.limit:
            r = r / (r.norm(dim=2, keepdim=True) / self.limit).clamp(min=1)
        return h, r

    def relation_gates(self, gate: Tensor) -> Tensor:
        """One for each relation [batch, relations]: gr_i (eq. 6, 7)."""
        return gathered(gate)

    def rows(self, state: State) -> Tensor:
        """C h_i, then C r_i (eq. 10)."""
        rows: Tensor = self.C(torch.cat(state, dim=1))
        return rows


class AllRelations(RelationSlot):
    """A relation for every pair of slots (eq. 15), read as D [h_i; h_j; r_ij] beside C h_i."""

    pairs: Tensor

    def __init__(
        self, *, sizes: Sizes, slots: int, dim: int, hops: int = 1, relation_limit: float = 0.0
    ) -> None:
        super().__init__(
            sizes=sizes, slots=slots, dim=dim, hops=hops, relation_limit=relation_limit
        )
        self.D = nn.Parameter(torch.empty(dim, 3 * dim))
        self.register_buffer("pairs", torch.triu_indices(slots, slots, offset=1), persistent=False)

    def begin(self, batch: int) -> State:
        """Every slot holds its key; no relations."""
        h = self.keys.expand(batch, -1, -1)
        return h, h.new_zeros(batch, self.pairs.shape[1], h.shape[2])

    def relation_gates(self, gate: Tensor) -> Tensor:
        """g_ij = g_i g_j for i < j (eq. 6)."""
        i, j = self.pairs
        return gate[:, i] * gate[:, j]

    def rows(self, state: State) -> Tensor:
        """C h_i, then D [h_i; h_j; r_ij]."""
        h, r = state
        i, j = self.pairs
        paired = linear(torch.cat([h[:, i], h[:, j], r], dim=2), self.D)
        return torch.cat([self.C(h), paired], dim=1)


def gathered(gate: Tensor) -> Tensor:
    """The sum over j != i of g_i g_j (eq. 6, 7): [batch, slots]."""
    return gate * (gate.sum(dim=1, keepdim=True) - gate)
