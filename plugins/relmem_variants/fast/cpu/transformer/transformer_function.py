"""Stories and questions to logits as one operation of autograd, on the CPU.

`loss_and_gradients` is `StoryModel.learn` there: the loss of a batch, without autograd.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.nn.functional import cross_entropy

from relmem_cli.stories.batch import IGNORED, StoryBatch
from relmem_variants.fast.cpu.interrupts import uninterrupted
from relmem_variants.fast.cpu.tile import BYTES
from relmem_variants.fast.cpu.transformer.transformer_pass import TransformerPass
from relmem_variants.fast.interface import Shape


def fits(number: torch.dtype, part: int) -> bool:
    """Whether `part` columns are a whole number of vectors."""
    return part * number.itemsize % BYTES == 0


class TransformerFunction(Function):
    """From parameters to logits [Q, vocabulary]."""

    @staticmethod
    def forward(
        ctx: Any, batch: StoryBatch, shape: Shape, names: tuple[str, ...], *tensors: Tensor
    ) -> Tensor:
        """`names` are those of the parameters."""
        ctx.names = names
        ctx.save_for_backward(*tensors)
        ctx.reading = TransformerPass(batch, dict(zip(names, tensors, strict=True)), shape)
        logits: Tensor = ctx.reading.logits()
        return logits

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dlogits: Tensor) -> tuple[Tensor | None, ...]:
        """The gradients by the parameters."""
        gradients = {
            name: torch.zeros_like(tensor)
            for name, tensor in zip(ctx.names, ctx.saved_tensors, strict=True)
        }
        ctx.reading.back(dlogits, gradients)
        return None, None, None, *gradients.values()


@uninterrupted()
def logits(batch: StoryBatch, parameters: Mapping[str, Tensor], shape: Shape) -> Tensor:
    """Logits [questions, vocabulary] with their gradients, from the model's named parameters."""
    found: Tensor = TransformerFunction.apply(batch, shape, tuple(parameters), *parameters.values())
    return found


@uninterrupted()
def loss_and_gradients(batch: StoryBatch, parameters: Mapping[str, Tensor], shape: Shape) -> Tensor:
    """The mean cross-entropy of a batch, and its gradients added to the parameters' `grad`.

    Without autograd, whose own work takes as long as some of these operations.
    """
    reading = TransformerPass(batch, parameters, shape)
    logits = reading.logits().requires_grad_()
    loss = cross_entropy(logits, batch.answers, ignore_index=IGNORED)
    (dlogits,) = torch.autograd.grad(loss, logits)
    reading.back(dlogits, {name: _gradient(each) for name, each in parameters.items()})
    return loss.detach()


def _gradient(parameter: Tensor) -> Tensor:
    """Where a parameter's gradient is added up; thrown away where it asks for none."""
    if not parameter.requires_grad:
        return torch.zeros_like(parameter)
    if parameter.grad is None:
        parameter.grad = torch.zeros_like(parameter)
    return parameter.grad
