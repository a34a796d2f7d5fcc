"""Where limitations bite: for each, the nodes of a typed module that meet its predicate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from grammar import nodes as n
from grammar.check import Typing
from grammar.check.expressions import literal_number
from grammar.check.statements import ATOMIC_OPERATORS, array_of_place, is_field
from grammar.productions import assigned_names, root_name
from grammar.trees import walk
from grammar.types import BOOL, FLOAT16, INT32, Array, Matrix, Scalar, Type
from oracle.limitations.branches import branched_constants, reused_conditions

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
    for node in operations("matrix.convert")(typing):
        overload = typing.overloads[id(node)]
        if overload.result.scalar == FLOAT16 and overload.parameters != (overload.result,):
            yield node


def sign_comparisons(typing: Typing) -> Iterator[n.Node]:
    """Comparisons of two different scalar types, at least one of them an integer."""
    for node, (left, right) in _comparisons(typing):
        if left != right and any(isinstance(side, Scalar) and side.is_integer for side in (left, right)):
            yield node


def chained_elements(typing: Typing) -> Iterator[n.Node]:
    """Array elements and fields of structs behind the second operand of a chained comparison."""
    for chain in typing.nodes_of(n.ChainedCompare):
        yield from (operand for operand in chain.operands[2:] if is_reference(operand, typing))


def skipped_operands(typing: Typing) -> Iterator[n.Node]:
    """Chained comparisons with a last operand that Python may skip, and that computes something."""
    for chain in typing.nodes_of(n.ChainedCompare):
        computed = (node for operand in chain.operands[2:] for node in walk(operand))
        if any(id(node) in typing.overloads or _acts(node, typing) for node in computed):
            yield chain


def eager_chains(typing: Typing) -> Iterator[n.Node]:
    """Chained comparisons with a last operand that Python may skip, and that may fail or change something."""
    for chain in typing.nodes_of(n.ChainedCompare):
        if any(_acts(node, typing) for operand in chain.operands[2:] for node in walk(operand)):
            yield chain


def _acts(node: n.Node, typing: Typing) -> bool:
    """Whether evaluating a node (without what is below it) may end the program, or change something."""
    match node:
        case n.Subscript(owner, indices):
            return isinstance(typing.type_of(owner), Array) or any(literal_number(index) is None for index in indices)
        case n.Product(left, operator, _):
            return operator in ("/", "//", "%") and not typing.type_of(left).scalar.is_float
    return calls_out(node, typing)


def calls_out(node: n.Node, typing: Typing) -> bool:
    """Say whether a node calls a user function or an atomic."""
    return id(node) in typing.user_calls or id(node) in typing.atomics


def sliced_elements(typing: Typing) -> Iterator[n.Node]:
    """Slices that leave trailing dimensions unwritten and are indexed directly: ``a[1:3]`` of ``a[1:3][0, 1]``."""
    for node in typing.nodes_of(n.Subscript):
        inner = node.value
        if not isinstance(inner, n.Subscript):
            continue
        owner = typing.type_of(inner.value)
        sliced = any(not isinstance(index, n.Expr) for index in inner.indices)
        if sliced and isinstance(owner, Array) and len(inner.indices) < owner.ndim:
            yield inner


def unpacked_references(typing: Typing) -> Iterator[n.Node]:
    """Array elements and fields of structs in a tuple assignment."""
    yield from (item for _, item in _unpacked(typing) if is_reference(item, typing))


written_by_warp = operations("norm_l1", "norm_l2", "norm_huber", "norm_pseudo_huber", "smooth_normalize")
"""Calls of norms that Warp writes as functions of its own kernel language: the text has their bodies in their place."""


def named_vectors(typing: Typing) -> Iterator[n.Node]:
    """Calls of norms that Warp writes itself, whose vector is given by name."""
    for call in written_by_warp(typing):
        if isinstance(call, n.Call) and isinstance(call.arguments[0], n.Keyword):
            yield call


def unpacked_names(typing: Typing) -> Iterator[n.Node]:
    """Bare names in a tuple assignment, where they or their targets are changed in place."""
    pairs = [(target, item) for target, item in _unpacked(typing) if isinstance(item, n.Name)]
    changed = changed_in_place(typing) if pairs else frozenset()
    yield from (item for target, item in pairs if {target.id, item.id} & changed)


def changed_in_place(typing: Typing) -> frozenset[str]:
    """Name what is assigned in a loop, or by component: Warp makes no new variable of it."""
    loops = [*typing.nodes_of(n.ForStmt), *typing.nodes_of(n.WhileStmt)]
    assigned = {name for loop in loops for name in assigned_names(loop)}
    statements: list[n.Assign | n.AugAssign] = [*typing.nodes_of(n.Assign), *typing.nodes_of(n.AugAssign)]
    owners = (root_name(item.target) for item in statements if not isinstance(item.target, n.Name))
    return frozenset(assigned | {owner for owner in owners if owner})


def _unpacked(typing: Typing) -> Iterator[tuple[n.Name, n.Expr]]:
    for statement in typing.nodes_of(n.TupleAssign):
        if isinstance(statement.value, n.TupleExpr):
            yield from zip(statement.targets, statement.value.items, strict=True)


def long_booleans(typing: Typing) -> Iterator[n.Node]:
    """The literals True and False directly inside a cast to a type of 64 bits."""
    for node in operations("int64", "uint64", "float64")(typing):
        if isinstance(node, n.Call):
            yield from (item for item in node.arguments if isinstance(item, n.TrueLiteral | n.FalseLiteral))


def widened_constants(typing: Typing) -> Iterator[n.Node]:
    """What stands for a number that Warp knows, directly inside a cast to a 64-bit type.

    That is a captured constant, the counter of an unrolled loop or a variable that holds a literal; also negated. What
    nothing else uses does no harm where the cast is not all of a new variable, unless it is a float that is to be
    rounded first.
    """
    for node in operations("int64", "uint64", "float64")(typing):
        for item in node.arguments if isinstance(node, n.Call) else ():
            if id(item) in typing.known and _stands_for_number(item) and _is_shared(node, item, typing):
                yield item


def _is_shared(cast: n.Node, number: n.Node, typing: Typing) -> bool:
    """Say whether it shows that a cast number stays the number's own variable."""
    if not isinstance(number, n.Expr) or not (
        id(number) in typing.unrounded or typing.type_of(number) in (BOOL, INT32)
    ):
        return True
    bound = (item.value for item in typing.nodes_of(n.Assign) if isinstance(item.target, n.Name))
    if any(cast is value for value in (*bound, *(item for _, item in _unpacked(typing)))):
        return True
    used = Counter(name.id for name in typing.nodes_of(n.Name))
    return any(used[name.id] > 1 for name in walk(number) if isinstance(name, n.Name))


