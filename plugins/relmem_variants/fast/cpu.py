"""The fast path on the CPU: tensors to the arrays of the loops and back.

The loops are compiled when they are first called, and the machine code is kept on disk.
"""

import sys
import weakref
from collections import deque
from math import prod
from typing import Any, ClassVar, cast

import numpy as np
import torch
from torch import Tensor

from relmem_cli.stories.batch import StoryBatch
from relmem_variants.fast.interface import Back, Kind, Look, Rule, Slopes, Weights
from relmem_variants.fast.loops import (
    Gradients,
    Rows,
    backward,
    forward,
    line_up,
    padded,
    states_asked,
)
from relmem_variants.fast.steps import Steps
from relmem_variants.fast.tile import BYTES, Array
from relmem_variants.fast.whole import Whole


def steps(batch: StoryBatch) -> Steps:
    """The sentences that answer a batch's questions."""
    arrays = (batch.sentences.numpy(), batch.story.numpy(), batch.position.numpy())
    return Steps(*map(torch.from_numpy, line_up(*arrays)))


def logits(
    steps: Steps,
    questions: Tensor,
    encoder: tuple[Tensor, Tensor, Tensor],
    keys: Tensor,
    weights: Weights,
    look: Look,
) -> Tensor:
    """Logits [Q, vocabulary] of questions int64 [Q, L]."""
    found = Whole.apply(
        sys.modules[__name__],
        steps,
        questions,
        weights.kind,
        weights.limit,
        look.vocabulary,
        look.hops,
        *encoder,
        keys,
        look.H,
        look.R,
        look.slope,
        look.C,
        *weights.memory,
        *weights.relation,
    )
    return cast("Tensor", found)


class Reading:
    """The stories as they were read: a `Trace`. `space` is given back with it."""

    def __init__(
        self, steps: Steps, s: Tensor, memory: Rows, relation: Rows, kind: Kind, space: "_Space"
    ) -> None:
        self._first, self._asked = steps.first.numpy(), steps.asked.numpy()
        self._s = s.numpy()
        self._memory, self._relation, self._kind = memory, relation, kind
        weakref.finalize(self, space.give_back)

    def asked(self) -> tuple[Tensor, Tensor]:
        """Memory [Q, m, d] and relations [Q, P, d] that the questions ask."""
        h = states_asked(self._memory.rows, self._asked, self._s.shape[1])
        r = h[:, :0]
        if self._kind > Kind.self:
            r = states_asked(self._relation.rows, self._asked, self._s.shape[1])
        return torch.from_numpy(h), torch.from_numpy(r)

    def back(self, dh: Tensor, dr: Tensor) -> Back:
        """From the gradients by what `asked` returned, as often as wanted."""
        s, memory, relation = self._s, self._memory, self._relation
        sentences, slots = memory.gates.shape
        ds, dmatch = np.zeros_like(s), np.zeros((sentences, slots), s.dtype)
        dkeys = np.zeros(memory.rows.shape[1:], s.dtype)
        dmemory, drelation = _gradients(memory), _gradients(relation)
        backward(
            self._first,
            s,
            _transposed(memory),
            _transposed(relation) if self._kind else relation,
            self._kind.value,
            self._asked,
            dh.contiguous().numpy(),
            dr.contiguous().numpy(),
            ds,
            dmatch,
            dkeys,
            dmemory,
            drelation,
        )
        return Back(
            torch.from_numpy(ds),
            torch.from_numpy(dmatch),
            self._cut(dkeys),
            self._slopes(dmemory),
            self._slopes(drelation) if self._kind else None,
        )

    def _cut(self, padded: Array) -> Tensor:
        """Without the columns that only fill vectors."""
        return torch.from_numpy(padded)[..., : self._s.shape[1]]

    def _slopes(self, gradients: Gradients) -> Slopes:
        return Slopes(*map(self._cut, gradients))


def read(
    steps: Steps,
    s: Tensor,
    match: Tensor,
    keys: Tensor,
    memory: Rule,
    relation: Rule | None,
    kind: Kind,
) -> Reading:
    """Every story from its beginning."""
    slots = len(keys)
    sentences, stories = len(s), len(steps.first) - 1
    space = _Space(keys.dtype)
    h = _rows(memory, slots, sentences, stories, space)
    r = _NOTHING[keys.dtype]
    if relation is not None:
        states = stories if kind > Kind.self else 0
        r = _rows(relation, kind.rows(slots), sentences, states, space)
    s = s.contiguous()
    wide = padded(keys.numpy(), _width(keys))
    forward(steps.first.numpy(), s.numpy(), match.numpy(), wide, h, r, kind.value)
    return Reading(steps, s, h, r, kind, space)


LARGEST = 32 << 20
"""Bytes of the largest array that is kept; there are at most eight."""


class _Space:
    """Memory for what a batch leaves behind, used again by later batches.

    New memory costs a page fault for every 4 KiB: a tenth of a step on long stories.
    """

    _spare: ClassVar[deque[Array]] = deque(maxlen=8)  # its methods are safe among threads

    def __init__(self, number: torch.dtype) -> None:
        self._number = torch.empty(0, dtype=number).numpy().dtype
        self._taken: list[Array] = []

    def take(self, *shape: int) -> Array:
        """An array with anything in it."""
        need = prod(shape) * self._number.itemsize
        buffer = self._find(need)
        self._taken.append(buffer)
        return buffer[:need].view(self._number).reshape(shape)

    def give_back(self) -> None:
        """Let others have what is not too large to be kept."""
        self._spare.extend(buffer for buffer in self._taken if buffer.nbytes <= LARGEST)

    def _find(self, need: int) -> Array:
        unfit = []
        try:
            while True:
                buffer = self._spare.pop()
                if need <= buffer.nbytes <= 4 * need:
                    return buffer
                unfit.append(buffer)
        except IndexError:
            return np.empty(need * 5 // 4, np.uint8)
        finally:
            self._spare.extend(unfit)


def _rows(rule: Rule, count: int, sentences: int, states: int, space: _Space) -> Rows:
    drive, width = rule.drive.numpy(), _width(rule.drive)
    number = drive.dtype
    start = np.zeros((count, width), number)
    if rule.start is not None:
        start = padded(rule.start.numpy(), width)
    return Rows(
        rows=space.take(sentences + states, count, width),
        inner=space.take(sentences, count, width),
        gates=np.empty((sentences, count), number),
        matrix=padded(rule.matrix.numpy().T, width),
        start=start,
        drive=padded(drive, width),
        slope=padded(rule.slope.numpy()[None], width)[0],
        limit=float(rule.limit),
    )


def _nothing(number: Any) -> Rows:
    table, cube, row = (np.zeros(axes, number) for axes in ((0, 0), (0, 0, 0), 0))
    return Rows(cube, cube, table, table, table, table, row, 0.0)


_NOTHING = {torch.float32: _nothing(np.float32), torch.float64: _nothing(np.float64)}
"""What stands for relations where there are none."""


def _gradients(part: Rows) -> Gradients:
    return Gradients(*map(np.zeros_like, (part.matrix, part.start, part.drive, part.slope)))


def _transposed(part: Rows) -> Rows:
    matrix, width = part.matrix, part.matrix.shape[1]
    return part._replace(matrix=padded(matrix[:, : len(matrix)].T, width))


def _width(tensor: Tensor) -> int:
    """The columns of a tensor, up to a whole number of vectors."""
    lanes = BYTES // tensor.element_size()
    return -(-tensor.shape[-1] // lanes) * lanes
