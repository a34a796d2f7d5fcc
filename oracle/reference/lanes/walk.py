"""Statements of a kernel for all threads of a launch together.

Where lanes go different ways, each way is walked with the lanes that take it, and they meet again behind. Their order
matters to nothing in here: lanes share elements only to read them, or to update them atomically when all have ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from grammar import nodes as n
from grammar.check.statements import range_arguments
from grammar.ops.balls import Ball
from grammar.ops.record import Overload
from oracle.records import Launch
from oracle.reference.bounding import normal
from oracle.reference.lanes.expressions import Frame, LaneExpressions
from oracle.reference.lanes.memory import LaneMemory
from oracle.reference.lanes.values import Indices, Mask, Unsuited, by_lane, indices_of, radii_by_lane, varies
from oracle.reference.lanes.views import LaneView
from oracle.reference.memory import Memory, View
from oracle.reference.shadow import Path
from oracle.reference.statements import BodyInterpreter, atomic_overload
from oracle.reference.undefined import FUEL, Undefined

RESULT = "return"
"""Stands for the result of a function among its variables; no variable has this name."""


class Place(NamedTuple):
    """Where a value is stored: a variable or array elements, and the components of it."""

    root: str | LaneView
    positions: tuple[Any, ...]


@dataclass(frozen=True)
class Exits:
    """The lanes that left the innermost loop, or its current trip; they change in place."""

    broken: Mask
    continued: Mask


@dataclass(frozen=True, eq=False)
class Update:
    """An atomic that waits until all lanes have ended, with the elements and operands of the lanes that reached it."""

    at: n.Node
    overload: Overload
    place: Place
    operand: Ball
    lanes: Indices

    def by_lane(self) -> Iterator[tuple[int, int, Path, Any, Any]]:
        """List thread, offset, path, value and radius for each lane."""
        assert isinstance(self.place.root, LaneView)
        located = (self.place.root.offset, self.place.positions, self.operand.value)
        count = len(self.lanes)
        columns = (*(by_lane(one, count) for one in located), radii_by_lane(self.operand.radius, count))
        return zip(self.lanes.tolist(), *columns, strict=True)


class LaneWalk(LaneExpressions):
    """Executes the statements of one launch for all its threads."""

    def __init__(
        self,
        machine: BodyInterpreter,
        launch: Launch,
        arguments: Mapping[str, Ball],
        memories: Mapping[str, Memory],
        waits: bool,
    ) -> None:
        indices = np.indices(launch.dims).reshape(len(launch.dims), -1)
        super().__init__(machine, [index.astype(object) for index in indices], indices.shape[1])
        self.memories = [LaneMemory(memory) for memory in memories.values()]
        self.frame.balls.update({name: Ball(self._seen(ball.value), ball.radius) for name, ball in arguments.items()})
        self.exits = Exits(self.nobody, self.nobody)
        self.waits = waits
        self.waiting: list[Update] = []

    def _seen(self, value: Any) -> Any:
        """Look at an array, also at one in a struct, as lanes do."""
        if isinstance(value, tuple):
            return tuple(map(self._seen, value))
        if not isinstance(value, View):
            return value
        memory = next((m for m in self.memories if m.memory is value.memory), None) or LaneMemory(value.memory)
        return LaneView(memory, value.offset, value.shape, value.strides)

    def finish(self) -> None:
        """Change the buffers: by what lanes wrote, and then by the atomics that wait, in launch order.

        Raises:
            Undefined: An atomic is not defined.
        """
        for memory in self.memories:
            memory.write_back()
        updates = [(lane, order, *one) for order, update in enumerate(self.waiting) for lane, *one in update.by_lane()]
        for lane, order, offset, path, value, radius in sorted(updates, key=lambda one: one[:2]):
            update = self.waiting[order]
            assert isinstance(update.place.root, LaneView)
            self.machine.thread = lane
            element = View(update.place.root.memory.memory, offset, (), ())
            self.machine.update(update.at, update.overload, element, Ball(value, normal(radius)), path)

    def block(self, block: n.Block) -> None:
        """Execute statements as long as some lane is active."""
        for statement in block.statements:
            if not self.width:
                return
            self._spend(statement)
            self.machine.executed.add(id(statement))
            execute = _EXECUTE.get(type(statement))
            if execute is None:
                raise Unsuited(f"lanes do not know the statement {type(statement).__name__}")
            execute(self, statement)

    def _spend(self, statement: n.Node) -> None:
        self.machine.steps -= self.width
        if self.machine.steps < 0:
            raise Undefined(FUEL, statement)

    def _expr_stmt(self, statement: n.ExprStmt) -> None:
        atomic = self.typing.atomics.get(id(statement.value))
        if atomic is None:
            self.evaluate(statement.value)
            return
        view = self.element_of(atomic)
        self.update(statement.value, atomic.overload, Place(view, ()), self.evaluate(atomic.value))

    def _assign(self, statement: n.Assign) -> None:
        ball = self.evaluate(statement.value)
        self.store(self.place(statement.target), ball)

    def place(self, target: n.Expr) -> Place:
        """Resolve a target: its indices are evaluated here, from left to right, and nowhere else."""
        if isinstance(target, n.Name):
            return Place(target.id, ())
        assert isinstance(target, n.Subscript | n.Attribute)
        if isinstance(target, n.Subscript) and self.is_array(target.value):
            return Place(self.view(target, self.value(target.value)), ())
        owner = self.place(target.value)
        if isinstance(target, n.Attribute):
            return Place(owner.root, (*owner.positions, self.machine.position(target)))
        positions = tuple(indices_of(self.value(index)) for index in target.indices if isinstance(index, n.Expr))
        return Place(owner.root, (*owner.positions, *positions))

    def held(self, place: Place) -> Ball:
        """Read what a place holds."""
        ball = self.load(place.root) if isinstance(place.root, LaneView) else self.variable(place.root)
        for position in place.positions:
            ball = self.component(ball, position)
        return ball

    def store(self, place: Place, ball: Ball) -> None:
        """Store a value at a place."""
        if place.positions:
            ball = self.with_component(self.held(Place(place.root, ())), place.positions, ball)
        if isinstance(place.root, str):
            self.bind(place.root, ball)
        elif place.root.shape:
            raise Unsuited("an array is stored to")
        else:
            place.root.memory.write(place.root.offset, ball.value, ball.radius, self.lanes)

    def _tuple_assign(self, statement: n.TupleAssign) -> None:
        whole = self.evaluate(statement.value)
        for position, target in enumerate(statement.targets):
            self.bind(target.id, self.component(whole, position))

    def _aug_assign(self, statement: n.AugAssign) -> None:
        place = self.place(statement.target)
        overload = self.overload(statement)
        atomic = atomic_overload(statement.operator, overload)
        if isinstance(place.root, LaneView) and atomic is not None:
            self.update(statement, atomic, place, self.evaluate(statement.value))
            return
        before = self.held(place)
        self.store(place, self.apply(statement, overload, (before, self.evaluate(statement.value))))

    def _if(self, statement: n.IfStmt | n.ElifBranch) -> None:
        entered = self.mask
        taken = self.full(self.decide(statement, statement.condition))
        self.activate(entered & taken)
        self.block(statement.body)
        behind = self.mask
        self.activate(entered & ~taken)
        if self.width and isinstance(statement.orelse, n.ElseBranch):
            self.block(statement.orelse.body)
        elif self.width and isinstance(statement.orelse, n.ElifBranch):
            self._if(statement.orelse)
        self.activate(behind | self.mask)

    def _for(self, statement: n.ForStmt) -> None:
        bounds = [self.value(argument) for argument in range_arguments(statement)]
        if len(bounds) == 3 and np.any(bounds[2] == 0):
            raise Unsuited("a step of zero")
        if varies(tuple(bounds)):
            columns = (by_lane(bound, self.width) for bound in bounds)
            self._loop(statement, self._trips([range(*one) for one in zip(*columns, strict=True)]))
        else:
            self._loop(statement, ((index, self.everyone) for index in range(*map(int, bounds))))

    def _trips(self, ranges: list[range]) -> Iterator[tuple[Any, Mask]]:
        """Yield the counter of each trip, and the lanes that make it."""
        lengths, counters = np.zeros(self.count, np.int64), np.zeros(self.count, object)
        steps = np.zeros(self.count, object)
        lengths[self.lanes] = [len(one) for one in ranges]
        counters[self.lanes] = [one.start for one in ranges]
        steps[self.lanes] = [one.step for one in ranges]
        for trip in range(lengths.max(initial=0)):
            yield counters + trip * steps, lengths > trip

    def _while(self, statement: n.WhileStmt) -> None:
        def trips() -> Iterator[tuple[Any, Mask]]:
            while self.width:
                yield None, self.full(self.decide(statement, statement.condition))

        self._loop(statement, trips())

    def _loop(self, statement: n.ForStmt | n.WhileStmt, trips: Iterator[tuple[Any, Mask]]) -> None:
        """Make trips as long as some lane goes on: each has the counters of all lanes, and the lanes that make it."""
        outside, self.exits = self.exits, Exits(self.nobody.copy(), self.nobody.copy())
        done = self.nobody.copy()
        for counters, goes_on in trips:
            done |= self.mask & ~goes_on
            self.activate(self.mask & goes_on)
            if not self.width:
                break
            if isinstance(statement, n.ForStmt):
                self.bind(statement.target.id, Ball(self.now(counters)))
            self._spend(statement)
            self.block(statement.body)
            self.activate(self.mask | self.exits.continued)
            self.exits.continued[:] = False
        self.activate(self.mask | done | self.exits.broken)
        self.exits = outside

    def _break(self, statement: n.Node) -> None:
        self.exits.broken[:] |= self.mask
        self.activate(self.nobody)

    def _continue(self, statement: n.Node) -> None:
        self.exits.continued[:] |= self.mask
        self.activate(self.nobody)

    def _return(self, statement: n.Node) -> None:
        self.activate(self.nobody)

    def _return_value(self, statement: n.ReturnValue) -> None:
        self._returns(self.evaluate(statement.value))

    def _return_values(self, statement: n.ReturnValues) -> None:
        self._returns(self.machine.together([self.evaluate(value) for value in statement.values]))

    def _returns(self, ball: Ball) -> None:
        """Bind the result of the function; a name that no function can have stands for it."""
        self.bind(RESULT, ball)
        self.activate(self.nobody)

    def call_function(self, expr: n.Expr) -> Ball:
        """Call a user function: arguments by value, evaluated in the order they are written, and a frame of its own."""
        call = self.typing.user_calls[id(expr)]
        function = self.typing.functions[call.function]
        self.machine.executed.add(id(expr))
        balls = {position: self.evaluate(call.arguments[position]) for position in call.written}
        for position in range(len(function.names)):
            if position not in balls:
                balls[position] = self.evaluate(call.arguments[position])
        caller, self.frame, entered = self.frame, Frame(dict(self.machine.globals), {}), self.mask
        for position, name in enumerate(function.names):
            self.bind(name, balls[position])
        self.block(function.definition.body)
        self.activate(entered)
        result = self.variable(RESULT) if function.result is not None else Ball(None)
        self.frame = caller
        return result

    def update(self, at: n.Node, overload: Overload, place: Place, operand: Ball) -> None:
        """Update elements atomically: when all lanes have ended, or at once, if each has an element of its own."""
        assert isinstance(place.root, LaneView)
        if place.root.shape:
            raise Unsuited("an array is updated")
        if self.waits:
            place.root.memory.note_updates(place.root.offset)
            self.waiting.append(Update(at, overload, place, operand, self.lanes))
            return
        self.store(place, self.apply(at, overload, (self.held(place), operand)))


_EXECUTE: dict[type[n.Node], Callable[[LaneWalk, Any], None]] = {
    n.ExprStmt: LaneWalk._expr_stmt,
    n.Assign: LaneWalk._assign,
    n.TupleAssign: LaneWalk._tuple_assign,
    n.AugAssign: LaneWalk._aug_assign,
    n.IfStmt: LaneWalk._if,
    n.ForStmt: LaneWalk._for,
    n.WhileStmt: LaneWalk._while,
    n.BreakStmt: LaneWalk._break,
    n.ContinueStmt: LaneWalk._continue,
    n.PassStmt: lambda walk, statement: None,
    n.ReturnStmt: LaneWalk._return,
    n.ReturnValue: LaneWalk._return_value,
    n.ReturnValues: LaneWalk._return_values,
}


def run_in_lanes(
    machine: BodyInterpreter, launch: Launch, arguments: Mapping[str, Ball], memories: Mapping[str, Memory]
) -> bool:
    """Run a launch with all threads side by side; says whether that could be done. If not, no buffer has changed.

    Atomics wait for the end if they can. Where a lane reads what it updates, they take place at once.

    Raises:
        Undefined: The threads take more steps than the machine has, or an atomic is not defined.
    """
    body = machine.typing.kernels[launch.kernel].definition.body
    steps = machine.steps
    for waits in (True, False):
        machine.steps = steps
        try:
            walk = LaneWalk(machine, launch, arguments, memories, waits)
            walk.block(body)
        except Unsuited:
            continue
        except Undefined as undefined:
            if undefined.reason == FUEL:
                raise
            break
        walk.finish()
        return True
    machine.steps = steps
    return False
