"""EntNet (eq. 1-5, 11-13) and EntNet with several hops (eq. 14)."""

from typing import NamedTuple

import torch
from torch import Tensor

from relmem_cli.stories.vocabulary import Sizes
from relmem_variants.options import MultiHopOptions
from relmem_variants.readout import scores, weighted
from relmem_variants.relations_kept import RelationKind
from relmem_variants.slots import SlotModel


class MemoryState(NamedTuple):
    """memory h [batch, slots, dim]; gates g [batch, slots] that the latest sentence opened."""

    memory: Tensor
    gates: Tensor


class EntNet(SlotModel[MemoryState]):
    """Recurrent entity network (Henaff et al. 2017, arXiv 1612.03969), eq. 1-5 and 11-13."""

    kind = RelationKind.none

    def begin(self, batch: int) -> MemoryState:
        """Every slot holds its key."""
        return MemoryState(
            self.keys.expand(batch, -1, -1), self.keys.new_zeros(batch, len(self.keys))
        )

    def inputs(self, s: Tensor) -> tuple[Tensor, ...]:
        """What eq. 2 and 3 need of sentences s [..., dim]."""
        return self.memory.inputs(s, self.keys)

    def step(self, state: MemoryState, inputs: tuple[Tensor, ...]) -> MemoryState:
        """Eq. 2-5."""
        return MemoryState(*self.memory(state.memory, inputs))

    def attend(self, state: MemoryState, q: Tensor) -> tuple[Tensor, Tensor]:
        """Eq. 11 and 12 with the memory itself as rows: m_i = h_i."""
        p = torch.softmax(scores(state.memory, q), dim=1)  # eq. 11
        return p, weighted(p, state.memory)  # eq. 12

    @property
    def readout_slope(self) -> Tensor:
        """The memory's; the paper counts one slope for both."""
        return self.memory.slope


class MultiHop(EntNet):
    """EntNet whose readout attends `hops` times (eq. 14)."""

    def __init__(self, *, sizes: Sizes, options: MultiHopOptions) -> None:
        super().__init__(sizes=sizes, options=options, hops=options.hops)
