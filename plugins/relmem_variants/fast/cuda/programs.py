"""The recurrence in programs that Triton compiles: one for each story and block of rows.

`recurrence` derives what is computed here, `cuda` says what the arrays are. A tile has a power of
two of rows and columns, of which those beyond the arrays hold zeros.
"""

from collections.abc import Callable
from typing import Any

import triton
import triton.language as tl


def compiled(function: Callable[..., Any]) -> Any:
    """A function that Triton compiles when it is first launched, or calls in one that is.

    It would compile anew for numbers of sentences that are multiples of 16; it is told not to.
    """
    return triton.jit(function, do_not_specialize=["sentences"])


@compiled
def _tile(
    n: tl.tensor, i: tl.tensor, j: tl.tensor, count: tl.tensor, dim: tl.tensor
) -> tuple[tl.tensor, tl.tensor]:
    """Where rows i and columns j of an array lie in [..., count, dim], and which there are."""
    inside = (i < count)[:, None] & (j < dim)[None, :]
    return n * count * dim + i[:, None] * dim + j[None, :], inside


@compiled
def _row(n: tl.tensor, i: tl.tensor, count: tl.tensor) -> tuple[tl.tensor, tl.tensor]:
    """Where entries i of a row lie in [..., count], and which there are."""
    return n * count + i, i < count


@compiled
def _load(array: tl.tensor, at: tl.tuple) -> tl.tensor:
    return tl.load(array + at[0], mask=at[1], other=0.0)


@compiled
def _store(array: tl.tensor, at: tl.tuple, value: tl.tensor) -> None:
    tl.store(array + at[0], value, mask=at[1])


@compiled
def _scale(square: tl.tensor, LIMIT: tl.constexpr) -> tl.tensor:
    """What a row of length sqrt(square) is multiplied by; LIMIT is not 0."""
    if LIMIT < 0:
        scale = 1 / tl.maximum(tl.sqrt(square), 1e-12)
    else:
        scale = LIMIT / tl.maximum(tl.sqrt(square), LIMIT)
    return scale


@compiled
def _product(
    rows: tl.tensor,
    n: tl.tensor,
    i: tl.tensor,
    j: tl.tensor,
    count: tl.tensor,
    dim: tl.tensor,
    matrix: tl.tensor,
    ROWS: tl.constexpr,
    DIM: tl.constexpr,
    CHUNK: tl.constexpr,
) -> tl.tensor:
    """Rows i of rows[n], which this program has just written, times matrix [DIM, DIM].

    Both are read in chunks, from the cache: Triton cannot cut a tile that is in registers.
    """
    tl.debug_barrier()  # a thread reads what others have written
    product = tl.zeros([ROWS, DIM], rows.dtype.element_ty)
    for begin in range(0, dim, CHUNK):
        k = begin + tl.arange(0, CHUNK)
        part = _load(rows, _tile(n, i, k, count, dim))
        across = tl.load(matrix + k[:, None] * DIM + j[None, :])
        product = tl.dot(part, across, product, input_precision="ieee")
    return product


@compiled
def _write(
    x: tl.tensor, inner: tl.tensor, g: tl.tensor, slope: tl.tensor, LIMIT: tl.constexpr
) -> tl.tensor:
    """The rows after a sentence."""
    z = x + g[:, None] * tl.where(inner > 0, inner, slope[None, :] * inner)
    if LIMIT != 0:
        z *= _scale(tl.sum(z * z, 1), LIMIT)[:, None]
    return z


@compiled
def _unwrite(
    x: tl.tensor,
    inner: tl.tensor,
    g: tl.tensor,
    dy: tl.tensor,
    slope: tl.tensor,
    LIMIT: tl.constexpr,
) -> tuple[tl.tensor, ...]:
    """Gradients by z, by what phi took, by the gates, and by the slope, yet to be added up."""
    positive = inner > 0
    written = tl.where(positive, inner, slope[None, :] * inner)
    dz = dy
    if LIMIT != 0:
        z = x + g[:, None] * written
        square = tl.sum(z * z, 1)
        scale = _scale(square, LIMIT)
        along = tl.sum(z * dy, 1) / tl.maximum(square, 1e-24)
        if LIMIT > 0:
            along = tl.where(scale < 1, along, 0.0)
        dz = scale[:, None] * (dy - along[:, None] * z)
    dphi = g[:, None] * dz
    dinner = tl.where(positive, dphi, slope[None, :] * dphi)
    return dz, dinner, tl.sum(dz * written, 1), tl.where(positive, 0.0, dphi * inner)


