"""The recurrence backwards in loops that Numba compiles: from the last sentence to the first.

`recurrence` derives what is computed here.
"""

from typing import NamedTuple

import numpy as np

from relmem_variants.fast.cpu.arrays import empty, zeros
from relmem_variants.fast.cpu.loops import PAIRS, SELF, Rows, scale_of
from relmem_variants.fast.cpu.tile import BYTES, Array, add_product, compiled
from relmem_variants.fast.cpu.vectors import load, spread, store, total, where_positive

ROWS_TOGETHER = 80
"""Rows that the gradient of M waits for: sums that are fetched and put back seldom cost less."""


class Gradients(NamedTuple):
    """Of the loss by what `Rows` names: matrix [d, width] (not transposed), start, drive, slope."""

    matrix: Array
    start: Array
    drive: Array
    slope: Array


class Scratch(NamedTuple):
    """What the steps of a backward pass hand to each other, for P rows.

    grad    [P, width]     the gradient by the rows before the sentence that was last gone back
    dinner  [G, P, width]  that by what phi took, of G sentences that follow each other
    dgates  [P]            that by the gates
    scale   [P]            what the written rows were multiplied by
    back    [P]            how much of the row itself is taken from its gradient
    """

    grad: Array
    dinner: Array
    dgates: Array
    scale: Array
    back: Array


@compiled
def gradients_of(part: Rows) -> Gradients:
    """Zeros."""
    inner, width = part.matrix.shape
    like = part.gates
    return Gradients(
        zeros(inner, width, like),
        zeros(part.rows.shape[1], width, like),
        zeros(len(part.inner), width, like),
        zeros(1, width, like),
    )


