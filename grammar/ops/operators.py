"""The scalar operators: arithmetic, bits and comparisons, with what they do not share with Python and NumPy.

Integer values are exact; the caller wraps or checks them by type. Division truncates as in C++, but ``//`` floors.
Float arithmetic is IEEE 754's, so dividing by zero is defined.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from grammar.ops import decisions, elementary, spreads
from grammar.ops.arrays import is_integral, with_arrays
from grammar.ops.domains import BITS, NONZERO
from grammar.ops.elementary import rounded
from grammar.ops.floats import of_integer
from grammar.ops.library_bounds import published
from grammar.ops.record import IEEE, PRODUCT, op

# Arithmetic

op(
    "add",
    "a: Scalar, b: Scalar -> Scalar",
    group="Operators",
    spelling="{0} + {1}",
    weight=25,
    value=operator.add,
    rounding=IEEE,
    spread=spreads.add_spread,
    keeps=True,
    source="Add ``a`` and ``b``.",
    examples=[
        ((math.inf, -math.inf), math.nan),
        ((-0.0, 0.0), 0.0),
        ((16777216.0, 1.0), 16777216.0),
        ((65504.0, 32.0), math.inf, "float16"),
        ((65504.0, 8.0), 65504.0, "float16"),
        ((127, 1), 128, "int8"),
        ((2, 3), 5, "int32"),
    ],
)
op(
    "sub",
    "a: Scalar, b: Scalar -> Scalar",
    group="Operators",
    spelling="{0} - {1}",
    weight=25,
    value=operator.sub,
    rounding=IEEE,
    spread=spreads.add_spread,
    keeps=True,
    source="Subtract ``b`` from ``a``.",
    examples=[
        ((math.inf, math.inf), math.nan),
        ((1.5, 1.5), 0.0),
        ((-0.0, 0.0), -0.0),
        ((2, 3), -1, "uint8"),
        ((2, 3), -1, "int32"),
    ],
)
op(
    "mul",
    "a: Scalar, b: Scalar -> Scalar",
    group="Operators",
    spelling="{0} * {1}",
    weight=20,
    value=operator.mul,
    rounding=PRODUCT,
    spread=spreads.mul_spread,
    source="Multiply two values.",
    examples=[
        ((math.inf, 0.0), math.nan),
        ((-1.0, 0.0), -0.0),
        ((1e-30, 1e-30), 0.0),
        ((1e30, -1e30), -math.inf),
        ((16777216, 256), 4294967296, "uint32"),
        ((-7, 6), -42, "int32"),
    ],
)
op(
    "neg",
    "x: Scalar -> Scalar",
    group="Operators",
    spelling="-{0}",
    weight=5,
    value=operator.neg,
    spread=spreads.lipschitz(1.0),
    source="Negate ``x``.",
    examples=[((0.0,), -0.0), ((-math.inf,), math.inf), ((1,), -1, "uint32"), ((7,), -7, "int32")],
)
op(
    "pos",
    "x: Scalar -> Scalar",
    group="Operators",
    spelling="+{0}",
    weight=1,
    value=operator.pos,
    spread=spreads.lipschitz(1.0),
    source="Pass ``x`` unchanged.",
    examples=[((-0.0,), -0.0), ((math.nan,), math.nan), ((-7,), -7, "int32"), ((255,), 255, "uint8")],
)
op(
    "pow",
    "x: Float, y: Float -> Float",
    variant="operator",
    group="Operators",
    spelling="{0} ** {1}",
    weight=3,
    value=rounded(elementary.power),
    rounding=published("pow"),
    spread=spreads.pow_spread,
    source="Compute ``x`` raised to the power of ``y``.",
    examples=[
        ((0.0, 0.0), 1.0),
        ((math.nan, 0.0), 1.0),
        ((-8.0, 0.5), math.nan),
        ((-0.0, -3.0), -math.inf),
        ((-2.0, 3.0), -8.0),
        ((2.0, 0.5), 1.41421356),
    ],
)


# Division


def truncated_quotient(a: int, b: int) -> int:
    """Divide two ints, rounded toward zero as in C++; Python's ``//`` rounds down."""
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


def truncated_remainder(a: int, b: int) -> int:
    """Return the remainder of truncated division: it has the sign of the dividend; Python's ``%`` has the divisor's."""
    return abs(a) % abs(b) if a >= 0 else -(abs(a) % abs(b))


