"""The float functions that IEEE 754 does not fix, in float64 and total: no argument raises.

Python's ``math`` raises where C99 (annex F) returns an infinity or a NaN, so each function here says what C99 says at
its edges and is ``math`` elsewhere. The inverses of erf and erfc, which ``math`` lacks, are solved by Newton's method.
NumPy's functions depend on the host's vector code and are not called. The functions to integers are here too, because
``math`` turns floats into ints.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from grammar.ops.arrays import with_arrays

_HALF_ROOT_PI = math.sqrt(math.pi) / 2
_LOG_ROOT_PI = math.log(math.pi) / 2
_DEGREES_PER_RADIAN = Fraction("57.295779513082320876798154814105170332405472466564321549160244")


def rounded(function: Callable[..., float]) -> Callable[..., Any]:
    """Make a function of NumPy floats of one type from one of Python floats: computed in float64, rounded once."""

    def value(*arguments: Any) -> Any:
        return type(arguments[0])(function(*map(float, arguments)))

    def many(*arguments: Any) -> Any:
        arrays = np.broadcast_arrays(*arguments)
        found = [function(*operands) for operands in zip(*(a.tolist() for a in arrays), strict=True)]
        return np.array(found).astype(arrays[0].dtype)

    return with_arrays(value, many)


def sin(x: float) -> float:
    """Sine of an angle in radians; NaN at infinities."""
    return math.nan if math.isinf(x) else math.sin(x)


def cos(x: float) -> float:
    """Cosine of an angle in radians; NaN at infinities."""
    return math.nan if math.isinf(x) else math.cos(x)


def tan(x: float) -> float:
    """Tangent of an angle in radians; NaN at infinities."""
    return math.nan if math.isinf(x) else math.tan(x)


def asin(x: float) -> float:
    """Arcsine of ``x`` clamped to [-1, 1], as Warp documents; a NaN lies outside of no interval, and stays."""
    return math.asin(_clamped(x))


def acos(x: float) -> float:
    """Arccosine of ``x`` clamped to [-1, 1], as Warp documents; a NaN lies outside of no interval, and stays."""
    return math.acos(_clamped(x))


def _clamped(x: float) -> float:
    """Clamp to [-1, 1]; of NaN it makes -1, as Warp documents of ``wp.clamp``."""
    return -1.0 if math.isnan(x) else min(max(x, -1.0), 1.0)


def sinh(x: float) -> float:
    """Hyperbolic sine; infinite of the sign of ``x`` where it overflows."""
    try:
        return math.sinh(x)
    except OverflowError:
        return math.copysign(math.inf, x)


def cosh(x: float) -> float:
    """Hyperbolic cosine; infinite where it overflows."""
    try:
        return math.cosh(x)
    except OverflowError:
        return math.inf


def exp(x: float) -> float:
    """e to the power of ``x``; infinite where it overflows."""
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def expm1(x: float) -> float:
    """e to the power of ``x``, less one, without cancellation; infinite where it overflows."""
    try:
        return math.expm1(x)
    except OverflowError:
        return math.inf


def log(x: float) -> float:
    """Natural logarithm; -inf at zeros, NaN below."""
    return math.log(x) if x > 0 else _log_edge(x)


def log2(x: float) -> float:
    """Binary logarithm; -inf at zeros, NaN below."""
    return math.log2(x) if x > 0 else _log_edge(x)


def log10(x: float) -> float:
    """Common logarithm; -inf at zeros, NaN below."""
    return math.log10(x) if x > 0 else _log_edge(x)


def _log_edge(x: float) -> float:
    return -math.inf if x == 0 else math.nan


def sqrt(x: float) -> float:
    """Square root, correctly rounded; sqrt(-0) is -0, NaN below."""
    return math.nan if x < 0 else math.sqrt(x)


def degrees(x: float) -> float:
    """Radians to degrees, correctly rounded."""
    return _scaled(x, _DEGREES_PER_RADIAN)


def radians(x: float) -> float:
    """Degrees to radians, correctly rounded."""
    return _scaled(x, 1 / _DEGREES_PER_RADIAN)


def _scaled(x: float, factor: Fraction) -> float:
    if x == 0.0 or not math.isfinite(x):
        return x
    try:
        return float(Fraction(x) * factor)
    except OverflowError:
        return math.copysign(math.inf, x)


def power(x: float, y: float) -> float:
    """``x`` raised to the power ``y``, with the special cases of C99's pow (F.9.4.4)."""
    try:
        return math.pow(x, y)
    except OverflowError:
        return -math.inf if x < 0 and _is_odd(y) else math.inf
    except ValueError:  # a zero to a negative power, or a negative number to a fractional one
        if x != 0:
            return math.nan
        return math.copysign(math.inf, x) if _is_odd(y) else math.inf


