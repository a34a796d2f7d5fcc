"""How radii spread through operations on vectors and matrices.

Component by component, the scalar spreads are lifted (:func:`by_component`). Where Warp's reference promises no order
of evaluation, the radius holds the roundings of every order and contraction as well, so it is asked for when all radii
are zero too. Sums of products and determinants are bounded as wholes: k roundings on the way of a term change it by at
most ``gamma(k) = k u / (1 - k u)`` of its size, and a product that underflows loses at most half of the smallest float
(N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, lemma 3.1 and section 2.8). Expressions
built from these are ball arithmetic, where every step adds its own rounding.

Radii have the shape of their values: tuples, and tuples of row tuples.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np

from grammar.ops import components
from grammar.ops.arrays import as_float64, on_arrays, with_arrays
from grammar.ops.balls import Ball, Balls, balls
from grammar.ops.components import Product, Rows, leaves, over
from grammar.ops.spreads import EITHER_ZERO, LARGEST, OUTWARD, Spread, outward, outward_on_arrays

Values = Sequence[Any]
CompositeSpread = Callable[[Values, Values, Any], Any]


# Shapes


def by_component(spread: Spread) -> CompositeSpread:
    """Apply the spread of a scalar operation to each component; scalar operands take part in every component."""

    def composite(values: Values, radii: Values, value: Any) -> Any:
        count = len(values)
        return over(lambda value, *parts: spread(parts[:count], parts[count:], value), value, *values, *radii)

    def for_many(values: Values, radii: Values, value: Any) -> Any:
        count, many = len(values), on_arrays(spread)
        assert many is not None
        return over(lambda value, *parts: many(parts[:count], parts[count:], value), value, *values, *radii)

    return with_arrays(composite, for_many) if on_arrays(spread) else composite


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


def rearranged(build: Callable[..., Any]) -> CompositeSpread:
    """Make the spread of an operation that only moves, repeats and negates operands: the same applied to the radii."""
    return lambda values, radii, value: over(abs, build(*radii))


def constant(values: Values, radii: Values, value: Any) -> Any:
    """Spread of an operation without operands: zeros."""
    return over(lambda _: 0.0, value)


# Outcomes that are decided or not


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


# Sums of products


def sum_spread(products: Sequence[Product], radii: Sequence[Product], value: Any) -> float:
    """Spread of a sum of products of one or two factors, in every order and contraction; radii per factor."""
    uncertain = any(r for product in radii for r in product)
    if isinstance(value, int):
        return math.inf if uncertain else 0.0
    if not all(math.isfinite(x) for product in products for x in product):
        return _not_finite(products, radii, value)
    if not uncertain and never_rounds(products, type(value)):
        return 0.0 if value else EITHER_ZERO  # the order decides its sign
    return outward(sum_radius(products, radii, type(value)), value)


def sums_spread(products: Sequence[Product], radii: Sequence[Product], value: Any) -> Any:
    """Do for arrays what :func:`sum_spread` does where some radius is not 0 and all is finite; NaN elsewhere."""
    kind = value.dtype.type
    size: Any = 0.0
    moved: Any = 0.0
    uncertain: Any = False
    for product, reach in zip(products, radii, strict=True):
        magnitude, shift = _grown(map(as_float64, product), reach)
        size, moved = size + magnitude, moved + shift
        for r in reach:
            uncertain = uncertain | np.not_equal(r, 0.0)
    rounding = gamma(kind, len(products)) * (size + moved) + 3 * len(products) * smallest(kind)
    radius = moved + rounding
    bounded = (size + moved + radius) * OUTWARD <= LARGEST[kind]
    found = outward_on_arrays(np.where(bounded, radius, math.inf), value)
    return np.where(uncertain & np.isfinite(size), found, math.nan)


def sum_ball(products: Sequence[Product], radii: Sequence[Product], kind: Any) -> Ball:
    """Enclose a sum of products of one or two finite factors, in every order and contraction."""
    return Ball(components.exact_float(products), sum_radius(products, radii, kind), kind)


def sum_radius(products: Sequence[Product], radii: Sequence[Product], kind: Any) -> Any:
    """Give the radius around the exact sum, or its rounding, that holds every order and contraction."""
    size = moved = 0.0
    for product, reach in zip(products, radii, strict=True):
        magnitude, shift = _size(product, reach)
        size, moved = size + magnitude, moved + shift
    rounding = gamma(kind, len(products)) * (size + moved) + 3 * len(products) * smallest(kind)
    return _within_range(size + moved, moved + rounding, kind)


@cache
def gamma(kind: Any, roundings: int) -> float:
    """Bound the relative change that some roundings to a type in a row make, and one more, of the centre."""
    change = (roundings + 1) * float(np.finfo(kind).eps) / 2
    return change / (1 - change) * OUTWARD


@cache
def smallest(kind: Any) -> float:
    """Give the smallest positive float of a type."""
    return float(np.finfo(kind).smallest_subnormal)


def _within_range(largest: Any, radius: Any, kind: Any) -> Any:
    """Give the radius, or none if intermediate values of the given size, and the radius more, may overflow."""
    fits = (largest + radius) * OUTWARD <= LARGEST[kind]
    return np.where(fits, radius, math.inf) if isinstance(fits, np.ndarray) else radius if fits else math.inf


def _size(product: Product, reach: Product) -> tuple[float, float]:
    """Give the magnitude of a product, and how far it moves at most when each factor moves by its radius."""
    return _grown(map(float, product), reach)


def _grown(factors: Iterable[Any], reach: Iterable[Any]) -> tuple[Any, Any]:
    size, moved = 1.0, 0.0
    for x, r in zip(factors, reach, strict=True):
        size, moved = size * abs(x), moved * (abs(x) + abs(r)) + size * abs(r)
    return size, moved


def never_rounds(products: Sequence[Product], kind: Any) -> bool:
    """Say whether every partial sum of finite products, in any order, is a float."""
    if not products:
        return True
    numerators, denominator = components.numerators_of(products)
    return _fits(sum(map(abs, numerators)), math.gcd(*numerators), denominator, kind)


def _fits(total: int, shared: int, denominator: int, kind: Any) -> bool:
    """Say whether every multiple of a shared divisor up to a total, all over a power of two, is a float."""
    unit = shared & -shared
    if total > unit << (np.finfo(kind).nmant + 1):
        return False
    return unit == 0 or (
        smallest(kind) <= components.ratio(unit, denominator) and components.ratio(total, denominator) <= LARGEST[kind]
    )


def _not_finite(products: Sequence[Product], radii: Sequence[Product], value: Any) -> float:
    """0 where a NaN, or infinities of one sign, decide the sum in every order; else infinite."""
    if any(math.isinf(r) for product in radii for r in product):
        return math.inf
    if any(math.isnan(x) for product in products for x in product):
        return 0.0
    unbounded = [any(map(math.isinf, product)) for product in products]
    decided = all(
        abs(x) > abs(r) or r == 0.0
        for product, reach, infinite in zip(products, radii, unbounded, strict=True)
        for x, r in zip(product, reach, strict=True)
        if infinite
    )
    rest = sum(sum(_size(p, r)) for p, r, infinite in zip(products, radii, unbounded, strict=True) if not infinite)
    return 0.0 if decided and rest * 2.0 <= LARGEST[type(value)] else math.inf


# Determinant and inverse


def determinant_spread(values: Values, radii: Values, value: Any) -> float:
    """Spread of the determinant of a matrix, expanded by cofactors or by permutations in any order."""
    rows, reaches = values[0], radii[0]
    if len(rows) == 2:
        return sum_spread(components.cross_products(rows), components.cross_products(reaches), value)
    if math.inf in leaves(reaches):
        return math.inf
    if not all(map(math.isfinite, leaves(rows))):
        return 0.0 if any(map(math.isnan, leaves(rows))) else math.inf
    (reach,) = determinant_radii(rows, reaches, type(value)).values()
    radius = outward(reach, value)
    if radius < math.inf and not any(leaves(reaches)) and _determinant_never_rounds(rows, type(value)):
        return 0.0 if value else EITHER_ZERO
    return radius


def _determinant_never_rounds(rows: Rows, kind: Any) -> bool:
    """Say whether all terms are whole, and their sums in any order floats."""
    integers, denominator = components.integer_matrix(rows)
    return denominator == 1 and _fits(_permanent(integers), 1, 1, kind)


def _permanent(integers: Rows) -> int:
    """Add up the magnitudes of the terms of a determinant."""
    ((size, _),) = permanents([[(abs(x), 0) for x in row] for row in integers]).values()
    return int(size)


def determinant_radii(rows: Rows, reaches: Rows, kind: Any) -> dict[tuple[int, ...], Any]:
    """Compute the radius around the determinant of all rows with as many columns, by the numbers of these.

    It is a radius around the exact determinant, or its rounding, that holds every expansion of it by cofactors. Every
    term passes n - 1 products and at most n! - 1 sums. What a product loses by underflow is multiplied by other entries
    of its term only, so it stays below ``smallest`` times the product of the magnitudes, or 1s, of the entries. No
    partial product or sum exceeds the sum of these. Entries are floats, or arrays of them.
    """
    entries = [
        [(abs(as_float64(x)), r) for x, r in zip(*pair, strict=True)] for pair in zip(rows, reaches, strict=True)
    ]
    largest = permanents([[(_or_one(x + r), 0.0) for x, r in row] for row in entries])
    roundings = gamma(kind, len(rows) - 2 + math.factorial(len(rows)))
    lost = 2 * len(rows) * smallest(kind)

    def radius(columns: tuple[int, ...], size: Any, moved: Any) -> Any:
        rounding = roundings * (size + moved) + lost * largest[columns][0]
        return _within_range(largest[columns][0], moved + rounding, kind)

    return {columns: radius(columns, *part) for columns, part in permanents(entries).items()}


def permanents(rows: Sequence[Sequence[tuple[Any, Any]]]) -> dict[tuple[int, ...], tuple[Any, Any]]:
    """Sum the magnitudes of the terms of determinants, and how far they move when each entry moves by its radius.

    The determinants are those of all rows with as many columns, by the numbers of these.
    """
    found: dict[tuple[int, ...], tuple[Any, Any]] = {(): (1, 0)}
    for row in reversed(rows):
        wider = {}
        for columns, terms in components.expansions(len(row), len(next(iter(found))) + 1):
            size: Any = 0
            moved: Any = 0
            for _, column, others in terms:
                (x, r), (rest, shift) = row[column], found[others]
                size, moved = size + x * rest, moved + x * shift + r * (rest + shift)
            wider[columns] = (size, moved)
        found = wider
    return found


def _or_one(size: Any) -> Any:
    return np.maximum(1.0, size) if isinstance(size, np.ndarray) else max(1.0, size)


def inverse_spread(values: Values, radii: Values, value: Any) -> Any:
    """Spread of the inverse of a finite matrix: cofactors divided by the determinant, or times its reciprocal."""
    (rows,), (reaches,) = values, radii
    if math.inf in leaves(reaches):
        return over(lambda _: math.inf, value)
    integers, denominator = components.integer_matrix(rows)
    return _around_inverse(rows, reaches, integers, denominator, value, Ball)


def _inverses_spread(values: Values, radii: Values, value: Any) -> Any:
    """Do for arrays what :func:`inverse_spread` does."""
    (rows,), (reaches,) = values, radii
    integers, shift = components.integer_matrices(rows)
    return _around_inverse(rows, reaches, integers, 1 << shift, value, Balls)


with_arrays(inverse_spread, _inverses_spread)


def _around_inverse(rows: Rows, reaches: Rows, integers: Rows, denominator: Any, value: Any, kind_of_ball: Any) -> Any:
    """Enclose each entry: a cofactor divided by the determinant, or times its reciprocal."""
    size, kind = range(len(rows)), components.float_type(value[0][0])
    parts = components.cofactors(integers)

    def ball(determinant: Any, degree: int, radius: Any) -> Any:
        return kind_of_ball(components.ratio(determinant, denominator**degree), radius, kind)

    (radius,) = determinant_radii(rows, reaches, kind).values()
    whole = ball(sum(map(operator.mul, integers[0], parts[0])), len(rows), radius)
    reciprocal = kind_of_ball(1.0, 0.0, kind) / whole
    found = []
    for j in size:
        radii = determinant_radii([*rows[:j], *rows[j + 1 :]], [*reaches[:j], *reaches[j + 1 :]], kind)
        balls_of_row = (ball(parts[j][i], len(rows) - 1, radii[tuple(k for k in size if k != i)]) for i in size)
        found.append([(one * reciprocal).around(value[i][j]) for i, one in zip(size, balls_of_row, strict=True)])
    return components.transpose(found)


# Lengths and norms


def squares(vector: Sequence[Any]) -> list[Product]:
    """Give the squared length of a vector as a sum of products."""
    return [(x, x) for x in vector]


def length_spread(values: Values, radii: Values, value: Any) -> float:
    """Spread of the root of the sum of squares; none where a square may overflow."""
    products, reaches = squares(values[0]), squares(radii[0])
    if not math.isfinite(value) or math.inf in leaves(radii[0]) or any(map(math.isinf, values[0])):
        return sum_spread(products, reaches, value)
    if not any(radii[0]) and never_rounds(products, type(value)):
        return 0.0
    return length_ball(values[0], radii[0]).around(value)


def length_ball(vector: Sequence[Any], reaches: Sequence[float]) -> Ball:
    """Enclose the length of a finite vector."""
    return sum_ball(squares(vector), squares(reaches), type(vector[0])).sqrt()


def normalize_spread(values: Values, radii: Values, value: Any) -> Any:
    """Spread of a vector divided by its length, or times its reciprocal; none where the squares may all underflow."""
    (vector,), (reaches,) = values, radii
    special = _special_division(vector, reaches)
    if special is not None or not any(vector):
        reach = special if special is not None else math.inf if any(reaches) else 0.0
        return (reach,) * len(vector)
    return _scaled(vector, reaches, length_ball(vector, reaches), value)


def _special_division(vector: Sequence[Any], reaches: Sequence[float]) -> float | None:
    """Give the radius of every component divided by the length where some is not finite: 0 if that decides them."""
    if math.inf in reaches:
        return math.inf
    if all(map(math.isfinite, vector)):
        return None
    return 0.0 if any(map(math.isnan, vector)) or not any(reaches) else math.inf


def _scaled(vector: Sequence[Any], reaches: Sequence[float], divisor: Ball, value: Sequence[Any]) -> tuple[float, ...]:
    """Divide a finite vector by a positive ball, or multiply it by the reciprocal; an exact zero stays one."""
    reciprocal = Ball(1.0, 0.0, divisor.kind) / divisor
    quotients = zip(balls(vector, reaches), value, strict=True)
    bounded = reciprocal.radius < math.inf
    return tuple(0.0 if bounded and x.centre == x.radius == 0.0 else (x * reciprocal).around(y) for x, y in quotients)


def huber_spread(values: Values, radii: Values, value: Any) -> float:
    """Spread of the Huber norm: of ``v.v / 2``, of ``delta (|v| - delta / 2)``, or of both near the threshold."""
    special = _special_norm(values, radii)
    if special is not None:
        return special
    square, delta = _square_and_delta(values, radii)
    half, threshold = Ball(0.5, 0.0, square.kind), delta * delta
    gap, reach = square.centre - threshold.centre, (square.radius + threshold.radius) * OUTWARD
    inside = [] if gap > reach else [half * square]
    outside = [] if -gap > reach else [delta * (square.sqrt() - half * delta)]
    return max(branch.around(value) for branch in inside + outside)


def pseudo_huber_spread(values: Values, radii: Values, value: Any) -> float:
    """Spread of ``delta sqrt(1 + v.v / delta**2)``."""
    special = _special_norm(values, radii)
    return pseudo_huber_ball(values, radii).around(value) if special is None else special


def pseudo_huber_ball(values: Values, radii: Values) -> Ball:
    """Enclose ``delta sqrt(1 + v.v / delta**2)`` of finite operands."""
    square, delta = _square_and_delta(values, radii)
    return delta * (Ball(1.0, 0.0, delta.kind) + square / (delta * delta)).sqrt()


def smooth_normalize_spread(values: Values, radii: Values, value: Any) -> Any:
    """Spread of a vector divided by its pseudo-Huber norm, or times its reciprocal."""
    special = _special_norm(values, radii)
    if special is not None:
        return (special,) * len(value)
    return _scaled(values[0], radii[0], pseudo_huber_ball(values, radii), value)


def _square_and_delta(values: Values, radii: Values) -> tuple[Ball, Ball]:
    kind = type(values[1])
    return sum_ball(squares(values[0]), squares(radii[0]), kind), Ball(float(values[1]), radii[1], kind)


def _special_norm(values: Values, radii: Values) -> float | None:
    """Give the radius of a norm with a delta where an operand is not finite: 0 if it is a NaN, which decides it."""
    if math.inf in leaves(tuple(radii)):
        return math.inf
    if all(map(math.isfinite, leaves(tuple(values)))):
        return None
    return 0.0 if any(map(math.isnan, leaves(tuple(values)))) else math.inf
