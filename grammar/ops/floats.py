"""Float types: their largest numbers, and rounding to them once what is exact or float64."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np

from grammar.types import FLOATS

LARGEST = {float: float(np.finfo(np.float64).max)} | {s.dtype.type: float(np.finfo(s.dtype).max) for s in FLOATS}
"""The largest finite number of each type; a Python float is a float64."""


@cache
def smallest(kind: Any) -> float:
    """Look up the smallest positive float of a type."""
    return float(np.finfo(kind).smallest_subnormal)


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


def ratio(numerator: Any, denominator: Any) -> Any:
    """Divide integers, correctly rounded to float64; infinite where the quotient is too large. The divisor is not 0."""
    if isinstance(numerator, np.ndarray):
        return np.array([ratio(*pair) for pair in zip(numerator.tolist(), denominator.tolist(), strict=True)])
    try:
        return numerator / denominator
    except OverflowError:
        return math.inf if (numerator > 0) == (denominator > 0) else -math.inf
