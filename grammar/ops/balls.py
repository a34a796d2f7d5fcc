"""Balls: values with a bound, and the arithmetic of formulas over them.

A :class:`Ball` is a value and how far from it any engine may come. Written with plain operators, a formula over balls
bounds itself: each step holds every number that it may have for any operands in their balls, whether it is rounded to
the type, fused with the next one or neither, as long as an engine evaluates the same terms. :func:`bounded_by` makes
the ``spread`` of an operation of such a formula.

Values and radii are scalars, or arrays of many of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from grammar.ops.arrays import as_float64, on_arrays, with_arrays
from grammar.ops.components import leaves, over
from grammar.ops.floats import LARGEST, float_type, smallest

Values = Sequence[Any]
Radii = Sequence[float]
Spread = Callable[[Values, Values, Any], Any]
ScalarSpread = Callable[[Values, Radii, Any], float]

#: Covers the roundings of what computes a radius: a few of float64 (2**-53 each), and exponentials of up to 750, whose
#: argument's rounding counts 750-fold (less than 2**-43).
OUTWARD = 1.0 + 2.0**-40

#: Covers what underflow may have lost: a few halves of the smallest float64.
TINY = 2.0**-1072

#: The radius of a zero whose sign is open: -0.0 and +0.0 are right, and nothing else. It is told by its identity, since
#: a radius that was computed may be as small.
EITHER_ZERO = math.ulp(0.0)


@dataclass(slots=True)
class Ball:
    """A value, and the largest distance from it: no engine may be farther off. A ball never changes.

    Attributes:
        value: A scalar, or a tuple of a vector's or matrix's components.
        radius: In the shape of the value; the int 0 says that all of it is exact.
        origin: What the ball was computed of, while a reverse mode tapes that; None at all other times.
        kind: Within a formula, whose values are float64, the NumPy type that each step is rounded to.
    """

    value: Any
    radius: Any = 0
    origin: Any = None
    kind: Any = None

    def _step(self, value: Any, radius: Any) -> Ball:
        """Add the rounding of a step, in the type and in the float64 of the value; no bound where it may overflow."""
        unit, least = _rounding(self.kind)
        reach = (radius + unit * (abs(value) + radius) + least) * OUTWARD + TINY
        return Ball(value, chosen(abs(value) + reach <= LARGEST[self.kind], reach, math.inf), None, self.kind)

    def _ball(self, other: Any) -> Ball:
        return other if isinstance(other, Ball) else Ball(other, 0.0, None, self.kind)

    def __add__(self, other: Any) -> Ball:
        other = self._ball(other)
        return self._step(self.value + other.value, self.radius + other.radius)

    def __sub__(self, other: Any) -> Ball:
        other = self._ball(other)
        return self._step(self.value - other.value, self.radius + other.radius)

    def __mul__(self, other: Any) -> Ball:
        other = self._ball(other)
        return self._step(self.value * other.value, of_product(self.value, other.value, self.radius, other.radius))

    def __truediv__(self, other: Any) -> Ball:
        other = self._ball(other)
        radius = of_quotient(self.value, other.value, self.radius, other.radius)
        if isinstance(radius, np.ndarray):
            return self._step(np.where(radius < math.inf, self.value / other.value, math.nan), radius)
        return self._step(self.value / other.value if radius < math.inf else math.nan, radius)

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: float) -> Ball:
        return self._ball(other) - self

    def __rtruediv__(self, other: float) -> Ball:
        return self._ball(other) / self

    def sqrt(self) -> Ball:
        """Enclose the square root of a number that is never negative, however it was rounded."""
        root, x, r = math.sqrt(self.value), self.value, self.radius
        return self._step(root, of_root(x, r) if x >= r else max(root, math.sqrt(x + r) - root))

    def clamped(self, low: float, high: float) -> Ball:
        """Enclose ``min(max(self, low), high)``."""
        outside = max(low - self.value, self.value - high, 0.0)
        radius = max(self.radius - outside / OUTWARD, 0.0) * OUTWARD
        return Ball(min(max(self.value, low), high), radius, None, self.kind)

    def rounded(self, kind: type[np.floating[Any]]) -> Ball:
        """Enclose what a conversion to another type makes of it."""
        return Ball(self.value, self.radius, None, kind)._step(self.value, self.radius)

    def around(self, value: Any) -> Any:
        """Compute the radius around ``value`` that holds this ball; infinite where that is not a finite number."""
        return _within((abs(self.value - as_float64(value)) + self.radius) * OUTWARD, value)


def operand(value: Any, radius: Any) -> Any:
    """Make the ball of an operand of a formula, or tuples of those of its components.

    Each step that takes it is rounded to its float type.
    """
    if isinstance(value, tuple):
        return tuple(map(operand, value, radius))
    return Ball(as_float64(value), radius, None, float_type(value))


@cache
def _rounding(kind: Any) -> tuple[float, float]:
    """Largest relative change, and what underflow adds, when a number and its approximation in float64 are rounded."""
    return float(np.finfo(kind).eps) / 2 + 2.0**-53, smallest(kind) / 2 + smallest(np.float64)


def chosen(condition: Any, yes: Any, no: Any) -> Any:
    """Choose by a condition, or by each of an array of them."""
    if isinstance(condition, np.ndarray):
        return np.where(condition, yes, no)
    return yes if condition else no


def outward(radius: Any, value: Any) -> Any:
    """Round a radius outward; infinite where the ball around a finite ``value`` reaches beyond its type's largest."""
    return _within(radius * OUTWARD + TINY, value)


