"""The row ``observability``: what a kernel computes is seen, so a flipped operator changes what the judge compares.

In each deep kernel one executed operator, drawn at random, is replaced by another one of the same operand and result
types, which computes something else of the operands of some thread; the kernel must stay well typed and defined. The
changed kernel's buffers are judged as an engine's outcome. Draws that compute the same everywhere (``x | 0`` for
``x ^ 0``) change nothing that could be seen: they are drawn again, and counted.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fuzzer.generation.cases import Recipe, deep_case
from fuzzer.generation.repair import Defined
from grammar import emit, language
from grammar import nodes as n
from grammar.check import TypeRefused, Typing, check
from grammar.ops.balls import Ball
from grammar.ops.record import Overload
from grammar.ops.table import operator_overload
from grammar.trees import Path, node_at, path_of, walk
from grammar.trees import replace as replaced
from oracle.comparison import compare
from oracle.records import Executed, TestCase
from oracle.reference import STRICT, WEAK, Undefined, interpret
from oracle.reference.interpreter import run_launch, set_constants
from oracle.reference.memory import memories_of
from oracle.reference.statements import BodyInterpreter
from tests.quality import rows
from tests.quality.rows import Claim, Conclusion, Facts, Listing, Measurement, Settings

PIECE = 50
SHOWN = 40
NOTHING = "nothing"


def pieces(settings: Settings) -> list[Settings]:
    """Cut the indices of deep kernels into ranges."""
    return rows.chunks(settings, "kernels", PIECE)


def measure(piece: Settings) -> Facts:
    """Flip one operator in each kernel of a range."""
    seen: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    idle = 0
    unseen = []
    for index in range(piece["start"], piece["stop"]):
        defined = deep_case(piece["seed"], index, Recipe()).defined
        found = flipped(defined, random.Random(f"{piece['seed']} {index}"))
        whole[found.place if found else NOTHING] += 1
        if found is None:
            continue
        idle += found.idle
        mismatches = compare(Executed(interpret(found.case).arrays), interpret(defined.case, STRICT)).mismatches
        if mismatches:
            seen[found.place] += 1
        else:
            unseen.append([str(index), found.place, found.change])
    return {"seen": seen, "whole": whole, "unseen": unseen, "idle": idle}


@dataclass(frozen=True)
class Flipped:
    """A test case with one operator changed.

    Attributes:
        case: The changed test case.
        change: What the change is.
        place: What the operator's value is used for.
        idle: How many changes were drawn before that compute the same everywhere.
    """

    case: TestCase
    change: str
    place: str
    idle: int


def flipped(defined: Defined, draws: random.Random) -> Flipped | None:
    """Replace one executed operator by another one; None where the kernel has none, or would not stay defined."""
    flips = _flips(defined)
    draws.shuffle(flips)
    idle = 0
    for node, changed, overload in flips:
        path = path_of(defined.case.module, node)
        assert path is not None
        case = replace(defined.case, module=replaced(defined.case.module, path, changed))
        try:
            check(case.module)
            interpret(case)
        except (TypeRefused, Undefined):
            continue
        if differs(defined, node, overload):
            return Flipped(case, f"{emit(node)} to {emit(changed)}", place_of(defined.case.module, path), idle)
        idle += 1
    return None


def differs(defined: Defined, node: n.Node, other: Overload) -> bool:
    """Say whether an operation gives something else than a node does, of the operands of some thread."""
    case = defined.case
    machine = _Comparing(defined.expectation.typing, node, other)
    memories = memories_of(case.buffers)
    with np.errstate(all="ignore"):
        set_constants(machine)
        for launch in case.launches:
            run_launch(machine, launch, memories)
    return machine.found


class _Comparing(BodyInterpreter):
    """Computes one node in another way, too, and notes whether that ever makes a difference."""

    def __init__(self, typing: Typing, node: n.Node, other: Overload) -> None:
        super().__init__(typing, WEAK)
        self.found = False
        self._node = node
        self._other = other

    def apply(self, at: n.Node, overload: Overload, operands: Sequence[Ball]) -> Ball:
        ball = super().apply(at, overload, operands)
        if at is self._node and not self.found:
            values = [operand.value for operand in operands]
            outside = self._other.domain is not None and self._other.domain(self._other.scalar, *values)
            self.found = bool(outside) or repr(self._other.value(*values)) != repr(ball.value)
        return ball


def place_of(module: n.Module, path: Path) -> str:
    """Say what the value of an expression is used for: for a decision, a range, an index, or as it is."""
    for length in range(len(path) - 1, 0, -1):
        above, child = node_at(module, path[:length]), path[length]
        if isinstance(above, n.Subscript) and child > 0:
            return "an index"
        if isinstance(above, n.ForStmt):
            return "a range"
        if isinstance(above, n.IfStmt | n.ElifBranch | n.WhileStmt) or (
            isinstance(above, n.Conditional) and child == 1
        ):
            return "a decision"
        if isinstance(above, n.Statement):
            break
    return "a value"


def _flips(defined: Defined) -> list[tuple[n.BinaryOp | n.Unary, n.Node, Overload]]:
    """Every executed operator with what it may become and what that computes, the nodes in the order of the text."""
    typing, executed = defined.expectation.typing, defined.expectation.executed
    found: list[tuple[n.BinaryOp | n.Unary, n.Node, Overload]] = []
    for node in walk(defined.case.module):
        overload = typing.overloads.get(id(node))
        if overload is None or id(node) not in executed or not isinstance(node, n.BinaryOp | n.Unary):
            continue
        if isinstance(node, n.Unary) and isinstance(node.operand, n.IntLiteral | n.FloatLiteral):
            continue  # a number below zero: there is no other way to write it
        for symbol in FLIPS.get(node.operator, ()):
            other = operator_overload(symbol, overload.parameters)
            if other is not None and other.result == overload.result:
                found.append((node, _with_symbol(node, symbol), other))
    return found


#: What an operator becomes: a comparison its opposite, any other one that computes something else of most operands.
FLIPS: dict[str, tuple[str, ...]] = {
    "<": (">=",), ">=": ("<",), ">": ("<=",), "<=": (">",), "==": ("!=",), "!=": ("==",),
    "+": ("-", "*"), "-": ("+", "*", "~"), "*": ("+", "-"), "/": ("*", "+"), "//": ("*", "+"), "%": ("+", "/"),
    "**": ("*", "+"), "<<": (">>", "|"), ">>": ("<<", "^"), "&": ("|", "^"), "|": ("&", "^"), "^": ("&", "|"),
    "~": ("-", "+"),
}  # fmt: skip


#: The production of every binary operator.
PRODUCTIONS: dict[str, type[n.BinaryOp]] = {
    symbol: n.NODES[production.name]  # type: ignore[misc]  # operators of two operands make a BinaryOp
    for production in language().productions.values()
    for hole in production.holes
    for symbol in language().operators.get(hole, ())
    if production.name in {n.production_name(cls) for cls in n.BINARY_OPERATIONS}
}


def _with_symbol(node: n.BinaryOp | n.Unary, symbol: str) -> n.Node:
    if isinstance(node, n.Unary):
        return n.Unary(symbol, node.operand)
    return PRODUCTIONS[symbol](node.left, symbol, node.right)


def conclude(settings: Settings, facts: Sequence[Facts]) -> Conclusion:
    """Add up all ranges."""
    seen = sum((Counter(x["seen"]) for x in facts), Counter[str]())
    whole = sum((Counter(x["whole"]) for x in facts), Counter[str]())
    nothing, idle = whole.pop(NOTHING, 0), sum(x["idle"] for x in facts)
    claims = (
        rows.at_least("flipped operators that change an output", seen.total(), whole.total(), 90),
        *(Claim(f"of those whose value is {place}", rows.share(seen[place], whole[place])) for place in sorted(whole)),
        Claim("kernels without an operator that can be flipped", f"{nothing}"),
        Claim("flips drawn again, since they compute the same everywhere", f"{idle}"),
        Claim("flips that change an output, counting those", rows.share(seen.total(), whole.total() + idle)),
    )
    lines = tuple(tuple(line) for x in facts for line in x["unseen"])[:SHOWN]
    return Conclusion(claims, (Listing("flips that change nothing", ("kernel", "place", "change"), lines),))


MEASUREMENT = Measurement(
    name="observability",
    counts={"kernels": 500},
    fixed={"seed": 0},
    pieces=pieces,
    measure=measure,
    conclude=conclude,
)
