"""Mutants of rules: what a statement or an expression would mean if somebody got it wrong. One line per mistake."""

from __future__ import annotations

from grammar.ops.balls import Ball
from oracle.reference import expressions, interpreter
from oracle.reference.memory import Memory, View
from oracle.reference.moves import Moves
from oracle.reference.statements import BREAK, CONTINUE, BodyInterpreter
from tests.quality import mistakes
from tests.quality.mutants import Mutant, part, rule

RULE_MUTANTS: tuple[Mutant, ...] = (
    rule("for_stmt", "the end is included", mistakes.ranges(lambda a, b, c: range(a, b + (1 if c > 0 else -1), c))),
    rule("for_stmt", "a negative step counts upwards", mistakes.ranges(lambda a, b, c: range(a, b, abs(c)))),
    rule("for_stmt", "the step is ignored", mistakes.ranges(lambda a, b, c: range(a, b, 1 if c > 0 else -1))),
    rule("for_stmt", "the start is left out", mistakes.ranges(lambda a, b, c: range(a + c, b, c))),
    rule("for_stmt", "one time too few", mistakes.ranges(lambda a, b, c: range(a, b, c)[:-1])),
    rule("while_stmt", "at most once", mistakes.once),
    rule("if_stmt", "the else is lost", mistakes.without_else),
    rule("if_stmt", "falls through", mistakes.falls_through),
    part(BodyInterpreter, "_if", "an elif is not asked", mistakes.elif_unasked),
    rule("break_stmt", "continues", lambda right: lambda self, statement: CONTINUE),
    rule("continue_stmt", "breaks", lambda right: lambda self, statement: BREAK),
    rule("continue_stmt", "passes", lambda right: lambda self, statement: None),
    rule("return_stmt", "passes", lambda right: lambda self, statement: None),
    rule("return_values", "the first one twice", mistakes.first_result_twice),
    rule("tuple_assign", "one by one", mistakes.one_by_one),
    rule("aug_assign", "operands swapped", mistakes.augmented_backwards),
    rule("chained_compare", "all with the first", mistakes.chain_with_first),
    rule("chained_compare", "one link", mistakes.chain_of_one),
    rule("conditional", "branches swapped", mistakes.conditional_swapped),
    rule("or_op", "the second operand is lost", mistakes.second_operand_lost),
    rule("and_op", "the second operand is lost", mistakes.second_operand_lost),
    rule("and_op", "is an or", lambda right: lambda self, expr: Ball(any(map(self.truth, expr.operands)))),
    rule("not_op", "does nothing", lambda right: lambda self, expr: Ball(self.truth(expr.operand))),
    rule("float_literal", "float64 by way of float32", mistakes.short_literals),
    rule("true_literal", "is False", lambda right: lambda self, expr: Ball(False)),
    rule("call", "coordinates of a thread reversed", mistakes.coordinates_reversed),
    part(Moves, "component", "counts from the end", mistakes.components(lambda i, n: n - 1 - i % n)),
    part(Moves, "component", "negative ones from the start", mistakes.components(lambda i, n: abs(i) % n)),
    part(Moves, "with_part", "stores into the next one", mistakes.stores(lambda i, n: (i + 1) % n)),
    part(Moves, "with_part", "stores into the first one", mistakes.stores(lambda i, n: 0)),
    part(View, "select", "the step of a slice is ignored", mistakes.slices(lambda s: slice(s.start, s.stop))),
    part(View, "select", "the start of a slice is ignored", mistakes.slices(lambda s: slice(None, s.stop, s.step))),
    part(
        View,
        "select",
        "the end of a slice is the next",
        mistakes.slices(lambda s: slice(s.start, s.stop and s.stop + 1)),
    ),
    part(View, "select", "negative indices are the first one", mistakes.indices(lambda i, n: max(i, 0))),
    part(View, "select", "the last element is the first", mistakes.indices(lambda i, n: 0 if i == n - 1 else i)),
    part(BodyInterpreter, "call_function", "arguments reversed", mistakes.arguments_reversed),
    part(BodyInterpreter, "call_function", "the last default for all", mistakes.last_default),
    part(BodyInterpreter, "update", "gives the new value", mistakes.updated),
    part(expressions, "in_range", "nothing wraps", mistakes.not_wrapped),
    part(interpreter, "run_launch", "only the first launch", mistakes.first_launch_only),
    part(interpreter, "_arguments", "instances of a factory share", mistakes.captured_shared),
    part(Memory, "put", "keeps what is there", lambda right: lambda self, at, ball: None),
)
