"""Expressions of a kernel for all active lanes together: a ball each, whose scalars may vary."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from grammar import nodes as n
from grammar.check.constants import CONSTANTS
from grammar.check.record import AtomicCall, Construction
from grammar.ops.balls import Ball
from grammar.ops.record import Overload
from grammar.trees import callee_name, children
from grammar.types import Array, Tuple
from oracle.reference.bounding import is_marked
from oracle.reference.lanes.operations import applied
from oracle.reference.lanes.values import (
    Indices,
    Mask,
    Unsuited,
    blank,
    indices_of,
    put,
    put_radius,
    spelled_out,
    taken,
    uncertain,
    varies,
)
from oracle.reference.lanes.views import LaneView
from oracle.reference.statements import BodyInterpreter


@dataclass(frozen=True)
class Frame:
    """The variables of a call, of all lanes; ``missing`` says of a name in which lanes it is not set."""

    balls: dict[str, Ball]
    missing: dict[str, Mask]


class LaneExpressions:
    """Evaluates expressions of one module for the active lanes.

    ``mask`` says which lanes are active, ``lanes`` has their numbers, which are those of their threads, and ``width``
    their count. Evaluated balls have an item for each active lane, variables one for each of ``count`` lanes.
    """

    def __init__(self, machine: BodyInterpreter, coordinates: Sequence[Any], count: int) -> None:
        self.machine = machine
        self.typing = machine.typing
        self.count = count
        self.coordinates = tuple(coordinates)
        self.frame = Frame(dict(machine.globals), {})
        self.everyone, self.nobody = np.ones(count, np.bool_), np.zeros(count, np.bool_)
        self.activate(self.everyone)

    def activate(self, mask: Mask) -> None:
        """Choose the lanes that go on."""
        self.mask = mask
        self.lanes: Indices = np.flatnonzero(mask)
        self.width = len(self.lanes)

    @contextmanager
    def only(self, positions: Indices) -> Iterator[None]:
        """Evaluate for some of the active lanes, by their positions among these."""
        before, mask = self.mask, self.nobody.copy()
        mask[self.lanes[positions]] = True
        self.activate(mask)
        yield
        self.activate(before)

    def now(self, value: Any) -> Any:
        """Take the active lanes of a value of all lanes."""
        if self.width == self.count:
            return value
        return value.taken(self.lanes) if isinstance(value, LaneView) else taken(value, self.lanes)

    def full(self, condition: Any) -> Mask:
        """Make a condition of the active lanes one of all lanes; it is false in the others."""
        mask = self.nobody.copy()
        mask[self.lanes] = condition
        return mask

    # Variables

    def variable(self, name: str) -> Ball:
        """Read a variable."""
        ball, missing = self.frame.balls.get(name), self.frame.missing.get(name)
        if ball is None or (missing is not None and missing[self.lanes].any()):
            raise Unsuited(f"{name} is not set in some lane")
        return Ball(self.now(ball.value), self.now(ball.radius))

    def bind(self, name: str, ball: Ball) -> None:
        """Set a variable in the active lanes."""
        balls, missing = self.frame.balls, self.frame.missing
        if self.width == self.count:
            balls[name] = ball
            missing.pop(name, None)
            return
        value, radius = ball.value, ball.radius
        if name not in balls:
            missing[name] = self.everyone
            balls[name] = Ball(blank(value))
        if name in missing:
            missing[name] = missing[name] & ~self.mask
        old, old_radius = balls[name].value, balls[name].radius
        if isinstance(value, LaneView) or isinstance(old, LaneView):
            raise Unsuited("an array is bound in some lanes only")
        exact = not isinstance(radius, np.ndarray | tuple) and not isinstance(old_radius, np.ndarray | tuple)
        new_radius = (
            0 if exact and radius == old_radius == 0 else put_radius(old_radius, self.lanes, radius, self.count)
        )
        balls[name] = Ball(put(old, self.lanes, value, self.count), new_radius)

    # Expressions

    def evaluate(self, expr: n.Expr) -> Ball:
        """Evaluate an expression.

        Raises:
            Unsuited: Its meaning is not fixed in some lane, or cannot be found here.
            Undefined: It is not defined where all lanes agree.
        """
        evaluate = _EVALUATE.get(type(expr))
        if evaluate is None:
            raise Unsuited(f"lanes do not know the expression {type(expr).__name__}")
        return evaluate(self, expr)

    def value(self, expr: n.Expr) -> Any:
        """Evaluate an expression whose value is exact by type: an integer or an array."""
        return self.evaluate(expr).value

    def truth(self, expr: n.Expr) -> Any:
        """Evaluate a condition: a bool, or an array of them."""
        ball = self.evaluate(expr)
        value, radius = ball.value, ball.radius
        if isinstance(value, LaneView) and value.memory.memory.given is all(value.shape):
            return value.memory.memory.given
        if isinstance(value, LaneView | tuple):
            raise Unsuited("a condition that is no scalar")
        if isinstance(radius, np.ndarray) and np.any((radius > 0.0) & (np.abs(value) <= radius)):
            raise Unsuited("a fragile condition")
        return value.astype(np.bool_) if isinstance(value, np.ndarray) else self.machine.truth_of(ball, expr)

    def decide(self, at: n.Node, condition: n.Expr) -> Any:
        """Evaluate a condition that steers control flow, and note which ways it went."""
        outcome = self.truth(condition)
        self.machine.decided[id(at)].update(np.unique(outcome).tolist())
        return outcome

    def overload(self, node: n.Node) -> Overload:
        """Find the operation of a node."""
        found = self.typing.overloads.get(id(node))
        if found is None:
            raise Unsuited("an operator that is no operation of the table")
        return found

    def apply(self, at: n.Node, overload: Overload, operands: Sequence[Ball]) -> Ball:
        """Apply an operation to the active lanes, or once where all operands are uniform."""
        values, radii = [ball.value for ball in operands], [ball.radius for ball in operands]
        if not varies(tuple(values)) and not varies(tuple(radii)):
            ball = self.machine.apply(at, overload, operands)
            if is_marked(ball.radius):
                raise Unsuited(f"{overload.op.key} has a radius that is told by its identity")
            return ball
        self.machine.executed.add(id(at))
        return Ball(*applied(at, overload, values, radii, self.width, self.machine.regime))

    def _name(self, expr: n.Name) -> Ball:
        return self.variable(expr.id)

    def _uniform(self, expr: n.Expr) -> Ball:
        return self.machine.evaluate(expr)

    def _conditional(self, expr: n.Conditional) -> Ball:
        self.machine.executed.add(id(expr))
        outcome = np.broadcast_to(self.decide(expr, expr.condition), self.width)
        balls = []
        for positions, branch in ((np.flatnonzero(outcome), expr.value), (np.flatnonzero(~outcome), expr.otherwise)):
            if len(positions):
                with self.only(positions):
                    balls.append((positions, self.evaluate(branch)))
        return self.joined(balls)

    def joined(self, balls: Sequence[tuple[Indices, Ball]]) -> Ball:
        """Join what groups of the active lanes have, by their positions among these."""
        if len(balls) == 1:
            return balls[0][1]
        value, radius = blank(balls[0][1].value), 0.0
        for positions, part in balls:
            if isinstance(part.value, LaneView):
                raise Unsuited("arrays that differ from lane to lane")
            value = put(value, positions, part.value, self.width)
            radius = put_radius(radius, positions, spelled_out(part.value, part.radius), self.width)
        return Ball(value, radius if np.any(uncertain([radius])) else 0)

    def _or(self, expr: n.OrOp) -> Ball:
        return Ball(self._until(expr, True))

    def _and(self, expr: n.AndOp) -> Ball:
        return Ball(self._until(expr, False))

    def _until(self, expr: n.OrOp | n.AndOp, end: bool) -> Any:
        """Evaluate operands from left to right, in each lane until one is ``end``."""
        self.machine.executed.add(id(expr))
        outcome = np.full(self.width, not end)
        undecided = np.arange(self.width)
        for operand in expr.operands:
            with self.only(undecided):
                ended = np.broadcast_to(self.truth(operand), len(undecided)) == end
            outcome[undecided[ended]] = end
            undecided = undecided[~ended]
            if not len(undecided):
                break
        return outcome

    def _not(self, expr: n.NotOp) -> Ball:
        self.machine.executed.add(id(expr))
        outcome = self.truth(expr.operand)
        return Ball(~outcome if isinstance(outcome, np.ndarray) else not outcome)

    def _binary(self, expr: n.BinaryOp) -> Ball:
        if id(expr) in self.typing.user_calls:
            return self.call_function(expr)
        return self.apply(expr, self.overload(expr), (self.evaluate(expr.left), self.evaluate(expr.right)))

    def _unary(self, expr: n.Unary) -> Ball:
        return self.apply(expr, self.overload(expr), (self.evaluate(expr.operand),))

    def _chain(self, expr: n.ChainedCompare) -> Ball:
        holds = np.ones(self.width, np.bool_)
        left, undecided = self.evaluate(expr.operands[0]), np.arange(self.width)
        for overload, operand in zip(self.typing.links[id(expr)], expr.operands[1:], strict=True):
            with self.only(undecided):
                right = self.evaluate(operand)
                outcome = self.apply(expr, overload, (left, right)).value
            outcome = np.broadcast_to(outcome, len(undecided))
            holds[undecided[~outcome]] = False
            undecided = undecided[outcome]
            if not len(undecided):
                break
            left = _taken(right, outcome)
        return Ball(holds)

    def _attribute(self, expr: n.Attribute) -> Ball:
        if callee_name(expr) in CONSTANTS:
            return self._uniform(expr)
        return self.component(self.evaluate(expr.value), self.machine.position(expr))

    def component(self, owner: Ball, index: Any) -> Ball:
        """Take a component (of a matrix: a row); negative indices count from the end."""
        value = owner.value
        if not isinstance(value, tuple) or not np.all((-len(value) <= index) & (index < len(value))):
            raise Unsuited("an index is out of range")
        if not isinstance(index, np.ndarray):
            return _part(owner, index)
        balls = []
        for position in range(len(value)):
            chosen = np.flatnonzero(index % len(value) == position)
            if len(chosen):
                balls.append((chosen, _taken(_part(owner, position), chosen)))
        return self.joined(balls)

    def with_component(self, owner: Ball, positions: Sequence[Any], ball: Ball) -> Ball:
        """Replace a component, at a depth, by another value."""
        if not positions:
            return ball
        index, value = positions[0], owner.value
        inner = self.with_component(self.component(owner, index), positions[1:], ball)
        chosen = np.broadcast_to(index % len(value), self.width)
        parts = []
        for position in range(len(value)):
            lanes, rest = np.flatnonzero(chosen == position), np.flatnonzero(chosen != position)
            groups = [(lanes, inner), (rest, _part(owner, position))]
            parts.append(self.joined([(group, _taken(ball, group)) for group, ball in groups if len(group)]))
        return self.struct(parts)

    def is_array(self, expr: n.Expr) -> bool:
        """Say whether an expression is an array."""
        return isinstance(self.typing.type_of(expr), Array)

    def _subscript(self, expr: n.Subscript) -> Ball:
        owner = self.evaluate(expr.value)
        if isinstance(owner.value, LaneView):
            return self.load(self.view(expr, owner.value))
        for index in expr.indices:
            assert isinstance(index, n.Expr)
            owner = self.component(owner, indices_of(self.value(index)))
        return owner

    def view(self, expr: n.Subscript, owner: LaneView) -> LaneView:
        """Index an array: a view of what remains, with no dimension where it is one element."""
        return owner.select([self._index(index) for index in expr.indices])

    def _index(self, index: n.Node) -> Any:
        if isinstance(index, n.Expr):
            return indices_of(self.value(index))
        bounds = [self.value(bound) if isinstance(bound, n.Expr) else None for bound in children(index)]
        if varies(tuple(bounds)) or (len(bounds) == 3 and bounds[2] == 0):
            raise Unsuited("a slice that varies, or has a step of zero")
        return slice(*bounds)

    def load(self, view: LaneView) -> Ball:
        """Read the element of a view without dimensions; any other view is an array value."""
        return Ball(view) if view.shape else Ball(*view.memory.read(view.offset, self.lanes))

    def _call(self, expr: n.Call) -> Ball:
        arguments = self.typing.builtin_arguments.get(id(expr))
        if arguments is not None:
            return self.apply(expr, self.overload(expr), self._operands(expr, arguments))
        if id(expr) in self.typing.atomics:
            return self._atomic(expr, self.typing.atomics[id(expr)])
        if id(expr) in self.typing.user_calls:
            return self.call_function(expr)
        if id(expr) in self.typing.constructions:
            return self._constructed(self.typing.constructions[id(expr)])
        return self._coordinates(expr)

    def _constructed(self, call: Construction) -> Ball:
        """Make a struct: of its fields, or of zeros."""
        balls = {at: self.evaluate(call.arguments[at]) for at in call.written}
        if not balls and call.type.handles:
            raise Unsuited("a struct of arrays that are not given")
        return self.struct([balls[at] for at in range(len(balls))]) if balls else Ball(call.type.default)

    def struct(self, balls: Sequence[Ball]) -> Ball:
        """Put values together to one that has them as its parts."""
        radii = tuple(spelled_out(ball.value, ball.radius) for ball in balls)
        return Ball(tuple(ball.value for ball in balls), radii if np.any(uncertain(radii)) else 0)

    def _coordinates(self, expr: n.Call) -> Ball:
        if callee_name(expr.function) != "wp.tid":
            raise Unsuited("a call that lanes do not know")
        found = self.typing.type_of(expr)
        if len(self.coordinates) != (len(found.items) if isinstance(found, Tuple) else 1):
            raise Unsuited("a thread index of another dimension than the launch")
        coordinates = self.now(self.coordinates)
        return Ball(coordinates if isinstance(found, Tuple) else coordinates[0])

    def _operands(self, expr: n.Call, arguments: Sequence[n.Expr]) -> list[Ball]:
        """Evaluate arguments in the order they are written; list them in the order of the parameters."""
        written = [a.value if isinstance(a, n.Keyword) else a for a in expr.arguments]
        unrounded = self.typing.unrounded
        balls = {
            id(argument): self.machine.unrounded(argument) if id(argument) in unrounded else self.evaluate(argument)
            for argument in written
        }
        return [balls[id(argument)] if id(argument) in balls else self.evaluate(argument) for argument in arguments]

    def call_function(self, expr: n.Expr) -> Ball:
        """Call a user function; statements are the business of the subclass."""
        raise NotImplementedError

    def element_of(self, call: AtomicCall) -> LaneView:
        """Find the elements that an atomic updates."""
        owner: LaneView = self.value(call.array)
        return owner.select([indices_of(self.value(index)) for index in call.indices])

    def _atomic(self, expr: n.Call, call: AtomicCall) -> Ball:
        raise Unsuited("a value that an atomic returned is used")

    def _tuple(self, expr: n.TupleExpr) -> Ball:
        return self.machine.together([self.evaluate(item) for item in expr.items])


def _part(owner: Ball, position: int) -> Ball:
    return Ball(owner.value[position], owner.radius[position] if isinstance(owner.radius, tuple) else 0)


def _taken(ball: Ball, lanes: Indices | Mask) -> Ball:
    return Ball(taken(ball.value, lanes), taken(ball.radius, lanes))


_EVALUATE: dict[type[n.Node], Callable[[LaneExpressions, Any], Ball]] = {
    n.Name: LaneExpressions._name,
    n.IntLiteral: LaneExpressions._uniform,
    n.FloatLiteral: LaneExpressions._uniform,
    n.TrueLiteral: LaneExpressions._uniform,
    n.FalseLiteral: LaneExpressions._uniform,
    n.Conditional: LaneExpressions._conditional,
    n.OrOp: LaneExpressions._or,
    n.AndOp: LaneExpressions._and,
    n.NotOp: LaneExpressions._not,
    n.Unary: LaneExpressions._unary,
    n.ChainedCompare: LaneExpressions._chain,
    n.Attribute: LaneExpressions._attribute,
    n.Subscript: LaneExpressions._subscript,
    n.Call: LaneExpressions._call,
    n.TupleExpr: LaneExpressions._tuple,
    **{cls: LaneExpressions._binary for cls in n.BINARY_OPERATIONS},
}
