"""The parts of the built-in variants that a plugin may build on; they keep names and meaning.

AnyEncoder, Encoder  sentences and questions as vectors (eq. 1)
Memory               the gated memory of EntNet (eq. 2-5)
EntNet, EntNetOptions  the whole network, which takes another encoder
RelationSlot, RelationOptions, RelationState  it with relations, whose gates may be others (eq. 7)
SlotModel            what both build on: another step, other rows to read
Readout              from rows of memory and a question to an answer (eq. 11-14)
scores, weighted     the products q . m_i, and the sum over i of p_i m_i
stick_breaking       attention that stops at the nearest match
normal               a parameter that begins as small random numbers
"""

from relmem_variants.encoder import AnyEncoder, Encoder
from relmem_variants.entnet import EntNet
from relmem_variants.gated_memory import Memory
from relmem_variants.initial import normal
from relmem_variants.options import EntNetOptions, RelationOptions
from relmem_variants.readout import Readout, scores, weighted
from relmem_variants.relation import RelationSlot, RelationState
from relmem_variants.slots import SlotModel
from relmem_variants.stick_breaking import stick_breaking

__all__ = [
    "AnyEncoder",
    "Encoder",
    "EntNet",
    "EntNetOptions",
    "Memory",
    "Readout",
    "RelationOptions",
    "RelationSlot",
    "RelationState",
    "SlotModel",
    "normal",
    "scores",
    "stick_breaking",
    "weighted",
]
