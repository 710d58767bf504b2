"""Layer norm (Ba et al. 2016, arXiv 1607.06450) of rows, and its derivatives, for Numba.

With x_hat = (x - mean) / deviation, y = gain x_hat + bias, and g = gain dy,

    dx = (g - mean of g - x_hat (mean of g x_hat)) / deviation
    dgain += dy x_hat,   dbias += dy

moments [rows, 2] are a row's mean and the inverse of its deviation.
"""

from math import sqrt

from relmem_variants.fast.cpu.tile import BYTES, Array, compiled
from relmem_variants.fast.cpu.vectors import load, spread, store, total

_EPSILON = 1e-5
"""`torch.nn.LayerNorm`'s."""


@compiled
def norm(x: Array, gain: Array, bias: Array, y: Array, moments: Array) -> None:
    """Fill y and the moments from x, both [rows, d]; gain and bias are [1, d]."""
    columns, lanes, number = x.shape[1], BYTES // x.itemsize, x.dtype.type
    for i in range(len(x)):
        whole = load(x, i, 0)
        for c in range(lanes, columns, lanes):
            whole += load(x, i, c)
        mean = total(whole) / number(columns)
        off = load(x, i, 0) - spread(mean)
        square = off * off
        for c in range(lanes, columns, lanes):
            off = load(x, i, c) - spread(mean)
            square += off * off
        inverse = number(1 / sqrt(total(square) / columns + _EPSILON))
        for c in range(0, columns, lanes):
            hat = (load(x, i, c) - spread(mean)) * spread(inverse)
            store(y, i, c, load(gain, 0, c) * hat + load(bias, 0, c))
        moments[i, 0], moments[i, 1] = mean, inverse


@compiled
def norm_back(
    x: Array, moments: Array, gain: Array, dy: Array, dx: Array, dgain: Array, dbias: Array
) -> None:
    """Add to dx, dgain and dbias [1, d] what the gradient by y gives."""
    columns, lanes, number = x.shape[1], BYTES // x.itemsize, x.dtype.type
    zero = spread(number(0))
    for i in range(len(x)):
        mean, inverse = spread(moments[i, 0]), spread(moments[i, 1])
        sums = along = zero
        for c in range(0, columns, lanes):
            hat, each = (load(x, i, c) - mean) * inverse, load(dy, i, c)
            scaled = load(gain, 0, c) * each
            sums += scaled
            along += scaled * hat
            store(dgain, 0, c, load(dgain, 0, c) + each * hat)
            store(dbias, 0, c, load(dbias, 0, c) + each)
        shift = spread(total(sums) / number(columns))
        turn = spread(total(along) / number(columns))
        for c in range(0, columns, lanes):
            hat = (load(x, i, c) - mean) * inverse
            slope = load(gain, 0, c) * load(dy, i, c) - shift - hat * turn
            store(dx, i, c, load(dx, i, c) + inverse * slope)
