"""Values worth writing and feeding: boundary values per type, and plain ones, half and half."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from fuzzer.generation.choices import Choices
from grammar import nodes as n
from grammar.check.constants import PREDEFINED
from grammar.types import BOOL, FLOAT32, FLOAT64, INT32, Scalar

#: Decimal values with more digits than a short format keeps, and exact powers.
_DECIMALS = (0.5, 1.0, 2.0, 0.1, 3.1415927, 0.33333334, 1.5, 0.0, 10.0, 2.7182817, 0.70710677, 1.0000001, 7.25, 100.0)
_PRECISE = (0.1, 3.141592653589793, 0.3333333333333333, 1.0000000000000002, 2.5, 1e-3, 16777217.0, 0.0, 1.0)
_INTS = (0, 1, 2, 3, 4, 5, 7, 8, 10, 16, 31, 64, 100)
_LARGE = (65536, 46341, 2**31 - 1)
_WIDE = (2**31, 2**32 + 5, 1099511627781, 2**40 - 1, 2**53 + 1, 2**62)


def draw_literal(choices: Choices, scalar: Scalar, use: str = "any") -> int | float:
    """Draw the number of a literal of a type, or of the literal inside a cast to it: never negative."""
    if use == "divisor":
        return choices.pick((2, 3, 5, 7)) if scalar.is_integer else choices.pick((1.5, 2.0, 0.25, 3.0))
    if use == "small" and scalar.is_integer:
        return choices.integer(1, 4)
    if scalar == FLOAT64:
        return choices.pick(_PRECISE)
    if scalar.is_float:
        return choices.pick(_DECIMALS) if scalar != FLOAT32 or choices.chance(60) else _random_decimal(choices)
    if choices.chance(40 if scalar.bits == 64 else 8):
        return choices.pick(
            [value for value in (*_WIDE, *_LARGE) if value <= (scalar.high if scalar.bits == 64 else INT32.high)]
        )
    return choices.pick([value for value in _INTS if value <= scalar.high])


def literal_node(number: float) -> n.Expr:
    """Make the literal of a number."""
    return n.IntLiteral(number) if isinstance(number, int) else n.FloatLiteral(number)


def draw_predefined(choices: Choices) -> str:
    """Draw the name of one of Warp's constants, in lower case or capitals: rarely one that is not finite."""
    names = tuple(PREDEFINED)
    name = choices.weighted(names, [6 if math.isfinite(PREDEFINED[name]) else 1 for name in names])
    return name.upper() if choices.chance(30) else name


def _random_decimal(choices: Choices) -> float:
    return round(choices.integer(1, 10_000_000) / choices.pick((7.0, 1000.0, 1048576.0)), choices.integer(1, 7))


@cache
def edge_values(scalar: Scalar) -> Sequence[Any]:
    """Return the boundary values of a scalar type, as values (see ``grammar.ops.record``)."""
    if scalar == BOOL:
        return [False, True]
    if scalar.is_integer:
        low, high = scalar.low, scalar.high
        near = {0, 1, 2, 3, 5, 7, 8, low, low + 1, high, high - 1, high // 2, high // 2 + 1, 10**10, -(10**10)}
        near |= {-1, -2, -3, -7, -8}
        return sorted(value for value in near if low <= value <= high)
    real = scalar.dtype.type
    limits = np.finfo(scalar.dtype)
    tiny, least, most = limits.tiny, limits.smallest_subnormal, limits.max
    numbers = [
        0.0,
        1.0,
        0.5,
        2.0,
        1.5,
        2.5,
        0.1,
        3.0,
        7.25,
        math.pi,
        1.0 - float(limits.epsneg),
        1.0 + float(limits.eps),
    ]
    special = [real("inf"), real("nan"), real(most), real(tiny), real(least)]
    values = [real(number) for number in numbers] + special
    return values + [-value for value in values if not np.isnan(value)]


def plain_value(choices: Choices, scalar: Scalar, *, wild: bool) -> Any:
    """Draw an input value: small and readable mostly, a boundary value otherwise."""
    if scalar == BOOL:
        return choices.chance(50)
    if choices.chance(30 if wild else 8):
        return choices.pick(edge_values(scalar) if wild else _mild(scalar))
    if scalar.is_integer:
        return choices.integer(max(scalar.low, -12), 12)
    return scalar.dtype.type(choices.integer(-64, 64) / choices.pick((4.0, 8.0, 10.0, 3.0)))


@cache
def _mild(scalar: Scalar) -> Sequence[Any]:
    if scalar.is_integer:
        return [value for value in edge_values(scalar) if abs(value) <= 2**15] or [0, 1]
    return [scalar.dtype.type(x) for x in (0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 1e-3, 100.0, -255.0)]
