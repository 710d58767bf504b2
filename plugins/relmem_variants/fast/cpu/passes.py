"""From tokens to logits and back in two calls: nothing between the equations but arrays.

`loss_and_gradients` is what the CPU trains by: `StoryModel.learn` for one batch, in one call.

A tensor library's operations cost microseconds each, and autograd's tens, as much as these do.
"""

from typing import NamedTuple

import numpy as np

from relmem_variants.fast.cpu.arrays import (
    add_cut,
    add_sums,
    padded,
    repeated,
    turned,
    width_of,
    zeros,
)
from relmem_variants.fast.cpu.encoding import encode, encode_back
from relmem_variants.fast.cpu.lining import line_up
from relmem_variants.fast.cpu.loops import PAIRS, SELF, Rows, forward
from relmem_variants.fast.cpu.loops_back import Gradients, backward, gradients_of
from relmem_variants.fast.cpu.pass_inputs import (
    Batch,
    Form,
    MemoryParts,
    Parts,
    RelationParts,
    Stories,
    Workspace,
)
from relmem_variants.fast.cpu.readout_passes import (
    ReadoutTrace,
    add_gradient,
    answer,
    answer_back,
    cross_entropy_loss,
)
from relmem_variants.fast.cpu.tile import BYTES, Array, add_product, compiled, inlined


class PassTrace(NamedTuple):
    """What the way to the logits leaves for the way back; s and keys are padded."""

    s: Array
    keys: Array
    memory: Rows
    relation: Rows
    answered: ReadoutTrace


@compiled
def _count(kind: int, slots: int) -> int:
    """`RelationKind.rows`."""
    if kind == PAIRS:
        return slots * (slots - 1) // 2
    return slots if kind else 0


@inlined
def workspace(room: Array, sentences: int, stories: int, slots: int, kind: int) -> Workspace:
    """The arrays that stories write to, cut from `room` [rows, width]."""
    states = sentences + stories
    rows = _count(kind, slots)
    rest = states if kind > SELF else sentences
    width = room.shape[1]
    memory, inner = states * slots, (states + sentences) * slots
    relation = inner + rest * rows
    return Workspace(
        room[:memory].reshape(states, slots, width),
        room[memory:inner].reshape(sentences, slots, width),
        room[inner:relation].reshape(rest, rows, width),
        room[relation : relation + sentences * rows].reshape(sentences, rows, width),
    )


@compiled
def _scale(array: Array, factor: float) -> None:
    if factor != 1:
        array *= array.dtype.type(factor)


@inlined
def _memory(parts: MemoryParts, s: Array, keys: Array, space: Workspace) -> Rows:
    """The rule of eq. 3-5, its products with sentences and keys computed."""
    lanes = BYTES // s.itemsize
    start = repeated(parts.bias, len(keys))
    add_product(keys, turned(parts.V), start, lanes)
    drive = zeros(len(s), s.shape[1], s)
    add_product(s, turned(parts.W), drive, lanes)
    gates = np.empty(space.inner.shape[:2], s.dtype)
    slope = repeated(parts.slope, 1)
    return Rows(space.rows, space.inner, gates, turned(parts.U), start, drive, slope, -1.0)


