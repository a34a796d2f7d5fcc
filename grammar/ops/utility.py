"""Selection and interpolation: the operations of Warp's Utility group that are pure functions of scalars.

The order of evaluation of the interpolations is not relied upon: an engine may contract their products and sums, so
their spreads are ball arithmetic over the documented formula.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from grammar.ops.balls import OUTWARD, Ball, Radii, Values, bounded_by, infinities_decide, operand
from grammar.ops.decisions import select
from grammar.ops.domains import Domain
from grammar.ops.floats import smallest
from grammar.ops.record import UNORDERED, op
from grammar.types import Scalar

op(
    "where",
    "cond: bool, value_if_true: Any, value_if_false: Any -> Any",
    "cond: Int, value_if_true: Any, value_if_false: Any -> Any",
    group="Utility",
    spelling="wp.where({0}, {1}, {2})",
    weight=3,
    value=lambda condition, yes, no: yes if condition else no,
    spread=select,
    chooses=True,
    source="Select between two arguments, if ``cond`` is ``True`` then return ``value_if_true``, "
    "otherwise return ``value_if_false``.",
    examples=[
        ((True, 1.0, math.nan), 1.0, "float32"),
        ((False, 1.0, -0.0), -0.0, "float32"),
        ((True, 3, 4), 3, "int32"),
        ((False, 3, -4), -4, "int8"),
        ((True, False, True), False, "bool"),
    ],
)


def lerp(a: Any, b: Any, t: Any) -> Any:
    """Compute ``a*(1-t) + b*t``, each step rounded to the type of the operands."""
    return a * (type(t)(1) - t) + b * t


op(
    "lerp",
    "a: Float, b: Float, t: Float -> Float",
    group="Utility",
    spelling="wp.lerp({0}, {1}, {2})",
    weight=4,
    value=lerp,
    rounding=UNORDERED,
    spread=bounded_by(lambda a, b, t: a * (1.0 - t) + b * t, infinities_decide),
    chooses=True,
    source="Linearly interpolate two values ``a`` and ``b`` using factor ``t``, computed as ``a*(1-t) + b*t``.",
    examples=[
        ((math.inf, 1.0, 1.0), math.nan),
        ((1.0, math.nan, 0.0), math.nan),
        ((2.0, 4.0, 0.5), 3.0),
        ((2.0, 4.0, 2.0), 6.0),
        ((-3.0, 5.0, 0.25), -1.0),
    ],
)


def smoothstep(a: Any, b: Any, x: Any) -> Any:
    """Compute ``t*t*(3 - 2*t)`` of ``t``, the place of x between a and b clamped to [0, 1]."""
    real = type(x)
    t = min(max((x - a) / (b - a), real(0)), real(1))
    return t * t * (real(3) - real(2) * t)


def _smoothstep_domain(scalar: Scalar, a: Any, b: Any, x: Any) -> str | None:
    """A result between 0 and 1 is promised, which NaN is not; and there is nothing between equal or infinite edges."""
    if math.isnan(x) or not math.isfinite(a) or not math.isfinite(b):
        return "smoothstep of NaN, or between edges that are not finite, is not documented"
    return "smoothstep between equal edges divides by zero" if a == b else None


def smoothstep_spread(values: Values, radii: Radii, value: Any) -> float:
    """Bound every evaluation of ``3t**2 - 2t**3`` on the ball of t.

    The slope is ``6t(1-t)``, which itself changes by at most 6 per unit. The roundings are at most four on ``9t**2 +
    8t**3`` in half ULPs, expanded or not: less than ten ULPs of ``t**2``.
    """
    if math.isinf(values[2]):  # beyond an edge, which of them the order of the edges says
        return 0.0 if abs(float(values[0]) - float(values[1])) > (radii[0] + radii[1]) * OUTWARD else math.inf
    a, b, x = map(operand, values, radii)
    t = ((x - a) / (b - a)).clamped(0.0, 1.0)
    slope = min(1.5, 6.0 * t.value * (1.0 - t.value) + 6.0 * t.radius)
    size = (t.value + t.radius) * (t.value + t.radius)
    rounding = 10.0 * (float(np.finfo(t.kind).eps) * size + smallest(t.kind))
    cubic = Ball(t.value * t.value * (3.0 - 2.0 * t.value), t.radius * slope + rounding)
    return float(cubic.around(value))


op(
    "smoothstep",
    "a: Float, b: Float, x: Float -> Float",
    group="Utility",
    spelling="wp.smoothstep({0}, {1}, {2})",
    weight=2,
    value=smoothstep,
    domain=Domain(
        "apart",
        1,
        _smoothstep_domain,
        "Smoothly interpolate between two values [...] and return a result between 0 and 1 [...].",
    ),
    rounding=UNORDERED,
    spread=smoothstep_spread,
    source="Smoothly interpolate between two values ``a`` and ``b`` using a factor ``x``, "
    "and return a result between 0 and 1 using a cubic Hermite interpolation after clamping.",
    examples=[
        ((0.0, 1.0, -0.5), 0.0),
        ((0.0, 1.0, 1.5), 1.0),
        ((0.0, 1.0, -math.inf), 0.0),
        ((1.0, 0.0, -math.inf), 1.0),
        ((0.0, 1.0, 0.5), 0.5),
        ((2.0, 6.0, 3.0), 0.15625),
        ((1.0, 0.0, 0.25), 0.84375),
    ],
)
