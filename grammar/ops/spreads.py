"""How radii of the operands become a radius of the value: the operations whose spread is no formula over balls.

A spread takes ``(values, radii, value)`` and gives the largest distance between ``value`` (before its own rounding) and
what the operation gives for any operands in their balls; it is rounded outward. The rounding of the operation itself is
added by the caller. ``math.inf`` means that no bound exists: there is a jump or a pole within the ball (a *fragile
decision*), or it may overflow. Radii are Python floats; ints, bools, infinities and NaNs have radius 0. A radius of 0
promises the same bits, the sign of zero included. The caller asks only where some radius is not 0, or where the
operation leaves something open.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grammar.ops import elementary
from grammar.ops.arrays import as_float64, on_arrays, with_arrays
from grammar.ops.balls import OUTWARD, Radii, ScalarSpread, Values, of_product, of_quotient, of_root, of_sum, outward
from grammar.ops.floats import LARGEST


def of_formula(radius: Callable[..., Any]) -> ScalarSpread:
    """Make a spread of a formula for finite values: it takes the operands as Python floats, then their radii.

    What has no counterpart on arrays takes them operand by operand.
    """

    def spread(values: Values, radii: Radii, value: Any) -> float:
        if not math.isfinite(value):
            return not_finite(values, radii, value)
        if math.inf in radii:
            return math.inf
        return float(outward(radius(*map(float, values), *radii), value))

    def for_many(values: Values, radii: Radii, value: Any) -> Any:
        operands, many = [*map(as_float64, values), *radii], on_arrays(radius)
        finite = np.isfinite(value)
        found = many(*operands) if many else _one_by_one(radius, operands, finite, radii)
        return np.where(finite, outward(found, value), math.nan)

    return with_arrays(spread, for_many)


def _one_by_one(radius: Callable[..., float], operands: Sequence[Any], finite: Any, radii: Radii) -> Any:
    """Call a formula where a single operand would: for a finite value, with some radius that is not 0."""
    wanted = functools.reduce(np.logical_or, (np.not_equal(r, 0.0) for r in radii)) & finite
    columns = (np.broadcast_to(operand, wanted.shape)[wanted].tolist() for operand in operands)
    found = np.zeros(wanted.shape)
    found[wanted] = [radius(*column) for column in zip(*columns, strict=True)]
    return found


def not_finite(values: Values, radii: Radii, value: Any) -> float:
    """0 for a NaN that some operand, itself NaN, forces; no bound for other NaNs and for infinities."""
    return 0.0 if math.isnan(value) and any(map(math.isnan, values)) and math.inf not in radii else math.inf


# Arithmetic


SHARE = 2.0**-20
"""Keeps sums, products and quotients that are compared with the largest float64 below it."""


def with_overflow(finite: ScalarSpread, overflows: Callable[..., bool]) -> ScalarSpread:
    """Complete a spread by 0 where the whole ball overflows, as the infinite value did.

    ``overflows`` takes the magnitudes of the operands, their radii, and :data:`SHARE` of the type's largest number.
    """

    def spread(values: Values, radii: Radii, value: Any) -> float:
        if not math.isinf(value):
            return finite(values, radii, value)
        sizes = (abs(float(x)) for x in values)
        return 0.0 if overflows(*sizes, *radii, LARGEST[type(value)] * SHARE * OUTWARD) else math.inf

    return with_arrays(spread, on_arrays(finite))


def _too_large_a_product(a: float, b: float, ra: float, rb: float, limit: float) -> bool:
    return max(a - ra, 0.0) * SHARE * max(b - rb, 0.0) > limit


def _too_large_a_quotient(a: float, b: float, ra: float, rb: float, limit: float) -> bool:
    if b <= rb or a <= ra:
        return b == rb == 0.0 and a > ra
    return (a - ra) * SHARE / (b + rb) > limit


def _too_large_a_sum(a: float, b: float, ra: float, rb: float, limit: float) -> bool:
    return (a * SHARE - ra * SHARE) + (b * SHARE - rb * SHARE) > limit  # such operands of finite size do not cancel


add_spread = with_overflow(of_formula(of_sum), _too_large_a_sum)
mul_spread = with_overflow(of_formula(of_product), _too_large_a_product)
div_spread = with_overflow(of_formula(of_quotient), _too_large_a_quotient)


# Functions of one operand


def sloped(slope: Callable[[float, float], float], width: float = math.inf) -> ScalarSpread:
    """Make the spread of a function from a bound ``slope(x, r)`` of its slope in the ball; ``width``: of its range."""
    return of_formula(lambda x, r: min(r * slope(x, r), width))


def lipschitz(slope: float) -> ScalarSpread:
    """Make the spread of a function of one operand whose slope is at most a constant."""
    return of_formula(with_arrays(lambda x, r: r * slope))


def _pole(distance: float, r: float) -> float:
    """Distance of the ball from a pole; NaN, which makes every radius infinite, where it is not well away."""
    return distance - r if 2.0 * r <= distance else math.nan


def _nearest(x: float, r: float) -> float:
    return max(abs(x) - r, 0.0)


def _square(x: float) -> float:
    return x * x  # infinite where ``**`` raises


def _arc(x: float, r: float) -> float:
    """Radius of asin and acos: they are steepest at 1, so no ball spreads more than one that ends there."""
    r = max(r - max(abs(x) - 1.0, 0.0) / OUTWARD, 0.0)  # the part of the ball beyond 1 is clamped
    inside = _pole(1.0 - abs(x), r)
    steep = 2.0 * math.asin(math.sqrt(min(r, 2.0) / 2.0))
    return steep if math.isnan(inside) else min(steep, r / math.sqrt(inside * (2.0 - inside)))


_HALF_ROOT_PI = math.sqrt(math.pi) / 2


def _inverse_tail(tail: float, r: float) -> float:
    """Slope of the inverse of erfc: the reciprocal of erfc's slope at the end of the ball that lies farthest out."""
    return _HALF_ROOT_PI * elementary.exp(_square(elementary.erfcinv(_pole(tail, r))))


