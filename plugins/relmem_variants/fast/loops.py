"""The recurrence in loops that Numba compiles: story after story, each one's state in the cache.

Rows have zero columns after the d of the equations, up to a whole number of vectors.
`recurrence` derives what is computed here.
"""

from math import exp, sqrt
from typing import NamedTuple

import numpy as np

from relmem_variants.fast.interface import Kind
from relmem_variants.fast.tile import BYTES, Array, add_product, compiled

SELF, PAIRS = Kind.self.value, Kind.pairs.value


@compiled
def padded(array: Array, width: int) -> Array:
    """A matrix with zero columns after its own, `width` in all, in memory row after row."""
    rows, columns = array.shape
    wide = np.zeros((rows, width), array.dtype)
    for i in range(rows):
        for j in range(columns):
            wide[i, j] = array[i, j]
    return wide


@compiled
def states_asked(rows: Array, asked: Array, dim: int) -> Array:
    """The first `dim` columns of some of the states rows [states, P, width]."""
    found = np.empty((len(asked), rows.shape[1], dim), rows.dtype)
    for q in range(len(asked)):
        for i in range(rows.shape[1]):
            for j in range(dim):
                found[q, i, j] = rows[asked[q], i, j]
    return found


class Rows(NamedTuple):
    """Rows that sentences write to, z_i = x_i + g_i phi(M x_i + start_i + drive): h, or r.

    For N sentences, P rows and dim d in `width` >= d columns:

    rows    [N + S, P, width]  x before each sentence, then after the last one of each story
    inner   [N, P, width]      what phi takes
    gates   [N, P]             g
    matrix  [d, width]         M transposed; in the backward pass M
    start   [P, width]         each row's own part of what phi takes
    drive   [N, width]         each sentence's part
    slope   [width]            of phi
    limit   how long a written row may be; 0: any length; below 0: it is scaled to length 1
    """

    rows: Array
    inner: Array
    gates: Array
    matrix: Array
    start: Array
    drive: Array
    slope: Array
    limit: float


class Gradients(NamedTuple):
    """Of the loss by what `Rows` names: matrix [d, width] (not transposed), start, drive, slope."""

    matrix: Array
    start: Array
    drive: Array
    slope: Array


@compiled
def _scale(square: float, limit: float) -> float:
    """What a row of length sqrt(square) is multiplied by."""
    if limit == 0:
        return 1.0
    if limit < 0:
        return 1 / max(sqrt(square), 1e-12)
    return limit / max(limit, sqrt(square))


@compiled
def _write(part: Rows, n: int, new: Array, lanes: int) -> None:
    """Put the rows after sentence n into `new`; its gates are there already."""
    old, inner, gates, drive = part.rows[n], part.inner[n], part.gates[n], part.drive[n]
    count, width = old.shape
    for i in range(count):
        for j in range(width):
            inner[i, j] = part.start[i, j] + drive[j]
    add_product(old, part.matrix, inner, lanes)
    for i in range(count):
        square = old.dtype.type(0)
        for j in range(width):
            x = inner[i, j]
            z = old[i, j] + gates[i] * (x if x > 0 else part.slope[j] * x)
            new[i, j] = z
            square += z * z
        if part.limit != 0:
            scale = old.dtype.type(_scale(square, part.limit))
            for j in range(width):
                new[i, j] *= scale


@compiled
def _unwrite(
    part: Rows, n: int, grad: Array, dinner: Array, dgates: Array, out: Gradients, lanes: int
) -> None:
    """Take the gradient of the rows after sentence n back to those before it, in place.

    `dinner` [P, width] and `dgates` [P] are set to the gradients by what phi took and the gates.
    """
    old, inner, gates, ddrive = part.rows[n], part.inner[n], part.gates[n], out.drive[n]
    count, width = old.shape
    zero = old.dtype.type(0)
    for j in range(width):
        ddrive[j] = zero
    for i in range(count):
        square = along = zero
        g = gates[i]
        for j in range(width):
            x = inner[i, j]
            z = old[i, j] + g * (x if x > 0 else part.slope[j] * x)
            square += z * z
            along += z * grad[i, j]
        scale = old.dtype.type(_scale(square, part.limit))
        bound = part.limit < 0 or (part.limit > 0 and scale < 1)
        back = along / max(square, old.dtype.type(1e-24)) if bound else zero
        dg = zero
        for j in range(width):
            x = inner[i, j]
            positive = x > 0
            slope = part.slope[j]
            phi = x if positive else slope * x
            dz = scale * (grad[i, j] - back * (old[i, j] + g * phi))
            dg += dz * phi
            dphi = g * dz
            dx = dphi if positive else slope * dphi
            out.slope[j] += zero if positive else dphi * x
            out.start[i, j] += dx
            ddrive[j] += dx
            dinner[i, j] = dx
            grad[i, j] = dz
        dgates[i] = dg
    add_product(dinner.T[: len(out.matrix)], old, out.matrix, lanes)
    add_product(dinner, part.matrix, grad, lanes)


