"""Where a buffer lies in memory: its layout, and the guard bytes around and between its elements.

A buffer gets one allocation: a red zone, the elements in their layout, another red zone. Every byte that belongs to no
element holds a pattern. Whoever wrote outside of the elements changed it: putting the first elements back and comparing
with the first image finds wild writes in the zones and in the gaps of a strided layout. NumPy only, for any engine.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from grammar.types import Array, Leaf
from oracle.records import Buffer, BufferRef, NumpyArray

Bytes = np.ndarray[Any, np.dtype[np.uint8]]

ALIGNMENT = 64  # bytes: a cache line, more than any element type needs
LEAST_ZONE = 256  # bytes: two 4 by 4 matrices of float64
PATTERN = 0xA5  # large as an unsigned integer, negative as a signed one, tiny and odd as a float


@dataclass(frozen=True, eq=False)
class Placement:
    """The layout of one buffer in an allocation of its own; ``described`` gives the bytes that stand for an array."""

    buffer: Buffer
    described: Callable[[BufferRef | None, Array], bytes]

    @cached_property
    def strides(self) -> tuple[int, ...]:
        """Bytes from one element to the next along each array axis, as ``Buffer.layout`` says."""
        shape, layout = self.buffer.shape, self.buffer.layout
        fastest_first = range(len(shape)) if layout == "transposed" else reversed(range(len(shape)))
        strides = [0] * len(shape)
        step = self._pitch
        for axis in fastest_first:
            strides[axis] = step
            step *= shape[axis]
        if layout == "reversed":
            strides[0] = -strides[0]
        return tuple(strides)

    @cached_property
    def zone(self) -> int:
        """Bytes of each red zone: what the elements take, so that an index off by a whole length still lands in it."""
        return ALIGNMENT * math.ceil(max(LEAST_ZONE, self._extent) / ALIGNMENT)

    @property
    def offset(self) -> int:
        """Where the element of index zero begins."""
        return self.zone + max(0, (self.buffer.shape[0] - 1) * -self.strides[0])

    @property
    def _size(self) -> int:
        return self.buffer.element.footprint[0]

    @property
    def _pitch(self) -> int:
        return self._size * (2 if self.buffer.layout == "strided" else 1)

    @property
    def _extent(self) -> int:
        return math.prod(self.buffer.shape) * self._pitch

    @cached_property
    def image(self) -> Bytes:
        """The bytes of the allocation before any launch."""
        allocation = np.full(2 * self.zone + self._extent, PATTERN, np.uint8)
        element = self.buffer.element
        for leaf, column in zip(element.leaves, self.buffer.columns, strict=True):
            self._column(allocation, leaf)[...] = column
        for handle, references in zip(element.handles, self.buffer.handles, strict=True):
            places = self.spans(allocation, element.offset_of(handle.path), handle.type.footprint[0])
            for at, reference in np.ndenumerate(references):
                places[at] = np.frombuffer(self.described(reference, handle.type), np.uint8)
        return allocation

    def columns(self, allocation: Bytes) -> dict[str, NumpyArray]:
        """Copy the columns of the buffer, by name, out of the bytes of an allocation."""
        leaves = zip(self.buffer.named, self.buffer.element.leaves, strict=True)
        return {name: self._column(allocation, leaf).copy() for name, leaf in leaves}

    def _column(self, allocation: Bytes, leaf: Leaf) -> NumpyArray:
        """View a column of the buffer in the bytes of an allocation."""
        dtype = leaf.scalar.dtype
        inner = np.empty(leaf.extents, dtype).strides
        start = self.offset + self.buffer.element.offset_of(leaf.path)
        return np.ndarray((*self.buffer.shape, *leaf.extents), dtype, allocation, start, (*self.strides, *inner))

    def spans(self, allocation: Bytes, offset: int = 0, count: int | None = None) -> Bytes:
        """View some bytes of each element in the bytes of an allocation; all of them unless it says which."""
        shape, strides = (*self.buffer.shape, self._size if count is None else count), (*self.strides, 1)
        return np.ndarray(shape, np.uint8, allocation, self.offset + offset, strides)

    def wild_writes(self, allocation: Bytes) -> list[int]:
        """Return the positions of changed guard bytes, counted from the first byte of element zero.

        What lies between the fields of a struct is no guard: whoever copies the struct may copy that too.
        """
        restored = allocation.copy()
        self.spans(restored)[...] = self.spans(self.image)
        changed: list[int] = (np.flatnonzero(restored != self.image) - self.offset).tolist()
        return changed
