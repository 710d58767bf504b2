"""A baseline with the weights of a relmem model, so that both compute the same function."""

from dataclasses import asdict
from typing import Any

import torch
from torch import nn

from relmem_cli.contract.model import StoryModel

from .model import EntNet
from .relations import AllRelations, RelationSlot, SelfMemory

CLASSES: dict[str, type[EntNet]] = {
    "entnet": EntNet,
    "multi-hop": EntNet,
    "relation-slot": RelationSlot,
    "self-memory": SelfMemory,
    "all-relations": AllRelations,
}
"""The baseline of each variant."""

NAMES = {
    "words.weight": "encoder.words",
    "sentence_mask": "encoder.sentence_mask",
    "question_mask": "encoder.question_mask",
    "keys": "keys",
    "U.weight": "memory.U",
    "V.weight": "memory.V",
    "V.bias": "memory.bias",
    "W.weight": "memory.W",
    "slope": "memory.slope",
    "H.weight": "readout.H",
    "R.weight": "readout.R",
    "A.weight": "relation.A",
    "B.weight": "relation.B",
    "B.bias": "relation.bias",
    "relation_slope": "relation.slope",
    "output_slope": "relation.output_slope",
    "C.weight": "C",
    "D": "D",
}
"""Parameters of the baselines and what relmem's models call them."""


def baseline_of(variant: str, model: StoryModel[Any], options: Any) -> EntNet:
    """The baseline of a variant with a copy of the model's weights, dtype and device.

    `options` are those the model was built with. The pad token's vector, which the model masks,
    is zero here, and the answer columns that the model has for its keys are left out.
    """
    baseline = CLASSES[variant](sizes=model.sizes, **asdict(options)).to(model.keys)  # type: ignore[arg-type]
    theirs = dict(model.named_parameters())
    if (relation := getattr(model, "relation", None)) is not None:  # A, B, bias as they are used
        theirs |= {
            name: theirs[name] * relation.share
            for name in ("relation.A", "relation.B", "relation.bias")
        }
    with torch.no_grad():
        for name, parameter in baseline.named_parameters():
            parameter.copy_(theirs[NAMES[name]][: len(parameter)])
        nn.init.zeros_(baseline.words.weight[0])
    return baseline
