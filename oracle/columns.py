"""The content of arrays as values: one for each element, of the columns that its leaves lie in, and back.

Both interpreters (of kernels, and of emitted text) read buffers so; engines that have a device copy bytes instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from grammar.ops.record import Value
from grammar.types import Array, Leaf
from oracle.records import Buffer, BufferRef, NumpyArray


def values_of(buffer: Buffer, array: Callable[[BufferRef | None, Array], Any]) -> list[Value]:
    """The elements of a buffer, in row-major order: floats as NumPy scalars, other scalars as Python's.

    ``array`` says what a part of an element is that is an array of a type.
    """
    element = buffer.element
    leaves = zip(element.leaves, buffer.columns, strict=True)
    handles = zip(element.handles, buffer.handles, strict=True)
    return element.zipped(
        iter([_items(column, leaf) for leaf, column in leaves]),
        iter([[array(ref, handle.type) for ref in column.flat] for handle, column in handles]),
    )


def column_of(leaf: Leaf, shape: tuple[int, ...], values: Iterable[Value]) -> NumpyArray:
    """The column of a leaf in an array of that shape with these elements, in row-major order."""
    parts = [part(value, leaf.path) for value in values]
    return np.array(parts, leaf.scalar.dtype).reshape(shape + leaf.extents)


def part(value: Any, path: Sequence[int]) -> Any:
    """The part of a value that positions lead to."""
    for position in path:
        value = value[position]
    return value


def _items(column: NumpyArray, leaf: Leaf) -> list[Value]:
    """What a leaf is in each element; ``list`` keeps the types of NumPy, ``tolist`` makes Python's."""
    rows = column.reshape(-1, *leaf.extents)
    if not leaf.extents:
        return list(rows) if leaf.scalar.is_float else rows.tolist()
    return [_nested(row, exact=leaf.scalar.is_float) for row in rows]


def _nested(row: NumpyArray, *, exact: bool) -> Value:
    if row.ndim == 1:
        return tuple(row) if exact else tuple(row.tolist())
    return tuple([_nested(part, exact=exact) for part in row])
