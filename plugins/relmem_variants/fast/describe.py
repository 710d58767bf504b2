"""What the fast path computes with, read from a slot model as it is.

A model's own code says what it is; here stands which of its parameters are which symbols, so that
no model file needs to know of the fast path.
"""

from typing import TYPE_CHECKING, Any

from torch import Tensor

from relmem_cli.contract.model import State
from relmem_variants.encoder import Encoder
from relmem_variants.fast.interface import Look, Model, SlotWeights
from relmem_variants.relations_kept import RelationKind

if TYPE_CHECKING:
    from relmem_variants.slots import SlotModel

_EQUATIONS = ("inputs", "step", "attend", "relation_gates", "answer", "read")
"""What a variant that says which relations it keeps computes; a subclass may compute otherwise."""


def weights(model: "SlotModel[Any]") -> SlotWeights | None:
    """U, V, W, bias, slope of eq. 3, and A, B, bias, slope of eq. 8 or 18 where there are any.

    None for a subclass with equations of its own.
    """
    if _has_own_equations(type(model)):
        return None
    memory = model.memory
    its = memory.U, memory.V, memory.W, memory.bias, memory.slope
    if model.kind is RelationKind.none:
        return SlotWeights(memory=its)
    relation: Any = model.relation
    return SlotWeights(
        memory=its,
        relation=(relation.A, relation.B, relation.bias, relation.slope),
        kind=model.kind,
        limit=float(getattr(model, "limit", 0.0)),
        share=relation.share,
    )


def whole(model: "SlotModel[Any]") -> Model | None:
    """All of it, with the encoder of eq. 1 and the readout of eq. 10-14.

    None where the fast path leaves answers to the model's `answer`: pairs of slots are read in
    another way, and so is what another encoder makes.
    """
    encoder, readout, its = model.encoder, model.readout, weights(model)
    if its is None or its.kind is RelationKind.pairs or not isinstance(encoder, Encoder):
        return None
    C: Tensor | None = model.C if its.kind is RelationKind.slots else None  # type: ignore[assignment]
    look = Look(readout.H, readout.R, model.readout_slope, C, readout.vocabulary, readout.hops)
    eq1 = encoder.words, encoder.sentence_mask, encoder.question_mask
    return Model(eq1, model.keys, its, look)


def state(model: "SlotModel[State]", h: Tensor, r: Tensor) -> State:
    """A state to answer from: memory h, relations r where the model keeps some beside it."""
    found: Any = model.begin(len(h))
    beside = {"relation": r} if "relation" in found._fields else {}
    known: State = found._replace(memory=h, **beside)
    return known


def _has_own_equations(model: type) -> bool:
    for each in model.__mro__:
        if "kind" in vars(each):
            return False
        if any(name in vars(each) for name in _EQUATIONS):
            return True
    return True