op(
    "div",
    "a: Int, b: Int -> Int",
    variant="int",
    group="Operators",
    spelling="{0} / {1}",
    weight=3,
    value=truncated_quotient,
    domain=NONZERO(1),
    spread=decisions.unaffected,
    source="Divide two values. [Manual: as in C++, the quotient of two integers is truncated toward zero.]",
    examples=[
        ((-7, 2), -3, "int32"),
        ((7, -2), -3, "int32"),
        ((-7, -2), 3, "int32"),
        ((-1, 2), 0, "int32"),
        ((255, 2), 127, "uint8"),
    ],
)
op(
    "div",
    "a: Float, b: Float -> Float",
    variant="float",
    group="Operators",
    spelling="{0} / {1}",
    weight=6,
    value=operator.truediv,
    rounding=IEEE,
    spread=spreads.div_spread,
    source="Divide two values.",
    examples=[
        ((1.0, -0.0), -math.inf),
        ((0.0, 0.0), math.nan),
        ((-1.0, math.inf), -0.0),
        ((1.0, 3.0), 0.333333343),
        ((1.0, 3.0), 0.33325195, "float16"),
    ],
)
op(
    "floordiv",
    "a: Int, b: Int -> Int",
    variant="int",
    group="Operators",
    spelling="{0} // {1}",
    weight=3,
    value=operator.floordiv,
    domain=NONZERO(1),
    spread=decisions.unaffected,
    source="Divide two scalars using floor division.",
    examples=[
        ((-7, 2), -4, "int32"),
        ((7, -2), -4, "int32"),
        ((-7, -2), 3, "int32"),
        ((-1, 2), -1, "int8"),
        ((255, 2), 127, "uint8"),
    ],
)


def floor_quotient(a: Any, b: Any) -> Any:
    """Return the floor of the exact quotient, as Python does; where Python raises, that of IEEE 754's quotient.

    C++ programs often floor a quotient that is rounded first: 1.0 // 0.1 is 9, as 0.1 is above a tenth, but 10 there.
    """
    kind = type(a)
    if b == 0 or math.isnan(a) or math.isnan(b):
        return a / b
    if math.isinf(a):
        return kind(math.nan)
    if math.isinf(b):
        return kind(-1.0) if a != 0 and (a < 0) != (b < 0) else a / b
    (over, under), (by, per) = float(a).as_integer_ratio(), float(b).as_integer_ratio()
    whole = over * per // (under * by)
    return of_integer(kind, whole) if whole else np.copysign(kind(0.0), a / b)


op(
    "floordiv",
    "a: Float, b: Float -> Float",
    variant="float",
    group="Operators",
    spelling="{0} // {1}",
    weight=2,
    value=floor_quotient,
    spread=decisions.floordiv_spread,
    source="Divide two scalars using floor division. [Python: the floor of the exact quotient.]",
    examples=[
        ((1.0, 0.0), math.inf),
        ((0.0, -0.0), math.nan),
        ((-7.0, 2.0), -4.0),
        ((7.0, -2.0), -4.0),
        ((7.5, 2.0), 3.0),
        ((-0.0, 2.0), -0.0),
        ((1.0, 0.1), 9.0),
        ((1.0, 0.1), 10.0, "float16"),
        ((-2.0, math.inf), -1.0),
        ((2.0, math.inf), 0.0),
        ((math.inf, 2.0), math.nan),
        ((16777219.0 * 2.0, 1.0), 33554438.0, "float64"),
    ],
)
op(
    "mod",
    "a: Int, b: Int -> Int",
    variant="int",
    group="Operators",
    spelling="{0} % {1}",
    weight=4,
    value=truncated_remainder,
    domain=NONZERO(1),
    spread=decisions.unaffected,
    source="Modulo operation using truncated division.",
    examples=[
        ((-7, 2), -1, "int32"),
        ((7, -3), 1, "int32"),
        ((-7, -3), -1, "int32"),
        ((-4, 2), 0, "int32"),
        ((255, 7), 3, "uint8"),
    ],
)
op(
    "mod",
    "a: Float, b: Float -> Float",
    variant="float",
    group="Operators",
    spelling="{0} % {1}",
    weight=3,
    value=np.fmod,
    spread=decisions.mod_spread,
    source="Modulo operation using truncated division.",
    examples=[
        ((1.0, 0.0), math.nan),
        ((math.inf, 2.0), math.nan),
        ((-7.5, 3.0), -1.5),
        ((7.5, -3.0), 1.5),
        ((-4.0, 2.0), -0.0),
        ((5.0, math.inf), 5.0),
    ],
)


# Bits


