"""A model's parameters as one vector: clipping and Adam are then one operation each."""

import torch
from torch import nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from relmem_cli.errors import RelmemError


class FlatParameters:
    """The trained parameters and their gradients become views of `vector` and `vector.grad`.

    The model's own tensors keep their names, shapes and values. It must not be moved to another
    device afterwards. Raises RelmemError where the parameters differ in type.
    """

    def __init__(self, model: nn.Module) -> None:
        parameters = [p for p in model.parameters() if p.requires_grad]
        kinds = sorted({str(p.dtype) for p in parameters})
        if len(kinds) != 1:
            raise RelmemError(
                f"the model's parameters are of type {' and '.join(kinds) or 'none'}; "
                "training needs parameters of one type."
            )
        values = parameters_to_vector(parameters).detach().clone()
        vector_to_parameters(values, parameters)
        self.vector = nn.Parameter(values)
        self.vector.grad = self._gradient = torch.zeros_like(values)
        parts = torch.split(self._gradient, [p.numel() for p in parameters])
        for parameter, part in zip(parameters, parts, strict=True):
            parameter.grad = part.view_as(parameter)

    def zero_gradient(self) -> None:
        """Forget the gradient."""
        self._gradient.zero_()

    def clip_gradient(self, longest: float) -> None:
        """Scale the gradient down to a length of at most `longest`."""
        length = torch.linalg.vector_norm(self._gradient)
        self._gradient.mul_((longest / (length + 1e-6)).clamp(max=1))
