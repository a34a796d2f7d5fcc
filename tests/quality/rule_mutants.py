"""Mutants of rules: what a statement or an expression would mean if somebody got it wrong."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from grammar.check.statements import range_arguments
from grammar.nodes import ElifBranch
from oracle.reference import expressions, interpreter, statements
from oracle.reference.memory import Memory, View
from oracle.reference.statements import BREAK, CONTINUE, RETURN, BodyInterpreter
from tests.quality.mutants import Mutant, part, rule


def _ranges(change: Any) -> Any:
    """Loops over other numbers: ``change`` takes start, stop and step."""

    def mistaken(right: Any) -> Any:
        def run(self: Any, statement: Any) -> Any:
            given = range(*(int(self.value(argument)) for argument in range_arguments(statement)))
            for index in change(given.start, given.stop, given.step):
                self.frame[statement.target.id] = (index, 0)
                leaves = self._loop_body(statement)
                if leaves == RETURN:
                    return leaves
                if leaves == BREAK:
                    break
            return None

        return run

    return mistaken


def _chain_with_first(right: Any) -> Any:
    def run(self: Any, expr: Any) -> Any:
        balls = [self.evaluate(operand) for operand in expr.operands]
        links = self.typing.links[id(expr)]
        return all(self.apply(expr, link, (balls[0], ball))[0] for link, ball in zip(links, balls[1:], strict=True)), 0

    return run


def _chain_of_one(right: Any) -> Any:
    def run(self: Any, expr: Any) -> Any:
        first, second = (self.evaluate(operand) for operand in expr.operands[:2])
        return self.apply(expr, self.typing.links[id(expr)][0], (first, second))

    return run


def _without_else(right: Any) -> Any:
    return lambda self, s: self.block(s.body) if self.decide(s, s.condition) else None


def _falls_through(right: Any) -> Any:
    """The branch behind a true one is taken too."""

    def run(self: Any, statement: Any) -> Any:
        if statement.orelse is None or not self.decide(statement, statement.condition):
            return right(self, statement)
        return self.block(statement.body) or self.block(statement.orelse.body)

    return run


def _elif_unasked(right: Any) -> Any:
    return lambda self, s: self.block(s.body) if isinstance(s, ElifBranch) else right(self, s)


def _once(right: Any) -> Any:
    def run(self: Any, statement: Any) -> Any:
        leaves = self._loop_body(statement) if self.decide(statement, statement.condition) else None
        return leaves if leaves == RETURN else None

    return run


def _conditional_swapped(right: Any) -> Any:
    return lambda self, expr: self.evaluate(expr.otherwise if self.decide(expr, expr.condition) else expr.value)


def _one_by_one(right: Any) -> Any:
    def run(self: Any, statement: Any) -> Any:
        if not hasattr(statement.value, "items"):
            return right(self, statement)
        for target, item in zip(statement.targets, statement.value.items, strict=True):
            self.store(target, self.evaluate(item))
        return None

    return run


def _augmented_backwards(right: Any) -> Any:
    def run(self: Any, statement: Any) -> Any:
        if self._array(statement.target) is not None or not hasattr(statement.target, "id"):
            return right(self, statement)
        operands = (self.evaluate(statement.value), self.evaluate(statement.target))
        return self.store(statement.target, self.apply(statement, self.typing.overloads[id(statement)], operands))

    return run


def _short_literals(right: Any) -> Any:
    def run(self: Any, expr: Any) -> Any:
        value, radius = right(self, expr)
        return (np.float64(np.float32(value)) if isinstance(value, np.float64) else value), radius

    return run


def _components(change: Any) -> Any:
    return lambda right: lambda owner, index, at: right(owner, change(index, len(owner[0])), at)


def _stores(change: Any) -> Any:
    def mistaken(right: Any) -> Any:
        return lambda owner, at, ball, node: right(owner, [change(at[0], len(owner[0])), *at[1:]], ball, node)

    return mistaken


def _slices(change: Any) -> Any:
    """Selects with other slices; indices stay as they are."""

    def mistaken(right: Any) -> Any:
        return lambda self, indices: right(self, tuple(change(i) if isinstance(i, slice) else i for i in indices))

    return mistaken


def _indices(change: Any) -> Any:
    def mistaken(right: Any) -> Any:
        def select(self: Any, indices: Any) -> Any:
            pairs = itertools.zip_longest(indices, self.shape[: len(indices)], fillvalue=1)
            return right(self, tuple(i if isinstance(i, slice) else change(i, length) for i, length in pairs))

        return select

    return mistaken


def _arguments_reversed(right: Any) -> Any:
    def call(self: Any, expr: Any) -> Any:
        original = self.typing.user_calls[id(expr)]
        turned = type(original)(original.function, original.arguments[::-1], original.written[::-1])
        self.typing.user_calls[id(expr)] = turned
        try:
            return right(self, expr)
        finally:
            self.typing.user_calls[id(expr)] = original

    return call


def _last_default(right: Any) -> Any:
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


def _first_result_twice(right: Any) -> Any:
    def run(self: Any, statement: Any) -> Any:
        leaves = right(self, statement)
        values, radii = self.returned
        self.returned = ((values[0],) * len(values), (radii[0],) * len(radii))
        return leaves

    return run


def _updated(right: Any) -> Any:
    """What an atomic gives is what the element holds afterwards."""

    def run(self: Any, at: Any, overload: Any, view: Any, operand: Any) -> Any:
        right(self, at, overload, view, operand)
        return view.memory.values[view.offset], view.memory.radii[view.offset]

    return run


def _not_wrapped(right: Any) -> Any:
    return lambda value, type_, at: value


def _second_operand_lost(right: Any) -> Any:
    return lambda self, expr: (self.truth(expr.operands[0]), 0)


def _first_launch_only(right: Any) -> Any:
    def run(machine: Any, launch: Any, memories: Any) -> None:
        if machine.coordinates == ():
            right(machine, launch, memories)

    return run


def _coordinates_reversed(right: Any) -> Any:
    return lambda self, expr: (_turned(right(self, expr)[0]), 0)


def _turned(value: Any) -> Any:
    return value[::-1] if isinstance(value, tuple) and all(isinstance(x, int) for x in value) else value


def _captured_shared(right: Any) -> Any:
    """Every kernel of a factory captures what the first one captured."""

    def run(machine: Any, kernel: Any, launch: Any, memories: Any) -> Any:
        first = next(k for k in machine.typing.kernels.values() if k.definition is kernel.definition)
        given = right(machine, kernel, launch, memories)
        return given | {name: interpreter.constant(machine, value) for name, value in first.captured.items()}

    return run


RULE_MUTANTS: tuple[Mutant, ...] = (
    rule("for_stmt", "the end is included", _ranges(lambda a, b, c: range(a, b + (1 if c > 0 else -1), c))),
    rule("for_stmt", "a negative step counts upwards", _ranges(lambda a, b, c: range(a, b, abs(c)))),
    rule("for_stmt", "the step is ignored", _ranges(lambda a, b, c: range(a, b, 1 if c > 0 else -1))),
    rule("for_stmt", "the start is left out", _ranges(lambda a, b, c: range(a + c, b, c))),
    rule("for_stmt", "one time too few", _ranges(lambda a, b, c: range(a, b, c)[:-1])),
    rule("while_stmt", "at most once", _once),
    rule("if_stmt", "the else is lost", _without_else),
    rule("if_stmt", "falls through", _falls_through),
    part(BodyInterpreter, "_if", "an elif is not asked", _elif_unasked),
    rule("break_stmt", "continues", lambda right: lambda self, statement: CONTINUE),
    rule("continue_stmt", "breaks", lambda right: lambda self, statement: BREAK),
    rule("continue_stmt", "passes", lambda right: lambda self, statement: None),
    rule("return_stmt", "passes", lambda right: lambda self, statement: None),
    rule("return_values", "the first one twice", _first_result_twice),
    rule("tuple_assign", "one by one", _one_by_one),
    rule("aug_assign", "operands swapped", _augmented_backwards),
    rule("chained_compare", "all with the first", _chain_with_first),
    rule("chained_compare", "one link", _chain_of_one),
    rule("conditional", "branches swapped", _conditional_swapped),
    rule("or_op", "the second operand is lost", _second_operand_lost),
    rule("and_op", "the second operand is lost", _second_operand_lost),
    rule("and_op", "is an or", lambda right: lambda self, expr: (any(map(self.truth, expr.operands)), 0)),
    rule("not_op", "does nothing", lambda right: lambda self, expr: (self.truth(expr.operand), 0)),
    rule("float_literal", "float64 by way of float32", _short_literals),
    rule("true_literal", "is False", lambda right: lambda self, expr: (False, 0)),
    rule("call", "coordinates of a thread reversed", _coordinates_reversed),
    part(expressions, "component", "counts from the end", _components(lambda at, length: length - 1 - at % length)),
    part(expressions, "component", "negative ones from the start", _components(lambda at, length: abs(at) % length)),
    part(statements, "_with_component", "stores into the next one", _stores(lambda at, length: (at + 1) % length)),
    part(statements, "_with_component", "stores into the first one", _stores(lambda at, length: 0)),
    part(View, "select", "the step of a slice is ignored", _slices(lambda s: slice(s.start, s.stop))),
    part(View, "select", "the start of a slice is ignored", _slices(lambda s: slice(None, s.stop, s.step))),
    part(
        View,
        "select",
        "the end of a slice is included",
        _slices(lambda s: slice(s.start, s.stop and s.stop + 1, s.step)),
    ),
    part(View, "select", "negative indices are the first one", _indices(lambda at, length: max(at, 0))),
    part(View, "select", "the last element is the first", _indices(lambda at, length: 0 if at == length - 1 else at)),
    part(BodyInterpreter, "call_function", "arguments reversed", _arguments_reversed),
    part(BodyInterpreter, "call_function", "the last default for all", _last_default),
    part(BodyInterpreter, "update", "gives the new value", _updated),
    part(expressions, "in_range", "nothing wraps", _not_wrapped),
    part(interpreter, "run_launch", "only the first launch", _first_launch_only),
    part(interpreter, "_arguments", "instances of a factory share", _captured_shared),
    part(Memory, "write", "keeps what is there", lambda right: lambda self, at, ball, thread: None),
)