def _within(radius: Any, value: Any) -> Any:
    if isinstance(value, np.ndarray) or isinstance(radius, np.ndarray):  # lanes with one value may differ in radius
        return np.where(abs(as_float64(value)) + radius <= LARGEST[float_type(value)], radius, math.inf)
    return radius if abs(float(value)) + radius <= LARGEST[type(value)] else math.inf


# Radii of the arithmetic, before they are rounded


def of_sum(a: Any, b: Any, ra: Any, rb: Any) -> Any:
    """Radius of a sum or a difference of two balls."""
    return ra + rb


def of_product(a: Any, b: Any, ra: Any, rb: Any) -> Any:
    """Radius of a product of two balls."""
    return abs(a) * rb + (abs(b) + rb) * ra


def of_quotient(a: Any, b: Any, ra: Any, rb: Any) -> Any:
    """Radius of a quotient of two balls; infinite where the divisor's ball holds zero."""
    least = abs(b) - rb
    if isinstance(least, np.ndarray):
        shrinking = np.where(np.not_equal(rb, 0.0), np.maximum(rb / np.abs(b), 2.0**-900), 0.0)
        return np.where(least > 0.0, ra / least + (abs(a) / least) * shrinking, math.inf)
    if not least > 0.0:
        return math.inf
    shrunk = max(rb / abs(b), 2.0**-900) if rb else 0.0  # 2**-900 covers an underflow, which the factor would magnify
    return ra / least + (abs(a) / least) * shrunk


def of_root(x: float, r: float) -> float:
    """Radius of the square root of a ball without negative numbers."""
    return r / (math.sqrt(x) + math.sqrt(x - r)) if r else 0.0


for _radius in (of_sum, of_product, of_quotient):
    with_arrays(_radius)


# Spreads


def is_finite(*values: Any) -> bool:
    """Say whether all scalars of some values, or radii, are finite."""
    return all(is_finite(*value) if isinstance(value, tuple) else math.isfinite(value) for value in values)


def nan_decides(values: Values, radii: Values) -> float:
    """Radius where an operand is not finite: 0 if one is NaN, which decides the value."""
    decided = any(map(math.isnan, leaves(tuple(values)))) and is_finite(*radii)
    return 0.0 if decided else math.inf


def infinities_decide(values: Values, radii: Values) -> float:
    """Radius where an operand is not finite: 0 also if all are exact, since no order of evaluation matters."""
    return nan_decides(values, radii) if any(leaves(tuple(radii))) else 0.0


def bounded_by(formula: Callable[..., Any], special: Callable[[Values, Values], float] = nan_decides) -> Spread:
    """Make the spread of an operation from a formula over the balls of its operands.

    The formula gives a ball, or one for each component. ``special`` gives the radius of all where some operand is not
    finite, for which there are no balls.
    """

    def spread(values: Values, radii: Values, value: Any) -> Any:
        if not is_finite(*values, *radii):
            return over(lambda _: special(values, radii), value)
        found = formula(*map(operand, values, radii))
        return found.around(value) if isinstance(found, Ball) else tuple(map(Ball.around, found, value))

    def for_many(values: Values, radii: Values, value: Any) -> Any:
        found = formula(*map(operand, values, radii)).around(value)
        return np.where(np.logical_and.reduce([np.isfinite(x) for x in values]), found, math.nan)

    return with_arrays(spread, for_many) if on_arrays(formula) else spread
