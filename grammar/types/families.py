"""The composite types: vectors, matrices and quaternions, which are values made of scalars."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar

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
    """A type whose values have components, all of one scalar type.

    A family of such types says how signatures name it, what Warp's C++ template is called, which function of
    ``wp.types`` makes a type of it, and by how many lengths its types differ.
    """

    family: ClassVar[str]
    template: ClassVar[str]
    maker: ClassVar[str]
    rank: ClassVar[int]

    @property
    def lengths(self) -> tuple[int, ...]:
        """What tells the types of a family apart, beside the scalar type: the rows and columns of a matrix."""
        return self.extents[: self.rank]  # type: ignore[no-any-return]

    @classmethod
    def of(cls, lengths: tuple[int, ...], scalar: Scalar) -> Composite:
        """The type of this family with some lengths."""
        return cls(*lengths, scalar)  # type: ignore[call-arg]  # as each of the families is made

    @property
    def spelled(self) -> str:
        """What the C++ template is told: ``3, 4, wp::float32``."""
        return ", ".join((*map(str, self.lengths), f"wp::{self.scalar}"))

    @property
    def made_of(self) -> dict[str, Any]:
        """What the maker is given, by name."""
        return {"dtype": self.scalar}

    @property
    def definition(self) -> str:
        written = (f"{name}={getattr(given, 'written', given)}" for name, given in self.made_of.items())
        return f"wp.types.{self.maker}({', '.join(written)})"


@dataclass(frozen=True)
class Vector(Composite):
    """A vector of ``length`` scalars."""

    family = "vec"
    template = "vec_t"
    maker = "vector"
    rank = 1

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
    def made_of(self) -> dict[str, Any]:
        return {"length": self.length, "dtype": self.scalar}

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

    family = "mat"
    template = "mat_t"
    maker = "matrix"
    rank = 2

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
    def made_of(self) -> dict[str, Any]:
        return {"shape": (self.rows, self.columns), "dtype": self.scalar}

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


@dataclass(frozen=True)
class Quaternion(Composite):
    """A quaternion of four floats: ``x``, ``y`` and ``z`` are its vector part, ``w`` its scalar part."""

    family = "quat"
    template = "quat_t"
    maker = "quaternion"
    rank = 0
    extents = (4,)
    attributes = MappingProxyType({name: position for position, name in enumerate(COMPONENTS)})

    scalar: Scalar

    def __str__(self) -> str:
        return f"quat<{self.scalar}>"

    @cached_property
    def name(self) -> str:
        return f"quat{_SUFFIX_OF[self.scalar]}"

    @cached_property
    def parts(self) -> tuple[Scalar, ...]:
        return (self.scalar,) * 4

    def indexed(self, count: int) -> Element | None:
        return self.scalar if count == 1 else None


FAMILIES: tuple[type[Composite], ...] = (Vector, Matrix, Quaternion)
"""The families of composite types."""
