"""What a generated test case is made of, and how much of it matters: the numbers behind the quality of deep kernels.

*Depending on data*: a condition or range that reads something known only in the launch, which is a parameter, an
element of an array or a thread's index, directly or through variables. The order of statements is not followed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from fuzzer.campaigns.reach import reach_of
from fuzzer.generation.repair import Defined
from grammar import nodes as n
from grammar.trees import callee_name, children, walk
from oracle.records import BufferRef, Launch
from oracle.reference import Expectation

Body = n.KernelDef | n.FuncDef
NumpyArray = np.ndarray[Any, Any]


def shape_of(defined: Defined) -> dict[str, int]:
    """Count what a test case is made of."""
    nodes = list(walk(defined.case.module))
    return {
        "statements": sum(isinstance(node, n.Statement) for node in nodes),
        "depth of blocks": max((_depth(d, n.Block) for d in nodes if isinstance(d, Body)), default=0),
        "depth of expressions": max((_depth(s, n.Expr) for s in nodes if isinstance(s, n.Statement)), default=0),
        "loops": sum(isinstance(node, n.ForStmt | n.WhileStmt) for node in nodes),
        "functions": sum(isinstance(node, n.FuncDef) for node in nodes),
        "launches": len(defined.case.launches),
        "repairs": defined.repairs,
    }


def _depth(node: n.Node, kind: type[n.Node]) -> int:
    """The most nodes of a kind on a path downwards."""
    below = max((_depth(child, kind) for child in children(node)), default=0)
    return below + isinstance(node, kind)


def reach(defined: Defined) -> dict[str, tuple[int, int]]:
    """Measure how much of a deep test case matters, as (part, whole)."""
    expectation = defined.expectation
    steering = [x for body in walk(defined.case.module) if isinstance(body, Body) for x in depending(body)]
    conditions = [x for x in walk(defined.case.module) if isinstance(x, n.IfStmt | n.ElifBranch | n.Conditional)]
    outputs = list(varied_outputs(defined))
    floats = [array for array in stored(defined) if array.dtype.kind == "f"]
    return {
        **reach_of(defined),
        "control flow that depends on data": (sum(steering), len(steering)),
        "branches taken both ways": (sum(_both(expectation, x) for x in conditions), len(conditions)),
        "outputs equal in all threads": (outputs.count(False), len(outputs)),
        "float outputs not finite": (sum(int((~np.isfinite(x)).sum()) for x in floats), sum(x.size for x in floats)),
    }


def _both(expectation: Expectation, node: n.Node) -> bool:
    return len(expectation.decided.get(id(node), ())) == 2


def depending(body: Body) -> Iterator[bool]:
    """Say of each condition and range in a kernel or function whether it depends on data."""
    names = names_from_data(body)
    for node in walk(body):
        if isinstance(node, n.ForStmt):
            yield reads(node.iterable, names)
        elif isinstance(node, n.IfStmt | n.ElifBranch | n.WhileStmt):
            yield reads(node.condition, names)


def names_from_data(body: Body) -> frozenset[str]:
    """Return the variables of a kernel or function that may hold something known only in the launch."""
    names = {parameter.name for parameter in body.parameters.items}
    bindings = [pair for node in walk(body) for pair in _bindings(node)]
    while True:
        more = {name for name, value in bindings if name not in names and reads(value, names)}
        if not more:
            return frozenset(names)
        names |= more


def reads(value: n.Node, names: frozenset[str] | set[str]) -> bool:
    """Say whether an expression reads one of the names, or a thread's index."""
    return any(
        (isinstance(x, n.Name) and x.id in names) or (isinstance(x, n.Call) and callee_name(x.function) == "wp.tid")
        for x in walk(value)
    )


def _bindings(node: n.Node) -> Iterator[tuple[str, n.Node]]:
    match node:
        case n.Assign(target, value) | n.AugAssign(target, _, value):
            yield root_name(target), value
        case n.TupleAssign(targets, n.TupleExpr(items)):
            yield from zip((target.id for target in targets), items, strict=True)
        case n.TupleAssign(targets, value):
            yield from ((target.id, value) for target in targets)
        case n.ForStmt(target, iterable, _):
            yield target.id, iterable


def root_name(target: n.Node) -> str:
    """Return the name of the variable that an assignment changes: ``a`` for ``a[i].x``."""
    while isinstance(target, n.Subscript | n.Attribute):
        target = target.value
    return target.id if isinstance(target, n.Name) else ""


def stored(defined: Defined) -> Iterator[NumpyArray]:
    """Yield the final content of every buffer that a kernel stores to."""
    for launch in defined.case.launches:
        for name in _stored_names(defined, launch):
            yield from (defined.expectation.arrays[column] for column in _columns(defined, name))


def varied_outputs(defined: Defined) -> Iterator[bool]:
    """Say of each output with an element per thread whether threads differ in it; one thread alone says nothing."""
    shapes = {buffer.name: buffer.shape for buffer in defined.case.buffers}
    for launch in defined.case.launches:
        threads = math.prod(launch.dims)
        for name in _stored_names(defined, launch):
            if threads > 1 and shapes[name] == launch.dims:
                columns = (
                    defined.expectation.arrays[column].reshape(threads, -1) for column in _columns(defined, name)
                )
                yield any(len({element.tobytes() for element in column}) > 1 for column in columns)


def _columns(defined: Defined, name: str) -> list[str]:
    return [column for buffer in defined.case.buffers if buffer.name == name for column in buffer.named]


def _stored_names(defined: Defined, launch: Launch) -> list[str]:
    kernel = defined.expectation.typing.kernels[launch.kernel]
    stores = [x for x in walk(kernel.definition.body) if isinstance(x, n.Assign | n.AugAssign)]
    changed = {root_name(store.target) for store in stores if not isinstance(store.target, n.Name)}
    changed |= {x.attribute for store in stores for x in walk(store.target) if isinstance(x, n.Attribute)}
    given = dict(zip(kernel.names, launch.arguments, strict=True))
    for name, type_ in zip(kernel.names, kernel.types, strict=True):
        if type_.fields:
            given |= dict(zip((field for field, _ in type_.fields), given[name], strict=True))
    return [argument.name for name, argument in given.items() if name in changed and isinstance(argument, BufferRef)]
