"""Places: what a statement in a kernel or a function can write to, with the type that it holds.

A place is a variable, a component of a vector or matrix, an element of an own array (one per thread, so no two threads
meet), or an element of a shared array, which only atomics and ``+=`` may change. No rule is registered here; the rules
of assignments and bodies draw their targets from it.
"""

from __future__ import annotations

from fuzzer.generation.driver import Generator
from fuzzer.generation.scope import ArrayFacts
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


def component_place(g: Generator) -> AugmentedPlace | None:
    """Draw a component or a field of a variable, or of an element of an own array, and its type."""
    owners: list[tuple[n.Expr, Type]] = [(n.Name(name), g.scope.variables[name]) for name in g.scope.assignable()]
    owners = [(place, type_) for place, type_ in owners if type_.parts]
    elements: list[tuple[n.Expr, Type]] = [(own_element(g, f.name), f.type.element) for f in _own_arrays(g)]
    elements = [(place, type_) for place, type_ in elements if type_.parts]
    if not owners and not elements:
        return None
    is_element = bool(elements) and (not owners or g.choices.chance(25))
    found = _part(g, *g.choices.pick(elements if is_element else owners))
    return found and (*found, _atomic_symbols(g) if is_element else ())


def _part(g: Generator, place: Part, owner: Type) -> tuple[Part, Type] | None:
    """Draw a part of what a place holds; of a field perhaps a part again."""
    assert isinstance(owner, Element)
    if owner.attributes and (owner.fields or g.choices.chance(50)):
        attribute = g.choices.pick(tuple(owner.attributes))
        found, type_ = Nested("attribute", (place, attribute)), owner.parts[owner.attributes[attribute]]
        return _part(g, found, type_) if type_.fields or (type_.parts and g.choices.chance(60)) else (found, type_)
    most = len(owner.extents)
    count = g.choices.integer(1, most - 1) if most > 1 and g.choices.chance(25) else most
    part = owner.indexed(count)
    return None if part is None else (Nested("subscript", (place, *map(Index, owner.extents[:count]))), part)


def _own_arrays(g: Generator) -> list[ArrayFacts]:
    """The own arrays whose elements a kernel may change: not those that hold the last values of variables."""
    last = g.outputs.values()
    return [facts for facts in g.scope.arrays.values() if facts.role == "own" and facts not in last]


def _atomic_symbols(g: Generator) -> tuple[str, ...]:
    """The operators that an element of an array takes as an atomic, which is not overloaded."""
    return ("+=",) if overloading_names()["-"] in g.functions else ("+=", "-=")


def augmented_place(g: Generator) -> AugmentedPlace | None:
    """Draw a target of an augmented assignment; a variable where no array of the kind drawn is at hand."""
    kind = g.choices.weighted(("name", "own", "shared", "component"), (6, 2, 2, 2))
    if kind == "component":
        return component_place(g)
    array_place = _own_place(g) if kind == "own" else _shared_place(g) if kind == "shared" else None
    return array_place or _variable_place(g)


def _own_place(g: Generator) -> AugmentedPlace | None:
    owned = [facts for facts in g.scope.arrays.values() if facts.role == "own" and _is_number(facts.type.element)]
    if not g.scope.in_kernel or not owned:
        return None
    facts = g.choices.pick(owned)
    return own_element(g, facts.name), facts.type.element, (*_atomic_symbols(g), "*=")


def _shared_place(g: Generator) -> AugmentedPlace | None:
    shared = [facts for facts in g.scope.arrays.values() if facts.role == "shared" and facts.atomic == _summed()]
    if not shared:
        return None
    facts = g.choices.pick(shared)
    return Nested("subscript", (n.Name(facts.name), *map(Index, facts.shape))), facts.type.element, ("+=",)


def _is_number(type_: Type) -> bool:
    """Whether values of a type are numbers, or made of numbers all of one type."""
    return type_ != BOOL and not type_.fields


def _summed() -> str:
    """The atomic that ``+=`` is."""
    atomic = update_by("+")
    return atomic.name if atomic else ""


def _variable_place(g: Generator) -> AugmentedPlace | None:
    names = [name for name in g.scope.assignable() if _is_number(g.scope.variables[name])]
    if not names:
        return None
    name = g.choices.pick(names)
    return n.Name(name), g.scope.variables[name], ()
