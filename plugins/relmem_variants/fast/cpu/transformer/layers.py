"""Linear layers, gelu and dropout over rows, with their derivatives, for Numba.

Columns of all arrays are whole numbers of vectors, but for biases and for y's first columns.
"""

from relmem_variants.fast.cpu.functions import below, density
from relmem_variants.fast.cpu.tile import BYTES, Array, add_product, compiled
from relmem_variants.fast.cpu.vectors import load, store

CHOICES = 1 << 16
"""Values of the random bits that decide over one number: dropout (Srivastava et al. 2014) keeps it
where they are below `keep`, and divides it by keep / CHOICES."""


@compiled
def linear(x: Array, turned: Array, bias: Array, y: Array) -> None:
    """Fill y = x W^T + b [rows, out], from x [rows, in], W turned [in, out] and b [out]."""
    for i in range(len(y)):
        for j in range(len(bias)):
            y[i, j] = bias[j]
        for j in range(len(bias), y.shape[1]):
            y[i, j] = 0
    add_product(x, turned, y, BYTES // y.itemsize)


@compiled
def linear_back(
    x: Array, weight: Array, dy: Array, dx: Array, dweight: Array, dbias: Array
) -> None:
    """Add to dx, dweight [out, in] and dbias [out] what the gradient by y gives."""
    for i in range(len(dy)):
        for j in range(len(dbias)):
            dbias[j] += dy[i, j]
    product_back(x, weight, dy, dx, dweight)


@compiled
def product_back(x: Array, weight: Array, dy: Array, dx: Array, dweight: Array) -> None:
    """The same of y = x W^T, without a bias."""
    lanes = BYTES // dy.itemsize
    add_product(dy.T, x, dweight, lanes)
    add_product(dy, weight, dx, lanes)


@compiled
def gelu(x: Array, y: Array) -> None:
    """Fill y = x Phi(x) from x; Phi is the normal distribution.

    Hendrycks and Gimpel 2016, arXiv 1606.08415.
    """
    for i in range(len(x)):
        for c in range(0, x.shape[1], BYTES // x.itemsize):
            value = load(x, i, c)
            store(y, i, c, value * below(value, density(value)))


@compiled
def gelu_back(x: Array, dx: Array) -> None:
    """Turn the gradient by y to that by x, in place: D (x Phi(x)) = Phi(x) + x phi(x)."""
    for i in range(len(x)):
        for c in range(0, x.shape[1], BYTES // x.itemsize):
            value = load(x, i, c)
            phi = density(value)
            store(dx, i, c, load(dx, i, c) * (below(value, phi) + value * phi))


@compiled
def add_some(x: Array, more: Array, bits: Array, keep: int, to: Array) -> None:
    """Fill `to` with x and what dropout leaves of `more`.

    All are [rows, d], bits of uint16; where there are no rows of bits nothing is dropped.
    """
    scale, zero = x.dtype.type(CHOICES / keep), x.dtype.type(0)
    for i in range(len(x)):
        if len(bits):
            for j in range(x.shape[1]):
                to[i, j] = x[i, j] + (scale * more[i, j] if bits[i, j] < keep else zero)
        else:
            for j in range(x.shape[1]):
                to[i, j] = x[i, j] + more[i, j]


@compiled
def add_some_back(dto: Array, bits: Array, keep: int, dmore: Array) -> None:
    """Fill dmore from the gradient by `to`, which is also that by x."""
    scale, zero = dto.dtype.type(CHOICES / keep), dto.dtype.type(0)
    for i in range(len(dto)):
        if len(bits):
            for j in range(dto.shape[1]):
                dmore[i, j] = scale * dto[i, j] if bits[i, j] < keep else zero
        else:
            for j in range(dto.shape[1]):
                dmore[i, j] = dto[i, j]
