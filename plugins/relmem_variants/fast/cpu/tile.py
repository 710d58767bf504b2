"""The matrix product that the CPU kernels stand on: a few rows times a matrix that stays in cache.

BLAS is made for large matrices, and Numba's loops keep sums in memory; a tile of sums that stays
in vector registers reaches the machine's full rate at 20 rows (measured in docs/engine.md).
Numba does not see changes of this file: delete its cache (`*.nbi`, `*.nbc`) after one.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar, cast

import numpy.typing as npt
from llvmlite import ir
from llvmlite.binding import get_host_cpu_features
from numba import njit, types
from numba.core import event
from numba.extending import intrinsic

from relmem_variants.fast.cpu.shared_cache import SharedCache

Array = npt.NDArray[Any]

_LOG = logging.getLogger("relmem.kernels")

_FEATURES = get_host_cpu_features()

BYTES = 64 if _FEATURES.get("avx512f") else 32 if _FEATURES.get("avx") else 16
"""The width of a vector register."""

TALL = 10 if _FEATURES.get("avx512f") or _FEATURES.get("neon") else 5
"""Rows of a tile of two vectors a row: its sums fill most of the 32 or 16 vector registers."""

SOME = 3
"""Rows of a lower tile, for what is left over: sums of one row alone would wait for each other."""

Function = TypeVar("Function", bound=Callable[..., Any])


class _Announcement(event.Listener):
    """Says that machine code is being made, which is no silent wait then."""

    def on_start(self, event: Any) -> None:
        """Before a function is compiled; not when its code is found on the disk."""
        if event.data["dispatcher"].__module__.startswith(__package__) and not self.said:
            self.said = True
            _LOG.info("compiling the CPU kernels, once on this machine: up to half a minute.")

    def on_end(self, event: Any) -> None:
        """Nothing more."""

    said = False


event.register("numba:compile", _Announcement())  # type: ignore[no-untyped-call]


_OPTIONS: dict[str, Any] = {
    "fastmath": {"contract", "reassoc", "nsz", "arcp"},  # an overflow stays visible
    "nogil": True,
}


def compiled(function: Function) -> Function:
    """The function as machine code: compiled when first called, kept on disk where it can be."""
    return _kept(function, _OPTIONS)


def inlined(function: Function) -> Function:
    """The same, but copied into the functions that call it.

    What is called from one place only is compiled once in this way, not once more for each level
    of calls above it: the long functions would take most of the time.
    """
    return _kept(function, {"inline": "always", **_OPTIONS})


def _kept(function: Function, options: dict[str, Any]) -> Function:
    made: Any = njit(**options)(function)
    with suppress(RuntimeError):  # neither the module's folder nor the user's can be written
        made._cache = SharedCache(function)  # type: ignore[no-untyped-call]  # noqa: SLF001
    return cast("Function", made)


class Matrix:
    """A matrix as the instructions see it: its first number, and how to get to others."""

    def __init__(self, context: Any, builder: Any, kind: Any, value: Any) -> None:
        array = context.make_array(kind)(context, builder, value)
        self._builder = builder
        self.number = context.get_data_type(kind.dtype)
        self.lanes = BYTES // context.get_abi_sizeof(self.number)
        self.start = array.data
        self.height = builder.extract_value(array.shape, 0)
        size = _INDEX(context.get_abi_sizeof(self.number))
        self.down, self.right = (
            builder.sdiv(builder.extract_value(array.strides, axis), size) for axis in (0, 1)
        )

    def row(self, i: Any) -> Any:
        """A pointer to row i."""
        return self.after(self.start, self._builder.mul(i, self.down))

    def after(self, pointer: Any, count: Any) -> Any:
        """A pointer to `count` numbers later."""
        return self._builder.gep(pointer, [count])

    def vectors(self, pointer: Any, count: int) -> list[Any]:
        """Pointers to the `count` vectors that begin at a pointer to a number."""
        kind = ir.VectorType(self.number, self.lanes).as_pointer()
        places = (self.after(pointer, _INDEX(c * self.lanes)) for c in range(count))
        return [self._builder.bitcast(place, kind) for place in places]


_INDEX = ir.IntType(64)


def load_vector(builder: Any, place: Any) -> Any:
    """The vector at a place that need not be a multiple of its size."""
    value = builder.load(place)
    value.align = _alignment(place)
    return value


def store_vector(builder: Any, value: Any, place: Any) -> None:
    """Put a vector at a place that need not be a multiple of its size."""
    builder.store(value, place).align = _alignment(place)


def _alignment(place: Any) -> int:
    return 8 if place.type.pointee.element == ir.DoubleType() else 4


def spread_number(builder: Any, number: Any, lanes: int) -> Any:
    """A vector with one number in every lane."""
    nothing = ir.Constant(ir.VectorType(number.type, lanes), ir.Undefined)
    one = builder.insert_element(nothing, number, ir.IntType(32)(0))
    everywhere = ir.Constant(ir.VectorType(ir.IntType(32), lanes), [0] * lanes)
    return builder.shuffle_vector(one, nothing, everywhere)


def _tile(rows: int, vectors: int) -> Any:
    """An intrinsic that adds to a tile of `out` the rows of x times some columns of a.

    It is what a compiler does not make of three loops: the tile's sums stay in registers while
    the product runs along the inner axis.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        x, a, out = (
            Matrix(context, builder, kind, value)
            for kind, value in zip(signature.args[:3], args[:3], strict=True)
        )
        i, j = args[3:]
        numbers = [builder.add(i, _INDEX(r)) for r in range(rows)]
        places = [
            place
            for row in map(out.row, numbers)
            for place in out.vectors(out.after(row, j), vectors)
        ]
        sums = [load_vector(builder, place) for place in places]
        sums = _along(
            builder, [x.row(row) for row in numbers], x.right, a, a.after(a.start, j), sums
        )
        for place, total in zip(places, sums, strict=True):
            store_vector(builder, total, place)
        return context.get_dummy_value()

    @intrinsic
    def tile(_: Any, x: Any, a: Any, out: Any, i: Any, j: Any) -> Any:
        return types.void(x, a, out, i, j), generate

    return tile


