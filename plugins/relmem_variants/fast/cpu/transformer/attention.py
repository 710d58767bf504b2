"""Multi-head attention of rows to the sentences that their question reads, for Numba.

Question after question, head after head, everything between queries and output stays in the cache;
the backward pass computes the weights again instead of keeping them. With scores S, weights W
(`heads`), values V and queries already divided by the root of their length,

    S_ji = k_j . q_i + match_ji,   o_i = sum_j W_ji v_j
    dv_j = sum_i W_ji do_i,   dW_ji = v_j . do_i,   dk_j = sum_i dS_ji q_i,   dq_i = sum_j dS_ji k_j

Either all rows of `RowLayout` look, or the questions' alone, of which there is one row each then.
A head has `part` columns of the d of all, a whole number of vectors.
"""

from typing import NamedTuple

import numpy as np

from relmem_variants.fast.cpu.tile import BYTES, Array, add_product, compiled
from relmem_variants.fast.cpu.transformer.heads import KINDS, weigh, weigh_back
from relmem_variants.fast.cpu.transformer.sentences import RowLayout


class Match(NamedTuple):
    """Scores of shared words, or their gradients.

    among  [heads, pairs of sentences of a story]   see `shared_words.among_sentences`
    asked  [heads, R]                               of sentences that a question reads
    """

    among: Array
    asked: Array


class _Place(NamedTuple):
    """Question q: sentences n that it reads, m of which look; rows of sentences and of queries."""

    q: int
    n: int
    m: int
    row: int
    query: int


@compiled
def _place(layout: RowLayout, q: int, rows: int) -> _Place:
    row = layout.row[q]
    n = layout.row[q + 1] - row - 1
    if rows == layout.row[-1]:
        return _Place(q, n, n, row, row)
    return _Place(q, n, 0, row, q)


@compiled
def _turn(rows: Array, out: Array) -> None:
    """Rows [count, d] to columns of out [d, width], zeros after them."""
    for i in range(len(rows)):
        for d in range(rows.shape[1]):
            out[d, i] = rows[i, d]
    for d in range(len(out)):
        for i in range(len(rows), out.shape[1]):
            out[d, i] = 0


@compiled
def _begin_scores(layout: RowLayout, match: Match, place: _Place, h: int, s: Array) -> None:
    """Fill s [n, width] with what words shared give to head h, zeros after column m."""
    story, m = layout.story[place.q], place.m
    count = layout.first[story + 1] - layout.first[story]
    begin = layout.begin[place.q] - layout.first[story]
    for j in range(len(s)):
        at = layout.among[story] + (begin + j) * count + begin
        for i in range(m):
            s[j, i] = match.among[h, at + i]
        s[j, m] = match.asked[h, place.row + j]
        for i in range(m + 1, s.shape[1]):
            s[j, i] = 0


@compiled
def _match_back(layout: RowLayout, dmatch: Match, place: _Place, h: int, ds: Array) -> None:
    story = layout.story[place.q]
    count = layout.first[story + 1] - layout.first[story]
    begin = layout.begin[place.q] - layout.first[story]
    for j in range(len(ds)):
        at = layout.among[story] + (begin + j) * count + begin
        for i in range(place.m):
            dmatch.among[h, at + i] += ds[j, i]
        dmatch.asked[h, place.row + j] += ds[j, place.m]


