"""The composite types: vectors, matrices and quaternions of scalars, which are values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from grammar.types.elements import Element
from grammar.types.scalars import BOOL, FLOAT16, FLOAT32, FLOAT64, SCALAR_BY_NAME, Scalar

COMPONENTS = "xyzw"
"""The names of the first four components of a vector."""

SUFFIXES = {
    **{"b": "int8", "ub": "uint8", "s": "int16", "us": "uint16", "i": "int32", "ui": "uint32", "l": "int64"},
    **{"ul": "uint64", "h": "float16", "f": "float32", "": "float32", "d": "float64", "bool": "bool"},
}
"""The scalar types that the end of a name stands for: ``vec3ub``. The one of bool is ours, since Warp has none."""

_SUFFIX_OF = {SCALAR_BY_NAME[name]: suffix for suffix, name in SUFFIXES.items()}
_OF_FLOATS = (FLOAT16, FLOAT32, FLOAT64)


class Composite(Element):
    """A type whose values have components."""


@dataclass(frozen=True)
class Vector(Composite):
    """A vector of ``length`` scalars."""

    length: int
    scalar: Scalar

    def __str__(self) -> str:
        return f"vec{self.length}<{self.scalar}>"

    @cached_property
    def name(self) -> str:
        return f"vec{self.length}{_SUFFIX_OF[self.scalar]}"

    @cached_property
    def is_predefined(self) -> bool:
        return 2 <= self.length <= 4 and self.scalar != BOOL

    @property
    def definition(self) -> str:
        return f"wp.types.vector(length={self.length}, dtype={self.scalar.written})"

    @cached_property
    def parts(self) -> tuple[Scalar, ...]:
        return (self.scalar,) * self.length

    @cached_property
    def extents(self) -> tuple[int, ...]:
        return (self.length,)

    @cached_property
    def attributes(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(COMPONENTS[: self.length])}

    def indexed(self, count: int) -> Element | None:
        return self.scalar if count == 1 else None


@dataclass(frozen=True)
class Matrix(Composite):
    """A matrix of ``rows`` times ``columns`` scalars: its parts are its rows."""

    rows: int
    columns: int
    scalar: Scalar

    def __str__(self) -> str:
        return f"{self._shape}<{self.scalar}>"

    @property
    def _shape(self) -> str:
        is_short = self.rows < 10 and self.columns < 10
        return f"mat{self.rows}{self.columns}" if is_short else f"mat{self.rows}x{self.columns}"

    @cached_property
    def name(self) -> str:
        return f"{self._shape}{_SUFFIX_OF[self.scalar]}"

    @cached_property
    def is_predefined(self) -> bool:
        return 2 <= self.rows == self.columns <= 4 and self.scalar.is_float

    @property
    def definition(self) -> str:
        return f"wp.types.matrix(shape=({self.rows}, {self.columns}), dtype={self.scalar.written})"

    @cached_property
    def row(self) -> Vector:
        return Vector(self.columns, self.scalar)

    @cached_property
    def parts(self) -> tuple[Vector, ...]:
        return (self.row,) * self.rows

    @cached_property
    def extents(self) -> tuple[int, ...]:
        return (self.rows, self.columns)

    def indexed(self, count: int) -> Element | None:
        return {1: self.row, 2: self.scalar}.get(count)
