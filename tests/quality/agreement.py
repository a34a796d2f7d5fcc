"""Whether two executions gave the same, what may differ in them, and reasons that can be counted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from grammar.ops.record import Op

NumpyArray = np.ndarray[Any, Any]

SHOWN = 40
"""Lines of a listing by frequency: the first ones tell."""


def same_bits(one: NumpyArray, other: NumpyArray) -> NumpyArray:
    """Say of each element whether it is the same, bit by bit; NaN is one class.

    Arrays have the same shape and type, integers or floats.
    """
    if one.dtype.kind != "f":
        return np.asarray(one == other)
    bits = np.dtype(f"u{one.dtype.itemsize}")
    same = np.ascontiguousarray(one).view(bits) == np.ascontiguousarray(other).view(bits)
    return np.asarray(same.reshape(one.shape) | (np.isnan(one) & np.isnan(other)))


def same_buffers(one: Mapping[str, NumpyArray], other: Mapping[str, NumpyArray]) -> bool:
    """Say whether all buffers hold the same, bit by bit."""
    return one.keys() == other.keys() and all(same_bits(array, other[name]).all() for name, array in one.items())


def is_fixed(op: Op) -> bool:
    """Say whether IEEE 754 fixes all bits of an operation's result, where nothing is fused.

    It does not for functions of a library, for sums that may be taken in any order, nor for the sign of a minimum zero.
    """
    return not op.rounding.strict and not op.rounding.is_open


def alike(reason: str) -> str:
    """Return a reason without its numbers, so that reasons can be counted; the ``32`` of ``float32`` is none."""
    return re.sub(r"(?<![A-Za-z0-9])\d+(?:\.\d+)?", "N", reason)


def by_frequency(counts: Mapping[str, int]) -> tuple[tuple[str, str], ...]:
    """Return the lines of a listing: what is most frequent first, then by name."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple((what, f"{count:,}") for what, count in ordered[:SHOWN])
