"""Typing rules of statements: what they bind, what company they need, and how every value stays observable.

A value that is bound in an inner block is folded into an outer variable or stored before the block ends, so that
nothing that is computed can hide. Loops end by construction: a ``for`` has small bounds, a ``while`` brings its own
counter.
"""

from __future__ import annotations

from fuzzer.generation.driver import DeadEnd, Generator, Plan, is_idle, rule
from fuzzer.generation.rules.expressions import right_operand
from fuzzer.generation.rules.operations import draw_operator
from fuzzer.generation.wants import Body, Index, Nested, Orelse, Part, Statement, Symbol, Value, Values
from grammar import nodes as n
from grammar.check import dotted, written_name
from grammar.productions import Production
from grammar.trees import walk
from grammar.types import BOOL, INT32, Array, Matrix, Scalar, Type, Vector

MAX_NESTING = 3


def _room(g: Generator) -> bool:
    """Say whether a compound statement may stand here: not too deep, with something left to put in it and to change."""
    return g.scope.depth < MAX_NESTING and g.budget > 0 and bool(g.scope.in_kernel or g.scope.assignable())


def depends_on_data(g: Generator, expr: n.Node) -> bool:
    """Say whether an expression reads an array or a variable that depends on an input."""
    names = {node.id for node in walk(expr) if isinstance(node, n.Name)}
    return bool(names & (g.scope.data | set(g.scope.arrays)))


def dynamic(g: Generator, expr: n.Expr, type_: Type) -> n.Expr:
    """Wrap what Warp may take as a constant in a cast: no dynamic loop may change a variable that holds one."""
    if isinstance(type_, Scalar) and _maybe_constant(g, expr):
        return n.Call(dotted(written_name(type_)), (expr,))
    return expr


def _maybe_constant(g: Generator, expr: n.Expr) -> bool:
    bare = expr
    while isinstance(bare, n.Unary):
        bare = bare.operand
    if isinstance(bare, n.Name):
        return bare.id in g.scope.fixed
    return isinstance(bare, n.TrueLiteral | n.FalseLiteral | n.IntLiteral | n.FloatLiteral | n.Conditional)


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
        return _store(g)
    return _assign_again(g) if kind == "again" else bind_new(g, draw_type(g))


def _assign_again(g: Generator) -> Plan | None:
    """Assign a variable again; mostly a value that depends on its old one, which would be lost otherwise."""
    targets = g.scope.assignable()
    if not targets:
        return None
    name = g.choices.pick(targets)
    type_ = g.scope.variables[name]
    value = g.expression(Value(type_, "data"))
    if not (_reads(value, name) or g.choices.chance(OVERWRITTEN)):
        value = _mixed(g, value, name, type_)
    return None if value == n.Name(name) else Plan([n.Name(name), dynamic(g, value, type_)])


OVERWRITTEN = 8
"""Percent of the assignments that do not read the old value anyway, and then lose it."""


def _reads(expr: n.Expr, name: str) -> bool:
    return any(isinstance(node, n.Name) and node.id == name for node in walk(expr))


def _mixed(g: Generator, value: n.Expr, name: str, type_: Type) -> n.Expr:
    """A value that depends on two: their difference, for bools whether they differ."""
    if type_ == BOOL:
        return g.build("compare", Plan([value, "!=", n.Name(name)]))  # type: ignore[no-any-return]
    return g.build("sum", Plan([value, g.choices.pick(("-", "+")), n.Name(name)]))  # type: ignore[no-any-return]


def bind_new(g: Generator, type_: Type) -> Plan:
    """Bind a new variable to an expression of the type."""
    name = g.new_name("v")
    value = dynamic(g, g.expression(Value(type_, "data" if g.choices.chance(94) else "any")), type_)
    return Plan([n.Name(name), value], lambda: g.scope.bind(name, type_, data=depends_on_data(g, value)))


