"""Typing rules of expressions: for a want, the parts of each production that can serve it.

Leaves decide quality: names that depend on inputs are preferred, literals are typed by a cast where Warp's own literals
are int32 and float32, and indices are in range by construction where that is cheap (the rest is repaired).
"""

from __future__ import annotations

from collections.abc import Sequence

from fuzzer.generation.driver import Generator, Plan, rule
from fuzzer.generation.guards import FUNCTIONS, guard_of, number_of_type
from fuzzer.generation.literals import draw_literal, draw_predefined, literal_node
from fuzzer.generation.rules.operations import draw_builtin, draw_operator
from fuzzer.generation.scope import ArrayFacts
from fuzzer.generation.wants import Index, Nested, Part, Symbol, Value
from grammar import nodes as n
from grammar.check import dotted, written_argument
from grammar.language import Production
from grammar.nodes import Expr
from grammar.ops.record import Op, Overload
from grammar.ops.table import constructor_overload
from grammar.types import BOOL, FLOAT32, INT32, Element, Scalar, Type

LEAF_DEPTH = 0

OPTIONAL_SHARE = 35
"""Percent of the conditions in words that ask for an array, in a kernel that has one that may not be given."""

PREDEFINED_SHARE = 20
"""Percent of the attributes and typed literals of a float that are one of Warp's constants."""

LEFT_OUT = 40
"""Percent of the calls of builtins with defaults that leave these out."""

PYTHON_NAMES = {"wp.int32": "int", "wp.float32": "float"}
"""The types that Python's own names stand for."""


@rule(Value, "name")
def name_of_type(g: Generator, production: Production, want: Value, depth: int) -> Plan | None:
    """A variable of the type; for a condition or a data use one that depends on an input."""
    names = g.scope.of_type(want.type)
    if want == Value(INT32, "small"):
        names = [name for name in names if name in g.scope.within(8)]
    if want.use in ("condition", "data"):
        names = [name for name in names if name in g.scope.data]
    if not names:
        return None
    weights = [3 if name in g.scope.data else 2 for name in names]
    return Plan([g.choices.weighted(names, weights)])


@rule(Value, "int_literal", "float_literal", "true_literal", "false_literal")
def literal(g: Generator, production: Production, want: Value, depth: int) -> Plan | None:
    """A literal of the production's own type."""
    types = {"int_literal": INT32, "float_literal": FLOAT32}
    if want.type != types.get(production.name, BOOL) or want.use in ("condition", "data"):
        return None
    if want.type == BOOL:
        return Plan([])
    return Plan([draw_literal(g.choices, INT32 if want.type == INT32 else FLOAT32, want.use)])


@rule(Value, "conditional")
def conditional(g: Generator, production: Production, want: Value, depth: int) -> Plan | None:
    """``x if c else y``."""
    if depth <= 1:
        return None
    optional = g.scope.optional(want.type)
    if optional and g.choices.chance(OPTIONAL_SHARE):  # what may not be given is read where it is
        facts = g.choices.pick(optional)
        element = Nested("subscript", (n.Name(facts.name), *map(Index, facts.shape)))
        return Plan([element, n.Name(facts.name), Value(want.type)])
    return Plan([Value(want.type), Value(BOOL, "condition"), Value(want.type)])


@rule(Value, "and_op", "or_op")
def logical(g: Generator, production: Production, want: Value, depth: int) -> Plan | None:
    """Two or three conditions."""
    if want.type != BOOL or depth <= 1:
        return None
    conditions: list[Part] = [Value(BOOL, "condition")] * g.choices.weighted((2, 3), (3, 1))
    optional = g.scope.optional()
    if optional and g.choices.chance(OPTIONAL_SHARE):
        conditions[g.choices.integer(0, len(conditions) - 1)] = n.Name(g.choices.pick(optional).name)
    return Plan(conditions)


@rule(Value, "not_op")
def negation(g: Generator, production: Production, want: Value, depth: int) -> Plan | None:
    """``not c``; of an int, where the palette has one."""
    if want.type != BOOL or depth <= 1:
        return None
    optional = g.scope.optional()
    if optional and g.choices.chance(OPTIONAL_SHARE):
        return Plan([n.Name(g.choices.pick(optional).name)])
    return Plan([Value(g.choices.weighted((BOOL, INT32), (5, 1)), "condition" if depth > 2 else "data")])


