"""Warp's Vector Math group, and the vector and matrix forms of Scalar Math and Utility functions.

Where a function is a sum of products (dot, cross, trace, determinant), or is built from one (length, inverse, the norms),
no order of evaluation is promised: its value is computed exactly or in float64 and rounded once, and its radius holds
every order and contraction.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

from grammar.ops import composite_spreads, spreads
from grammar.ops.components import (
    determinant,
    exact_root,
    integer_determinant,
    integer_matrix,
    inverse,
    leaves,
    over,
    to_float,
    transpose,
)
from grammar.ops.composite_spreads import rearranged, squares, where_uncertain
from grammar.ops.composites import MAT, VEC, componentwise, sum_of_products
from grammar.ops.record import UNORDERED, find, op
from grammar.types import Scalar

_FLOAT_VEC = "vec[n, Float]"
_FLOAT_MAT = "mat[n, n, Float]"
_VECTOR, _SCALAR, _UTILITY = "Vector Math", "Scalar Math", "Utility"


def _entry(
    name: str,
    signature: str,
    weight: int,
    source: str,
    examples: Sequence[Any],
    *,
    variant: str = "",
    group: str = _VECTOR,
    **meaning: Any,
) -> None:
    """Enter one function, which is spelled as it is named."""
    holes = ", ".join(f"{{{index}}}" for index in range(signature.count(":")))
    op(
        name,
        signature,
        variant=variant,
        group=group,
        spelling=f"wp.{name}({holes})",
        weight=weight,
        source=source,
        examples=examples,
        **meaning,
    )


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
    2,
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
    3,
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
    3,
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

for _variant, _operands in (("vec", VEC), ("mat", MAT)):
    _entry(
        "cw_mul",
        f"a: {_operands}, b: {_operands} -> {_operands}",
        3,
        "Compute the component-wise product of ``a`` and ``b``.",
        {
            "vec": [
                (((math.inf, -1.0), (0.0, 0.0)), (math.nan, -0.0), "float32"),
                (((300.0, 0.1, 2.0), (300.0, 3.0, -4.0)), (math.inf, 0.2998046875, -8.0), "float16"),
                (((-7, 6, 0), (6, -7, 5)), (-42, -42, 0), "int32"),
            ],
            "mat": [
                ((((1.0, 2.0), (-0.0, 4.0)), ((0.5, -1.0), (2.0, 0.25))), ((0.5, -2.0), (-0.0, 1.0)), "float64"),
                ((((1, 2), (3, 4)), ((5, 6), (7, 8))), ((5, 12), (21, 32)), "int32"),
            ],
        }[_variant],
        variant=_variant,
        **componentwise("mul"),
    )
    _entry(
        "cw_div",
        f"a: {_operands}, b: {_operands} -> {_operands}",
        3,
        "Compute the component-wise division of ``a`` by ``b``.",
        {
            "vec": [
                (((1.0, 0.0), (-0.0, 0.0)), (-math.inf, math.nan), "float32"),
                (((1.0, 2.0, -6.0), (3.0, 4.0, 3.0)), (0.33325195, 0.5, -2.0), "float16"),
                (((-7, 7, -7, 1), (2, -2, -2, 2)), (-3, -3, 3, 0), "int32"),
            ],
            "mat": [
                ((((1.0, 2.0), (-3.0, 4.0)), ((0.0, -1.0), (2.0, 3.0))), ((math.inf, -2.0), (-1.5, 4.0 / 3.0)), "float64"),
                ((((9, -9), (7, 0)), ((2, 2), (-7, 3))), ((4, -4), (-1, 0)), "int32"),
            ],
        }[_variant],
        variant=_variant,
        **componentwise("div.int", "div.float"),
    )
    _entry(
        "where",
        f"cond: bool, value_if_true: {_operands}, value_if_false: {_operands} -> {_operands}",
        3,
        "Select between two arguments, if ``cond`` is ``True`` then return ``value_if_true``, otherwise return "
        "``value_if_false``.",
        {
            "vec": [
                ((True, (1.0, math.nan), (2.0, 3.0)), (1.0, math.nan), "float32"),
                ((False, (1, 2, 3), (4, 5, 6)), (4, 5, 6), "int32"),
            ],
            "mat": [
                ((True, ((1.0, -0.0), (3.0, 4.0)), ((5.0, 6.0), (7.0, 8.0))), ((1.0, -0.0), (3.0, 4.0)), "float16"),
                ((False, ((1, 2), (3, 4)), ((5, 6), (7, 8))), ((5, 6), (7, 8)), "int32"),
            ],
        }[_variant],
        variant=_variant,
        group=_UTILITY,
        value=lambda condition, yes, no: yes if condition else no,
        spread=spreads.select,
    )
    _float = _operands.replace("Composite", "Float")
    _entry(
        "lerp",
        f"a: {_float}, b: {_float}, t: Float -> {_float}",
        3,
        "Linearly interpolate two values ``a`` and ``b`` using factor ``t``, computed as ``a*(1-t) + b*t``.",
        {
            "vec": [
                (((math.inf, 2.0), (1.0, 4.0), 1.0), (math.nan, 4.0), "float32"),
                (((2.0, -3.0, 0.0), (4.0, 5.0, 1.0), 0.25), (2.5, -1.0, 0.25), "float16"),
            ],
            "mat": [
                (
                    (((2.0, -3.0), (0.0, 1.0)), ((4.0, 5.0), (1.0, 1.0)), 0.5),
                    ((3.0, 1.0), (0.5, 1.0)),
                    "float64",
                ),
            ],
        }[_variant],
        variant=_variant,
        group=_UTILITY,
        **componentwise("lerp"),
    )

# Smallest and largest


def _reduced(name: str) -> dict[str, Any]:
    """Give value and domain of a reduction by a scalar operation of two operands."""
    pair = find(name)

    def value(vector: Sequence[Any]) -> Any:
        return functools.reduce(pair.value, vector)

    def domain(scalar: Scalar, vector: Sequence[Any]) -> str | None:
        return pair.domain(scalar, *vector) if pair.domain else None

    def spread(values: Sequence[Any], radii: Sequence[Any], value: Any) -> float:
        return where_uncertain(pair.spread)(values[0], radii[0], value)

    return {"value": value, "domain": domain, "spread": spread}


def _missing(vector: Sequence[Any], otherwise: float) -> list[Any]:
    """Replace NaN, which is missing, by an infinity that never comes before another number."""
    return [otherwise if x != x else x for x in vector]


def argmin(vector: Sequence[Any]) -> int:
    """Give the index of the smallest element that is not NaN; 0 if there is none."""
    present = _missing(vector, math.inf)
    numbers = [i for i, x in enumerate(vector) if x == x]
    return min(numbers, key=lambda i: present[i], default=0)
