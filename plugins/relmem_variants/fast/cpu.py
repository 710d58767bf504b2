"""The fast path on the CPU: tensors to the arrays of the loops and back.

The loops are compiled when they are first called, and the machine code is kept on disk.
"""

import sys
import weakref
from collections import deque
from math import prod
from typing import ClassVar, cast

import numpy as np
import torch
from torch import Tensor

from relmem_cli.stories.batch import StoryBatch
from relmem_variants.fast.interface import Back, Kind, Look, Rule, Slopes, Weights
from relmem_variants.fast.loops import Gradients, Rows, backward, forward, line_up
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
        dim = self._s.shape[1]
        h = self._memory.rows[..., :dim][self._asked]
        r = self._relation.rows[..., :dim][self._asked] if self._kind > Kind.self else h[:, :0]
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
            _transposed(memory, s.shape[1]),
            _transposed(relation, s.shape[1]),
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
    slots, dim = keys.shape
    sentences, stories = len(s), len(steps.first) - 1
    space = _Space(keys.dtype)
    h = _rows(memory, slots, sentences, stories, space)
    nothing = Rule(keys[:0], None, keys.new_zeros(0, dim), memory.slope, 0.0)
    r = _rows(
        relation or nothing,
        kind.rows(slots),
        sentences if kind else 0,
        stories if kind > Kind.self else 0,
        space,
    )
    s = s.contiguous()
    forward(steps.first.numpy(), s.numpy(), match.numpy(), _padded(keys), h, r, kind.value)
    return Reading(steps, s, h, r, kind, space)


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
        """Let others have it."""
        self._spare.extend(self._taken)

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


def _rows(rule: Rule, count: int, sentences: int, stories: int, space: _Space) -> Rows:
    drive = _padded(rule.drive)
    width, number = drive.shape[1], drive.dtype
    start = np.zeros((count, width), number) if rule.start is None else _padded(rule.start)
    return Rows(
        rows=space.take(sentences + stories, count, width),
        inner=space.take(sentences, count, width),
        gates=np.empty((sentences, count), number),
        matrix=_padded(rule.matrix.T),
        start=start,
        drive=drive,
        slope=_padded(rule.slope),
        limit=float(rule.limit),
    )


def _gradients(part: Rows) -> Gradients:
    return Gradients(*map(np.zeros_like, (part.matrix, part.start, part.drive, part.slope)))


def _transposed(part: Rows, dim: int) -> Rows:
    return part._replace(matrix=_padded(torch.from_numpy(part.matrix)[:, :dim].T))


def _padded(tensor: Tensor) -> Array:
    """With zero columns up to a whole number of vectors."""
    array = tensor.numpy()
    lanes = BYTES // array.itemsize
    padded = np.zeros((*array.shape[:-1], -(-array.shape[-1] // lanes) * lanes), array.dtype)
    padded[..., : array.shape[-1]] = array
    return padded
