"""An outcome's elements against their balls: which lie outside, and how many of them could have shown a defect.

An element of radius 0 must agree bit by bit. NaN is compared as a class; -0.0 and +0.0 differ. A large radius lets
almost any value pass, so an agreement within it says nothing: such elements are counted apart, as uncompared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from oracle.records import Executed, FloatArray, Mismatch
from oracle.reference import Expectation

Bits = np.ndarray[Any, np.dtype[np.bool_]]

#: The largest radius of a compared element, as a share of its value. It leaves half of the digits of the type fixed (a
#: float64 may hold what was a float32), so that of values that another function gives, as spread as the right ones, no
#: more than one in 32 of float16 and one in 4,096 of the others lies within.
LARGEST_SHARE = {"float16": 2.0**-5, "float32": 2.0**-12, "float64": 2.0**-12}


@dataclass(frozen=True)
class Comparison:
    """What a comparison came to.

    Attributes:
        mismatches: The elements outside their balls, also of those that are not compared.
        elements: How many elements were compared.
        exact: How many of them had to agree bit by bit.
        uncompared: How many elements have a radius that is too large, or infinite.
        loosest: The largest radius of a finite element, as a share of its value.
    """

    mismatches: tuple[Mismatch, ...]
    elements: int
    exact: int
    uncompared: int
    loosest: float

    @property
    def counts(self) -> dict[str, Any]:
        """What a judgement says of it."""
        return {name: value for name, value in vars(self).items() if name != "mismatches"}


def compare(outcome: Executed, bounds: Expectation) -> Comparison:
    """Compare all buffers.

    Raises:
        ValueError: The engine gave a buffer another shape or type: a defect of ours.
    """
    mismatches: list[Mismatch] = []
    elements = exact = uncompared = 0
    loosest = 0.0
    for name, expected in bounds.arrays.items():
        radii, actual = bounds.radii.get(name), np.asarray(outcome.arrays[name])
        if (actual.shape, actual.dtype) != (expected.shape, expected.dtype):
            raise ValueError(
                f"{name} is {expected.dtype}{expected.shape}, the engine gave {actual.dtype}{actual.shape}"
            )
        mismatches += _differing(name, expected, actual, radii)
        counted = int(telling(expected, radii).sum())
        elements, uncompared = elements + counted, uncompared + expected.size - counted
        exact += expected.size if radii is None else int((radii == 0).sum())
        loosest = loosest if radii is None else float(_shares(expected, radii).max(initial=loosest))
    return Comparison(tuple(mismatches), elements, exact, uncompared, loosest)


def telling(expected: np.ndarray[Any, Any], radii: FloatArray | None) -> Bits:
    """Say which elements are compared: those whose radius is small against their value."""
    if radii is None:
        return np.ones(expected.shape, np.bool_)
    return np.asarray(np.isfinite(radii) & (_shares(expected, radii) <= LARGEST_SHARE[expected.dtype.name]))


def tells_of_change(before: Mapping[str, np.ndarray[Any, Any]], bounds: Expectation) -> bool:
    """Say whether an element is compared that the kernels changed; ``before`` is what the buffers held."""
    return any(
        (telling(expected, bounds.radii.get(name)) & ~same_bits(before[name], expected)).any()
        for name, expected in bounds.arrays.items()
    )


def _shares(expected: np.ndarray[Any, Any], radii: FloatArray) -> FloatArray:
    """Radii as shares of their values; those of infinity and NaN are 0, which only equals match."""
    values = expected.astype(np.float64)
    finite = np.isfinite(values)
    least = float(np.finfo(expected.dtype).smallest_normal)
    return np.where(finite, radii, 0.0) / np.maximum(np.abs(np.where(finite, values, 1.0)), least)


def _differing(
    name: str, expected: np.ndarray[Any, Any], actual: np.ndarray[Any, Any], radii: FloatArray | None
) -> Iterator[Mismatch]:
    outside = ~same_bits(expected, actual)
    if radii is not None and outside.any():
        outside &= ~_within(expected, actual, radii)
    for index in zip(*np.nonzero(outside), strict=True):
        at = tuple(map(int, index))
        yield Mismatch(name, at, expected[at], actual[at], 0.0 if radii is None else float(radii[at]))


def same_bits(expected: np.ndarray[Any, Any], actual: np.ndarray[Any, Any]) -> Bits:
    """Say which elements are equal bit by bit, or both NaN."""
    if expected.dtype.kind != "f":
        return np.asarray(expected == actual)
    bits = np.dtype(f"u{expected.dtype.itemsize}")
    same = np.ascontiguousarray(expected).view(bits) == np.ascontiguousarray(actual).view(bits)
    return np.asarray(same | (np.isnan(expected) & np.isnan(actual)))


def _within(expected: np.ndarray[Any, Any], actual: np.ndarray[Any, Any], radii: FloatArray) -> Bits:
    """Whether elements lie in their balls. Radius 0 leaves only equal bits; an infinite one allows anything."""
    with np.errstate(all="ignore"):
        distance = np.abs(expected.astype(np.longdouble) - actual.astype(np.longdouble))
        return np.asarray(np.isinf(radii) | ((radii > 0) & (distance <= radii)))
