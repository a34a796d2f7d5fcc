"""Structs of generated kernels: those that values have, and those that put parameters of a kernel together.

A struct of values is one more type of the palette, so that all rules of types apply to it. A *bundle* is made when a
kernel is finished: some of its parameters, arrays among them, become the fields of one. So arrays are read and written
through fields, and are as free of races as they were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fuzzer.generation.driver import Generator, Plan
from fuzzer.generation.inputs import draw_value
from grammar import nodes as n
from grammar.check import written
from grammar.trees import copy, transform
from grammar.types import Array, Element, Leaf, Struct, Type
from oracle.columns import part
from oracle.records import Buffer, BufferRef

NESTED = 40
"""Percent of the structs of values that have a struct as a field."""

Parameters = Sequence[tuple[str, Type]]
"""Names and types of the parameters of a kernel."""


def draw_structs(g: Generator) -> tuple[Struct, ...]:
    """Draw a struct of values that has fields of the palette's types, behind one that it has as a field, if it has."""
    types = [type_ for type_ in g.profile.palette if isinstance(type_, Element)]
    drawn = [g.choices.pick(types) for _ in range(g.choices.integer(1, 3))]
    if not g.choices.chance(NESTED):
        return (_struct(g, [*drawn, g.choices.pick(types)]),)
    inner = _struct(g, [g.choices.pick(types) for _ in range(g.choices.integer(1, 2))])
    return inner, _struct(g, g.choices.shuffled([*drawn, inner]))


def _struct(g: Generator, types: Sequence[Type]) -> Struct:
    return Struct(g.new_name("S"), tuple((f"f{position}", type_) for position, type_ in enumerate(types)))


@dataclass(frozen=True)
class Bundle:
    """Parameters of a kernel that became the fields of one, which is a struct, or the array that has it as an element.

    Attributes:
        name: The name of the one parameter.
        struct: The struct.
        position: The element that the kernel takes; None where the parameter is the struct.
        count: How many elements the array has.
        helper: A function that the kernel takes the struct from; None where it takes it as it is.
        head: What the kernel begins with.
        place: What stands for the struct in the kernel.
    """

    name: str
    struct: Struct
    position: int | None
    count: int
    helper: n.Node | None
    head: tuple[n.Node, ...]
    place: n.Expr

    def parameters(self, given: Parameters) -> Parameters:
        """The parameters of the kernel, of which some are now the fields of one."""
        type_: Type = self.struct if self.position is None else Array(self.struct, 1)
        return [*(one for one in given if one[0] not in self.struct.attributes), (self.name, type_)]

    def statements(self, statements: Sequence[n.Node]) -> list[n.Node]:
        """The body of the kernel, which reads and writes fields where it had parameters."""
        fields = self.struct.attributes

        def change(node: n.Node) -> n.Node:
            return n.Attribute(copy(self.place), node.id) if isinstance(node, n.Name) and node.id in fields else node

        return [*self.head, *(transform(statement, change) for statement in statements)]

    def argument(self, g: Generator, given: Mapping[str, Any], name: str) -> tuple[Any, list[Buffer]]:
        """Put arguments together as that of the one parameter; and the buffer that it refers to, if it does."""
        value = tuple(given[field] for field in self.struct.attributes)
        if self.position is None:
            return value, []
        values = [value if at == self.position else self._other(g) for at in range(self.count)]
        columns = tuple(_column(leaf, values) for leaf in self.struct.leaves)
        handles = tuple(_references([part(one, handle.path) for one in values]) for handle in self.struct.handles)
        return BufferRef(name), [Buffer(name, self.struct, columns, handles=handles)]

    def _other(self, g: Generator) -> tuple[Any, ...]:
        """The value of an element that the kernel does not take: its arrays are not given."""
        types = self.struct.parts
        return tuple(None if isinstance(type_, Array) else draw_value(g.choices, type_, wild=False) for type_ in types)


def _column(leaf: Leaf, values: Sequence[Any]) -> np.ndarray[Any, Any]:
    return np.array([part(value, leaf.path) for value in values], leaf.scalar.dtype)


def _references(references: Sequence[BufferRef | None]) -> np.ndarray[Any, Any]:
    column = np.empty(len(references), object)
    column[:] = references
    return column


def draw_bundle(g: Generator, parameters: Parameters) -> Bundle | None:
    """Draw which parameters of a kernel become fields, and how it takes them; None where it has no array.

    Raises:
        DeadEnd: The grammar lacks what it takes.
    """
    chosen = [one for one in parameters if g.choices.chance(60)]
    if not any(isinstance(type_, Array) for _, type_ in chosen):
        return None
    struct = Struct(g.new_name("S"), tuple(g.choices.shuffled(chosen)))
    name, count = g.new_name("q"), g.choices.integer(1, 3)
    position = g.choices.integer(0, count - 1) if g.choices.chance(30) else None
    whole: n.Expr = n.Name(name) if position is None else n.Subscript(n.Name(name), (n.IntLiteral(position),))
    helper = _helper(g, struct) if g.has("func_def") and g.choices.chance(25) else None
    if helper is not None:
        whole = n.Call(n.Name(helper.name), (whole,))
    if helper is None and g.choices.chance(60):
        return Bundle(name, struct, position, count, None, (), whole)
    local = g.new_name("v")
    head = g.build("assign", Plan([n.Name(local), whole]))
    return Bundle(name, struct, position, count, helper, (head,), n.Name(local))


def _helper(g: Generator, struct: Struct) -> n.FuncDef:
    """A function that takes the struct and gives it."""
    name, parameter, local = g.new_name("f"), g.new_name("p"), g.new_name("v")
    signature = g.build("parameters", Plan([g.build("parameter", Plan([parameter, written(struct)]))]))
    silent = "no_returns" in g.language.productions
    returns = g.build("no_returns", Plan([])) if silent else g.build("returns", Plan([written(struct)]))
    body = [
        g.build("assign", Plan([n.Name(local), n.Name(parameter)])),
        g.build("return_value", Plan([n.Name(local)])),
    ]
    made = g.build("func_def", Plan([name, signature, returns, g.block(body)]))
    assert isinstance(made, n.FuncDef)
    return made
