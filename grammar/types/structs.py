"""Structs: types that a module defines, whose parts have names, and types of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from grammar.types.elements import Element, Handle, Leaf, Type
from grammar.types.scalars import Scalar

P = TypeVar("P", Leaf, Handle)


@dataclass(frozen=True)
class Struct(Element):
    """A struct: its name in the module, and the name and type of each field, which may be a struct or an array."""

    name: str
    fields: tuple[tuple[str, Type], ...]
    is_predefined = False

    def __str__(self) -> str:
        return self.name

    @property
    def scalar(self) -> Scalar:
        raise TypeError("a struct has no scalar type")

    @property
    def expression(self) -> str:
        """How it is written where the module is: it has no other definition."""
        return self.name

    @cached_property
    def parts(self) -> tuple[Type, ...]:
        return tuple(type_ for _, type_ in self.fields)

    @cached_property
    def attributes(self) -> dict[str, int]:
        return {name: position for position, (name, _) in enumerate(self.fields)}

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        return tuple(self._placed(type_.leaves for type_ in self.parts))

    @cached_property
    def handles(self) -> tuple[Handle, ...]:
        return tuple(self._placed(type_.handles for type_ in self.parts))

    def _placed(self, found: Iterator[tuple[P, ...]]) -> Iterator[P]:
        """What fields have, as parts of the whole."""
        for position, (name, inner) in enumerate(zip(self.attributes, found, strict=True)):
            yield from (part.below(name, position) for part in inner)

    @cached_property
    def footprint(self) -> tuple[int, int]:
        size, _ = self.parts[-1].footprint
        alignment = max(part.footprint[1] for part in self.parts)
        return _up(self._offsets[-1] + size, alignment), alignment

    @cached_property
    def _offsets(self) -> tuple[int, ...]:
        """How many bytes lie before each field."""
        offsets, end = [], 0
        for size, alignment in (part.footprint for part in self.parts):
            offsets.append(_up(end, alignment))
            end = offsets[-1] + size
        return tuple(offsets)

    def offset_of(self, path: tuple[int, ...]) -> int:
        return self._offsets[path[0]] + self.parts[path[0]].offset_of(path[1:]) if path else 0

    def zipped(self, columns: Iterator[list[Any]], handles: Iterator[list[Any]]) -> list[Any]:
        return list(zip(*[part.zipped(columns, handles) for part in self.parts], strict=True))


def _up(count: int, alignment: int) -> int:
    """The next multiple of an alignment."""
    return -(-count // alignment) * alignment
