"""Windows on arrays whose place may differ from lane to lane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from oracle.reference.lanes.memory import LaneMemory
from oracle.reference.lanes.values import Indices, Unsuited


@dataclass(frozen=True)
class LaneView:
    """A strided window, in elements; ``offset`` is an int, or an array with one for each lane."""

    memory: LaneMemory
    offset: Any
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def taken(self, lanes: Indices) -> LaneView:
        """Select some lanes."""
        return replace(self, offset=self.offset[lanes]) if isinstance(self.offset, np.ndarray) else self

    def select(self, indices: Sequence[Any]) -> LaneView:
        """Index the leading dimensions by ints, arrays of them, or slices, as a single thread does.

        Raises:
            Unsuited: An index is out of range in some lane.
        """
        offset, sliced = self.offset, []
        for index, length, stride in zip(indices, self.shape, self.strides, strict=False):
            if isinstance(index, slice):
                start, stop, step = index.indices(length)
                offset = offset + start * stride
                sliced.append((len(range(start, stop, step)), stride * step))
            elif np.all((-length <= index) & (index < length)):
                offset = offset + index % length * stride
            else:
                raise Unsuited("an index is out of range")
        shape = (*(length for length, _ in sliced), *self.shape[len(indices) :])
        return LaneView(self.memory, offset, shape, (*(step for _, step in sliced), *self.strides[len(indices) :]))
