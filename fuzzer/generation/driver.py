"""The driver: fills a hole with a production that fits it, as the loaded grammar and the typing rules allow.

The driver knows no production. For a hole it takes the productions that the grammar says fit, keeps those that have a
rule for the want, draws one by weight, and asks its rule for the parts: one per hole, or None where it cannot serve
the want. Parts that are wants are filled in turn. So a production that is removed from the grammar is never
generated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, cast

from fuzzer.generation.choices import Choices
from fuzzer.generation.profiles import Profile
from fuzzer.generation.scope import ArrayFacts, FunctionFacts, Scope
from fuzzer.generation.wants import Nested, Part, Symbol, Value, Want
from grammar.language import Language, Production
from grammar.nodes import (
    NODES,
    AndOp,
    Assign,
    AugAssign,
    BinaryOp,
    BitOr,
    Block,
    Call,
    ChainedCompare,
    Conditional,
    Expr,
    Node,
    OrOp,
)
from grammar.ops.record import Overload
from grammar.ops.table import chooses
from grammar.trees import callee_name, children
from grammar.types import Array, Element, Scalar, Type


class DeadEnd(Exception):
    """No production can fill this hole here; the driver tries another one further up."""


@dataclass
class Plan:
    """A rule's answer: a part per hole (a thunk is called in its turn), and what becomes of the scope afterwards."""

    parts: Iterable[Part | Callable[[], Any]]
    then: Callable[[], None] | None = None


Rule = Callable[["Generator", Production, Any, int], Plan | None]
RULES: dict[tuple[str, type], Rule] = {}
"""The typing rules, by production and kind of want."""


def rule(want: type, *productions: str) -> Callable[[Rule], Rule]:
    """Register a typing rule for productions under one kind of want."""

    def register(function: Rule) -> Rule:
        for production in productions:
            RULES[production, want] = function
        return function

    return register


def is_idle(node: Node) -> bool:
    """Say whether an expression has equal operands that make it pointless: ``x - x``, ``x < x``, ``min(x, x)``."""
    match node:
        case AugAssign(target, symbol, value):
            return target == value and symbol not in ("+=", "*=", "@=")
        case Assign(target, value):
            return target == value
        case Conditional(value, condition, otherwise):
            return value in (condition, otherwise) or value in children(otherwise)
        case BinaryOp(left, symbol, right):
            guarded = right.left if isinstance(right, BitOr) else right  # x % (x | 1) is 0, or x
            return left in (right, guarded) and symbol not in ("+", "*", "@")
        case AndOp(operands) | OrOp(operands) | ChainedCompare(operands):
            return any(one == other for one, other in pairwise(operands))
        case Call(function, arguments):
            return chooses(callee_name(function)) and len(set(arguments)) < len(arguments)
    return False


SMALL = ("name", "product", "bit_and")
"""The productions that can hold an int down: a counter, a remainder, a mask."""


Request = tuple[Type, tuple[str, ...], int]
"""What operations are asked for: the type that they give, symbols, and the number of operands (0: any builtin)."""

Weighted = tuple[list[tuple[Overload, ...]], list[int]]
"""Operations to draw from, each as the overloads that may be used, and their weights."""


