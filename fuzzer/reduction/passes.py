"""The passes of the reducer: each proposes test cases that are smaller in one way, the boldest first.

A pass may propose anything well formed; whether it is typed, defined and still interesting is the problem's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from fuzzer.generation.pruning import needed
from fuzzer.reduction.structs import drop_fields, unpack_parameters, unwrap_elements
from fuzzer.reduction.unreferenced import unreferenced_dropped
from grammar import nodes as n
from grammar.check import Kernel, Typing, dotted, written_uniform
from grammar.check.statements import array_of_place
from grammar.productions import root_name, targets
from grammar.trees import Path, children, copy, node_at, transform, walk
from grammar.trees import replace as replaced
from grammar.types import Array, Composite, Scalar, Tuple, Type
from oracle.records import Buffer, Judgement, NumpyArray, Options, TestCase

Pass = Callable[[TestCase, Judgement], Iterator[TestCase]]


def drop_launches(case: TestCase, judgement: Judgement) -> Iterator[TestCase]:
    """Keep one launch, the one that differs first; then leave out one."""
    if len(case.launches) > 1:
        wrong = {mismatch.buffer for mismatch in judgement.mismatches}
        for launch in sorted(case.launches, key=lambda x: not wrong & {getattr(a, "name", "") for a in x.arguments}):
            yield unreferenced_dropped(replace(case, launches=(launch,)))
        for position in range(len(case.launches)):
            yield unreferenced_dropped(replace(case, launches=_without(case.launches, position)))


def drop_definitions(case: TestCase, judgement: Judgement) -> Iterator[TestCase]:
    """Leave out all definitions that no launch needs, or one."""
    kept = needed(case.module.definitions, {launch.kernel for launch in case.launches})
    yield replace(case, module=n.Module(tuple(kept)))
    for position, definition in enumerate(case.module.definitions):
        if isinstance(definition, n.ImportStmt):
            continue
        yield replace(case, module=n.Module(_without(case.module.definitions, position)))


def unwrap_factories(case: TestCase, judgement: Judgement) -> Iterator[TestCase]:
    """Define the kernel of a factory at module level, its captured names as constants."""
    for position, definition in enumerate(case.module.definitions):
        if isinstance(definition, n.FactoryDef) and len(case.launches) == 1:
            kernel = case.typed().kernels[case.launches[0].kernel]
            constants = [n.Binding(name, value) for name, value in kernel.captured.items()]
            rest = [d for d in case.module.definitions[position + 1 :] if not isinstance(d, n.Binding)]
            before = case.module.definitions[:position]
            module = n.Module((*before, *constants, definition.definition, *rest))
            yield replace(case, module=module, launches=(replace(case.launches[0], kernel=kernel.definition.name),))


def keep_mismatching_store(case: TestCase, judgement: Judgement) -> Iterator[TestCase]:
    """Delete every assignment to an array other than the first one that differs."""
    wrong = {mismatch.buffer for mismatch in judgement.mismatches[:1]}
    for launch in case.launches:
        kernel = case.typed().kernels[launch.kernel]
        kept = {name for name, a in zip(kernel.names, launch.arguments, strict=True) if getattr(a, "name", "") in wrong}
        arrays = {name for name, t in zip(kernel.names, kernel.types, strict=True) if isinstance(t, Array)} - kept
        module = _filtered(case.module, arrays)
        yield replace(case, module=module)


def delete_statements(case: TestCase, judgement: Judgement) -> Iterator[TestCase]:
    """Delete runs of statements, long ones first."""
    blocks = [(path, node) for path, node in _paths(case.module) if isinstance(node, n.Block)]
    longest = max((len(block.statements) for _, block in blocks), default=0)
    length = longest
    while length >= 1:
        for path, block in blocks:
            for start in range(len(block.statements) - length, -1, -length):
                kept = (*block.statements[:start], *block.statements[start + length :])
                yield replace(case, module=replaced(case.module, path, n.Block(kept or (n.PassStmt(),))))
        length //= 2


def unwrap_statements(case: TestCase, judgement: Judgement) -> Iterator[TestCase]:
    """Put the body of an if or a loop in its place, leave out its else, or assign plainly."""
    for path, node in _paths(case.module):
        match node:
            case n.Block(statements):
                for position, statement in enumerate(statements):
                    for body in _bodies(statement):
                        merged = (*statements[:position], *body.statements, *statements[position + 1 :])
                        yield replace(case, module=replaced(case.module, path, n.Block(merged)))
            case n.IfStmt(condition, body, orelse) | n.ElifBranch(condition, body, orelse) if orelse is not None:
                yield replace(case, module=replaced(case.module, path, type(node)(condition, body)))
            case n.AugAssign(target, _, value):
                yield replace(case, module=replaced(case.module, path, n.Assign(target, value)))


def _bodies(statement: n.Node) -> list[n.Block]:
    if isinstance(statement, n.ForStmt | n.WhileStmt):
        return [statement.body]
    if isinstance(statement, n.IfStmt | n.ElifBranch):
        return [statement.body, *(_bodies(statement.orelse) if statement.orelse is not None else [])]
    return [statement.body] if isinstance(statement, n.ElseBranch) else []


def split_tuples(case: TestCase, judgement: Judgement) -> Iterator[TestCase]:
    """Bind one name of a tuple assignment only, or all names but one."""
    for path, node in _paths(case.module):
        match node:
            case n.TupleAssign(names, n.TupleExpr(items)):
                for target, item in zip(names, items, strict=True):
                    yield replace(case, module=replaced(case.module, path, n.Assign(target, item)))
                for position in range(len(names)) if len(names) > 2 else ():
                    fewer = n.TupleAssign(_without(names, position), n.TupleExpr(_without(items, position)))
                    yield replace(case, module=replaced(case.module, path, fewer))


def inline_variables(case: TestCase, judgement: Judgement) -> Iterator[TestCase]:
    """Write the value of a variable that is bound once in the places where it is read."""
    typing = case.typed()
    for path, node in _paths(case.module):
        if not isinstance(node, n.Block):
            continue
        for position, statement in enumerate(node.statements):
            match statement:
                case n.Assign(n.Name(name), value):
                    before, after = node.statements[:position], node.statements[position + 1 :]
                    if after and name not in set(_changed(after, typing)):
                        block = n.Block((*before, *(_substituted(s, name, value) for s in after)))
                        yield replace(case, module=replaced(case.module, path, block))


def _changed(statements: Sequence[n.Statement], typing: Typing) -> Iterator[str | None]:
    """Name the variables that statements bind or change; one that has a changed array is not changed by that."""
    for target in (x for statement in statements for node in walk(statement) for x in targets(node)):
        if array_of_place(target, typing) is None:
            yield root_name(target)


def _substituted(statement: n.Statement, name: str, value: n.Expr) -> n.Statement:
    return transform(statement, lambda node: copy(value) if node == n.Name(name) else node)


def simplify_expressions(case: TestCase, judgement: Judgement) -> Iterator[TestCase]:
    """Replace an expression by an operand of its type, or by a literal."""
    types = case.typed().types
    assigned = {id(target) for node in walk(case.module) for target in targets(node)}
    for path, node in sorted(_paths(case.module), key=lambda item: len(item[0])):
        type_ = types.get(id(node))
        if type_ is None or isinstance(type_, Array | Tuple) or id(node) in assigned:
            continue
        for operand in walk(node):
            if operand is not node and types.get(id(operand)) == type_:
                yield replace(case, module=replaced(case.module, path, operand))
        for literal in simplest(type_):
            if literal != node:
                yield replace(case, module=replaced(case.module, path, literal))


def simplest(type_: Type) -> list[n.Expr]:
    """Return the simplest expressions of a type."""
    if type_.fields:
        return [n.Call(dotted(type_.written), ())]
    match type_:
        case Scalar("bool"):
            return [n.TrueLiteral(), n.FalseLiteral()]
        case Scalar("int32"):
            return [n.IntLiteral(0), n.IntLiteral(1)]
        case Scalar("float32"):
            return [n.FloatLiteral(1.0)]
        case Scalar():
            return [n.Call(dotted(f"wp.{type_.name}"), (n.IntLiteral(1),))]
        case Composite():
            return [written_uniform(type_, simplest(type_.scalar)[-1])]
    return []


def shrink_launch(case: TestCase, judgement: Judgement) -> Iterator[TestCase]:
    """Launch fewer threads: the one that differs, or the first half; buffers of the launch's shape shrink with it."""
    for position, launch in enumerate(case.launches):
        for axis, length in enumerate(launch.dims):
            wrong = [m.index[axis] for m in judgement.mismatches[:1] if axis < len(m.index)]
            spans = [(at, at + 1) for at in wrong if at < length] + [(0, length // 2), (0, length - 1)]
            for start, stop in spans:
                if 0 < stop - start < length:
                    yield _narrowed(case, position, axis, start, stop)


def _narrowed(case: TestCase, position: int, axis: int, start: int, stop: int) -> TestCase:
    launch = case.launches[position]
    names = launch.refers_to
    buffers = tuple(
        _cut(b, axis, slice(start, stop)) if b.name in names and b.shape == launch.dims else b for b in case.buffers
    )
    dims = (*launch.dims[:axis], stop - start, *launch.dims[axis + 1 :])
    launches = tuple(replace(launch, dims=dims) if at == position else x for at, x in enumerate(case.launches))
    return replace(case, buffers=buffers, launches=launches)


def drop_parameters(case: TestCase, judgement: Judgement) -> Iterator[TestCase]:
    """Leave out parameters of a kernel that its body does not name, with their arguments."""
    for path, node in _paths(case.module):
        if not isinstance(node, n.KernelDef):
            continue
        used = {item.id for item in walk(node.body) if isinstance(item, n.Name)}
        unused = [position for position, item in enumerate(node.parameters.items) if item.name not in used]
        if unused:
            yield _without_parameters(case, path, node, set(unused))
            for position in unused:
                yield _without_parameters(case, path, node, {position})


def _without_parameters(case: TestCase, path: Path, kernel: n.KernelDef, unused: set[int]) -> TestCase:
    items = tuple(item for position, item in enumerate(kernel.parameters.items) if position not in unused)
    module = replaced(case.module, path, replace(kernel, parameters=n.Parameters(items)))
    typing = case.typed()
    kernels: dict[str, Kernel] = typing.kernels
    launches = tuple(
        replace(x, arguments=tuple(a for at, a in enumerate(x.arguments) if at not in unused))
        if typing.original(kernels[x.kernel].definition) is kernel
        else x
        for x in case.launches
    )
    return unreferenced_dropped(replace(case, module=module, launches=launches))


def shrink_buffers(case: TestCase, judgement: Judgement) -> Iterator[TestCase]:
    """Leave out the second half of a buffer along an axis, or its last element."""
    for position, buffer in enumerate(case.buffers):
        for axis, length in enumerate(buffer.shape):
            for kept in (length // 2, length - 1):
                if kept > 0:
                    yield _with_buffer(case, position, _cut(buffer, axis, slice(kept)))


def _cut(buffer: Buffer, axis: int, kept: slice) -> Buffer:
    """The elements of a buffer that a slice along an axis keeps."""
    return buffer.changed(lambda column: np.ascontiguousarray(column[(slice(None),) * axis + (kept,)]))


PLAIN = (0, 1, 2, -1)
"""The values that inputs are simplified to, the plainest first."""


def strangeness(data: NumpyArray) -> int:
    """Count how far the values of a buffer are from the plainest, in steps of :data:`PLAIN`."""
    steps = np.full(data.shape, len(PLAIN))
    for step, plain in enumerate(PLAIN):
        steps[data == plain] = step
    return int(steps.sum())


def simplify_inputs(case: TestCase, judgement: Judgement) -> Iterator[TestCase]:
    """Lay buffers out contiguously, and make their values plain: zeros, ones, then one value at a time."""
    for position, buffer in enumerate(case.buffers):
        if buffer.layout != "contiguous":
            yield _with_buffer(case, position, replace(buffer, layout="contiguous"))
        for plain in (0, 1):
            for number, column in enumerate(buffer.columns):
                flat = np.full_like(column, plain)
                if not np.array_equal(flat, column):
                    yield _with_column(case, position, number, flat)
    for position, buffer in enumerate(case.buffers):
        for number, column in enumerate(buffer.columns):
            if column.size <= 4:
                for at in np.ndindex(column.shape):
                    for changed in _with_plain_value(column, at):
                        yield _with_column(case, position, number, changed)


def _with_plain_value(column: NumpyArray, at: tuple[int, ...]) -> Iterator[NumpyArray]:
    for plain in PLAIN:
        if column[at] == plain:
            return
        if plain >= 0 or column.dtype.kind in "if":
            changed = column.copy()
            changed[at] = plain
            yield changed


def simplify_options(case: TestCase, judgement: Judgement) -> Iterator[TestCase]:
    """Compile at the plainest options."""
    if case.options != Options():
        yield replace(case, options=Options())


def _with_column(case: TestCase, position: int, number: int, column: NumpyArray) -> TestCase:
    buffer = case.buffers[position]
    columns = (*buffer.columns[:number], column, *buffer.columns[number + 1 :])
    return _with_buffer(case, position, replace(buffer, columns=columns))


def _with_buffer(case: TestCase, position: int, buffer: Buffer) -> TestCase:
    return replace(case, buffers=(*case.buffers[:position], buffer, *case.buffers[position + 1 :]))


def _without(items: tuple[Any, ...], position: int) -> tuple[Any, ...]:
    return (*items[:position], *items[position + 1 :])


def _filtered(module: n.Module, arrays: set[str]) -> n.Module:
    """Delete the assignments to some arrays."""
    for path, node in reversed(list(_paths(module))):
        if isinstance(node, n.Block):
            current = node_at(module, path)
            assert isinstance(current, n.Block)
            kept = tuple(s for s in current.statements if not _assigns(s, arrays))
            if len(kept) < len(current.statements):
                module = replaced(module, path, n.Block(kept or (n.PassStmt(),)))
    return module


def _assigns(statement: n.Statement, arrays: set[str]) -> bool:
    return isinstance(statement, n.Assign | n.AugAssign) and root_name(statement.target) in arrays


def _paths(node: n.Node, path: Path = ()) -> Iterator[tuple[Path, n.Node]]:
    yield path, node
    for position, child in enumerate(children(node)):
        yield from _paths(child, (*path, position))


#: The passes, those that cut most first.
PASSES: tuple[Pass, ...] = (
    drop_launches,
    keep_mismatching_store,
    delete_statements,
    drop_definitions,
    unwrap_factories,
    unpack_parameters,
    unwrap_elements,
    drop_fields,
    drop_parameters,
    unwrap_statements,
    split_tuples,
    inline_variables,
    shrink_launch,
    simplify_expressions,
    shrink_buffers,
    simplify_inputs,
    simplify_options,
)
