"""Warp's Quaternion Math group, and the operators and functions of other groups on quaternions.

A quaternion is (x, y, z, w). Products and rotations are sums of products whose order of evaluation is not promised.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from grammar.ops.balls import Ball, bounded_by
from grammar.ops.components import over
from grammar.ops.composite_spreads import constant, normalize_spread, rearranged
from grammar.ops.composites import componentwise, placed, sum_of_products
from grammar.ops.domains import Domain
from grammar.ops.floats import LARGEST, ratio, to_float
from grammar.ops.record import UNORDERED, ByOverload, op
from grammar.ops.vector_math import normalize
from grammar.types import Scalar

_QUAT = "quat[Float]"


def _entry(
    name: str, signatures: str | Sequence[str], weight: int, source: str, examples: Sequence[Any], **meaning: Any
) -> None:
    """Enter one function or operator, which is spelled as it is named unless that is said."""
    families = (signatures,) if isinstance(signatures, str) else signatures
    holes = ", ".join(f"{{{index}}}" for index in range(families[0].count(":")))
    facts = {"group": "Quaternion Math", "spelling": f"wp.{name}({holes})"} | meaning
    op(name, *families, weight=weight, source=source, examples=examples, **facts)


# Construction


def _constructor(
    variant: str, parameters: str, weight: int, source: str, examples: Sequence[Any], **meaning: Any
) -> None:
    facts = {"group": "Constructors", "spelling": "{type}(...)", "variant": variant} | meaning
    _entry("quaternion", f"{parameters} -> quat[Float]", weight, source, examples, **facts)


_constructor(
    "",
    "*_parts[size]: Float",
    5,
    "Construct a quaternion from its components. Returns: The quaternion ``(x, y, z, w)``.",
    [((1.0, -0.0, math.nan, 4.0), (1.0, -0.0, math.nan, 4.0), "float32")],
    **placed(lambda overload: lambda *parts: parts),
)
_constructor(
    "zero",
    "",
    1,
    "Construct a zero-initialized quaternion. Returns: The quaternion ``(0, 0, 0, 0)``.",
    [((), (0.0, 0.0, 0.0, 0.0), "float64")],
    value=ByOverload(lambda overload: lambda: overload.result.default),
    spread=constant,
)
_constructor(
    "parts",
    "_ijk: vec[3, Float], _real: Float",
    2,
    "Construct a quaternion from its vector and scalar parts. Returns: ``(ijk[0], ijk[1], ijk[2], real)``.",
    [(((1.0, 2.0, 3.0), -4.0), (1.0, 2.0, 3.0, -4.0), "float16")],
    **placed(lambda overload: lambda vector, real: (*vector, real)),
)
_entry(
    "quat_identity",
    ("dtype: type[Float] -> quat[Float]", " -> quat[float32]"),
    1,
    "Construct the identity quaternion. Returns: The quaternion ``(0, 0, 0, 1)``.",
    [((), (0.0, 0.0, 0.0, 1.0), "float32")],
    value=ByOverload(lambda overload: lambda: tuple(map(overload.scalar.dtype.type, (0, 0, 0, 1)))),
    spread=constant,
)

# Operators


def _product(a: Sequence[Any], b: Sequence[Any]) -> tuple[Any, ...]:
    """The Hamilton product, a sum of products for each component."""
    (x, y, z, w), (i, j, k, r) = a, b
    return (
        [(w, i), (x, r), (y, k), (-z, j)],
        [(w, j), (y, r), (z, i), (-x, k)],
        [(w, k), (z, r), (x, j), (-y, i)],
        [(w, r), (-x, i), (-y, j), (-z, k)],
    )


_entry(
    "mul",
    f"a: {_QUAT}, b: {_QUAT} -> {_QUAT}",
    8,
    "Multiply two values. Compute the Hamilton product ``a * b`` of two quaternions.",
    [
        (((1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0)), (0.0, 0.0, 1.0, 0.0), "float32"),
        (((0.0, 1.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0)), (0.0, 0.0, -1.0, 0.0), "float64"),
        (((1.0, 2.0, 3.0, 4.0), (5.0, 6.0, 7.0, 8.0)), (24.0, 48.0, 48.0, -6.0), "float16"),
    ],
    variant="quat",
    group="Operators",
    spelling="{0} * {1}",
    **sum_of_products(_product),
)
for _name, _symbol, _source, _value in (
    ("add", "+", "Add ``a`` and ``b``.", (1.5, 0.0, 3.0, -0.0)),
    ("sub", "-", "Subtract ``b`` from ``a``.", (0.5, 0.0, -1.0, 0.0)),
):
    _entry(
        _name,
        f"a: {_QUAT}, b: {_QUAT} -> {_QUAT}",
        8,
        _source,
        [(((1.0, 0.0, 1.0, -0.0), (0.5, 0.0, 2.0, -0.0)), _value, "float32")],
        variant="quat",
        group="Operators",
        spelling=f"{{0}} {_symbol} {{1}}",
        **componentwise(_name),
    )
for _variant, _types, _arguments in (
    ("quat_scalar", f"a: {_QUAT}, b: Float", ((1.0, -2.0, 0.0, 4.0), 0.5)),
    ("scalar_quat", f"a: Float, b: {_QUAT}", (0.5, (1.0, -2.0, 0.0, 4.0))),
):
    _entry(
        "mul",
        f"{_types} -> {_QUAT}",
        6,
        "Multiply two values. Scale a quaternion by a scalar.",
        [(_arguments, (0.5, -1.0, 0.0, 2.0), "float32")],
        variant=_variant,
        group="Operators",
        spelling="{0} * {1}",
        **componentwise("mul"),
    )

# Functions


def _conjugate(quat: Sequence[Any]) -> tuple[Any, ...]:
    x, y, z, w = quat
    return (-x, -y, -z, w)


_entry(
    "quat_inverse",
    f"quat: {_QUAT} -> {_QUAT}",
    3,
    "Return the conjugate of ``quat``, which is its inverse when ``quat`` has unit length. Returns: The quaternion "
    "``(-quat[0], -quat[1], -quat[2], quat[3])``.",
    [(((1.0, -2.0, 0.0, math.inf),), (-1.0, 2.0, -0.0, math.inf), "float32")],
    value=_conjugate,
    spread=rearranged(_conjugate),
)


def _normalized(quat: Sequence[Any]) -> tuple[Any, ...]:
    kind = type(quat[3])
    return normalize(quat) if any(quat) else (kind(0), kind(0), kind(0), kind(1))


_entry(
    "normalize",
    f"a: {_QUAT} -> {_QUAT}",
    4,
    "Compute the normalized value of ``a``. If ``length(a)`` is 0, the identity quaternion ``(0, 0, 0, 1)`` is "
    "returned.",
    [
        (((0.0, -0.0, 0.0, 0.0),), (0.0, 0.0, 0.0, 1.0), "float32"),
        (((0.0, 3.0, 0.0, -4.0),), (0.0, 0.6, 0.0, -0.8), "float64"),
        (((math.nan, 0.0, 0.0, 0.0),), (math.nan, math.nan, math.nan, math.nan), "float16"),
    ],
    variant="quat",
    group="Vector Math",
    value=_normalized,
    rounding=UNORDERED,
    spread=normalize_spread,
)

CLOSE = 32.0
"""How many units of rounding the squared length of a quaternion may differ from 1 where it is said to have length 1."""


def _not_a_rotation(scalar: Scalar, quat: Sequence[Any], vector: Any) -> str | None:
    if not all(map(math.isfinite, (*quat, *vector))):
        return "rotation of or by what is not finite"
    away = abs(math.fsum(float(x) * float(x) for x in quat) - 1.0)
    return None if away <= CLOSE * np.finfo(scalar.dtype).eps else "rotation by a quaternion that is not of length 1"


_UNIT = Domain("unit", 0, _not_a_rotation, "quat: Rotation quaternion, with unit length.", _normalized)


def _cross(a: Sequence[Any], b: Sequence[Any]) -> tuple[Any, ...]:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def _rotated(quat: Sequence[Any], vector: Sequence[Any]) -> tuple[Any, ...]:
    """Rotate by a quaternion of length 1, as ``v + 2 w (u x v) + 2 u x (u x v)``."""
    *axis, w = quat
    turned = _cross(axis, vector)
    again = _cross(axis, turned)
    return tuple(v + (w * t + a) * 2 for v, t, a in zip(vector, turned, again, strict=True))


def _by_matrix(quat: Sequence[Ball], vector: Sequence[Ball]) -> tuple[Ball, ...]:
    """The same by the rotation matrix of the quaternion."""
    x, y, z, w = quat
    rows = (
        (1 - (y * y + z * z) * 2, (x * y - z * w) * 2, (x * z + y * w) * 2),
        ((x * y + z * w) * 2, 1 - (x * x + z * z) * 2, (y * z - x * w) * 2),
        ((x * z - y * w) * 2, (y * z + x * w) * 2, 1 - (x * x + y * y) * 2),
    )
    return tuple(a * vector[0] + b * vector[1] + c * vector[2] for a, b, c in rows)


def _by_parts(quat: Sequence[Ball], vector: Sequence[Ball]) -> tuple[Ball, ...]:
    """The same by the parts along the axis and across it: ``v (2 w w - 1) + 2 w (u x v) + 2 u (u . v)``."""
    *axis, w = quat
    along = axis[0] * vector[0] + axis[1] * vector[1] + axis[2] * vector[2]
    turned = _cross(axis, vector)
    return tuple(v * (w * w * 2 - 1) + t * w * 2 + u * along * 2 for v, t, u in zip(vector, turned, axis, strict=True))


_FORMULAS = tuple(map(bounded_by, (_rotated, _by_matrix, _by_parts)))


TERMS = 32.0
"""More than the terms of any formula of a rotation, each of which may be twice a component of the vector."""


def _rotate_spread(values: Sequence[Any], radii: Sequence[Any], value: Any) -> Any:
    """Every formula of a rotation: they agree where the length is 1, and differ where it is so but for rounding.

    There is no bound where a partial sum of some formula may overflow.
    """
    if TERMS * max(abs(float(x)) for x in values[1]) > LARGEST[type(value[0])]:
        return over(lambda _: math.inf, value)
    return over(max, *(spread(values, radii, value) for spread in _FORMULAS))


def _exact(rotate: Callable[..., Any]) -> Callable[..., Any]:
    """Compute a formula of finite floats exactly, rounded once."""

    def value(quat: Sequence[Any], vector: Sequence[Any]) -> tuple[Any, ...]:
        kind = type(quat[0])
        parts = rotate(over(Fraction, over(float, quat)), over(Fraction, over(float, vector)))
        return tuple(to_float(kind, ratio(part.numerator, part.denominator)) for part in parts)

    return value


_entry(
    "quat_rotate",
    f"quat: {_QUAT}, vec: vec[3, Float] -> vec[3, Float]",
    4,
    "Return ``vec`` rotated by the rotation that ``quat`` represents. [quat:] Rotation quaternion, with unit length.",
    [
        (((0.0, 0.0, 0.0, 1.0), (1.0, 2.0, 3.0)), (1.0, 2.0, 3.0), "float32"),
        (((1.0, 0.0, 0.0, 0.0), (1.0, 2.0, 3.0)), (1.0, -2.0, -3.0), "float16"),
        (((0.5, 0.5, 0.5, 0.5), (1.0, 2.0, 3.0)), (3.0, 1.0, 2.0), "float64"),
    ],
    value=_exact(_rotated),
    domain=_UNIT,
    rounding=UNORDERED,
    spread=_rotate_spread,
)
