"""What a person gives for one launch of their kernel, as a test case: each mistake in it is one sentence."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from operator import index
from reprlib import repr as shortened
from typing import Any

import numpy as np

from grammar.check.statements import MAX_DIMENSIONS
from grammar.errors import UserError
from grammar.ops.record import Value
from grammar.types import Array, Composite, Element, Leaf, Type
from oracle.records import Buffer, BufferRef, Launch, TestCase
from oracle.warp.sources import Source
from oracle.warp.value_types import field_of, is_struct, language_type, numbers_of, on_host

STEPS = 200_000
"""Statements that a kernel may execute in all its threads: the reference takes some seconds for them."""

#: The kinds of NumPy's types that may become a scalar of each kind of the language.
ACCEPTED = {"bool": "b", "int": "iu", "uint": "iu", "float": "fiu"}

Numbers = np.ndarray[Any, Any]


def launch_of(source: Source, inputs: Any, dim: Any) -> TestCase:
    """Make the test case of one launch.

    Raises:
        UserError: The inputs do not fit the parameters, or no launch has such dimensions.
    """
    names, types = source.kernel.names, source.kernel.types
    given = _in_order(source.name, names, inputs)
    buffers: dict[int, Buffer] = {}
    arguments = tuple(_argument(buffers, source.name, *one) for one in zip(names, types, given, strict=True))
    launch = Launch(source.name, _dimensions(dim), arguments)
    return TestCase(source.typing.module, tuple(buffers.values()), (launch,), source.options, steps=STEPS)


def _in_order(kernel: str, names: Sequence[str], inputs: Any) -> Sequence[Any]:
    if isinstance(inputs, Mapping):
        if set(inputs) != set(names):
            raise UserError(f"{kernel} needs inputs named {', '.join(names)}; given were {', '.join(map(str, inputs))}")
        return [inputs[name] for name in names]
    if not isinstance(inputs, Sequence) or isinstance(inputs, str):
        raise UserError(
            f"the inputs of {kernel} are a list with one for each of {', '.join(names)}, not {_kind(inputs)}"
        )
    if len(inputs) != len(names):
        raise UserError(f"{kernel} needs an input for each of {', '.join(names)}; {len(inputs)} were given")
    return inputs


def _argument(buffers: dict[int, Buffer], kernel: str, name: str, type_: Type, given: Any) -> Any:
    """Return what a launch gives for a parameter, or for a field of one, which is named ``s.field``."""
    if isinstance(type_, Array):
        return None if given is None else BufferRef(_buffer(buffers, kernel, name, type_, given).name)
    if not type_.fields:
        return _value(kernel, name, type_, given)
    if not is_struct(given, type_):
        raise UserError(f"the input {name!r} of {kernel} is {_kind(given)}; it needs to be a struct {type_}")
    fields = ((f"{name}.{field}", inner, getattr(given, field)) for field, inner in type_.fields)
    return tuple(_argument(buffers, kernel, *field) for field in fields)


def _buffer(buffers: dict[int, Buffer], kernel: str, name: str, type_: Array, given: Any) -> Buffer:
    """Return the buffer of an array; the same object makes the same buffer."""
    element = type_.element
    if element.handles:
        raise UserError(f"the input {name!r} of {kernel} holds structs with arrays, which warpsmith does not read yet")
    columns = tuple(_column(kernel, name, type_, leaf, given) for leaf in element.leaves)
    buffer = buffers.setdefault(id(given), Buffer(name.replace(".", "_"), element, columns))
    if buffer.element != element:
        raise _misfit(kernel, name, type_, given)
    return buffer


def _column(kernel: str, name: str, type_: Array, leaf: Leaf, given: Any) -> Numbers:
    """Return what a leaf is in the elements of an array."""
    data = _numbers(given) if not leaf.suffix else field_of(given, leaf.suffix[1:].split("."))
    outer = data.shape[: data.ndim - len(leaf.extents)] if data is not None else ()
    if data is None or data.dtype != leaf.scalar.dtype or data.shape != (*outer, *leaf.extents):
        raise _misfit(kernel, name, type_, given)
    if len(outer) != type_.ndim:
        raise _misfit(kernel, name, type_, given)
    return np.ascontiguousarray(data)


def _value(kernel: str, name: str, type_: Type, given: Any) -> Value:
    assert isinstance(type_, Element)
    data, scalar = _numbers(given), type_.scalar
    if data is None or data.shape != type_.extents or data.dtype.kind not in ACCEPTED[scalar.kind]:
        raise _misfit(kernel, name, type_, given)
    with np.errstate(over="ignore"):
        converted = data.astype(scalar.dtype)
    if scalar.is_integer and (converted != data).any():
        raise _misfit(kernel, name, type_, given)
    return _as_value(converted, type_)


def _as_value(data: Numbers, type_: Element) -> Value:
    return type_.built(iter(data.reshape(-1) if type_.scalar.is_float else data.reshape(-1).tolist()))


def _numbers(given: Any) -> Numbers | None:
    """Return the numbers in what a person wrote with Python, NumPy or Warp; None where there are none, or no shape."""
    type_ = language_type(type(given))
    if isinstance(type_, Composite):
        return numbers_of(given, type_)
    try:
        data = np.asarray(getattr(given, "value", on_host(given)))
    except ValueError:  # NumPy's word for rows of different lengths
        return None
    return data if data.dtype.kind in "biuf" else None


def _misfit(kernel: str, name: str, type_: Type, given: Any) -> UserError:
    wanted = str(type_)
    if isinstance(type_, Array):
        shape = ", ".join(["n"] * type_.ndim + list(map(str, type_.element.extents)))
        wanted = f"{type_.element if type_.element.fields else type_.scalar} of shape ({shape})"
    return UserError(f"the input {name!r} of {kernel} is {_kind(given)}; it needs to be {wanted}")


def _kind(given: Any) -> str:
    data, content = _numbers(given), on_host(given)
    if data is None and isinstance(content, np.ndarray):
        return f"{'structs' if content.dtype.names else content.dtype} of shape {content.shape}"
    if data is None:
        return f"{type(given).__name__} {shortened(given)}"
    return f"{data.dtype} of shape {data.shape}" if data.ndim else f"{data.dtype} {data}"


def _dimensions(dim: Any) -> tuple[int, ...]:
    try:
        dims = tuple(map(index, dim if isinstance(dim, Iterable) else (dim,)))
    except TypeError:
        raise UserError(f"the dimensions of a launch are integers, not {dim!r}") from None
    if not 1 <= len(dims) <= MAX_DIMENSIONS or min(dims) < 0:
        raise UserError(f"a launch has one to four dimensions, none of them negative, not {dims}")
    if math.prod(dims) > STEPS:
        raise UserError(f"a launch of {math.prod(dims)} threads is too large to check: {STEPS} are the most")
    return dims
