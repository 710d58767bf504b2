"""Relations written into the memory itself (eq. 16-19)."""

from torch import Tensor

from relmem_cli.stories.vocabulary import Sizes
from relmem_variants.entnet import EntNet, MemoryState
from relmem_variants.options import EntNetOptions
from relmem_variants.relation import Relation, relation_slot_gates
from relmem_variants.relations_kept import RelationKind


class SelfMemory(EntNet):
    """EntNet whose slots are written a second time, by their relations (eq. 16-19)."""

    kind = RelationKind.self

    def __init__(self, *, sizes: Sizes, options: EntNetOptions) -> None:
        super().__init__(sizes=sizes, options=options)
        self.relation = Relation(dim=options.dim, pairs=options.slots - 1)

    def inputs(self, s: Tensor) -> tuple[Tensor, ...]:
        """What eq. 2, 3 and 18 need of sentences s [..., dim]."""
        return *super().inputs(s), self.relation.inputs(s)

    def step(self, state: MemoryState, inputs: tuple[Tensor, ...]) -> MemoryState:
        """Eq. 2-5, then 16-19."""
        *memory, drive = inputs
        h, g = self.memory(state.memory, memory)  # eq. 2-5
        return MemoryState(self.relation(h, drive, relation_slot_gates(g)), g)  # eq. 16-19

    @property
    def readout_slope(self) -> Tensor:
        """A slope of the readout's own."""
        return self.relation.output_slope
