"""Bounding: how far an engine's value may lie from the reference's, operation by operation.

The radius of a ball bounds the distance of any value that an engine of the regime may compute. The radius ``0`` (the
int) says that every component is exact. Each Op spreads the radii of its operands; its own rounding is added here.
Radii are float64, rounded outward by :data:`OUTWARD`.

Two independently rounded results differ by up to 1 ULP more than what they round (not 0.5), so an operation on inexact
operands adds 1 ULP to its spread.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grammar.ops import floats
from grammar.ops.balls import EITHER_ZERO
from grammar.ops.record import EXACT, IEEE, PRODUCT, SELECTION, Overload, Radius, Rounding, Value
from grammar.ops.sums import never_rounds
from grammar.types import FLOATS, Scalar

FloatArray = np.ndarray[Any, np.dtype[np.float64]]

OUTWARD = 1.0 + 2.0**-50
"""Covers the rounding of the handful of float64 operations that compute one radius."""

#: Mantissa bits and the smallest exponent of ``math.frexp`` among normal numbers (IEEE 754 binary16/32/64).
_PRECISION = {"float16": (11, -13), "float32": (24, -125), "float64": (53, -1021)}
LARGEST = {scalar.name: floats.LARGEST[scalar.dtype.type] for scalar in FLOATS}


@dataclass(frozen=True)
class Regime:
    """What an engine may do to floats.

    It ``fuses`` a product and a sum into one operation, or not. An ``ordered`` one runs threads in launch order, as the
    host does, with the host's library; any other one may have a library of its own.
    """

    fuses: bool
    ordered: bool


STRICT = Regime(fuses=False, ordered=True)
"""Nothing that IEEE 754 fixes."""

FUSED = Regime(fuses=True, ordered=True)
"""Threads run in launch order, as on the cpu."""

WEAK = Regime(fuses=True, ordered=False)
"""Whatever an engine may do."""


#: The radius of an infinite product that is a finite number, too large for its type, where a sum keeps it whole. It is
#: told by its identity.
UNCUT = 1.0 + 2.0**-52


def ulp(magnitude: float, scalar: str) -> float:
    """The unit in the last place of a float type at a magnitude (a finite float64 >= 0)."""
    bits, smallest = _PRECISION[scalar]
    exponent = math.frexp(magnitude)[1] if magnitude else smallest
    return math.ldexp(1.0, max(exponent, smallest) - bits)


def ulps(magnitudes: FloatArray, scalar: str) -> FloatArray:
    """The unit in the last place of a float type at each of many magnitudes, as :func:`ulp` does at one."""
    bits, smallest = _PRECISION[scalar]
    exponents = np.where(magnitudes == 0.0, smallest, np.frexp(magnitudes)[1])
    return np.asarray(np.ldexp(1.0, np.maximum(exponents, smallest) - bits))


def is_marked(radius: Radius) -> bool:
    """Say whether some part of a radius is told by its identity, which it loses in an array."""
    if isinstance(radius, tuple):
        return any(map(is_marked, radius))
    return radius is EITHER_ZERO or radius is UNCUT


def normal(radius: Radius) -> Radius:
    """Write the radius of an exact vector or matrix as 0, in which operations are told exact operands."""
    return radius if not isinstance(radius, tuple) or _any(radius) else 0


def _any(radius: Radius) -> bool:
    return any(map(_any, radius)) if isinstance(radius, tuple) else radius != 0


def radius_of(
    overload: Overload, values: Sequence[Value], radii: Sequence[Radius], value: Value, regime: Regime
) -> Radius:
    """Bound the result of an operation; 0 where it is exact, ``math.inf`` somewhere where it cannot be bounded."""
    rounding = overload.op.rounding
    inexact = any(radii)
    if not inexact and not overload.rounds:
        return 0
    if rounding is SELECTION and not inexact and not isinstance(value, tuple) and value != 0:
        return 0  # only zeros may be selected in two ways
    if inexact and regime.fuses and UNCUT in radii and any(radius is UNCUT for radius in radii):
        return _of_uncut(overload, values, radii, value, regime)
    result, scalar = overload.result, overload.float_name
    if scalar is None:
        return overload.spread(values, _complete(overload, radii), value)
    own = own_rounding(rounding, regime, scalar)
    if rounding is PRODUCT and own:
        if _overflowed(values, value):
            return _of_overflow(overload, values, radii, value, scalar)
        if not inexact and isinstance(result, Scalar) and _is_exact_product(values, value):
            return 0
    if inexact or rounding.is_open:
        spread = overload.spread(values, _complete(overload, radii), value)
        if inexact and rounding is not EXACT and not rounding.is_open:
            own += 1.0
    elif own:
        spread = result.filled(0.0)
    else:
        return 0
    if not isinstance(value, tuple):
        return _widened_scalar(float(value), spread, own, scalar)
    return normal(_widened(value, spread, own, scalar))


def own_rounding(rounding: Rounding, regime: Regime, scalar: str) -> float:
    """Look up how far the result of an operation on exact operands may lie from the reference's, in ULP."""
    is_weak = regime.fuses if rounding is PRODUCT else not regime.ordered
    return (rounding.weak if is_weak else rounding.strict).get(scalar, 0.0)


