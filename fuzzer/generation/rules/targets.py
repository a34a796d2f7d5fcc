"""Places: what a statement in a kernel or a function can write to, with the type that it holds.

A place is a variable, a component of a vector or matrix, an element of an own array (one per thread, so no two threads
meet), or an element of a shared array, which only atomics and ``+=`` may change. No rule is registered here; the rules
of assignments and bodies draw their targets from it.
"""

from __future__ import annotations

from fuzzer.generation.driver import Generator
from fuzzer.generation.wants import Index, Nested, Part
from grammar import nodes as n
from grammar.check.overloading import overloading_names
from grammar.ops.table import update_by
from grammar.types import BOOL, Element, Type

AugmentedPlace = tuple[Part, Type, tuple[str, ...]]
"""A target of an augmented assignment, its type, and the symbols it takes (empty: any)."""


def own_element(g: Generator, name: str) -> n.Subscript:
    """The element of an own array that belongs to this thread."""
    return n.Subscript(n.Name(name), tuple(n.Name(c) for c in g.scope.coordinates))


def component_place(g: Generator) -> tuple[Nested, Type] | None:
    """Draw a component of an assignable vector or matrix variable, and its type."""
    names = [name for name in g.scope.assignable() if g.scope.variables[name].parts]
    if not names:
        return None
    name = g.choices.pick(names)
    owner = g.scope.variables[name]
    assert isinstance(owner, Element)
    if owner.attributes and g.choices.chance(50):
        attribute = g.choices.pick(tuple(owner.attributes))
        return Nested("attribute", (n.Name(name), attribute)), owner.parts[owner.attributes[attribute]]
    most = len(owner.extents)
    count = g.choices.integer(1, most - 1) if most > 1 and g.choices.chance(25) else most
    part = owner.indexed(count)
    return None if part is None else (Nested("subscript", (n.Name(name), *map(Index, owner.extents[:count]))), part)


def augmented_place(g: Generator) -> AugmentedPlace | None:
    """Draw a target of an augmented assignment; a variable where no array of the kind drawn is at hand."""
    kind = g.choices.weighted(("name", "own", "shared", "component"), (6, 2, 2, 2))
    if kind == "component":
        place = component_place(g)
        return None if place is None else (place[0], place[1], ())
    array_place = _own_place(g) if kind == "own" else _shared_place(g) if kind == "shared" else None
    return array_place or _variable_place(g)


def _own_place(g: Generator) -> AugmentedPlace | None:
    owned = [facts for facts in g.scope.arrays.values() if facts.role == "own" and facts.type.element != BOOL]
    if not g.scope.in_kernel or not owned:
        return None
    facts = g.choices.pick(owned)
    symbols = (
        ("+=", "*=") if overloading_names()["-"] in g.functions else ("+=", "-=", "*=")
    )  # an atomic is not overloaded
    return own_element(g, facts.name), facts.type.element, symbols


def _shared_place(g: Generator) -> AugmentedPlace | None:
    shared = [facts for facts in g.scope.arrays.values() if facts.role == "shared" and facts.atomic == _summed()]
    if not shared:
        return None
    facts = g.choices.pick(shared)
    return Nested("subscript", (n.Name(facts.name), *map(Index, facts.shape))), facts.type.element, ("+=",)


def _summed() -> str:
    """The atomic that ``+=`` is."""
    atomic = update_by("+")
    return atomic.name if atomic else ""


def _variable_place(g: Generator) -> AugmentedPlace | None:
    names = [name for name in g.scope.assignable() if g.scope.variables[name] != BOOL]
    if not names:
        return None
    name = g.choices.pick(names)
    return n.Name(name), g.scope.variables[name], ()
