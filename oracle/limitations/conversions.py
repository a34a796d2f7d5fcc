"""How C++ compares scalars of two types: both become one type first, whatever that does to their values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grammar.ops.record import TABLE
from grammar.types import INT32, Scalar

Comparison = Callable[[Any, Any], bool]


def common_type(left: Scalar, right: Scalar) -> Scalar:
    """The type in which C++ compares two scalars: the usual arithmetic conversions (C++17, [expr] 8.3)."""
    floats = [t for t in (left, right) if t.is_float]
    if floats:
        return max(floats, key=lambda t: t.bits)
    a, b = (t if t.bits >= 32 and t.is_integer else INT32 for t in (left, right))
    if a.kind == b.kind or a.bits != b.bits:
        return max((a, b), key=lambda t: t.bits)
    return a if a.kind == "uint" else b


def converted(compare: Comparison, common: Scalar) -> Comparison:
    """Compare two values after both were converted."""
    convert = TABLE[common.name].value
    return lambda a, b: bool(compare(_in_range(convert(a), common), _in_range(convert(b), common)))


def _in_range(value: Any, scalar: Scalar) -> Any:
    return value if scalar.is_float else scalar.wrap(value)
