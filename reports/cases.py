"""A test case as a JSON document, and back: bit by bit the same, and readable.

The module is kept as source text, buffers as the little-endian bytes of their content with a preview beside them, float
arguments as their bits. Reading parses the module with the grammar and executes nothing; whatever is wrong with a
document becomes one sentence that names where it came from.
"""

from __future__ import annotations

import json
import math
import typing
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from grammar import module_names, parse
from grammar.errors import UserError
from grammar.types import ELEMENT_BY_NAME, SCALAR_BY_NAME, scalar_of, shape_of, type_name
from oracle.records import LAYOUTS, Buffer, BufferRef, Launch, Options, Provenance, TestCase
from reports import files, values

FORMAT = "warpsmith case 1"
MAX_THREADS = 2**16  # of all launches together: the reference gives up long before, and ours have some hundreds
MAX_SCALARS = 2**16  # of one array: ours have some hundreds
PREVIEW = 8  # scalars shown beside the bytes: enough to recognise a buffer, short enough for one line

R = TypeVar("R")
NumpyArray = np.ndarray[Any, Any]


class Malformed(Exception):
    """A document is not what it should be; the message says what is wrong with it, in the words of a sentence's end."""


def case_document(case: TestCase) -> dict[str, Any]:
    """Give the JSON document of a test case."""
    return {
        "format": FORMAT,
        "module": case.source,
        "buffers": [buffer_document(buffer) for buffer in case.buffers],
        "launches": [launch_document(launch) for launch in case.launches],
        "options": asdict(case.options),
        "provenance": asdict(case.provenance) if case.provenance else None,
    }


