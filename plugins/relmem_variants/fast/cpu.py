"""The fast path on the CPU: tensors to the arrays of the loops and back.

The loops are compiled when they are first called, and the machine code is kept on disk.
"""

from typing import cast

import numpy as np
import torch
from torch import Tensor

from relmem_cli.stories.batch import StoryBatch
from relmem_variants.fast.encoding import Encode
from relmem_variants.fast.interface import Back, Kind, Look, Rule, Slopes
from relmem_variants.fast.loops import Gradients, Rows, backward, forward, line_up
from relmem_variants.fast.readout import Answer
from relmem_variants.fast.steps import Steps
from relmem_variants.fast.tile import BYTES, Array


def steps(batch: StoryBatch) -> Steps:
    """The sentences that answer a batch's questions."""
    arrays = (batch.sentences.numpy(), batch.story.numpy(), batch.position.numpy())
    return Steps(*map(torch.from_numpy, line_up(*arrays)))


def encode(tokens: Tensor, words: Tensor, mask: Tensor) -> Tensor:
    """Sentences or questions int64 [N, L] as vectors [N, d] (eq. 1)."""
    return cast("Tensor", Encode.apply(tokens, words, mask))


def answer(h: Tensor, r: Tensor, q: Tensor, look: Look) -> Tensor:
    """Logits [Q, vocabulary] from rows h [Q, m, d], r [Q, P, d] and questions q [Q, d]."""
    logits = Answer.apply(look.vocabulary, look.hops, h, r, q, look.H, look.R, look.slope, look.C)
    return cast("Tensor", logits)


class Reading:
    """The stories as they were read: a `Trace`."""

    def __init__(self, steps: Steps, s: Tensor, memory: Rows, relation: Rows, kind: Kind) -> None:
        self._first, self._asked = steps.first.numpy(), steps.asked.numpy()
        self._s = s.numpy()
        self._memory, self._relation, self._kind = memory, relation, kind

    def asked(self) -> tuple[Tensor, Tensor]:
        """Memory [Q, m, d] and relations [Q, P, d] that the questions ask."""
        h = self._memory.rows[self._asked]
        r = self._relation.rows[self._asked] if self._kind > Kind.self else h[:, :0]
        return self._cut(h), self._cut(r)

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
    h = _rows(memory, slots, sentences, stories)
    nothing = Rule(keys[:0], None, keys.new_zeros(0, dim), memory.slope, 0.0)
    r = _rows(
        relation or nothing,
        kind.rows(slots),
        sentences if kind else 0,
        stories if kind > Kind.self else 0,
    )
    s = s.contiguous()
    forward(steps.first.numpy(), s.numpy(), match.numpy(), _padded(keys), h, r, kind.value)
    return Reading(steps, s, h, r, kind)


def _rows(rule: Rule, count: int, sentences: int, stories: int) -> Rows:
    drive = _padded(rule.drive)
    width, number = drive.shape[1], drive.dtype
    start = np.zeros((count, width), number) if rule.start is None else _padded(rule.start)
    return Rows(
        rows=np.empty((sentences + stories, count, width), number),
        inner=np.empty((sentences, count, width), number),
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
