"""Spreads of operations that decide: 0 where every point of the ball decides alike, and no bound elsewhere."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from grammar.ops import elementary
from grammar.ops.arrays import as_float64, is_integral, with_arrays
from grammar.ops.balls import EITHER_ZERO, OUTWARD, TINY, Radii, ScalarSpread, Values, of_quotient
from grammar.ops.components import leaves
from grammar.ops.spreads import not_finite, of_formula


def unaffected(values: Values, radii: Radii, value: Any) -> float:
    """0: the value is made of integers, or says what no point of a finite ball changes (isnan)."""
    return math.inf if math.inf in radii else 0.0


def decided(values: Values, radii: Radii, value: Any) -> float:
    """0 if the balls of the two operands are disjoint, so that every comparison of them is decided; else infinite."""
    a, b = values
    if math.inf in radii:
        return math.inf
    if not math.isfinite(a) or not math.isfinite(b):
        return 0.0
    distance = abs(_exact(a) - _exact(b))
    return 0.0 if distance > _exact(radii[0]) + _exact(radii[1]) else math.inf


def _clearly_decided(values: Values, radii: Radii, value: Any) -> Any:
    """Do for arrays what :func:`decided` does, where the rounding of a float64 makes no difference."""
    if any(map(is_integral, values)):
        return np.full(np.shape(value), math.nan)
    a, b = map(as_float64, values)
    apart = np.abs(a - b) > (radii[0] + radii[1]) * OUTWARD + TINY
    return np.where(apart & np.isfinite(a) & np.isfinite(b), 0.0, math.nan)


with_arrays(decided, _clearly_decided)


def _exact(x: Any) -> Fraction:
    return Fraction(x) if isinstance(x, int) else Fraction(float(x))


def away_from_zero(values: Values, radii: Radii, value: Any) -> float:
    """0 if the ball of the only operand does not contain zero, so that its sign is decided; else infinite."""
    return 0.0 if abs(float(values[0])) > radii[0] else math.inf


def stepwise(step: Callable[[float], float]) -> ScalarSpread:
    """Make the spread of a monotone step function of one operand: 0 where it is constant in the ball, else infinite."""

    def spread(values: Values, radii: Radii, value: Any) -> float:
        return _constant(step, float(values[0]), radii[0])

    return spread


def _constant(step: Callable[[float], float], x: float, r: float) -> float:
    if not r < math.inf:
        return math.inf
    low, high = step(math.nextafter(x - r, -math.inf)), step(math.nextafter(x + r, math.inf))
    if low != high:
        return math.inf
    return 0.0 if math.copysign(1.0, low) == math.copysign(1.0, high) else EITHER_ZERO


def frac_spread(values: Values, radii: Radii, value: Any) -> float:
    """Spread of ``x - trunc(x)``: the radius of x where no integer other than zero lies in its ball."""
    return max(radii[0], _constant(elementary.trunc, float(values[0]), radii[0]))


def select(values: Sequence[Any], radii: Sequence[Any], value: Any) -> Any:
    """Spread of a choice: the radius of the operand, of any type, that the first one, a bool, selects."""
    return radii[1] if values[0] else radii[2]


def lowest(values: Values, radii: Radii, value: Any) -> float:
    """Spread of the minimum of any number of operands: the widest radius of those that may be the minimum."""
    return _widest([float(x) for x in values], radii) or _of_zeros(values, value)


def highest(values: Values, radii: Radii, value: Any) -> float:
    """Spread of the maximum of any number of operands: the widest radius of those that may be the maximum."""
    return _widest([-float(x) for x in values], radii) or _of_zeros(values, value)


def _widest(values: Sequence[float], radii: Radii) -> float:
    if not any(radii):
        return 0.0
    balls = list(zip(values, radii, strict=True))
    return max(r for x, r in balls if not any(x - y > (r + s) * OUTWARD for y, s in balls))


def _of_zeros(values: Values, value: Any) -> float:
    """Radius of a selected operand: zeros of both signs compare equal, so either may be selected."""
    return 0.0 if value != 0 or len({math.copysign(1.0, x) for x in values if x == 0}) < 2 else EITHER_ZERO


def clamp_spread(values: Values, radii: Radii, value: Any) -> float:
    """Spread of ``min(max(low, x), high)`` for the operands x, low, high."""
    x, low, high = values
    lower = np.fmax(low, x)
    return lowest((lower, high), (highest((low, x), (radii[1], radii[0]), lower), radii[2]), value)


def copysign_spread(values: Values, radii: Radii, value: Any) -> float:
    """Spread of copysign: the radius of the magnitude, if the other operand's sign is decided."""
    return radii[0] if radii[1] == 0.0 or abs(float(values[1])) > radii[1] else math.inf


def _remainder(x: float, y: float, rx: float, ry: float) -> float:
    """Radius of ``x - trunc(x/y) y``: ``rx + |trunc(x/y)| ry`` where the truncated quotient is decided."""
    remainder = math.fmod(x, y)
    steps = abs(x - remainder) / abs(y)
    reach = (rx + steps * ry) * OUTWARD
    same_step = abs(y) - abs(remainder) > (reach + ry) * OUTWARD
    return reach if same_step and (steps == 0.0 or abs(remainder) > reach) else math.inf


mod_spread = of_formula(_remainder)


def floordiv_spread(values: Values, radii: Radii, value: Any) -> float:
    """0 where the floor of the quotient, before or after its rounding to the type, is the same for all operands."""
    a, b = map(float, values)
    if not math.isfinite(value) or not math.isfinite(b):
        return not_finite(values, radii, value)
    ratio = a / b
    rounding = float(np.finfo(type(value)).eps) * abs(ratio)
    return _constant(elementary.floor, ratio, (of_quotient(a, b, *radii) + rounding) * OUTWARD + TINY)


# Vectors


def equality_spread(values: Values, radii: Values, value: Any) -> float:
    """0 where some component differs for certain, or no operand has a radius; else infinite."""
    pairs = list(zip(*map(leaves, (*values, *radii)), strict=True))
    if math.inf in leaves(tuple(radii)):
        return math.inf
    apart = any(math.isnan(a) or math.isnan(b) or abs(float(a) - float(b)) > (r + s) * OUTWARD for a, b, r, s in pairs)
    return 0.0 if apart or not any(leaves(tuple(radii))) else math.inf


def argmin_spread(values: Values, radii: Values, value: int) -> float:
    """0 where the component at the given index is the smallest in the whole ball; else infinite."""
    return _decided_index([float(x) for x in values[0]], radii[0], value)


def argmax_spread(values: Values, radii: Values, value: int) -> float:
    """0 where the component at the given index is the largest in the whole ball; else infinite."""
    return _decided_index([-float(x) for x in values[0]], radii[0], value)


def _decided_index(values: Sequence[float], radii: Sequence[float], index: int) -> float:
    if math.inf in radii:
        return math.inf
    others = list(zip(values, radii, strict=True))
    x, own = others.pop(index)
    gaps = [(y - x, (r + own) * OUTWARD) for y, r in others]
    return 0.0 if all(gap > reach or reach == 0.0 or math.isnan(gap) for gap, reach in gaps) else math.inf
