"""How radii of the operands become a radius of the value: the building blocks that the tables name as ``spread``.

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
from fractions import Fraction
from typing import Any

import numpy as np

from grammar.ops import elementary
from grammar.ops.arrays import as_float64, is_integral, on_arrays, with_arrays
from grammar.types import FLOATS

Scalars = Sequence[Any]
Radii = Sequence[float]
Spread = Callable[[Scalars, Radii, Any], float]

#: Covers the roundings of the formulas below: a few of float64 (2**-53 each), and exponentials of up to 750, whose
#: argument's rounding counts 750-fold (less than 2**-43).
OUTWARD = 1.0 + 2.0**-40

#: Covers what underflow may have lost: a few halves of the smallest float64.
TINY = 2.0**-1072

#: The radius of a zero whose sign is open: -0.0 and +0.0 are right, and nothing else. It is told by its identity, since
#: a radius that was computed may be as small.
EITHER_ZERO = math.ulp(0.0)

LARGEST = {float: float(np.finfo(np.float64).max)} | {s.dtype.type: float(np.finfo(s.dtype).max) for s in FLOATS}


def outward(radius: float, value: Any) -> float:
    """Round a radius outward; infinite where the ball around a finite ``value`` reaches beyond its type's largest."""
    radius = radius * OUTWARD + TINY
    return radius if abs(float(value)) + radius <= LARGEST[type(value)] else math.inf


def of_formula(radius: Callable[..., float], for_arrays: Callable[..., Any] | None = None) -> Spread:
    """Make a spread of a formula for finite values: it takes the operands as Python floats, then their radii.

    ``for_arrays`` is the same formula for arrays of float64; without it they are taken operand by operand.
    """

    def spread(values: Scalars, radii: Radii, value: Any) -> float:
        if not math.isfinite(value):
            return _not_finite(values, radii, value)
        if math.inf in radii:
            return math.inf
        return outward(radius(*map(float, values), *radii), value)

    def for_many(values: Scalars, radii: Radii, value: Any) -> Any:
        operands = [*map(as_float64, values), *radii]
        finite = np.isfinite(value)
        found = for_arrays(*operands) if for_arrays else _one_by_one(radius, operands, finite, radii)
        return np.where(finite, outward_on_arrays(found, value), math.nan)

    return with_arrays(spread, for_many)


def _one_by_one(radius: Callable[..., float], operands: Sequence[Any], finite: Any, radii: Radii) -> Any:
    """Call a formula where a single operand would: for a finite value, with some radius that is not 0."""
    wanted = functools.reduce(np.logical_or, (np.not_equal(r, 0.0) for r in radii)) & finite
    columns = (np.broadcast_to(operand, wanted.shape)[wanted].tolist() for operand in operands)
    found = np.zeros(wanted.shape)
    found[wanted] = [radius(*column) for column in zip(*columns, strict=True)]
    return found


def outward_on_arrays(radius: Any, value: Any) -> Any:
    """Do for arrays what :func:`outward` does."""
    radius = radius * OUTWARD + TINY
    return np.where(np.abs(value.astype(np.float64)) + radius <= LARGEST[value.dtype.type], radius, math.inf)


def _not_finite(values: Scalars, radii: Radii, value: Any) -> float:
    """0 for a NaN that some operand, itself NaN, forces; no bound for other NaNs and for infinities."""
    return 0.0 if math.isnan(value) and any(map(math.isnan, values)) and math.inf not in radii else math.inf


# Outcomes that are decided or not


def unaffected(values: Scalars, radii: Radii, value: Any) -> float:
    """0: the value is made of integers, or says what no point of a finite ball changes (isnan)."""
    return math.inf if math.inf in radii else 0.0


def decided(values: Scalars, radii: Radii, value: Any) -> float:
    """0 if the balls of the two operands are disjoint, so that every comparison of them is decided; else infinite."""
    a, b = values
    if math.inf in radii:
        return math.inf
    if not math.isfinite(a) or not math.isfinite(b):
        return 0.0
    distance = abs(_exact(a) - _exact(b))
    return 0.0 if distance > _exact(radii[0]) + _exact(radii[1]) else math.inf


def _clearly_decided(values: Scalars, radii: Radii, value: Any) -> Any:
    """Do for arrays what :func:`decided` does, where the rounding of a float64 makes no difference."""
    if any(map(is_integral, values)):
        return np.full(np.shape(value), math.nan)
    a, b = map(as_float64, values)
    apart = np.abs(a - b) > (radii[0] + radii[1]) * OUTWARD + TINY
    return np.where(apart & np.isfinite(a) & np.isfinite(b), 0.0, math.nan)


with_arrays(decided, _clearly_decided)


def _exact(x: Any) -> Fraction:
    return Fraction(x) if isinstance(x, int) else Fraction(float(x))


def away_from_zero(values: Scalars, radii: Radii, value: Any) -> float:
    """0 if the ball of the only operand does not contain zero, so that its sign is decided; else infinite."""
    return 0.0 if abs(float(values[0])) > radii[0] else math.inf


