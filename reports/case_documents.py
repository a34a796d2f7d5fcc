"""A test case as a JSON document, and back: bit by bit the same, and readable.

The module is kept as source text, buffers as the little-endian bytes of their content with a preview beside them, float
arguments as their bits. Reading parses and types the module with the grammar, checks every field by its value, and
executes nothing; whatever is wrong with a document becomes one sentence that names where it came from.
"""

from __future__ import annotations

import json
import math
import typing
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from grammar import parse
from grammar.check import Kernel, TypeRefused, Typing, check
from grammar.check.statements import MAX_DIMENSIONS
from grammar.errors import UserError
from grammar.types import SCALAR_BY_NAME, Array, Element, Struct, Type, element_named
from oracle.records import LAYOUTS, TRUSTED_OPTIONS, Buffer, BufferRef, Launch, Options, Provenance, TestCase
from reports import files, values
from reports.fields import INDICES, SEEDS, Malformed, choice, field, identifier, is_of, line, number, shown

FORMAT = "warpsmith case 2"
MAX_THREADS = 2**16  # of all launches together: the reference gives up long before, and ours have some hundreds
MAX_SCALARS = 2**16  # of one array: ours have some hundreds
PREVIEW = 8  # scalars shown beside the bytes: enough to recognise a buffer, short enough for one line

NumpyArray = np.ndarray[Any, Any]


def case_document(case: TestCase) -> dict[str, Any]:
    """Return the JSON document of a test case."""
    return {
        "format": FORMAT,
        "module": case.source,
        "buffers": [buffer_document(buffer) for buffer in case.buffers],
        "launches": [launch_document(launch) for launch in case.launches],
        "options": asdict(case.options),
        "provenance": asdict(case.provenance) if case.provenance else None,
    }


def case_of(document: Any, origin: str) -> TestCase:
    """Return the test case that a document holds; ``origin`` names the document in messages.

    It is well typed, and its launches fit its kernels.

    Raises:
        UserError: The document is no such test case, or none of this version.
    """
    try:
        return _case(document)
    except Malformed as error:
        raise UserError(f"{origin} holds no test case: {error}") from error


def read_case(path: Path) -> TestCase:
    """Read a test case from a JSON file; raises UserError where there is none."""
    return case_of(files.read_json(path), str(path))


def write_case(path: Path, case: TestCase) -> None:
    """Write a test case to a JSON file; raises UserError where that is not possible."""
    files.write_json(path, case_document(case))


def packed(document: Any) -> bytes:
    """Compress a JSON document."""
    return zlib.compress(json.dumps(document, separators=(",", ":"), allow_nan=False).encode())


def unpacked(content: Any, origin: str, largest: int = files.LARGEST) -> Any:
    """Return what :func:`packed` compressed, of at most so many bytes; raises UserError where it is damaged."""
    try:
        return files.parsed(_decompressed(content, largest).decode())
    except (zlib.error, ValueError, TypeError) as error:
        raise UserError(f"{origin} is damaged: {error}") from error


def _decompressed(content: bytes, largest: int) -> bytes:
    stream = zlib.decompressobj()
    text = stream.decompress(content, largest)
    if stream.unconsumed_tail:
        raise ValueError(f"it becomes larger than {largest >> 20} MiB")
    if not stream.eof or stream.unused_data:
        raise ValueError("it does not end where it should")
    return text


def array_document(array: NumpyArray) -> dict[str, Any]:
    """Return the JSON document of an array of scalars: type, shape, little-endian bytes, and a preview."""
    shown = [values.readable(value) for value in array.reshape(-1)[:PREVIEW]]
    return {
        "dtype": array.dtype.name,
        "shape": list(array.shape),
        "data": array.astype(array.dtype.newbyteorder("<")).tobytes().hex(),
        "preview": ", ".join([*shown, "..."] if array.size > PREVIEW else shown),
    }


def array_of(document: Any) -> NumpyArray:
    """Return the array that :func:`array_document` kept; raises Malformed where there is none."""
    scalar = SCALAR_BY_NAME.get(field(document, "dtype", str))
    if scalar is None:
        raise Malformed(f"there is no scalar type {shown(document['dtype'])}")
    shape = array_shape(document)
    try:
        content = bytes.fromhex(field(document, "data", str))
        array = np.frombuffer(content, scalar.dtype.newbyteorder("<")).astype(scalar.dtype).reshape(shape)
    except ValueError as error:
        raise Malformed(f"the bytes of an array do not fill {list(shape)} of {scalar} ({error})") from error
    if scalar.kind == "bool" and content.strip(b"\0\1"):
        raise Malformed("a bool is neither 0 nor 1")
    return array


