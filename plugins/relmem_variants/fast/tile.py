"""The matrix product that the CPU kernels stand on: a few rows times a matrix that stays in cache.

BLAS is made for large matrices, and Numba's loops keep sums in memory; a tile of sums that stays
in vector registers reaches the machine's full rate at 20 rows (measured in docs/engine.md).
Numba does not see changes of this file: delete its cache (`*.nbi`, `*.nbc`) after one.
"""

import logging
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy.typing as npt
from llvmlite import ir
from llvmlite.binding import get_host_cpu_features
from numba import njit, types
from numba.core import event
from numba.extending import intrinsic

Array = npt.NDArray[Any]

_LOG = logging.getLogger("relmem.kernels")

_FEATURES = get_host_cpu_features()

BYTES = 64 if _FEATURES.get("avx512f") else 32 if _FEATURES.get("avx") else 16
"""The width of a vector register."""

TALL = 10 if _FEATURES.get("avx512f") or _FEATURES.get("neon") else 5
"""Rows of a tile of two vectors a row: its sums fill most of the 32 or 16 vector registers."""

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


def compiled(function: Function) -> Function:
    """The function as machine code: compiled when first called, kept on disk beside its module."""
    math = {"contract", "reassoc", "nsz", "arcp"}  # an overflow stays visible
    return cast("Function", njit(fastmath=math, nogil=True, cache=True)(function))


def _tile(rows: int, vectors: int) -> Any:
    """An intrinsic that adds to a tile of `out` the rows of x times some columns of a.

    It is what a compiler does not make of three loops: the tile stays in vector registers while
    the product runs along the inner axis.
    """

    @intrinsic
    def tile(_: Any, x: Any, a: Any, out: Any, i: Any, j: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            X, A, Out = (
                context.make_array(kind)(context, builder, value)
                for kind, value in zip(signature.args[:3], args[:3], strict=True)
            )
            i, j = args[3:]
            number = context.get_data_type(signature.args[0].dtype)
            size = context.get_abi_sizeof(number)
            lanes = BYTES // size
            vector = ir.VectorType(number, lanes)
            index = i.type
            row_of = [builder.add(i, index(r)) for r in range(rows)]

            def width(array: Any) -> Any:
                return builder.extract_value(array.shape, 1)

            def vector_at(pointer: Any, c: int) -> Any:
                return builder.bitcast(
                    builder.gep(pointer, [index(c * lanes)]), vector.as_pointer()
                )

            def load(pointer: Any, c: int) -> Any:
                value = builder.load(vector_at(pointer, c))
                value.align = size
                return value

            x_rows = [builder.gep(X.data, [builder.mul(r, width(X))]) for r in row_of]
            out_rows = [
                builder.gep(Out.data, [builder.add(builder.mul(r, width(Out)), j)]) for r in row_of
            ]
            start = [load(row, c) for row in out_rows for c in range(vectors)]
            first, before = builder.gep(A.data, [j]), builder.block
            loop, end = (builder.append_basic_block(name) for name in ("loop", "end"))
            builder.branch(loop)
            builder.position_at_end(loop)
            k, a_row = builder.phi(index), builder.phi(first.type)
            sums = [builder.phi(vector) for _ in start]
            columns = [load(a_row, c) for c in range(vectors)]
            spread = ir.Constant(ir.VectorType(ir.IntType(32), lanes), [0] * lanes)
            nothing = ir.Constant(vector, ir.Undefined)
            new = []
            for r, x_row in enumerate(x_rows):
                one = builder.insert_element(
                    nothing, builder.load(builder.gep(x_row, [k])), ir.IntType(32)(0)
                )
                factor = builder.shuffle_vector(one, nothing, spread)
                for c, column in enumerate(columns):
                    term = builder.fmul(factor, column, flags=("contract",))
                    new.append(builder.fadd(sums[r * vectors + c], term, flags=("contract",)))
            next_k, next_row = builder.add(k, index(1)), builder.gep(a_row, [width(A)])
            for phi, old, value in zip(
                [k, a_row, *sums], [index(0), first, *start], [next_k, next_row, *new], strict=True
            ):
                phi.add_incoming(old, before)
                phi.add_incoming(value, loop)
            inner = builder.extract_value(A.shape, 0)
            builder.cbranch(builder.icmp_signed("<", next_k, inner), loop, end)
            builder.position_at_end(end)
            for r, row in enumerate(out_rows):
                for c in range(vectors):
                    builder.store(new[r * vectors + c], vector_at(row, c)).align = size
            return context.get_dummy_value()

        return types.void(x, a, out, i, j), generate

    return tile


_tall2, _tall1, _low2, _low1 = _tile(TALL, 2), _tile(TALL, 1), _tile(1, 2), _tile(1, 1)


@compiled
def add_product(x: Array, a: Array, out: Array, lanes: int) -> None:
    """Add x [rows, columns >= inner] times a [inner, width] to out [rows, width].

    The width is a whole number of vectors of `lanes` numbers; x may have more columns than a rows.
    """
    rows, width = out.shape
    tall = rows - rows % TALL
    pairs = width - width % (2 * lanes)
    for j in range(0, pairs, 2 * lanes):
        for i in range(0, tall, TALL):
            _tall2(x, a, out, i, j)
        for i in range(tall, rows):
            _low2(x, a, out, i, j)
    if pairs < width:
        for i in range(0, tall, TALL):
            _tall1(x, a, out, i, pairs)
        for i in range(tall, rows):
            _low1(x, a, out, i, pairs)