@rule(Value, "chained_compare")
def chain(g: Generator, production: Production, want: Value, depth: int) -> Plan | None:
    """Three operands of one scalar type, ordered comparisons between them."""
    if want.type != BOOL or depth <= 1:
        return None
    scalars = [t for t in g.profile.palette if isinstance(t, Scalar) and t != BOOL]
    type_ = g.choices.pick(scalars)
    symbols = Symbol(("<", "<=", ">", ">=", "!="))
    return Plan([Value(type_), symbols, Value(type_, "data"), symbols, Value(type_)])


@rule(Value, "compare", "bit_or", "bit_xor", "bit_and", "shift", "sum", "product", "power")
def operator(g: Generator, production: Production, want: Value, depth: int) -> Plan | None:
    """An operator that gives the type: the Op table says which, the grammar which symbols."""
    if depth <= 0 and want.type != BOOL:
        return None
    symbols = g.language.operators.get(production.holes[1], ())
    if want == Value(INT32, "small"):
        symbol, most = ("%", g.choices.integer(2, 5)) if "%" in symbols else ("&", 3)
        return Plan([Value(INT32, "data"), symbol, n.IntLiteral(most)])
    drawn = draw_operator(g, symbols, want.type, 2)
    if drawn is None:
        return None
    overload, symbol = drawn
    left, right = overload.parameters
    if depth <= 0 and BOOL in (left, right):
        return None  # a bool operand may need an operator again, so this would not end
    return Plan([Value(left, "data"), Symbol((symbol,)), right_operand(g, overload.op, right)])


def right_operand(g: Generator, op: Op, type_: Type) -> Part:
    """The right operand of an operator: where not every integer is allowed, mostly one that is by construction."""
    guard = guard_of(op, 1)
    if guard is None:
        return Value(type_)
    if not isinstance(type_, Scalar) or not type_.is_integer or g.choices.chance(10):
        return Value(type_, guard.use)
    if g.has(guard.production) and g.choices.chance(40):
        return Nested(guard.production, (Value(type_, "data"), guard.symbol, number_of_type(type_, guard.number)))
    literal = draw_literal(g.choices, type_, guard.use)
    return number_of_type(type_, int(literal))


@rule(Value, "unary")
def unary(g: Generator, production: Production, want: Value, depth: int) -> Plan | None:
    """A sign or complement."""
    if depth <= 0:
        return None
    drawn = draw_operator(g, g.language.operators.get(production.holes[0], ()), want.type, 1)
    if drawn is None:
        return None
    overload, symbol = drawn
    type_ = overload.parameters[0]
    constants = [name for name in g.scope.of_type(type_) if name in g.scope.fixed - g.scope.data]
    if constants and g.choices.chance(25):
        return Plan([Symbol((symbol,)), n.Name(g.choices.pick(constants))])
    return Plan([Symbol((symbol,)), Value(type_, "data")])


@rule(Value, "attribute")
def named_component(g: Generator, production: Production, want: Value, depth: int) -> Plan | None:
    """``v.x`` of a vector variable or value; or a constant of Warp's."""
    if want == Value(FLOAT32) and g.choices.chance(PREDEFINED_SHARE):
        return Plan([n.Name("wp"), draw_predefined(g.choices)])
    named = [(t, names) for t in g.profile.palette if isinstance(t, Element) and (names := t.attributes_of(want.type))]
    if not named or depth <= 0:
        return None
    owner, names = g.choices.pick(named)
    return Plan([Value(owner, "data"), g.choices.pick(names)])


@rule(Value, "subscript")
def element(g: Generator, production: Production, want: Value, depth: int) -> Plan | None:
    """An array element, or a component of a vector or matrix."""
    options: list[Plan] = []
    arrays = g.scope.arrays_of(want.type, ("input", "own")) if isinstance(want.type, Element) else []
    if arrays:
        options.append(_load(g, g.choices.pick(arrays)))
    if depth > 0 and g.choices.chance(50 if arrays else 100):
        options = _components(g, want.type) or options
    return g.choices.pick(options) if options else None