def array_shape(document: Any) -> tuple[int, ...]:
    """Return the shape of an array; raises Malformed where there is none, or it is of too many scalars."""
    shape = tuple(field(document, "shape", list))
    if not all(type(size) is int and size >= 0 for size in shape):
        raise Malformed(f"{shown(list(shape))} is no shape")
    if math.prod(shape) > MAX_SCALARS:
        raise Malformed(f"an array of shape {shown(list(shape))} has more than {MAX_SCALARS} scalars; make it smaller")
    return shape


def value_of(document: Any) -> Any:
    """Return the value that ``values.to_json`` kept; raises Malformed where there is none."""
    try:
        return values.from_json(document)
    except ValueError as error:
        raise Malformed(str(error)) from error


def buffer_document(buffer: Buffer) -> dict[str, Any]:
    """Return the JSON document of a buffer: its name, element type and layout, and its content before the launches.

    ``columns`` has an array of scalars for each leaf of the elements, ``arrays`` the names of the buffers that stand in
    each element for a field that is an array; both by name.
    """
    handles = zip(buffer.element.handles, buffer.handles, strict=True)
    return {
        "name": buffer.name,
        "element": buffer.element.name,
        "layout": buffer.layout,
        "columns": {name: array_document(column) for name, column in buffer.named.items()},
        "arrays": {buffer.name + handle.suffix: _references_document(column) for handle, column in handles},
    }


def _references_document(column: NumpyArray) -> dict[str, Any]:
    names = [None if ref is None else ref.name for ref in column.flat]
    return {"shape": list(column.shape), "buffers": names}


def launch_document(launch: Launch) -> dict[str, Any]:
    """Return the JSON document of a launch: the kernel, its dimensions and its arguments."""
    return {
        "kernel": launch.kernel,
        "dims": list(launch.dims),
        "arguments": list(map(_argument_document, launch.arguments)),
    }


def _argument_document(argument: Any) -> Any:
    if isinstance(argument, BufferRef):
        return {"buffer": argument.name}
    if isinstance(argument, tuple):
        return list(map(_argument_document, argument))
    return None if argument is None else values.to_json(argument)


def _case(document: Any) -> TestCase:
    if field(document, "format", str) != FORMAT:
        raise Malformed(f"its format is {shown(document['format'])}, this version reads {FORMAT!r}")
    options = _options(field(document, "options", dict))
    typing = _typed(field(document, "module", str), options)
    buffers = {one.name: one for one in (_buffer(x, typing.structs) for x in field(document, "buffers", list))}
    if len(buffers) != len(document["buffers"]):
        raise Malformed("two buffers have one name")
    for buffer in buffers.values():
        _demand_references(buffer, buffers)
    launches = tuple(_launch(launch, buffers, typing.kernels) for launch in field(document, "launches", list))
    if not launches:
        raise Malformed("'launches' is empty, so that nothing would run; add a launch of a kernel")
    if sum(math.prod(launch.dims) for launch in launches) > MAX_THREADS:
        raise Malformed(f"its launches have more than {MAX_THREADS} threads; make their 'dims' smaller")
    provenance = document.get("provenance")
    return TestCase(
        module=typing.module,
        buffers=tuple(buffers.values()),
        launches=launches,
        options=options,
        provenance=None if provenance is None else _provenance(provenance),
    )


def _typed(text: str, options: Options) -> Typing:
    try:
        module = parse(text)
    except UserError as error:
        raise Malformed(f"its module does not parse: {error}") from error
    try:
        return check(module, options.max_unroll, backward=options.enable_backward)
    except TypeRefused as error:
        raise Malformed(f"its module is ill typed: {error}") from error


def _options(document: dict[str, Any]) -> Options:
    if set(document) != set(TRUSTED_OPTIONS):
        raise Malformed(f"'options' needs exactly {', '.join(sorted(TRUSTED_OPTIONS))}")
    hints = typing.get_type_hints(Options)
    for name, value in document.items():
        if not is_of(value, hints[name]) or value not in TRUSTED_OPTIONS[name]:
            raise Malformed(f"the option {name!r} is {shown(value)}, and a stored thing is not trusted with that")
    return Options(**document)


def _provenance(document: Any) -> Provenance:
    return Provenance(
        seed=number(document, "seed", SEEDS),
        index=number(document, "index", INDICES),
        category=line(document, "category"),
        origin=line(document, "origin"),
    )


