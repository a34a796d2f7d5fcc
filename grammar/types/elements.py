"""What every type answers, whatever it is made of.

A value is a tuple of the values of its *parts*: a matrix one of rows, a row one of scalars. A *leaf* is a part of a
value that is made of one scalar type, and as large as that can be: a matrix is one leaf, a struct has several.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grammar.types.handles import Array
    from grammar.types.scalars import Scalar


class Type:
    """A type of the language."""

    if TYPE_CHECKING:

        @property
        def scalar(self) -> Scalar:
            """The scalar type that it is made of; raises TypeError where there are several."""

        @property
        def written(self) -> str:
            """How a module writes it: ``wp.vec3``, or the name that the module defines."""

    fields: Any = ()
    """The name and type of each part that a module gives a name, which are the fields of a struct."""

    @property
    def parts(self) -> tuple[Type, ...]:
        """The types of the parts of a value, in order; none where a value has no parts."""
        return ()

    def filled(self, value: Any) -> Any:
        """Nest one thing in the shape of a value of this type, for each of its scalars."""
        return tuple([part.filled(value) for part in self.parts])

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """The leaves that a value is made of, in order."""
        return ()

    @property
    def handles(self) -> tuple[Handle, ...]:
        """The parts of a value that are arrays, in order."""
        return ()

    @property
    def default(self) -> Any:
        """The value that is all zeros, and has no arrays."""
        return tuple([part.default for part in self.parts])

    @property
    def footprint(self) -> tuple[int, int]:
        """The bytes that a value takes in memory, and what it is aligned to (C11, 6.2.8 and 6.7.2.1)."""
        raise TypeError(f"no value of {self} lies in memory")

    def offset_of(self, path: tuple[int, ...]) -> int:
        """Count the bytes that lie in memory before the part that positions of fields lead to."""
        return 0

    def zipped(self, columns: Iterator[list[Any]], handles: Iterator[list[Any]]) -> list[Any]:
        """Make values of this type of what each leaf and each handle is in them, taken from the next columns."""
        return next(columns)

    def holds(self, value: Any) -> bool:
        """Say whether something is a value of this type."""
        parts = self.parts
        return isinstance(value, tuple) and len(value) == len(parts) and all(map(_holds, parts, value))


def _holds(type_: Type, value: Any) -> bool:
    return type_.holds(value)


@dataclass(frozen=True)
class Leaf:
    """A part of a value that is made of one scalar type.

    Attributes:
        suffix: How it is named behind a name of the whole: ``""`` for the whole, ``.inner.position``.
        path: The positions of the parts that lead to it.
        scalar: What it is made of.
        extents: Its shape: ``()`` for a scalar, ``(2, 3)`` for a matrix.
    """

    suffix: str
    path: tuple[int, ...]
    scalar: Scalar
    extents: tuple[int, ...]

    def below(self, field: str, position: int) -> Leaf:
        """The leaf as a part of what has such a field at a position."""
        return replace(self, suffix=f".{field}{self.suffix}", path=(position, *self.path))


@dataclass(frozen=True)
class Handle:
    """A part of a value that is an array.

    Attributes:
        suffix: How it is named behind a name of the whole: ``""`` for the whole, ``.points``.
        path: The positions of the parts that lead to it.
        type: Which array it is.
    """

    suffix: str
    path: tuple[int, ...]
    type: Array

    def below(self, field: str, position: int) -> Handle:
        """The handle as a part of what has such a field at a position."""
        return replace(self, suffix=f".{field}{self.suffix}", path=(position, *self.path))


class Element(Type):
    """A type that a variable of a kernel may have, and an element of an array: a scalar, or what is made of such."""

    if TYPE_CHECKING:

        @property
        def name(self) -> str:
            """The name of the type in a module, without ``wp.``."""

    extents: Any = ()
    """How far the indices of its components go: ``(2, 3)`` for a matrix of two rows."""

    attributes: Any = MappingProxyType({})
    """The positions of the parts that have a name."""

    is_predefined: Any = True
    """Whether Warp has the name; else a module has to define it."""

    @property
    def written(self) -> str:
        """How a module writes it: ``wp.vec3``, or the name that the module defines."""
        return f"wp.{self.name}" if self.is_predefined else self.name

    @property
    def expression(self) -> str:
        """How it is written where nothing is defined: ``wp.vec3``, ``wp.types.vector(length=5, dtype=wp.int8)``."""
        return self.written if self.is_predefined else self.definition

    @property
    def definition(self) -> str:
        """The expression that defines a type that Warp has no name for."""
        raise NotImplementedError

    @property
    def footprint(self) -> tuple[int, int]:
        width = self.scalar.dtype.itemsize
        return width * self.size, width

    def indexed(self, count: int) -> Element | None:
        """Find the type of a component that so many indices lead to; None where it does not take as many."""
        return None

    def attribute(self, name: str) -> Type | None:
        """Find the type of the part of that name."""
        return self.parts[self.attributes[name]] if name in self.attributes else None

    def attributes_of(self, part: Type) -> list[str]:
        """List the names of the parts of a type."""
        return [name for name in self.attributes if self.attribute(name) == part]

    def subscripts_of(self, component: Type) -> list[tuple[int, ...]]:
        """List the extents of the indices that lead to components of a type."""
        counts = range(1, len(self.extents) + 1)
        return [self.extents[:count] for count in counts if self.indexed(count) == component]

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        return (Leaf("", (), self.scalar, self.extents),)

    @cached_property
    def size(self) -> int:
        """How many scalars a value has."""
        return sum(math.prod(leaf.extents) for leaf in self.leaves)

    @cached_property
    def default(self) -> Any:
        return tuple([part.default for part in self.parts])

    def built(self, scalars: Iterator[Any]) -> Any:
        """Nest the next scalars, in order, as a value of this type."""
        return tuple([part.built(scalars) for part in self.parts if isinstance(part, Element)])
