"""What the type checker finds out: a type for every expression, an overload for every operation.

The tree stays as it is; a :class:`Typing` is a table beside it, keyed by the identity of nodes. Whoever keeps a Typing
keeps its module alive too, so identities stay valid.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from grammar.errors import UserError
from grammar.nodes import Binding, Expr, FactoryDef, FuncDef, ImportFrom, ImportStmt, KernelDef, Module, Node
from grammar.ops.record import Overload
from grammar.trees import copy, module_names, walk
from grammar.types import Struct, Type

MAX_UNROLL = 16
"""Trip count up to which Warp unrolls a constant range (documented default of ``max_unroll``)."""

N = TypeVar("N", bound=Node)
D = TypeVar("D", KernelDef, FuncDef)


class TypeRefused(UserError):
    """The module breaks a typing rule; ``node`` is where."""

    def __init__(self, message: str, node: Node) -> None:
        super().__init__(message)
        self.node = node


class Follows(TypeRefused):
    """Nothing can be said of a node, because of something that was refused before."""

    def __init__(self, node: Node) -> None:
        super().__init__("this follows from a refusal", node)


def unsupported(what: str, node: Node) -> TypeRefused:
    """Refuse what Warp may well have, and this language has not."""
    return TypeRefused(f"warpsmith does not support {what} yet", node)


@dataclass(frozen=True)
class TypedParameters:
    """The parameters of a function or kernel: names and types, and what those have that may be left out.

    ``unknown`` names those whose type was refused.
    """

    names: tuple[str, ...]
    types: tuple[Type, ...]
    defaults: dict[str, Expr]
    unknown: frozenset[str]

    def takes(self, types: tuple[Type, ...]) -> bool:
        """Say whether it may be called with arguments of these types, by position."""
        count = len(types)
        return self.types[:count] == types and set(self.names[count:]) <= self.defaults.keys()


@dataclass(frozen=True)
class Function(TypedParameters):
    """A typed ``@wp.func``: its parameters, and what it returns (None for nothing)."""

    definition: FuncDef
    result: Type | None


@dataclass(frozen=True)
class Kernel:
    """A typed kernel as a launch sees it; ``captured`` are the typed arguments of the factory that made it."""

    definition: KernelDef
    names: tuple[str, ...]
    types: tuple[Type, ...]
    captured: dict[str, Expr]
    captured_types: dict[str, Type]


@dataclass(frozen=True)
class UserCall:
    """A call of a user function, also by an operator: the argument of each parameter, in order of the parameters."""

    function: str
    arguments: tuple[Expr, ...]
    written: tuple[int, ...]
    """The parameter positions of the arguments that are written, in the order they are written (and evaluated)."""


@dataclass(frozen=True)
class Construction:
    """A call of a struct: the argument of each field, and the positions of these in the order they are written.

    There are no arguments where the fields are zeros, and arrays that are not given.
    """

    type: Type
    arguments: tuple[Expr, ...]
    written: tuple[int, ...]


@dataclass(frozen=True)
class AtomicCall:
    """``wp.atomic_add(array, i, ..., value)``: its parts."""

    overload: Overload
    array: Expr
    indices: tuple[Expr, ...]
    value: Expr


@dataclass
class Typing:
    """The typing of one module, as it is compiled with a ``max_unroll``, with ``backward`` kernels or without.

    An *instance* is a definition with the types of what it captures or is given. One definition may have several. The
    first kernel of a factory is the tree of the module; each further one that is typed otherwise, and each instance of
    a generic function, is a copy of it, so that tables by the identity of nodes hold for all. ``originals`` leads from
    their nodes to those of the module. ``functions`` has the instances of a generic function by ``name(types)``.

    The first refusal ends it. ``unknown`` are names of the module that were refused.
    ``known`` holds the expressions whose value Warp may know when it compiles: it folds choices on them. ``unrounded``
    holds the arguments of casts that name a number and keep its precision (see :mod:`grammar.check.constants`).
    """

    module: Module
    max_unroll: int = MAX_UNROLL
    backward: bool = True
    unknown: set[str] = field(default_factory=set)
    known: set[int] = field(default_factory=set)
    unrounded: set[int] = field(default_factory=set)
    types: dict[int, Type] = field(default_factory=dict)
    overloads: dict[int, Overload] = field(default_factory=dict)
    links: dict[int, tuple[Overload, ...]] = field(default_factory=dict)
    builtin_arguments: dict[int, tuple[Expr, ...]] = field(default_factory=dict)
    user_calls: dict[int, UserCall] = field(default_factory=dict)
    atomics: dict[int, AtomicCall] = field(default_factory=dict)
    constructions: dict[int, Construction] = field(default_factory=dict)
    constants: dict[str, Binding] = field(default_factory=dict)
    constant_types: dict[str, Type] = field(default_factory=dict)
    aliases: dict[str, Type] = field(default_factory=dict)
    structs: dict[str, Struct] = field(default_factory=dict)
    parameters: dict[str, TypedParameters] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    factories: dict[str, FactoryDef] = field(default_factory=dict)
    generics: dict[str, FuncDef] = field(default_factory=dict)
    unfinished: set[str] = field(default_factory=set)
    kernels: dict[str, Kernel] = field(default_factory=dict)
    originals: dict[int, Node] = field(default_factory=dict)

    def original(self, node: Node) -> Node:
        """Find the node of the module that a node of an instance is a copy of; most stand for themselves."""
        return self.originals.get(id(node), node)

    def instance_of(self, definition: D) -> D:
        """Copy a definition for an instance with another typing, so that each of its nodes has one type again."""
        copied = copy(definition)
        self.originals |= {id(new): old for new, old in zip(walk(copied), walk(definition), strict=True)}
        return copied

    @property
    def written_constants(self) -> dict[str, Expr]:
        """What is written for each constant, by its name."""
        return {name: binding.value for name, binding in self.constants.items()}

    def refuse(self, refusal: TypeRefused) -> None:
        """Take note of what breaks a rule: a node of the module, whichever instance shows it."""
        refusal.node = self.original(refusal.node)
        raise refusal

    @cached_property
    def module_level(self) -> frozenset[str]:
        """The names of the module, which no local name may take: merged modules rename them."""
        imported = (d.alias for d in self.module.definitions if isinstance(d, ImportStmt))
        single = (d.imported for d in self.module.definitions if isinstance(d, ImportFrom))
        return frozenset((*module_names(self.module), *imported, *single))

    @cached_property
    def nodes(self) -> list[Node]:
        """Every node of the module that has a meaning, parents first: a factory has none that makes no kernel."""
        made: dict[int, Node] = {id(kernel.definition): kernel.definition for kernel in self.kernels.values()}
        made |= {id(function.definition): function.definition for function in self.functions.values()}
        definitions = [d for d in self.module.definitions if not isinstance(d, FactoryDef) or id(d.definition) in made]
        definitions = [d for d in definitions if not isinstance(d, FuncDef) or id(d) in made]
        copies = [definition for at, definition in made.items() if at in self.originals]
        return [self.module, *(node for definition in (*definitions, *copies) for node in walk(definition))]

    @cached_property
    def uses(self) -> dict[str, list[Node]]:
        """The nodes where each operation is used, by its key."""
        found: dict[str, list[Node]] = {}
        for node in self.nodes:
            overload = self.overloads.get(id(node))
            if overload is not None:
                found.setdefault(overload.op.key, []).append(node)
        return found

    @cached_property
    def _by_class(self) -> dict[type[Node], list[Node]]:
        found: dict[type[Node], list[Node]] = {}
        for node in self.nodes:
            found.setdefault(type(node), []).append(node)
        return found

    def nodes_of(self, cls: type[N]) -> list[N]:
        """Return every node of one class, parents first."""
        return self._by_class.get(cls, [])  # type: ignore[return-value]  # they are keyed by their class

    def type_of(self, node: Expr) -> Type:
        """Return the type of an expression of the module."""
        return self.types[id(node)]


@dataclass
class Survey(Typing):
    """A typing that goes on behind what is refused, to find everything that is."""

    refused: list[TypeRefused] = field(default_factory=list)

    def refuse(self, refusal: TypeRefused) -> None:
        """Note a refusal once, unless it follows from another; it is of the module, whichever instance shows it."""
        refusal.node = self.original(refusal.node)
        known = [(item.node, str(item)) for item in self.refused]
        if not isinstance(refusal, Follows) and not any(a is refusal.node and b == str(refusal) for a, b in known):
            self.refused.append(refusal)