def _load(g: Generator, facts: ArrayFacts) -> Plan:
    if facts.role == "own":
        return Plan([n.Name(facts.name), *map(n.Name, g.scope.coordinates)])
    if facts.type.ndim > 1 and g.choices.chance(20):  # nested subscripts: a row first, then its element
        return Plan([Nested("subscript", (n.Name(facts.name), Index(facts.shape[0]))), *map(Index, facts.shape[1:])])
    if g.has("slice") and g.choices.chance(12):
        view = _sliced(g, facts)
        if view is not None:
            return view
    return Plan([n.Name(facts.name), *map(Index, facts.shape)])


def _sliced(g: Generator, facts: ArrayFacts) -> Plan | None:
    """``a[1:6:2][i]``: a slice of the first axis, then an element of it."""
    length = facts.shape[0]
    start, stop = g.choices.integer(0, length - 1), g.choices.integer(1, length)
    step = g.choices.weighted((1, 2, 3, -1, -2), (3, 3, 1, 2, 1))
    low, high = (start, stop) if step > 0 else (stop - 1, start - 1)
    count = len(range(low, high, step))
    if count == 0:
        return None
    bounds = _written_bounds(g, low, high, step, length)
    return Plan([Nested("subscript", (n.Name(facts.name), bounds)), Index(count), *map(Index, facts.shape[1:])])


def _written_bounds(g: Generator, low: int, high: int, step: int, length: int) -> n.Node:
    """Write a slice: bounds that are the natural ones may be left out, others may be negative."""
    at_start, at_end = (low == 0, high == length) if step > 0 else (low == length - 1, high == -1)
    lower = n.Absent() if at_start and g.choices.chance(50) else _bound(g, low, length)
    upper = n.Absent() if high < 0 or (at_end and g.choices.chance(50)) else _bound(g, high, length)
    if step == 1:
        return g.build("slice", Plan([lower, upper]))
    written = n.IntLiteral(step) if step > 0 else n.Unary("-", n.IntLiteral(-step))
    return g.build("step_slice", Plan([lower, upper, written]))


def _bound(g: Generator, at: int, length: int) -> Expr:
    if 0 < at < length and g.choices.chance(25):
        return n.Unary("-", n.IntLiteral(length - at))
    return n.IntLiteral(at)


def _components(g: Generator, type_: Type) -> list[Plan]:
    owners = [t for t in g.profile.palette if isinstance(t, Element)]
    return [Plan([Value(t, "data"), *map(Index, extents)]) for t in owners for extents in t.subscripts_of(type_)]


@rule(Value, "call")
def call(g: Generator, production: Production, want: Value, depth: int) -> Plan | None:
    """A builtin, a user function, or (at a leaf) a typed literal or a constructor of literals."""
    if depth <= LEAF_DEPTH:
        return typed_literal(g, want.type) if want.use not in ("condition", "data") else None
    functions = [name for name, facts in g.functions.items() if facts.result == want.type]
    if functions and g.choices.chance(35):
        return Plan(user_call(g, g.choices.pick(functions)).parts)
    if g.choices.chance(10) and want.use == "any":
        return typed_literal(g, want.type)
    overload = draw_builtin(g, want.type)
    if overload is None:
        return typed_literal(g, want.type)
    arguments = [_argument(overload, type_, position) for position, type_ in enumerate(overload.arguments)]
    if overload.optional and g.choices.chance(LEFT_OUT):
        arguments = arguments[: -overload.optional]
    return Plan([dotted(_type_written(g, overload.called)), *_with_keywords(g, overload.names, arguments)])


def _argument(overload: Overload, type_: Type, position: int) -> Part:
    domain = overload.domain
    if domain is not None and domain.operand == position and domain.demands in FUNCTIONS:
        return Nested("call", (dotted(FUNCTIONS[domain.demands]), Value(type_, "data")))
    return written_argument(type_) or Value(type_, "condition" if type_ == BOOL else "any" if position else "data")


def _type_written(g: Generator, name: str) -> str:
    """A type's own name, or the one that Python has for it."""
    return PYTHON_NAMES[name] if name in PYTHON_NAMES and g.choices.chance(30) else name


