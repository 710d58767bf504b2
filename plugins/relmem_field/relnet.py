"""RelNet (Bansal et al. 2017, arXiv 1706.07179): entities, and a relation of every two."""

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, normalize, prelu

from relmem_cli.contract.model import Chart, Explanation
from relmem_cli.stories.vocabulary import Sizes
from relmem_field.options import RelNetOptions
from relmem_variants.parts import EntNetOptions, RelationState, SlotModel, normal, scores, weighted


class RelNet(SlotModel[RelationState]):
    """EntNet's memory h [batch, m, d], and r [batch, pairs, d] for all pairs i < j of its slots."""

    def __init__(self, *, sizes: Sizes, options: RelNetOptions) -> None:
        d = options.dim
        super().__init__(sizes=sizes, options=EntNetOptions(slots=options.slots, dim=d))
        self.A, self.B = normal(d, d), normal(d, d)
        self.slope = nn.Parameter(torch.full((d,), 0.25))  # of r~'s PReLU
        self.C = normal(d, 3 * d)

    def begin(self, batch: int) -> RelationState:
        """Entities are their keys w_i, relations the middle of two."""
        w, (i, j) = self.keys, self._pairs()
        h, r = (x.expand(batch, -1, -1) for x in (w, (w[i] + w[j]) / 2))
        return RelationState(memory=h, relation=r, gates=h.new_zeros(h.shape[:2]))

    def inputs(self, s: Tensor) -> tuple[Tensor, ...]:
        """What a step needs of sentences s [..., d], for all of them at once."""
        return *self.memory.inputs(s, self.keys), linear(s, self.B)

    def step(self, state: RelationState, inputs: tuple[Tensor, ...]) -> RelationState:
        """One sentence each: a relation is written as far as it opens both slots and the pair."""
        *memory, b = inputs
        h, g = self.memory(state.memory, memory)  # entities, as EntNet's
        r, s, (i, j) = state.relation, memory[0], self._pairs()
        g_r = g[:, i] * g[:, j] * torch.sigmoid(scores(r, s))  # g^r_ij = g_i g_j sigma(<s, r_ij>)
        candidate = linear(r, self.A) + b[:, None]  # A r_ij + B s [batch, pairs, d]
        candidate = prelu(candidate.flatten(0, 1), self.slope).view_as(r)  # r~_ij = phi(...)
        r = normalize(r + g_r[:, :, None] * candidate, dim=2)  # r_ij <- r_ij + g^r_ij r~_ij
        return RelationState(memory=h, relation=r, gates=g)

    def attend(self, state: RelationState, q: Tensor) -> tuple[Tensor, Tensor]:
        """p_ij = softmax of q . C [h_i; h_j; r_ij], and u, the sum of p_ij C [h_i; h_j; r_ij].

        q . C m = (q C) . m and sum p C m = C sum p m: C is applied to vectors, not to every pair.
        """
        i, j = self._pairs()
        rows = torch.cat([state.memory[:, i], state.memory[:, j], state.relation], dim=2)
        p = torch.softmax(scores(rows, q @ self.C), dim=1)  # [batch, pairs]
        return p, linear(weighted(p, rows), self.C)

    @property
    def readout_slope(self) -> Tensor:
        """The memory's, as in EntNet: y = R phi(q + H u)."""
        return self.memory.slope

    def explain(self, state: RelationState, questions: Tensor) -> Explanation:
        """The latest sentence's gates, and the attention to each pair as slots by slots."""
        charts, m, (i, j) = super().explain(state, questions), len(self.keys), self._pairs()
        square, words = self.keys.new_zeros(m, m), self.slot_words()
        square[i, j] = square[j, i] = charts["attention"].values[0]
        relations = Chart(
            values=square, rows="slot", columns="slot", row_labels=words, column_labels=words
        )
        return {"gates": charts["gates"], "relations": relations}

    def _pairs(self) -> tuple[Tensor, Tensor]:
        m = len(self.keys)
        i, j = torch.triu_indices(m, m, offset=1, device=self.keys.device)
        return i, j

    def groups(self) -> dict[str, list[str]]:
        """Those of EntNet, and relation: A, B, its slope; C, which reads, is the readout's."""
        return super().groups() | {"relation": ["A", "B", "slope"]}