@compiled
def read_memory(
    first: tl.tensor,
    s: tl.tensor,
    match: tl.tensor,
    keys: tl.tensor,
    rows: tl.tensor,
    inner: tl.tensor,
    gates: tl.tensor,
    matrix: tl.tensor,
    start: tl.tensor,
    drive: tl.tensor,
    slope: tl.tensor,
    own_rows: tl.tensor,
    own_inner: tl.tensor,
    own_gates: tl.tensor,
    own_matrix: tl.tensor,
    own_drive: tl.tensor,
    own_slope: tl.tensor,
    sentences: tl.tensor,
    slots: tl.tensor,
    dim: tl.tensor,
    SELF: tl.constexpr,
    ROWS: tl.constexpr,
    DIM: tl.constexpr,
    CHUNK: tl.constexpr,
) -> None:
    """Read a story into its memory; with SELF its relations write there too (`own_`)."""
    story, i = tl.program_id(0).to(tl.int64), tl.program_id(1) * ROWS + tl.arange(0, ROWS)
    j = tl.arange(0, DIM)
    begin, end = tl.load(first + story), tl.load(first + story + 1)
    phi_slope, own_phi_slope = _load(slope, _row(0, j, dim)), _load(own_slope, _row(0, j, dim))
    begun, h = _load(start, _tile(0, i, j, slots, dim)), _load(keys, _tile(0, i, j, slots, dim))
    for step in range(end - begin):
        n = begin + step
        here, row = _tile(n, i, j, slots, dim), _row(n, i, slots)
        sentence = _load(s, _row(n, j, dim))
        matched = _load(match, row)
        driven = _load(drive, _row(n, j, dim))
        _store(rows, here, h)
        a = _product(rows, n, i, j, slots, dim, matrix, ROWS, DIM, CHUNK)
        a += begun + driven[None, :]
        _store(inner, here, a)
        g = 1 / (1 + tl.exp(-(tl.sum(h * sentence[None, :], 1) + matched)))
        g = tl.where(row[1], g, 0.0)
        _store(gates, row, g)
        h = _write(h, a, g, phi_slope, -1)
        if SELF:
            _store(own_rows, here, h)
            a = _product(own_rows, n, i, j, slots, dim, own_matrix, ROWS, DIM, CHUNK)
            a += _load(own_drive, _row(n, j, dim))[None, :]
            _store(own_inner, here, a)
            g = g * (tl.sum(g, 0) - g)
            _store(own_gates, row, g)
            h = _write(h, a, g, own_phi_slope, 0)
    _store(rows, _tile(sentences + story, i, j, slots, dim), h)


@compiled
def unread_memory(
    first: tl.tensor,
    s: tl.tensor,
    rows: tl.tensor,
    inner: tl.tensor,
    gates: tl.tensor,
    matrix: tl.tensor,
    slope: tl.tensor,
    own_rows: tl.tensor,
    own_inner: tl.tensor,
    own_gates: tl.tensor,
    own_matrix: tl.tensor,
    own_slope: tl.tensor,
    drows: tl.tensor,
    dgates: tl.tensor,
    dmatch: tl.tensor,
    dinner: tl.tensor,
    dkeys: tl.tensor,
    dslope: tl.tensor,
    own_dinner: tl.tensor,
    own_dslope: tl.tensor,
    sentences: tl.tensor,
    slots: tl.tensor,
    dim: tl.tensor,
    SELF: tl.constexpr,
    ROWS: tl.constexpr,
    DIM: tl.constexpr,
    CHUNK: tl.constexpr,
) -> None:
    """Take gradients by states (`drows`) and by gates (`dgates`) back through a story."""
    story, i = tl.program_id(0).to(tl.int64), tl.program_id(1) * ROWS + tl.arange(0, ROWS)
    j = tl.arange(0, DIM)
    begin, end = tl.load(first + story), tl.load(first + story + 1)
    phi_slope, own_phi_slope = _load(slope, _row(0, j, dim)), _load(own_slope, _row(0, j, dim))
    dh = _load(drows, _tile(sentences + story, i, j, slots, dim))
    slopes, own_slopes = tl.zeros_like(dh), tl.zeros_like(dh)
    for step in range(end - begin):
        n = end - 1 - step
        here, row = _tile(n, i, j, slots, dim), _row(n, i, slots)
        x, g, sentence = _load(rows, here), _load(gates, row), _load(s, _row(n, j, dim))
        dg = _load(dgates, row)
        if SELF:
            z, a, gr = _load(own_rows, here), _load(own_inner, here), _load(own_gates, row)
            dz, da, dgr, part = _unwrite(z, a, gr, dh, own_phi_slope, 0)
            _store(own_dinner, here, da)
            dh = _product(own_dinner, n, i, j, slots, dim, own_matrix, ROWS, DIM, CHUNK)
            dh += dz
            own_slopes += part
            dg += dgr * (tl.sum(g, 0) - 2 * g) + tl.sum(dgr * g, 0)
        a = _load(inner, here)
        dz, da, written, part = _unwrite(x, a, g, dh, phi_slope, -1)
        _store(dinner, here, da)
        dh = _product(dinner, n, i, j, slots, dim, matrix, ROWS, DIM, CHUNK) + dz
        slopes += part
        e = (dg + written) * g * (1 - g)
        _store(dmatch, row, e)
        dh += e[:, None] * sentence[None, :] + _load(drows, here)
    _store(dkeys, _tile(story, i, j, slots, dim), dh)
    program = _row(story * tl.num_programs(1) + tl.program_id(1), j, dim)
    _store(dslope, program, tl.sum(slopes, 0))
    if SELF:
        _store(own_dslope, program, tl.sum(own_slopes, 0))