def _stands_for_number(node: n.Node) -> bool:
    if isinstance(node, n.Unary) and node.operator == "-":
        return _stands_for_number(node.operand)
    return isinstance(node, n.Name | n.Conditional)


def folded_choices(typing: Typing) -> Iterator[n.Node]:
    """Bare names in a choice on what Warp knows, where it is assigned to a name: ``y = s if True else 2.0``.

    One of both names must be changed in place.
    """
    bound = [(item.target, item.value) for item in typing.nodes_of(n.Assign) if isinstance(item.target, n.Name)]
    pending = [pair for pair in (*bound, *_unpacked(typing)) if isinstance(pair[1], n.Conditional)]
    changed = changed_in_place(typing) if pending else frozenset()
    while pending:
        target, choice = pending.pop()
        if isinstance(choice, n.Conditional) and id(choice.condition) in typing.known:
            chosen = (choice.value, choice.otherwise)
            yield from (item for item in chosen if isinstance(item, n.Name) and {target.id, item.id} & changed)
            pending += ((target, item) for item in chosen)


def row_components(typing: Typing) -> Iterator[n.Node]:
    """Components by name of a row of a local matrix that are assigned: ``m[i].x = 1.0``."""
    targets = [item.target for item in typing.nodes_of(n.Assign)] + [
        item.target for item in typing.nodes_of(n.AugAssign)
    ]
    for target in targets:
        match target:
            case n.Attribute(n.Subscript(owner, _), _) if isinstance(typing.type_of(owner), Matrix):
                if array_of_place(target, typing) is None:
                    yield target


def stored_component_indices(typing: Typing) -> Iterator[n.Node]:
    """Indices of another type than int32 in the target of an assignment to a component of a local."""
    augmented = [item for item in typing.nodes_of(n.AugAssign) if item.operator not in ("+=", "-=")]
    statements: list[n.Assign | n.AugAssign] = [*typing.nodes_of(n.Assign), *augmented]
    for statement in statements:
        target = statement.target
        if isinstance(target, n.Subscript) and array_of_place(target, typing) is None:
            while isinstance(target, n.Subscript):
                indices = [index for index in target.indices if isinstance(index, n.Expr)]
                yield from (index for index in indices if typing.type_of(index) != INT32)
                target = target.value


def augmented_field_elements(typing: Typing) -> Iterator[n.Node]:
    """Augmented assignments that are no atomics, to elements of an array that is a field of a struct."""
    for item in typing.nodes_of(n.AugAssign):
        array = item.target
        while isinstance(array, n.Subscript) and not isinstance(typing.types.get(id(array.value)), Array):
            array = array.value
        while isinstance(array, n.Subscript):
            array = array.value
        scalar = typing.type_of(item.value).scalar
        is_atomic = item.operator in ATOMIC_OPERATORS and (scalar.is_float or scalar.bits >= 32)
        if is_field(array, typing) and isinstance(typing.type_of(array), Array) and not is_atomic:
            yield item


def is_element(expr: n.Expr, typing: Typing) -> bool:
    """Say whether an expression is an array element, read as it stands."""
    if not isinstance(expr, n.Subscript | n.Attribute):
        return False
    return array_of_place(expr, typing) is not None and not isinstance(typing.type_of(expr), Array)


def is_reference(expr: n.Expr, typing: Typing) -> bool:
    """Say whether Warp refers to what an expression is, an array element or a field of a struct, until that is used."""
    return is_element(expr, typing) or is_field(expr, typing)


PLACES: dict[str, Places] = {
    "unequal composites": operations("ne.vec", "ne.mat"),
    "negation": operations("neg"),
    "floor divisions of floats": operations("floordiv.float"),
    "inverse error functions": operations("erfinv", "erfcinv"),
    "half comparisons": half_comparisons,
    "sign comparisons": sign_comparisons,
    "half to bool": half_to_bool,
    "half matrices": half_matrices,
    "normalization": operations("normalize", "normalize.quat"),
    "chained elements": chained_elements,
    "sliced elements": sliced_elements,
    "eager chains": eager_chains,
    "skipped operands": skipped_operands,
    "folded choices": folded_choices,
    "row components": row_components,
    "long booleans": long_booleans,
    "widened constants": widened_constants,
    "stored component indices": stored_component_indices,
    "unpacked references": unpacked_references,
    "augmented field elements": augmented_field_elements,
    "unpacked names": unpacked_names,
    "reused conditions": reused_conditions,
    "branched constants": branched_constants,
    "named vectors": named_vectors,
}
"""The predicates by the name that ``limitations.toml`` uses."""