def _gauss(x: float, r: float) -> float:
    return math.exp(-_square(_nearest(x, r))) / _HALF_ROOT_PI


def _arctangent(x: float, r: float) -> float:
    secant = math.hypot(1.0, _nearest(x, r))
    return min(r / secant / secant, math.pi)


def _cube_root(x: float, r: float) -> float:
    """Radius of cbrt: across zero, at most that of -r/2 and r/2; elsewhere by its slope."""
    near = _pole(abs(x), r)
    across = 1.5875 * math.cbrt(r)  # 2**(2/3)
    return across if not near > 0.0 else min(across, r / (3.0 * math.cbrt(near) ** 2))


def _logarithm(x: float, r: float) -> float:
    """Radius of log, which is steepest at the end of the ball that lies nearest to zero."""
    return -math.log1p(-r / x) if 2.0 * r <= x else math.inf


def _tangent(x: float, r: float) -> float:
    """Slope of the chord: ``sin(d) / (d cos(x) cos(x + d))``, and cos changes by at most r."""
    at_centre = abs(math.cos(x))
    return 1.0 / (at_centre * _pole(at_centre, r))


sin_spread = cos_spread = of_formula(with_arrays(lambda x, r: np.minimum(r, 2.0)))
tan_spread = sloped(_tangent)
asin_spread = acos_spread = of_formula(_arc)
atan_spread = of_formula(_arctangent)
sinh_spread = sloped(lambda x, r: elementary.cosh(abs(x) + r))
cosh_spread = sloped(lambda x, r: elementary.sinh(abs(x) + r))
tanh_spread = sloped(lambda x, r: 1.0 / _square(min(elementary.cosh(_nearest(x, r)), 1e150)), width=2.0)
exp_spread = of_formula(lambda x, r: elementary.exp(x + r) * -math.expm1(-r))
log_spread = of_formula(_logarithm)
log2_spread = of_formula(lambda x, r: _logarithm(x, r) / math.log(2.0))
log10_spread = of_formula(lambda x, r: _logarithm(x, r) / math.log(10.0))
sqrt_spread = of_formula(lambda x, r: of_root(x, r) if x >= r else math.nan)
cbrt_spread = of_formula(_cube_root)
erf_spread = erfc_spread = sloped(_gauss, width=2.0)
erfinv_spread = sloped(lambda x, r: _inverse_tail(1.0 - abs(x), r))
erfcinv_spread = sloped(lambda x, r: _inverse_tail(min(x, 2.0 - x), r))


# Functions of two operands


def _power(x: float, y: float, rx: float, ry: float) -> float:
    """Radius of ``x**y``, which is ``exp(y log x)``; near zero, from its size."""
    whole = ry == 0.0 and y.is_integer()
    if 2.0 * rx <= abs(x) and (x > 0.0 or (whole and x < 0.0)):
        size = max(elementary.power(abs(x), y), 2.0**-1022)
        return size * elementary.expm1(of_product(y, math.log(abs(x)), ry, _logarithm(abs(x), rx)))
    if ry == 0.0 < y and (whole or x >= rx):
        return 2.0 * elementary.power(abs(x) + rx, y)
    return math.inf


pow_spread = of_formula(_power)


def _angle(y: float, x: float, ry: float, rx: float) -> float:
    """Radius of atan2: how wide the ball looks from the origin, unless it holds the cut along the negative x axis."""
    on_cut = x < rx and abs(y) <= ry and ry > 0.0
    distance = max(abs(x), abs(y))
    reach = math.hypot(rx, ry)
    if on_cut or not reach < distance:
        return math.inf
    return math.asin(reach / distance) if 2.0 * reach < distance else math.pi / 2


atan2_spread = of_formula(_angle)
