"""relation-transformer on the CPU, from tokens to logits and back, by hand.

A question's rows are only the sentences that it reads, without gaps (`sentences.Layout`): the
reference computes all sentences of the longest story for every question and masks the others.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from math import prod
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from relmem_cli.stories.batch import StoryBatch
from relmem_variants.fast.cpu.arrays import LINE
from relmem_variants.fast.cpu.space import Space
from relmem_variants.fast.cpu.tile import Array
from relmem_variants.fast.cpu.transformer.attention import Match
from relmem_variants.fast.cpu.transformer.attention_steps import (
    AttentionSteps,
    StepBuffers,
    StepTrace,
)
from relmem_variants.fast.cpu.transformer.layers import CHOICES, linear, linear_back
from relmem_variants.fast.cpu.transformer.norms import norm, norm_back
from relmem_variants.fast.cpu.transformer.rows import TransformerRows
from relmem_variants.fast.cpu.transformer.sentences import lay_out
from relmem_variants.fast.cpu.transformer.weights import Arrays, TransformerWeights
from relmem_variants.fast.interface import Shape


class End(NamedTuple):
    """Of the questions: the last rows x, normalised to y; what words are compared with; logits."""

    x: Array
    y: Array
    said: Array
    moments: Array
    logits: Array


class TransformerPass:
    """A batch on its way through the model: its `logits`, then `back`."""

    def __init__(self, batch: StoryBatch, parameters: Mapping[str, Tensor], shape: Shape) -> None:
        layout = lay_out(batch, shape.capacity)
        self._weights = w = TransformerWeights(parameters)
        rows, questions = int(layout.row[-1]), len(layout.begin)
        looking = [rows] * (shape.steps - 1) + [questions]  # of the last step, the questions alone
        shapes = (
            (4, rows, w.dim),
            (rows, 2 * w.dim),
            *_end(questions, w.turned["words"].shape[1], w.dim),
            *(part for some in looking for part in step_shapes(rows, some, w.dim)),
        )
        self._space = Space(next(iter(parameters.values())).dtype, 1, size_of(shapes))
        four, wide, ends, moments, logits, *arrays = cut(self._space.array[0], shapes)
        self._room, self._end = (
            StepBuffers._make([*four, wide]),
            End._make([*ends, moments, logits]),
        )
        left = iter(arrays)
        self._steps = [made(left, drawn) for drawn in draw(looking, w.dim, shape.drop)]
        self._rows = TransformerRows(layout, w, self._steps[0].x)
        self._looks = AttentionSteps(layout, self._rows.match, w, self._room)
        after = [step.x for step in self._steps[1:]] + [self._end.x]
        for number, step in enumerate(self._steps):
            self._looks.forth(number, step, after[number])
        self._answer()

    def logits(self) -> Tensor:
        """Logits [Q, vocabulary]; not kept here, since they know this through their gradient."""
        return torch.from_numpy(self._end.logits[:, : len(self._weights["bias"])].copy())

    def _answer(self) -> None:
        w, end = self._weights, self._end
        norm(end.x, *w.norm("answer_norm"), end.y, end.moments)
        linear(end.y, *w.forth("say"), end.said)
        linear(end.said, w.turned["words"], w["bias"], end.logits)

    def back(self, dlogits: Tensor, parameters: Mapping[str, Tensor]) -> None:
        """Add to the gradients by the parameters what those by the logits give."""
        gradients, match = Arrays.of(parameters), self._rows.match
        dz = self._answer_back(dlogits.contiguous().numpy(), gradients)
        dmatch = Match(np.zeros_like(match.among), np.zeros_like(match.asked))
        for number in reversed(range(len(self._steps))):
            dz = self._looks.back(number, self._steps[number], dz, dmatch, gradients)
        self._rows.back(dz, dmatch, gradients)

    def _answer_back(self, dlogits: Array, gradients: Arrays) -> Array:
        w, end = self._weights, self._end
        dsaid, dy, dz = (np.zeros_like(end.said) for _ in range(3))
        dwords = gradients["encoder.words"]
        linear_back(end.said, w["encoder.words"], dlogits, dsaid, dwords, gradients["bias"])
        linear_back(end.y, w["say.weight"], dsaid, dy, *gradients.linear("say"))
        gain, _ = w.norm("answer_norm")
        norm_back(end.x, end.moments, gain, dy, dz, *gradients.norm("answer_norm"))
        return dz


def size_of(shapes: Sequence[tuple[int, ...]]) -> int:
    """How many numbers `cut` needs."""
    return sum(-(-prod(shape) // LINE) * LINE for shape in shapes)


def cut(room: Array, shapes: Sequence[tuple[int, ...]]) -> Iterator[Array]:
    """Arrays of these shapes, each from a line of the cache on."""
    begin = 0
    for shape in shapes:
        yield room[begin : begin + prod(shape)].reshape(shape)
        begin += size_of([shape])


def _end(questions: int, words: int, dim: int) -> list[tuple[int, ...]]:
    """The shapes of an `End`, whose rows of one length lie together."""
    return [(3, questions, dim), (questions, 2), (questions, words)]


def step_shapes(rows: int, looking: int, dim: int) -> list[tuple[int, ...]]:
    """Those of a `StepTrace` of which so many rows look, but for bits; alike ones lie together."""
    wide = (2, looking, 2 * dim)
    return [(4, rows, dim), (4, looking, dim), wide, (rows, 2), (looking, 2)]


def made(arrays: Iterator[Array], drawn: tuple[Array, int]) -> StepTrace:
    """A step of the next arrays of the shapes that `step_shapes` says."""
    every, some, wide, moments, other_moments = islice(arrays, 5)
    return StepTrace._make([*every, *some, *wide, moments, other_moments, *drawn])


def draw(looking: list[int], dim: int, drop: float) -> list[tuple[Array, int]]:
    """Each step's bits and `keep`; the random numbers of all are drawn at once."""
    keep = max(round(CHOICES * (1 - drop)), 1)
    if keep == CHOICES:
        return [(np.empty((2, 0, dim), np.uint16), keep)] * len(looking)
    counts = [2 * rows * dim for rows in looking]
    seed = int(torch.randint(1 << 62, ()))
    drawn = np.random.SFC64(seed).random_raw(-(-sum(counts) // 4))  # four times as fast as torch
    parts = np.split(drawn.view(np.uint16), np.cumsum(counts))[:-1]
    return [(bits.reshape(2, rows, dim), keep) for bits, rows in zip(parts, looking, strict=True)]
