"""Relations written into the memory itself (eq. 16-19)."""

from torch import Tensor

from relmem_cli.stories.vocabulary import Sizes
from relmem_variants.entnet import EntNet, MemoryState
from relmem_variants.options import EntNetOptions
from relmem_variants.relation import Relation, gathered


class SelfMemory(EntNet):
    """EntNet whose slots are written a second time, by their relations (eq. 16-19)."""

    def __init__(self, *, sizes: Sizes, options: EntNetOptions) -> None:
        super().__init__(sizes=sizes, options=options)
        self.relation = Relation(dim=options.dim)

    def step(self, state: MemoryState, s: Tensor) -> MemoryState:
        """Eq. 2-5, then 16-19, for sentences s [batch, dim]."""
        h, g = self.memory(state.memory, s, self.keys)
        return MemoryState(self.relation(h, s, gathered(g)), g)

    def output_slope(self) -> Tensor:
        """A slope of the readout's own."""
        return self.relation.output_slope
