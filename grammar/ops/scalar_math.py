"""Warp's Scalar Math group: functions of scalars, in the order of its reference.

Functions that IEEE 754 does not fix are computed in float64 and rounded once (:mod:`grammar.ops.elementary`), within
published bounds. Where Warp does not mean what NumPy's function of the same name does, the rule is written out: NaN
counts as missing in ``min``, ``sign(0)`` is 1, ``round`` takes halves away from zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grammar.ops import decisions, elementary, spreads
from grammar.ops.balls import Spread
from grammar.ops.domains import Domain
from grammar.ops.elementary import rounded
from grammar.ops.library_bounds import ROUNDED_FACTOR, published
from grammar.ops.record import EXACT, IEEE, SELECTION, ByOverload, Overload, Rounding, op
from grammar.types import Scalar


def _entry(
    name: str,
    signature: str,
    value: Callable[..., Any],
    spread: Spread,
    weight: int,
    source: str,
    examples: Sequence[Any],
    rounding: Rounding = EXACT,
    domain: Domain | None = None,
    *,
    chooses: bool = False,
) -> None:
    """Enter one function of this group, which is spelled as it is named."""
    holes = ", ".join(f"{{{index}}}" for index in range(signature.count(":")))
    op(
        name,
        signature,
        group="Scalar Math",
        spelling=f"wp.{name}({holes})",
        weight=weight,
        value=value,
        domain=domain,
        rounding=rounding,
        spread=spread,
        source=source,
        examples=examples,
        chooses=chooses,
    )


# Selection


def minimum(a: Any, b: Any) -> Any:
    """Return the smaller operand, either of two zeros; a float NaN is missing, as for C's fmin."""
    return b if a != a or b < a else a


def maximum(a: Any, b: Any) -> Any:
    """Return the larger operand, either of two zeros; a float NaN is missing, as for C's fmax."""
    return b if a != a or b > a else a


def clamp(x: Any, low: Any, high: Any) -> Any:
    """Return ``min(max(low, x), high)``, also where low is above high."""
    return minimum(maximum(low, x), high)


_entry(
    "min",
    "a: Scalar, b: Scalar -> Scalar",
    minimum,
    decisions.lowest,
    3,
    "On float types, NaN is treated as missing (C ``fmin`` semantics): the operation returns the non-NaN operand when "
    "exactly one is NaN, and NaN only when both are NaN.",
    [
        ((math.nan, 1.0), 1.0),
        ((1.0, math.nan), 1.0),
        ((math.nan, math.nan), math.nan),
        ((-math.inf, 1.0), -math.inf),
        ((3, -4), -4, "int32"),
        ((200, 100), 100, "uint8"),
    ],
    rounding=SELECTION,
    chooses=True,
)
_entry(
    "max",
    "a: Scalar, b: Scalar -> Scalar",
    maximum,
    decisions.highest,
    3,
    "On float types, NaN is treated as missing (C ``fmax`` semantics): the operation returns the non-NaN operand when "
    "exactly one is NaN, and NaN only when both are NaN.",
    [
        ((math.nan, 1.0), 1.0),
        ((-1.0, math.nan), -1.0),
        ((math.nan, math.nan), math.nan),
        ((math.inf, 1.0), math.inf),
        ((3, -4), 3, "int32"),
        ((-128, 127), 127, "int8"),
    ],
    rounding=SELECTION,
    chooses=True,
)
_entry(
    "clamp",
    "x: Scalar, low: Scalar, high: Scalar -> Scalar",
    clamp,
    decisions.clamp_spread,
    3,
    "Clamp the value of ``x`` to the range [low, high]. Equivalent to ``wp.min(wp.max(low, x), high)``. On float types "
    "this means NaN values of ``x`` produce ``wp.min(low, high)`` rather than propagating NaN.",
    [
        ((math.nan, 1.0, 2.0), 1.0),
        ((math.nan, 2.0, 1.0), 1.0),
        ((1.5, 2.0, 1.0), 1.0),
        ((5.0, math.nan, 1.0), 1.0),
        ((0.5, 1.0, 2.0), 1.0),
        ((7, -3, 3), 3, "int32"),
    ],
    rounding=SELECTION,
    chooses=True,
)

