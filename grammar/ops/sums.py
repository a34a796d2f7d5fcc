"""How radii spread through sums of products and determinants, whose order of evaluation Warp's reference leaves open.

They are bounded as wholes, for every order and contraction: k roundings on the way of a term change it by at most
``gamma(k) = k u / (1 - k u)`` of its size, and a product that underflows loses at most half of the smallest float
(N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, lemma 3.1 and section 2.8). So their spread
is asked for when all radii are zero too. Factors and radii are scalars, or arrays of many of them.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np

from grammar.ops import components
from grammar.ops.arrays import as_float64
from grammar.ops.balls import EITHER_ZERO, OUTWARD, Ball, Values, chosen, outward
from grammar.ops.components import Product, Rows, leaves
from grammar.ops.floats import LARGEST, ratio, smallest


def sum_spread(products: Sequence[Product], radii: Sequence[Product], value: Any) -> float:
    """Spread of a sum of products of one or two factors, in every order and contraction; radii per factor."""
    uncertain = any(r for product in radii for r in product)
    if isinstance(value, int):
        return math.inf if uncertain else 0.0
    if not all(math.isfinite(x) for product in products for x in product):
        return _not_finite(products, radii, value)
    if not uncertain and never_rounds(products, type(value)):
        return 0.0 if value else EITHER_ZERO  # the order decides its sign
    return float(outward(sum_radius(products, radii, type(value)), value))


def sums_spread(products: Sequence[Product], radii: Sequence[Product], value: Any) -> Any:
    """Do for arrays what :func:`sum_spread` does where some radius is not 0 and all is finite; NaN elsewhere."""
    uncertain = functools.reduce(np.logical_or, (np.not_equal(r, 0.0) for product in radii for r in product))
    finite = functools.reduce(np.logical_and, (np.isfinite(x) for product in products for x in product))
    found = outward(sum_radius(products, radii, value.dtype.type), value)
    return np.where(uncertain & finite, found, math.nan)


def sum_of(products: Sequence[tuple[Ball, ...]]) -> Ball:
    """Enclose a sum of products of one or two factors, in every order and contraction."""
    kind = products[0][0].kind
    factors = [tuple([kind(x.value) for x in product]) for product in products]
    radii = [tuple([x.radius for x in product]) for product in products]
    return Ball(components.exact_float(factors), sum_radius(factors, radii, kind), None, kind)


def sum_radius(products: Sequence[Product], radii: Sequence[Product], kind: Any) -> Any:
    """Compute the radius around the exact sum, or its rounding, that holds every order and contraction."""
    size: Any = 0.0
    moved: Any = 0.0
    for product, reach in zip(products, radii, strict=True):
        magnitude, shift = _grown(product, reach)
        size, moved = size + magnitude, moved + shift
    rounding = gamma(kind, len(products)) * (size + moved) + 3 * len(products) * smallest(kind)
    return _within_range(size + moved, moved + rounding, kind)


@cache
def gamma(kind: Any, roundings: int) -> float:
    """Bound the relative change that some roundings to a type in a row make, and one more, of the centre."""
    change = (roundings + 1) * float(np.finfo(kind).eps) / 2
    return change / (1 - change) * OUTWARD


def _within_range(largest: Any, radius: Any, kind: Any) -> Any:
    """The radius, or none if intermediate values of the given size, and the radius more, may overflow."""
    return chosen((largest + radius) * OUTWARD <= LARGEST[kind], radius, math.inf)


def _grown(product: Iterable[Any], reach: Iterable[Any]) -> tuple[Any, Any]:
    """Compute the magnitude of a product, and how far it moves at most when each factor moves by its radius."""
    size: Any = 1.0
    moved: Any = 0.0
    for x, r in zip(product, reach, strict=True):
        x = abs(as_float64(x))
        size, moved = size * x, moved * (x + abs(r)) + size * abs(r)
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
    return unit == 0 or (smallest(kind) <= ratio(unit, denominator) and ratio(total, denominator) <= LARGEST[kind])


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
    rest = sum(sum(_grown(p, r)) for p, r, infinite in zip(products, radii, unbounded, strict=True) if not infinite)
    return 0.0 if decided and rest * 2.0 <= LARGEST[type(value)] else math.inf


# Determinants


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
    radius = float(outward(reach, value))
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