def _store(g: Generator) -> Plan | None:
    if not g.scope.in_kernel:
        return None
    type_ = draw_type(g)
    last = g.outputs.values()  # what is stored there is overwritten when the thread leaves
    own = [facts for facts in g.scope.arrays_of(type_, ("own",)) if facts not in last]  # type: ignore[arg-type]
    facts = g.choices.pick(own) if own else g.own_array(type_)  # type: ignore[arg-type]
    return Plan([own_element(g, facts.name), Value(type_, "data")])


def own_element(g: Generator, name: str) -> n.Subscript:
    """The element of an own array that belongs to this thread."""
    return n.Subscript(n.Name(name), tuple(n.Name(c) for c in g.scope.coordinates))


def _assign_component(g: Generator) -> Plan | None:
    place = component_place(g)
    return None if place is None else Plan([place[0], Value(place[1], "data")])


def component_place(g: Generator) -> tuple[Nested, Type] | None:
    """Draw a component of an assignable vector or matrix variable, and its type."""
    names = [n_ for n_ in g.scope.assignable() if isinstance(g.scope.variables[n_], Vector | Matrix)]
    if not names:
        return None
    name = g.choices.pick(names)
    owner = g.scope.variables[name]
    if isinstance(owner, Vector):
        if g.choices.chance(50):
            return Nested("attribute", (n.Name(name), g.choices.pick("xyzw"[: owner.length]))), owner.scalar
        return Nested("subscript", (n.Name(name), Index(owner.length))), owner.scalar
    assert isinstance(owner, Matrix)
    if g.choices.chance(25):
        return Nested("subscript", (n.Name(name), Index(owner.rows))), owner.row
    return Nested("subscript", (n.Name(name), Index(owner.rows), Index(owner.columns))), owner.scalar


@rule(Statement, "tuple_assign")
def tuple_assign(g: Generator, production: Production, want: Statement, depth: int) -> Plan | None:
    """Swap or rotate variables, unpack a function's values, or bind several new names."""
    several = [name for name, (_, result, _) in g.functions.items() if not isinstance(result, Scalar | Vector | Matrix)]
    kind = g.choices.weighted(("rotate", "call", "new"), (4, 6 if several else 0, 2))
    if kind == "call":
        return _unpack_call(g, g.choices.pick(several))
    types = [t for t in g.profile.palette if len(g.scope.assignable(t)) >= 2]
    if kind == "rotate" and types:
        type_ = g.choices.pick(types)
        names = g.choices.shuffled(g.scope.assignable(type_))[: g.choices.integer(2, 3)]
        rotated = [n.Name(name) for name in (*names[1:], names[0])]
        return Plan([*map(n.Name, names), Nested("tuple_expr", tuple(rotated))])
    new = tuple(draw_type(g) for _ in range(g.choices.integer(2, 3)))
    names = [g.new_name("v") for _ in new]
    return Plan([*map(n.Name, names), Values(new)], lambda: _bind_all(g, names, new))


def _bind_all(g: Generator, names: list[str], types: tuple[Type, ...]) -> None:
    for name, type_ in zip(names, types, strict=True):
        g.scope.bind(name, type_, data=True)


def _unpack_call(g: Generator, function: str) -> Plan:
    parameters, result, defaults = g.functions[function]
    types = result.items  # type: ignore[union-attr]  # only functions with several values come here
    names = [g.new_name("v") for _ in types]
    given = parameters[: len(parameters) - g.choices.integer(0, defaults)]
    call = Nested("call", (n.Name(function), *(Value(t, "data") for t in given)))
    return Plan([*map(n.Name, names), call], lambda: _bind_all(g, names, types))


@rule(Values, "tuple_expr")
def several_values(g: Generator, production: Production, want: Values, depth: int) -> Plan | None:
    """One expression per target; bare literals are wrapped."""
    return Plan([dynamic(g, g.expression(Value(type_, "data"), 2), type_) for type_ in want.types])


