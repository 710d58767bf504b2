"""The recurrence in loops that Numba compiles: story after story, each one's state in the cache.

Rows have zero columns after the d of the equations, up to a whole number of vectors.
`recurrence` derives what is computed here; `loops_back` goes the other way.
"""

from math import exp, sqrt
from typing import NamedTuple

from relmem_variants.fast.cpu.arrays import put
from relmem_variants.fast.cpu.tile import BYTES, Array, add_product, compiled
from relmem_variants.fast.cpu.vectors import load, spread, store, total, where_positive
from relmem_variants.relations_kept import RelationKind

SELF, PAIRS = RelationKind.self.value, RelationKind.pairs.value


class Rows(NamedTuple):
    """Rows that sentences write to, z_i = x_i + g_i phi(M x_i + start_i + drive): h, or r.

    For N sentences, P rows and dim d in `width` >= d columns:

    rows    [N + S, P, width]  x before each sentence, then after the last one of each story
    inner   [N, P, width]      what phi takes
    gates   [N, P]             g
    matrix  [d, width]         M transposed; in the backward pass M
    start   [P, width]         each row's own part of what phi takes
    drive   [N, width]         each sentence's part
    slope   [1, width]         of phi
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


@compiled
def scale_of(square: float, limit: float) -> float:
    """What a row of length sqrt(square) is multiplied by."""
    if limit == 0:
        return 1.0
    if limit < 0:
        return 1 / max(sqrt(square), 1e-12)
    return limit / max(limit, sqrt(square))


@compiled
def _write(part: Rows, n: int, new: Array) -> None:
    """Put the rows after sentence n into `new`; its gates are there already."""
    lanes = BYTES // part.drive.itemsize
    old, inner, gates = part.rows[n], part.inner[n], part.gates[n]
    count, width = old.shape
    number = old.dtype.type
    for j in range(0, width, lanes):
        drive = load(part.drive, n, j)
        for i in range(count):
            store(inner, i, j, load(part.start, i, j) + drive)
    add_product(old, part.matrix, inner, lanes)
    for i in range(count):
        gate, squares = spread(gates[i]), spread(number(0))
        for j in range(0, width, lanes):
            x = load(inner, i, j)
            z = load(old, i, j) + gate * where_positive(x, x, load(part.slope, 0, j) * x)
            store(new, i, j, z)
            squares += z * z
        if part.limit != 0:
            scale = spread(number(scale_of(total(squares), part.limit)))
            for j in range(0, width, lanes):
                store(new, i, j, scale * load(new, i, j))


@compiled
def score(rows: Array, vectors: Array, out: Array, n: int, before: int) -> None:
    """The products of vector n [width] with rows [P, width], into out[n] after `before` others."""
    lanes = BYTES // vectors.itemsize
    for i in range(len(rows)):
        product = spread(vectors.dtype.type(0))
        for j in range(0, vectors.shape[1], lanes):
            product += load(rows, i, j) * load(vectors, n, j)
        out[n, before + i] = total(product)


@compiled
def _open(h: Array, s: Array, match: Array, n: int, gates: Array) -> None:
    """Eq. 2 for sentence n of s [N, width], whose products with the keys are `match` [N, >= m].

    gates [N, m].
    """
    score(h, s, gates, n, 0)
    for i in range(len(h)):
        gates[n, i] = 1 / (1 + exp(-(gates[n, i] + match[n, i])))


@compiled
def _relation_slot_gates(g: Array, out: Array, pairs: bool) -> None:
    """Eq. 6 for every pair, or gathered for every slot (eq. 7)."""
    count = len(g)
    if pairs:
        p = 0
        for i in range(count):
            for j in range(i + 1, count):
                out[p] = g[i] * g[j]
                p += 1
    else:
        every = g.sum()
        for i in range(count):
            out[i] = g[i] * (every - g[i])


@compiled
def forward(
    first: Array, s: Array, match: Array, keys: Array, memory: Rows, relation: Rows, kind: int
) -> None:
    """Read every story: fills rows, inner and gates of the memory and of the relations."""
    sentences = len(memory.gates)
    own = kind == SELF
    for story in range(len(first) - 1):
        end = first[story + 1]
        n = first[story] if end > first[story] else sentences + story
        put(memory.rows[n], keys)
        if kind > SELF:
            relation.rows[n] = 0
        for n in range(first[story], end):
            after = n + 1 if n + 1 < end else sentences + story
            _open(memory.rows[n], s, match, n, memory.gates)
            _write(memory, n, relation.rows[n] if own else memory.rows[after])
            if kind:
                _relation_slot_gates(memory.gates[n], relation.gates[n], kind == PAIRS)
                new = memory.rows[after] if own else relation.rows[after]
                _write(relation, n, new)