@dataclass
class Generator:
    """Generates the trees of one test case."""

    language: Language
    choices: Choices
    profile: Profile
    scope: Scope = field(default_factory=lambda: Scope(in_kernel=True))
    functions: dict[str, FunctionFacts] = field(default_factory=dict)
    overloading: str = ""
    """The operator, by the name of its function, that the body at hand must do without, since it gives it a meaning."""
    before: list[Node] = field(default_factory=list)
    """Statements that the statement being built needs before it."""
    names: Counter[str] = field(default_factory=Counter)
    budget: int = 0
    """Statements that may still be generated in the body at hand."""
    dims: tuple[int, ...] = ()
    arrays: list[ArrayFacts] = field(default_factory=list)
    """The array parameters of the kernel at hand, in order of declaration."""
    _fits: dict[tuple[str, Value | type], tuple[list[str], list[int]]] = field(default_factory=dict)
    operations: dict[Request, Weighted] = field(default_factory=dict)
    """The operations of this kernel, as far as they were asked for."""
    outputs: dict[str, ArrayFacts] = field(default_factory=dict)
    """The arrays that hold the last values of variables, by variable."""
    tally: str = ""
    """The variable that adds up which inner blocks a thread ran, and how often; "" where there is none."""

    def fill(self, nonterminal: str, want: Want, depth: int) -> Node:
        """Fill a hole: draw a production that fits by weight, and build it.

        Raises:
            DeadEnd: Nothing fits.
        """
        fitting = self._fitting(nonterminal, want)
        names, weights = fitting[0].copy(), fitting[1].copy()
        while names:
            name = self.choices.weighted(names, weights)
            node = self._attempt(name, want, depth)
            if node is not None:
                return node
            del weights[names.index(name)]
            names.remove(name)
        if isinstance(want, Value) and want.use != "any":
            return self.fill(nonterminal, Value(want.type), depth)
        raise DeadEnd(f"nothing fits {nonterminal} for {want}")

    def _fitting(self, nonterminal: str, want: Want) -> tuple[list[str], list[int]]:
        """The productions that fit a hole and have a rule for the want, and the weight of each, which is not 0."""
        key = (nonterminal, want if isinstance(want, Value) else type(want))
        found = self._fits.get(key)
        if found is None:
            drawn = self.profile.productions
            fits = [name for name in self.language.fits[nonterminal] if (name, type(want)) in RULES and drawn[name]]
            weights = {name: weight for name in fits if (weight := self.weight(name, want))}
            found = self._fits[key] = [*weights], [*weights.values()]
        return found

    def weight(self, production: str, want: Want) -> int:
        """How often a production is drawn for a want."""
        weight = self.profile.productions[production]
        if not isinstance(want, Value):
            return weight
        if want.use == "small":
            return weight if production in SMALL else 0
        if want.use == "condition" and production in ("name", "call"):
            return max(weight // 6, 1)  # a name, or a test for NaN, rarely divides the threads
        if production == "call" and isinstance(want.type, Scalar) and not want.type.is_float:
            return max(weight // 2, 1)  # what gives integers (a sign, a count, the smaller one) forgets much
        return weight

    def _symbol(self, nonterminal: str, want: Symbol) -> str:
        allowed = [s for s in self.language.operators.get(nonterminal, ()) if s in want.symbols]
        if not allowed:
            raise DeadEnd(f"no operator {want.symbols}")
        return self.choices.pick(allowed)

    def _attempt(self, name: str, want: Want, depth: int) -> Node | None:
        production = self.language.productions[name]
        pending, bound = len(self.before), len(self.scope.variables)
        try:
            plan = RULES[name, type(want)](self, production, want, depth)
            node = None if plan is None else self.build(name, plan, depth - 1)
            if node is not None and is_idle(node):
                raise DeadEnd("equal operands make this idle")
            return node
        except DeadEnd:
            del self.before[pending:]
            self.scope.forget(bound)
            return None

    def build(self, name: str, plan: Plan, depth: int = 0) -> Node:
        """Make the node of a production from the parts of a plan.

        Raises:
            DeadEnd: The grammar has no such production, or a part cannot be filled.
        """
        production = self.language.productions.get(name)
        if production is None:
            raise DeadEnd(f"the grammar has no {name}")
        children = [self._part(production, position, part, depth) for position, part in enumerate(plan.parts)]
        if plan.then is not None:
            plan.then()
        return NODES[name].of(*children)

    def _part(self, production: Production, position: int, part: Part | Callable[[], Any], depth: int) -> Any:
        if isinstance(part, Node):
            return self.permitted(part)
        if isinstance(part, Nested):
            return self.build(part.production, Plan(part.parts), depth)
        hole = production.holes[min(position, len(production.holes) - 1)]
        if isinstance(part, Want):
            return self._symbol(hole, part) if isinstance(part, Symbol) else self.fill(hole, part, depth)
        if callable(part):
            return part()
        if hole in self.language.operators and part not in self.language.operators[hole]:
            raise DeadEnd(f"the grammar has no operator {part}")
        return part

    def permitted(self, node: Node) -> Node:
        """Return a ready-made node back if the grammar has all its productions.

        Raises:
            DeadEnd: It has not.
        """
        if not self.language.covers(node):
            raise DeadEnd("a part is not in this grammar")
        return node

    def has(self, *names: str) -> bool:
        """Say whether the grammar has productions and the profile draws them."""
        return all(name in self.language.productions and self.profile.productions[name] for name in names)

    def new_name(self, prefix: str) -> str:
        """Return a name that nothing in this test case has."""
        self.names[prefix] += 1
        return f"{prefix}{self.names[prefix] - 1}"

    def own_array(self, element: Element) -> ArrayFacts:
        """Declare an array with one element per thread, which the kernel at hand may read and write."""
        facts = ArrayFacts(self.new_name("o"), Array(element, len(self.dims)), self.dims, "own")
        self.arrays.append(facts)
        self.scope.arrays[facts.name] = facts
        return facts

    def expression(self, want: Want, depth: int | None = None) -> Expr:
        """Generate an expression."""
        return cast(Expr, self.fill("expr", want, self.profile.depth if depth is None else depth))

    def block(self, statements: list[Node]) -> Block:
        """Make a block; an empty one gets a pass.

        Raises:
            DeadEnd: The block is empty and the grammar has no pass.
        """
        return cast(Block, self.build("block", Plan(statements or [self.build("pass_stmt", Plan([]))])))
