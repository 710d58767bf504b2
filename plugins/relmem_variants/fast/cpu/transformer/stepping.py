"""All steps of rows that look as one operation of autograd (`StoryAttention._step`)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from relmem_variants.fast.cpu.interrupts import uninterrupted
from relmem_variants.fast.cpu.space import Space
from relmem_variants.fast.cpu.transformer.attention import Match
from relmem_variants.fast.cpu.transformer.attention_steps import AttentionSteps, StepBuffers
from relmem_variants.fast.cpu.transformer.positions import find_positions
from relmem_variants.fast.cpu.transformer.sentences import RowLayout
from relmem_variants.fast.cpu.transformer.transformer_pass import (
    cut,
    draw,
    made,
    size_of,
    step_shapes,
)
from relmem_variants.fast.cpu.transformer.weights import STEP_LAYERS, Arrays, StepWeights
from relmem_variants.fast.interface import Shape

__all__ = ["find_positions", "steps"]

_OTHERS = (
    "attention_norm.weight",
    "attention_norm.bias",
    "mix_norm.weight",
    "mix_norm.bias",
    "step",
)
NAMES = (*_OTHERS, *(f"{layer}.{kind}" for layer in STEP_LAYERS for kind in ("weight", "bias")))
"""The parameters of the steps."""


class _Steps(Function):
    @staticmethod
    def forward(
        ctx: Any,
        layout: RowLayout,
        shape: Shape,
        z: Tensor,
        asked: Tensor,
        among: Tensor,
        *of: Tensor,
    ) -> Tensor:
        dim, rows, questions = z.shape[1], len(z), len(layout.begin)
        tensors = dict(zip(NAMES, of, strict=True))
        looking = [rows] * (shape.steps - 1) + [questions]  # of the last step, the questions alone
        shapes = (
            (4, rows, dim),
            (rows, 2 * dim),
            *(part for some in looking for part in step_shapes(rows, some, dim)),
        )
        ctx.space = Space(z.dtype, 1, size_of(shapes))
        four, wide, *arrays = cut(ctx.space.array[0], shapes)
        left = iter(arrays)
        steps = [made(left, drawn) for drawn in draw(looking, dim, shape.drop)]
        steps[0].x[:] = z.numpy()
        end = np.empty((questions, dim), steps[0].x.dtype)
        match = Match(among.numpy(), asked.numpy())
        looks = AttentionSteps(
            layout, match, StepWeights(tensors), StepBuffers._make([*four, wide])
        )
        for number, after in enumerate([*(step.x for step in steps[1:]), end]):
            looks.forth(number, steps[number], after)
        ctx.steps, ctx.looks, ctx.match = steps, looks, match
        ctx.save_for_backward(*of)
        return torch.from_numpy(end)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dend: Tensor) -> tuple[Tensor | None, ...]:
        of = dict(zip(NAMES, ctx.saved_tensors, strict=True))
        gradients = {name: torch.zeros_like(tensor) for name, tensor in of.items()}
        arrays = Arrays.of(gradients)
        dmatch = Match(np.zeros_like(ctx.match.among), np.zeros_like(ctx.match.asked))
        dz = dend.contiguous().numpy().copy()
        for number in reversed(range(len(ctx.steps))):
            dz = ctx.looks.back(number, ctx.steps[number], dz, dmatch, arrays)
        made_of = map(torch.from_numpy, (dz, dmatch.asked, dmatch.among))
        return None, None, *made_of, *gradients.values()


@uninterrupted()
def steps(
    layout: RowLayout,
    shape: Shape,
    z: Tensor,
    asked: Tensor,
    among: Tensor,
    parameters: Mapping[str, Tensor],
) -> Tensor:
    """The questions' rows [Q, dim] after all steps, from rows z [R, dim] and the scores of `Match`.

    asked [heads, R], among [heads, pairs of sentences]; the backward pass is by hand.
    """
    found: Tensor = _Steps.apply(
        layout, shape, z, asked, among, *(parameters[name] for name in NAMES)
    )
    return found
