"""How radii spread through operations on vectors and matrices.

Component by component, the scalar spreads are lifted (:func:`by_component`). Inverses, lengths and norms are formulas
over balls: over those of sums of products and determinants, which hold every order of evaluation and contraction, since
Warp's reference promises none. So their radii are asked for when those of the operands are zero too.

Radii have the shape of their values: tuples, and tuples of row tuples.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grammar.ops import components
from grammar.ops.arrays import on_arrays, with_arrays
from grammar.ops.balls import (
    OUTWARD,
    Ball,
    Spread,
    Values,
    bounded_by,
    infinities_decide,
    is_finite,
    nan_decides,
    operand,
)
from grammar.ops.components import over
from grammar.ops.floats import float_type, ratio
from grammar.ops.sums import determinant_radii, never_rounds, sum_of, sum_spread


def by_component(spread: Spread) -> Spread:
    """Apply the spread of a scalar operation to each component; scalar operands take part in every component."""

    def lifted(spread: Callable[..., Any]) -> Spread:
        def composite(values: Values, radii: Values, value: Any) -> Any:
            count = len(values)
            return over(lambda value, *parts: spread(parts[:count], parts[count:], value), value, *values, *radii)

        return composite

    many = on_arrays(spread)
    return with_arrays(lifted(spread), lifted(many)) if many else lifted(spread)


def where_uncertain(spread: Spread) -> Spread:
    """Make a spread that is only asked where some radius is not 0 give 0 elsewhere."""

    def certain_or_spread(values: Values, radii: Values, value: Any) -> float:
        return spread(values, radii, value) if any(radii) else 0.0

    def for_many(values: Values, radii: Values, value: Any) -> Any:
        many = on_arrays(spread)
        assert many is not None
        uncertain = functools.reduce(np.logical_or, (np.not_equal(radius, 0.0) for radius in radii))
        return np.where(uncertain, many(values, radii, value), 0.0)

    return with_arrays(certain_or_spread, for_many) if on_arrays(spread) else certain_or_spread


def rearranged(build: Callable[..., Any]) -> Spread:
    """Make the spread of an operation that only moves, repeats and negates operands: the same applied to the radii."""
    return lambda values, radii, value: over(abs, build(*radii))


def constant(values: Values, radii: Values, value: Any) -> Any:
    """Spread of an operation without operands: zeros."""
    return over(lambda _: 0.0, value)


# Inverse


def inverse_spread(values: Values, radii: Values, value: Any) -> Any:
    """Spread of the inverse of a finite matrix: cofactors divided by the determinant, or times its reciprocal."""
    (rows,), (reaches,) = values, radii
    size, kind = range(len(rows)), float_type(value[0][0])
    integers, denominator = components.integer_matrix(rows)
    parts = components.cofactors(integers)

    def ball(determinant: Any, degree: int, radius: Any) -> Ball:
        return Ball(ratio(determinant, denominator**degree), radius, None, kind)

    (radius,) = determinant_radii(rows, reaches, kind).values()
    reciprocal = 1.0 / ball(sum(map(operator.mul, integers[0], parts[0])), len(rows), radius)
    found = []
    for j in size:
        minors = determinant_radii([*rows[:j], *rows[j + 1 :]], [*reaches[:j], *reaches[j + 1 :]], kind)
        row = (ball(parts[j][i], len(rows) - 1, minors[tuple(k for k in size if k != i)]) for i in size)
        found.append([(one * reciprocal).around(value[i][j]) for i, one in zip(size, row, strict=True)])
    return components.transpose(found)


with_arrays(inverse_spread)


# Lengths and norms


def length_spread(values: Values, radii: Values, value: Any) -> float:
    """Spread of the root of the sum of squares; none where a square may overflow."""
    products, reaches = components.squares(values[0]), components.squares(radii[0])
    if not math.isfinite(value) or math.inf in radii[0] or any(map(math.isinf, values[0])):
        return sum_spread(products, reaches, value)
    if not any(radii[0]) and never_rounds(products, type(value)):
        return 0.0
    return float(_length(values, radii, value))


def _square(vector: Sequence[Ball]) -> Ball:
    return sum_of(components.squares(vector))


_length = bounded_by(lambda vector: _square(vector).sqrt())


def normalize_spread(values: Values, radii: Values, value: Any) -> Any:
    """Spread of a vector divided by its length, or times its reciprocal; none where the squares may all underflow."""
    if not any(values[0]):
        return (math.inf if any(radii[0]) else 0.0,) * len(value)
    return _normalized(values, radii, value)


def _divided(vector: Sequence[Ball], divisor: Ball) -> tuple[Ball, ...]:
    """Divide a vector by a positive ball, or multiply it by the reciprocal; an exact zero stays one."""
    reciprocal = 1.0 / divisor
    bounded = reciprocal.radius < math.inf
    return tuple([x if bounded and x.value == x.radius == 0.0 else x * reciprocal for x in vector])


_normalized = bounded_by(lambda vector: _divided(vector, _square(vector).sqrt()), infinities_decide)


def huber_spread(values: Values, radii: Values, value: Any) -> float:
    """Spread of the Huber norm: of ``v.v / 2``, of ``delta (|v| - delta / 2)``, or of both near the threshold."""
    if not is_finite(*values, *radii):
        return nan_decides(values, radii)
    vector, delta = map(operand, values, radii)
    square, threshold = _square(vector), delta * delta
    gap, reach = square.value - threshold.value, (square.radius + threshold.radius) * OUTWARD
    inside = [] if gap > reach else [0.5 * square]
    outside = [] if -gap > reach else [delta * (square.sqrt() - 0.5 * delta)]
    return float(max(branch.around(value) for branch in inside + outside))


def _pseudo_huber(vector: Sequence[Ball], delta: Ball) -> Ball:
    return delta * (1.0 + _square(vector) / (delta * delta)).sqrt()


pseudo_huber_spread = bounded_by(_pseudo_huber)
smooth_normalize_spread = bounded_by(lambda vector, delta: _divided(vector, _pseudo_huber(vector, delta)))