@inlined
def _relation(parts: RelationParts, s: Array, space: Workspace, form: Form) -> Rows:
    """The rule of eq. 8 and 9, or 18 and 19."""
    matrix = turned(parts.A)
    _scale(matrix, form.share)
    sentences, rows = space.relation_inner.shape[:2]
    drive = repeated(parts.bias, sentences)
    if form.kind:
        add_product(s, turned(parts.B), drive, BYTES // s.itemsize)
        _scale(drive, form.share)
    gates = np.empty((sentences, rows), s.dtype)
    start, slope = zeros(rows, s.shape[1], s), repeated(parts.slope, 1)
    return Rows(
        space.relation_rows, space.relation_inner, gates, matrix, start, drive, slope, form.limit
    )


@inlined
def forward_pass(parts: Parts, stories: Stories, form: Form, room: Array) -> PassTrace:
    """The logits, and what `back` needs of the way to them.

    `room` [at least 2 N + S times the rows of memory and relations, width] is kept by the trace.
    """
    sentences, count = len(stories.tokens), len(stories.first) - 1
    space = workspace(room, sentences, count, len(parts.keys), form.kind)
    s = encode(stories.tokens, parts.words, parts.sentence_mask)
    keys = padded(parts.keys)
    memory, relation = (
        _memory(parts.memory, s, keys, space),
        _relation(parts.relation, s, space, form),
    )
    turned_keys = turned(parts.keys)
    match = zeros(len(s), turned_keys.shape[1], s)
    add_product(s, turned_keys, match, BYTES // s.itemsize)
    forward(stories.first, s, match, keys, memory, relation, form.kind)
    q = encode(stories.questions, parts.words, parts.question_mask)
    found = answer(
        memory.rows,
        _beside(relation, form),
        stories.asked,
        q,
        parts.readout,
        form.vocabulary,
        form.hops,
    )
    return PassTrace(s, keys, memory, relation, found)


@compiled
def _beside(relation: Rows, form: Form) -> Array:
    """The relations that are kept beside the memory: none where they are written into it."""
    return relation.rows if form.kind > SELF else relation.rows[:, :0].copy()


@inlined
def _reversed(part: Rows, matrix: Array) -> Rows:
    """For the way back, on which the matrix is taken as it is."""
    return Rows(
        part.rows, part.inner, part.gates, matrix, part.start, part.drive, part.slope, part.limit
    )


@inlined
def back(
    parts: Parts, stories: Stories, form: Form, trace: PassTrace, dlogits: Array, dparts: Parts
) -> None:
    """Add to the parameters' gradients what the gradient by the logits gives."""
    s, keys = trace.s, trace.keys
    A = padded(parts.relation.A)
    _scale(A, form.share)
    memory, relation = _reversed(trace.memory, padded(parts.memory.U)), _reversed(trace.relation, A)
    dh, dr, dq = answer_back(
        memory.rows,
        _beside(relation, form),
        stories.asked,
        trace.answered,
        parts.readout,
        dlogits,
        form.vocabulary,
        dparts.readout,
    )
    encode_back(
        stories.questions, parts.words, parts.question_mask, dq, dparts.words, dparts.question_mask
    )
    dmemory, drelation = gradients_of(memory), gradients_of(relation)
    ds, dkeys = zeros(len(s), s.shape[1], s), zeros(len(keys), s.shape[1], s)
    dmatch = zeros(len(s), width_of(len(keys), s), s)
    backward(
        stories.first,
        s,
        memory,
        relation,
        form.kind,
        stories.asked,
        dh,
        dr,
        ds,
        dmatch,
        dkeys,
        dmemory,
        drelation,
    )
    lanes = BYTES // s.itemsize
    add_product(dmatch, keys, ds, lanes)
    add_product(dmatch.T[: len(keys)], s, dkeys, lanes)
    _memory_back(parts.memory, s, keys, dmemory, ds, dkeys, dparts.memory)
    if form.kind:
        _relation_back(parts.relation, s, drelation, form.share, ds, dparts.relation)
    add_cut(dparts.keys, dkeys)
    encode_back(
        stories.tokens, parts.words, parts.sentence_mask, ds, dparts.words, dparts.sentence_mask
    )


@inlined
def _memory_back(
    parts: MemoryParts,
    s: Array,
    keys: Array,
    by: Gradients,
    ds: Array,
    dkeys: Array,
    dparts: MemoryParts,
) -> None:
    """From the gradients by the rule of eq. 3-5 to those by weights, sentences and keys."""
    lanes = BYTES // s.itemsize
    add_cut(dparts.U, by.matrix)
    add_gradient(dparts.V, by.start, keys)
    add_gradient(dparts.W, by.drive, s)
    add_sums(dparts.bias, by.start)
    add_sums(dparts.slope, by.slope)
    add_product(by.start, padded(parts.V), dkeys, lanes)
    add_product(by.drive, padded(parts.W), ds, lanes)


@inlined
def _relation_back(
    parts: RelationParts, s: Array, by: Gradients, share: float, ds: Array, dparts: RelationParts
) -> None:
    """The same for the rule of eq. 8 and 9, or 18 and 19."""
    _scale(by.drive, share)
    _scale(by.matrix, share)
    add_cut(dparts.A, by.matrix)
    add_gradient(dparts.B, by.drive, s)
    add_sums(dparts.bias, by.drive)
    add_sums(dparts.slope, by.slope)
    add_product(by.drive, padded(parts.B), ds, BYTES // s.itemsize)


@compiled
def loss_and_gradients(
    parts: Parts, dparts: Parts, form: Form, batch: Batch, answers: Array, counted: int, room: Array
) -> float:
    """The mean cross-entropy of `counted` answers; its gradients are added to `dparts`."""
    tokens, first, asked = line_up(batch.sentences, batch.story, batch.position)
    stories = Stories(tokens, first, asked, batch.questions)
    trace = forward_pass(parts, stories, form, room)
    dlogits = trace.answered.logits
    loss = cross_entropy_loss(dlogits, answers, form.vocabulary, counted)
    back(parts, stories, form, trace, dlogits, dparts)
    return loss