op(
    "bit_and",
    "a: Int, b: Int -> Int",
    group="Operators",
    spelling="{0} & {1}",
    weight=3,
    value=operator.and_,
    spread=decisions.unaffected,
    source="Compute the bitwise AND of ``a`` and ``b``.",
    examples=[((-1, 255), 255, "int32"), ((12, 10), 8, "uint8"), ((-8, -7), -8, "int64")],
)
op(
    "bit_or",
    "a: Int, b: Int -> Int",
    group="Operators",
    spelling="{0} | {1}",
    weight=2,
    value=operator.or_,
    spread=decisions.unaffected,
    source="Compute the bitwise OR of ``a`` and ``b``.",
    examples=[((-128, 127), -1, "int8"), ((12, 10), 14, "uint8"), ((0, 0), 0, "int32")],
)
op(
    "bit_xor",
    "a: Int, b: Int -> Int",
    group="Operators",
    spelling="{0} ^ {1}",
    weight=6,
    value=operator.xor,
    spread=decisions.unaffected,
    source="Compute the bitwise XOR of ``a`` and ``b``.",
    examples=[((-1, 1), -2, "int32"), ((12, 10), 6, "uint8"), ((5, 5), 0, "int64")],
)
op(
    "lshift",
    "a: Int, b: Int -> Int",
    group="Operators",
    spelling="{0} << {1}",
    weight=2,
    value=operator.lshift,
    domain=BITS(1),
    spread=decisions.unaffected,
    source="Compute ``a`` left-shifted by ``b`` bits.",
    examples=[
        ((-5, 3), -40, "int32"),
        ((1, 30), 1073741824, "int32"),
        ((255, 1), 510, "uint8"),
        ((1, 63), 9223372036854775808, "uint64"),
    ],
)
op(
    "rshift",
    "a: Int, b: Int -> Int",
    group="Operators",
    spelling="{0} >> {1}",
    weight=2,
    value=operator.rshift,
    domain=BITS(1),
    spread=decisions.unaffected,
    source="Compute ``a`` right-shifted by ``b`` bits.",
    examples=[((-7, 1), -4, "int32"), ((-1, 31), -1, "int32"), ((255, 7), 1, "uint8")],
)
op(
    "invert",
    "a: Int -> Int",
    group="Operators",
    spelling="~{0}",
    weight=1,
    value=operator.invert,
    spread=decisions.unaffected,
    source="Compute the bitwise complement of ``a``.",
    examples=[((0,), -1, "uint8"), ((-1,), 0, "int32"), ((127,), -128, "int8")],
)


# Comparisons


def _plain(x: Any) -> int | float:
    """Return the same number as a Python int or float: Python compares those exactly, also with each other."""
    return x if isinstance(x, int) else float(x)


def _compared(compare: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    """Compare arrays: floats as float64, which loses nothing; with an int among them one by one."""
    if is_integral(a) == is_integral(b):
        return compare(a, b).astype(np.bool_)
    arrays = np.broadcast_arrays(a, b)
    return np.array([compare(x, y) for x, y in zip(*(one.tolist() for one in arrays), strict=True)])


def _comparison(name: str, compare: Callable[[Any, Any], bool], symbol: str, weight: int, examples: list[Any]) -> None:
    """Enter one comparison of two scalars of any types."""

    def value(a: Any, b: Any) -> bool:
        return compare(_plain(a), _plain(b))

    op(
        name,
        "a: Any, b: Any2 -> bool",
        group="Operators",
        spelling=f"{{0}} {symbol} {{1}}",
        weight=weight,
        value=with_arrays(value, lambda a, b: _compared(compare, a, b)),
        spread=decisions.decided,
        source="[Manual: comparisons are Python's, of scalars of any two types; with NaN they follow IEEE 754.]",
        examples=examples,
    )


_comparison(
    "lt",
    operator.lt,
    "<",
    5,
    [((math.nan, 1.0), False), ((-0.0, 0.0), False), ((-1, 1), True, "int32"), ((False, True), True, "bool")],
)
_comparison(
    "le",
    operator.le,
    "<=",
    4,
    [((math.nan, math.nan), False), ((0.0, -0.0), True), ((255, 255), True, "uint8"), ((2, 1), False, "int32")],
)
_comparison(
    "gt",
    operator.gt,
    ">",
    5,
    [((math.inf, math.nan), False), ((0.0, -0.0), False), ((-1, -2), True, "int8"), ((True, True), False, "bool")],
)
_comparison(
    "ge",
    operator.ge,
    ">=",
    4,
    [((math.nan, math.nan), False), ((-0.0, 0.0), True), ((1, 2), False, "uint64"), ((True, False), True, "bool")],
)
_comparison(
    "eq",
    operator.eq,
    "==",
    5,
    [((math.nan, math.nan), False), ((-0.0, 0.0), True), ((3, 3), True, "int32"), ((False, True), False, "bool")],
)
_comparison(
    "ne",
    operator.ne,
    "!=",
    3,
    [((math.nan, math.nan), True), ((-0.0, 0.0), False), ((3, 4), True, "int64"), ((True, True), False, "bool")],
)
