"""Small hand-written kernels for the tests of reference and judge: one kernel ``k``, its arguments by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grammar import emit, parse
from grammar import nodes as n
from grammar.check import Kernel, check
from grammar.trees import path_of
from grammar.types import Array, Matrix, Type, Vector
from oracle.columns import part
from oracle.records import Buffer, BufferRef, Launch, Options, TestCase
from oracle.reference import STRICT, Expectation, Regime, Undefined, interpret

DEFAULTS = Options()


def kernel(signature: str, body: str, before: str = "") -> n.Module:
    """Make a module of one kernel ``k``, behind other definitions."""
    rows = "".join(f"    {row}\n" for row in body.splitlines())
    return parse(f"import warp as wp\n{before}\n@wp.kernel\ndef k({signature}):\n{rows}")


def case_of(
    module: n.Module, dims: int | tuple[int, ...] = 1, *launches: str, options: Options = DEFAULTS, **given: Any
) -> TestCase:
    """Make a test case that launches kernels (``k`` if none is named), each with all arguments that it has by name.

    None for an array gives none.
    """
    typing = check(module, options.max_unroll, backward=options.enable_backward)
    wanted = [typing.kernels[name] for name in launches or ("k",)]
    types = {name: type_ for one in wanted for name, type_ in zip(one.names, one.types, strict=True)}
    arrays = {name: type_ for name, type_ in types.items() if isinstance(type_, Array) and given[name] is not None}
    buffers = tuple(_buffer(name, type_, given[name]) for name, type_ in arrays.items())
    size = (dims,) if isinstance(dims, int) else dims
    runs = (Launch(name, size, _arguments(typing.kernels[name], given)) for name in launches or ("k",))
    return TestCase(module, buffers, tuple(runs), options)


def _buffer(name: str, type_: Array, content: Any) -> Buffer:
    """Make a buffer; of structs in one dimension, given as tuples, with the names of arrays in them."""
    element = type_.element
    if not element.fields:
        return Buffer.of(name, element, np.array(content, element.scalar.dtype))
    columns = (np.array([part(one, leaf.path) for one in content], leaf.scalar.dtype) for leaf in element.leaves)
    handles = (_references([part(one, handle.path) for one in content]) for handle in element.handles)
    return Buffer(name, element, tuple(columns), handles=tuple(handles))


def _references(names: list[str | None]) -> np.ndarray[Any, Any]:
    column = np.empty(len(names), object)
    column[:] = [None if name is None else BufferRef(name) for name in names]
    return column


def _arguments(one: Kernel, given: dict[str, Any]) -> tuple[Any, ...]:
    pairs = zip(one.names, one.types, strict=True)
    return tuple(
        BufferRef(name) if _is_given(type_, given[name]) else _value(type_, given[name]) for name, type_ in pairs
    )


def _is_given(type_: Type, content: Any) -> bool:
    return isinstance(type_, Array) and content is not None


def _value(type_: Type, value: Any) -> Any:
    if value is None or isinstance(type_, Array):
        return value and BufferRef(value)
    if type_.fields:
        return tuple(_value(part, item) for part, item in zip(type_.parts, value, strict=True))
    if isinstance(type_, Vector):
        return tuple(_value(type_.scalar, item) for item in value)
    if isinstance(type_, Matrix):
        return tuple(_value(type_.row, row) for row in value)
    scalar = type_.scalar
    return scalar.dtype.type(value) if scalar.is_float else value


def expected(
    signature: str,
    body: str,
    before: str = "",
    dims: int | tuple[int, ...] = 1,
    regime: Regime = STRICT,
    **given: Any,
) -> Expectation:
    """Interpret one launch of a kernel."""
    return interpret(case_of(kernel(signature, body, before), dims, **given), regime)


def run(signature: str, body: str, before: str = "", dims: int | tuple[int, ...] = 1, **given: Any) -> dict[str, Any]:
    """Return the arrays after one launch of a kernel, as nested lists."""
    arrays = expected(signature, body, before, dims, **given).arrays
    return {name: array.tolist() for name, array in arrays.items()}


def fault(
    signature: str,
    body: str,
    before: str = "",
    dims: int | tuple[int, ...] = 1,
    regime: Regime = STRICT,
    **given: Any,
) -> tuple[str, str]:
    """Return why a kernel has no defined meaning, and the source of the node at fault, which stands in the module."""
    module = kernel(signature, body, before)
    with pytest.raises(Undefined) as undefined:
        interpret(case_of(module, dims, **given), regime)
    assert path_of(module, undefined.value.node) is not None
    return undefined.value.reason, emit(undefined.value.node)