@compiled
def _look(
    layout: RowLayout,
    match: Match,
    place: _Place,
    h: int,
    k: Array,
    turned: Array,
    s: Array,
    sigma: Array,
    room: Array,
) -> None:
    """Fill s [n, width] with the weights of head h, and sigma for the way back (`weigh`)."""
    _begin_scores(layout, match, place, h, s)
    add_product(k, turned, s, BYTES // s.itemsize)
    weigh(_kind(match, h), s, sigma, room, place.m)


@compiled
def _kind(match: Match, h: int) -> int:
    return h * len(KINDS) // len(match.asked)


@compiled
def _matrix(room: Array, rows: int, columns: int) -> Array:
    """The beginning of a room as a matrix."""
    return room[: rows * columns].reshape(rows, columns)


@compiled
def attend(
    layout: RowLayout,
    match: Match,
    longest: int,
    query: Array,
    key: Array,
    value: Array,
    o: Array,
) -> None:
    """Fill o [rows, d] from queries [rows, d], keys and values [R, d]."""
    heads, dim, lanes = len(match.asked), query.shape[1], BYTES // query.itemsize
    part, widest = dim // heads, (longest + lanes - 1) // lanes * lanes
    pairs, flat = np.empty((2, longest * widest), o.dtype), np.empty(dim * widest, o.dtype)
    column = np.empty(widest, o.dtype)
    for q in range(len(layout.begin)):
        place = _place(layout, q, len(query))
        n, m, at = place.n, place.m, place.query
        o[at : at + m + 1] = 0
        if not n:
            continue
        width = m // lanes * lanes + lanes
        s, sigma = _matrix(pairs[0], n, width), _matrix(pairs[1], n, width)
        turned, room = _matrix(flat, dim, width), _matrix(column, 1, width)
        _turn(query[at : at + m + 1], turned)
        for h in range(heads):
            a, b = h * part, (h + 1) * part
            k = key[place.row : place.row + n, a:b]
            v = value[place.row : place.row + n, a:b]
            _look(layout, match, place, h, k, turned[a:b], s, sigma, room)
            add_product(s.T[: m + 1], v, o[at : at + m + 1, a:b], lanes)


@compiled
def attend_back(
    layout: RowLayout,
    match: Match,
    longest: int,
    query: Array,
    key: Array,
    value: Array,
    do: Array,
    dquery: Array,
    dkey: Array,
    dvalue: Array,
    dmatch: Match,
) -> None:
    """Fill dquery, dkey and dvalue, and add to dmatch, what the gradient by o gives."""
    heads, dim, lanes = len(match.asked), query.shape[1], BYTES // query.itemsize
    part, widest = dim // heads, (longest + lanes - 1) // lanes * lanes
    pairs, flat = np.empty((3, longest * widest), do.dtype), np.empty((2, dim * widest), do.dtype)
    column = np.empty(widest, do.dtype)
    for q in range(len(layout.begin)):
        place = _place(layout, q, len(query))
        n, m, at = place.n, place.m, place.query
        dquery[at : at + m + 1] = 0
        dkey[place.row : place.row + n + 1] = 0
        dvalue[place.row : place.row + n + 1] = 0
        if not n:
            continue
        width = m // lanes * lanes + lanes
        s, sigma = _matrix(pairs[0], n, width), _matrix(pairs[1], n, width)
        ds = _matrix(pairs[2], n, width)
        turned, dturned = _matrix(flat[0], dim, width), _matrix(flat[1], dim, width)
        room = _matrix(column, 1, width)
        _turn(query[at : at + m + 1], turned)
        _turn(do[at : at + m + 1], dturned)
        for h in range(heads):
            a, b = h * part, (h + 1) * part
            k = key[place.row : place.row + n, a:b]
            v = value[place.row : place.row + n, a:b]
            _look(layout, match, place, h, k, turned[a:b], s, sigma, room)
            ds[:] = 0
            add_product(v, dturned[a:b], ds, lanes)
            dv = dvalue[place.row : place.row + n, a:b]
            add_product(s, do[at : at + m + 1, a:b], dv, lanes)
            weigh_back(_kind(match, h), s, ds, sigma, room, m)
            _match_back(layout, dmatch, place, h, ds)
            dk = dkey[place.row : place.row + n, a:b]
            add_product(ds, query[at : at + m + 1, a:b], dk, lanes)
            add_product(ds.T[: m + 1], k, dquery[at : at + m + 1, a:b], lanes)