# Signs and bits


def _unit(x: Any, condition: bool) -> Any:
    """Return 1 of the type of ``x`` where the condition holds, else 0."""
    return type(x)(1 if condition else 0)


def _sign_of_nan(scalar: Scalar, x: Any, y: Any) -> str | None:
    return "sign of NaN is not fixed" if math.isnan(y) and not math.isnan(x) else None


_entry(
    "abs",
    "x: Scalar -> Scalar",
    abs,
    spreads.lipschitz(1.0),
    5,
    "Compute the absolute value of ``x``.",
    [((-0.0,), 0.0), ((-math.inf,), math.inf), ((math.nan,), math.nan), ((-128,), 128, "int8"), ((-7,), 7, "int32")],
)
_entry(
    "sign",
    "x: Scalar -> Scalar",
    lambda x: type(x)(-1 if x < 0 else 1),
    decisions.away_from_zero,
    1,
    "Compute the sign of ``x``. Returns: -1 if ``x`` < 0 and 1 otherwise.",
    [((0.0,), 1.0), ((-0.0,), 1.0), ((math.nan,), 1.0), ((-0.5,), -1.0), ((0,), 1, "int32"), ((-9,), -1, "int8")],
)
_entry(
    "copysign",
    "x: Float, y: Float -> Float",
    np.copysign,
    decisions.copysign_spread,
    2,
    "Return a value with the magnitude of ``x`` and the sign of ``y``.",
    [((3.0, -0.0), -3.0), ((-0.0, 1.0), 0.0), ((math.nan, -1.0), math.nan), ((-3.0, 1.0), 3.0)],
    domain=Domain(
        "signed", 1, _sign_of_nan, "[IEEE 754-2019, 6.3: this standard does not interpret the sign of a NaN.]"
    ),
)
_entry(
    "step",
    "x: Scalar -> Scalar",
    lambda x: _unit(x, x < 0),
    decisions.away_from_zero,
    1,
    "Compute 1.0 if ``x`` < 0.0, otherwise 0.0.",
    [((0.0,), 0.0), ((-0.0,), 0.0), ((math.nan,), 0.0), ((-1e-45,), 1.0), ((2.0,), 0.0), ((-1,), 1, "int32")],
)
_entry(
    "nonzero",
    "x: Scalar -> Scalar",
    lambda x: _unit(x, x != 0),
    decisions.away_from_zero,
    1,
    "Compute 1.0 if ``x`` is not equal to zero, otherwise 0.0.",
    [((-0.0,), 0.0), ((math.nan,), 1.0), ((1e-45,), 1.0), ((0,), 0, "uint8"), ((-5,), 1, "int32")],
)

_BIT_COUNTS: dict[str, list[Any]] = {
    "int8": [((-1,), 8), ((-128,), 1), ((127,), 7)],
    "uint8": [((255,), 8), ((0,), 0), ((45,), 4)],
    "int16": [((-1,), 16), ((-2,), 15), ((45,), 4)],
    "uint16": [((65535,), 16), ((32768,), 1), ((45,), 4)],
    "int32": [((-1,), 32), ((-2147483648,), 1), ((45,), 4)],
    "uint32": [((4294967295,), 32), ((2147483648,), 1), ((45,), 4)],
    "int64": [((-1,), 64), ((-9223372036854775808,), 1), ((45,), 4)],
    "uint64": [((18446744073709551615,), 64), ((1,), 1), ((45,), 4)],
}


def _bit_count(overload: Overload) -> Callable[[int], int]:
    """The width counts, which a value does not carry."""
    return lambda x: (x % (1 << overload.scalar.bits)).bit_count()


