"""Eq. 10-14 on the CPU, and their derivatives.

Each hop attends with key k = q C to rows x of memory and relations (C is the identity where a
variant has none):

    p_i = softmax_i(k . x_i),   u = sum_i p_i x_i,   v = C u          eq. 11, 12
    q <- q + v before the next hop                                    eq. 14
    a = q + H v,   y = R phi(a)                                       eq. 13

With du the gradient by u, and so on backwards through the hops,

    dp_i = x_i . du,   e_i = p_i (dp_i - sum_j p_j dp_j)              by the scores k . x_i
    dx_i += p_i du + e_i k,   dk = sum_i e_i x_i
"""

from math import exp, log
from typing import NamedTuple

import numpy as np

from relmem_cli.stories.batch import IGNORED
from relmem_variants.fast.cpu.arrays import (
    add_cut,
    add_sums,
    empty,
    padded,
    put,
    repeated,
    turned,
    zeros,
)
from relmem_variants.fast.cpu.loops import score
from relmem_variants.fast.cpu.pass_inputs import ReadoutParts
from relmem_variants.fast.cpu.tile import BYTES, Array, add_product, compiled, inlined
from relmem_variants.fast.cpu.vectors import load, spread, store, where_positive


class ReadoutTrace(NamedTuple):
    """What the way to the logits leaves for the way back, for Q questions.

    q, k, u, v  [hops, Q, width]  the question, its key, what it read of the rows, and C u
    p           [hops, Q, rows]   attention to the memory's rows, then to the relations'
    a, y        [Q, width]        of eq. 13, y being phi(a)
    logits      [Q, >= vocabulary]
    """

    q: Array
    k: Array
    u: Array
    v: Array
    p: Array
    a: Array
    y: Array
    logits: Array


@compiled
def _softmax(p: Array) -> None:
    """Of a row, in place."""
    most = p.max()
    every = p.dtype.type(0)
    for i in range(len(p)):
        p[i] = exp(p[i] - most)
        every += p[i]
    for i in range(len(p)):
        p[i] /= every


@compiled
def _log_sum(row: Array) -> float:
    """The logarithm of the sum of a row's exponentials."""
    most = row.max()
    every = 0.0
    for i in range(len(row)):
        every += exp(row[i] - most)
    found: float = most + log(every)
    return found


@compiled
def _add_weighted(rows: Array, p: Array, u: Array, q: int, before: int) -> None:
    """Add to u[q] the sum of rows [P, width] by weights p[q] after `before` others."""
    lanes = BYTES // u.itemsize
    for j in range(0, u.shape[1], lanes):
        read = load(u, q, j)
        for i in range(len(rows)):
            read += spread(p[q, before + i]) * load(rows, i, j)
        store(u, q, j, read)


@compiled
def _add_outer(drows: Array, p: Array, du: Array, e: Array, k: Array, q: int, before: int) -> None:
    """Add p_i du + e_i k to the gradient by rows [P, width]."""
    lanes = BYTES // du.itemsize
    for j in range(0, du.shape[1], lanes):
        by_read, key = load(du, q, j), load(k, q, j)
        for i in range(len(drows)):
            at = before + i
            more = spread(p[q, at]) * by_read + spread(e[q, at]) * key
            store(drows, i, j, load(drows, i, j) + more)


@compiled
def _attend(h: Array, r: Array, asked: Array, k: Array, p: Array, u: Array) -> None:
    """Attention p [Q, m + P] of keys k [Q, width] to the states asked, and what it reads, u."""
    slots = h.shape[1]
    for q in range(len(k)):
        state = asked[q]
        score(h[state], k, p, q, 0)
        if r.shape[1]:
            score(r[state], k, p, q, slots)
        _softmax(p[q])
        _add_weighted(h[state], p, u, q, 0)
        if r.shape[1]:
            _add_weighted(r[state], p, u, q, slots)


@compiled
def _attend_back(
    h: Array, r: Array, asked: Array, k: Array, p: Array, du: Array, dh: Array, dr: Array
) -> Array:
    """Add to dh [Q, m, width] and dr [Q, P, width] what du gives; the gradient by k."""
    slots = h.shape[1]
    dk, e = zeros(len(k), k.shape[1], k), np.empty_like(p)
    for q in range(len(k)):
        state = asked[q]
        score(h[state], du, e, q, 0)
        if r.shape[1]:
            score(r[state], du, e, q, slots)
        mean = (p[q] * e[q]).sum()
        for i in range(p.shape[1]):
            e[q, i] = p[q, i] * (e[q, i] - mean)
        _add_weighted(h[state], e, dk, q, 0)
        _add_outer(dh[q], p, du, e, k, q, 0)
        if r.shape[1]:
            _add_weighted(r[state], e, dk, q, slots)
            _add_outer(dr[q], p, du, e, k, q, slots)
    return dk


@compiled
def _sum(one: Array, other: Array) -> Array:
    """One padded matrix and another."""
    lanes = BYTES // one.itemsize
    made = empty(len(one), one.shape[1], one)
    for i in range(len(one)):
        for j in range(0, one.shape[1], lanes):
            store(made, i, j, load(one, i, j) + load(other, i, j))
    return made