@rule(Statement, "aug_assign")
def aug_assign(g: Generator, production: Production, want: Statement, depth: int) -> Plan | None:
    """``x += e`` on a variable, a component, or an element of an own or shared array."""
    place = _augmented_place(g)
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
    value = right_operand(g, overload.op.name, overload.parameters[1])
    if value == Value(overload.parameters[1]):
        value = Value(overload.parameters[1], "data")
    return Plan([target, Symbol((f"{symbol}=",)), value])


def _augmented_place(g: Generator) -> tuple[Part, Type, tuple[str, ...]] | None:
    """A target, its type, and the symbols it takes (empty: any)."""
    kind = g.choices.weighted(("name", "own", "shared", "component"), (6, 2, 2, 2))
    if kind == "component":
        place = component_place(g)
        return None if place is None else (place[0], place[1], ())
    if kind == "own" and g.scope.in_kernel:
        owned = [facts for facts in g.scope.arrays.values() if facts.role == "own" and facts.type.element != BOOL]
        if owned:
            facts = g.choices.pick(owned)
            return own_element(g, facts.name), facts.type.element, ("+=", "-=", "*=")
    if kind == "shared":
        shared = [facts for facts in g.scope.arrays.values() if facts.role == "shared" and facts.atomic == "atomic_add"]
        if shared:
            facts = g.choices.pick(shared)
            return Nested("subscript", (n.Name(facts.name), *map(Index, facts.shape))), facts.type.element, ("+=",)
    names = [name for name in g.scope.assignable() if g.scope.variables[name] != BOOL]
    if not names:
        return None
    name = g.choices.pick(names)
    return n.Name(name), g.scope.variables[name], ()


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


@rule(Statement, "if_stmt")
def if_statement(g: Generator, production: Production, want: Statement, depth: int) -> Plan | None:
    """A condition on data, a body, and perhaps branches."""
    if not _room(g):
        return None
    condition = Value(BOOL, "condition") if g.choices.chance(92) else Value(INT32, "data")
    size = g.choices.integer(1, 3)
    follows = g.choices.chance(60) and bool(g.has("elif_branch") or g.has("else_branch"))
    return Plan([condition, Body(size, jump=True), *([Orelse(size)] if follows else [])])


@rule(Orelse, "elif_branch")
def elif_branch(g: Generator, production: Production, want: Orelse, depth: int) -> Plan | None:
    """Another condition, and perhaps more branches."""
    follows = g.choices.chance(30)
    return Plan([Value(BOOL, "condition"), Body(want.statements), *([want] if follows else [])])


@rule(Orelse, "else_branch")
def else_branch(g: Generator, production: Production, want: Orelse, depth: int) -> Plan | None:
    """The last branch."""
    return Plan([Body(want.statements)])


@rule(Statement, "for_stmt")
def for_statement(g: Generator, production: Production, want: Statement, depth: int) -> Plan | None:
    """A loop over any form of range: constant or dynamic, up or down, perhaps empty."""
    if not _room(g) or g.scope.loops >= 2:
        return None
    name = g.new_name("j")
    arguments, low, high = _range(g)

    def body() -> n.Block:
        g.scope.bind(name, INT32, data=True, fixed=True)
        if low is not None and high is not None:
            g.scope.ranges[name] = (low, high)
        return loop_body(g)

    with g.scope.nested():
        iterable = g.build("call", Plan([n.Name("range"), *arguments]), 2)
        return Plan([n.Name(name), iterable, body()])


