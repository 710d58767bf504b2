"""The parts of the built-in variants that a plugin may build on; they keep names and meaning.

AnyEncoder, Encoder  sentences and questions as vectors (eq. 1)
Memory               the gated memory of EntNet (eq. 2-5)
EntNet, EntNetOptions  the whole network, which takes another encoder
MultiHop, RelationSlot, SelfMemory, AllRelations, MultiHopOptions, RelationOptions
                     the paper's other variants; each one's encoder is the module `encoder`
RelationState, SlotModel  what relation-slot keeps, and what all of them build on
Readout              from rows of memory and a question to an answer (eq. 11-14)
scores, weighted     the products q . m_i, and the sum over i of p_i m_i
stick_breaking       attention that stops at the nearest match
normal               a parameter that begins as small random numbers
"""

from relmem_variants.all_relations import AllRelations
from relmem_variants.encoder import AnyEncoder, Encoder
from relmem_variants.entnet import EntNet, MultiHop
from relmem_variants.gated_memory import Memory
from relmem_variants.initial import normal
from relmem_variants.options import EntNetOptions, MultiHopOptions, RelationOptions
from relmem_variants.readout import Readout, scores, weighted
from relmem_variants.relation import RelationSlot, RelationState
from relmem_variants.self_memory import SelfMemory
from relmem_variants.slots import SlotModel
from relmem_variants.stick_breaking import stick_breaking

__all__ = [
    "AllRelations",
    "AnyEncoder",
    "Encoder",
    "EntNet",
    "EntNetOptions",
    "Memory",
    "MultiHop",
    "MultiHopOptions",
    "Readout",
    "RelationOptions",
    "RelationSlot",
    "RelationState",
    "SelfMemory",
    "SlotModel",
    "normal",
    "scores",
    "stick_breaking",
    "weighted",
]
