"""Where limitations bite: for each, the nodes of a typed module that meet its predicate."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from grammar import nodes as n
from grammar.check import Typing
from grammar.check.statements import is_array_place
from grammar.trees import walk
from grammar.types import FLOAT16, Array, Scalar, Type

Places = Callable[[Typing], Iterator[n.Node]]


def operations(*keys: str) -> Places:
    """Every use of operations, by key."""

    def places(typing: Typing) -> Iterator[n.Node]:
        for node in walk(typing.module):
            overload = typing.overloads.get(id(node))
            if overload is not None and overload.op.key in keys:
                yield node

    return places


def _comparisons(typing: Typing) -> Iterator[tuple[n.Node, tuple[Type, ...]]]:
    for node in walk(typing.module):
        if isinstance(node, n.Compare):
            yield node, typing.overloads[id(node)].parameters
        elif isinstance(node, n.ChainedCompare):
            for link in typing.links[id(node)]:
                yield node, link.parameters


def half_comparisons(typing: Typing) -> Iterator[n.Node]:
    """Comparisons of float16 with another scalar type."""
    for node, (left, right) in _comparisons(typing):
        if left != right and FLOAT16 in (left, right):
            yield node


def sign_comparisons(typing: Typing) -> Iterator[n.Node]:
    """Comparisons of two different scalar types, at least one of them an integer."""
    for node, (left, right) in _comparisons(typing):
        if left != right and isinstance(left, Scalar) and isinstance(right, Scalar):
            yield node


def chained_elements(typing: Typing) -> Iterator[n.Node]:
    """Chained comparisons that mix array elements and values behind the first operand: the elements."""
    for node in walk(typing.module):
        if isinstance(node, n.ChainedCompare):
            elements = [is_element(operand, typing) for operand in node.operands[1:]]
            if any(elements) and not all(elements):
                yield node.operands[1 + elements.index(True)]


def sliced_elements(typing: Typing) -> Iterator[n.Node]:
    """Subscripts of a slice that leaves trailing dimensions unwritten: ``a[1:3][0, 1]``: the slice."""
    for node in walk(typing.module):
        if not isinstance(node, n.Subscript) or not isinstance(node.value, n.Subscript):
            continue
        inner = node.value
        owner = typing.type_of(inner.value)
        sliced = any(not isinstance(index, n.Expr) for index in inner.indices)
        if sliced and isinstance(owner, Array) and len(inner.indices) < owner.ndim:
            yield inner


def unpacked_elements(typing: Typing) -> Iterator[n.Node]:
    """Array elements in a tuple assignment."""
    for node in walk(typing.module):
        if isinstance(node, n.TupleAssign) and isinstance(node.value, n.TupleExpr):
            yield from (item for item in node.value.items if is_element(item, typing))


def is_element(expr: n.Expr, typing: Typing) -> bool:
    """Say whether an expression is an array element, read as it stands."""
    if not isinstance(expr, n.Subscript | n.Attribute):
        return False
    return is_array_place(expr, typing) and not isinstance(typing.type_of(expr), Array)


PLACES: dict[str, Places] = {
    "unequal composites": operations("ne.vec", "ne.mat"),
    "negation": operations("neg"),
    "inverse error functions": operations("erfinv", "erfcinv"),
    "half comparisons": half_comparisons,
    "sign comparisons": sign_comparisons,
    "chained elements": chained_elements,
    "sliced elements": sliced_elements,
    "unpacked elements": unpacked_elements,
}
"""The predicates by the name that ``limitations.toml`` uses."""