def _range(g: Generator) -> tuple[list[Part], int | None, int | None]:
    """Draw the arguments of a range; the closed range of the counter where it is known and not empty."""
    form = g.choices.weighted(("constant", "dynamic"), (4, 6))
    count = g.choices.weighted((1, 2, 3), (3, 3, 4))
    start, stop = g.choices.integer(-3, 4), g.choices.integer(-3, 7)
    step = g.choices.weighted((1, 2, 3, -1, -2, -3), (2, 2, 1, 3, 2, 1)) if count == 3 else 1
    if count == 1:
        start, stop = 0, g.choices.weighted((2, 3, 4, 5, 0, 17), (4, 4, 4, 2, 1, 0 if g.scope.loops else 1))
    if (step < 0) == (start < stop) and g.choices.chance(94):
        start, stop = stop, start
    stop += start == stop and g.choices.chance(90)
    if form == "dynamic":
        return _dynamic_range(g, count, step), None, None
    arguments: list[Part] = [_written(x) for x in (start, stop, step)[3 - count if count < 3 else 0 :]]
    if count == 1:
        arguments = [_written(stop)]
    elif count == 2:
        arguments = [_written(start), _written(stop)]
    trips = range(start, stop, step)
    return arguments, (min(trips) if trips else None), (max(trips) if trips else None)


def _dynamic_range(g: Generator, count: int, step: int) -> list[Part]:
    """Bounds of which one at least is known at run time only; the other side leaves room for a few rounds."""
    moving: Part = Value(INT32, "small")
    if count == 1:
        return [moving]
    far = _written(g.choices.integer(3, 5) if step > 0 else -g.choices.integer(3, 5))
    bounds: list[Part] = [moving, far] if g.choices.chance(50) else [_written(-2 if step > 0 else 4), moving]
    return [*bounds, *([_written(step)] if count == 3 else [])]


def _written(value: int) -> n.Expr:
    return n.IntLiteral(value) if value >= 0 else n.Unary("-", n.IntLiteral(-value))


def loop_body(g: Generator, first: list[n.Node] | None = None) -> n.Block:
    """Generate the body of a loop, behind given first statements."""
    g.scope.loops += 1
    try:
        statements = body_statements(g, g.choices.integer(1, 3), jump=False)
    finally:
        g.scope.loops -= 1
    return g.block([*(first or []), *statements])


@rule(Statement, "while_stmt")
def while_statement(g: Generator, production: Production, want: Statement, depth: int) -> Plan | None:
    """A loop with a counter of its own: set before it, stepped first in its body."""
    if not _room(g) or g.scope.loops >= 2:
        return None
    counter = g.new_name("c")
    g.before.append(g.build("assign", Plan([n.Name(counter), n.Call(dotted("wp.int32"), (n.IntLiteral(0),))])))
    g.scope.bind(counter, INT32, data=False, fixed=True)
    limit = n.IntLiteral(g.choices.integer(2, 3 if g.scope.loops else 5))
    condition: Part = Nested("compare", (n.Name(counter), "<", limit))
    if g.has("and_op") and g.choices.chance(70):
        condition = Nested("and_op", (condition, Value(BOOL, "condition")))

    def body() -> n.Block:
        with g.scope.nested():
            return loop_body(g, [_step(g, counter)])

    return Plan([condition, body])


def _step(g: Generator, counter: str) -> n.Node:
    one = n.IntLiteral(1)
    try:
        return g.build("aug_assign", Plan([n.Name(counter), "+=", one]))  # type: ignore[no-any-return]
    except DeadEnd:
        total = g.build("sum", Plan([n.Name(counter), "+", one]))
        return g.build("assign", Plan([n.Name(counter), total]))  # type: ignore[no-any-return]


@rule(Statement, "pass_stmt")
def pass_statement(g: Generator, production: Production, want: Statement, depth: int) -> Plan | None:
    """Nothing; in inner blocks only."""
    return Plan([]) if g.scope.depth else None


@rule(Body, "block")
def body(g: Generator, production: Production, want: Body, depth: int) -> Plan | None:
    """A block with a scope of its own; what is bound in it is folded into outer variables before it ends."""
    with g.scope.nested():
        statements = body_statements(g, want.statements, jump=want.jump)
        return Plan(statements or [g.build("pass_stmt", Plan([]))])


