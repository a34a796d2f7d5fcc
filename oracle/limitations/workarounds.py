"""Equivalent forms for places where Warp is known to fail: the same meaning, written so that Warp gets it right.

The generator uses them to stay away from known trouble.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from grammar import emit
from grammar import nodes as n
from grammar.check import TypeRefused, Typing, check, dotted
from grammar.check.constants import number_of
from grammar.syntax import parse_expression
from grammar.trees import copy, substitute, walk
from grammar.types import BOOL, FLOAT16, FLOAT32, FLOAT64, INT32, Array, Matrix, Scalar, Vector
from grammar.types.families import COMPONENTS
from oracle.limitations.branches import constants_bound_in_branches
from oracle.limitations.places import Places, calls_out

Workaround = Callable[[Any, Typing], n.Node | None]
"""Takes a place; gives what is written instead, None where that cannot be."""


def as_value(node: n.Expr, typing: Typing) -> n.Expr | None:
    """A name or element where a value is needed: the same value, computed; a float that is not rounded, written."""
    if id(node) in typing.unrounded and typing.type_of(node) == FLOAT64:
        return _written_number(number_of(node, typing.written_constants))
    if typing.type_of(node) == BOOL:
        return n.Compare(node, "!=", n.FalseLiteral())
    return n.Unary("+", node)


def _written_number(number: float | None) -> n.Expr | None:
    """Write a float; None where it has no literal, or is another one in each kernel of a factory."""
    if number is None or not math.isfinite(number):
        return None
    literal = n.FloatLiteral(abs(number))
    return n.Unary("-", literal) if math.copysign(1.0, number) < 0.0 else literal


def all_axes(node: n.Expr, typing: Typing) -> n.Expr | None:
    """A slice that leaves axes unwritten: write them."""
    owner = typing.type_of(node.value) if isinstance(node, n.Subscript) else None
    if not isinstance(node, n.Subscript) or not isinstance(owner, Array):
        return None
    rest = tuple(n.Slice(n.Absent(), n.Absent()) for _ in range(owner.ndim - len(node.indices)))
    return n.Subscript(node.value, (*node.indices, *rest))


def negated_equality(node: n.Expr, typing: Typing) -> n.Expr | None:
    """``v != w``: ``not v == w``."""
    return n.NotOp(n.Compare(node.left, "==", node.right)) if isinstance(node, n.Compare) else None


def through_float32(node: n.Expr, typing: Typing) -> n.Expr | None:
    """A cast between float16 and bool: through float32."""
    if not isinstance(node, n.Call) or not isinstance(node.arguments[0], n.Expr):
        return None
    between = n.Call(dotted(FLOAT32.written), (node.arguments[0],))
    return n.Call(node.function, (between,))


def as_int32(node: n.Expr, typing: Typing) -> n.Expr | None:
    """An index of another type: a component's index always fits into int32."""
    return n.Call(dotted(INT32.written), (node,))


def as_conjunction(node: n.Expr, typing: Typing) -> n.Expr | None:
    """``a < b < c``: ``a < b and b < c``, if ``b`` may be evaluated twice."""
    if not isinstance(node, n.ChainedCompare) or not all(_repeatable(x, typing) for x in node.operands[1:-1]):
        return None
    links = zip(node.operands, node.operators, node.operands[1:], strict=False)
    return n.AndOp(tuple(n.Compare(copy(left), operator, right) for left, operator, right in links))


def by_rows(node: n.Expr, typing: Typing) -> n.Expr | None:
    """A float16 matrix made of another matrix: row by row, if that matrix may be evaluated more than once."""
    if not isinstance(node, n.Call):
        return None
    matrix, type_ = node.arguments[0], typing.type_of(node)
    if not isinstance(matrix, n.Expr) or not isinstance(type_, Matrix) or not _repeatable(matrix, typing):
        return None
    row = dotted(Vector(type_.columns, FLOAT16).written)
    rows = (n.Subscript(copy(matrix), (n.IntLiteral(index),)) for index in range(type_.rows))
    return n.Call(dotted("wp.matrix_from_rows"), tuple(n.Call(copy(row), (item,)) for item in rows))


