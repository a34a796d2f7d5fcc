"""Making kernels lively: what did nothing in any thread is replaced by something that differs between threads.

A kernel whose branches are never taken tests nothing in them. The reference knows which way each condition went,
which loops never ran, and which outputs are equal in all threads; these alone are changed: a condition compares an
input with its median, a range has some rounds, a value is combined with the thread index.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from fuzzer.generation.choices import Choices
from fuzzer.generation.repair import Defined, Discarded, make_defined
from grammar import nodes as n
from grammar.check import Function, TypeRefused, Typing, dotted, written_uniform
from grammar.language import Language
from grammar.productions import root_name
from grammar.trees import children, path_of, walk, walk_statements
from grammar.trees import replace as replaced
from grammar.types import BOOL, FLOAT32, INT32, Array, Composite, Scalar
from oracle.records import BufferRef, Launch, TestCase

ENLIVEN = 95
"""Percent of the dead places that are replaced; some stay, since compilers meet those too."""

ENOUGH = 0.9
"""Share of statements that run somewhere, below which a second round is worth its time."""

Body = n.KernelDef | n.FuncDef

Change = tuple[n.Node, n.Node | None]
"""A node, and what replaces it (None where nothing can)."""


def enlivened(defined: Defined, choices: Choices, language: Language) -> Defined:
    """Enliven a test case once, and again while a good part of its statements runs in no thread."""
    once = _enlivened(defined, choices, language)
    return _enlivened(once, choices, language) if once is not defined and reach(once) < ENOUGH else once


def reach(defined: Defined) -> float:
    """Return the share of a test case's statements that run in some thread."""
    statements = [node for node in walk_statements(defined.case.module) if isinstance(node, n.Statement)]
    return sum(id(node) in defined.expectation.executed for node in statements) / max(len(statements), 1)


def _enlivened(defined: Defined, choices: Choices, language: Language) -> Defined:
    """Return a livelier test case; the same one where there is nothing to do, or where it could not be kept defined."""
    case = defined.case
    for node, other in changes(defined, choices):
        if choices.chance(ENLIVEN) and other is not None:
            path = path_of(case.module, defined.expectation.typing.original(node))
            case = replace(case, module=replaced(case.module, path, other)) if path is not None else case
    if case is defined.case or not language.covers(case.module):
        return defined
    try:
        again = make_defined(case, choices, language)
    except (Discarded, TypeRefused):
        return defined
    return replace(again, repairs=defined.repairs + again.repairs, reasons=defined.reasons + again.reasons)


def changes(defined: Defined, choices: Choices) -> Iterator[Change]:
    """Yield replacements of conditions that never divided the threads, of ranges that were empty in all threads, and of
    stored values that were equal in all threads."""
    typing = defined.expectation.typing
    for function in typing.functions.values():
        for condition in one_way_conditions(defined, function.definition):
            around = decisions_around(function.definition, condition)
            yield condition, condition_on_parameter(function, around, choices)
    for launch in defined.case.launches:
        if math.prod(launch.dims) < 2:
            continue
        kernel = typing.kernels[launch.kernel].definition
        for condition in one_way_conditions(defined, kernel):
            around = decisions_around(kernel, condition)
            yield condition, dividing_condition(defined.case, typing, launch, around, choices)
        for loop in empty_loops(defined, kernel):
            if isinstance(loop, n.ForStmt):
                yield loop.iterable, short_range(loop, launch, choices)
            elif isinstance(loop.condition, n.AndOp):
                yield loop.condition, loop.condition.operands[0]
        for store in equal_stores(defined, kernel, launch):
            yield store.value, varied(store.value, typing, launch, choices)


def one_way_conditions(defined: Defined, body: Body) -> list[n.Expr]:
    """The conditions of if, elif and conditional expressions that never went both ways, also those never reached."""
    decided = defined.expectation.decided
    branches = [node for node in walk(body) if isinstance(node, n.IfStmt | n.ElifBranch | n.Conditional)]
    return [node.condition for node in branches if len(decided.get(id(node), frozenset())) < 2]


def decisions_around(body: Body, condition: n.Expr) -> int:
    """Count the decisions that must have gone one way before a condition is reached."""
    node: n.Node = body
    around = -1  # its own statement
    for position in path_of(body, condition) or ():
        around += isinstance(node, n.IfStmt | n.ElifBranch | n.Conditional)
        node = children(node)[position]
    return max(around, 0)


def empty_loops(defined: Defined, kernel: n.KernelDef) -> list[n.ForStmt | n.WhileStmt]:
    """The loops whose body ran in no thread."""
    loops = [node for node in walk_statements(kernel) if isinstance(node, n.ForStmt | n.WhileStmt)]
    return [loop for loop in loops if id(loop.body.statements[0]) not in defined.expectation.executed]


def short_range(loop: n.ForStmt, launch: Launch, choices: Choices) -> n.Expr:
    """A range of one to four rounds by thread, in the direction that the loop has."""
    rounds = n.Sum(n.BitAnd(_coordinate(launch.dims, choices), "&", n.IntLiteral(3)), "+", n.IntLiteral(1))
    arguments = loop.iterable.arguments if isinstance(loop.iterable, n.Call) else ()
    down = len(arguments) == 3 and isinstance(arguments[2], n.Unary)
    if down:
        return n.Call(n.Name("range"), (rounds, n.IntLiteral(0), arguments[2]))
    first = (n.IntLiteral(0),) if len(arguments) > 1 else ()
    return n.Call(n.Name("range"), (*first, rounds, *arguments[2:]))


