"""Meaning of statements: a plain walk that changes the current frame and the arrays.

A statement gives None, or how it leaves its block (break, continue, return). Every statement costs one unit of fuel, so
that a kernel that would not end is noticed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple

from grammar import nodes as n
from grammar.check import Typing, UserCall
from grammar.check.statements import ATOMIC_OPERATORS, range_arguments
from grammar.ops.balls import Ball
from grammar.ops.record import Overload
from grammar.ops.table import update_by
from grammar.types import Array
from oracle.records import MAX_STEPS
from oracle.reference.bounding import Regime
from oracle.reference.departure import NONE, Departure
from oracle.reference.expressions import ExpressionInterpreter
from oracle.reference.memory import View
from oracle.reference.undefined import FUEL, NO_VALUE, UNSET, ZERO_STEP, Undefined

BREAK, CONTINUE, RETURN = "break", "continue", "return"
Exit = str | None


class Place(NamedTuple):
    """Where a value is stored: a variable, an array element, or a component of one; ``target`` is how it is written."""

    root: str | View
    positions: tuple[int, ...]
    target: n.Expr


class BodyInterpreter(ExpressionInterpreter):
    """Executes statements of one module for the current thread; ``execute`` says how, by the class of a statement."""

    execute: ClassVar[dict[type[n.Node], Callable[[Any, Any], Exit]]]

    def __init__(self, typing: Typing, regime: Regime, departure: Departure = NONE, steps: int = MAX_STEPS) -> None:
        super().__init__(typing, regime, departure)
        self.steps = steps
        self.returned = Ball(None)

    def block(self, block: n.Block) -> Exit:
        """Execute statements until the end, or until one leaves the block."""
        for statement in block.statements:
            self.steps -= 1
            if self.steps < 0:
                raise Undefined(FUEL, statement)
            self.executed.add(id(statement))
            leaves = self.execute[type(statement)](self, statement)
            if leaves:
                return leaves
        return None

    def _expr_stmt(self, statement: n.ExprStmt) -> None:
        atomic = self.typing.atomics.get(id(statement.value))
        if atomic is not None and isinstance(statement.value, n.Call):
            self.update_element(statement.value, atomic)
        else:
            self.evaluate(statement.value)

    def _assign(self, statement: n.Assign) -> None:
        ball = self.evaluate(statement.value)
        if isinstance(statement.target, n.Name):
            self.frame[statement.target.id] = ball
        else:
            self.store(self.place(statement.target), ball)

    def place(self, target: n.Expr) -> Place:
        """Resolve a target: its indices are evaluated here, from left to right, and nowhere else."""
        if isinstance(target, n.Name):
            return Place(target.id, (), target)
        if isinstance(target, n.Attribute):
            owner = self.place(target.value)
            return Place(owner.root, (*owner.positions, self.position(target)), target)
        assert isinstance(target, n.Subscript)
        if isinstance(self.typing.type_of(target.value), Array):
            return Place(self.view(target, self.value(target.value)), (), target)
        owner = self.place(target.value)
        positions = (int(self.value(index)) for index in target.indices if isinstance(index, n.Expr))
        return Place(owner.root, (*owner.positions, *positions), target)

    def held(self, place: Place, at: n.Node) -> Ball:
        """Return what a place holds; ``at`` is at fault where its variable is not set or its element in a race."""
        ball = self.part(self._whole(place, at), place.positions, place.target)
        if isinstance(place.root, View):
            self.read(place.root, place.positions, at)
        return ball

    def _whole(self, place: Place, at: n.Node) -> Ball:
        """Return the value of the variable or element that a place belongs to."""
        if isinstance(place.root, View):
            return place.root.memory.held(place.root.offset)
        if place.root in self.frame:
            return self.frame[place.root]
        raise Undefined(UNSET, at)

    def store(self, place: Place, ball: Ball) -> None:
        """Store a value at a place; of a component, its owner is rebuilt, but only the component is written."""
        if place.positions:
            ball = self.with_part(self._whole(place, place.target), place.positions, ball, place.target)
        if isinstance(place.root, str):
            self.frame[place.root] = ball
            return
        memory, offset = place.root.memory, place.root.offset
        wrong = memory.write(offset, self.thread, place.positions)
        if wrong:
            raise Undefined(wrong, place.target)
        memory.put(offset, ball)

    def _tuple_assign(self, statement: n.TupleAssign) -> None:
        whole = self.evaluate(statement.value)
        for position, target in enumerate(statement.targets):
            self.frame[target.id] = self.component(whole, position, statement)

    def _aug_assign(self, statement: n.AugAssign) -> None:
        place = self.place(statement.target)
        call = self.typing.user_calls.get(id(statement))
        if call is not None:
            given = {0: self.held(place, statement), 1: self.evaluate(statement.value)}
            self.store(place, self._called(statement, call, given))
            return
        overload = self.typing.overloads[id(statement)]
        atomic = atomic_overload(statement.operator, overload) if isinstance(place.root, View) else None
        if isinstance(place.root, View) and atomic is not None:
            self.update(statement, atomic, place.root, self.evaluate(statement.value), place.positions)
            return
        before = self.held(place, statement)
        self.store(place, self.apply(statement, overload, (before, self.evaluate(statement.value))))

    def _if(self, statement: n.IfStmt | n.ElifBranch) -> Exit:
        if self.decide(statement, statement.condition):
            return self.block(statement.body)
        if statement.orelse is None:
            return None
        if isinstance(statement.orelse, n.ElseBranch):
            return self.block(statement.orelse.body)
        return self._if(statement.orelse)

    def _for(self, statement: n.ForStmt) -> Exit:
        bounds = [int(self.value(argument)) for argument in range_arguments(statement)]
        if len(bounds) == 3 and bounds[2] == 0:
            raise Undefined(ZERO_STEP, statement.iterable)
        for index in range(*bounds):
            self.frame[statement.target.id] = Ball(index)
            leaves = self._loop_body(statement)
            if leaves == RETURN:
                return leaves
            if leaves == BREAK:
                break
        return None

    def _while(self, statement: n.WhileStmt) -> Exit:
        while self.decide(statement, statement.condition):
            leaves = self._loop_body(statement)
            if leaves == RETURN:
                return leaves
            if leaves == BREAK:
                break
        return None

    def _loop_body(self, statement: n.ForStmt | n.WhileStmt) -> Exit:
        self.steps -= 1
        if self.steps < 0:
            raise Undefined(FUEL, statement)
        return self.block(statement.body)

    def _return_value(self, statement: n.ReturnValue) -> Exit:
        self.returned = self.evaluate(statement.value)
        return RETURN

    def _return_values(self, statement: n.ReturnValues) -> Exit:
        self.returned = self.together([self.evaluate(value) for value in statement.values])
        return RETURN

    def call_function(self, expr: n.Expr) -> Ball:
        """Call a user function: arguments by value, evaluated in the order they are written, and a frame of its own."""
        call = self.typing.user_calls[id(expr)]
        return self._called(expr, call, {at: self.evaluate(call.arguments[at]) for at in call.written})

    def _called(self, at: n.Node, call: UserCall, balls: Mapping[int, Ball]) -> Ball:
        """Return what a user function makes of the arguments that are written, by the position of their parameters."""
        function = self.typing.functions[call.function]
        self.executed.add(id(at))
        frame = self.globals | {
            name: balls[position] if position in balls else self.evaluate(call.arguments[position])
            for position, name in enumerate(function.names)
        }
        caller, self.frame = self.frame, frame
        leaves = self.block(function.definition.body)
        self.frame = caller
        if leaves != RETURN and function.result is not None:
            raise Undefined(NO_VALUE, at)
        return self.returned


def atomic_overload(operator: str, overload: Overload) -> Overload | None:
    """Find the atomic that ``a[i] op= x`` is, given the operation: 8- and 16-bit ints have none (documented)."""
    scalar = overload.result.scalar
    if operator not in ATOMIC_OPERATORS or not (scalar.is_float or scalar.bits >= 32):
        return None
    atomic = update_by(operator.removesuffix("="))
    return (atomic.match(overload.parameters) if atomic else None) or overload


BodyInterpreter.execute = {
    n.ExprStmt: BodyInterpreter._expr_stmt,
    n.Assign: BodyInterpreter._assign,
    n.TupleAssign: BodyInterpreter._tuple_assign,
    n.AugAssign: BodyInterpreter._aug_assign,
    n.IfStmt: BodyInterpreter._if,
    n.ForStmt: BodyInterpreter._for,
    n.WhileStmt: BodyInterpreter._while,
    n.BreakStmt: lambda self, statement: BREAK,
    n.ContinueStmt: lambda self, statement: CONTINUE,
    n.PassStmt: lambda self, statement: None,
    n.ReturnStmt: lambda self, statement: RETURN,
    n.ReturnValue: BodyInterpreter._return_value,
    n.ReturnValues: BodyInterpreter._return_values,
}
