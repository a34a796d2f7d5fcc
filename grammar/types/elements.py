"""What every type answers, whatever it is made of.

A value is a tuple of the values of its *parts*: a matrix one of rows, a row one of scalars. A *leaf* is a part of a
value that is made of one scalar type, and as large as that can be: a matrix is one leaf, a struct has several.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

    @property
    def parts(self) -> tuple[Type, ...]:
        """The types of the parts of a value, in order; none where a value has no parts."""
        return ()

    def filled(self, value: Any) -> Any:
        """Nest one thing in the shape of a value of this type, for each of its scalars."""
        return tuple([part.filled(value) for part in self.parts])

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
        """The leaves that a value is made of, in order."""
        return (Leaf("", (), self.scalar, self.extents),)

    @cached_property
    def size(self) -> int:
        """How many scalars a value has."""
        return sum(part.size for part in self.parts if isinstance(part, Element))

    @cached_property
    def default(self) -> Any:
        """The value that is all zeros."""
        return tuple([part.default for part in self.parts if isinstance(part, Element)])

    def built(self, scalars: Iterator[Any]) -> Any:
        """Nest the next scalars, in order, as a value of this type."""
        return tuple([part.built(scalars) for part in self.parts if isinstance(part, Element)])