def stepwise(step: Callable[[float], float]) -> Spread:
    """Make the spread of a monotone step function of one operand: 0 where it is constant in the ball, else infinite."""

    def spread(values: Scalars, radii: Radii, value: Any) -> float:
        return _constant(step, float(values[0]), radii[0])

    return spread


def _constant(step: Callable[[float], float], x: float, r: float) -> float:
    if not r < math.inf:
        return math.inf
    low, high = step(math.nextafter(x - r, -math.inf)), step(math.nextafter(x + r, math.inf))
    if low != high:
        return math.inf
    return 0.0 if math.copysign(1.0, low) == math.copysign(1.0, high) else EITHER_ZERO


def frac_spread(values: Scalars, radii: Radii, value: Any) -> float:
    """Spread of ``x - trunc(x)``: the radius of x where no integer other than zero lies in its ball."""
    return max(radii[0], _constant(elementary.trunc, float(values[0]), radii[0]))


def select(values: Sequence[Any], radii: Sequence[Any], value: Any) -> Any:
    """Give the radius of the operand that the first one, a bool, selects; operands may be vectors and matrices."""
    return radii[1] if values[0] else radii[2]


def lowest(values: Scalars, radii: Radii, value: Any) -> float:
    """Spread of the minimum of any number of operands: the widest radius of those that may be the minimum."""
    return _widest([float(x) for x in values], radii) or _of_zeros(values, value)


def highest(values: Scalars, radii: Radii, value: Any) -> float:
    """Spread of the maximum of any number of operands: the widest radius of those that may be the maximum."""
    return _widest([-float(x) for x in values], radii) or _of_zeros(values, value)


def _widest(values: Sequence[float], radii: Radii) -> float:
    if not any(radii):
        return 0.0
    balls = list(zip(values, radii, strict=True))
    return max(r for x, r in balls if not any(x - y > (r + s) * OUTWARD for y, s in balls))


def _of_zeros(values: Scalars, value: Any) -> float:
    """Radius of a selected operand: zeros of both signs compare equal, so either may be selected."""
    return 0.0 if value != 0 or len({math.copysign(1.0, x) for x in values if x == 0}) < 2 else EITHER_ZERO


def clamp_spread(values: Scalars, radii: Radii, value: Any) -> float:
    """Spread of ``min(max(low, x), high)`` for the operands x, low, high."""
    x, low, high = values
    lower = np.fmax(low, x)
    return lowest((lower, high), (highest((low, x), (radii[1], radii[0]), lower), radii[2]), value)


def copysign_spread(values: Scalars, radii: Radii, value: Any) -> float:
    """Spread of copysign: the radius of the magnitude, if the other operand's sign is decided."""
    return radii[0] if radii[1] == 0.0 or abs(float(values[1])) > radii[1] else math.inf


# Arithmetic


def add_spread(values: Scalars, radii: Radii, value: Any) -> float:
    """Spread of a sum or a difference: the sum of the radii."""
    if math.isinf(value):  # operands of finite sums that overflow do not cancel; quarters of them do not overflow
        return _overflow(sum(abs(float(x)) / 4 - r / 4 for x, r in zip(values, radii, strict=True)), 4.0, value)
    return _sum(values, radii, value)


def _summed(a: Any, b: Any, ra: Any, rb: Any) -> Any:
    return ra + rb


_sum = of_formula(_summed, _summed)
with_arrays(add_spread, on_arrays(_sum))


def _overflow(smallest: float, parts: float, value: Any) -> float:
    """0 if ``parts`` times the smallest magnitude in the ball overflows too (is infinite); else no bound."""
    return 0.0 if smallest > LARGEST[type(value)] / parts * OUTWARD else math.inf


def mul_spread(values: Scalars, radii: Radii, value: Any) -> float:
    """Spread of a product: ``|a| rb + |b| ra + ra rb``."""
    if math.isinf(value):
        a, b = (max(abs(float(x)) - r, 0.0) for x, r in zip(values, radii, strict=True))
        return _overflow(a * 2.0**-20 * b, 2.0**20, value)
    return _product(values, radii, value)


def _multiplied(a: Any, b: Any, ra: Any, rb: Any) -> Any:
    return abs(a) * rb + (abs(b) + rb) * ra


_product = of_formula(_multiplied, _multiplied)
with_arrays(mul_spread, on_arrays(_product))


def div_spread(values: Scalars, radii: Radii, value: Any) -> float:
    """Spread of a quotient: ``(ra + |a/b| rb) / (|b| - rb)``; no bound where the divisor may be zero or not."""
    if math.isinf(value):
        a, b = (abs(float(x)) for x in values)
        a -= radii[0]
        if b <= radii[1] or a <= 0.0:
            return 0.0 if b == radii[1] == 0.0 < a else math.inf
        return _overflow(a * 2.0**-20 / (b + radii[1]), 2.0**20, value)
    return _ratio(values, radii, value)


def quotient(a: float, b: float, ra: float, rb: float) -> float:
    """Radius of a quotient of two balls, not rounded; infinite where the divisor's ball holds zero."""
    least = abs(b) - rb
    if not least > 0.0:
        return math.inf
    shrunk = max(rb / abs(b), 2.0**-900) if rb else 0.0  # 2**-900 covers an underflow, which the factor would magnify
    return ra / least + (abs(a) / least) * shrunk