def body_statements(g: Generator, count: int, *, jump: bool) -> list[n.Node]:
    """Generate statements, fold what an inner block binds, and perhaps end in a jump."""
    outer = set(g.scope.variables)
    statements: list[n.Node] = []
    for _ in range(count):
        if g.budget > 0:
            statements.extend(next_statements(g))
    if g.scope.depth and all(isinstance(statement, n.PassStmt) for statement in statements):
        statements += _effect(g)
    leaving = _jump(g) if jump and g.choices.chance(25) else None
    if isinstance(leaving, n.ReturnStmt):
        return [*statements, *folded(g, g.scope.lasting), *observed(g), leaving]
    folds = folded(g, outer) if g.scope.depth else []
    return [*statements, *folds, *([leaving] if leaving else [])]


def _effect(g: Generator) -> list[n.Node]:
    """Change a variable or an own array, so that it matters whether a block runs; nothing where there is none."""
    for plan in (_assign_again, _store):
        try:
            found = plan(g)
            if found is None:
                continue
            made: n.Node = g.build("assign", found)
            if not is_idle(made):
                return [made]
        except DeadEnd:
            continue
    return []


def next_statements(g: Generator) -> list[n.Node]:
    """Generate one statement with the company it needs; none where nothing fits."""
    saved, g.before = g.before, []
    g.budget -= 1
    try:
        statement = g.fill("statement", Statement(), g.profile.depth)
        return [*g.before, statement]
    except DeadEnd:
        return []
    finally:
        g.before = saved


def folded(g: Generator, outer: set[str]) -> list[n.Node]:
    """Make the variables that this block bound observable outside: combine each with an outer one, or store it."""
    found: list[n.Node] = []
    for name, type_ in list(g.scope.variables.items()):
        if name in outer or name in g.scope.fixed or isinstance(type_, Array):
            continue
        targets = [t for t in g.scope.assignable(type_) if t in outer]
        statement = _combined(g, targets, name, type_) if targets else None
        if statement is None and g.scope.in_kernel:
            facts = g.own_array(type_)  # type: ignore[arg-type]  # arrays and tuples are no variables here
            statement = g.build("assign", Plan([own_element(g, facts.name), n.Name(name)]))
        if statement is not None:
            found.append(statement)
    return found


def _combined(g: Generator, targets: list[str], name: str, type_: Type) -> n.Node | None:
    target = g.choices.pick(targets)
    try:
        if type_ == BOOL:
            return g.build("assign", Plan([n.Name(target), _mixed(g, n.Name(target), name, type_)]))  # type: ignore[no-any-return]
        # a difference would be 0 where one is a copy of the other
        return g.build("aug_assign", Plan([n.Name(target), Symbol(("+=",)), n.Name(name)]))  # type: ignore[no-any-return]
    except DeadEnd:
        return None


def _jump(g: Generator) -> n.Node | None:
    """Draw what ends the body of an if: out of the loop, to its next round, or out of the kernel."""
    options: list[str] = []
    if g.scope.loops:
        options += [name for name in ("break_stmt", "continue_stmt") if g.has(name)]
    if g.scope.in_kernel and g.has("return_stmt") and g.choices.chance(30):
        options.append("return_stmt")
    return g.build(g.choices.pick(options), Plan([])) if options else None


def observed(g: Generator) -> list[n.Node]:
    """Store every variable that lasts to its output: one array per variable, wherever a thread leaves the kernel."""
    statements: list[n.Node] = []
    for name in g.scope.assignable():
        if name in g.scope.lasting:
            if name not in g.outputs:
                g.outputs[name] = g.own_array(g.scope.variables[name])  # type: ignore[arg-type]  # no array is assignable
            statements.append(g.build("assign", Plan([own_element(g, g.outputs[name].name), n.Name(name)])))
    return statements