def case_of(document: Any, origin: str) -> TestCase:
    """Give the test case that a document holds; ``origin`` names the document in messages.

    Raises:
        UserError: The document is no test case, or none of this version.
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


def unpacked(content: Any, origin: str) -> Any:
    """Give back what :func:`packed` compressed; raises UserError where the content is damaged."""
    try:
        return json.loads(zlib.decompress(content))
    except (zlib.error, ValueError, TypeError, RecursionError) as error:
        raise UserError(f"{origin} is damaged: {error}") from error


def array_document(array: NumpyArray) -> dict[str, Any]:
    """Give the JSON document of an array of scalars: type, shape, little-endian bytes, and a preview."""
    shown = [values.readable(value) for value in array.reshape(-1)[:PREVIEW]]
    return {
        "dtype": array.dtype.name,
        "shape": list(array.shape),
        "data": array.astype(array.dtype.newbyteorder("<")).tobytes().hex(),
        "preview": ", ".join([*shown, "..."] if array.size > PREVIEW else shown),
    }


def array_of(document: Any) -> NumpyArray:
    """Give the array that :func:`array_document` kept; raises Malformed where there is none."""
    scalar = SCALAR_BY_NAME.get(field(document, "dtype", str))
    if scalar is None:
        raise Malformed(f"there is no scalar type {document['dtype']!r}")
    shape = tuple(field(document, "shape", list))
    if not all(type(size) is int and size >= 0 for size in shape):
        raise Malformed(f"{list(shape)} is no shape")
    if math.prod(shape) > MAX_SCALARS:
        raise Malformed(f"an array of shape {list(shape)} has more than {MAX_SCALARS} scalars; make it smaller")
    try:
        content = bytes.fromhex(field(document, "data", str))
        array = np.frombuffer(content, scalar.dtype.newbyteorder("<")).astype(scalar.dtype).reshape(shape)
    except ValueError as error:
        raise Malformed(f"the bytes of an array do not fill {list(shape)} of {scalar} ({error})") from error
    if scalar.kind == "bool" and content.strip(b"\0\1"):
        raise Malformed("a bool is neither 0 nor 1")
    return array


def field(document: Any, name: str, kind: type[R]) -> R:
    """Give a field of a JSON object; raises Malformed where it is missing or of another kind."""
    if not isinstance(document, dict):
        raise Malformed(f"{str(document)[:60]!r} stands where an object belongs")
    if name not in document:
        raise Malformed(f"{name!r} is missing")
    if not isinstance(document[name], kind) or (kind is int and isinstance(document[name], bool)):
        raise Malformed(f"{name!r} is {str(document[name])[:60]!r}, which is not of kind {kind.__name__}")
    return document[name]  # type: ignore[no-any-return]  # of that kind, by the line above


def record(cls: type[R], document: Any) -> R:
    """Build a flat record from a JSON object with exactly its fields; raises Malformed where they do not fit."""
    hints = typing.get_type_hints(cls)
    if not isinstance(document, dict) or set(document) != set(hints):
        raise Malformed(f"{cls.__name__.lower()} needs exactly {', '.join(sorted(hints))}")
    for name, hint in hints.items():
        value = document[name]
        if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
            raise Malformed(f"{name!r} of {cls.__name__.lower()} is {str(value)[:60]!r}")
    return cls(**document)


def value_of(document: Any) -> Any:
    """Give the value that ``values.to_json`` kept; raises Malformed where there is none."""
    try:
        return values.from_json(document)
    except ValueError as error:
        raise Malformed(str(error)) from error


def buffer_document(buffer: Buffer) -> dict[str, Any]:
    """Give the JSON document of a buffer: its name, element type and layout, and its content before the launches."""
    names = {"name": buffer.name, "element": type_name(buffer.element), "layout": buffer.layout}
    return names | array_document(buffer.data)


def launch_document(launch: Launch) -> dict[str, Any]:
    """Give the JSON document of a launch: the kernel, its dimensions and its arguments."""
    arguments = [
        {"buffer": argument.name} if isinstance(argument, BufferRef) else values.to_json(argument)
        for argument in launch.arguments
    ]
    return {"kernel": launch.kernel, "dims": list(launch.dims), "arguments": arguments}


def _case(document: Any) -> TestCase:
    if field(document, "format", str) != FORMAT:
        raise Malformed(f"its format is {document['format'][:60]!r}, this version reads {FORMAT!r}")
    try:
        module = parse(field(document, "module", str))
    except UserError as error:
        raise Malformed(f"its module does not parse: {error}") from error
    buffers = tuple(_buffer(buffer) for buffer in field(document, "buffers", list))
    names = {buffer.name for buffer in buffers}
    if len(names) != len(buffers):
        raise Malformed("two buffers have one name")
    launches = tuple(_launch(launch, names, module_names(module)) for launch in field(document, "launches", list))
    if not launches:
        raise Malformed("'launches' is empty, so that nothing would run; add a launch of a kernel")
    if sum(math.prod(launch.dims) for launch in launches) > MAX_THREADS:
        raise Malformed(f"its launches have more than {MAX_THREADS} threads; make their 'dims' smaller")
    provenance = document.get("provenance")
    return TestCase(
        module=module,
        buffers=buffers,
        launches=launches,
        options=record(Options, document.get("options")),
        provenance=None if provenance is None else record(Provenance, provenance),
    )


def _buffer(document: Any) -> Buffer:
    name, layout = field(document, "name", str), field(document, "layout", str)
    element = ELEMENT_BY_NAME.get(field(document, "element", str))
    if element is None:
        raise Malformed(f"buffer {name!r} has no known element type")
    if layout not in LAYOUTS:
        raise Malformed(f"buffer {name!r} has no known layout")
    data = array_of(document)
    inner = shape_of(element)
    if (
        data.dtype != scalar_of(element).dtype
        or data.ndim <= len(inner)
        or data.shape[data.ndim - len(inner) :] != inner
    ):
        raise Malformed(f"buffer {name!r} does not hold elements of type {type_name(element)}")
    return Buffer(name, element, data, layout)


def _launch(document: Any, buffers: set[str], kernels: tuple[str, ...]) -> Launch:
    kernel, dims = field(document, "kernel", str), tuple(field(document, "dims", list))
    if kernel not in kernels:
        raise Malformed(f"the module has no kernel {kernel!r}")
    if not 1 <= len(dims) <= 4 or not all(type(size) is int and size >= 0 for size in dims):
        raise Malformed(f"{list(dims)} are no launch dimensions")
    return Launch(kernel, dims, tuple(_argument(a, buffers) for a in field(document, "arguments", list)))


def _argument(document: Any, buffers: set[str]) -> Any:
    if not isinstance(document, dict) or "buffer" not in document:
        return value_of(document)
    name = field(document, "buffer", str)
    if name not in buffers:
        raise Malformed(f"there is no buffer {name!r}")
    return BufferRef(name)