def quotients(a: Any, b: Any, ra: Any, rb: Any) -> Any:
    """Do for arrays what :func:`quotient` does."""
    least = np.abs(b) - rb
    shrunk = np.where(np.not_equal(rb, 0.0), np.maximum(rb / np.abs(b), 2.0**-900), 0.0)
    return np.where(least > 0.0, ra / least + (np.abs(a) / least) * shrunk, math.inf)


_ratio = of_formula(quotient, quotients)
with_arrays(div_spread, on_arrays(_ratio))


def mod_spread(values: Scalars, radii: Radii, value: Any) -> float:
    """Spread of ``x - trunc(x/y) y``: ``rx + |trunc(x/y)| ry`` where the truncated quotient is decided."""
    return _mod(values, radii, value)


def _remainder(x: float, y: float, rx: float, ry: float) -> float:
    remainder = math.fmod(x, y)
    steps = abs(x - remainder) / abs(y)
    reach = (rx + steps * ry) * OUTWARD
    same_step = abs(y) - abs(remainder) > (reach + ry) * OUTWARD
    return reach if same_step and (steps == 0.0 or abs(remainder) > reach) else math.inf


_mod = of_formula(_remainder)


def floordiv_spread(values: Scalars, radii: Radii, value: Any) -> float:
    """0 where the floor of the quotient, before or after its rounding to the type, is the same for all operands."""
    a, b = map(float, values)
    if not math.isfinite(value) or not math.isfinite(b):
        return _not_finite(values, radii, value)
    ratio = a / b
    rounding = float(np.finfo(type(value)).eps) * abs(ratio)
    return _constant(elementary.floor, ratio, (quotient(a, b, *radii) + rounding) * OUTWARD + TINY)


# Functions of one operand


def sloped(slope: Callable[[float, float], float], width: float = math.inf) -> Spread:
    """Make the spread of a function from a bound ``slope(x, r)`` of its slope in the ball; ``width``: of its range."""
    return of_formula(lambda x, r: min(r * slope(x, r), width))


def lipschitz(slope: float) -> Spread:
    """Make the spread of a function of one operand whose slope is at most a constant."""
    return of_formula(lambda x, r: r * slope, lambda x, r: r * slope)


def _pole(distance: float, r: float) -> float:
    """Give the distance of the ball from a pole; NaN, which makes every radius infinite, where it is not well away."""
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


def _root(x: float, r: float) -> float:
    return 1.0 / (math.sqrt(x) + math.sqrt(x - r)) if x >= r else math.nan


def _cube_root(x: float, r: float) -> float:
    """Radius of cbrt: across zero, at most that of -r/2 and r/2; elsewhere by its slope."""
    near = _pole(abs(x), r)
    across = 1.5875 * math.cbrt(r)  # 2**(2/3)
    return across if not near > 0.0 else min(across, r / (3.0 * math.cbrt(near) ** 2))


def _tangent(x: float, r: float) -> float:
    """Slope of the chord: ``sin(d) / (d cos(x) cos(x + d))``, and cos changes by at most r."""
    at_centre = abs(math.cos(x))
    return 1.0 / (at_centre * _pole(at_centre, r))


sin_spread = cos_spread = of_formula(lambda x, r: min(r, 2.0), lambda x, r: np.minimum(r, 2.0))
tan_spread = sloped(_tangent)
asin_spread = acos_spread = of_formula(_arc)
atan_spread = of_formula(_arctangent)
sinh_spread = sloped(lambda x, r: elementary.cosh(abs(x) + r))
cosh_spread = sloped(lambda x, r: elementary.sinh(abs(x) + r))
tanh_spread = sloped(lambda x, r: 1.0 / _square(min(elementary.cosh(_nearest(x, r)), 1e150)), width=2.0)
exp_spread = sloped(lambda x, r: elementary.exp(x + r))
log_spread = sloped(lambda x, r: 1.0 / _pole(x, r))
log2_spread = sloped(lambda x, r: 1.0 / math.log(2.0) / _pole(x, r))
log10_spread = sloped(lambda x, r: 1.0 / math.log(10.0) / _pole(x, r))
sqrt_spread = sloped(_root)
cbrt_spread = of_formula(_cube_root)
erf_spread = erfc_spread = sloped(_gauss, width=2.0)
erfinv_spread = sloped(lambda x, r: _inverse_tail(1.0 - abs(x), r))
erfcinv_spread = sloped(lambda x, r: _inverse_tail(min(x, 2.0 - x), r))


# Functions of two operands


def _power(x: float, y: float, rx: float, ry: float) -> float:
    """Radius of ``x**y`` from the change of its logarithm; near zero, from its size."""
    whole = ry == 0.0 and y.is_integer()
    if 2.0 * rx <= abs(x) and (x > 0.0 or (whole and x < 0.0)):
        size = max(elementary.power(abs(x), y), 2.0**-1022)
        stretch = -math.log1p(-rx / abs(x))
        return size * elementary.expm1((abs(y) + ry) * stretch + abs(math.log(abs(x))) * ry)
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