def _overflowed(values: Sequence[Value], value: Value) -> bool:
    """Whether a product of finite numbers is not finite; of vectors and matrices, some component of it."""
    if isinstance(value, tuple):
        return not np.isfinite(value).all() and all(np.isfinite(operand).all() for operand in values)
    return not math.isfinite(value) and all(map(math.isfinite, values))


def _of_overflow(
    overload: Overload, values: Sequence[Value], radii: Sequence[Radius], value: Value, scalar: str
) -> Radius:
    """Radius of a product that overflowed: fused with a sum it may come back into range, or not overflow.

    It comes back only if it is less than twice the largest number, since what is added is not larger than that.
    """
    if isinstance(value, tuple):
        return overload.result.filled(math.inf)
    halved, other = (abs(float(operand)) for operand in values)
    spread = overload.spread(values, _complete(overload, radii), value) if any(radii) else 0.0
    return math.inf if spread or halved / 2 * other <= LARGEST[scalar] else UNCUT


def _of_uncut(
    overload: Overload, values: Sequence[Value], radii: Sequence[Radius], value: Value, regime: Regime
) -> Radius:
    """Radius of a result of products that overflowed, if no sum keeps them whole.

    What only moves or negates one passes it on. A sum of infinities that is NaN is infinite where one of them is a
    number that was kept whole. Every other operation takes the infinity that it became.
    """
    rounding, whole = overload.op.rounding, isinstance(overload.result, Scalar)
    moves = rounding in (EXACT, SELECTION)
    if moves and whole and math.isinf(value):
        return UNCUT
    if rounding is IEEE and whole and math.isnan(value):
        return math.inf
    left = 0 if whole or not moves else 1.0
    return radius_of(overload, values, [left if radius is UNCUT else radius for radius in radii], value, regime)


def _is_exact_product(values: Sequence[Value], value: Value) -> bool:
    """Whether a product of two floats was not rounded, so that fused it is the same."""
    a, b = map(float, values)
    if not isinstance(value, np.float64):
        return a * b == float(value)  # float64 has room for the digits of both
    if not math.isfinite(value):
        return True
    (over, under), (by, per), (whole, part) = (x.as_integer_ratio() for x in (a, b, float(value)))
    return over * by * part == whole * under * per


def _complete(overload: Overload, radii: Sequence[Radius]) -> list[Radius]:
    return [radius or type_.filled(0.0) for radius, type_ in zip(radii, overload.parameters, strict=True)]


def _widened(value: Value, spread: Radius, own: float, scalar: str) -> Radius:
    if not isinstance(value, tuple):
        return _widened_scalar(float(value), spread, own, scalar)
    return tuple([_widened(x, r, own, scalar) for x, r in zip(value, spread, strict=True)])


def _widened_scalar(value: float, spread: float, own: float, scalar: str) -> float:
    if not math.isfinite(value) or spread == math.inf:
        return spread
    if own:
        spread = (spread + own * ulp(abs(value) + spread, scalar)) * OUTWARD + math.ulp(0.0)
    return spread if abs(value) + spread <= LARGEST[scalar] else math.inf


def radius_of_sum(value: Value, radius: float, operands: Sequence[Value], scalar: str) -> float:
    """Widen the radius of a float to which operands were added in launch order: it holds for every order.

    Source: Higham, Accuracy and Stability of Numerical Algorithms, 4.2: |error| <= (n - 1) u sum |x|, for both orders.
    What was there before is at most the final value and all operands together.
    """
    terms = [(x,) for x in (value, *operands, *operands) if x]
    size = sum(abs(float(x)) for (x,) in terms)
    if not operands or math.isnan(size):
        return radius
    if not size <= LARGEST[scalar]:
        return math.inf
    if not radius and never_rounds(terms, type(value)):
        return radius
    return (radius + 2 * (len(operands) + 1) * ulp(size, scalar)) * OUTWARD


def unbounded(radius: Radius) -> bool:
    """Say whether a component's radius is infinite."""
    return any(map(unbounded, radius)) if isinstance(radius, tuple) else radius == math.inf


def may_be_zero(value: Value, radius: Radius) -> bool:
    """Say whether a float condition's truth is undecided: the ball holds a zero and something else."""
    return bool(radius) and radius is not EITHER_ZERO and abs(float(value)) <= radius