def equal_stores(defined: Defined, kernel: n.KernelDef, launch: Launch) -> list[n.Assign]:
    """The last stores of variables to arrays that hold one value in all threads."""
    typing = defined.expectation.typing
    facts = typing.kernels[launch.kernel]
    buffers = {p: a.name for p, a in zip(facts.names, launch.arguments, strict=True) if isinstance(a, BufferRef)}
    return [
        statement
        for statement in kernel.body.statements
        if isinstance(statement, n.Assign)
        and isinstance(statement.value, n.Name)
        and _is_equal(defined.expectation.arrays.get(buffers.get(root_name(statement.target) or "", "")), launch)
    ]


def _is_equal(array: np.ndarray[Any, Any] | None, launch: Launch) -> bool:
    if array is None:
        return False
    threads = array.reshape(math.prod(launch.dims), -1)
    return bool((threads.view(np.uint8) == threads[:1].view(np.uint8)).all())


def varied(value: n.Expr, typing: Typing, launch: Launch, choices: Choices) -> n.Expr | None:
    """The value combined with the thread index, so that it differs between threads."""
    type_ = typing.type_of(value)
    coordinate = _coordinate(launch.dims, choices)
    if type_ == BOOL:
        return n.Compare(
            value,
            choices.pick(("==", "!=")),
            n.Compare(n.BitAnd(coordinate, "&", n.IntLiteral(1)), "==", n.IntLiteral(0)),
        )
    if isinstance(type_, Scalar):
        index = _cast(coordinate, INT32, type_)
        symbol = choices.pick(("+", "-"))
        return n.BitXor(value, "^", index) if type_.is_integer and choices.chance(50) else n.Sum(value, symbol, index)
    if isinstance(type_, Composite):
        index = _cast(coordinate, INT32, type_.scalar)
        return n.Sum(value, "+", written_uniform(type_, index))
    return None


def _coordinate(dims: tuple[int, ...], choices: Choices) -> n.Name:
    return n.Name(_COORDINATES[choices.pick([axis for axis, length in enumerate(dims) if length > 1])])


def condition_on_parameter(function: Function, around: int, choices: Choices) -> n.Expr | None:
    """A condition on a scalar parameter: whether an integer has a bit, or a float is below 1; None without one.

    Each further decision ``around`` it takes another parameter, then another bit.
    """
    pairs = zip(function.names, function.types, strict=True)
    scalars = [(n.Name(name), type_) for name, type_ in pairs if isinstance(type_, Scalar) and type_ != BOOL]
    if not scalars:
        return None
    parameter, type_ = scalars[around % len(scalars)]
    if type_.is_float:
        return n.Compare(parameter, choices.pick(("<", ">=")), _cast(n.FloatLiteral(1.0), FLOAT32, type_))
    bit = _cast(n.IntLiteral(1 << around // len(scalars) % 4), INT32, type_)
    return n.Compare(n.BitAnd(parameter, "&", bit), choices.pick(("==", "!=")), _cast(n.IntLiteral(0), INT32, type_))


def _cast(value: n.Expr, own: Scalar, type_: Scalar) -> n.Expr:
    """Cast a value that has a type of its own, where another one is asked for."""
    return value if type_ == own else n.Call(dotted(type_.written), (value,))


def dividing_condition(case: TestCase, typing: Typing, launch: Launch, around: int, choices: Choices) -> n.Expr:
    """A condition that holds in about half of the threads, also of those that ``around`` others have let through.

    It compares this thread's input with the array's median, or takes one bit of the thread's index: each further one
    another array, another bit.
    """
    facts = typing.kernels[launch.kernel]
    buffers = {b.name: b for b in case.buffers}
    medians: list[n.Expr] = []
    for name, type_, argument in zip(facts.names, facts.types, launch.arguments, strict=True):
        if not isinstance(argument, BufferRef) or not isinstance(type_, Array) or not name.startswith("a"):
            continue
        buffer = buffers[argument.name]
        if type_.element in _PLAIN and buffer.shape == launch.dims:
            medians.append(_against_median(name, type_.element, buffer.data, choices))
    return choices.pick([_one_bit(launch.dims, around, choices), *medians[around : around + 1]])


_PLAIN = (INT32, FLOAT32)
_COORDINATES = ("i", "j", "k", "l")


def _one_bit(dims: tuple[int, ...], around: int, choices: Choices) -> n.Expr:
    bits = [(1 << bit, axis) for bit in range(8) for axis, length in enumerate(dims) if 1 << bit < length]
    bit, axis = bits[around % len(bits)]
    masked = n.BitAnd(n.Name(_COORDINATES[axis]), "&", n.IntLiteral(bit))
    return n.Compare(masked, choices.pick(("==", "!=")), n.IntLiteral(0))


def _against_median(
    name: str, scalar: Scalar, data: np.ndarray[tuple[int, ...], np.dtype[np.generic]], choices: Choices
) -> n.Expr:
    element = n.Subscript(n.Name(name), tuple(n.Name(c) for c in _COORDINATES[: data.ndim]))
    finite = data[np.isfinite(data.astype(np.float64))]
    middle = float(np.median(finite.astype(np.float64))) if finite.size else 0.0
    number = n.IntLiteral(int(abs(middle))) if scalar.is_integer else n.FloatLiteral(round(abs(middle), 4))
    bound = n.Unary("-", number) if middle < 0 else number
    return n.Compare(element, choices.pick(("<", "<=", ">", ">=")), bound)