@compiled
def read_relations(
    first: tl.tensor,
    rows: tl.tensor,
    inner: tl.tensor,
    gates: tl.tensor,
    matrix: tl.tensor,
    drive: tl.tensor,
    slope: tl.tensor,
    sentences: tl.tensor,
    count: tl.tensor,
    dim: tl.tensor,
    LIMIT: tl.constexpr,
    ROWS: tl.constexpr,
    DIM: tl.constexpr,
    CHUNK: tl.constexpr,
) -> None:
    """Read a story into a block of its relations, which begin at 0."""
    story, i = tl.program_id(0).to(tl.int64), tl.program_id(1) * ROWS + tl.arange(0, ROWS)
    j = tl.arange(0, DIM)
    begin, end = tl.load(first + story), tl.load(first + story + 1)
    phi_slope = _load(slope, _row(0, j, dim))
    r = tl.zeros([ROWS, DIM], rows.dtype.element_ty)
    for step in range(end - begin):
        n = begin + step
        here = _tile(n, i, j, count, dim)
        g, driven = _load(gates, _row(n, i, count)), _load(drive, _row(n, j, dim))
        _store(rows, here, r)
        a = _product(rows, n, i, j, count, dim, matrix, ROWS, DIM, CHUNK)
        a += driven[None, :]
        _store(inner, here, a)
        r = _write(r, a, g, phi_slope, LIMIT)
    _store(rows, _tile(sentences + story, i, j, count, dim), r)


@compiled
def unread_relations(
    first: tl.tensor,
    rows: tl.tensor,
    inner: tl.tensor,
    gates: tl.tensor,
    matrix: tl.tensor,
    slope: tl.tensor,
    drows: tl.tensor,
    dgates: tl.tensor,
    dinner: tl.tensor,
    dslope: tl.tensor,
    sentences: tl.tensor,
    count: tl.tensor,
    dim: tl.tensor,
    LIMIT: tl.constexpr,
    ROWS: tl.constexpr,
    DIM: tl.constexpr,
    CHUNK: tl.constexpr,
) -> None:
    """Take gradients by states (`drows`) back through a story, to the gates among others."""
    story, i = tl.program_id(0).to(tl.int64), tl.program_id(1) * ROWS + tl.arange(0, ROWS)
    j = tl.arange(0, DIM)
    begin, end = tl.load(first + story), tl.load(first + story + 1)
    phi_slope = _load(slope, _row(0, j, dim))
    dr = _load(drows, _tile(sentences + story, i, j, count, dim))
    slopes = tl.zeros_like(dr)
    for step in range(end - begin):
        n = end - 1 - step
        here, row = _tile(n, i, j, count, dim), _row(n, i, count)
        x, a, g = _load(rows, here), _load(inner, here), _load(gates, row)
        dz, da, dg, part = _unwrite(x, a, g, dr, phi_slope, LIMIT)
        _store(dinner, here, da)
        dr = _product(dinner, n, i, j, count, dim, matrix, ROWS, DIM, CHUNK) + dz
        _store(dgates, row, dg)
        slopes += part
        dr += _load(drows, here)
    _store(dslope, _row(story * tl.num_programs(1) + tl.program_id(1), j, dim), tl.sum(slopes, 0))
