"""Functions of the table on arrays: the same bits for many operands at once.

A function of scalars may have a counterpart that takes arrays in their place: floats in their dtype, bools, and ints as
Python ints (dtype ``object``), next to scalars that are the same for all. What has none is called operand by operand.
The counterpart of a spread gives radii as float64, and NaN wherever the spread itself is to be asked; that of a domain
says whether some operands lie outside.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

F = TypeVar("F", bound=Callable[..., Any])

_AS_THEY_ARE = (
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.neg,
    operator.pos,
    operator.and_,
    operator.or_,
    operator.xor,
    operator.lshift,
    operator.rshift,
    operator.invert,
    np.fmod,
)
"""Functions that take arrays themselves."""

_COUNTERPARTS: dict[Any, Callable[..., Any]] = {function: function for function in _AS_THEY_ARE}


def with_arrays(function: F, counterpart: Callable[..., Any] | None = None) -> F:
    """Name what a function is on arrays: another function, or the same one."""
    _COUNTERPARTS[function] = counterpart or function
    return function


def on_arrays(function: Callable[..., Any]) -> Callable[..., Any] | None:
    """Find what a function is on arrays; None where it is called operand by operand."""
    return _COUNTERPARTS.get(function)


def is_array(value: Any) -> bool:
    """Say whether some scalar of a value is an array."""
    return any(map(is_array, value)) if isinstance(value, tuple) else isinstance(value, np.ndarray)


def as_float64(x: Any) -> Any:
    """Turn floats of any type, one or many, into float64, which is exact."""
    return x.astype(np.float64) if isinstance(x, np.ndarray) else float(x)


def is_integral(x: Any) -> bool:
    """Say whether a scalar, or an array of them, is made of ints."""
    return x.dtype.kind == "O" if isinstance(x, np.ndarray) else isinstance(x, int)