def _with_keywords(g: Generator, names: Sequence[str], arguments: Sequence[Part]) -> list[Part]:
    """Write the last arguments with their names, sometimes."""
    names = names[: len(arguments)]
    named = len(names) == len(arguments) and not any(name.startswith("_") for name in names)
    if not g.has("keyword") or not named or not g.choices.chance(8):
        return list(arguments)
    first = g.choices.integer(0, len(arguments))
    keywords = [Nested("keyword", pair) for pair in zip(names[first:], arguments[first:], strict=True)]
    return [*arguments[:first], *keywords]


def user_call(g: Generator, name: str) -> Nested:
    """A call of a user function, by position or name; some of the arguments that have defaults are left out."""
    facts = g.functions[name]
    required = len(facts.types) - facts.defaults
    arguments = [Value(type_, "data") for type_ in facts.types]
    if facts.generic or not g.has("keyword") or not g.choices.chance(20):
        return Nested("call", (n.Name(facts.called), *arguments[: required + g.choices.integer(0, facts.defaults)]))
    first = g.choices.integer(0, required)
    named = list(zip(facts.names, arguments, strict=True))
    keywords = [*named[first:required], *(pair for pair in named[required:] if g.choices.chance(60))]
    written = [Nested("keyword", pair) for pair in g.choices.shuffled(keywords)]
    return Nested("call", (n.Name(facts.called), *arguments[:first], *written))


def typed_literal(g: Generator, type_: Type) -> Plan | None:
    """A literal of any value type: a cast of a literal, or a constructor of such."""
    if not isinstance(type_, Element):
        return None
    callee = dotted(type_.written)
    if isinstance(type_, Scalar):
        if type_ == BOOL:
            return None
        if type_.is_float and g.choices.chance(PREDEFINED_SHARE):
            return Plan([callee, dotted(f"wp.{draw_predefined(g.choices)}")])
        small = type_.is_integer and type_.bits < 32
        return Plan([callee, literal_node(draw_literal(g.choices, type_, "small" if small else "any"))])
    if type_.fields:
        return Plan([callee, *map(Value, type_.parts)] if g.choices.chance(70) else [callee])
    uniform = constructor_overload(type_, (type_.scalar,)) is not None and not g.choices.chance(80)
    scalars = [Value(type_.scalar)] * (1 if uniform else type_.size)
    return Plan([callee, *scalars])


@rule(Index, "int_literal")
def constant_index(g: Generator, production: Production, want: Index, depth: int) -> Plan | None:
    """A literal index."""
    return Plan([g.choices.integer(0, want.length - 1)])


@rule(Index, "unary")
def negative_index(g: Generator, production: Production, want: Index, depth: int) -> Plan | None:
    """A literal index counted from the end."""
    return Plan([Symbol(("-",)), n.IntLiteral(g.choices.integer(1, want.length))])


@rule(Index, "name")
def variable_index(g: Generator, production: Production, want: Index, depth: int) -> Plan | None:
    """A thread index or loop counter that is known to be in range."""
    names = g.scope.within(want.length)
    return Plan([g.choices.pick(names)]) if names else None


@rule(Index, "product")
def reduced_index(g: Generator, production: Production, want: Index, depth: int) -> Plan | None:
    """Any int32 modulo the length: truncated, so it may be negative, which counts from the end."""
    if depth <= 0 or "%" not in g.language.operators.get(production.holes[1], ()):
        return None
    return Plan([Value(INT32, "data"), "%", n.IntLiteral(want.length)])


@rule(Index, "sum")
def shifted_index(g: Generator, production: Production, want: Index, depth: int) -> Plan | None:
    """An index in range minus the length: the same element counted from the end, or mirrored."""
    names = [name for name in g.scope.within(want.length) if g.scope.ranges[name][0] >= 0]
    if not names or "-" not in g.language.operators.get(production.holes[1], ()):
        return None
    index, length = n.Name(g.choices.pick(names)), n.IntLiteral(want.length)
    if g.choices.chance(50):
        return Plan([index, "-", length])
    return Plan([n.IntLiteral(want.length - 1), "-", index])


@rule(Index, "call")
def loaded_index(g: Generator, production: Production, want: Index, depth: int) -> Plan | None:
    """A floor-like cast is left to repair; an index through a cast of another int type."""
    names = g.scope.within(want.length)
    if not names or not g.choices.chance(20):
        return None
    wide = g.choices.pick(("wp.int64", "wp.int16", "wp.int32"))
    return Plan([dotted(wide), n.Name(g.choices.pick(names))])
