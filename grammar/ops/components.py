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

from grammar.ops.arrays import as_float64, with_arrays
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
    """Give a sum of products of finite floats, rounded to float64."""
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


def ratio(numerator: Any, denominator: Any) -> Any:
    """Divide integers, correctly rounded to float64; infinite where the quotient is too large. The divisor is not 0."""
    if isinstance(numerator, np.ndarray):
        return np.array([ratio(*pair) for pair in zip(numerator.tolist(), denominator.tolist(), strict=True)])
    try:
        return numerator / denominator
    except OverflowError:
        return math.inf if (numerator > 0) == (denominator > 0) else -math.inf


def exact_root(products: Sequence[Product]) -> Any:
    """Give the square root of a sum of squares ``(x, x)`` of finite floats, correctly rounded to float64."""
    numerators, denominator = numerators_of(products)
    square = sum(numerators)
    shift = max(0, 70 - square.bit_length() // 2)
    root = math.isqrt(square << 2 * shift)
    sticky = root * root != square << 2 * shift  # anything below the digits kept: it only decides which way to round
    return ratio(2 * root + sticky, math.isqrt(denominator) << shift + 1)


def float_type(x: Any) -> Any:
    """Name the NumPy type of a float, or of an array of them."""
    return x.dtype.type if isinstance(x, np.ndarray) else type(x)


def to_float(kind: Any, x: Any) -> Any:
    """Round a float64, or an array of them, to a NumPy float type; what is too large becomes infinite."""
    if isinstance(x, np.ndarray):
        return x.astype(kind)
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


def integer_matrices(rows: Rows) -> tuple[list[list[Any]], Any]:
    """Write matrices of finite floats, many at a time, as integers over a power of two; its exponent is second."""
    parts = [[np.frexp(x) for x in row] for row in rows]
    leaf = next(x for x in leaves(rows) if isinstance(x, np.ndarray))
    bits = np.finfo(leaf.dtype).nmant + 1
    lowest = functools.reduce(np.minimum, (exponent for row in parts for _, exponent in row), bits)

    def integer(mantissa: Any, exponent: Any) -> Any:
        whole = np.ldexp(np.broadcast_to(mantissa, leaf.shape).astype(np.float64), bits).astype(np.int64)
        return whole.astype(object) << np.asarray(exponent - lowest, object)

    return [[integer(*part) for part in row] for row in parts], np.asarray(bits - lowest, object)


def integer_matrix(rows: Rows) -> tuple[list[list[int]], int]:
    """Write a matrix of finite floats as integers over their least common power of two, which comes second."""
    numerators, denominator = numerators_of([(x,) for row in rows for x in row])
    return [numerators[i : i + len(rows)] for i in range(0, len(numerators), len(rows))], denominator


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
    """Invert a nonsingular matrix of finite floats: cofactors over the determinant, each rounded once."""
    integers, denominator = integer_matrix(rows)
    return _inverse(integers, denominator, type(rows[0][0]))


def _inverses(rows: Rows) -> tuple[tuple[Any, ...], ...]:
    """Do for arrays what :func:`inverse` does."""
    integers, shift = integer_matrices(rows)
    return _inverse(integers, 1 << shift, next(float_type(x) for x in leaves(rows)))


with_arrays(inverse, _inverses)


def _inverse(integers: Rows, denominator: Any, kind: Any) -> tuple[tuple[Any, ...], ...]:
    size, parts = range(len(integers)), cofactors(integers)
    whole = sum(map(operator.mul, integers[0], parts[0]))
    return tuple(tuple(to_float(kind, ratio(parts[j][i] * denominator, whole)) for j in size) for i in size)