@compiled
def _scratch_of(part: Rows) -> Scratch:
    _, count, width = part.rows.shape
    group = max(ROWS_TOGETHER // max(count, 1), 1)
    like = part.gates
    space = empty((group + 1) * count, width, like)
    rest = np.empty((3, count), like.dtype)
    dinner = space[count:].reshape(group, count, width)
    return Scratch(space[:count], dinner, rest[0], rest[1], rest[2])


@compiled
def _unscale(part: Rows, n: int, grad: Array, scratch: Scratch) -> None:
    """Set `scale`, `back` and `dgates` from the gradient of the rows after sentence n.

    With dz = scale (dy - back z), dg = dz . phi follows from the sums that these need.
    """
    lanes = BYTES // part.drive.itemsize
    old, inner, gates = part.rows[n], part.inner[n], part.gates[n]
    number = gates.dtype.type
    for i in range(len(gates)):
        gate = spread(gates[i])
        squares = along = by_phi = own = spread(number(0))
        for j in range(0, old.shape[1], lanes):
            x, dy = load(inner, i, j), load(grad, i, j)
            phi = where_positive(x, x, load(part.slope, 0, j) * x)
            z = load(old, i, j) + gate * phi
            squares += z * z
            along += z * dy
            by_phi += dy * phi
            own += z * phi
        square = total(squares)
        scale = number(scale_of(square, part.limit))
        bound = part.limit < 0 or (part.limit > 0 and scale < 1)
        back = total(along) / max(square, number(1e-24)) if bound else number(0)
        scratch.scale[i], scratch.back[i] = scale, back
        scratch.dgates[i] = scale * (total(by_phi) - back * total(own))


@compiled
def _unwrite(part: Rows, n: int, grad: Array, scratch: Scratch, out: Gradients) -> None:
    """Take the gradient of the rows after sentence n back to those before it, in place."""
    lanes = BYTES // part.drive.itemsize
    _unscale(part, n, grad, scratch)
    old, inner, gates = part.rows[n], part.inner[n], part.gates[n]
    together = len(scratch.dinner)
    dinner = scratch.dinner[n % together]
    zero = spread(gates.dtype.type(0))
    for j in range(0, old.shape[1], lanes):
        slope = load(part.slope, 0, j)
        ddrive = dslope = zero
        for i in range(len(gates)):
            gate, x = spread(gates[i]), load(inner, i, j)
            z = load(old, i, j) + gate * where_positive(x, x, slope * x)
            dz = spread(scratch.scale[i]) * (load(grad, i, j) - spread(scratch.back[i]) * z)
            dphi = gate * dz
            dx = where_positive(x, dphi, slope * dphi)
            store(grad, i, j, dz)
            store(dinner, i, j, dx)
            store(out.start, i, j, load(out.start, i, j) + dx)
            ddrive += dx
            dslope += where_positive(x, zero, dphi * x)
        store(out.drive, n, j, ddrive)
        store(out.slope, 0, j, load(out.slope, 0, j) + dslope)
    add_product(dinner, part.matrix, grad, lanes)
    if n % together == 0:
        _add_matrix(part, n, scratch, out)


@compiled
def _add_matrix(part: Rows, n: int, scratch: Scratch, out: Gradients) -> None:
    """Add what sentences n, n + 1 ... give to the gradient of M."""
    lanes = BYTES // part.drive.itemsize
    sentences, count, width = part.inner.shape
    held = min(len(scratch.dinner), sentences - n)
    dinner = scratch.dinner[:held].reshape(held * count, width)
    old = part.rows[n : n + held].reshape(held * count, width)
    add_product(dinner.T[: len(out.matrix)], old, out.matrix, lanes)


@compiled
def _relation_slot_gates_back(g: Array, dout: Array, dg: Array, pairs: bool) -> None:
    """Add to dg what the gradient of the relations' gates gives."""
    count = len(g)
    if pairs:
        p = 0
        for i in range(count):
            for j in range(i + 1, count):
                dg[i] += dout[p] * g[j]
                dg[j] += dout[p] * g[i]
                p += 1
    else:
        every = g.sum()
        shared = (dout * g).sum()
        for i in range(count):
            dg[i] += dout[i] * (every - 2 * g[i]) + shared


@compiled
def _unopen(memory: Rows, n: int, s: Array, scratch: Scratch, ds: Array, dmatch: Array) -> None:
    """Add to the gradient by the memory and set ds and dmatch, from the gradient of the gates."""
    lanes = BYTES // s.itemsize
    h, gates, dgates, dh = memory.rows[n], memory.gates[n], scratch.dgates, scratch.grad
    for i in range(len(gates)):
        dmatch[n, i] = dgates[i] * gates[i] * (1 - gates[i])
    for j in range(0, s.shape[1], lanes):
        sentence, slope = load(s, n, j), spread(gates.dtype.type(0))
        for i in range(len(gates)):
            e = spread(dmatch[n, i])
            slope += e * load(h, i, j)
            store(dh, i, j, load(dh, i, j) + e * sentence)
        store(ds, n, j, slope)


@compiled
def _by_state(asked: Array, states: int) -> tuple[Array, Array]:
    """Each state's last question and each question's one before it; -1 where there is none."""
    head = np.full(states, -1, np.int64)
    following = np.empty(len(asked), np.int64)
    for q in range(len(asked)):
        following[q] = head[asked[q]]
        head[asked[q]] = q
    return head, following


@compiled
def add(rows: Array, more: Array) -> None:
    """Add one padded matrix to another."""
    lanes = BYTES // rows.itemsize
    for i in range(len(more)):
        for j in range(0, more.shape[1], lanes):
            store(rows, i, j, load(rows, i, j) + load(more, i, j))


@compiled
def backward(
    first: Array,
    s: Array,
    memory: Rows,
    relation: Rows,
    kind: int,
    asked: Array,
    dh_asked: Array,
    dr_asked: Array,
    ds: Array,
    dmatch: Array,
    dkeys: Array,
    dmemory: Gradients,
    drelation: Gradients,
) -> None:
    """From the gradients of the states that questions ask to those of everything else.

    dh_asked [Q, m, width] and dr_asked [Q, P, width]; ds [N, width] and dmatch [N, >= m] are set,
    all else is added to.
    """
    sentences = len(memory.gates)
    head, following = _by_state(asked, len(memory.rows))
    own, other = _scratch_of(memory), _scratch_of(relation)
    dh, dr = own.grad, other.grad
    for story in range(len(first) - 2, -1, -1):
        begin, end = first[story], first[story + 1]
        dh[:] = 0
        dr[:] = 0
        for n in range(end, begin - 1, -1):
            if n < end:
                if kind:
                    _unwrite(relation, n, dh if kind == SELF else dr, other, drelation)
                _unwrite(memory, n, dh, own, dmemory)
                if kind:
                    g, dgr = memory.gates[n], other.dgates
                    _relation_slot_gates_back(g, dgr, own.dgates, kind == PAIRS)
                _unopen(memory, n, s, own, ds, dmatch)
            q = head[n if n < end else sentences + story]
            while q >= 0:
                add(dh, dh_asked[q])
                if kind > SELF:
                    add(dr, dr_asked[q])
                q = following[q]
        add(dkeys, dh)
