"""The scalar types: what every other type is made of in the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from grammar.types.elements import Element


@dataclass(frozen=True, eq=False)
class Scalar(Element):
    """One of Warp's scalar types; ``kind`` is ``bool``, ``int``, ``uint`` or ``float`` and ``bits`` its width.

    There is one object of each, so they compare by identity.
    """

    name: str
    kind: str
    bits: int

    def __str__(self) -> str:
        return self.name

    def __reduce__(self) -> str:
        """Pickle as the constant of this module, so that a scalar type stays one object per process."""
        return self.name.upper()

    @property
    def scalar(self) -> Scalar:
        return self

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        """The NumPy dtype of the same name."""
        return np.dtype(self.name)

    @cached_property
    def is_float(self) -> bool:
        return self.kind == "float"

    @cached_property
    def is_integer(self) -> bool:
        return self.kind in ("int", "uint")

    @cached_property
    def wraps(self) -> bool:
        """Whether results are reduced modulo ``2**bits``: unsigned types, and narrow ones when they are narrowed.

        Overflow of int32 and int64 is undefined (as in C++), so those do not wrap.
        """
        return self.kind == "uint" or (self.kind == "int" and self.bits < 32)

    @cached_property
    def low(self) -> int:
        """The smallest value of an integer type."""
        return -(1 << (self.bits - 1)) if self.kind == "int" else 0

    @cached_property
    def high(self) -> int:
        """The largest value of an integer type."""
        return (1 << (self.bits - (self.kind == "int"))) - 1

    def wrap(self, value: int) -> int:
        """Reduce an exact integer modulo ``2**bits`` into the range of an integer type (C++20, conv.integral 3)."""
        return (value - self.low) % (1 << self.bits) + self.low

    @cached_property
    def size(self) -> int:
        """One."""
        return 1

    @cached_property
    def default(self) -> Any:
        """Zero, as a value of this type."""
        return self.dtype.type(0) if self.is_float else False if self.kind == "bool" else 0

    def holds(self, value: Any) -> bool:
        """Say whether something is a value of this type."""
        if self.is_float:
            return isinstance(value, self.dtype.type)
        if self.kind == "bool":
            return isinstance(value, bool)
        return type(value) is int and self.low <= value <= self.high

    def built(self, scalars: Iterator[Any]) -> Any:
        """Take the next scalar as a value of this type."""
        return next(scalars)

    def filled(self, value: Any) -> Any:
        """The thing itself."""
        return value


BOOL = Scalar("bool", "bool", 8)
INT8, INT16, INT32, INT64 = (Scalar(f"int{bits}", "int", bits) for bits in (8, 16, 32, 64))
UINT8, UINT16, UINT32, UINT64 = (Scalar(f"uint{bits}", "uint", bits) for bits in (8, 16, 32, 64))
FLOAT16, FLOAT32, FLOAT64 = (Scalar(f"float{bits}", "float", bits) for bits in (16, 32, 64))

INTS = (INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64)
FLOATS = (FLOAT16, FLOAT32, FLOAT64)
SCALARS = (BOOL, *INTS, *FLOATS)
SCALAR_BY_NAME = {scalar.name: scalar for scalar in SCALARS}
