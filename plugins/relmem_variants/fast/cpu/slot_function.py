"""Stories and questions to logits as one operation on the CPU, and to a loss with its gradients.

`Learner` is what `StoryModel.learner` returns there: the loss of a batch, without autograd.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from relmem_cli.stories.batch import IGNORED, StoryBatch
from relmem_variants.fast.cpu.arrays import width_of
from relmem_variants.fast.cpu.pass_inputs import Batch, Form, Parts, Stories
from relmem_variants.fast.cpu.passes import back, forward_pass, loss_and_gradients
from relmem_variants.fast.cpu.space import Space
from relmem_variants.fast.cpu.tile import Array
from relmem_variants.fast.interface import Model
from relmem_variants.relations_kept import RelationKind

SENTENCES_TOGETHER = 256
"""Sentences that are learned from at a time: there and back they then find most of it in the
cache, where going through all of a batch would find nothing."""


def form_of(model: Model) -> Form:
    """What stays as it is from step to step."""
    _, _, weights, look = model
    kind, limit, share = int(weights.kind), float(weights.limit), float(weights.share)
    return Form(kind, limit, share, look.vocabulary, look.hops)


def tensors_of(model: Model) -> tuple[Tensor, ...]:
    """A model's parameters in the order of `Parts`."""
    encoder, keys, weights, look = model
    matrix, row = keys.new_empty(0, 0), keys.new_empty(0)
    C = matrix if look.C is None else look.C
    relation = weights.relation or (matrix, matrix, row, row)
    return *encoder, keys, look.H, look.R, look.slope, C, *weights.memory, *relation


class SlotFunction(Function):
    """From tokens and weights to logits [Q, vocabulary]."""

    @staticmethod
    def forward(ctx: Any, stories: Stories, form: Form, *tensors: Tensor) -> Tensor:
        """`tensors` are what `Parts` names, in its order."""
        parts = _arrays(tensors)
        ctx.space = _space(parts, stories, form, tensors[0].dtype)
        ctx.trace = forward_pass(parts, stories, form, ctx.space.array)
        ctx.stories, ctx.form = stories, form
        ctx.save_for_backward(*tensors)
        return torch.from_numpy(ctx.trace.answered.logits[:, : form.vocabulary].copy())

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dlogits: Tensor) -> tuple[Any, ...]:
        """The gradients by `tensors`."""
        tensors = ctx.saved_tensors
        found = [each.new_zeros(each.shape) for each in tensors]
        wide = np.zeros_like(ctx.trace.answered.logits)
        wide[:, : ctx.form.vocabulary] = dlogits.numpy()
        back(_arrays(tensors), ctx.stories, ctx.form, ctx.trace, wide, _arrays(found))
        return None, None, *found


class Learner:
    """Losses and gradients of batches, each in one call.

    The parameters and their `grad` must stay where they are in memory.
    """

    def __init__(self, model: Model) -> None:
        tensors = tensors_of(model)
        self._kept = tensors, [_gradient(each) for each in tensors]
        self._parts, self._gradients = map(_arrays, self._kept)
        self._form, self._number = form_of(model), tensors[0].dtype
        slots, dim = self._parts.keys.shape
        self._width = width_of(dim, self._parts.keys)
        self._rows = slots + RelationKind(self._form.kind).rows(slots)

    @staticmethod
    def can(model: Model) -> bool:
        """Whether all are parameters; they and their `grad` have to lie in memory row after row."""
        tensors = tensors_of(model)
        if not all(each.is_leaf for each in tensors):
            return False
        gradients = [each.grad for each in tensors if each.grad is not None]
        return all(each.is_contiguous() for each in (*tensors, *gradients))

    def __call__(self, batch: StoryBatch) -> Tensor:
        """The mean cross-entropy; its gradients are added to the parameters' `grad`."""
        sentences, questions, story, position, answers = (
            getattr(batch, field).numpy()
            for field in ("sentences", "questions", "story", "position", "answers")
        )
        counted, loss = int((answers != IGNORED).sum()), 0.0
        for stories, asked in _groups(len(sentences), sentences.shape[1], story):
            given = Batch(
                sentences[stories], questions[asked], story[asked] - stories.start, position[asked]
            )
            loss += self._loss_and_gradients(given, answers[asked], counted)
        return torch.scalar_tensor(loss, dtype=self._number)

    def _loss_and_gradients(self, batch: Batch, answers: Array, counted: int) -> float:
        stories, longest, _ = batch.sentences.shape
        space = Space(self._number, (2 * longest + 1) * stories * self._rows, self._width)
        return loss_and_gradients(
            self._parts, self._gradients, self._form, batch, answers, counted, space.array
        )


def _groups(stories: int, longest: int, story: Array) -> Iterator[tuple[slice, slice]]:
    """Stories and their questions, so many at a time that what they write fits the cache.

    All of a batch at once where its questions are in no order.
    """
    size = max(SENTENCES_TOGETHER // max(longest, 1), 1)
    if stories <= size or (story[1:] < story[:-1]).any():
        yield slice(0, stories), slice(0, len(story))
        return
    begins = np.arange(0, stories + size, size)
    ends = np.searchsorted(story, begins).tolist()
    ends[0], ends[-1] = 0, len(story)  # questions about no story are refused, not left out
    for begin, first, last in zip(begins.tolist(), ends, ends[1:], strict=False):
        yield slice(begin, begin + size), slice(first, last)


def _space(parts: Parts, stories: Stories, form: Form, number: torch.dtype) -> Space:
    """Room for what a batch's stories write."""
    sentences, states = len(stories.tokens), len(stories.tokens) + len(stories.first) - 1
    slots, dim = parts.keys.shape
    rows = slots + RelationKind(form.kind).rows(slots)
    return Space(number, (states + sentences) * rows, width_of(dim, parts.keys))


def _arrays(tensors: Any) -> Parts:
    return Parts.of([each.detach().contiguous().numpy() for each in tensors])


def _gradient(tensor: Tensor) -> Tensor:
    """Where a tensor's gradient is added up; thrown away where it asks for none."""
    if not tensor.requires_grad:
        return tensor.new_zeros(tensor.shape)
    if tensor.grad is None:
        tensor.grad = tensor.new_zeros(tensor.shape)
    return tensor.grad