def _repeatable(expr: n.Expr, typing: Typing) -> bool:
    return not any(calls_out(node, typing) for node in walk(expr))


def by_index(node: n.Expr, typing: Typing) -> n.Expr | None:
    """``v.x``: ``v[0]``."""
    if not isinstance(node, n.Attribute):
        return None
    return n.Subscript(node.value, (n.IntLiteral(COMPONENTS.index(node.attribute)),))


def wider_half(node: n.Expr, typing: Typing) -> n.Expr | None:
    """A comparison of float16 with another type: as float64, which holds every float16 exactly."""
    if not isinstance(node, n.Compare):
        return None
    sides = [_widened(side, typing) for side in (node.left, node.right)]
    return n.Compare(sides[0], node.operator, sides[1])


def _widened(side: n.Expr, typing: Typing) -> n.Expr:
    type_ = typing.type_of(side)
    assert isinstance(type_, Scalar)
    return n.Call(dotted("wp.float64"), (side,)) if type_.name == "float16" else side


def as_assignment(node: n.Node, typing: Typing) -> n.Node | None:
    """``a[i] *= x``: ``a[i] = a[i] * x``, if the indices may be evaluated twice."""
    if not isinstance(node, n.AugAssign) or not _repeatable(node.target, typing):
        return None
    operation = f"{emit(node.target)} {node.operator.removesuffix('=')} ({emit(node.value)})"
    return n.Assign(node.target, parse_expression(operation))


def bound_first(node: n.Node, typing: Typing) -> n.Node | None:
    """A body that uses constants first in branches: they are used before, as they are in Python."""
    if not isinstance(node, n.Block):
        return None
    bindings = []
    for name in constants_bound_in_branches(node, typing):
        types = [k.captured_types[name] for k in typing.kernels.values() if name in k.captured_types]
        is_bool = typing.constant_types.get(name, *types[:1]) == BOOL
        value = n.Compare(n.Name(name), "!=", n.FalseLiteral()) if is_bool else n.Unary("+", n.Name(name))
        bindings.append(n.Assign(n.Name(f"{name.lower()}_first"), value))
    return n.Block((*bindings, *node.statements))


def by_position(node: n.Expr, typing: Typing) -> n.Expr | None:
    """``f(y=b, x=a)``: ``f(a, b)``, if it does not matter which is evaluated first."""
    if not isinstance(node, n.Call):
        return None
    given = {item.name: item.value for item in node.arguments if isinstance(item, n.Keyword)}
    ordered = tuple(given[name] for name in typing.overloads[id(node)].names if name in given)
    in_order = ordered == tuple(given.values())
    if len(given) < len(node.arguments) or not (in_order or all(_repeatable(item, typing) for item in ordered)):
        return None
    return n.Call(node.function, ordered)


WORKAROUNDS: dict[str, Workaround] = {
    "as value": as_value,
    "as assignment": as_assignment,
    "all axes": all_axes,
    "as conjunction": as_conjunction,
    "bound first": bound_first,
    "by index": by_index,
    "by position": by_position,
    "by rows": by_rows,
    "negated equality": negated_equality,
    "as int32": as_int32,
    "through float32": through_float32,
    "wider half": wider_half,
}
"""The workarounds by the name that ``limitations.toml`` uses."""


def rewritten(
    module: n.Module, typing: Typing, places: Places, workaround: Workaround
) -> tuple[n.Module, Typing] | None:
    """Write the places of a limitation in the other way; None where there is none, or they cannot be written so.

    Of places within each other the outer one is written; what is left then is written by asking again.
    """
    others: dict[int, n.Node] = {}
    for node in places(typing):
        other = workaround(node, typing)
        if other is not None:
            others.setdefault(id(typing.original(node)), other)
    changed = substitute(module, others) if others else module
    if changed is module:
        return None
    try:
        return changed, check(changed, typing.max_unroll, backward=typing.backward)
    except TypeRefused:
        return None
