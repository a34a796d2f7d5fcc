"""Passes of the reducer that take structs apart: fields become parameters, elements become structs, fields go."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from fuzzer.reduction.unreferenced import unreferenced_dropped
from grammar import module_names
from grammar import nodes as n
from grammar.check import TypeRefused, check
from grammar.trees import callee_name, copy, substitute, transform, walk
from grammar.types import Array, Struct, Type
from oracle.columns import values_of
from oracle.records import Buffer, BufferRef, Judgement, Launch, TestCase


@dataclass(frozen=True)
class Taken:
    """A parameter of a kernel: where it stands, its type, and the nodes of the body that name it."""

    kernel: n.KernelDef
    position: int
    item: n.Parameter
    type: Type
    names: tuple[n.Name, ...]


def _parameters(case: TestCase) -> Iterator[Taken]:
    """The parameters of all kernels that have an annotation."""
    typing = case.typed()
    for kernel in {id(typing.original(k.definition)): k for k in typing.kernels.values()}.values():
        definition = typing.original(kernel.definition)
        assert isinstance(definition, n.KernelDef)
        for position, (item, type_) in enumerate(zip(definition.parameters.items, kernel.types, strict=True)):
            names = tuple(x for x in walk(definition.body) if isinstance(x, n.Name) and x.id == item.name)
            assert isinstance(item, n.Parameter)
            yield Taken(definition, position, item, type_, names)


def unpack_parameters(case: TestCase, judgement: Judgement) -> Iterator[TestCase]:
    """Put the fields that a kernel reads in the place of a parameter that is a struct."""
    for taken in _parameters(case):
        uses = _parts_of(taken.kernel, taken.names, n.Attribute)
        if not taken.type.fields or len(uses) < len(taken.names):
            continue
        read = {use.attribute for use in uses}
        kept = [(at, field) for at, (field, _) in enumerate(taken.type.fields) if field in read]
        names, annotations = _free_names(case, taken, read), _annotations(case, taken.type)
        items = [n.Parameter(names[field], copy(annotations[field])) for _, field in kept]
        body = {id(use): n.Name(names[use.attribute]) for use in uses}
        yield _with_parameter(case, taken, items, body, partial(_kept, [at for at, _ in kept]))


def _kept(positions: Sequence[int], given: Any) -> list[Any]:
    return [given[at] for at in positions]


def unwrap_elements(case: TestCase, judgement: Judgement) -> Iterator[TestCase]:
    """Give a kernel that reads one element of an array of structs only that element."""
    for taken in _parameters(case):
        uses = _parts_of(taken.kernel, taken.names, n.Subscript)
        if not isinstance(taken.type, Array) or not taken.type.element.fields or len(uses) < len(taken.names):
            continue
        index, *others = {index for use in uses for index in use.indices} or (None,)
        if isinstance(index, n.IntLiteral) and not others:
            item = n.Parameter(taken.item.name, n.Name(taken.type.element.name))
            body = {id(use): n.Name(taken.item.name) for use in uses}
            yield _with_parameter(case, taken, [item], body, partial(_element, case, index.value))


def _element(case: TestCase, index: int, given: BufferRef) -> list[Any]:
    buffers = {buffer.name: buffer for buffer in case.buffers}
    return values_of(buffers[given.name], lambda ref, _: ref)[index : index + 1]


def _parts_of(kernel: n.KernelDef, names: Sequence[n.Name], part: type[Any]) -> list[Any]:
    """The parts of what is named that a kernel reads or writes."""
    owners = set(map(id, names))
    return [node for node in walk(kernel.body) if isinstance(node, part) and id(node.value) in owners]


def _free_names(case: TestCase, taken: Taken, fields: Collection[str]) -> dict[str, str]:
    """Name what fields become: as they are named, unless something else in the kernel has the name."""
    others = {*module_names(case.module), *(item.name for item in taken.kernel.parameters.items)}
    others |= {node.id for node in walk(taken.kernel.body) if isinstance(node, n.Name)}
    return {field: f"{taken.item.name}_{field}" if field in others else field for field in fields}


def _annotations(case: TestCase, struct: Type) -> dict[str, n.Expr]:
    """What is written for the fields of a struct."""
    definitions = (d for d in case.module.definitions if isinstance(d, n.StructDef) and d.name == struct.written)
    return {field.name: field.annotation for definition in definitions for field in definition.fields}


def _with_parameter(
    case: TestCase,
    taken: Taken,
    items: Sequence[n.Parameter],
    body: Mapping[int, n.Node],
    given: Callable[[Any], Sequence[Any]],
) -> TestCase:
    """Replace a parameter of a kernel by others, what stands for it in the body, and what launches give for it."""
    before, after = taken.kernel.parameters.items[: taken.position], taken.kernel.parameters.items[taken.position + 1 :]
    parameters = n.Parameters((*before, *items, *after))
    changed = replace(taken.kernel, parameters=parameters, body=substitute(taken.kernel.body, body))
    typing = case.typed()

    def launched(launch: Launch) -> Launch:
        if typing.original(typing.kernels[launch.kernel].definition) is not taken.kernel:
            return launch
        one = launch.arguments
        new = (*one[: taken.position], *given(one[taken.position]), *one[taken.position + 1 :])
        return replace(launch, arguments=new)

    module = substitute(case.module, {id(taken.kernel): changed})
    return unreferenced_dropped(replace(case, module=module, launches=tuple(map(launched, case.launches))))


def drop_fields(case: TestCase, judgement: Judgement) -> Iterator[TestCase]:
    """Leave out a field of a struct that nothing reads or stores by its name."""
    read = {node.attribute for node in walk(case.module) if isinstance(node, n.Attribute)}
    for definition in case.module.definitions:
        if isinstance(definition, n.StructDef) and len(definition.fields) > 1:
            for at, field in enumerate(definition.fields):
                if field.name not in read:
                    yield from _without_field(case, definition, at)


def _without_field(case: TestCase, definition: n.StructDef, at: int) -> Iterator[TestCase]:
    """The case without a field: its definition, what is given for it where the struct is made, and its values."""
    field = definition.fields[at]
    fewer = replace(definition, fields=(*definition.fields[:at], *definition.fields[at + 1 :]))

    def change(node: n.Node) -> n.Node:
        if isinstance(node, n.StructDef) and node.name == definition.name:
            return fewer
        if not isinstance(node, n.Call) or callee_name(node.function) != definition.name:
            return node
        given = enumerate(node.arguments)
        kept = (x for i, x in given if (x.name != field.name if isinstance(x, n.Keyword) else i != at))
        return n.Call(node.function, tuple(kept))

    module = transform(case.module, change)
    try:
        structs = check(module, case.options.max_unroll, backward=case.options.enable_backward).structs
    except TypeRefused:
        return
    kernels = case.typed().kernels
    launches = tuple(replace(x, arguments=_cut(kernels[x.kernel].types, x.arguments, structs)) for x in case.launches)
    buffers = tuple(_cut_buffer(buffer, structs) for buffer in case.buffers)
    yield unreferenced_dropped(replace(case, module=module, launches=launches, buffers=buffers))


def _cut(types: Sequence[Type], values: Sequence[Any], structs: Mapping[str, Struct]) -> tuple[Any, ...]:
    """Leave out of values what their types no longer have."""
    return tuple(_cut_value(type_, value, structs) for type_, value in zip(types, values, strict=True))


def _cut_value(type_: Type, value: Any, structs: Mapping[str, Struct]) -> Any:
    if not type_.fields:
        return value
    parts = dict(zip((name for name, _ in type_.fields), _cut(type_.parts, value, structs), strict=True))
    return tuple(parts[name] for name, _ in structs[type_.written].fields)


def _cut_buffer(buffer: Buffer, structs: Mapping[str, Struct]) -> Buffer:
    element = structs.get(buffer.element.name, buffer.element)
    columns = {leaf.suffix: x for leaf, x in zip(buffer.element.leaves, buffer.columns, strict=True)}
    handles = {handle.suffix: x for handle, x in zip(buffer.element.handles, buffer.handles, strict=True)}
    return replace(
        buffer,
        element=element,
        columns=tuple(columns[leaf.suffix] for leaf in element.leaves),
        handles=tuple(handles[handle.suffix] for handle in element.handles),
    )