def _is_odd(y: float) -> bool:
    return math.fmod(y, 2.0) in (-1.0, 1.0)


def erfinv(x: float) -> float:
    """Solve ``erf(y) = x``; infinite at -1 and 1, NaN outside."""
    if abs(x) > 0.5:
        return math.copysign(erfcinv(1.0 - abs(x)), x)  # 1 - |x| is exact, and small without cancellation
    y = x * _HALF_ROOT_PI
    for _ in range(5):
        y -= (math.erf(y) - x) * _HALF_ROOT_PI * math.exp(y * y)
    return y


def erfcinv(x: float) -> float:
    """Solve ``erfc(y) = x``; inf at 0, -inf at 2, NaN outside [0, 2]."""
    if not 0.0 <= x <= 2.0:
        return math.nan
    if x > 1.5:
        return -erfcinv(2.0 - x)
    if x >= 0.5:
        return erfinv(1.0 - x)
    return _tail(x) if x > 0.0 else math.inf


def _tail(q: float) -> float:
    """Solve ``erfc(y) = q`` for 0 < q < 0.5 by Newton's method on the logarithm, which is concave."""
    log_q = math.log(q)
    y = math.sqrt(-log_q)
    for _ in range(12):
        tail = math.erfc(y) if y < 25.0 else 0.0  # beyond, erfc loses digits as it goes to zero
        residual = math.log(tail / q) if tail else _log_erfc(y) - log_q
        slope = tail * _HALF_ROOT_PI * math.exp(y * y) if tail else 1.0 / (2.0 * y + 1.0 / y)
        step = residual * slope
        y += step
        if abs(step) <= 1e-17 * y:
            break
    return y


def _log_erfc(y: float) -> float:
    """Logarithm of erfc for y >= 25 by its asymptotic series (DLMF 7.12.1), whose sixth term is below 1e-15."""
    term = total = 1.0
    for k in range(1, 7):
        term *= -(2 * k - 1) / (2.0 * y * y)
        total += term
    return math.log(total) - y * y - math.log(y) - _LOG_ROOT_PI


def floor(x: float) -> float:
    """Largest integer not above ``x``, as a float; infinities, NaN and the sign of zero stay."""
    return math.copysign(float(math.floor(x)), x) if math.isfinite(x) else x


def ceil(x: float) -> float:
    """Smallest integer not below ``x``, as a float; negative fractions give -0, and infinities and NaN stay."""
    return math.copysign(float(math.ceil(x)), x) if math.isfinite(x) else x


def trunc(x: float) -> float:
    """Nearest integer toward zero, as a float; the sign stays, also of zero, and infinities and NaN stay."""
    return math.copysign(float(math.trunc(x)), x) if math.isfinite(x) else x


def rint(x: float) -> float:
    """Nearest integer, halves to even, as a float; the sign stays, also of zero, and infinities and NaN stay."""
    return math.copysign(float(round(x)), x) if math.isfinite(x) else x


def round_away(x: float) -> float:
    """Nearest integer, halves away from zero, as a float; the sign stays, also of zero, and infinities and NaN stay."""
    if not math.isfinite(x):
        return x
    whole = math.trunc(x)
    return math.copysign(float(abs(whole) + (abs(x - whole) >= 0.5)), x)
