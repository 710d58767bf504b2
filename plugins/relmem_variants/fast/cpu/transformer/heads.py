"""The weights of a head that reads sentences, and their derivatives, in loops for Numba.

A head has scores s [n, width]: row j is the sentence that is read. Of the columns the first m are
the sentences that read, in the order of the story, column m is the question, and those after it
fill a vector with anything; m is n, or 0 where only the question reads. Rows and columns lie this
way round so that columns, none of which needs another, fill the vectors.

Stick-breaking (`stick_breaking` has the papers): with sigma_j the logistic of s_j, and the rows j
in the order in which the stick is broken,

    w_j = sigma_j l_j,   l_(j+1) = l_j (1 - sigma_j),   l_1 = 1
    ds_j = c_j - sigma_j (c_j + the sum of c_k over k after j),   c_j = w_j dw_j

Softmax with one place more, for reading nothing, whose score is 0:

    w_j = e^s_j / (1 + sum_k e^s_k),   ds_j = w_j (dw_j - sum_k w_k dw_k)
"""

from relmem_variants.fast.cpu.functions import exp, larger, like, where_within
from relmem_variants.fast.cpu.tile import BYTES, Array, compiled
from relmem_variants.fast.cpu.vectors import load, store

EARLIER, LATER, ANY = KINDS = (0, 1, 2)
"""What sentences read of, as thirds of the heads: the nearest earlier one first, the nearest later
one first, all others by softmax. The question reads the latest sentence first, or all."""

_MOST = 700.0
"""Scores lower than minus this take nothing: e to its power is still a number in float64."""

_FAR = -1e30
"""The score of a sentence with itself, which it does not read."""


@compiled
def _take(s: Array, sigma: Array, left: Array, j: int, first: int, end: int) -> None:
    """Columns from first to end take from row j their part of what is left of their sticks.

    left [1, width].
    """
    lanes = BYTES // s.itemsize
    for c in range(first // lanes * lanes, end, lanes):
        x, stick, before = load(s, j, c), load(left, 0, c), load(sigma, j, c)
        grown = exp(like(x, 0) - larger(x, like(x, -_MOST)))
        taken = like(x, 1) / (grown + like(x, 1))
        store(sigma, j, c, where_within(c, first, end, taken, before))
        store(s, j, c, where_within(c, first, end, stick * taken, x))
        store(left, 0, c, where_within(c, first, end, stick * (grown * taken), stick))


@compiled
def _mend(w: Array, dw: Array, sigma: Array, after: Array, j: int, first: int, end: int) -> None:
    """From dw to ds in columns of row j; `after` [1, width] is the sum of c over the rows after."""
    lanes = BYTES // w.itemsize
    for column in range(first // lanes * lanes, end, lanes):
        dweight, later = load(dw, j, column), load(after, 0, column)
        c = load(w, j, column) * dweight
        ds = c - load(sigma, j, column) * (c + later)
        store(dw, j, column, where_within(column, first, end, ds, dweight))
        store(after, 0, column, where_within(column, first, end, later + c, later))


@compiled
def _blank(s: Array, j: int, first: int, end: int) -> None:
    """Nothing in columns from first to end."""
    lanes = BYTES // s.itemsize
    for c in range(first // lanes * lanes, end, lanes):
        x = load(s, j, c)
        store(s, j, c, where_within(c, first, end, like(x, 0), x))


@compiled
def _any(s: Array, highest: Array, m: int) -> None:
    """Softmax of every column, shifted by its highest score [1, width]."""
    lanes = BYTES // s.itemsize
    for j in range(m):
        s[j, j] = _FAR
    highest[:] = 0
    for j in range(len(s)):
        for c in range(0, m + 1, lanes):
            store(highest, 0, c, larger(load(highest, 0, c), load(s, j, c)))
    for c in range(0, m + 1, lanes):
        most = load(highest, 0, c)
        total = exp(like(most, 0) - most)
        for j in range(len(s)):
            grown = exp(load(s, j, c) - most)
            store(s, j, c, grown)
            total += grown
        part = like(total, 1) / total
        for j in range(len(s)):
            store(s, j, c, load(s, j, c) * part)
    for j in range(m):
        s[j, j] = 0


@compiled
def _any_back(w: Array, dw: Array, m: int) -> None:
    lanes = BYTES // w.itemsize
    for c in range(0, m + 1, lanes):
        mean = load(w, 0, c) * load(dw, 0, c)
        for j in range(1, len(w)):
            mean += load(w, j, c) * load(dw, j, c)
        for j in range(len(w)):
            store(dw, j, c, load(w, j, c) * (load(dw, j, c) - mean))


@compiled
def weigh(kind: int, s: Array, sigma: Array, room: Array, m: int) -> None:
    """Turn a head's scores s [n, width] to weights in place, 0 where a sentence may not read.

    The width is a whole number of vectors. sigma [n, width] is for `weigh_back`; room [1, width] is
    to work in.
    """
    last = len(s) - 1
    room[:] = 1
    if kind == ANY:
        _any(s, room, m)
    elif kind == EARLIER:
        for j in range(last, -1, -1):
            first = min(j + 1, m)
            _take(s, sigma, room, j, first, m + 1)
            _blank(s, j, 0, first)
    else:
        for j in range(last, -1, -1):
            _take(s, sigma, room, j, m, m + 1)
        for j in range(last + 1):
            end = min(j, m)
            _take(s, sigma, room, j, 0, end)
            _blank(s, j, end, m)


@compiled
def weigh_back(kind: int, w: Array, dw: Array, sigma: Array, room: Array, m: int) -> None:
    """Turn the gradient by weights, dw, to that by scores in place; the rest as for `weigh`."""
    last = len(w) - 1
    room[:] = 0
    if kind == ANY:
        _any_back(w, dw, m)
    elif kind == EARLIER:
        for j in range(last + 1):
            first = min(j + 1, m)
            _mend(w, dw, sigma, room, j, first, m + 1)
            _blank(dw, j, 0, first)
    else:
        for j in range(last + 1):
            _mend(w, dw, sigma, room, j, m, m + 1)
        for j in range(last, -1, -1):
            end = min(j, m)
            _mend(w, dw, sigma, room, j, 0, end)
            _blank(dw, j, end, m)
