"""Vectors of numbers for Numba's loops: as many as a register holds, added and multiplied at once.

A compiler makes vectors of plain loops only where it can prove, or test before each loop, that no
two arrays overlap, and takes the numbers that are left over one by one. The rows here are whole
numbers of vectors, so that neither need be.
"""

import operator
from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba import types
from numba.core.imputils import lower_builtin
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, models, register_model

from relmem_variants.fast.cpu.tile import BYTES, Matrix, load_vector, spread_number, store_vector


class Vector(types.Type):
    """The type of a vector of `number`: float32 or float64."""

    def __init__(self, number: Any) -> None:
        super().__init__(name=f"Vector({number})")
        self.number = number
        self.lanes = 8 * BYTES // number.bitwidth


@register_model(Vector)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Vector) -> None:
        number = manager.lookup(kind.number).get_value_type()
        vector = ir.VectorType(number, kind.lanes)
        super().__init__(manager, kind, vector)  # type: ignore[no-untyped-call]


def _operator(symbol: Any, name: str) -> None:
    """Let `symbol` take two vectors."""

    @infer_global(symbol)  # type: ignore[no-untyped-call]
    class _Typing(AbstractTemplate):
        def generic(self, given: Any, named: Any) -> Any:
            if not named and len(given) == 2 and given[0] == given[1]:
                kind = given[0]
                return cast("Any", signature)(kind, *given) if isinstance(kind, Vector) else None
            return None

    @lower_builtin(symbol, Vector, Vector)  # type: ignore[no-untyped-call, untyped-decorator]
    def _lower(_context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        return getattr(builder, name)(*given, flags=("contract", "nsz"))


for _symbol, _name in (
    (operator.add, "fadd"),
    (operator.iadd, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _operator(_symbol, _name)


def instruction(define: Callable[..., Any]) -> Any:
    """What Numba makes of a function that says how its instructions are written."""
    return intrinsic(define)


@instruction
def load(_typing: Any, array: Any, _row: Any, _column: Any) -> Any:
    """The vector that begins at array[row, column]."""

    def generate(context: Any, builder: Any, kinds: Any, given: Any) -> Any:
        matrix = Matrix(context, builder, kinds.args[0], given[0])
        return load_vector(
            builder, matrix.vectors(matrix.after(matrix.row(given[1]), given[2]), 1)[0]
        )

    return Vector(array.dtype)(array, types.intp, types.intp), generate


@instruction
def store(_typing: Any, array: Any, _row: Any, _column: Any, value: Any) -> Any:
    """Put a vector at array[row, column] and the places after it."""

    def generate(context: Any, builder: Any, kinds: Any, given: Any) -> Any:
        matrix = Matrix(context, builder, kinds.args[0], given[0])
        place = matrix.vectors(matrix.after(matrix.row(given[1]), given[2]), 1)[0]
        store_vector(builder, given[3], place)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, value), generate


@instruction
def spread(_typing: Any, number: Any) -> Any:
    """A vector with one number in every lane."""

    def generate(_context: Any, builder: Any, kinds: Any, given: Any) -> Any:
        return spread_number(builder, given[0], kinds.return_type.lanes)

    return Vector(number)(number), generate


@instruction
def where_positive(_typing: Any, x: Any, above: Any, below: Any) -> Any:
    """`above` in the lanes where x > 0, `below` in the others."""

    def generate(_context: Any, builder: Any, _kinds: Any, given: Any) -> Any:
        value, one, other = given
        return builder.select(
            builder.fcmp_ordered(">", value, ir.Constant(value.type, None)), one, other
        )

    return x(x, above, below), generate


@instruction
def total(_typing: Any, x: Any) -> Any:
    """The sum of the lanes."""

    def generate(_context: Any, builder: Any, kinds: Any, given: Any) -> Any:
        value, lanes = given[0], kinds.args[0].lanes
        while lanes > 1:
            lanes //= 2
            low, high = (_part(builder, value, begin, lanes) for begin in (0, lanes))
            value = builder.fadd(low, high)
        return builder.extract_element(value, ir.Constant(ir.IntType(32), 0))

    return x.number(x), generate


def _part(builder: Any, value: Any, begin: int, lanes: int) -> Any:
    """Some of a vector's lanes."""
    chosen = [ir.Constant(ir.IntType(32), begin + lane) for lane in range(lanes)]
    mask = ir.Constant(ir.VectorType(ir.IntType(32), lanes), chosen)
    return builder.shuffle_vector(value, ir.Constant(value.type, ir.Undefined), mask)