@compiled
def _relation_gates(g: Array, out: Array, pairs: bool) -> None:
    """Eq. 6 for every pair, or gathered for every slot (eq. 7)."""
    count = len(g)
    if pairs:
        p = 0
        for i in range(count):
            for j in range(i + 1, count):
                out[p] = g[i] * g[j]
                p += 1
    else:
        total = g.sum()
        for i in range(count):
            out[i] = g[i] * (total - g[i])


@compiled
def _relation_gates_back(g: Array, dout: Array, dg: Array, pairs: bool) -> None:
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
        total = g.sum()
        shared = (dout * g).sum()
        for i in range(count):
            dg[i] += dout[i] * (total - 2 * g[i]) + shared


@compiled
def _open(h: Array, s: Array, match: Array, gates: Array) -> None:
    """Eq. 2 for one sentence s [d], whose products with the keys are `match` [m]."""
    for i in range(len(gates)):
        a = match[i]
        for j in range(len(s)):
            a += s[j] * h[i, j]
        gates[i] = 1 / (1 + exp(-a))


@compiled
def _unopen(
    h: Array, s: Array, gates: Array, dgates: Array, dh: Array, ds: Array, dmatch: Array
) -> None:
    """Add to dh and ds, and set dmatch, from the gradient of the gates."""
    for i in range(len(gates)):
        e = dgates[i] * gates[i] * (1 - gates[i])
        dmatch[i] = e
        for j in range(len(s)):
            ds[j] += e * h[i, j]
            dh[i, j] += e * s[j]


@compiled
def forward(
    first: Array, s: Array, match: Array, keys: Array, memory: Rows, relation: Rows, kind: int
) -> None:
    """Read every story: fills rows, inner and gates of the memory and of the relations."""
    lanes = BYTES // s.itemsize
    sentences = len(match)
    own = kind == SELF
    for story in range(len(first) - 1):
        end = first[story + 1]
        n = first[story] if end > first[story] else sentences + story
        memory.rows[n] = keys
        if kind > SELF:
            relation.rows[n] = 0
        for n in range(first[story], end):
            after = n + 1 if n + 1 < end else sentences + story
            _open(memory.rows[n], s[n], match[n], memory.gates[n])
            _write(memory, n, relation.rows[n] if own else memory.rows[after], lanes)
            if kind:
                _relation_gates(memory.gates[n], relation.gates[n], kind == PAIRS)
                new = memory.rows[after] if own else relation.rows[after]
                _write(relation, n, new, lanes)


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
    """From the gradients of the states that questions ask to those of everything else."""
    lanes = BYTES // s.itemsize
    sentences, slots = memory.gates.shape
    head, following = _by_state(asked, len(memory.rows))
    dh = np.empty_like(memory.rows[0])
    dr = np.empty((relation.rows.shape[1], dh.shape[1]), dh.dtype)
    da, dar = np.empty_like(dh), np.empty_like(dr)
    dg = np.empty(slots, dh.dtype)
    dgr = np.empty(relation.gates.shape[1], dh.dtype)
    for story in range(len(first) - 1):
        begin, end = first[story], first[story + 1]
        dh[:] = 0
        dr[:] = 0
        for n in range(end, begin - 1, -1):
            if n < end:
                if kind:
                    _unwrite(relation, n, dh if kind == SELF else dr, dar, dgr, drelation, lanes)
                _unwrite(memory, n, dh, da, dg, dmemory, lanes)
                if kind:
                    _relation_gates_back(memory.gates[n], dgr, dg, kind == PAIRS)
                _unopen(memory.rows[n], s[n], memory.gates[n], dg, dh, ds[n], dmatch[n])
            q = head[n if n < end else sentences + story]
            while q >= 0:
                dh[:, : s.shape[1]] += dh_asked[q]
                if kind > SELF:
                    dr[:, : s.shape[1]] += dr_asked[q]
                q = following[q]
        dkeys += dh


@compiled
def line_up(sentences: Array, story: Array, position: Array) -> tuple[Array, Array, Array]:
    """The tokens, first sentences and asked states of `Steps` for a padded batch."""
    stories, longest, words = sentences.shape
    ends = np.zeros(stories, np.int64)
    for q in range(len(story)):
        if not (0 <= story[q] < stories and 0 <= position[q] <= longest):
            raise IndexError("a question is about a story or a place that the batch has not")
        ends[story[q]] = max(ends[story[q]], position[q])
    tokens = np.empty((ends.sum(), words), np.int64)
    first = np.zeros(stories + 1, np.int64)
    before = np.zeros((stories, longest + 1), np.int64)
    n = 0
    for row in range(stories):
        for t in range(ends[row]):
            if sentences[row, t].any():
                tokens[n] = sentences[row, t]
                n += 1
            before[row, t + 1] = n - first[row]
        first[row + 1] = n
    asked = np.empty(len(story), np.int64)
    for q in range(len(story)):
        state = first[story[q]] + before[story[q], position[q]]
        asked[q] = state if state < first[story[q] + 1] else n + story[q]
    return tokens[:n], first, asked
