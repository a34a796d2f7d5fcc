"""Warp's Vector Math group, and the vector and matrix forms of Scalar Math and Utility functions.

Where a function is a sum of products (dot, cross, trace, determinant), or is built from one (length, inverse, the
norms), no order of evaluation is promised: its value is computed exactly or in float64 and rounded once, and its radius
holds every order and contraction.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grammar.ops import composite_spreads, decisions
from grammar.ops.arrays import with_arrays
from grammar.ops.components import (
    determinant,
    determinants,
    exact_root,
    integer_determinant,
    integer_matrix,
    inverse,
    leaves,
    squares,
    transpose,
)
from grammar.ops.composite_spreads import rearranged
from grammar.ops.composites import MAT, VEC, componentwise, sum_of_products
from grammar.ops.domains import Domain
from grammar.ops.floats import to_float
from grammar.ops.record import UNORDERED, ByOverload, Overload, find, op
from grammar.ops.sums import determinant_spread
from grammar.types import Scalar

_FLOAT_VEC = "vec[n, Float]"
_FLOAT_MAT = "mat[r, c, Float]"
_SQUARE = "mat[n, n, Scalar]"
_VECTOR, _SCALAR, _UTILITY = "Vector Math", "Scalar Math", "Utility"


def _entry(
    name: str,
    signatures: str | Sequence[str],
    weight: int,
    source: str,
    examples: Sequence[Any],
    *,
    variant: str = "",
    group: str = _VECTOR,
    **meaning: Any,
) -> None:
    """Enter one function, which is spelled as it is named."""
    families = (signatures,) if isinstance(signatures, str) else signatures
    holes = ", ".join(f"{{{index}}}" for index in range(families[0].count(":")))
    op(
        name,
        *families,
        variant=variant,
        group=group,
        spelling=f"wp.{name}({holes})",
        weight=weight,
        source=source,
        examples=examples,
        **meaning,
    )


def _on_both(
    name: str,
    signatures: str | Sequence[str],
    weight: int,
    source: str,
    *,
    vec: Sequence[Any],
    mat: Sequence[Any],
    group: str = _VECTOR,
    **meaning: Any,
) -> None:
    """Enter one function for vectors and one for matrices, with the examples of each.

    In a signature, {0} stands for the vector or matrix, {1} for one of floats.
    """
    families = (signatures,) if isinstance(signatures, str) else signatures
    for variant, type_, floats, examples in (("vec", VEC, _FLOAT_VEC, vec), ("mat", MAT, _FLOAT_MAT, mat)):
        texts = [text.format(type_, floats) for text in families]
        _entry(name, texts, weight, source, examples, variant=variant, group=group, **meaning)


# Component by component

_entry(
    "abs",
    f"x: {VEC} -> {VEC}",
    3,
    "Compute the absolute value of ``x``. Returns: The element-wise absolute value of ``x``.",
    [
        (((-0.0, -math.inf),), (0.0, math.inf), "float32"),
        (((-1.5, math.nan, 2.0),), (1.5, math.nan, 2.0), "float16"),
        (((-2147483647, 0, 5, -5),), (2147483647, 0, 5, 5), "int32"),
    ],
    variant="vec",
    group=_SCALAR,
    **componentwise("abs"),
)
_entry(
    "sign",
    f"x: {VEC} -> {VEC}",
    1,
    "Compute the sign of ``x``. Returns: -1 for negative elements of ``x`` and 1 otherwise.",
    [
        (((-0.0, 0.0),), (1.0, 1.0), "float32"),
        (((-1e-300, math.inf, 3.0),), (-1.0, 1.0, 1.0), "float64"),
        (((-7, 0, 7),), (-1, 1, 1), "int32"),
    ],
    variant="vec",
    group=_SCALAR,
    **componentwise("sign"),
)
_entry(
    "min",
    f"a: {VEC}, b: {VEC} -> {VEC}",
    2,
    "Compute the minimum value. Returns: The element-wise minimum of ``a`` and ``b``. [Of scalars:] On float types, "
    "NaN is treated as missing.",
    [
        (((math.nan, 1.0), (1.0, math.nan)), (1.0, 1.0), "float32"),
        (((math.nan, -math.inf, 2.0), (math.nan, 0.0, 1.5)), (math.nan, -math.inf, 1.5), "float16"),
        (((3, -4, 0), (-3, 4, 0)), (-3, -4, 0), "int32"),
    ],
    variant="vec",
    group=_SCALAR,
    **componentwise("min"),
)
_entry(
    "max",
    f"a: {VEC}, b: {VEC} -> {VEC}",
    2,
    "Compute the maximum value. Returns: The element-wise maximum of ``a`` and ``b``. [Of scalars:] On float types, "
    "NaN is treated as missing.",
    [
        (((math.nan, 1.0), (1.0, math.nan)), (1.0, 1.0), "float32"),
        (((math.nan, math.inf, 2.0), (math.nan, 0.0, 1.5)), (math.nan, math.inf, 2.0), "float16"),
        (((3, -4, 0), (-3, 4, 0)), (3, 4, 0), "int32"),
    ],
    variant="vec",
    group=_SCALAR,
    **componentwise("max"),
)

_on_both(
    "cw_mul",
    "a: {0}, b: {0} -> {0}",
    3,
    "Compute the component-wise product of ``a`` and ``b``.",
    vec=[
        (((math.inf, -1.0), (0.0, 0.0)), (math.nan, -0.0), "float32"),
        (((300.0, 0.1, 2.0), (300.0, 3.0, -4.0)), (math.inf, 0.2998046875, -8.0), "float16"),
        (((-7, 6, 0), (6, -7, 5)), (-42, -42, 0), "int32"),
    ],
    mat=[
        ((((1.0, 2.0), (-0.0, 4.0)), ((0.5, -1.0), (2.0, 0.25))), ((0.5, -2.0), (-0.0, 1.0)), "float64"),
        ((((1, 2), (3, 4)), ((5, 6), (7, 8))), ((5, 12), (21, 32)), "int32"),
    ],
    **componentwise("mul"),
)
_on_both(
    "cw_div",
    "a: {0}, b: {0} -> {0}",
    3,
    "Compute the component-wise division of ``a`` by ``b``.",
    vec=[
        (((1.0, 0.0), (-0.0, 0.0)), (-math.inf, math.nan), "float32"),
        (((1.0, 2.0, -6.0), (3.0, 4.0, 3.0)), (0.33325195, 0.5, -2.0), "float16"),
        (((-7, 7, -7, 1), (2, -2, -2, 2)), (-3, -3, 3, 0), "int32"),
    ],
    mat=[
        (
            (((1.0, 2.0), (-3.0, 1.0)), ((0.0, -1.0), (2.0, 3.0))),
            ((math.inf, -2.0), (-1.5, 0.3333333333333333)),
            "float64",
        ),
        ((((9, -9), (7, 0)), ((2, 2), (-7, 3))), ((4, -4), (-1, 0)), "int32"),
    ],
    **componentwise("div.int", "div.float"),
)
_on_both(
    "where",
    (
        "cond: bool, value_if_true: {0}, value_if_false: {0} -> {0}",
        "cond: Int, value_if_true: {0}, value_if_false: {0} -> {0}",
    ),
    2,
    "Select between two arguments, if ``cond`` is ``True`` then return ``value_if_true``, otherwise return "
    "``value_if_false``.",
    group=_UTILITY,
    vec=[
        ((True, (1.0, math.nan), (2.0, 3.0)), (1.0, math.nan), "bool", "float32"),
        ((-2, (1, 2, 3), (4, 5, 6)), (1, 2, 3), "int64"),
        ((False, (1, 2, 3), (4, 5, 6)), (4, 5, 6), "bool"),
    ],
    mat=[
        ((True, ((1.0, -0.0), (3.0, 4.0)), ((5.0, 6.0), (7.0, 8.0))), ((1.0, -0.0), (3.0, 4.0)), "bool", "float32"),
        ((0, ((1, 2), (3, 4)), ((5, 6), (7, 8))), ((5, 6), (7, 8)), "uint8"),
    ],
    value=lambda condition, yes, no: yes if condition else no,
    spread=decisions.select,
)
_on_both(
    "lerp",
    "a: {1}, b: {1}, t: Float -> {1}",
    3,
    "Linearly interpolate two values ``a`` and ``b`` using factor ``t``, computed as ``a*(1-t) + b*t``.",
    group=_UTILITY,
    vec=[
        (((math.inf, 2.0), (1.0, 4.0), 1.0), (math.nan, 4.0), "float32"),
        (((2.0, -3.0, 0.0), (4.0, 5.0, 1.0), 0.25), (2.5, -1.0, 0.25), "float16"),
    ],
    mat=[((((2.0, -3.0), (0.0, 1.0)), ((4.0, 5.0), (1.0, 1.0)), 0.5), ((3.0, 1.0), (0.5, 1.0)), "float64")],
    **componentwise("lerp"),
)

# Smallest and largest


def _reduced(name: str) -> dict[str, Any]:
    """Return value, rounding and spread of a reduction by the minimum or the maximum of two scalars."""
    pair = find(name)

    def value(vector: Sequence[Any]) -> Any:
        return functools.reduce(pair.value, vector)

    def spread(values: Sequence[Any], radii: Sequence[Any], value: Any) -> float:
        radius: float = pair.spread(values[0], radii[0], value)
        return radius

    return {"value": value, "rounding": pair.rounding, "spread": spread}


def argmin(vector: Sequence[Any]) -> int:
    """Return the first index of the smallest element that is not NaN; 0 if there is none."""
    return min((i for i, x in enumerate(vector) if x == x), key=lambda i: vector[i], default=0)


def argmax(vector: Sequence[Any]) -> int:
    """Return the first index of the largest element that is not NaN; 0 if there is none."""
    return max((i for i, x in enumerate(vector) if x == x), key=lambda i: vector[i], default=0)


_entry(
    "min",
    f"a: {VEC} -> Scalar",
    2,
    "On float types, NaN elements are treated as missing (C ``fmin`` semantics); the reduction returns the smallest "
    "non-NaN element, or NaN only if every element is NaN.",
    [
        (((math.nan, math.nan),), math.nan, "float32"),
        (((math.nan, 2.0, -1.0),), -1.0, "float16"),
        (((1.0, -math.inf, math.nan, 0.0),), -math.inf, "float64"),
        (((3, -4, 0, 5),), -4, "int32"),
    ],
    variant="reduce",
    group=_SCALAR,
    **_reduced("min"),
)
_entry(
    "max",
    f"a: {VEC} -> Scalar",
    2,
    "On float types, NaN elements are treated as missing (C ``fmax`` semantics); the reduction returns the largest "
    "non-NaN element, or NaN only if every element is NaN.",
    [
        (((math.nan, math.nan),), math.nan, "float32"),
        (((-2.0, math.nan, -3.0),), -2.0, "float16"),
        (((1.0, math.inf, math.nan, 0.0),), math.inf, "float64"),
        (((3, -4, 0, 5),), 5, "int32"),
    ],
    variant="reduce",
    group=_SCALAR,
    **_reduced("max"),
)
_entry(
    "argmin",
    f"a: {VEC} -> uint32",
    2,
    "Compute the index of the minimum element of vector ``a``. On float types, NaN elements are skipped; the result is "
    "the index of the smallest non-NaN element. If every element is NaN, returns ``0``. [Of equal elements, the first, "
    "as in Python.]",
    [
        (((math.nan, math.nan),), 0, "float32"),
        (((math.nan, 2.0, -1.0),), 2, "float64"),
        (((0.0, -0.0),), 0, "float16"),
        (((3, -4, 0, -4),), 1, "int32"),
    ],
    value=argmin,
    spread=decisions.argmin_spread,
)
_entry(
    "argmax",
    f"a: {VEC} -> uint32",
    2,
    "Compute the index of the maximum element of vector ``a``. On float types, NaN elements are skipped; the result is "
    "the index of the largest non-NaN element. If every element is NaN, returns ``0``. [Of equal elements, the first, "
    "as in Python.]",
    [
        (((math.nan, math.nan),), 0, "float32"),
        (((math.nan, -2.0, -1.0),), 2, "float64"),
        (((-0.0, 0.0),), 0, "float16"),
        (((3, -4, 3, 0),), 0, "int32"),
    ],
    value=argmax,
    spread=decisions.argmax_spread,
)

# Products

_MUL = componentwise("mul")


def _outer_operands(a: Sequence[Any], b: Sequence[Any]) -> tuple[Any, Any]:
    """Return the matrices whose component-wise product is the outer product."""
    return tuple((x,) * len(b) for x in a), (b,) * len(a)


def _cross(a: Sequence[Any], b: Sequence[Any]) -> tuple[Any, ...]:
    return tuple([(a[i - 2], b[i - 1]), (-a[i - 1], b[i - 2])] for i in range(3))


def _skew(vector: Sequence[Any]) -> tuple[tuple[Any, ...], ...]:
    x, y, z = vector
    zero = type(x)(0)
    return ((zero, -z, y), (z, zero, -x), (-y, x, zero))


_entry(
    "dot",
    f"a: {VEC}, b: {VEC} -> Scalar",
    5,
    "Compute the dot product.",
    [
        (((math.inf, 1.0), (0.0, 1.0)), math.nan, "float32"),
        (((1e20, 1.0, -1e20), (1e20, 1.0, 1e20)), 1.0, "float64"),
        (((256.0, 1.0), (256.0, 1.0)), math.inf, "float16"),
        (((1, -2, 3, 4), (5, 6, -7, 8)), 4, "int32"),
    ],
    **sum_of_products(lambda a, b: list(zip(a, b, strict=True))),
)
_entry(
    "ddot",
    f"a: {MAT}, b: {MAT} -> Scalar",
    2,
    "Compute the double dot product between two matrices.",
    [
        ((((math.nan, 1.0), (0.0, 1.0)), ((0.0, 0.0), (0.0, 0.0))), math.nan, "float32"),
        ((((1.0, 2.0), (3.0, 4.0)), ((0.5, -1.0), (2.0, 0.25))), 5.5, "float16"),
        ((((1, 2), (3, 4)), ((5, 6), (7, 8))), 70, "int32"),
    ],
    **sum_of_products(lambda a, b: list(zip(leaves(a), leaves(b), strict=True))),
)
_entry(
    "outer",
    "a: vec[r, Scalar], b: vec[c, Scalar] -> mat[r, c, Scalar]",
    2,
    "Compute the outer product ``a*b^T`` for two vectors.",
    [
        (((math.inf, -1.0), (0.0, 2.0)), ((math.nan, math.inf), (-0.0, -2.0)), "float32"),
        (((1, 2, 3), (4, 5, -6)), ((4, 5, -6), (8, 10, -12), (12, 15, -18)), "int32"),
        (((1, 2), (3, 4, 5)), ((3, 4, 5), (6, 8, 10)), "int32"),
    ],
    value=lambda a, b: _MUL["value"](*_outer_operands(a, b)),
    rounding=_MUL["rounding"],
    spread=lambda values, radii, value: _MUL["spread"](_outer_operands(*values), _outer_operands(*radii), value),
)
_entry(
    "cross",
    "a: vec[3, Scalar], b: vec[3, Scalar] -> vec[3, Scalar]",
    5,
    "Compute the cross product of two 3D vectors.",
    [
        (((math.inf, 0.0, 0.0), (0.0, 1.0, 0.0)), (0.0, math.nan, math.inf), "float32"),
        (((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)), (0.0, 0.0, 1.0), "float64"),
        (((1.0, 2.0, 3.0), (4.0, 5.0, 6.0)), (-3.0, 6.0, -3.0), "float16"),
        (((2, 3, 4), (5, 6, 7)), (-3, 6, -3), "int32"),
    ],
    **sum_of_products(_cross),
)
_entry(
    "skew",
    "vec: vec[3, Scalar] -> mat[3, 3, Scalar]",
    1,
    "Compute the skew-symmetric 3x3 matrix for a 3D vector ``vec``.",
    [
        (
            ((math.nan, -math.inf, 1.0),),
            ((0.0, -1.0, -math.inf), (1.0, 0.0, math.nan), (math.inf, math.nan, 0.0)),
            "float32",
        ),
        (((1, 2, 3),), ((0, -3, 2), (3, 0, -1), (-2, 1, 0)), "int32"),
    ],
    value=_skew,
    spread=rearranged(_skew),
)

# Lengths


def length(vector: Sequence[Any]) -> Any:
    """Return the root of the sum of squares; NaN if an element is NaN, also beside infinities."""
    return to_float(type(vector[0]), _length(vector))


def _length(vector: Sequence[Any]) -> Any:
    if all(map(math.isfinite, vector)):
        return exact_root(squares(vector))
    return math.nan if any(map(math.isnan, vector)) else math.inf


def normalize(vector: Sequence[Any]) -> tuple[Any, ...]:
    """Divide a vector by its length; a vector of length 0 gives zeros."""
    whole, kind = _length(vector), type(vector[0])
    return tuple(to_float(kind, float(x) / whole) if whole else kind(0) for x in vector)


_entry(
    "length",
    f"a: {_FLOAT_VEC} -> Float",
    5,
    "Compute the length of ``a``. Compute the length of a floating-point vector.",
    [
        (((math.inf, math.nan),), math.nan, "float32"),
        (((-math.inf, 1.0, 2.0),), math.inf, "float64"),
        (((-0.0, 0.0),), 0.0, "float16"),
        (((3.0, -4.0),), 5.0, "float16"),
        (((1.0, 1.0, 1.0),), 1.73205081, "float32"),
    ],
    value=length,
    rounding=UNORDERED,
    spread=composite_spreads.length_spread,
)
_entry(
    "length_sq",
    f"a: {VEC} -> Scalar",
    3,
    "Compute the squared length of ``a``. Compute the squared length of a vector.",
    [
        (((math.inf, -1.0),), math.inf, "float32"),
        (((256.0, 0.0),), math.inf, "float16"),
        (((1.5, -2.0, 0.5),), 6.5, "float64"),
        (((3, -4, 12, 0),), 169, "int32"),
    ],
    **sum_of_products(squares),
)
_entry(
    "normalize",
    f"a: {_FLOAT_VEC} -> {_FLOAT_VEC}",
    5,
    "Compute the normalized value of ``a``. If ``length(a)`` is 0, the zero vector is returned.",
    [
        (((0.0, 0.0),), (0.0, 0.0), "float32"),
        (((0.0, -0.0, 0.0),), (0.0, 0.0, 0.0), "float64"),
        (((3.0, math.nan),), (math.nan, math.nan), "float32"),
        (((3.0, -math.inf),), (0.0, math.nan), "float32"),
        (((3.0, -4.0),), (0.6, -0.8), "float64"),
        (((0.0, 0.0, 0.0, -8.0),), (0.0, 0.0, 0.0, -1.0), "float16"),
    ],
    value=normalize,
    rounding=UNORDERED,
    spread=composite_spreads.normalize_spread,
)

# Matrices


def _nonsingular(scalar: Scalar, rows: Any) -> str | None:
    if not all(map(math.isfinite, leaves(rows))):
        return "inverse of a matrix that is not finite"
    return None if integer_determinant(integer_matrix(rows)[0]) else "inverse of a singular matrix"


def _some_singular(scalar: Scalar, rows: Any) -> bool:
    if not all(np.isfinite(x).all() for x in leaves(rows)):
        return True
    (determinants_,) = determinants(integer_matrix(rows)[0]).values()
    return not np.all(determinants_ != 0)


_NONSINGULAR = with_arrays(
    Domain(
        "nonsingular",
        0,
        _nonsingular,
        "Must be nonsingular. The inverse matrix, whose product with the input is the identity.",
    ),
    _some_singular,
)


def _diagonal(vector: Sequence[Any]) -> tuple[tuple[Any, ...], ...]:
    zero = type(vector[0])(0)
    return tuple(tuple(x if i == j else zero for j in range(len(vector))) for i, x in enumerate(vector))


def _diagonal_of(rows: Sequence[Sequence[Any]]) -> tuple[Any, ...]:
    return tuple(row[i] for i, row in enumerate(rows))


_entry(
    "transpose",
    "a: mat[r, c, Scalar] -> mat[c, r, Scalar]",
    3,
    "Compute the transpose of matrix ``a``.",
    [
        ((((1.0, -0.0), (math.nan, 4.0)),), ((1.0, math.nan), (-0.0, 4.0)), "float32"),
        ((((1, 2, 3), (4, 5, 6), (7, 8, 9)),), ((1, 4, 7), (2, 5, 8), (3, 6, 9)), "int32"),
        ((((1, 2, 3), (4, 5, 6)),), ((1, 4), (2, 5), (3, 6)), "int32"),
    ],
    value=transpose,
    spread=rearranged(transpose),
)
_entry(
    "inverse",
    [f"a: mat[{n}, {n}, Float] -> mat[{n}, {n}, Float]" for n in (2, 3, 4)],
    2,
    "Return the inverse of a matrix. Must be nonsingular. The inverse matrix, whose product with the input is the "
    "identity in exact arithmetic.",
    [
        ((((2.0, 1.0), (1.0, 2.0)),), ((0.66666667, -0.33333333), (-0.33333333, 0.66666667)), "float32"),
        ((((1.0, 2.0), (3.0, 4.0)),), ((-2.0, 1.0), (1.5, -0.5)), "float16"),
        (
            (((2.0, 0.0, 0.0), (0.0, 0.0, -4.0), (0.0, 1.0, 0.0)),),
            ((0.5, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, -0.25, 0.0)),
            "float64",
        ),
        (
            (((0.0, 1.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 8.0), (0.0, 0.0, 2.0, 1.0)),),
            ((0.0, 1.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0), (0.0, 0.0, -0.0625, 0.5), (0.0, 0.0, 0.125, 0.0)),
            "float32",
        ),
    ],
    value=inverse,
    domain=_NONSINGULAR,
    rounding=UNORDERED,
    spread=composite_spreads.inverse_spread,
)
_entry(
    "determinant",
    [f"a: mat[{n}, {n}, Float] -> Float" for n in (2, 3, 4)],
    2,
    "Compute the determinant of matrix ``a``.",
    [
        ((((math.inf, 0.0), (1.0, 0.0)),), math.nan, "float32"),
        ((((1.0, 2.0), (3.0, 4.0)),), -2.0, "float16"),
        ((((1.0, 2.0, 3.0), (4.0, 5.0, 6.0), (7.0, 8.0, 10.0)),), -3.0, "float32"),
        ((((0.0, 2.0, 0.0), (3.0, 0.0, 0.0), (0.0, 0.0, 0.5)),), -3.0, "float64"),
        (
            (((0.0, 1.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 8.0), (0.0, 0.0, 2.0, 1.0)),),
            16.0,
            "float32",
        ),
    ],
    value=determinant,
    rounding=UNORDERED,
    spread=determinant_spread,
)
_entry(
    "trace",
    f"a: {_SQUARE} -> Scalar",
    2,
    "Compute the trace of matrix ``a``.",
    [
        ((((math.inf, 0.0), (1.0, -math.inf)),), math.nan, "float32"),
        ((((2048.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),), 2050.0, "float16"),
        ((((1, 9), (9, -3)),), -2, "int32"),
    ],
    **sum_of_products(lambda rows: [(x,) for x in _diagonal_of(rows)]),
)
_entry(
    "diag",
    f"vec: {VEC} -> {_SQUARE}",
    2,
    "Construct a matrix with the components of vector ``vec`` on the diagonal.",
    [
        (((-0.0, math.nan),), ((-0.0, 0.0), (0.0, math.nan)), "float32"),
        (((1, 2, 3),), ((1, 0, 0), (0, 2, 0), (0, 0, 3)), "int32"),
    ],
    value=_diagonal,
    spread=rearranged(_diagonal),
)
_entry(
    "get_diag",
    f"mat: {_SQUARE} -> {VEC}",
    2,
    "Extract a vector containing the diagonal elements of square matrix ``mat``.",
    [
        ((((-0.0, 1.0), (2.0, math.nan)),), (-0.0, math.nan), "float64"),
        ((((1, 2, 3), (4, 5, 6), (7, 8, 9)),), (1, 5, 9), "int32"),
    ],
    value=_diagonal_of,
    spread=rearranged(_diagonal_of),
)


def _as_rows(*vectors: Any) -> tuple[Any, ...]:
    return vectors


def _as_columns(*vectors: Any) -> tuple[Any, ...]:
    return transpose(vectors)


_entry(
    "matrix_from_rows",
    "*_rows[r]: vec[c, Scalar] -> mat[r, c, Scalar]",
    3,
    "Construct a matrix with each vector argument as a row.",
    [
        (((1, 2), (3, 4)), ((1, 2), (3, 4)), "int32"),
        (
            ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0), (7.0, 8.0, 9.0)),
            ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0), (7.0, 8.0, 9.0)),
            "float32",
        ),
    ],
    value=_as_rows,
    spread=rearranged(_as_rows),
)
_entry(
    "matrix_from_cols",
    "*_columns[c]: vec[r, Scalar] -> mat[r, c, Scalar]",
    3,
    "Construct a matrix with each vector argument as a column.",
    [
        (((1, 2), (3, 4)), ((1, 3), (2, 4)), "int32"),
        (
            ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0), (7.0, 8.0, 9.0)),
            ((1.0, 4.0, 7.0), (2.0, 5.0, 8.0), (3.0, 6.0, 9.0)),
            "float32",
        ),
    ],
    value=_as_columns,
    spread=rearranged(_as_columns),
)


def _identity(overload: Overload) -> Callable[[], Any]:
    zero, size = overload.result.scalar.default, len(overload.result.parts)
    one = type(zero)(1)
    rows = tuple(tuple(one if i == j else zero for j in range(size)) for i in range(size))
    return lambda: rows


_entry(
    "identity",
    "n: const[n], dtype: type[Scalar] -> mat[n, n, Scalar]",
    2,
    "Create an identity matrix with shape=(n,n) with the type given by ``dtype``.",
    [
        ((), ((1, 0), (0, 1)), "int32"),
        ((), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), "float32"),
        ((), ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1)), "int32"),
    ],
    value=ByOverload(_identity),
    spread=composite_spreads.constant,
)


# Norms


def _threshold(scalar: Scalar, vector: Any, delta: Any) -> str | None:
    return None if delta > 0 else "the threshold of a Huber norm is not positive"


_POSITIVE = Domain("positive", 1, _threshold, "delta (float): The threshold value.")


def _huber(length: float, delta: float) -> float:
    return length * length / 2 if length <= delta else delta * (length - delta / 2)


def _pseudo_huber(length: float, delta: float) -> float:
    return delta * math.sqrt(1.0 + (length / delta) ** 2)


def _norm(formula: Callable[[float, float], float]) -> Callable[[Any, Any], Any]:
    """Make the value of a norm with a threshold from its formula in float64."""
    return lambda vector, delta: to_float(type(delta), formula(_length(vector), float(delta)))


def smooth_normalize(vector: Sequence[Any], delta: Any) -> tuple[Any, ...]:
    """Divide a vector by its pseudo-Huber norm, which is positive."""
    norm = _pseudo_huber(_length(vector), float(delta))
    return tuple(to_float(type(delta), float(x) / norm) for x in vector)


_THRESHOLD = "v: vec[n, float32], delta: float32 = 1.0"

_entry(
    "norm_l1",
    "v: vec[n, float32] -> float32",
    1,
    "Compute the L1 norm of a vector v: the sum of the absolute values of its elements.",
    [
        (((-math.inf, math.nan),), math.nan, "float32"),
        (((-math.inf, 1.0, 2.0),), math.inf, "float32"),
        (((-1.5, 2.0, -0.25),), 3.75, "float32"),
    ],
    **sum_of_products(lambda vector: [(abs(x),) for x in vector]),
)
_entry(
    "norm_l2",
    f"v: {_FLOAT_VEC} -> Float",
    1,
    "Compute the L2 norm of a vector v: the root of the sum of the squares of its elements.",
    [
        (((-math.inf, math.nan),), math.nan, "float32"),
        (((2.0, -3.0, 6.0),), 7.0, "float16"),
        (((1.0, 1.0),), 1.4142135623730951, "float64"),
    ],
    value=length,
    rounding=UNORDERED,
    spread=composite_spreads.length_spread,
)
_entry(
    "norm_huber",
    f"{_THRESHOLD} -> float32",
    1,
    "Compute the Huber norm of a vector v with a given delta: ``|v|**2 / 2`` if ``|v| <= delta``, and "
    "``delta * (|v| - delta / 2)`` otherwise.",
    [
        (((3.0, 4.0), 5.0), 12.5, "float32"),
        (((3.0, 4.0), 2.0), 8.0, "float32"),
        (((0.0, 0.0, 0.0), 1.0), 0.0, "float32"),
        (((math.nan, 0.0), 1.0), math.nan, "float32"),
    ],
    value=_norm(_huber),
    domain=_POSITIVE,
    rounding=UNORDERED,
    spread=composite_spreads.huber_spread,
)
_entry(
    "norm_pseudo_huber",
    f"{_THRESHOLD} -> float32",
    1,
    'Compute the "pseudo" Huber norm of a vector v with a given delta: ``delta * sqrt(1 + |v|**2 / delta**2)``.',
    [
        (((0.0, 0.0), 2.0), 2.0, "float32"),
        (((2.0, 2.0, 1.0), 4.0), 5.0, "float32"),
        (((math.inf, 0.0), 1.0), math.inf, "float32"),
        (((math.nan, 0.0), 1.0), math.nan, "float32"),
    ],
    value=_norm(_pseudo_huber),
    domain=_POSITIVE,
    rounding=UNORDERED,
    spread=composite_spreads.pseudo_huber_spread,
)
_entry(
    "smooth_normalize",
    f"{_THRESHOLD} -> vec[n, float32]",
    1,
    "Normalize a vector using the pseudo-Huber norm: ``v`` divided by it.",
    [
        (((0.0, -0.0), 2.0), (0.0, -0.0), "float32"),
        (((2.0, 2.0, 1.0), 4.0), (0.4, 0.4, 0.2), "float32"),
        (((math.nan, 0.0), 1.0), (math.nan, math.nan), "float32"),
    ],
    value=smooth_normalize,
    domain=_POSITIVE,
    rounding=UNORDERED,
    spread=composite_spreads.smooth_normalize_spread,
)
