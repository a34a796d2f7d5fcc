"""Values as text: the bits of a scalar, what a person reads, and what JSON keeps.

JSON keeps a value bit by bit: booleans and integers as they are, NumPy scalars as their bits in hexadecimal with the
readable text beside them, vectors and matrices as nested lists. Text that comes from elsewhere (messages, names) passes
through :func:`plain` before it reaches a terminal.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from grammar.types import SCALAR_BY_NAME


def bits(value: np.generic) -> str:
    """Return the bits of a NumPy scalar in hexadecimal, most significant first: ``3f800000`` for float32 1.0."""
    return value.tobytes()[:: 1 if value.dtype.byteorder == ">" else -1].hex()


def from_bits(dtype: np.dtype[Any], text: str) -> np.generic:
    """Return the NumPy scalar with these bits; raises ValueError where the digits do not fit the type."""
    content = bytes.fromhex(text)
    if len(content) != dtype.itemsize or (dtype == np.bool_ and content not in (b"\0", b"\1")):
        raise ValueError(f"{text!r} is no {dtype.name}")
    number: np.generic = np.frombuffer(content, dtype.newbyteorder(">")).astype(dtype)[0]
    return number


def readable(value: Any) -> str:
    """Return the shortest decimal text that tells a scalar from its neighbours; ``nan`` loses its payload."""
    return str(value)


def ulp_distance(expected: np.generic, actual: np.generic) -> int | None:
    """Count the representable values between two floats of one type; +0 and -0 are at distance 1.

    None where there is no such number: for integers and booleans, for two types, and where one of the two is NaN.

    Source: the order of IEEE 754 bit patterns, IEEE 754-2019, 5.10.
    """
    if expected.dtype.kind != "f" or expected.dtype != actual.dtype or np.isnan(expected) or np.isnan(actual):
        return None
    return abs(_ordinal(expected) - _ordinal(actual))


def _ordinal(value: np.generic) -> int:
    pattern = int(bits(value), 16)
    sign = 1 << (8 * value.dtype.itemsize - 1)
    return pattern if pattern < sign else sign - 1 - pattern


def bound_in_words(radius: float, expected: np.generic) -> str:
    """Say how far a value may lie from the expected one, and in ULP where that means something."""
    if radius == 0.0:
        return "none: every bit has to be as expected" if expected.dtype.kind == "f" else "none: it is exact"
    if math.isinf(radius):
        return "no bound is known"
    spacing = float(np.spacing(np.abs(expected))) if np.isfinite(expected) else math.nan
    return f"{radius:.3g}" + (f" ({radius / spacing:.3g} ULP of {expected.dtype.name})" if spacing > 0 else "")


def plain(text: str) -> str:
    """Return the text without characters that act on a terminal: each one becomes a replacement character."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text.expandtabs(4))


def to_json(value: Any) -> Any:
    """Return what JSON keeps of a value (see the module docstring); raises TypeError for anything that is none."""
    match value:
        case bool() | int():
            return value
        case np.generic():
            return {value.dtype.name: bits(value), "text": readable(value)}
        case tuple():
            return [to_json(item) for item in value]
    raise TypeError(f"not a value: {value!r}")


def from_json(document: Any, depth: int = 2) -> Any:
    """Return the value that :func:`to_json` kept, at most ``depth`` levels deep; raises ValueError if there is none."""
    match document:
        case bool() | int():
            return document
        case list() if depth:
            return tuple(from_json(item, depth - 1) for item in document)
        case dict():
            for name, digits in document.items():
                if name in SCALAR_BY_NAME and isinstance(digits, str):
                    return from_bits(SCALAR_BY_NAME[name].dtype, digits)
    raise ValueError(f"no value: {str(document)[:60]!a}")
