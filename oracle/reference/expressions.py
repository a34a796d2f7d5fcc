"""Meaning of expressions: a plain walk of the tree that gives a ball per expression.

What an operation means stands in the Op table; what is here is what no Op says: names, literals, short-circuit, choice,
components, elements, calls. Operands are evaluated from left to right, each once, as in Python.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from grammar import nodes as n
from grammar.check import Typing
from grammar.check.constants import CONSTANTS, number_of
from grammar.check.record import AtomicCall, Construction
from grammar.ops.balls import Ball
from grammar.ops.components import over
from grammar.ops.record import Overload, Radius, Value
from grammar.trees import children
from grammar.types import FLOAT32, Element, Tuple, Type
from oracle.reference.bounding import Regime, may_be_zero, radius_of, unbounded
from oracle.reference.departure import Departure
from oracle.reference.memory import View, blank
from oracle.reference.moves import Moves
from oracle.reference.shadow import Path
from oracle.reference.undefined import DIMENSIONS, EMPTY, FRAGILE, OVERFLOW, UNSET, ZERO_STEP, Undefined
from oracle.reference.zeros import has_open_zero, radius_of_all

Located = tuple[Ball, View | None, Path]
"""A value, with the element of an array that it lies in, if it does, and the path to it there."""


class ExpressionInterpreter(Moves):
    """Evaluates expressions of one module for the current thread."""

    def __init__(self, typing: Typing, regime: Regime, departure: Departure) -> None:
        self.typing = typing
        self.regime = regime
        self.departure = departure
        self.globals: dict[str, Ball] = {}
        self.written: Mapping[str, n.Expr] = typing.written_constants
        self.frame = self.globals
        self.thread = 0
        self.coordinates: tuple[int, ...] = ()
        self.executed: set[int] = set()
        self.decided: defaultdict[int, set[bool]] = defaultdict(set)
        self._literals: dict[int, Ball] = {}

    def evaluate(self, expr: n.Expr) -> Ball:
        """Evaluate an expression.

        Raises:
            Undefined: Its meaning is not fixed.
        """
        return _EVALUATE[type(expr)](self, expr)

    def value(self, expr: n.Expr) -> Value:
        """Evaluate an expression whose value is exact by type: an integer or an array."""
        return _EVALUATE[type(expr)](self, expr).value

    def truth(self, expr: n.Expr) -> bool:
        """Evaluate a condition; a float whose ball holds zero and more is a fragile decision."""
        return self.truth_of(_EVALUATE[type(expr)](self, expr), expr)

    def truth_of(self, ball: Ball, expr: n.Expr) -> bool:
        """Return the truth of what a condition evaluated to."""
        value, radius = ball.value, ball.radius
        if radius and may_be_zero(value, radius):
            raise Undefined(FRAGILE, expr)
        if isinstance(value, View):
            value = value.truth()
            if value is None:
                raise Undefined(EMPTY, expr)
        return bool(value)

    def decide(self, at: n.Node, condition: n.Expr) -> bool:
        """Evaluate a condition that steers control flow, and note which way it went."""
        outcome = self.truth(condition)
        self.decided[id(at)].add(outcome)
        return outcome

    def apply(self, at: n.Node, overload: Overload, operands: Sequence[Ball]) -> Ball:
        """Apply an operation to its operands: domain, value, integer range, radius."""
        self.executed.add(id(at))
        values: Sequence[Value]
        radii: Sequence[Radius]
        if len(operands) == 2:  # as most operations, which this makes faster
            left, right = operands
            values, radii, inexact = (left.value, right.value), (left.radius, right.radius), left.radius or right.radius
        else:
            values, radii = [ball.value for ball in operands], [ball.radius for ball in operands]
            inexact = any(radii)
        domain, departure = overload.domain, self.departure
        if domain is not None:
            reason = domain(overload.scalar, *values)
            if reason is not None:
                raise Undefined(reason, at)
        meaning = departure.meaning(overload) if departure.meanings else overload.value
        value = meaning(*values)
        if overload.float_name is None:
            value = in_range(value, overload.result, at)
        if not (inexact or overload.rounds or departure.unbounded):
            return Ball(value)  # as most operations, which are on integers
        if inexact and has_open_zero(radii):
            radius = radius_of_all(overload, meaning, values, radii, value, self.regime)
        else:
            radius = radius_of(overload, values, radii, value, self.regime)
        if radius and unbounded(radius) and not self._departs(overload, radii):
            raise Undefined(FRAGILE, at)
        return Ball(value, math.inf if overload.op.key in departure.unbounded else radius)

    def _departs(self, overload: Overload, radii: Sequence[Radius]) -> bool:
        """Whether a float without a bound is due to a known departure, here or in an operand."""
        inherited = any(radius and unbounded(radius) for radius in radii)
        return bool(self.departure.unbounded) and inherited and overload.result.scalar.is_float

    def _name(self, expr: n.Name) -> Ball:
        try:
            return self.frame[expr.id]
        except KeyError:
            raise Undefined(UNSET, expr) from None

    def _literal(self, expr: n.IntLiteral | n.FloatLiteral) -> Ball:
        ball = self._literals.get(id(expr))
        if ball is None:
            scalar = self.typing.types.get(id(expr), FLOAT32)
            value = scalar.scalar.dtype.type(expr.value) if scalar.scalar.is_float else expr.value
            ball = self._literals[id(expr)] = Ball(value)
        return ball

    def _conditional(self, expr: n.Conditional) -> Ball:
        self.executed.add(id(expr))
        return self.evaluate(expr.value if self.decide(expr, expr.condition) else expr.otherwise)

    def _or(self, expr: n.OrOp) -> Ball:
        self.executed.add(id(expr))
        return Ball(any(self.truth(operand) for operand in expr.operands))

    def _and(self, expr: n.AndOp) -> Ball:
        self.executed.add(id(expr))
        return Ball(all(self.truth(operand) for operand in expr.operands))

    def _not(self, expr: n.NotOp) -> Ball:
        self.executed.add(id(expr))
        return Ball(not self.truth(expr.operand))

    def _binary(self, expr: n.BinaryOp) -> Ball:
        overload = self.typing.overloads.get(id(expr))
        if overload is None:
            return self.call_function(expr)
        left = _EVALUATE[type(expr.left)](self, expr.left)
        return self.apply(expr, overload, (left, _EVALUATE[type(expr.right)](self, expr.right)))

    def _unary(self, expr: n.Unary) -> Ball:
        operand = _EVALUATE[type(expr.operand)](self, expr.operand)
        return self.apply(expr, self.typing.overloads[id(expr)], (operand,))

    def _chain(self, expr: n.ChainedCompare) -> Ball:
        lazily = map(self.evaluate, expr.operands)
        balls = iter(list(lazily)) if self.departure.eager_chains else lazily
        left = next(balls)
        for overload in self.typing.links[id(expr)]:
            right = next(balls)
            if not self.apply(expr, overload, (left, right)).value:
                return Ball(False)
            left = right
        return Ball(True)

    def _place_read(self, expr: n.Attribute | n.Subscript) -> Ball:
        """Evaluate a component, an element or a view; only the part that is named is read."""
        ball, element, path = self._located(expr)
        if element is not None:
            self.read(element, path, expr)
        return ball

    def _located(self, expr: n.Expr) -> Located:
        """Return the value of an expression, and where it lies if it is an element or part of one: not read yet."""
        if isinstance(expr, n.Attribute):
            if isinstance(expr.value, n.Name) and expr.value.id == "wp":
                return Ball(np.float32(CONSTANTS[f"wp.{expr.attribute}"])), None, ()
            owner, element, path = self._located(expr.value)
            position = self.position(expr)
            return self.component(owner, position, expr), element, (*path, position)
        if not isinstance(expr, n.Subscript):
            return _EVALUATE[type(expr)](self, expr), None, ()
        owner, element, path = self._located(expr.value)
        if isinstance(owner.value, View):
            if element is not None:
                self.read(element, path, expr)
            view = self.view(expr, owner.value)
            return (Ball(view), None, ()) if view.shape else (view.memory.held(view.offset), view, ())
        for index in expr.indices:
            assert isinstance(index, n.Expr)
            position = self.value(index)
            owner, path = self.component(owner, position, expr), (*path, position)
        return owner, element, path

    def position(self, expr: n.Attribute) -> int:
        """Look up the position of the part that an attribute names: a component, or a field."""
        owner = self.typing.types[id(expr.value)]
        assert isinstance(owner, Element)
        position: int = owner.attributes[expr.attribute]
        return position

    def view(self, expr: n.Subscript, owner: View) -> View:
        """Index an array: a view of what remains, with no dimension where it is one element."""
        view = owner.select([self._index(index) for index in expr.indices])
        if isinstance(view, str):
            raise Undefined(view, expr)
        return view

    def _index(self, index: n.Node) -> int | slice:
        if isinstance(index, n.Expr):
            position: int = _EVALUATE[type(index)](self, index).value
            return position
        bounds = [self.value(bound) if isinstance(bound, n.Expr) else None for bound in children(index)]
        if len(bounds) == 3 and bounds[2] == 0:
            raise Undefined(ZERO_STEP, index)
        return slice(*bounds)

    def read(self, element: View, path: Path, at: n.Node) -> None:
        """Note that an element, or a part of it, is read."""
        wrong = element.memory.read(element.offset, self.thread, path)
        if wrong:
            raise Undefined(wrong, at)

    def _call(self, expr: n.Call) -> Ball:
        typing = self.typing
        at = id(expr)
        arguments = typing.builtin_arguments.get(at)
        if arguments is not None:
            return self.apply(expr, typing.overloads[at], self._operands(expr, arguments))
        if at in typing.atomics:
            return self._atomic(expr, typing.atomics[at])
        if at in typing.user_calls:
            return self.call_function(expr)
        if at in typing.constructions:
            return self._constructed(typing.constructions[at])
        return self._coordinates(expr)

    def _constructed(self, call: Construction) -> Ball:
        """Make a struct: of its fields, or of zeros and of arrays that are not given."""
        balls = {at: self.evaluate(call.arguments[at]) for at in call.written}
        return self.struct([balls[at] for at in range(len(balls))]) if balls else Ball(blank(call.type))

    def _coordinates(self, expr: n.Call) -> Ball:
        """``wp.tid()``: documented for as many targets as the launch has dimensions."""
        found = self.typing.type_of(expr)
        if len(self.coordinates) != (len(found.items) if isinstance(found, Tuple) else 1):
            raise Undefined(DIMENSIONS, expr)
        return Ball(self.coordinates if isinstance(found, Tuple) else self.coordinates[0])

    def _operands(self, expr: n.Call, arguments: Sequence[n.Expr]) -> list[Ball]:
        """Evaluate arguments in the order they are written; give them in the order of the parameters."""
        unrounded = self.typing.unrounded
        if unrounded and arguments and id(arguments[0]) in unrounded:
            return [self.unrounded(arguments[0])]
        if not arguments or isinstance(expr.arguments[-1], n.Expr):
            return [_EVALUATE[type(argument)](self, argument) for argument in arguments]
        written = [a.value if isinstance(a, n.Keyword) else a for a in expr.arguments]
        balls = {id(argument): self.evaluate(argument) for argument in written}
        return [balls[id(argument)] if id(argument) in balls else self.evaluate(argument) for argument in arguments]

    def unrounded(self, expr: n.Expr) -> Ball:
        """A number that a cast takes in its own type, as it is written."""
        scalar = self.typing.type_of(expr).scalar
        number = number_of(expr, self.written)
        return Ball(scalar.dtype.type(number) if scalar.is_float else number)

    def call_function(self, expr: n.Expr) -> Ball:
        """Call a user function; statements are the business of the subclass."""
        raise NotImplementedError

    def _atomic(self, expr: n.Call, call: AtomicCall) -> Ball:
        """An atomic whose returned value is used: what it is depends on the order of threads that share the element."""
        before, view = self.update_element(expr, call)
        view.memory.used.add(view.offset)
        return before

    def update_element(self, expr: n.Call, call: AtomicCall) -> tuple[Ball, View]:
        """Perform an atomic; gives what the element held before, and where it is."""
        owner = self.value(call.array)
        view = owner.select([self.value(index) for index in call.indices])
        if isinstance(view, str):
            raise Undefined(view, expr)
        return self.update(expr, call.overload, view, self.evaluate(call.value)), view

    def update(self, at: n.Node, overload: Overload, element: View, operand: Ball, path: Path = ()) -> Ball:
        """Update an element, or a part of it, atomically; gives what was there before."""
        memory, offset = element.memory, element.offset
        wrong = memory.update(offset, overload.op.name, operand.value, self.thread, path)
        if wrong:
            raise Undefined(wrong, at)
        whole = memory.held(offset)
        before = self.part(whole, path, at)
        after = self.apply(at, overload, (before, operand))
        memory.put(offset, self.with_part(whole, path, after, at))
        return before

    def _tuple(self, expr: n.TupleExpr) -> Ball:
        return self.together([self.evaluate(item) for item in expr.items])


def in_range(value: Value, type_: Type, at: n.Node) -> Value:
    """Bring an exact integer result into its type: wrapped where the type wraps, else checked."""
    scalar = type_.scalar
    if not scalar.is_integer:
        return value
    if type_ is not scalar:
        return over(lambda item: in_range(item, scalar, at), value)
    if scalar.low <= value <= scalar.high:
        return value
    if not scalar.wraps:
        raise Undefined(OVERFLOW, at)
    return scalar.wrap(value)


_EVALUATE: dict[type[n.Node], Callable[[ExpressionInterpreter, Any], Ball]] = {
    n.Name: ExpressionInterpreter._name,
    n.IntLiteral: ExpressionInterpreter._literal,
    n.FloatLiteral: ExpressionInterpreter._literal,
    n.TrueLiteral: lambda self, expr: Ball(True),
    n.FalseLiteral: lambda self, expr: Ball(False),
    n.Conditional: ExpressionInterpreter._conditional,
    n.OrOp: ExpressionInterpreter._or,
    n.AndOp: ExpressionInterpreter._and,
    n.NotOp: ExpressionInterpreter._not,
    n.Unary: ExpressionInterpreter._unary,
    n.ChainedCompare: ExpressionInterpreter._chain,
    n.Attribute: ExpressionInterpreter._place_read,
    n.Subscript: ExpressionInterpreter._place_read,
    n.Call: ExpressionInterpreter._call,
    n.TupleExpr: ExpressionInterpreter._tuple,
    **{cls: ExpressionInterpreter._binary for cls in n.BINARY_OPERATIONS},
}
