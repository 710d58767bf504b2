"""A model's parameters as one vector: clipping and Adam are then one operation each."""

import torch
from torch import nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from relmem_cli.errors import RelmemError


class FlatParameters:
    """The trained parameters and their gradients become views of `vector` and `gradient`.

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
        self.vector = parameters_to_vector(parameters).detach().clone()
        vector_to_parameters(self.vector, parameters)
        self.gradient = torch.zeros_like(self.vector)
        parts = torch.split(self.gradient, [p.numel() for p in parameters])
        for parameter, part in zip(parameters, parts, strict=True):
            parameter.grad = part.view_as(parameter)

    def zero_gradient(self) -> None:
        """Forget the gradient."""
        self.gradient.zero_()

    def clip_gradient(self, longest: float) -> None:
        """Scale the gradient down to a length of at most `longest`."""
        length = torch.linalg.vector_norm(self.gradient)
        if self.gradient.device.type == "cpu" and length.item() <= longest:
            return  # a GPU would have to be waited for
        self.gradient.mul_((longest / (length + 1e-6)).clamp(max=1))
