"""Arrays of the reference as lanes see them: a column for each scalar of an element, and who touched which element.

The shadow is coarser than the one of :mod:`oracle.reference.memory`: whatever it does not recognise as free of races is
:class:`Unsuited`. Atomics are only noted here; they take place in launch order when all lanes have ended.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from grammar.ops.components import over
from oracle.reference.bounding import is_marked
from oracle.reference.lanes.values import (
    Indices,
    Unsuited,
    by_lane,
    gathered,
    gathered_radii,
    put,
    put_radius,
    radii_by_lane,
)
from oracle.reference.memory import Memory

NOBODY = -1
ANYBODY = np.iinfo(np.int64).max


class LaneMemory:
    """The content of one buffer during one launch; nothing reaches the buffer before :meth:`write_back`.

    An index ``at`` is an int, of an element that all lanes touch, or an array with one for each lane; ``threads`` has
    the number of the thread of each active lane, in rising order.
    """

    def __init__(self, memory: Memory) -> None:
        if any(map(is_marked, memory.radii)):
            raise Unsuited("a radius is told by its identity")
        self.memory = memory
        self.count = len(memory.values)
        self.values = gathered(memory.values, memory.element)
        self.radii = gathered_radii(memory.radii, memory.element)
        self.is_written = False
        self._writers = np.full(self.count, NOBODY)
        self._first_readers = np.full(self.count, ANYBODY)
        self._last_readers = np.full(self.count, NOBODY)
        self._updated = np.zeros(self.count, np.bool_)

    def read(self, at: Any, threads: Indices) -> tuple[Any, Any]:
        """Read the value and the radius of elements."""
        if np.any(self._updated[at]) or self._is_written_by_others(at, threads):
            raise Unsuited("an element is read that another lane changes")
        one_by_one = isinstance(at, np.ndarray)
        np.minimum.at(self._first_readers, at, threads if one_by_one else threads[0])
        np.maximum.at(self._last_readers, at, threads if one_by_one else threads[-1])
        return _picked(self.values, at), _picked_radius(self.radii, at)

    def write(self, at: Any, value: Any, radius: Any, threads: Indices) -> None:
        """Write elements, each lane its own."""
        at = np.atleast_1d(at)
        if len(at) != len(threads) or len(np.unique(at)) != len(at):
            raise Unsuited("lanes write one element")
        if self._is_written_by_others(at, threads) or self._is_read_by_others(at, threads) or self._updated[at].any():
            raise Unsuited("an element is written that another lane touches")
        self._writers[at] = threads
        self.is_written = True
        self.values = put(self.values, at, value, self.count)
        if _is_inexact(radius) or _is_inexact(self.radii):
            self.radii = put_radius(self.radii, at, radius, self.count)

    def note_updates(self, at: Any) -> None:
        """Note that elements are updated atomically: nobody may touch them in another way in this launch."""
        if np.any(self._writers[at] != NOBODY) or np.any(self._last_readers[at] != NOBODY):
            raise Unsuited("an element is updated that is read or written too")
        self._updated[at] = True

    def write_back(self) -> None:
        """Hand the content over to the buffer."""
        if self.is_written:
            self.memory.values[:] = by_lane(self.values, self.count)
            self.memory.radii[:] = radii_by_lane(self.radii, self.count)

    def _is_written_by_others(self, at: Any, threads: Indices) -> bool:
        writers = self._writers[at]
        return bool(np.any((writers != NOBODY) & (writers != threads)))

    def _is_read_by_others(self, at: Any, threads: Indices) -> bool:
        last = self._last_readers[at]
        return bool(np.any((last != NOBODY) & ((last != threads) | (self._first_readers[at] != threads))))


def _picked(value: Any, at: Any) -> Any:
    def pick(leaf: Any) -> Any:
        if not isinstance(leaf, np.ndarray):
            return leaf
        found = leaf[at]
        return found.item() if leaf.dtype.kind == "b" and not isinstance(found, np.ndarray) else found

    return over(pick, value)


def _picked_radius(radius: Any, at: Any) -> Any:
    def pick(leaf: Any) -> Any:
        return leaf[at] if isinstance(at, np.ndarray) else float(leaf[at])

    return over(pick, radius) if _is_inexact(radius) else 0


def _is_inexact(radius: Any) -> bool:
    return isinstance(radius, np.ndarray | tuple) or radius != 0