op(
    "bit_count",
    "x: Int -> int32",
    group="Scalar Math",
    spelling="wp.bit_count({0})",
    weight=1,
    value=ByOverload(_bit_count),
    spread=decisions.unaffected,
    source="Return the number of set bits in an integer. Signed inputs use their two's-complement representation, "
    "including the sign bit.",
    examples=[(arguments, value, name) for name, examples in _BIT_COUNTS.items() for arguments, value in examples],
)

# Functions that IEEE 754 does not fix, and sqrt, which it does


def _function(
    function: Callable[..., float],
    spread: Spread,
    weight: int,
    source: str,
    examples: Sequence[Any],
    signature: str = "x: Float -> Float",
) -> None:
    """Enter a function of Python floats under its own name, with the published bound of that name."""
    name = function.__name__
    _entry(name, signature, rounded(function), spread, weight, source, examples, published(name))


_function(
    elementary.sin,
    spreads.sin_spread,
    5,
    "Compute the sine of ``x`` in radians.",
    [
        ((math.inf,), math.nan),
        ((-0.0,), -0.0),
        ((1.0,), 0.84147098),
        ((1e10,), -0.487506023),
        ((1.0,), 0.8413, "float16"),
    ],
)
_function(
    elementary.cos,
    spreads.cos_spread,
    5,
    "Compute the cosine of ``x`` in radians.",
    [((-math.inf,), math.nan), ((0.0,), 1.0), ((1.0,), 0.540302306), ((3.14159274,), -1.0)],
)
_function(
    elementary.acos,
    spreads.acos_spread,
    2,
    "Compute arccos of ``x`` in radians. Inputs are automatically clamped to [-1.0, 1.0].",
    [((2.0,), 0.0), ((-math.inf,), 3.14159274), ((math.nan,), 3.14159274), ((1.0,), 0.0), ((0.5,), 1.04719755)],
)
_function(
    elementary.asin,
    spreads.asin_spread,
    2,
    "Compute arcsin of ``x`` in radians. Inputs are automatically clamped to [-1.0, 1.0].",
    [
        ((2.0,), 1.57079633),
        ((-2.0,), -1.57079633),
        ((math.nan,), -1.57079633),
        ((-0.0,), -0.0),
        ((0.5,), 0.523598776),
    ],
)
_entry(
    "sqrt",
    "x: Float -> Float",
    rounded(elementary.sqrt),
    spreads.sqrt_spread,
    5,
    "Compute the square root of ``x``, where ``x`` is positive.",
    [((-1.0,), math.nan), ((-0.0,), -0.0), ((math.inf,), math.inf), ((2.0,), 1.41421356), ((1e-45,), 3.74339207e-23)],
    IEEE,
)
_function(
    math.cbrt,
    spreads.cbrt_spread,
    1,
    "Compute the cube root of ``x``.",
    [((-0.0,), -0.0), ((-8.0,), -2.0), ((-math.inf,), -math.inf), ((2.0,), 1.25992105)],
)
_function(
    elementary.tan,
    spreads.tan_spread,
    2,
    "Compute the tangent of ``x`` in radians.",
    [((math.inf,), math.nan), ((-0.0,), -0.0), ((1.0,), 1.55740772), ((1.57079637,), -22877332.4)],
)
_function(
    math.atan,
    spreads.atan_spread,
    2,
    "Compute the arctangent of ``x`` in radians.",
    [((-math.inf,), -1.57079633), ((-0.0,), -0.0), ((1.0,), 0.785398163), ((math.nan,), math.nan)],
)
_function(
    math.atan2,
    spreads.atan2_spread,
    3,
    "Compute the 2-argument arctangent, atan2, of the point ``(x, y)`` in radians.",
    [
        ((-0.0, -1.0), -3.14159265),
        ((0.0, -0.0), 3.14159265),
        ((0.0, 1.0), 0.0),
        ((math.inf, -math.inf), 2.35619449),
        ((1.0, 1.0), 0.785398163),
        ((1.0, -2.0), 2.67794504),
    ],
    "y: Float, x: Float -> Float",
)
_function(
    elementary.sinh,
    spreads.sinh_spread,
    1,
    "Compute the sinh of ``x``.",
    [((-1000.0,), -math.inf), ((-0.0,), -0.0), ((1.0,), 1.17520119), ((1e-10,), 1e-10)],
)
_function(
    elementary.cosh,
    spreads.cosh_spread,
    1,
    "Compute the cosh of ``x``.",
    [((-1000.0,), math.inf), ((0.0,), 1.0), ((1.0,), 1.54308063), ((math.nan,), math.nan)],
)
_function(
    math.tanh,
    spreads.tanh_spread,
    2,
    "Compute the tanh of ``x``.",
    [((-1000.0,), -1.0), ((-0.0,), -0.0), ((1.0,), 0.761594156), ((math.inf,), 1.0)],
)
_entry(
    "degrees",
    "x: Float -> Float",
    rounded(elementary.degrees),
    spreads.lipschitz(180.0 / math.pi),
    1,
    "Convert ``x`` from radians into degrees.",
    [((-0.0,), -0.0), ((1e38,), math.inf), ((1.0,), 57.2957795), ((3.14159274,), 180.000005)],
    ROUNDED_FACTOR,
)
_entry(
    "radians",
    "x: Float -> Float",
    rounded(elementary.radians),
    spreads.lipschitz(math.pi / 180.0),
    1,
    "Convert ``x`` from degrees into radians.",
    [((-0.0,), -0.0), ((-math.inf,), -math.inf), ((180.0,), 3.14159265), ((1.0,), 0.0174532925)],
    ROUNDED_FACTOR,
)
_function(
    elementary.log,
    spreads.log_spread,
    3,
    "Compute the natural logarithm (base-e) of ``x``, where ``x`` is positive.",
    [((-0.0,), -math.inf), ((-1.0,), math.nan), ((math.inf,), math.inf), ((1.0,), 0.0), ((10.0,), 2.30258509)],
)
_function(
    elementary.log2,
    spreads.log2_spread,
    2,
    "Compute the binary logarithm (base-2) of ``x``, where ``x`` is positive.",
    [((0.0,), -math.inf), ((-math.inf,), math.nan), ((8.0,), 3.0), ((10.0,), 3.32192809)],
)
_function(
    elementary.log10,
    spreads.log10_spread,
    1,
    "Compute the common logarithm (base-10) of ``x``, where ``x`` is positive.",
    [((0.0,), -math.inf), ((-1.0,), math.nan), ((1000.0,), 3.0), ((2.0,), 0.301029996)],
)
_function(
    elementary.exp,
    spreads.exp_spread,
    4,
    "Compute the value of the exponential function :math:`e^x`.",
    [((1000.0,), math.inf), ((-math.inf,), 0.0), ((-0.0,), 1.0), ((1.0,), 2.71828183), ((12.0,), math.inf, "float16")],
)
_entry(
    "pow",
    "x: Float, y: Float -> Float",
    rounded(elementary.power),
    spreads.pow_spread,
    4,
    "Compute ``x`` raised to the power of ``y``.",
    [
        ((1.0, math.nan), 1.0),
        ((-1.0, math.inf), 1.0),
        ((0.0, -1.0), math.inf),
        ((-2.0, 0.5), math.nan),
        ((-10.0, 39.0), -math.inf),
        ((3.0, -2.0), 0.111111111),
    ],
    published("pow"),
)
_function(
    math.erf,
    spreads.erf_spread,
    1,
    "Compute the error function of ``x``.",
    [((math.inf,), 1.0), ((-0.0,), -0.0), ((math.nan,), math.nan), ((1.0,), 0.842700793)],
)
_function(
    math.erfc,
    spreads.erfc_spread,
    1,
    "Compute the complementary error function of ``x``.",
    [((-math.inf,), 2.0), ((math.inf,), 0.0), ((0.0,), 1.0), ((1.0,), 0.157299207)],
)
_function(
    elementary.erfinv,
    spreads.erfinv_spread,
    1,
    "Compute the inverse error function of ``x``.",
    [((-1.0,), -math.inf), ((1.5,), math.nan), ((-0.0,), -0.0), ((0.5,), 0.476936276)],
)
_function(
    elementary.erfcinv,
    spreads.erfcinv_spread,
    1,
    "Compute the inverse complementary error function of ``x``.",
    [((0.0,), math.inf), ((2.0,), -math.inf), ((-0.5,), math.nan), ((1.0,), 0.0), ((0.5,), 0.476936276)],
)

