"""Where limitations of branches bite: Warp merges what both parts of an if bind, reading its condition anew."""

from __future__ import annotations

from collections.abc import Iterator

from grammar import nodes as n
from grammar.check import Typing
from grammar.check.statements import array_of_place, is_field
from grammar.productions import assigned_names, root_name, targets
from grammar.trees import walk, walk_statements
from grammar.types import Array, Type

Branch = n.IfStmt | n.ElifBranch


def branches(typing: Typing) -> list[Branch]:
    """Every if and elif."""
    return [*typing.nodes_of(n.IfStmt), *typing.nodes_of(n.ElifBranch)]


def reused_conditions(typing: Typing) -> Iterator[n.Node]:
    """Bare names and elements that decide an if, and that a loop, or a store, within it changes."""
    for branch in branches(typing):
        match branch.condition:
            case n.Name(name) as condition if name in set(_changed_by_loops(branch)):
                yield condition
            case n.Subscript(owner, _) as condition:
                array = typing.type_of(owner)
                if isinstance(array, Array) and array.element in set(_stored(branch, typing)):
                    yield condition
            case n.Attribute() as condition if is_field(condition, typing) and _is_changed(condition, branch, typing):
                yield condition


def _is_changed(field: n.Attribute, branch: Branch, typing: Typing) -> bool:
    """Whether a branch may change a field: that of an element of an array, or that of a variable."""
    array = array_of_place(field, typing)
    if array is not None:
        return array.element in set(_stored(branch, typing))
    changed = {root_name(target) for node in walk_statements(branch) for target in targets(node)}
    return root_name(field) in changed


def _changed_by_loops(branch: Branch) -> Iterator[str]:
    for node in walk_statements(branch):
        if isinstance(node, n.ForStmt | n.WhileStmt):
            yield from assigned_names(node)


def _stored(branch: Branch, typing: Typing) -> Iterator[Type]:
    """The element types of arrays that may be written to within a branch."""
    for node in walk(branch):
        if isinstance(node, n.Assign | n.AugAssign) and (array := array_of_place(node.target, typing)):
            yield array.element
        elif id(node) in typing.atomics:
            yield _element(typing.atomics[id(node)].array, typing)
        elif id(node) in typing.user_calls:
            arguments = typing.user_calls[id(node)].arguments
            yield from (_element(a, typing) for a in arguments if isinstance(typing.type_of(a), Array))


def _element(array: n.Expr, typing: Typing) -> Type:
    type_ = typing.type_of(array)
    assert isinstance(type_, Array)
    return type_.element


def branched_constants(typing: Typing) -> Iterator[n.Node]:
    """Bodies with an if, itself within a branch or loop, in both parts of which a constant comes up first."""
    definitions: list[n.KernelDef | n.FuncDef] = [*typing.nodes_of(n.KernelDef), *typing.nodes_of(n.FuncDef)]
    for definition in definitions:
        if constants_bound_in_branches(definition.body, typing):
            yield definition.body


def constants_bound_in_branches(body: n.Block, typing: Typing) -> list[str]:
    """Name the constants that the body of a function uses first in both parts of an if that may not be reached."""
    return list(dict.fromkeys(name for _, found in first_in_branches(body, typing) for _, name in found))


def first_in_branches(body: n.Block, typing: Typing) -> Iterator[tuple[n.Node, list[tuple[Branch, str]]]]:
    """Yield the statements of a body with the ifs within them that bind a constant first, and the constant's name."""
    captured = (name for kernel in typing.kernels.values() for name in kernel.captured)
    names = {*typing.constants, *captured}
    nodes = reversed([*walk(body)]) if names else ()
    first = {node.id: id(node) for node in nodes if isinstance(node, n.Name) and node.id in names}
    for statement in body.statements if first else ():
        within = [
            (branch, name) for branch in _branches_within(statement) for name in _first_in_both_parts(first, branch)
        ]
        if within:
            yield statement, within


def _branches_within(statement: n.Node) -> Iterator[Branch]:
    """The ifs with two parts within another if or loop; an elif lies within the else part of what is before it."""
    if not isinstance(statement, n.IfStmt | n.ForStmt | n.WhileStmt):
        return
    for node in walk_statements(statement):
        if node is not statement and isinstance(node, Branch) and node.orelse is not None:
            yield node


def _first_in_both_parts(first: dict[str, int], branch: Branch) -> Iterator[str]:
    """The names whose first use lies in the first part of a branch, and that come up in the other too."""
    assert branch.orelse is not None
    names = {node.id for node in walk(branch.orelse) if isinstance(node, n.Name) and node.id in first}
    if names:
        body = {id(node) for node in walk(branch.body)}
        yield from (name for name in names if first[name] in body)
