"""Where a buffer lies in memory: its layout, and the guard bytes around and between its elements.

A buffer gets one allocation: a red zone, the elements in their layout, another red zone. Every byte that belongs to no
element holds a pattern. Whoever wrote outside of the elements changed it: putting the first elements back and comparing
with the first image finds wild writes in the zones and in the gaps of a strided layout. NumPy only, for any engine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from oracle.records import Buffer

Bytes = np.ndarray[Any, np.dtype[np.uint8]]

ALIGNMENT = 64  # bytes: a cache line, more than any element type needs
LEAST_ZONE = 256  # bytes: two elements of the largest type, a 4 by 4 matrix of float64
PATTERN = 0xA5  # large as an unsigned integer, negative as a signed one, tiny and odd as a float


@dataclass(frozen=True, eq=False)
class Placement:
    """The layout of one buffer in an allocation of its own."""

    buffer: Buffer

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
    def _pitch(self) -> int:
        gap = 2 if self.buffer.layout == "strided" else 1
        return gap * self.buffer.element.size * self.buffer.element.scalar.dtype.itemsize

    @property
    def _extent(self) -> int:
        return math.prod(self.buffer.shape) * self._pitch

    def image(self) -> Bytes:
        """Return the bytes of the allocation before any launch."""
        allocation = np.full(2 * self.zone + self._extent, PATTERN, np.uint8)
        self.elements(allocation)[...] = self.buffer.data
        return allocation

    def elements(self, allocation: Bytes) -> np.ndarray[Any, Any]:
        """View the elements in the bytes of an allocation, in the shape of ``Buffer.data``."""
        dtype = self.buffer.element.scalar.dtype
        inner = np.empty(self.buffer.element.extents, dtype).strides
        return np.ndarray(self.buffer.data.shape, dtype, allocation, self.offset, (*self.strides, *inner))

    def wild_writes(self, allocation: Bytes) -> list[int]:
        """Return the positions of changed guard bytes, counted from the first byte of element zero."""
        restored = allocation.copy()
        self.elements(restored)[...] = self.buffer.data
        changed: list[int] = (np.flatnonzero(restored != self.image()) - self.offset).tolist()
        return changed
