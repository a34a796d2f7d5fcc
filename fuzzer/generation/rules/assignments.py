"""Typing rules of assignments: bindings, second assignments, stores, unpacked tuples, augmented forms and atomics.

What a statement writes is mostly made of values that depend on inputs, and an assignment rarely drops the old value of
its variable: a value that is lost could hide a wrong one. What Warp may take for a constant is cast, so that later
loops may change the variable that holds it.
"""

from __future__ import annotations

from typing import cast

from fuzzer.generation.driver import Generator, Plan, rule
from fuzzer.generation.rules.expressions import right_operand, user_call
from fuzzer.generation.rules.operations import draw_operator
from fuzzer.generation.rules.targets import augmented_place, component_place, own_element
from fuzzer.generation.wants import Index, Nested, Statement, Symbol, Value, Values
from grammar import nodes as n
from grammar.check import dotted
from grammar.check.constants import number_of
from grammar.check.overloading import overloading_names
from grammar.language import Production
from grammar.ops.table import constructor_overload
from grammar.trees import walk
from grammar.types import BOOL, Scalar, Tuple, Type

OVERWRITTEN = 8
"""Percent of the assignments that do not read the old value anyway, and then lose it."""


def depends_on_data(g: Generator, expr: n.Node) -> bool:
    """Say whether an expression reads an array or a variable that depends on an input."""
    names = {node.id for node in walk(expr) if isinstance(node, n.Name)}
    return bool(names & (g.scope.data | set(g.scope.arrays)))


def dynamic(g: Generator, expr: n.Expr, type_: Type) -> n.Expr:
    """Wrap what Warp may take as a constant in a cast: no dynamic loop may change a variable that holds one."""
    constant = _maybe_constant(g, expr) if isinstance(type_, Scalar) else _is_choice_by_constant(g, expr)
    if constant and isinstance(expr, n.Conditional) and constructor_overload(type_, (type_,)) is None:
        return expr.value  # of structs and quaternions no cast makes a copy
    return n.Call(dotted(type_.written), (expr,)) if constant else expr


def _is_choice_by_constant(g: Generator, expr: n.Expr) -> bool:
    """All that Warp may take as a constant vector or matrix: it computes negations, and copies a name."""
    return isinstance(expr, n.Conditional) and _maybe_constant(g, expr.condition)


def _maybe_constant(g: Generator, expr: n.Expr) -> bool:
    bare = expr
    while isinstance(bare, n.Unary):
        bare = bare.operand
    if isinstance(bare, n.Name):
        return bare.id in g.scope.fixed
    return isinstance(bare, n.TrueLiteral | n.FalseLiteral | n.Conditional) or number_of(bare, {}) is not None


def draw_type(g: Generator) -> Type:
    """Draw the type of a new variable from the palette, in a function one that it can return."""
    if not g.scope.in_kernel:
        return g.choices.pick(g.scope.returned)
    palette = [t for t in g.profile.palette if t != BOOL]
    return g.choices.weighted((*palette, BOOL), (*([4] * len(palette)), 1))


@rule(Statement, "assign")
def assign(g: Generator, production: Production, want: Statement, depth: int) -> Plan | None:
    """Bind a new variable, assign an old one, store to an own array, or change a component."""
    targets = g.scope.assignable()
    kind = g.choices.weighted(("new", "again", "store", "component"), (6, 4 if targets else 0, 1, 2))
    if kind == "component":
        return _assign_component(g)
    if kind == "store":
        return store(g)
    return assign_again(g) if kind == "again" else bind_new(g, draw_type(g))


def assign_again(g: Generator) -> Plan | None:
    """Assign a variable again; mostly a value that depends on its old one, which would be lost otherwise."""
    types = g.scope.variables
    targets = [name for name in g.scope.assignable() if not types[name].fields or g.choices.chance(OVERWRITTEN)]
    if not targets:
        return None
    name = g.choices.pick(targets)
    type_ = types[name]
    value = g.expression(Value(type_, "data"))
    if not (type_.fields or _reads(value, name) or g.choices.chance(OVERWRITTEN)):
        value = mixed(g, value, name, type_)
    return None if value == n.Name(name) else Plan([n.Name(name), dynamic(g, value, type_)])


def _reads(expr: n.Expr, name: str) -> bool:
    return any(isinstance(node, n.Name) and node.id == name for node in walk(expr))


def mixed(g: Generator, value: n.Expr, name: str, type_: Type) -> n.Expr:
    """A value that depends on two: their difference, for bools whether they differ."""
    if type_ == BOOL:
        return cast(n.Expr, g.build("compare", Plan([value, "!=", n.Name(name)])))
    symbol = "+" if g.overloading == overloading_names()["-"] else g.choices.pick(("-", "+"))
    return cast(n.Expr, g.build("sum", Plan([value, symbol, n.Name(name)])))


def bind_new(g: Generator, type_: Type) -> Plan:
    """Bind a new variable to an expression of the type."""
    name = g.new_name("v")
    value = dynamic(g, g.expression(Value(type_, "data" if g.choices.chance(94) else "any")), type_)
    return Plan([n.Name(name), value], lambda: g.scope.bind(name, type_, data=depends_on_data(g, value)))


