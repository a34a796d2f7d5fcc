"""Values made of components: walking over vectors and matrices, and sums of products computed exactly.

A float is a binary fraction, so a sum of products of finite floats is an integer over a power of two: it is computed
as such and rounded once. A *product* here is a tuple of factors, and a *sum* a list of products; a tuple of sums, or of
tuples of sums, has the shape of the vector or matrix it stands for.
"""

from __future__ import annotations

import functools
import itertools
import math
import operator
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np

from grammar.ops.arrays import as_float64, is_array, with_arrays
from grammar.ops.floats import float_type, ratio, to_float

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
    """List the components of a value of any shape, in order."""
    if isinstance(value, tuple):
        for part in value:
            yield from leaves(part)
    else:
        yield value


def transpose(rows: Rows) -> tuple[tuple[Any, ...], ...]:
    """Turn columns into rows."""
    return tuple(zip(*rows, strict=True))


def exact_sum(products: Sequence[Product]) -> Any:
    """Compute a sum in the type of its factors: an exact int, or the exact sum rounded to the float type."""
    kind = type(products[0][0])
    if kind is int:
        return sum(map(math.prod, products))
    if all(math.isfinite(x) for product in products for x in product):
        return to_float(kind, exact_float(products))
    return to_float(kind, sum(math.prod(map(float, product)) for product in products))


def exact_sums(products: Sequence[Product]) -> Any:
    """Do for arrays what :func:`exact_sum` does; products of narrow floats are exact in float64."""
    leaf = next((x for product in products for x in product if isinstance(x, np.ndarray)), None)
    if leaf is None:
        return exact_sum(products)
    if leaf.dtype.kind == "O":
        return sum(map(math.prod, products))
    if leaf.dtype == np.float64:
        factors = [np.broadcast_to(x, leaf.shape) for product in products for x in product]
        ends = list(itertools.accumulate(map(len, products), initial=0))
        sums = [
            exact_sum([row[a:b] for a, b in itertools.pairwise(ends)]) for row in zip(*map(list, factors), strict=True)
        ]
        return np.array(sums)
    terms = [np.broadcast_to(math.prod(map(as_float64, product)), leaf.shape) for product in products]
    if len(terms) == 2:
        return (terms[0] + terms[1] + 0.0).astype(leaf.dtype)
    return np.array([float_sum(row) for row in zip(*(t.tolist() for t in terms), strict=True)]).astype(leaf.dtype)


def float_sum(terms: Sequence[float]) -> float:
    """Sum floats as if exactly, rounded once; a zero is positive."""
    return math.fsum(terms) + 0.0 if all(map(math.isfinite, terms)) else sum(terms)


def exact_float(products: Sequence[Product]) -> Any:
    """Compute a sum of products of finite floats, rounded to float64."""
    if not isinstance(products[0][0], np.float64):
        return float_sum([math.prod(map(float, product)) for product in products])
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


def exact_root(products: Sequence[Product]) -> Any:
    """Compute the square root of a sum of squares ``(x, x)`` of finite floats, correctly rounded to float64."""
    numerators, denominator = numerators_of(products)
    square = sum(numerators)
    shift = max(0, 70 - square.bit_length() // 2)
    root = math.isqrt(square << 2 * shift)
    sticky = root * root != square << 2 * shift  # anything below the digits kept: it only decides which way to round
    return ratio(2 * root + sticky, math.isqrt(denominator) << shift + 1)


def integer_matrix(rows: Rows) -> tuple[list[list[Any]], Any]:
    """Write a matrix of finite floats, or arrays, as integers over their least common power of two, which is second."""
    if is_array(tuple(map(tuple, rows))):
        return _integer_matrices(rows)
    numerators, denominator = numerators_of([(x,) for row in rows for x in row])
    return [numerators[i : i + len(rows)] for i in range(0, len(numerators), len(rows))], denominator


def _integer_matrices(rows: Rows) -> tuple[list[list[Any]], Any]:
    parts = [[np.frexp(x) for x in row] for row in rows]
    leaf = next(x for x in leaves(rows) if isinstance(x, np.ndarray))
    bits = np.finfo(leaf.dtype).nmant + 1
    lowest = functools.reduce(np.minimum, (exponent for row in parts for _, exponent in row), bits)

    def integer(mantissa: Any, exponent: Any) -> Any:
        whole = np.ldexp(np.broadcast_to(mantissa, leaf.shape).astype(np.float64), bits).astype(np.int64)
        return whole.astype(object) << np.asarray(exponent - lowest, object)

    return [[integer(*part) for part in row] for row in parts], 1 << np.asarray(bits - lowest, object)


def integer_determinant(rows: Rows) -> int:
    """Compute the determinant of a square matrix of integers, exactly."""
    (determinant,) = determinants(rows).values()
    return int(determinant)


def determinants(rows: Rows) -> dict[tuple[int, ...], Any]:
    """Compute the determinants of all rows with as many columns, by the numbers of these; entries are exact."""
    found: dict[tuple[int, ...], Any] = {(): 1}
    for row in reversed(rows):
        found = {
            columns: sum(sign * row[column] * found[rest] for sign, column, rest in terms)
            for columns, terms in expansions(len(row), len(next(iter(found))) + 1)
        }
    return found


@cache
def expansions(width: int, count: int) -> list[tuple[tuple[int, ...], list[tuple[int, int, tuple[int, ...]]]]]:
    """Expand determinants of so many columns by their first row: sign, column, and the columns that remain."""
    return [
        (columns, [((-1) ** i, column, columns[:i] + columns[i + 1 :]) for i, column in enumerate(columns)])
        for columns in itertools.combinations(range(width), count)
    ]


def cofactors(rows: Rows) -> list[list[Any]]:
    """Compute the cofactor of each entry of a square matrix of exact numbers."""
    size = range(len(rows))
    found = []
    for i in size:
        minors = determinants([*rows[:i], *rows[i + 1 :]])
        found.append([(-1) ** (i + j) * minors[tuple(k for k in size if k != j)] for j in size])
    return found


def squares(vector: Sequence[Any]) -> list[Product]:
    """Write the squared length of a vector as a sum of products."""
    return [(x, x) for x in vector]


def cross_products(rows: Rows) -> list[Product]:
    """Write the determinant of a matrix of two rows as a sum of products."""
    (a, b), (c, d) = rows
    return [(a, d), (-b, c)]


def determinant(rows: Rows) -> Any:
    """Compute the determinant of a matrix of floats in their type, rounded once; NaN where the order would matter."""
    if len(rows) == 2:
        return exact_sum(cross_products(rows))
    kind = type(rows[0][0])
    if not all(math.isfinite(x) for row in rows for x in row):
        return kind(math.nan)
    integers, denominator = integer_matrix(rows)
    return to_float(kind, ratio(integer_determinant(integers), denominator ** len(rows)))


def inverse(rows: Rows) -> tuple[tuple[Any, ...], ...]:
    """Invert a nonsingular matrix of finite floats: cofactors over the determinant, each rounded once."""
    integers, denominator = integer_matrix(rows)
    size, parts, kind = range(len(integers)), cofactors(integers), next(float_type(x) for x in leaves(rows))
    whole = sum(map(operator.mul, integers[0], parts[0]))
    return tuple(tuple(to_float(kind, ratio(parts[j][i] * denominator, whole)) for j in size) for i in size)


with_arrays(inverse)