@compiled
def _product(x: Array, a: Array) -> Array:
    """The product of padded matrices."""
    made = zeros(len(x), a.shape[1], x)
    add_product(x, a, made, BYTES // x.itemsize)
    return made


@compiled
def _phi(a: Array, slope: Array) -> Array:
    """Phi of rows a, with slope [1, width]."""
    lanes = BYTES // a.itemsize
    y = empty(len(a), a.shape[1], a)
    for q in range(len(a)):
        for j in range(0, a.shape[1], lanes):
            x = load(a, q, j)
            store(y, q, j, where_positive(x, x, load(slope, 0, j) * x))
    return y


@inlined
def answer(
    h: Array, r: Array, asked: Array, q: Array, parts: ReadoutParts, vocabulary: int, hops: int
) -> ReadoutTrace:
    """From states h [states, m, width] and r [states, P, width], and questions q [Q, width]."""
    questions, width = q.shape
    space = empty(4 * hops * questions, width, q).reshape(4, hops, questions, width)
    before, keys, read, found = space[0], space[1], space[2], space[3]
    p = np.empty((hops, questions, h.shape[1] + r.shape[1]), q.dtype)
    own = len(parts.C) > 0
    C, turned_C = padded(parts.C), turned(parts.C)
    for hop in range(hops):
        put(before[hop], q if hop == 0 else _sum(before[hop - 1], found[hop - 1]))
        put(keys[hop], _product(before[hop], C) if own else before[hop])
        read[hop] = 0
        _attend(h, r, asked, keys[hop], p[hop], read[hop])
        put(found[hop], _product(read[hop], turned_C) if own else read[hop])
    a = _sum(before[hops - 1], _product(found[hops - 1], turned(parts.H)))
    y = _phi(a, repeated(parts.slope, 1))
    logits = _product(y, turned(parts.R[:vocabulary]))
    return ReadoutTrace(before, keys, read, found, p, a, y, logits)


@compiled
def cross_entropy_loss(logits: Array, answers: Array, vocabulary: int, counted: int) -> float:
    """The sum over answers that are not IGNORED, over `counted`; logits become its gradients.

    The columns after the vocabulary become 0. Raises IndexError for an answer outside it.
    """
    for q in range(len(answers)):
        if answers[q] != IGNORED and not 0 <= answers[q] < vocabulary:
            raise IndexError("an answer is outside the vocabulary")
    loss = 0.0
    for q in range(len(answers)):
        logits[q, vocabulary:] = 0
        if answers[q] == IGNORED:
            logits[q] = 0
            continue
        row = logits[q, :vocabulary]
        loss += _log_sum(row) - row[answers[q]]
        _softmax(row)
        row[answers[q]] -= 1
        row /= counted
    return loss / counted if counted else np.nan


@compiled
def _unphi(a: Array, dy: Array, slope: Array, dslope: Array) -> Array:
    """The gradient by a; that by the slope [1, width] is added to dslope."""
    lanes = BYTES // a.itemsize
    da = empty(len(a), a.shape[1], a)
    for j in range(0, a.shape[1], lanes):
        along, sloping = load(slope, 0, j), load(dslope, 0, j)
        zero = spread(a.dtype.type(0))
        for q in range(len(a)):
            x, d = load(a, q, j), load(dy, q, j)
            store(da, q, j, where_positive(x, d, along * d))
            sloping += where_positive(x, zero, d * x)
        store(dslope, 0, j, sloping)
    return da


@compiled
def add_gradient(out: Array, dout: Array, x: Array) -> None:
    """Add dout^T x, the gradient of the matrix that took x to out."""
    rows = len(out)
    made = zeros(rows, x.shape[1], x)
    add_product(dout.T[:rows], x, made, BYTES // x.itemsize)
    add_cut(out, made)


@inlined
def answer_back(
    h: Array,
    r: Array,
    asked: Array,
    found: ReadoutTrace,
    parts: ReadoutParts,
    dlogits: Array,
    vocabulary: int,
    dparts: ReadoutParts,
) -> tuple[Array, Array, Array]:
    """The gradients by the states asked, [Q, m, width] and [Q, P, width], and by q [Q, width].

    Those by H, R, output_slope and C are added to `dparts`.
    """
    hops, questions, width = found.q.shape
    dslope = zeros(1, width, found.a)
    dy = _product(dlogits, padded(parts.R[:vocabulary]))
    da = _unphi(found.a, dy, repeated(parts.slope, 1), dslope)
    add_sums(dparts.slope, dslope)
    add_gradient(dparts.R[:vocabulary], dlogits, found.y)
    add_gradient(dparts.H, da, found.v[hops - 1])
    slots, relations = h.shape[1], r.shape[1]
    dh = zeros(questions * slots, width, da).reshape(questions, slots, width)
    dr = zeros(questions * relations, width, da).reshape(questions, relations, width)
    own = len(parts.C) > 0
    C, turned_C = padded(parts.C), turned(parts.C)
    dv, dq = _product(da, padded(parts.H)), da
    for hop in range(hops - 1, -1, -1):
        du = _product(dv, C) if own else dv
        dk = _attend_back(h, r, asked, found.k[hop], found.p[hop], du, dh, dr)
        if own:
            add_gradient(dparts.C, dv, found.u[hop])
            add_gradient(dparts.C, found.q[hop], dk)
            dk = _product(dk, turned_C)
        dq = _sum(dq, dk)
        dv = dq
    return dh, dr, dq