def store(g: Generator) -> Plan | None:
    """Store a value to this thread's element of an own array, an old or a new one; None in a function."""
    if not g.scope.in_kernel:
        return None
    type_ = draw_type(g)
    last = g.outputs.values()  # what is stored there is overwritten when the thread leaves
    own = [facts for facts in g.scope.arrays_of(type_, ("own",)) if facts not in last]
    facts = g.choices.pick(own) if own else g.own_array(type_)  # type: ignore[arg-type]  # draw_type draws elements alone
    return Plan([own_element(g, facts.name), Value(type_, "data")])


def _assign_component(g: Generator) -> Plan | None:
    place = component_place(g)
    return None if place is None else Plan([place[0], Value(place[1], "data")])


@rule(Statement, "tuple_assign")
def tuple_assign(g: Generator, production: Production, want: Statement, depth: int) -> Plan | None:
    """Swap or rotate variables, unpack a function's values, or bind several new names."""
    several = {name: f.result.items for name, f in g.functions.items() if isinstance(f.result, Tuple)}
    kind = g.choices.weighted(("rotate", "call", "new"), (4, 6 if several else 0, 2))
    if kind == "call":
        function = g.choices.pick(tuple(several))
        return _unpack_call(g, function, several[function])
    rotation = _rotate(g) if kind == "rotate" else None
    return rotation or _bind_several(g)


def _rotate(g: Generator) -> Plan | None:
    """Exchange the values of two or three variables of one type."""
    types = [t for t in g.profile.palette if len(g.scope.assignable(t)) >= 2 and not t.fields]
    if not types:
        return None
    names = g.choices.shuffled(g.scope.assignable(g.choices.pick(types)))[: g.choices.integer(2, 3)]
    rotated = [n.Name(name) for name in (*names[1:], names[0])]
    return Plan([*map(n.Name, names), Nested("tuple_expr", tuple(rotated))])


def _bind_several(g: Generator) -> Plan | None:
    drawn = [draw_type(g) for _ in range(g.choices.integer(2, 3))]
    types = tuple(type_ for type_ in drawn if not type_.fields)  # Warp would keep references to structs
    if len(types) < len(drawn):
        return None
    names = [g.new_name("v") for _ in types]
    return Plan([*map(n.Name, names), Values(types)], lambda: _bind_all(g, names, types))


def _bind_all(g: Generator, names: list[str], types: tuple[Type, ...]) -> None:
    for name, type_ in zip(names, types, strict=True):
        g.scope.bind(name, type_, data=True)


def _unpack_call(g: Generator, function: str, types: tuple[Type, ...]) -> Plan:
    names = [g.new_name("v") for _ in types]
    return Plan([*map(n.Name, names), user_call(g, function)], lambda: _bind_all(g, names, types))


def bind_call(g: Generator, function: str) -> n.Node:
    """Bind new variables to what a function gives.

    Raises:
        DeadEnd: The grammar lacks what it takes.
    """
    result = g.functions[function].result
    if isinstance(result, Tuple):
        return g.build("tuple_assign", _unpack_call(g, function, result.items))
    name = g.new_name("v")
    bound = Plan([n.Name(name), user_call(g, function)], lambda: g.scope.bind(name, result, data=True))
    return g.build("assign", bound)


@rule(Values, "tuple_expr")
def several_values(g: Generator, production: Production, want: Values, depth: int) -> Plan | None:
    """One expression per target; bare literals are wrapped."""
    return Plan([dynamic(g, g.expression(Value(type_, "data"), 2), type_) for type_ in want.types])


@rule(Statement, "aug_assign")
def aug_assign(g: Generator, production: Production, want: Statement, depth: int) -> Plan | None:
    """``x += e`` on a variable, a component, or an element of an own or shared array."""
    place = augmented_place(g)
    if place is None:
        return None
    target, type_, symbols = place
    allowed = [s[:-1] for s in g.language.operators.get(production.holes[1], ()) if s in symbols or not symbols]
    drawn = draw_operator(g, allowed, type_, 2)
    if drawn is None or drawn[0].parameters[0] != type_:
        return None
    overload, symbol = drawn
    if symbols and overload.parameters[1] != type_:
        return None
    value = right_operand(g, overload.op, overload.parameters[1])
    if value == Value(overload.parameters[1]):
        value = Value(overload.parameters[1], "data")
    return Plan([target, Symbol((f"{symbol}=",)), value])


@rule(Statement, "expr_stmt")
def atomic_statement(g: Generator, production: Production, want: Statement, depth: int) -> Plan | None:
    """An atomic on a shared array, its returned value unused."""
    shared = [facts for facts in g.scope.arrays.values() if facts.role == "shared"]
    if not shared:
        return None
    facts = g.choices.pick(shared)
    indices = tuple(map(Index, facts.shape))
    callee = dotted(f"wp.{facts.atomic}")
    return Plan([Nested("call", (callee, n.Name(facts.name), *indices, Value(facts.type.element, "data")))])
