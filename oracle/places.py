"""Where limitations bite: for each, the nodes of a typed module that meet its predicate."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from grammar import nodes as n
from grammar.check import Typing
from grammar.check.statements import constant_range, is_array_place
from grammar.types import BOOL, FLOAT16, INT32, Array, Scalar, Type

Places = Callable[[Typing], Iterator[n.Node]]


def operations(*keys: str) -> Places:
    """Every use of operations, by key."""

    return lambda typing: (node for key in keys for node in typing.uses.get(key, ()))


def _comparisons(typing: Typing) -> Iterator[tuple[n.Node, tuple[Type, ...]]]:
    for single in typing.nodes_of(n.Compare):
        yield single, typing.overloads[id(single)].parameters
    for chain in typing.nodes_of(n.ChainedCompare):
        for link in typing.links[id(chain)]:
            yield chain, link.parameters


def half_comparisons(typing: Typing) -> Iterator[n.Node]:
    """Comparisons of float16 with another scalar type."""
    for node, (left, right) in _comparisons(typing):
        if left != right and FLOAT16 in (left, right):
            yield node


def half_to_bool(typing: Typing) -> Iterator[n.Node]:
    """Casts between float16 and bool."""
    for node in operations("bool", "float16")(typing):
        overload = typing.overloads[id(node)]
        if {*overload.parameters, overload.result} == {FLOAT16, BOOL}:
            yield node


def half_matrices(typing: Typing) -> Iterator[n.Node]:
    """Conversions of matrices of another scalar type to float16."""
    for node in operations("mat22h.convert", "mat33h.convert", "mat44h.convert")(typing):
        overload = typing.overloads[id(node)]
        if overload.parameters != (overload.result,):
            yield node


def sign_comparisons(typing: Typing) -> Iterator[n.Node]:
    """Comparisons of two different scalar types, at least one of them an integer."""
    for node, (left, right) in _comparisons(typing):
        if left != right and any(isinstance(side, Scalar) and side.is_integer for side in (left, right)):
            yield node


def chained_elements(typing: Typing) -> Iterator[n.Node]:
    """Array elements behind the second operand of a chained comparison."""
    for chain in typing.nodes_of(n.ChainedCompare):
        yield from (operand for operand in chain.operands[2:] if is_element(operand, typing))


def sliced_elements(typing: Typing) -> Iterator[n.Node]:
    """Subscripts of a slice that leaves trailing dimensions unwritten: ``a[1:3][0, 1]``: the slice."""
    for node in typing.nodes_of(n.Subscript):
        inner = node.value
        if not isinstance(inner, n.Subscript):
            continue
        owner = typing.type_of(inner.value)
        sliced = any(not isinstance(index, n.Expr) for index in inner.indices)
        if sliced and isinstance(owner, Array) and len(inner.indices) < owner.ndim:
            yield inner


def unpacked_elements(typing: Typing) -> Iterator[n.Node]:
    """Array elements in a tuple assignment."""
    yield from (item for item in _unpacked(typing) if is_element(item, typing))


def unpacked_names(typing: Typing) -> Iterator[n.Node]:
    """Bare names in a tuple assignment."""
    yield from (item for item in _unpacked(typing) if isinstance(item, n.Name))


def _unpacked(typing: Typing) -> Iterator[n.Expr]:
    for statement in typing.nodes_of(n.TupleAssign):
        if isinstance(statement.value, n.TupleExpr):
            yield from statement.value.items


def long_booleans(typing: Typing) -> Iterator[n.Node]:
    """The literals True and False directly inside a cast to a type of 64 bits."""
    for node in operations("int64", "uint64", "float64")(typing):
        if isinstance(node, n.Call):
            yield from (item for item in node.arguments if isinstance(item, n.TrueLiteral | n.FalseLiteral))


def widened_constants(typing: Typing) -> Iterator[n.Node]:
    """Captured constants directly inside a cast to a 64-bit type."""
    captured = {name for kernel in typing.kernels.values() for name in kernel.captured} | set(typing.constants)
    for node in operations("int64", "uint64", "float64")(typing):
        if isinstance(node, n.Call):
            yield from (item for item in node.arguments if isinstance(item, n.Name) and item.id in captured)


def retyped_counters(typing: Typing) -> Iterator[n.Node]:
    """Counters of constant ranges directly inside a cast to a 64-bit type."""
    counters = {loop.target.id for loop in typing.nodes_of(n.ForStmt) if constant_range(loop) is not None}
    for node in operations("int64", "uint64", "float64")(typing):
        if isinstance(node, n.Call):
            yield from (item for item in node.arguments if isinstance(item, n.Name) and item.id in counters)


def stored_component_indices(typing: Typing) -> Iterator[n.Node]:
    """Indices of another type than int32 in the target of an assignment to a component of a local."""
    targets = [statement.target for statement in typing.nodes_of(n.Assign)]
    for target in targets:
        if isinstance(target, n.Subscript) and not is_array_place(target, typing):
            indices = [index for index in target.indices if isinstance(index, n.Expr)]
            yield from (index for index in indices if typing.type_of(index) != INT32)


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
    "half to bool": half_to_bool,
    "half matrices": half_matrices,
    "normalization": operations("normalize"),
    "chained elements": chained_elements,
    "sliced elements": sliced_elements,
    "retyped counters": retyped_counters,
    "long booleans": long_booleans,
    "widened constants": widened_constants,
    "stored component indices": stored_component_indices,
    "unpacked elements": unpacked_elements,
    "unpacked names": unpacked_names,
}
"""The predicates by the name that ``limitations.toml`` uses."""
