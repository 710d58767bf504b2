"""Arrays as the loops want them: rows of whole vectors, each at a multiple of a vector's size.

The columns after an array's own are zero. A vector across two lines of the cache costs two loads,
and so a tenth of a product.
"""

import numpy as np

from relmem_variants.fast.cpu.tile import BYTES, Array, compiled

LINE = 64
"""Bytes of a line of the cache, and of the largest vector."""


@compiled
def width_of(columns: int, like: Array) -> int:
    """So many columns, up to a whole number of vectors of numbers like the array's."""
    lanes = BYTES // like.itemsize
    return (columns + lanes - 1) // lanes * lanes


@compiled
def empty(rows: int, width: int, like: Array) -> Array:
    """Numbers like the array's [rows, width], with anything in them."""
    room = np.empty(rows * width + LINE // like.itemsize, like.dtype)
    begin = (-room.ctypes.data) % LINE // like.itemsize
    return room[begin : begin + rows * width].reshape(rows, width)


@compiled
def zeros(rows: int, width: int, like: Array) -> Array:
    """Zeros [rows, width]."""
    made = empty(rows, width, like)
    made[:] = 0
    return made


@compiled
def padded(array: Array) -> Array:
    """A copy of a matrix, with zero columns after its own."""
    rows, columns = array.shape
    made = zeros(rows, width_of(columns, array), array)
    for i in range(rows):
        for j in range(columns):
            made[i, j] = array[i, j]
    return made


@compiled
def turned(array: Array) -> Array:
    """A matrix transposed, with zero columns after its own."""
    rows, columns = array.shape
    made = zeros(columns, width_of(rows, array), array)
    for j in range(columns):
        for i in range(rows):
            made[j, i] = array[i, j]
    return made


@compiled
def repeated(row: Array, rows: int) -> Array:
    """A row [columns] so many times, with zero columns after its own."""
    made = zeros(rows, width_of(len(row), row), row)
    for i in range(rows):
        for j in range(len(row)):
            made[i, j] = row[j]
    return made


@compiled
def put(rows: Array, other: Array) -> None:
    """Make a padded matrix like another; a plain assignment takes long to compile."""
    for i in range(rows.shape[0]):
        for j in range(rows.shape[1]):
            rows[i, j] = other[i, j]


@compiled
def add_cut(array: Array, more: Array) -> None:
    """Add a padded matrix to one of its own columns only."""
    for i in range(array.shape[0]):
        for j in range(array.shape[1]):
            array[i, j] += more[i, j]


@compiled
def add_sums(array: Array, more: Array) -> None:
    """Add the sum of a padded matrix' rows to a row [columns]."""
    for i in range(more.shape[0]):
        for j in range(len(array)):
            array[j] += more[i, j]
