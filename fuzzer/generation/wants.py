"""What a hole of a production wants: the generator's side of the type system.

A typing rule answers with one part per hole. A part is a want (to be filled by some production that fits the hole) or a
finished node or token (where there is nothing to choose).
"""

from __future__ import annotations

from dataclasses import dataclass

from grammar.nodes import Node
from grammar.types import Type


@dataclass(frozen=True)
class Value:
    """An expression of a type. ``use`` says what it is for, which steers leaves: see :data:`USES`."""

    type: Type
    use: str = "any"


USES = ("any", "index", "small", "divisor", "condition", "data")
"""``index``: stays in range; ``small``: few bits (shift counts, trip counts); ``divisor``: not zero; ``condition``:
differs between threads; ``data``: depends on an input."""


@dataclass(frozen=True)
class Index:
    """An index into an axis of known length, in range whatever the thread."""

    length: int


@dataclass(frozen=True)
class Values:
    """What stands on the right of a tuple assignment: one value per type."""

    types: tuple[Type, ...]


@dataclass(frozen=True)
class Statement:
    """Any statement."""


@dataclass(frozen=True)
class Body:
    """A block of about ``statements`` statements.

    Attributes:
        statements: How many, before others join them.
        jump: Whether it may end in a jump (the body of a branch).
        binds: A new variable that every branch binds, and its type.
    """

    statements: int
    jump: bool = False
    binds: tuple[str, Type] | None = None


@dataclass(frozen=True)
class Orelse:
    """What follows the body of an if, until every branch has a block like it."""

    like: Body


@dataclass(frozen=True)
class Symbol:
    """An operator symbol: one of these."""

    symbols: tuple[str, ...]


@dataclass(frozen=True)
class Nested:
    """A given production with given parts."""

    production: str
    parts: tuple[Part, ...]


Want = Value | Index | Values | Statement | Body | Orelse | Symbol
Part = Want | Nested | Node | str | int | float
