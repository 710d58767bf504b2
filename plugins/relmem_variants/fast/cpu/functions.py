"""Functions of vectors: e^x, the normal distribution, and choices by column, for Numba's loops."""

import math
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import overload

from relmem_variants.fast.cpu.tile import compiled, spread_number
from relmem_variants.fast.cpu.vectors import instruction, where_positive

_COLUMN = ir.IntType(64)


@instruction
def like(_typing: Any, x: Any, number: Any) -> Any:
    """A vector like x with one number in every lane."""

    def generate(context: Any, builder: Any, kinds: Any, given: Any) -> Any:
        one = context.cast(builder, given[1], kinds.args[1], kinds.args[0].number)
        return spread_number(builder, one, kinds.args[0].lanes)

    return x(x, number), generate


@instruction
def larger(_typing: Any, x: Any, y: Any) -> Any:
    """The larger of two numbers, lane by lane; x where it is no number, which stays visible."""

    def generate(_context: Any, builder: Any, _kinds: Any, given: Any) -> Any:
        return builder.select(builder.fcmp_ordered("<", *given), given[1], given[0])

    return x(x, y), generate


@instruction
def where_within(_typing: Any, _column: Any, _first: Any, _end: Any, yes: Any, no: Any) -> Any:
    """`yes` in the lanes of columns from first up to end, if lane 0 is `column`; else `no`."""

    def generate(_context: Any, builder: Any, kinds: Any, given: Any) -> Any:
        lanes = kinds.return_type.lanes
        at, low, high = (spread_number(builder, each, lanes) for each in given[:3])
        at = builder.add(at, ir.Constant(ir.VectorType(_COLUMN, lanes), list(range(lanes))))
        inside = builder.and_(
            builder.icmp_signed(">=", at, low), builder.icmp_signed("<", at, high)
        )
        return builder.select(inside, *given[3:])

    return yes(types.intp, types.intp, types.intp, yes, no), generate


@instruction
def _floor(_typing: Any, x: Any) -> Any:
    def generate(_context: Any, builder: Any, kinds: Any, given: Any) -> Any:
        kind = given[0].type
        name = f"llvm.floor.v{kind.count}f{kinds.args[0].number.bitwidth}"
        return builder.call(_function(builder, name, kind), given)

    return x(x), generate


@instruction
def _power_of_two(_typing: Any, k: Any) -> Any:
    """2^k of whole float32 from -126 to 127, put together from its bits."""

    def generate(_context: Any, builder: Any, kinds: Any, given: Any) -> Any:
        lanes = kinds.args[0].lanes
        whole = ir.VectorType(ir.IntType(32), lanes)
        exponent = builder.add(builder.fptosi(given[0], whole), ir.Constant(whole, [127] * lanes))
        return builder.bitcast(
            builder.shl(exponent, ir.Constant(whole, [23] * lanes)), given[0].type
        )

    return k(k), generate


def _function(builder: Any, name: str, kind: Any) -> Any:
    """A function of LLVM's or of C's library, from a value of this kind to another."""
    insert: Any = cgutils.get_or_insert_function
    return insert(builder.module, ir.FunctionType(kind, [kind]), name)


def _each(name: str) -> Any:
    """A function of C's library for float64, one lane after the other."""

    @instruction
    def of(_typing: Any, x: Any) -> Any:
        def generate(_context: Any, builder: Any, kinds: Any, given: Any) -> Any:
            value = given[0]
            function = _function(builder, name, ir.DoubleType())
            for lane in range(kinds.args[0].lanes):
                place = ir.IntType(32)(lane)
                made = builder.call(function, [builder.extract_element(value, place)])
                value = builder.insert_element(value, made, place)
            return value

        return x(x), generate

    return of


_exp_of_each, _erf_of_each = _each("exp"), _each("erf")


def exp(x: Any) -> Any:
    """e^x; of float32 to two units of the last place, and beyond +-87 as there.

    Only compiled code can call it.
    """
    raise NotImplementedError


@overload(exp, jit_options={"fastmath": {"contract"}})
def _exp(x: Any) -> Any:
    """With k the whole number nearest to x / ln 2, e^x = 2^k e^(x - k ln 2), by a Taylor series."""

    def double(x: Any) -> Any:
        return _exp_of_each(x)

    if x.number == types.float64:
        return double
    most, high = 87.0, 0.693359375  # ln 2 to 10 bits: its product with k is exact
    per_power, low = 1 / math.log(2), math.log(2) - high
    p6, p5, p4, p3, p2 = (1 / math.factorial(n) for n in (6, 5, 4, 3, 2))

    def single(x: Any) -> Any:
        x = larger(x, like(x, -most))
        x = like(x, 0) - larger(like(x, 0) - x, like(x, -most))
        k = _floor(x * like(x, per_power) + like(x, 0.5))
        r = (x - k * like(x, high)) - k * like(x, low)
        series = like(x, p6) * r + like(x, p5)
        series = series * r + like(x, p4)
        series = series * r + like(x, p3)
        series = series * r + like(x, p2)
        series = (series * r + like(x, 1)) * r + like(x, 1)
        return series * _power_of_two(k)

    return single


@compiled
def density(x: Any) -> Any:
    """The normal distribution's density phi(x)."""
    return exp(x * x * like(x, -0.5)) * like(x, 1 / math.sqrt(2 * math.pi))


def below(x: Any, phi: Any) -> Any:
    """The normal distribution Phi(x), with phi its density there; of float32 to 1e-7.

    Only compiled code can call it.
    """
    raise NotImplementedError


@overload(below, jit_options={"fastmath": {"contract"}})
def _below(x: Any, phi: Any) -> Any:  # noqa: ARG001  # Numba goes by the names
    """For float32 by Abramowitz and Stegun 7.1.26."""

    def double(x: Any, phi: Any) -> Any:  # noqa: ARG001
        return _erf_of_each(x * like(x, math.sqrt(0.5))) * like(x, 0.5) + like(x, 0.5)

    if x.number == types.float64:
        return double
    rate, root = 0.3275911 * math.sqrt(0.5), math.sqrt(math.pi / 2)

    def single(x: Any, phi: Any) -> Any:
        size = larger(x, like(x, 0) - x)
        t = like(x, 1) / (like(x, 1) + size * like(x, rate))
        series = t * like(x, 1.061405429) + like(x, -1.453152027)
        series = series * t + like(x, 1.421413741)
        series = series * t + like(x, -0.284496736)
        series = series * t + like(x, 0.254829592)
        above = series * t * phi * like(x, root)
        return where_positive(x, like(x, 1) - above, above)

    return single
