"""The fast path on the CPU: tensors to the arrays of the loops and back.

The loops are compiled when they are first called, and the machine code is kept on disk.
"""

from collections.abc import Callable
from typing import cast

import numpy as np
import torch
from torch import Tensor

from relmem_cli.stories.batch import StoryBatch
from relmem_variants.fast.cpu import slot_function
from relmem_variants.fast.cpu.arrays import padded, repeated, turned, width_of, zeros
from relmem_variants.fast.cpu.interrupts import uninterrupted
from relmem_variants.fast.cpu.lining import line_up, states_asked
from relmem_variants.fast.cpu.loops import Rows, forward
from relmem_variants.fast.cpu.loops_back import Gradients, backward, gradients_of
from relmem_variants.fast.cpu.pass_inputs import Stories
from relmem_variants.fast.cpu.passes import workspace
from relmem_variants.fast.cpu.space import Space
from relmem_variants.fast.cpu.tile import Array
from relmem_variants.fast.interface import Back, Model, Rule, RuleGradients
from relmem_variants.fast.steps import Steps
from relmem_variants.relations_kept import RelationKind


@uninterrupted()
def steps(batch: StoryBatch) -> Steps:
    """The sentences that answer a batch's questions."""
    return Steps(*map(torch.from_numpy, _line_up(batch)))


@uninterrupted()
def logits(batch: StoryBatch, model: Model) -> Tensor:
    """Logits [Q, vocabulary] of a batch's questions."""
    found = slot_function.SlotFunction.apply(
        _stories(batch), slot_function.form_of(model), *slot_function.tensors_of(model)
    )
    return cast("Tensor", found)


def learner(model: Model) -> Callable[[StoryBatch], Tensor] | None:
    """The mean cross-entropy of batches, gradients added to the parameters' `grad`.

    None where these do not lie in memory row after row.
    """
    return slot_function.Learner(model) if slot_function.Learner.can(model) else None


def _stories(batch: StoryBatch) -> Stories:
    return Stories(*_line_up(batch), batch.questions.numpy())


def _line_up(batch: StoryBatch) -> tuple[Array, Array, Array]:
    return line_up(batch.sentences.numpy(), batch.story.numpy(), batch.position.numpy())


class CpuTrace:
    """The stories as they were read: a `Trace`. The rows lie in `space`."""

    def __init__(
        self, steps: Steps, s: Array, memory: Rows, relation: Rows, kind: RelationKind, space: Space
    ) -> None:
        self._first, self._asked = steps.first.numpy(), steps.asked.numpy()
        self._s, self._dim = s, len(memory.matrix)
        self._memory, self._relation, self._kind = memory, relation, kind
        self._space = space

    @uninterrupted()
    def asked(self) -> tuple[Tensor, Tensor]:
        """Memory [Q, m, d] and relations [Q, P, d] that the questions ask."""
        h = states_asked(self._memory.rows, self._asked, self._dim)
        r = h[:, :0]
        if self._kind > RelationKind.self:
            r = states_asked(self._relation.rows, self._asked, self._dim)
        return torch.from_numpy(h), torch.from_numpy(r)

    @uninterrupted()
    def back(self, dh: Tensor, dr: Tensor) -> Back:
        """From the gradients by what `asked` returned, as often as wanted."""
        s, memory, relation = self._s, _turned(self._memory), _turned(self._relation)
        sentences, slots, width = memory.inner.shape
        ds, dkeys = zeros(sentences, width, s), zeros(slots, width, s)
        dmatch = zeros(sentences, slots, s)
        dmemory, drelation = gradients_of(memory), gradients_of(relation)
        backward(
            self._first,
            s,
            memory,
            relation,
            self._kind.value,
            self._asked,
            self._widened(dh),
            self._widened(dr),
            ds,
            dmatch,
            dkeys,
            dmemory,
            drelation,
        )
        return Back(
            self._cut(ds),
            torch.from_numpy(dmatch),
            self._cut(dkeys),
            self._rule_gradients(dmemory),
            self._rule_gradients(drelation) if self._kind else None,
        )

    def _widened(self, gradient: Tensor) -> Array:
        """With zero columns that fill vectors."""
        shape, width = gradient.shape, self._s.shape[1]
        wide = padded(gradient.contiguous().numpy().reshape(-1, self._dim))
        return wide.reshape(*shape[:2], width)

    def _cut(self, wide: Array) -> Tensor:
        """Without the columns that only fill vectors."""
        return torch.from_numpy(wide)[:, : self._dim]

    def _rule_gradients(self, gradients: Gradients) -> RuleGradients:
        matrix, start, drive, slope = map(self._cut, gradients)
        return RuleGradients(matrix, start, drive, slope[0])


@uninterrupted()
def read(
    steps: Steps,
    s: Tensor,
    match: Tensor,
    keys: Tensor,
    memory: Rule,
    relation: Rule | None,
    kind: RelationKind,
) -> CpuTrace:
    """Every story from its beginning."""
    slots, width = len(keys), width_of(keys.shape[1], keys.numpy())
    sentences, stories = len(s), len(steps.first) - 1
    most = (2 * sentences + stories) * (slots + kind.rows(slots))
    space = Space(keys.dtype, most, width)
    room = workspace(space.array, sentences, stories, slots, kind.value)
    h = _rows(memory, room.rows, room.inner)
    r = _rows(relation or memory, room.relation_rows, room.relation_inner)
    wide = padded(s.contiguous().numpy())
    asked = match.contiguous().numpy()
    forward(steps.first.numpy(), wide, asked, padded(keys.numpy()), h, r, kind.value)
    return CpuTrace(steps, wide, h, r, kind, space)


def _rows(rule: Rule, rows: Array, inner: Array) -> Rows:
    sentences, count, width = inner.shape
    drive = padded(rule.drive.numpy())
    start = zeros(count, width, drive)
    if rule.start is not None and count:
        start = padded(rule.start.numpy())
    return Rows(
        rows=rows,
        inner=inner,
        gates=np.empty((sentences, count), drive.dtype),
        matrix=turned(rule.matrix.contiguous().numpy()),
        start=start,
        drive=drive,
        slope=repeated(rule.slope.numpy(), 1),
        limit=float(rule.limit),
    )


def _turned(part: Rows) -> Rows:
    """For the way back, on which the matrix is taken as it is."""
    dim, width = part.matrix.shape
    matrix = zeros(dim, width, part.matrix)
    matrix[:, :dim] = part.matrix[:, :dim].T
    return part._replace(matrix=matrix)
