"""How an operand is kept within the domain of an operation by the way it is written: ``x | 1`` is no zero.

The domains are those of the table of operations (:mod:`grammar.ops.domains`), read by their names. Generator and repair
both ask here, so neither knows an operation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from grammar import nodes as n
from grammar.check import dotted
from grammar.nodes import production_name_of
from grammar.ops.domains import Domain
from grammar.ops.record import TABLE, Op
from grammar.types import INT32, Scalar


@dataclass(frozen=True)
class Guard:
    """What keeps an integer operand within a domain: an operator with a number, or literals of a use alone."""

    node: type[n.BinaryOp]
    symbol: str
    number: int
    use: str

    @property
    def production(self) -> str:
        """The production that it is written with."""
        return production_name_of[self.node]

    def applied(self, operand: n.Expr, type_: Scalar) -> n.Expr:
        """Write the operand so that it is within the domain."""
        return self.node(operand, self.symbol, number_of_type(type_, self.number))


GUARDS: Mapping[str, Guard] = {
    "nonzero": Guard(n.BitOr, "|", 1, "divisor"),
    "bits": Guard(n.BitAnd, "&", 7, "small"),
}
"""By what a domain demands of its operand."""


FUNCTIONS: Mapping[str, str] = {"unit": "wp.normalize"}
"""Functions whose value is as a domain demands, for any operand of the type."""


def number_of_type(type_: Scalar, number: int) -> n.Expr:
    """Write an integer of a type."""
    literal = n.IntLiteral(number)
    return literal if type_ == INT32 else n.Call(dotted(type_.written), (literal,))


@cache
def domain_of(name: str) -> Domain | None:
    """Return the domain of the operations of a name, some of which (those of floats) may be defined everywhere."""
    return next((op.domain for op in TABLE.values() if op.name == name and op.domain), None)


def guard_of(op: Op, operand: int) -> Guard | None:
    """Return what guards an operand of an operation; None where it may be anything."""
    domain = domain_of(op.name)
    return GUARDS.get(domain.demands) if domain and domain.operand == operand else None