def _buffer(document: Any, structs: Mapping[str, Struct]) -> Buffer:
    name, layout = identifier(document, "name"), choice(document, "layout", LAYOUTS)
    element = _element(document, structs)
    columns, arrays = field(document, "columns", dict), field(document, "arrays", dict)
    if [*columns] != [name + leaf.suffix for leaf in element.leaves]:
        raise Malformed(f"'columns' of buffer {name!r} has not the names of what a {element.name} is made of")
    if [*arrays] != [name + handle.suffix for handle in element.handles]:
        raise Malformed(f"'arrays' of buffer {name!r} has not the names of the arrays that a {element.name} has")
    buffer = Buffer(
        name, element, tuple(map(array_of, columns.values())), layout, tuple(map(_references, arrays.values()))
    )
    if not _is_filled(buffer):
        raise Malformed(f"buffer {name!r} does not hold elements of type {element.name}")
    return buffer


def _is_filled(buffer: Buffer) -> bool:
    """Whether every column has what its leaf is made of, and all are of one shape, with one to four dimensions."""
    shape = buffer.shape
    leaves = zip(buffer.columns, buffer.element.leaves, strict=True)
    return (
        1 <= len(shape) <= MAX_DIMENSIONS
        and all((x.dtype, x.shape) == (leaf.scalar.dtype, (*shape, *leaf.extents)) for x, leaf in leaves)
        and all(column.shape == shape for column in buffer.handles)
    )


def _references(document: Any) -> NumpyArray:
    shape, names = array_shape(document), field(document, "buffers", list)
    if not all(name is None or isinstance(name, str) for name in names) or len(names) != math.prod(shape):
        raise Malformed(f"the names of buffers do not fill {list(shape)}")
    column = np.empty(len(names), object)
    column[:] = [None if name is None else BufferRef(name) for name in names]
    return column.reshape(shape)


def _demand_references(buffer: Buffer, buffers: Mapping[str, Buffer]) -> None:
    """Demand that every array in the elements of a buffer is a buffer of its type."""
    for handle, column in zip(buffer.element.handles, buffer.handles, strict=True):
        for ref in column.flat:
            if ref is not None and (ref.name not in buffers or _type_of(buffers[ref.name]) != handle.type):
                raise Malformed(f"no buffer {shown(ref.name)} can be {buffer.name}{handle.suffix}")


def _element(document: Any, structs: Mapping[str, Struct]) -> Element:
    name = field(document, "element", str)
    found = structs.get(name) or element_named(name)
    if found is None:
        raise Malformed(f"there is no type {shown(name)} of elements")
    return found


def _launch(document: Any, buffers: Mapping[str, Buffer], kernels: Mapping[str, Kernel]) -> Launch:
    kernel, dims = choice(document, "kernel", kernels), tuple(field(document, "dims", list))
    if not 1 <= len(dims) <= 4 or not all(type(size) is int and size >= 0 for size in dims):
        raise Malformed(f"{shown(list(dims))} are no launch dimensions")
    arguments = tuple(_argument(argument, buffers) for argument in field(document, "arguments", list))
    if not _fit(arguments, kernels[kernel].types, buffers):
        raise Malformed(f"the launch of {kernel} does not fit the kernel")
    return Launch(kernel, dims, arguments)


def _argument(document: Any, buffers: Collection[str]) -> Any:
    if document is None:
        return None
    if isinstance(document, list):
        return tuple(_argument(part, buffers) for part in document)
    if not isinstance(document, dict) or "buffer" not in document:
        return value_of(document)
    return BufferRef(choice(document, "buffer", buffers))


def _fit(arguments: Sequence[Any], types: Sequence[Type], buffers: Mapping[str, Buffer]) -> bool:
    return len(arguments) == len(types) and all(
        _fits(argument, type_, buffers) for argument, type_ in zip(arguments, types, strict=True)
    )


def _fits(argument: Any, type_: Type, buffers: Mapping[str, Buffer]) -> bool:
    """Whether a launch may give this for a parameter of a type, or for a part of one."""
    if isinstance(argument, BufferRef):
        return _type_of(buffers[argument.name]) == type_
    if not type_.handles or argument is None:
        return type_.holds(argument)
    return isinstance(argument, tuple) and _fit(argument, type_.parts, buffers)


def _type_of(buffer: Buffer) -> Type:
    return Array(buffer.element, len(buffer.shape))