# Functions to integers


def _whole(name: str, function: Callable[[float], float], weight: int, source: str, examples: Sequence[Any]) -> None:
    """Enter a function of floats whose value is an integer."""
    _entry(name, "x: Float -> Float", rounded(function), decisions.stepwise(function), weight, source, examples)


_whole(
    "round",
    elementary.round_away,
    3,
    "Compute the nearest integer value to ``x``, rounding halfway cases away from zero.",
    [((0.49999997,), 0.0), ((0.5,), 1.0), ((-2.5,), -3.0), ((-0.25,), -0.0), ((8388609.0,), 8388609.0)],
)
_whole(
    "rint",
    elementary.rint,
    2,
    "Compute the nearest integer value to ``x``, rounding halfway cases to nearest even integer.",
    [((0.5,), 0.0), ((1.5,), 2.0), ((-0.5,), -0.0), ((-2.5,), -2.0), ((math.inf,), math.inf)],
)
_whole(
    "trunc",
    elementary.trunc,
    2,
    "Compute the nearest integer that is closer to zero than ``x``. It [...] preserves the negative sign when ``x`` is "
    "in the range [-0.0, -1.0).",
    [((-0.5,), -0.0), ((2.9,), 2.0), ((-2.9,), -2.0), ((math.nan,), math.nan)],
)
_whole(
    "floor",
    elementary.floor,
    5,
    "Compute the largest integer that is less than or equal to ``x``.",
    [((-0.0,), -0.0), ((-0.5,), -1.0), ((2.9,), 2.0), ((-math.inf,), -math.inf)],
)
_whole(
    "ceil",
    elementary.ceil,
    2,
    "Compute the smallest integer that is greater than or equal to ``x``.",
    [((-0.5,), -0.0), ((0.5,), 1.0), ((-2.9,), -2.0), ((1e30,), 1e30)],
)


