"""The parameters of relation-transformer as arrays, and as the products want them."""

from collections.abc import Mapping

import numpy as np
from torch import Tensor

from relmem_variants.fast.cpu.arrays import turned
from relmem_variants.fast.cpu.tile import Array

STEP_LAYERS = ("query", "key", "value", "output", "widen", "narrow")


class Arrays(dict[str, Array]):
    """Parameters by name, or the gradients by them, as arrays that share the tensors' memory."""

    @classmethod
    def of(cls, tensors: Mapping[str, Tensor]) -> "Arrays":
        """Those of the model's parameters."""
        return cls((name, tensor.detach().numpy()) for name, tensor in tensors.items())

    def linear(self, name: str) -> tuple[Array, Array]:
        """Weight [out, in] and bias [out] of a linear layer."""
        return self[f"{name}.weight"], self[f"{name}.bias"]

    def norm(self, name: str) -> tuple[Array, Array]:
        """Gain and bias [1, d] of a layer norm."""
        return self[f"{name}.weight"][None], self[f"{name}.bias"][None]


class StepWeights(Arrays):
    """The parameters of the steps, of a row's length `dim`.

    `turned` are those that `layers.linear` takes, by the layer's name.
    """

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        super().__init__(Arrays.of(tensors))
        self.dim = len(self["query.bias"])
        self.turned = {name: turned(self[f"{name}.weight"]) for name in STEP_LAYERS}

    def forth(self, name: str) -> tuple[Array, Array]:
        """What `layers.linear` needs of a layer."""
        return self.turned[name], self[f"{name}.bias"]


class TransformerWeights(StepWeights):
    """A batch's parameters.

    The layer "condition" has two halves, for the question and for its product with a sentence.
    """

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        super().__init__(tensors)
        self.halves = np.ascontiguousarray(np.split(self["condition.weight"], 2, axis=1))
        self.turned["say"] = turned(self["say.weight"])
        self.turned["words"] = turned(self["encoder.words"])
        self.turned["question"], self.turned["product"] = (turned(half) for half in self.halves)
