"""What a person could get wrong in the rules of the reference: each takes the right meaning and gives a wrong one.

Those that take a ``change`` first make a family: how a number, an index or a slice is changed.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from grammar.check.statements import range_arguments
from grammar.nodes import ElifBranch
from grammar.ops.balls import Ball
from oracle.reference import interpreter
from oracle.reference.statements import BREAK, RETURN


def ranges(change: Any) -> Any:
    """Loops over other numbers: ``change`` takes start, stop and step."""

    def mistaken(right: Any) -> Any:
        def run(self: Any, statement: Any) -> Any:
            given = range(*(int(self.value(argument)) for argument in range_arguments(statement)))
            for index in change(given.start, given.stop, given.step):
                self.frame[statement.target.id] = Ball(index)
                leaves = self._loop_body(statement)
                if leaves == RETURN:
                    return leaves
                if leaves == BREAK:
                    break
            return None

        return run

    return mistaken


def chain_with_first(right: Any) -> Any:
    """Every operand is compared with the first one."""

    def run(self: Any, expr: Any) -> Any:
        first, *others = [self.evaluate(operand) for operand in expr.operands]
        links = zip(self.typing.links[id(expr)], others, strict=True)
        return Ball(all(self.apply(expr, link, (first, other)).value for link, other in links))

    return run


def chain_of_one(right: Any) -> Any:
    """Only the first link counts."""

    def run(self: Any, expr: Any) -> Any:
        operands = [self.evaluate(operand) for operand in expr.operands[:2]]
        return self.apply(expr, self.typing.links[id(expr)][0], operands)

    return run


def without_else(right: Any) -> Any:
    """What stands behind an if is lost."""
    return lambda self, s: self.block(s.body) if self.decide(s, s.condition) else None


def falls_through(right: Any) -> Any:
    """The branch behind a true one is taken too."""

    def run(self: Any, statement: Any) -> Any:
        if statement.orelse is None or not self.decide(statement, statement.condition):
            return right(self, statement)
        return self.block(statement.body) or self.block(statement.orelse.body)

    return run


def elif_unasked(right: Any) -> Any:
    """The first elif is taken, whatever its condition."""
    return lambda self, s: self.block(s.body) if isinstance(s, ElifBranch) else right(self, s)


def once(right: Any) -> Any:
    """A while loop runs at most once."""

    def run(self: Any, statement: Any) -> Any:
        leaves = self._loop_body(statement) if self.decide(statement, statement.condition) else None
        return leaves if leaves == RETURN else None

    return run


def conditional_swapped(right: Any) -> Any:
    """The branches of a conditional expression are swapped."""
    return lambda self, expr: self.evaluate(expr.otherwise if self.decide(expr, expr.condition) else expr.value)


def one_by_one(right: Any) -> Any:
    """Each value is evaluated after the targets before it are assigned."""

    def run(self: Any, statement: Any) -> Any:
        if not hasattr(statement.value, "items"):
            return right(self, statement)
        for target, item in zip(statement.targets, statement.value.items, strict=True):
            self.store(self.place(target), self.evaluate(item))
        return None

    return run


def augmented_backwards(right: Any) -> Any:
    """``x -= y`` is ``y - x``, where x is a variable."""

    def run(self: Any, statement: Any) -> Any:
        if not hasattr(statement.target, "id"):
            return right(self, statement)
        operands = self.evaluate(statement.value), self.evaluate(statement.target)
        self.store(self.place(statement.target), self.apply(statement, self.typing.overloads[id(statement)], operands))
        return None

    return run


def short_literals(right: Any) -> Any:
    """A float64 literal is rounded to float32 first."""

    def run(self: Any, expr: Any) -> Any:
        ball = right(self, expr)
        is_long = isinstance(ball.value, np.float64)
        return Ball(np.float64(np.float32(ball.value)), ball.radius) if is_long else ball

    return run


def components(change: Any) -> Any:
    """Another component is read."""
    return lambda right: lambda self, owner, index, at: right(self, owner, change(index, len(owner.value)), at)


def stores(change: Any) -> Any:
    """Another component is stored to."""

    def mistaken(right: Any) -> Any:
        def replaced(self: Any, owner: Any, path: Any, ball: Any, at: Any) -> Any:
            changed = (change(path[0], len(owner.value)), *path[1:]) if path else path
            return right(self, owner, changed, ball, at)

        return replaced

    return mistaken


def slices(change: Any) -> Any:
    """Selects with other slices; indices stay as they are."""

    def mistaken(right: Any) -> Any:
        return lambda self, indices: right(self, tuple(change(i) if isinstance(i, slice) else i for i in indices))

    return mistaken


def indices(change: Any) -> Any:
    """Selects other elements; slices stay as they are."""

    def mistaken(right: Any) -> Any:
        def select(self: Any, indices: Any) -> Any:
            pairs = itertools.zip_longest(indices, self.shape[: len(indices)], fillvalue=1)
            return right(self, tuple(i if isinstance(i, slice) else change(i, length) for i, length in pairs))

        return select

    return mistaken


def arguments_reversed(right: Any) -> Any:
    """The arguments of a call are taken from the last to the first."""

    def call(self: Any, expr: Any) -> Any:
        original = self.typing.user_calls[id(expr)]
        turned = type(original)(original.function, original.arguments[::-1], original.written[::-1])
        self.typing.user_calls[id(expr)] = turned
        try:
            return right(self, expr)
        finally:
            self.typing.user_calls[id(expr)] = original

    return call


def last_default(right: Any) -> Any:
    """Every argument that is left out gets the default of the last parameter."""

    def call(self: Any, expr: Any) -> Any:
        original = self.typing.user_calls[id(expr)]
        given = range(len(original.arguments))
        arguments = tuple(original.arguments[p if p in original.written else -1] for p in given)
        self.typing.user_calls[id(expr)] = type(original)(original.function, arguments, original.written)
        try:
            return right(self, expr)
        finally:
            self.typing.user_calls[id(expr)] = original

    return call


def first_result_twice(right: Any) -> Any:
    """Every returned value is the first one."""

    def run(self: Any, statement: Any) -> Any:
        leaves = right(self, statement)
        values, radii = self.returned.value, self.returned.radius
        self.returned = Ball((values[0],) * len(values), (radii[0],) * len(radii))
        return leaves

    return run


def updated(right: Any) -> Any:
    """What an atomic gives is what the element holds afterwards."""

    def run(self: Any, at: Any, overload: Any, element: Any, operand: Any, path: Any = ()) -> Any:
        right(self, at, overload, element, operand, path)
        return self.part(element.memory.held(element.offset), path, at)

    return run


def not_wrapped(right: Any) -> Any:
    """Integers stay exact, whatever their type holds."""
    return lambda value, type_, at: value


def second_operand_lost(right: Any) -> Any:
    """A condition is its first operand."""
    return lambda self, expr: Ball(self.truth(expr.operands[0]))


def first_launch_only(right: Any) -> Any:
    """Later launches do nothing."""

    def run(machine: Any, launch: Any, memories: Any) -> Any:
        return machine.coordinates == () and right(machine, launch, memories)

    return run


def coordinates_reversed(right: Any) -> Any:
    """The coordinates of a thread come from the last dimension to the first."""
    return lambda self, expr: Ball(_turned(right(self, expr).value))


def _turned(value: Any) -> Any:
    return value[::-1] if isinstance(value, tuple) and all(isinstance(x, int) for x in value) else value


def captured_shared(right: Any) -> Any:
    """Every kernel of a factory captures what the first one captured."""

    def run(machine: Any, kernel: Any, launch: Any, memories: Any) -> Any:
        first = next(k for k in machine.typing.kernels.values() if k.definition is kernel.definition)
        given = right(machine, kernel, launch, memories)
        return given | {name: interpreter.constant(machine, value) for name, value in first.captured.items()}

    return run
