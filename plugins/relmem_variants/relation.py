"""Relations among memory slots (eq. 6-10) and the relation-slot variant."""

from abc import abstractmethod
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from relmem_cli.contract.model import Chart, Explanation
from relmem_cli.stories.vocabulary import Sizes
from relmem_variants.activation import phi, slopes
from relmem_variants.initial import normal
from relmem_variants.options import RelationOptions
from relmem_variants.readout import scores, weighted
from relmem_variants.relations_kept import RelationKind
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

    Where gr_i sums over `pairs` of a slot (eq. 7), A, B and bias are used divided by it. phi is
    positively homogeneous, so this is the mean in place of the sum: the same functions, with
    parameters that are larger by that factor and steps of training that are smaller.
    """

    def __init__(self, *, dim: int, pairs: int = 1) -> None:
        super().__init__()
        self.share = 1 / max(pairs, 1)
        self.A = nn.Parameter(torch.zeros(dim, dim))
        self.B = normal(dim, dim, scale=0.1)
        self.bias = nn.Parameter(torch.zeros(dim))
        self.slope = slopes(dim)
        self.output_slope = slopes(dim)

    def inputs(self, s: Tensor) -> Tensor:
        """(B s + bias) / pairs for sentences s [..., dim], all at once."""
        return linear(s, self.B * self.share, self.bias * self.share)

    def forward(self, r: Tensor, drive: Tensor, gate: Tensor) -> Tensor:
        """R + gr * phi(A r + B s) (eq. 8, 9; 18, 19).

        r [batch, rows, dim]; drive, from `inputs` [batch, dim]; gate [batch, rows].
        """
        candidate = phi(linear(r, self.A * self.share) + drive[:, None], self.slope)  # eq. 8; 18
        return r + gate[:, :, None] * candidate  # eq. 9; 19


def relation_slot_gates(g: Tensor) -> Tensor:
    """gr_i = sum over j != i of g_i g_j (eq. 6, 7), for gates g [batch, slots]."""
    return g * (g.sum(dim=1, keepdim=True) - g)  # g_i (G - g_i), G = sum_j g_j


def pair_gates(g: Tensor) -> Tensor:
    """g_ij = g_i g_j, and 0 where i = j (eq. 6): [batch, slots, slots]."""
    return (g[:, :, None] * g[:, None]).masked_fill(
        torch.eye(g.shape[1], dtype=torch.bool, device=g.device), 0
    )


class RelationModel(SlotModel[RelationState]):
    """What the two variants with relations of their own have in common."""

    def __init__(self, *, sizes: Sizes, options: RelationOptions) -> None:
        super().__init__(sizes=sizes, options=options, hops=options.hops)
        self.relation = Relation(
            dim=options.dim, pairs=options.slots - 1 if self.kind is RelationKind.slots else 1
        )
        self.limit = options.relation_limit
        self.C = normal(options.dim, options.dim)

    def inputs(self, s: Tensor) -> tuple[Tensor, ...]:
        """What eq. 2, 3 and 8 need of sentences s [..., dim]."""
        return *self.memory.inputs(s, self.keys), self.relation.inputs(s)

    def step(self, state: RelationState, inputs: tuple[Tensor, ...]) -> RelationState:
        """Eq. 2-9; relations over the limit are scaled down to it."""
        *memory, drive = inputs
        h, g = self.memory(state.memory, memory)  # eq. 2-5
        r = self.relation(state.relation, drive, self.relation_gates(g))  # eq. 6-9
        if self.limit:
            length: Tensor = torch.linalg.vector_norm(r, dim=2, keepdim=True)
            r = r / (length / self.limit).clamp_min(1)
        return RelationState(h, r, g)

    @abstractmethod
    def relation_gates(self, g: Tensor) -> Tensor:
        """Each relation's gate [batch, relations] from the slots' gates g [batch, slots]."""

    @property
    def readout_slope(self) -> Tensor:
        """A slope of the readout's own."""
        return self.relation.output_slope

    def rows(self, state: RelationState) -> Tensor:
        """C h_i for every slot."""
        return linear(state.memory[0], self.C)

    def explain(self, state: RelationState, questions: Tensor) -> Explanation:
        """Also the pairs' gates that the latest sentence opened."""
        words = self.slot_words()
        pairs = Chart(
            values=pair_gates(state.gates[:1])[0],
            rows="slot",
            columns="slot",
            row_labels=words,
            column_labels=words,
        )
        return super().explain(state, questions) | {"relations": pairs}


class RelationSlot(RelationModel):
    """EntNet with one relation slot beside each memory slot (eq. 1-14)."""

    kind = RelationKind.slots

    def begin(self, batch: int) -> RelationState:
        """Every slot holds its key; no relations yet."""
        keys = self.keys.expand(batch, -1, -1)
        return RelationState(keys, torch.zeros_like(keys), keys.new_zeros(keys.shape[:2]))

    def relation_gates(self, g: Tensor) -> Tensor:
        """gr_i (eq. 6, 7)."""
        return relation_slot_gates(g)

    def rows(self, state: RelationState) -> Tensor:
        """C h_i for every slot, then C r_i."""
        return linear(torch.cat([state.memory[0], state.relation[0]]), self.C)  # eq. 10

    def explain(self, state: RelationState, questions: Tensor) -> Explanation:
        """Attention is to the slots' memories, then to their relations."""
        charts = super().explain(state, questions)
        words = self.slot_words()
        attention = replace(
            charts["attention"],
            columns="slot, then relation",
            column_labels=words and 2 * words,
        )
        return charts | {"attention": attention}

    def attend(self, state: RelationState, q: Tensor) -> tuple[Tensor, Tensor]:
        """Eq. 10-12 over the rows C h_1 ... C h_m, C r_1 ... C r_m (the counts give one C, d x d).

        q . C m = C^T q . m and sum p C m = C sum p m: C is applied to vectors, not to every row.
        """
        rows = torch.cat([state.memory, state.relation], dim=1)  # eq. 10
        p = torch.softmax(scores(rows, q @ self.C), dim=1)  # eq. 11
        return p, linear(weighted(p, rows), self.C)  # eq. 12
