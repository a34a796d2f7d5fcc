"""Equivalent forms for places where Warp is known to fail: the same meaning, written so that Warp gets it right.

The generator uses them to stay away from known trouble, and a discrepancy is attributed to a limitation that has no
stated alternative only if it is gone once every place of that limitation is written in the other way.
"""

from __future__ import annotations

from collections.abc import Callable

from grammar import nodes as n
from grammar.check import TypeRefused, Typing, check, dotted, written_name
from grammar.trees import substitute
from grammar.types import BOOL, FLOAT32, INT32, Array, Scalar
from oracle.places import Places

Workaround = Callable[[n.Expr, Typing], n.Expr | None]


def as_value(node: n.Expr, typing: Typing) -> n.Expr | None:
    """A name or element where a value is needed: the same value, computed."""
    if typing.type_of(node) == BOOL:
        return n.Compare(node, "!=", n.FalseLiteral())
    return n.Unary("+", node)


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
    between = n.Call(dotted(written_name(FLOAT32)), (node.arguments[0],))
    return n.Call(node.function, (between,))


def as_int32(node: n.Expr, typing: Typing) -> n.Expr | None:
    """An index of another type: a component's index always fits into int32."""
    return n.Call(dotted(written_name(INT32)), (node,))


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


WORKAROUNDS: dict[str, Workaround] = {
    "as value": as_value,
    "all axes": all_axes,
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
    others = {id(node): workaround(node, typing) for node in places(typing) if isinstance(node, n.Expr)}
    changed = substitute(module, {at: other for at, other in others.items() if other is not None})
    if changed is module:
        return None
    try:
        return changed, check(changed)
    except TypeRefused:
        return None