def _along(
    builder: Any, x_rows: list[Any], right: Any, a: Matrix, column: Any, sums: list[Any]
) -> list[Any]:
    """The loop along the inner axis: the sums with x_rows times a's vectors at `column` added.

    The numbers of a row of x lie `right` numbers apart.
    """
    before = builder.block
    loop, end = (builder.append_basic_block(name) for name in ("loop", "end"))
    builder.branch(loop)
    builder.position_at_end(loop)
    started = [_INDEX(0), column, *sums]
    k, row, *running = now = [builder.phi(value.type) for value in started]
    count = len(sums) // len(x_rows)
    factors = [load_vector(builder, place) for place in a.vectors(row, count)]
    place = builder.mul(k, right)
    added = []
    for r, x_row in enumerate(x_rows):
        number = spread_number(builder, builder.load(builder.gep(x_row, [place])), a.lanes)
        for factor, total in zip(factors, running[r * count :][:count], strict=True):
            term = builder.fmul(number, factor, flags=("contract",))
            added.append(builder.fadd(total, term, flags=("contract",)))
    following = builder.add(k, _INDEX(1))
    for phi, old, new in zip(now, started, [following, a.after(row, a.down), *added], strict=True):
        phi.add_incoming(old, before)
        phi.add_incoming(new, loop)
    builder.cbranch(builder.icmp_signed("<", following, a.height), loop, end)
    builder.position_at_end(end)
    return added


_tall2, _tall1 = _tile(TALL, 2), _tile(TALL, 1)
_some2, _some1 = _tile(SOME, 2), _tile(SOME, 1)
_one2, _one1 = _tile(1, 2), _tile(1, 1)


@compiled
def add_product(x: Array, a: Array, out: Array, lanes: int) -> None:
    """Add x [rows, columns >= inner] times a [inner, width] to out [rows, width].

    All three lie in memory row after row; x may also be a matrix transposed. The width is a whole
    number of vectors of `lanes` numbers; x may have more columns than a has rows.
    Rows that begin at a multiple of 64 bytes are a tenth faster.
    """
    rows, width = out.shape
    if len(a) == 0:
        return
    tall = rows - rows % TALL
    some = rows - (rows - tall) % SOME
    pairs = width - width % (2 * lanes)
    for j in range(0, pairs, 2 * lanes):
        for i in range(0, tall, TALL):
            _tall2(x, a, out, i, j)
        for i in range(tall, some, SOME):
            _some2(x, a, out, i, j)
        for i in range(some, rows):
            _one2(x, a, out, i, j)
    if pairs < width:
        for i in range(0, tall, TALL):
            _tall1(x, a, out, i, pairs)
        for i in range(tall, some, SOME):
            _some1(x, a, out, i, pairs)
        for i in range(some, rows):
            _one1(x, a, out, i, pairs)
