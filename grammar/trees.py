"""Walking and changing trees: children, paths, replacement by position, renaming.

A path is a tuple of child positions from the root. Nodes are frozen, so a change gives a new tree that shares every
subtree off the path. A node is found by identity, never by equality: equal nodes stand at many places.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter, is_
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from grammar.nodes import NODES, Attribute, Binding, Expr, FactoryDef, FuncDef, KernelDef, Module, Name, Node, StructDef

Path = tuple[int, ...]
N = TypeVar("N", bound=Node)
NamedDefinition = Binding | StructDef | KernelDef | FuncDef | FactoryDef


_FIELDS = {cls: tuple(field.name for field in dataclasses.fields(cls)) for cls in NODES.values()}

_PLAIN = (str, int, float, tuple[str, ...])
"""The annotations of fields that hold no nodes."""


def _reader(cls: type[Node]) -> Callable[[Node], Sequence[Node]] | None:
    """Return what reads the child nodes of a class, in the order of the source text; None where it has none."""
    hints = get_type_hints(cls)
    names = [name for name in _FIELDS[cls] if hints[name] not in _PLAIN]
    if not names:
        return None
    several = [get_origin(hints[name]) is tuple for name in names]
    read: Callable[[Node], Any] = attrgetter(*names)
    if several == [True]:
        return read
    fields = read if len(names) > 1 else lambda node: (read(node),)
    plain = not any(several) and not any(NoneType in get_args(hints[name]) for name in names)
    return fields if plain else lambda node: _flat(fields(node))


def _flat(values: Sequence[Any]) -> list[Node]:
    """Return the nodes of fields that hold a node, several nodes, or None."""
    found: list[Node] = []
    for value in values:
        if type(value) is tuple:
            found += value
        elif value is not None:
            found.append(value)
    return found


_READERS = {cls: _reader(cls) for cls in _FIELDS}
"""A tree is walked often, so what its classes look like is found out once."""


def children(node: Node) -> list[Node]:
    """Return the child nodes in the order of the source text."""
    read = _READERS[type(node)]
    return [*read(node)] if read else []


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and everything below it, parents first."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        read = _READERS[type(current)]
        if read:
            stack += read(current)[::-1]


def walk_statements(node: Node) -> Iterator[Node]:
    """Yield what :func:`walk` gives but for expressions: statements with their branches and blocks, parents first."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack += [child for child in reversed(children(current)) if not isinstance(child, Expr)]


def size(node: Node) -> int:
    """Count the nodes of a tree."""
    return sum(1 for _ in walk(node))


def with_children(node: N, replacements: list[Node]) -> N:
    """Return a copy of the node with other children, one for one."""
    remaining = iter(replacements)

    def renewed(value: Any) -> Any:
        if isinstance(value, Node):
            return next(remaining)
        if type(value) is tuple:
            return tuple(next(remaining) if isinstance(item, Node) else item for item in value)
        return value

    return type(node)(*(renewed(getattr(node, name)) for name in _FIELDS[type(node)]))


def path_of(root: Node, target: Node) -> Path | None:
    """Find the path of a node object in a tree; None where it does not stand."""
    if root is target:
        return ()
    read = _READERS[type(root)]
    for position, child in enumerate(read(root) if read else ()):
        below = path_of(child, target)
        if below is not None:
            return (position, *below)
    return None


def node_at(root: Node, path: Path) -> Node:
    """Return the node at a path; raises IndexError where there is none."""
    for position in path:
        root = children(root)[position]
    return root


def replace(root: N, path: Path, node: Node) -> N:
    """Return the tree with another node at the path.

    Raises:
        IndexError: There is nothing at that path.
    """
    if not path:
        return node  # type: ignore[return-value]  # the caller replaces a whole tree by one of its kind
    below = children(root)
    below[path[0]] = replace(below[path[0]], path[1:], node)
    return with_children(root, below)


def substitute(node: N, replacements: Mapping[int, Node]) -> N:
    """Replace nodes, given by their identities, from the root down; untouched subtrees are kept."""
    if not replacements:
        return node
    if id(node) in replacements:
        return replacements[id(node)]  # type: ignore[return-value]  # the caller replaces a tree by one of its kind
    before = children(node)
    after = [substitute(child, replacements) for child in before]
    return node if all(map(is_, before, after)) else with_children(node, after)


def transform(node: N, change: Callable[[Node], Node]) -> N:
    """Rebuild a tree from the leaves up, each node passed through ``change``; untouched subtrees are kept."""
    before = children(node)
    after = [transform(child, change) for child in before]
    return change(node if all(map(is_, before, after)) else with_children(node, after))  # type: ignore[return-value]  # as in replace


def copy(node: N) -> N:
    """Return an equal tree in which every node is a new object."""
    return with_children(node, [copy(child) for child in children(node)])


def module_names(module: Module) -> tuple[str, ...]:
    """Return every name that a module binds at its own level, without its imports."""
    return tuple(d.name for d in module.definitions if isinstance(d, NamedDefinition))


def rename(module: Module, names: Mapping[str, str]) -> Module:
    """Rename module-level names and every use of them.

    Local names must differ from module-level ones, as they do in every module that the type checker takes.
    """

    def change(node: Node) -> Node:
        if isinstance(node, Name):
            return Name(names[node.id]) if node.id in names else node
        if isinstance(node, NamedDefinition):
            return dataclasses.replace(node, name=names.get(node.name, node.name))
        return node

    return transform(module, change)


def callee_name(node: Node) -> str:
    """Return the dotted name of what is called or named: ``wp.types.matrix``, ``f0``; "" for anything else."""
    if isinstance(node, Attribute):
        owner = callee_name(node.value)
        return f"{owner}.{node.attribute}" if owner else ""
    return node.id if isinstance(node, Name) else ""
