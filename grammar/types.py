"""The types of the kernel language: scalars, vectors, matrices, arrays and tuples of them.

Types are small frozen records that compare by value. Everything that is true of a type for every engine (its NumPy
dtype, its range, how Warp spells it) is said here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Scalar:
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


@dataclass(frozen=True)
class Vector:
    """A vector of ``length`` scalars, a value type."""

    length: int
    scalar: Scalar

    def __str__(self) -> str:
        return f"vec{self.length}<{self.scalar}>"


@dataclass(frozen=True)
class Matrix:
    """A matrix of ``rows`` times ``columns`` scalars, a value type."""

    rows: int
    columns: int
    scalar: Scalar

    def __str__(self) -> str:
        return f"mat{self.rows}{self.columns}<{self.scalar}>"

    @property
    def row(self) -> Vector:
        return Vector(self.columns, self.scalar)


Element = Scalar | Vector | Matrix


@dataclass(frozen=True)
class Array:
    """A handle to a strided array of one to four dimensions."""

    element: Element
    ndim: int

    def __str__(self) -> str:
        return f"array{self.ndim}d<{self.element}>"


@dataclass(frozen=True)
class Tuple:
    """Several values: what a function with several results returns."""

    items: tuple[Type, ...]

    def __str__(self) -> str:
        return f"({', '.join(map(str, self.items))})"


Type = Scalar | Vector | Matrix | Array | Tuple

BOOL = Scalar("bool", "bool", 8)
INT8, INT16, INT32, INT64 = (Scalar(f"int{bits}", "int", bits) for bits in (8, 16, 32, 64))
UINT8, UINT16, UINT32, UINT64 = (Scalar(f"uint{bits}", "uint", bits) for bits in (8, 16, 32, 64))
FLOAT16, FLOAT32, FLOAT64 = (Scalar(f"float{bits}", "float", bits) for bits in (16, 32, 64))

INTS = (INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64)
FLOATS = (FLOAT16, FLOAT32, FLOAT64)
SCALARS = (BOOL, *INTS, *FLOATS)
SCALAR_BY_NAME = {scalar.name: scalar for scalar in SCALARS}

# Scope of the language today: which composites are generated (design: vectors 2 to 4, square matrices 2 to 4).
LENGTHS = (2, 3, 4)
COMPOSITE_SCALARS = (*FLOATS, INT32)
VECTORS = tuple(Vector(length, scalar) for scalar in COMPOSITE_SCALARS for length in LENGTHS)
MATRICES = tuple(Matrix(size, size, scalar) for scalar in COMPOSITE_SCALARS for size in LENGTHS)
ELEMENTS: tuple[Element, ...] = (*SCALARS, *VECTORS, *MATRICES)

_SUFFIX = {FLOAT16: "h", FLOAT32: "", FLOAT64: "d", INT32: "i"}


def type_name(type_: Element) -> str:
    """Give the name of a value type in a module: an attribute of ``warp``, or an alias that the module must define.

    Warp has no predefined names for integer matrices: ``mat22i`` is an alias (see :func:`needs_alias`).
    """
    match type_:
        case Scalar():
            return type_.name
        case Vector(length, scalar):
            return f"vec{length}{_SUFFIX[scalar]}"
        case Matrix(rows, columns, scalar):
            return f"mat{rows}{columns}{_SUFFIX[scalar]}"


def needs_alias(type_: Element) -> bool:
    """Say whether Warp has no name of its own for the type, so that a module has to define one."""
    return isinstance(type_, Matrix) and not type_.scalar.is_float


ELEMENT_BY_NAME: dict[str, Element] = {type_name(element): element for element in ELEMENTS}
ELEMENT_BY_NAME |= {
    name + "f": ELEMENT_BY_NAME[name] for name in list(ELEMENT_BY_NAME) if name[-1] in "234" and name[0] in "vm"
}
ELEMENT_BY_NAME |= {"int": INT32, "float": FLOAT32}


def scalar_of(type_: Type) -> Scalar:
    """Give the scalar type that a value type is made of, or an array holds."""
    match type_:
        case Scalar():
            return type_
        case Vector() | Matrix():
            return type_.scalar
        case Array():
            return scalar_of(type_.element)
        case Tuple():
            raise TypeError("a tuple has no scalar type")


def shape_of(type_: Element) -> tuple[int, ...]:
    """Give the shape of one value: () for a scalar, (length,) for a vector, (rows, columns) for a matrix."""
    match type_:
        case Scalar():
            return ()
        case Vector(length, _):
            return (length,)
        case Matrix(rows, columns, _):
            return (rows, columns)
