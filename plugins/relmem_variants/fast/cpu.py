"""The recurrence on the CPU: stories one after the other, each one's state in the cache.

Numba compiles these functions when they are first called and keeps the machine code on disk.
Rows have zero columns after the d of the equations, up to a whole number of vectors.
`recurrence` derives what is computed here.
"""

from math import exp, sqrt
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from numba import njit
from torch import Tensor

from relmem_variants.fast.recurrence import Back, Kind, Rule, Slopes
from relmem_variants.fast.steps import Steps
from relmem_variants.fast.tile import BYTES, LOOP, add_product

Array = npt.NDArray[Any]

SELF, PAIRS = Kind.self.value, Kind.pairs.value


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
    """Of the loss with respect to what `Rows` names; those of `start` and `slope` are sums."""

    inner: Array
    start: Array
    drive: Array
    slope: Array


@njit(**LOOP)
def _scale(square: float, limit: float) -> float:
    """What a row of length sqrt(square) is multiplied by."""
    if limit == 0:
        return 1.0
    if limit < 0:
        return 1 / max(sqrt(square), 1e-12)
    return limit / max(limit, sqrt(square))


@njit(**LOOP)
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


@njit(**LOOP)
def _unwrite(part: Rows, n: int, grad: Array, dgates: Array, out: Gradients, lanes: int) -> None:
    """Take the gradient of the rows after sentence n back to those before it, in place.

    `dgates` [P] is set.
    """
    old, inner, gates = part.rows[n], part.inner[n], part.gates[n]
    dinner, ddrive = out.inner[n], out.drive[n]
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
    add_product(dinner, part.matrix, grad, lanes)


@njit(**LOOP)
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


@njit(**LOOP)
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


@njit(**LOOP)
def forward(
    first: Array, s: Array, match: Array, keys: Array, memory: Rows, relation: Rows, kind: int
) -> None:
    """Read every story: fills rows, inner and gates of the memory and of the relations."""
    lanes = BYTES // s.itemsize
    sentences, slots = match.shape
    own = kind == SELF
    for story in range(len(first) - 1):
        end = first[story + 1]
        n = first[story] if end > first[story] else sentences + story
        memory.rows[n] = keys
        if kind > SELF:
            relation.rows[n] = 0
        for n in range(first[story], end):
            after = n + 1 if n + 1 < end else sentences + story
            h, gates = memory.rows[n], memory.gates[n]
            for i in range(slots):
                a = match[n, i]
                for j in range(s.shape[1]):
                    a += s[n, j] * h[i, j]
                gates[i] = 1 / (1 + exp(-a))
            _write(memory, n, relation.rows[n] if own else memory.rows[after], lanes)
            if kind:
                _relation_gates(gates, relation.gates[n], kind == PAIRS)
                new = memory.rows[after] if own else relation.rows[after]
                _write(relation, n, new, lanes)


@njit(**LOOP)
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
    states = len(memory.rows)
    head = np.full(states, -1, np.int64)
    following = np.empty(len(asked), np.int64)
    for q in range(len(asked)):
        following[q] = head[asked[q]]
        head[asked[q]] = q
    dh = np.empty_like(memory.rows[0])
    dr = np.empty((relation.rows.shape[1], dh.shape[1]), dh.dtype)
    dg = np.empty(slots, dh.dtype)
    dgr = np.empty(relation.gates.shape[1], dh.dtype)
    for story in range(len(first) - 1):
        begin, end = first[story], first[story + 1]
        dh[:] = 0
        dr[:] = 0
        for n in range(end, begin - 1, -1):
            state = sentences + story if n == end else n
            if n < end:
                gates = memory.gates[n]
                if kind:
                    _unwrite(relation, n, dh if kind == SELF else dr, dgr, drelation, lanes)
                _unwrite(memory, n, dh, dg, dmemory, lanes)
                if kind:
                    _relation_gates_back(gates, dgr, dg, kind == PAIRS)
                for i in range(slots):
                    a = dg[i] * gates[i] * (1 - gates[i])
                    dmatch[n, i] = a
                    for j in range(s.shape[1]):
                        ds[n, j] += a * memory.rows[n, i, j]
                        dh[i, j] += a * s[n, j]
            q = head[state]
            while q >= 0:
                dh[:, : s.shape[1]] += dh_asked[q]
                if kind > SELF:
                    dr[:, : s.shape[1]] += dr_asked[q]
                q = following[q]
        dkeys += dh


class Reading:
    """The stories as they were read: a `Trace`."""

    def __init__(self, steps: Steps, s: Tensor, memory: Rows, relation: Rows, kind: Kind) -> None:
        self._first, self._asked = steps.first.numpy(), steps.asked.numpy()
        self._s = s.numpy()
        self._memory, self._relation, self._kind = memory, relation, kind

    def asked(self) -> tuple[Tensor, Tensor | None]:
        """Memory [Q, m, d] and relations [Q, P, d] that the questions ask."""
        states = [self._memory, self._relation][: 1 + (self._kind > Kind.self)]
        h, *r = (self._cut(part.rows[self._asked]) for part in states)
        return h, r[0] if r else None

    def back(self, dh: Tensor, dr: Tensor | None) -> Back:
        """From the gradients by what `asked` returned, as often as wanted."""
        s, memory, relation = self._s, self._memory, self._relation
        sentences, slots = memory.gates.shape
        ds, dmatch = np.zeros_like(s), np.empty((sentences, slots), s.dtype)
        dkeys = np.zeros(memory.rows.shape[1:], s.dtype)
        dmemory, drelation = _gradients(memory), _gradients(relation)
        nothing = np.zeros((0, 0, 0), s.dtype)
        backward(
            self._first,
            s,
            _transposed(memory, s.shape[1]),
            _transposed(relation, s.shape[1]),
            self._kind.value,
            self._asked,
            dh.contiguous().numpy(),
            nothing if dr is None else dr.contiguous().numpy(),
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
            self._slopes(memory, dmemory),
            self._slopes(relation, drelation) if self._kind else None,
        )

    def _cut(self, padded: Array) -> Tensor:
        """Without the columns that only fill vectors."""
        return torch.from_numpy(padded)[..., : self._s.shape[1]]

    def _slopes(self, part: Rows, gradients: Gradients) -> Slopes:
        sentences, _, width = part.inner.shape
        dinner = self._cut(gradients.inner.reshape(-1, width))
        rows = self._cut(part.rows[:sentences].reshape(-1, width))
        return Slopes(dinner.T @ rows, *map(self._cut, gradients[1:]))


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
    zeros = map(np.zeros_like, (part.start, part.drive, part.slope))
    return Gradients(np.empty_like(part.inner), *zeros)


def _transposed(part: Rows, dim: int) -> Rows:
    return part._replace(matrix=_padded(torch.from_numpy(part.matrix)[:, :dim].T))


def _padded(tensor: Tensor) -> Array:
    """With zero columns up to a whole number of vectors."""
    array = tensor.numpy()
    lanes = BYTES // array.itemsize
    padded = np.zeros((*array.shape[:-1], -(-array.shape[-1] // lanes) * lanes), array.dtype)
    padded[..., : array.shape[-1]] = array
    return padded
