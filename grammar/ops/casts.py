"""Conversions of any scalar to each scalar type, written ``wp.float32(x)``: one operation per target.

``int(x)``, ``float(x)`` and ``bool(x)`` are the operations of int32, float32 and bool. Integers are reduced modulo the
width of the target; a float that an integer type cannot hold is undefined, and one that a float type cannot hold
becomes infinite, as IEEE 754 rounds (7.4).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from grammar.ops import decisions, elementary, spreads
from grammar.ops.arrays import with_arrays
from grammar.ops.balls import Spread, bounded_by
from grammar.ops.domains import WITHIN, Domain
from grammar.ops.floats import LARGEST
from grammar.ops.record import op
from grammar.types import BOOL, FLOATS, INTS, Scalar

_SOURCE = (
    "[Manual: there is no implicit conversion; calling a scalar type converts to it, as C++ does, and a value outside "
    "its range, such as ``wp.uint8(-1.0)``, is undefined.]"
)


def _cast(target: Scalar, value: Callable[[Any], Any], domain: Domain | None, spread: Spread) -> None:
    op(
        target.name,
        f"_a: Any -> {target}",
        group="Casts",
        spelling="{type}({0})",
        weight=_WEIGHTS.get(target.name, 1),
        value=value,
        domain=domain,
        spread=spread,
        source=_SOURCE,
        examples=_EXAMPLES[target.name],
    )


def _to_integer(target: Scalar) -> Callable[[Any], int]:
    def value(x: Any) -> int:
        """Floats lose their fraction (C++ [conv.fpint])."""
        return target.wrap(int(x))

    def many(x: Any) -> Any:
        return np.array([value(one) for one in x.tolist()], object)

    return with_arrays(value, many)


def _to_float(target: Scalar) -> Callable[[Any], Any]:
    kind = target.dtype.type

    def value(x: Any) -> Any:
        """Rounded once; NumPy takes a Python int to float64 first, so integers go by NumPy's own, which C converts."""
        if isinstance(x, int):
            return (np.uint64(x) if x >= 0 else np.int64(x)).astype(kind)
        return kind(x)

    def many(x: Any) -> Any:
        return x.astype(kind) if x.dtype.kind == "f" else np.array([value(one) for one in x.tolist()])

    return with_arrays(value, many)


def _conversion_spread(target: Scalar) -> Spread:
    """Make the spread of a conversion to a float type: centre and operand may round apart, by an ULP in all.

    The rounding is part of the spread, because engines convert an exact operand all alike.
    """
    kind = target.dtype.type
    overflowing = LARGEST[kind] * (1.0 + float(np.finfo(kind).eps))
    finite = bounded_by(with_arrays(lambda x: x.rounded(kind)))
    return spreads.with_overflow(finite, lambda x, r, _: x - r > overflowing)


def _truncated(x: float) -> float:
    return elementary.trunc(x) + 0.0  # an integer zero has no sign


_WEIGHTS = {"int32": 4, "float32": 5, "bool": 2, "float64": 3, "int64": 2}

_EXAMPLES: dict[str, list[Any]] = {
    "bool": [((math.nan,), True), ((-0.0,), False), ((0.5,), True), ((0,), False, "int32"), ((-1,), True, "int8")],
    "int8": [((-1.9,), -1), ((127.9,), 127), ((200,), -56, "int32"), ((255,), -1, "uint8"), ((True,), 1, "bool")],
    "uint8": [((255.5,), 255), ((-0.9,), 0), ((-1,), 255, "int32"), ((256,), 0, "int64"), ((True,), 1, "bool")],
    "int16": [((-32768.0,), -32768), ((40000,), -25536, "uint16"), ((7.9,), 7, "float64"), ((False,), 0, "bool")],
    "uint16": [((65535.0,), 65535), ((-1,), 65535, "int8"), ((65536,), 0, "uint32"), ((True,), 1, "bool")],
    "int32": [
        ((-2147483648.0,), -2147483648),
        ((-0.9,), 0),
        ((-2.7,), -2),
        ((4294967295,), -1, "uint32"),
        ((3000000000,), -1294967296, "int64"),
        ((True,), 1, "bool"),
    ],
    "uint32": [((3.99,), 3), ((4294967040.0,), 4294967040), ((-1,), 4294967295, "int32"), ((5,), 5, "int64")],
    "int64": [((-1e18,), -1000000000000000000, "float64"), ((18446744073709551615,), -1, "uint64"), ((2.5,), 2)],
    "uint64": [((1.5,), 1), ((-1,), 18446744073709551615, "int8"), ((1e19,), 10000000000000000000, "float64")],
    "float16": [
        ((65520.0,), math.inf),
        ((65519.0,), 65504.0),
        ((-70000,), -math.inf, "int32"),
        ((math.nan,), math.nan),
        ((1e-9,), 0.0),
        ((2049,), 2048.0, "int32"),
        ((0.1,), 0.099975586, "float64"),
    ],
    "float32": [
        ((-1e39,), -math.inf, "float64"),
        ((-math.inf,), -math.inf, "float64"),
        ((-0.0,), -0.0, "float64"),
        ((16777217,), 16777216.0, "int32"),
        ((9007199791611905,), 9007200328482816.0, "int64"),
        ((0.1,), 0.100000001, "float64"),
        ((True,), 1.0, "bool"),
    ],
    "float64": [
        ((math.inf,), math.inf),
        ((9007199254740993,), 9007199254740992.0, "int64"),
        ((0.1,), 0.10000000149011612),
        ((7,), 7.0, "uint8"),
    ],
}

for _target in (BOOL, *INTS, *FLOATS):
    if _target is BOOL:
        _cast(_target, bool, None, decisions.away_from_zero)
    elif _target.is_integer:
        _cast(_target, _to_integer(_target), WITHIN(_target, _SOURCE), decisions.stepwise(_truncated))
    else:
        _cast(_target, _to_float(_target), None, _conversion_spread(_target))
