"""Types whose values are no elements: arrays, which name storage, tuples of several values, and what stands for any."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from grammar.types.elements import Element, Handle, Type
from grammar.types.scalars import Scalar


@dataclass(frozen=True)
class Array(Type):
    """A handle to a strided array of one to four dimensions."""

    element: Element
    ndim: int

    def __str__(self) -> str:
        return f"array{self.ndim}d<{self.element}>"

    @property
    def scalar(self) -> Scalar:
        """The scalar type that its elements are made of."""
        return self.element.scalar

    @property
    def written(self) -> str:
        """How an annotation writes it: ``wp.array2d[wp.vec3]``."""
        return f"wp.array{'' if self.ndim == 1 else f'{self.ndim}d'}[{self.element.written}]"

    @property
    def handles(self) -> tuple[Handle, ...]:
        return (Handle("", (), self),)

    @property
    def default(self) -> None:
        """What a launch gives for an array that is not given."""
        return None

    @property
    def footprint(self) -> tuple[int, int]:
        """That of Warp's ``array_t``: two pointers, eight ints, two shorts."""
        return 56, 8

    def zipped(self, columns: Iterator[list[Any]], handles: Iterator[list[Any]]) -> list[Any]:
        return next(handles)

    def holds(self, value: Any) -> bool:
        """Say whether something is what a launch gives for an array that is not given: None."""
        return value is None


@dataclass(frozen=True)
class Tuple(Type):
    """Several values: what a function with several results returns."""

    items: tuple[Type, ...]

    def __str__(self) -> str:
        return f"({', '.join(map(str, self.items))})"

    @property
    def parts(self) -> tuple[Type, ...]:
        return self.items

    @property
    def scalar(self) -> Scalar:
        raise TypeError("a tuple has no scalar type")

    @property
    def written(self) -> str:
        """How an annotation writes it: ``tuple[wp.int32, wp.vec3]``."""
        return f"tuple[{', '.join(item.written for item in self.items)}]"


@dataclass(frozen=True)
class Open(Type):
    """What a parameter of a generic function has: each call says which type it is."""

    def __str__(self) -> str:
        return "Any"

    @property
    def scalar(self) -> Scalar:
        raise TypeError("Any has no scalar type")

    @property
    def written(self) -> str:
        return "Any"


ANY = Open()
