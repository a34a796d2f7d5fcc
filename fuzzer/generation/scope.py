"""What is in scope while a body is generated: variables by type, arrays by role, loops.

Roles of arrays make kernels free of races by construction: an *input* is only read, and so is an *optional* one, which
may not be given; an *own* array has one element per thread, which that thread alone reads and writes; a *shared* array
is only updated, by one kind of atomic.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from grammar.types import INT32, Array, Type


@dataclass(frozen=True)
class ArrayFacts:
    """An array parameter: type, shape, role (``input``, ``optional``, ``own`` or ``shared``), a shared one's atomic."""

    name: str
    type: Array
    shape: tuple[int, ...]
    role: str
    atomic: str = ""


@dataclass(frozen=True)
class FunctionFacts:
    """A user function: its name, parameters, how many of them, the last ones, have defaults, and what it gives.

    A ``generic`` one has such facts for each type that it is known to take.
    """

    called: str
    names: tuple[str, ...]
    types: tuple[Type, ...]
    defaults: int
    result: Type
    generic: bool = False


@dataclass
class Scope:
    """The names of one body, in the order in which they were bound."""

    in_kernel: bool
    variables: dict[str, Type] = field(default_factory=dict)
    fixed: set[str] = field(default_factory=set)
    """Variables that must not be assigned: parameters, constants, loop counters."""
    data: set[str] = field(default_factory=set)
    """Variables whose value depends on an input."""
    ranges: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Known closed ranges of int32 variables: thread indices and counters of constant loops."""
    arrays: dict[str, ArrayFacts] = field(default_factory=dict)
    lasting: set[str] = field(default_factory=set)
    """Variables bound outside all inner blocks, which last as long as the body."""
    returned: tuple[Type, ...] = ()
    """The types that a function returns; new variables of it have them, so that they can reach what it returns."""
    coordinates: tuple[str, ...] = ()
    loops: int = 0
    depth: int = 0

    def bind(self, name: str, type_: Type, *, data: bool, fixed: bool = False) -> None:
        """Bring a variable into scope."""
        self.variables[name] = type_
        if data:
            self.data.add(name)
        if fixed:
            self.fixed.add(name)
        if not self.depth:
            self.lasting.add(name)

    def forget(self, count: int) -> None:
        """Take the variables but the first ``count`` ones, which were bound since, out of scope."""
        for name in list(self.variables)[count:]:
            del self.variables[name]

    def of_type(self, type_: Type) -> list[str]:
        """The variables of a type, oldest first."""
        return [name for name, found in self.variables.items() if found == type_]

    def assignable(self, type_: Type | None = None) -> list[str]:
        """The variables that may be assigned, of one type or of all."""
        return [
            name
            for name, found in self.variables.items()
            if name not in self.fixed and (type_ is None or found == type_) and not isinstance(found, Array)
        ]

    def held(self) -> set[Type]:
        """The types of values at hand that depend on an input: variables, elements, and components of them."""
        whole = {self.variables[name] for name in self.data if name in self.variables}
        whole.update(facts.type.element for facts in self.arrays.values())
        return whole.union(leaf.scalar for type_ in whole for leaf in type_.leaves)

    def within(self, length: int) -> list[str]:
        """The int32 variables that are known to index an axis of that length."""
        return [
            name
            for name, (low, high) in self.ranges.items()
            if name in self.variables and -length <= low and high < length and self.variables[name] == INT32
        ]

    def arrays_of(self, element: Type, roles: tuple[str, ...]) -> list[ArrayFacts]:
        """The arrays of an element type in one of the roles."""
        return [facts for facts in self.arrays.values() if facts.type.element == element and facts.role in roles]

    def optional(self, element: Type | None = None) -> list[ArrayFacts]:
        """The arrays that may not be given, of one element type or of all."""
        optional = (facts for facts in self.arrays.values() if facts.role == "optional")
        return [facts for facts in optional if element in (None, facts.type.element)]

    @contextmanager
    def nested(self) -> Iterator[dict[str, Type]]:
        """Open an inner block: names bound in it go when it ends, also at a dead end. Gives the outer variables."""
        variables, ranges = dict(self.variables), dict(self.ranges)
        self.depth += 1
        try:
            yield variables
        finally:
            self.depth -= 1
            self.variables, self.ranges = {n: t for n, t in self.variables.items() if n in variables}, ranges
