"""Typing rules of control flow: branches on data and loops, nested a few levels deep.

Loops end by construction: a ``for`` has small bounds, and a ``while`` brings its own counter, which nothing else may
change.
"""

from __future__ import annotations

from fuzzer.generation.driver import DeadEnd, Generator, Plan, rule
from fuzzer.generation.rules.assignments import draw_type
from fuzzer.generation.rules.bodies import body_statements
from fuzzer.generation.wants import Body, Nested, Orelse, Part, Statement, Value
from grammar import nodes as n
from grammar.check import dotted
from grammar.language import Production
from grammar.types import BOOL, INT32

MAX_NESTING = 3

BOUND = 15
"""Percent of ifs whose branches all bind a variable that is new."""

LONG = {1: ((0, 17, 1),), 2: ((-9, 9, 1), (3, 20, 1)), 3: ((20, 2, -1), (9, -9, -1), (34, 0, -2))}
"""Ranges with more rounds than Warp unrolls, by the number of arguments that they are written with."""


def _room(g: Generator) -> bool:
    """Say whether a compound statement may stand here: not too deep, with something left to put in it and to change."""
    return g.scope.depth < MAX_NESTING and g.budget > 0 and bool(g.scope.in_kernel or g.scope.assignable())


@rule(Statement, "if_stmt")
def if_statement(g: Generator, production: Production, want: Statement, depth: int) -> Plan | None:
    """A condition on data, a body, and perhaps branches."""
    if not _room(g):
        return None
    condition = Value(BOOL, "condition") if g.choices.chance(92) else Value(INT32, "data")
    size = g.choices.integer(1, 3)
    if g.has("else_branch") and g.choices.chance(BOUND):
        name, type_ = bound = g.new_name("v"), draw_type(g)
        body = Body(size, binds=bound)
        return Plan([condition, body, Orelse(body)], lambda: g.scope.bind(name, type_, data=True))
    follows = g.choices.chance(60) and bool(g.has("elif_branch") or g.has("else_branch"))
    body = Body(size, jump=True)
    return Plan([condition, body, *([Orelse(body)] if follows else [])])


@rule(Orelse, "elif_branch")
def elif_branch(g: Generator, production: Production, want: Orelse, depth: int) -> Plan | None:
    """Another condition, and perhaps more branches."""
    follows = g.choices.chance(30) or want.like.binds is not None
    return Plan([Value(BOOL, "condition"), want.like, *([want] if follows else [])])


@rule(Orelse, "else_branch")
def else_branch(g: Generator, production: Production, want: Orelse, depth: int) -> Plan | None:
    """The last branch."""
    return Plan([want.like])


@rule(Statement, "for_stmt")
def for_statement(g: Generator, production: Production, want: Statement, depth: int) -> Plan | None:
    """A loop over any form of range: constant or dynamic, up or down, perhaps empty."""
    if not _room(g) or g.scope.loops >= 2:
        return None
    name = g.new_name("j")
    arguments, closed = _range(g)
    with g.scope.nested():
        iterable = g.build("call", Plan([n.Name("range"), *arguments]), 2)
        g.scope.bind(name, INT32, data=True, fixed=True)
        if closed is not None:
            g.scope.ranges[name] = closed
        return Plan([n.Name(name), iterable, loop_body(g)])


def _range(g: Generator) -> tuple[list[Part], tuple[int, int] | None]:
    """Draw the arguments of a range; the closed range of the counter where it is known and not empty."""
    form = g.choices.weighted(("constant", "dynamic"), (4, 6))
    count = g.choices.weighted((1, 2, 3), (3, 3, 4))
    start, stop, step = _bounds(g, count)
    if form == "dynamic":
        return _dynamic_range(g, count, step), None
    trips = range(start, stop, step)
    shown = {1: (stop,), 2: (start, stop), 3: (start, stop, step)}[count]
    return [_written(x) for x in shown], (min(trips), max(trips)) if trips else None


def _bounds(g: Generator, count: int) -> tuple[int, int, int]:
    """Draw start, stop and step for a range with that many arguments; mostly a range that is not empty."""
    start, stop = g.choices.integer(-3, 4), g.choices.integer(-3, 7)
    step = g.choices.weighted((1, 2, 3, -1, -2, -3), (2, 2, 1, 3, 2, 1)) if count == 3 else 1
    if not g.scope.loops and g.choices.chance(4):
        return g.choices.pick(LONG[count])
    if count == 1:
        start, stop = 0, g.choices.weighted((2, 3, 4, 5, 0), (4, 4, 4, 2, 1))
    if (step < 0) == (start < stop) and g.choices.chance(94):
        start, stop = stop, start
    stop += start == stop and g.choices.chance(90)
    return start, stop, step


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
        return g.build("aug_assign", Plan([n.Name(counter), "+=", one]))
    except DeadEnd:
        total = g.build("sum", Plan([n.Name(counter), "+", one]))
        return g.build("assign", Plan([n.Name(counter), total]))
