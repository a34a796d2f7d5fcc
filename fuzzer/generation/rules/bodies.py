"""Typing rules of bodies: the statements of a block, and how every value in it stays observable.

A value that is bound in an inner block is folded into an outer variable or stored before the block ends, and variables
that last are stored wherever a thread leaves the kernel, so that nothing that is computed can hide.
"""

from __future__ import annotations

from fuzzer.generation.driver import DeadEnd, Generator, Plan, is_idle, rule
from fuzzer.generation.rules.assignments import assign_again, dynamic, mixed, store
from fuzzer.generation.rules.targets import own_element
from fuzzer.generation.wants import Body, Statement, Symbol, Value
from grammar import nodes as n
from grammar.check import dotted
from grammar.language import Production
from grammar.types import BOOL, Array, Type


@rule(Statement, "pass_stmt")
def pass_statement(g: Generator, production: Production, want: Statement, depth: int) -> Plan | None:
    """Nothing; in inner blocks only."""
    return Plan([]) if g.scope.depth else None


@rule(Body, "block")
def body(g: Generator, production: Production, want: Body, depth: int) -> Plan | None:
    """A block with a scope of its own; what is bound in it is folded into outer variables before it ends."""
    with g.scope.nested():
        statements = body_statements(g, want.statements, jump=want.jump)
        if want.binds is not None:
            statements.append(_bound(g, *want.binds))
        return Plan(statements or [g.build("pass_stmt", Plan([]))])


def _bound(g: Generator, name: str, type_: Type) -> n.Node:
    value = dynamic(g, g.expression(Value(type_, "data"), 2), type_)
    return g.build("assign", Plan([n.Name(name), value]))


def body_statements(g: Generator, count: int, *, jump: bool) -> list[n.Node]:
    """Generate statements, fold what an inner block binds, and perhaps end in a jump."""
    outer = set(g.scope.variables)
    statements: list[n.Node] = []
    for _ in range(count):
        if g.budget > 0:
            statements.extend(next_statements(g))
    if g.scope.depth and all(isinstance(statement, n.PassStmt) for statement in statements):
        statements += _effect(g)
    statements += _counted(g)
    leaving = _jump(g) if jump and g.choices.chance(35) else None
    if isinstance(leaving, n.ReturnStmt):
        return [*statements, *folded(g, g.scope.lasting), *observed(g), leaving]
    folds = folded(g, outer) if g.scope.depth else []
    return [*statements, *folds, *([leaving] if leaving else [])]


def _counted(g: Generator) -> list[n.Node]:
    """Add a number to the tally of the kernel, so that it shows that an inner block ran."""
    if not g.scope.depth or not g.scope.in_kernel or not g.tally:
        return []
    return [g.build("aug_assign", Plan([n.Name(g.tally), Symbol(("+=",)), n.IntLiteral(g.choices.integer(1, 9))]))]


def _effect(g: Generator) -> list[n.Node]:
    """Change a variable or an own array, so that it matters whether a block runs; nothing where there is none."""
    for plan in (assign_again, store):
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
        if type_.fields:
            return _field_added(g, target, name, type_)
        if type_ == BOOL:
            return g.build("assign", Plan([n.Name(target), mixed(g, n.Name(target), name, type_)]))
        # a difference would be 0 where one is a copy of the other
        return g.build("aug_assign", Plan([n.Name(target), Symbol(("+=",)), n.Name(name)]))
    except DeadEnd:
        return None


def _field_added(g: Generator, target: str, name: str, type_: Type) -> n.Node | None:
    """Add a field of a struct to that of another; None where no field can be added."""
    paths = [leaf.suffix for leaf in type_.leaves if leaf.scalar != BOOL]
    if not paths:
        return None
    path = g.choices.pick(paths)
    return g.build("aug_assign", Plan([dotted(target + path), Symbol(("+=",)), dotted(name + path)]))


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
    for name in [*g.scope.assignable(), *([g.tally] if g.tally else [])]:
        if name in g.scope.lasting:
            if name not in g.outputs:
                g.outputs[name] = g.own_array(g.scope.variables[name])  # type: ignore[arg-type]  # no array is assignable
            statements.append(g.build("assign", Plan([own_element(g, g.outputs[name].name), n.Name(name)])))
    return statements
