"""Values made of components: walking over vectors and matrices, and sums of products computed exactly.

A float is a binary fraction, so a sum of products of finite floats is an integer over a power of two: it is computed
as such and rounded once. A *product* here is a tuple of factors, and a *sum* a list of products; a tuple of sums, or of
tuples of sums, has the shape of the vector or matrix it stands for.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from grammar.ops.spreads import LARGEST

Product = tuple[Any, ...]
Rows = Sequence[Sequence[Any]]


def over(function: Callable[..., Any], *arguments: Any) -> Any:
    """Apply a function component by component; what is no tuple (a scalar, a sum) takes part in every component."""
    lengths = [len(argument) for argument in arguments if isinstance(argument, tuple)]
    if not lengths:
        return function(*arguments)
    columns = [a if isinstance(a, tuple) else itertools.repeat(a, lengths[0]) for a in arguments]
    return tuple([over(function, *column) for column in zip(*columns, strict=True)])


def leaves(value: Any) -> Iterator[Any]:
    """Give the components of a value of any shape, in order."""
    if isinstance(value, tuple):
        for part in value:
            yield from leaves(part)
    else:
        yield value


def transpose(rows: Rows) -> tuple[tuple[Any, ...], ...]:
    """Give the columns as rows."""
    return tuple(zip(*rows, strict=True))


def exact_sum(products: Sequence[Product]) -> Any:
    """Give the value of a sum in the type of its factors: an exact int, or the exact sum rounded to the float type."""
    kind = type(products[0][0])
    if kind is int:
        return sum(map(math.prod, products))
    if all(math.isfinite(x) for product in products for x in product):
        return to_float(kind, exact_float(products))
    return to_float(kind, sum(math.prod(map(float, product)) for product in products))


def exact_float(products: Sequence[Product]) -> float:
    """Give a sum of products of finite floats, rounded to float64."""
    numerators, denominator = numerators_of(products)
    return ratio(sum(numerators), denominator)


def numerators_of(products: Sequence[Product]) -> tuple[list[int], int]:
    """Write products of one or two finite floats as integers over a common power of two, which comes second."""
    fractions = [_fraction(product) for product in products]
    common = max(denominator for _, denominator in fractions)
    return [numerator * (common // denominator) for numerator, denominator in fractions], common


def _fraction(product: Product) -> tuple[int, int]:
    if isinstance(product[0], np.float64):
        numerators, denominators = zip(*(x.as_integer_ratio() for x in product), strict=True)
        return math.prod(numerators), math.prod(denominators)
    return math.prod(map(float, product)).as_integer_ratio()  # two factors of 24 bits have a product of 48


def ratio(numerator: int, denominator: int) -> float:
    """Divide integers, correctly rounded to float64; infinite where the quotient is too large. The divisor is not 0."""
    try:
        return numerator / denominator
    except OverflowError:
        return math.inf if (numerator > 0) == (denominator > 0) else -math.inf


def exact_root(products: Sequence[Product]) -> float:
    """Give the square root of a sum of squares ``(x, x)`` of finite floats, correctly rounded to float64."""
    numerators, denominator = numerators_of(products)
    square = sum(numerators)
    shift = max(0, 70 - square.bit_length() // 2)
    root = math.isqrt(square << 2 * shift)
    sticky = root * root != square << 2 * shift  # anything below the digits kept: it only decides which way to round
    return ratio(2 * root + sticky, math.isqrt(denominator) << shift + 1)


def to_float(kind: Any, x: float) -> Any:
    """Round a float64 to a NumPy float type; what is too large becomes infinite."""
    if not LARGEST[kind] < abs(x) < math.inf:
        return kind(x)
    with np.errstate(over="ignore"):
        return kind(x)


def of_integer(kind: Any, whole: int) -> Any:
    """Round an integer once to a NumPy float type; what is too large becomes infinite."""
    if kind is np.float64:
        return kind(ratio(whole, 1))
    size, sign = abs(whole), -1 if whole < 0 else 1
    excess = max(size.bit_length() - np.finfo(kind).nmant - 3, 0)
    digits = size >> excess
    sticky = digits << excess != size  # anything below the digits kept: it only decides which way to round
    return to_float(kind, sign * math.ldexp(digits | sticky, excess))


def minor(rows: Rows, row: int, column: int) -> Rows:
    """Give the matrix without one row and one column."""
    return [[*r[:column], *r[column + 1 :]] for i, r in enumerate(rows) if i != row]


def integer_matrix(rows: Rows) -> tuple[list[list[int]], int]:
    """Write a matrix of finite floats as integers over their least common power of two, which comes second."""
    numerators, denominator = numerators_of([(x,) for row in rows for x in row])
    return [numerators[i : i + len(rows)] for i in range(0, len(numerators), len(rows))], denominator


def integer_determinant(rows: Rows) -> int:
    """Compute the determinant of a square matrix of integers, by minors of the first row."""
    if len(rows) == 1:
        return int(rows[0][0])
    if len(rows) == 2:
        return int(rows[0][0] * rows[1][1] - rows[0][1] * rows[1][0])
    return sum((-1) ** j * x * integer_determinant(minor(rows, 0, j)) for j, x in enumerate(rows[0]) if x)


def cross_products(rows: Rows) -> list[Product]:
    """Give the determinant of a matrix of two rows as a sum of products."""
    (a, b), (c, d) = rows
    return [(a, d), (-b, c)]


def determinant(rows: Rows) -> Any:
    """Give the determinant of a matrix of floats in their type, rounded once; NaN where the order would matter."""
    if len(rows) == 2:
        return exact_sum(cross_products(rows))
    kind = type(rows[0][0])
    if not all(math.isfinite(x) for row in rows for x in row):
        return kind(math.nan)
    integers, denominator = integer_matrix(rows)
    return to_float(kind, ratio(integer_determinant(integers), denominator ** len(rows)))


def inverse(rows: Rows) -> tuple[tuple[Any, ...], ...]:
    """Give the inverse of a nonsingular matrix of finite floats: cofactors over the determinant, each rounded once."""
    kind, size = type(rows[0][0]), range(len(rows))
    integers, denominator = integer_matrix(rows)
    whole = integer_determinant(integers)

    def entry(i: int, j: int) -> Any:
        cofactor = (-1) ** (i + j) * integer_determinant(minor(integers, j, i))
        return to_float(kind, ratio(cofactor * denominator, whole))

    return tuple(tuple(entry(i, j) for j in size) for i in size)
