"""Definedness by interpretation: run a draft, and where its meaning is not fixed change that one node.

The reference names the node and the reason. For each reason there are a few local changes, from the gentlest on;
which is tried follows from the draw and from how often this draft was repaired already. A draft that needs more than
:data:`MAX_REPAIRS` is discarded. Both numbers are counted.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from fuzzer.generation.choices import Choices
from fuzzer.generation.guards import FUNCTIONS, GUARDS, number_of_type
from fuzzer.generation.literals import draw_literal, literal_node
from grammar import nodes as n
from grammar.check import TypeRefused, Typing, check, dotted
from grammar.language import Language
from grammar.nodes import Node
from grammar.ops.domains import Domain
from grammar.trees import children, copy, node_at, path_of
from grammar.trees import replace as replaced
from grammar.types import BOOL, FLOAT32, Element, Scalar, Type
from oracle.limitations.catalogue import Limitation, avoided, worked_around
from oracle.records import TestCase
from oracle.reference import Expectation, Undefined, interpret
from oracle.reference.undefined import OUT_OF_RANGE, OVERFLOW

T = TypeVar("T")

MAX_REPAIRS = 10

RISK = 5
"""Percent of drafts that may go where Warp is known to fail: such a kernel costs its batch a second compilation."""


class Discarded(Exception):
    """The draft was given up: still undefined after :data:`MAX_REPAIRS` repairs."""


@dataclass(frozen=True)
class Defined:
    """A test case that is fully defined, what it computes, and how many repairs it took."""

    case: TestCase
    expectation: Expectation
    repairs: int
    reasons: tuple[str, ...]


def make_defined(case: TestCase, choices: Choices, language: Language) -> Defined:
    """Repair a draft until the reference finds it fully defined.

    Places where Warp is known to fail are repaired likewise, but for :data:`RISK` percent of the drafts.

    Raises:
        Discarded: It took too many repairs.
        TypeRefused: The draft is ill typed: a defect of the generator.
    """
    watched = () if choices.chance(RISK) else avoided()

    def interpreted(case: TestCase, typing: Typing) -> Expectation:
        return interpret(case, typing=typing)

    case, expectation, reasons = _repaired_until(interpreted, case, watched, choices, language)
    return Defined(case, expectation, len(reasons), reasons)


def make_accepted(case: TestCase, choices: Choices, language: Language) -> tuple[TestCase, Typing]:
    """Repair a draft where Warp is known to fail, and nowhere else: what it computes may be undefined.

    Raises:
        Discarded: It took too many repairs.
        TypeRefused: The draft is ill typed: a defect of the generator.
    """

    def typed(case: TestCase, typing: Typing) -> Typing:
        return typing

    case, typing, _ = _repaired_until(typed, case, avoided(), choices, language)
    return case, typing


def _repaired_until(
    look: Callable[[TestCase, Typing], T],
    case: TestCase,
    watched: Sequence[Limitation],
    choices: Choices,
    language: Language,
) -> tuple[TestCase, T, tuple[str, ...]]:
    """Repair a draft until nothing in it is trouble to Warp or undefined when looked at; gives the reasons too."""
    typing = case.typed()
    reasons: list[str] = []
    for _ in range(MAX_REPAIRS + 1):
        case, typing = around_trouble(case, typing, watched, language)
        try:
            refuse_trouble(typing, watched)
            return case, look(case, typing), tuple(reasons)
        except Undefined as undefined:
            reasons.append(undefined.reason)
            case, typing = repaired(case, typing, undefined, choices, language)
    raise Discarded(reasons[-1])


def around_trouble(
    case: TestCase, typing: Typing, watched: Sequence[Limitation], language: Language
) -> tuple[TestCase, Typing]:
    """Write places where Warp is known to fail in an equivalent form, as far as the grammar has it."""
    while (found := worked_around(case.module, typing, watched)) is not None and language.covers(found[0]):
        case, typing = replace(case, module=found[0]), found[1]
    return case, typing


def refuse_trouble(typing: Typing, watched: Sequence[Limitation]) -> None:
    """Raise Undefined for a place where Warp is known to fail, so that it is repaired."""
    for limitation in watched:
        for place in limitation.places(typing):
            raise Undefined(limitation.identifier, place)


def repaired(
    case: TestCase, typing: Typing, undefined: Undefined, choices: Choices, language: Language
) -> tuple[TestCase, Typing]:
    """Change the node that is at fault; the new module is well typed again.

    Raises:
        Discarded: No change of this node helps.
    """
    at_fault = typing.original(undefined.node)
    path = path_of(case.module, at_fault)
    if path is None:
        raise Discarded(f"{undefined.reason} outside the module")
    owner = node_at(case.module, path[:-1])
    if isinstance(owner, n.Assign | n.AugAssign) and at_fault is owner.target:
        repairs = other_targets(owner.target, undefined)
    else:
        repairs = candidates(typing, undefined, choices)
    for candidate in repairs:
        if candidate is None or not language.covers(candidate) or _stands_still(owner, candidate):
            continue
        module = replaced(case.module, path, candidate)
        try:
            return replace(case, module=module), check(module)
        except TypeRefused:
            continue
    return _without_statement(case, path, language)


def _stands_still(owner: Node, value: Node) -> bool:
    """Say whether an assignment of this value would leave its target as it is, or forget it."""
    return isinstance(owner, n.Assign | n.AugAssign) and owner.target == value


def _without_statement(case: TestCase, path: tuple[int, ...], language: Language) -> tuple[TestCase, Typing]:
    """Delete the innermost statement around a path, or the next one further out that can go."""
    for length in range(len(path), 0, -1):
        owner = node_at(case.module, path[: length - 1])
        if not isinstance(owner, n.Block) or len(owner.statements) == 1:
            continue
        statements = [s for position, s in enumerate(owner.statements) if position != path[length - 1]]
        module = replaced(case.module, path[: length - 1], n.Block(tuple(statements)))
        try:
            return replace(case, module=module), check(module)
        except TypeRefused:
            continue
    raise Discarded("nothing can be deleted")


def other_targets(target: n.Expr, undefined: Undefined) -> list[Node | None]:
    """Return replacements of the target of an assignment; none where threads race for it: the statement is deleted."""
    return _first_element(target) if undefined.reason == OUT_OF_RANGE else []


def candidates(typing: Typing, undefined: Undefined, choices: Choices) -> list[Node | None]:
    """Return replacements of the node at fault, the preferred one first."""
    node = undefined.node
    if isinstance(node, n.AugAssign):
        return _other_assignments(node, typing, choices)
    if not isinstance(node, n.Expr):
        return _other_statements(node)
    if isinstance(node, n.Call) and id(node) in typing.atomics:
        return _other_update(node, typing, choices)
    if undefined.reason == OUT_OF_RANGE:
        return [*_first_element(node), *_other_value(node, typing, choices)]
    if undefined.reason == OVERFLOW:
        return [*_reduced(node, typing, choices), *_other_value(node, typing, choices)]
    overload = typing.overloads.get(id(node))
    domain = overload.domain if overload else None
    return [*(_within_domain(domain, node, typing, choices) if domain else []), *_other_value(node, typing, choices)]


def _leaf(type_: Type, choices: Choices) -> n.Expr | None:
    """A literal of the type, wrapped so that it is no constant to Warp."""
    if not isinstance(type_, Element):
        return None
    if isinstance(type_, Scalar):
        return _scalar_leaf(type_, choices)
    if type_.fields:
        return n.Call(dotted(type_.written), ())
    one = _scalar_leaf(type_.scalar, choices)
    return n.Call(dotted(type_.written), tuple(copy(one) for _ in range(type_.size)))


def _scalar_leaf(type_: Scalar, choices: Choices) -> n.Expr:
    if type_ == BOOL:
        return n.Compare(n.IntLiteral(choices.integer(0, 1)), "==", n.IntLiteral(0))
    return n.Call(dotted(type_.written), (literal_node(draw_literal(choices, type_, "small")),))


def _other_value(node: n.Expr, typing: Typing, choices: Choices) -> list[Node | None]:
    """An operand of the same type, or a literal."""
    type_ = typing.types.get(id(node))
    if type_ is None:
        return []
    same = [c for c in children(node) if isinstance(c, n.Expr) and typing.types.get(id(c)) == type_]
    return [*(choices.shuffled(same) if choices.chance(75) else []), _leaf(type_, choices), *same]


def _reduced(node: n.Expr, typing: Typing, choices: Choices) -> list[Node | None]:
    """An integer operation that overflows: smaller operands, or an operator that cannot."""
    type_ = typing.types.get(id(node))
    if not isinstance(node, n.BinaryOp) or not isinstance(type_, Scalar):
        return []
    modulus = number_of_type(type_, choices.pick((16, 100, 7)))

    def small(operand: n.Expr) -> n.Expr:
        return n.Product(operand, "%", copy(modulus))

    options: list[Node | None] = [
        n.BitXor(node.left, "^", node.right),
        n.BitAnd(node.left, "&", node.right),
        n.BitOr(node.left, "|", node.right),
    ]
    if node.operator in ("+", "-", "*"):
        options += [type(node)(small(node.left), node.operator, small(node.right))] * 2
    if node.operator == "<<":
        options = [n.Shift(node.left, ">>", node.right)]
    return choices.shuffled(options)


def _within_domain(domain: Domain, node: n.Expr, typing: Typing, choices: Choices) -> list[Node | None]:
    """An operation outside of its domain: its operand is guarded, or written as a literal."""
    position = domain.operand + isinstance(node, n.Call)
    operand = children(node)[position]
    type_ = typing.types.get(id(operand))
    if not isinstance(operand, n.Expr):
        return []
    if domain.demands in FUNCTIONS:
        return [replaced(node, (position,), n.Call(dotted(FUNCTIONS[domain.demands]), (operand,)))]
    if not isinstance(type_, Scalar):
        return []
    if domain.demands == "within":
        return _clamped(node, position, operand, type_, typing)
    guard = GUARDS.get(domain.demands)
    if guard is None or not type_.is_integer:
        return []
    literal = number_of_type(type_, int(draw_literal(choices, type_, guard.use)))
    guarded = [guard.applied(operand, type_)] if choices.chance(60) else []
    return [replaced(node, (position,), other) for other in (*guarded, literal)]


def _clamped(node: n.Expr, position: int, operand: n.Expr, source: Scalar, typing: Typing) -> list[Node | None]:
    """A float out of the range of an integer type: clamp it first."""
    target = typing.type_of(node)
    low = 0 if isinstance(target, Scalar) and target.kind == "uint" else -100

    def bound(value: int) -> n.Expr:
        literal: n.Expr = n.FloatLiteral(float(abs(value)))
        typed = literal if source == FLOAT32 else n.Call(dotted(source.written), (literal,))
        return n.Unary("-", typed) if value < 0 else typed

    clamped = n.Call(dotted("wp.clamp"), (operand, bound(low), bound(100)))
    return [replaced(node, (position,), clamped)] if source.is_float else []


def _first_element(node: n.Expr) -> list[Node | None]:
    """An index out of range: the first one, which is in range of whatever has elements."""
    if not isinstance(node, n.Subscript):
        return []
    return [n.Subscript(node.value, tuple(n.IntLiteral(0) for _ in node.indices))]


def _other_update(node: n.Call, typing: Typing, choices: Choices) -> list[Node | None]:
    """An atomic that goes wrong: another operand, or none at all (the caller deletes the statement)."""
    operand = typing.atomics[id(node)].value
    leaf = _leaf(typing.type_of(operand), choices)
    if not isinstance(leaf, n.Expr) or choices.chance(25):
        return []
    return [n.Call(node.function, tuple(leaf if item is operand else item for item in node.arguments))]


def _other_assignments(node: n.AugAssign, typing: Typing, choices: Choices) -> list[Node | None]:
    """An augmented assignment that goes wrong: another operator, a small operand, or last the value alone.

    That one comes last, since it forgets what the target was, and with it what the statements before have computed.
    """
    type_ = typing.types.get(id(node.value))
    sums = () if node.operator in ("+=", "-=") else ("+=", "-=")
    symbols = [*choices.shuffled(("^=", "&=", "|=")), *choices.shuffled(sums)]
    leaf = _leaf(type_, choices) if type_ is not None else None
    literal = n.AugAssign(node.target, node.operator, leaf) if isinstance(leaf, n.Expr) else None
    others = [n.AugAssign(node.target, symbol, node.value) for symbol in symbols]
    return [*others, literal, n.Assign(node.target, node.value)]


def _other_statements(node: Node) -> list[Node | None]:
    """A loop that runs too long ends after one round; anything else is deleted by the caller."""
    if isinstance(node, n.ForStmt | n.WhileStmt):
        return [dataclasses.replace(node, body=n.Block((*node.body.statements, n.BreakStmt())))]
    return []
