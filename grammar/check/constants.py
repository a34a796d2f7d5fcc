"""Numbers that have a name: Warp's predefined constants, and the constants of a module that were given no type.

Such a constant is a number of Python's, and a float32 or int32 wherever it is used; only directly in the constructor
of a 64-bit type does it keep its precision (Warp manual, "Limitations": ``wp.float64(wp.PI)``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from grammar import nodes as n
from grammar.trees import callee_name

PREDEFINED = {
    "e": 2.71828182845904523536,
    "log2e": 1.44269504088896340736,
    "log10e": 0.43429448190325182765,
    "ln2": 0.69314718055994530942,
    "ln10": 2.30258509299404568402,
    "phi": 1.61803398874989484820,
    "pi": 3.14159265358979323846,
    "half_pi": 1.57079632679489661923,
    "tau": 6.28318530717958647692,
    "inf": math.inf,
    "nan": math.nan,
}
"""Warp's constants. Source: Warp manual, "Predefined Constants", which has each in capitals and in lower case."""

CONSTANTS = {f"wp.{written}": value for name, value in PREDEFINED.items() for written in (name, name.upper())}
"""Their values by the dotted name."""


def number_of(expr: n.Node, named: Mapping[str, n.Expr]) -> int | float | None:
    """Return the Python number that an expression stands for: a literal, a constant without a type, either negated.

    Args:
        expr: What is written.
        named: What the names of the module and of the factory stand for, as far as they do here.

    Returns:
        The number, not rounded to any type; None where the expression is something else.
    """
    match expr:
        case n.IntLiteral(value) | n.FloatLiteral(value):
            return value
        case n.Unary("-", operand):
            number = number_of(operand, named)
            return None if number is None else -number
        case n.Name(name) if name in named:
            return number_of(named[name], named)
        case n.Attribute():
            return CONSTANTS.get(callee_name(expr))
        case n.Call(function, (inner,)) if callee_name(function) == "wp.constant":
            return number_of(inner, named)
    return None