def frac(x: Any) -> Any:
    """Return ``x - trunc(x)``: exact, of the sign of ``x``, +0 for integers and NaN for infinities."""
    return x - np.trunc(x)


_entry(
    "frac",
    "x: Float -> Float",
    frac,
    decisions.frac_spread,
    2,
    "In other words, it discards the integer part of ``x`` and is equivalent to ``x - trunc(x)``.",
    [((-0.0,), 0.0), ((-3.0,), 0.0), ((math.inf,), math.nan), ((-2.75,), -0.75), ((2.75,), 0.75)],
)

# Classification


def _class(name: str, test: Callable[[Any], bool], source: str, examples: Sequence[Any]) -> None:
    """Enter a question about a float."""
    _entry(name, "a: Float -> bool", test, decisions.unaffected, 1, source, examples)


_class(
    "isfinite",
    math.isfinite,
    "Check if ``a`` is finite.",
    [((math.nan,), False), ((-math.inf,), False), ((3.4028235e38,), True), ((0.0,), True)],
)
_class(
    "isnan",
    math.isnan,
    "Check if ``a`` is NaN.",
    [((math.nan,), True), ((math.inf,), False), ((1.0,), False)],
)
_class(
    "isinf",
    math.isinf,
    "Check if ``a`` is positive or negative infinity.",
    [((-math.inf,), True), ((math.nan,), False), ((65504.0,), False, "float16")],
)
