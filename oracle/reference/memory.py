"""Arrays of the reference: buffers of values, and views into them.

A buffer is a flat list of values and a list of radii. A view is a strided window on it; slices and rows are views. Who
touches what is noted in the buffer's shadow (:mod:`oracle.reference.shadow`), which finds races.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np

from grammar.ops.balls import Ball
from grammar.ops.record import Radius, Value
from grammar.types import Array, Element, Leaf, Type
from oracle.columns import column_of, part, values_of
from oracle.records import Buffer, BufferRef, FloatArray, NumpyArray, in_order
from oracle.reference.shadow import Path, Shadow
from oracle.reference.undefined import MISSING, OUT_OF_RANGE, RACE

Update = tuple[str, Path, Value]
"""The kind of an atomic, the part of the element that it updates, and its operand."""


@dataclass(eq=False)
class Memory:
    """One buffer: its values and radii in row-major order, and the shadow of the current launch.

    ``origins`` are those of elements that have one, by position. An array that is not ``given`` has no elements.
    """

    element: Element
    shape: tuple[int, ...]
    values: list[Value]
    radii: list[Radius] = field(default_factory=list)
    given: bool = True
    origins: dict[int, Any] = field(default_factory=dict)
    shadow: Shadow = field(init=False)
    updates: dict[int, list[Update]] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.begin_launch()

    @classmethod
    def of(cls, buffer: Buffer, memories: Mapping[str, Memory] = MappingProxyType({})) -> Memory:
        """Take over a buffer's content; ``memories`` has those that its elements refer to, by name."""
        values = values_of(buffer, partial(View.referred, memories))
        return cls(buffer.element, buffer.shape, values, [0] * len(values))

    @classmethod
    def missing(cls, type_: Array) -> Memory:
        """What there is of an array that is not given."""
        return cls(type_.element, (0,) * type_.ndim, [], given=False)

    def begin_launch(self) -> None:
        """Forget who touched what."""
        self.shadow = Shadow(len(self.values), self.element)
        self.updates, self.used = {}, set()

    def column(self, leaf: Leaf) -> NumpyArray:
        """Copy what a leaf is in each element into an array, as the column of a buffer."""
        return column_of(leaf, self.shape, self.values)

    def radii_of(self, leaf: Leaf) -> FloatArray:
        """Copy the radii of a leaf into a float64 array of the shape of its column."""
        full = np.zeros((len(self.values), *leaf.extents))
        for position, radius in enumerate(self.radii):
            if radius:
                full[position] = part(radius, leaf.path)
        return full.reshape(self.shape + leaf.extents)

    def held(self, at: int) -> Ball:
        """Look up what an element holds; nobody has read it by that."""
        if self.origins:
            return Ball(self.values[at], self.radii[at], self.origins.get(at))
        return Ball(self.values[at], self.radii[at])

    def put(self, at: int, ball: Ball) -> None:
        """Change what an element holds; that it may be written or updated was asked before."""
        self.values[at], self.radii[at] = ball.value, ball.radius
        if ball.origin is not None or self.origins:
            self.origins[at] = ball.origin

    def read(self, at: int, thread: int, path: Path = ()) -> str | None:
        """Note that a thread reads an element, or a part of it; says what is wrong, if anything."""
        return RACE if self.shadow.read(at, thread, path) else None

    def write(self, at: int, thread: int, path: Path = ()) -> str | None:
        """Note a write before it happens; says what is wrong, if anything."""
        return RACE if self.shadow.write(at, thread, path) else None

    def update(self, at: int, kind: str, operand: Value, thread: int, path: Path = ()) -> str | None:
        """Note an atomic update before it happens; says what is wrong, if anything."""
        self.updates.setdefault(at, []).append((kind, path, operand))
        return RACE if self.shadow.update(at, kind, thread, path) else None

    def shared_updates(self) -> Iterator[tuple[int, list[Update]]]:
        """List the elements that several threads updated in this launch, with all updates."""
        return ((at, updates) for at, updates in self.updates.items() if self.shadow.is_shared(at))

    def order_matters(self) -> bool:
        """Say whether a returned value of an atomic was used whose element several threads updated."""
        return any(map(self.shadow.is_shared, self.used))


def blank(type_: Type) -> Value:
    """Make a value of zeros, whose arrays are not given."""
    if isinstance(type_, Array):
        return View.whole(Memory.missing(type_))
    return tuple(map(blank, type_.parts)) if type_.handles else type_.default


def memories_of(buffers: Iterable[Buffer]) -> dict[str, Memory]:
    """Take over the content of buffers, by name: those first that others refer to."""
    found: dict[str, Memory] = {}
    for buffer in in_order(buffers):
        found[buffer.name] = Memory.of(buffer, found)
    return {buffer.name: found[buffer.name] for buffer in buffers}


@dataclass(slots=True)
class View:
    """A strided window on a buffer, in elements: what an array variable holds.

    Nothing changes one; it is not frozen, since one is made at every access, and freezing costs more than all else.
    """

    memory: Memory
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @classmethod
    def referred(cls, memories: Mapping[str, Memory], ref: BufferRef | None, type_: Array) -> View:
        """The view of a whole buffer, or of an array that is not given."""
        return cls.whole(Memory.missing(type_) if ref is None else memories[ref.name])

    @classmethod
    def whole(cls, memory: Memory) -> View:
        """The view of a whole buffer in row-major order."""
        strides: list[int] = []
        step = 1
        for length in reversed(memory.shape):
            strides.insert(0, step)
            step *= length
        return cls(memory, 0, memory.shape, tuple(strides))

    def truth(self) -> bool | None:
        """Say whether there is an array (documented: ``if arr``); None where it is not said: one without elements."""
        return self.memory.given if self.memory.given is all(self.shape) else None

    def select(self, indices: Sequence[int | slice]) -> View | str:
        """Index the leading dimensions; gives what is wrong where an index is out of range, or there is no array.

        Negative indices count from the end; slice bounds are clamped as in Python.
        """
        offset, sliced = self.offset, []
        for index, length, stride in zip(indices, self.shape, self.strides, strict=False):
            if isinstance(index, int):
                if not -length <= index < length:
                    return OUT_OF_RANGE
                offset += index % length * stride
            else:
                start, stop, step = index.indices(length)
                offset += start * stride
                sliced.append((len(range(start, stop, step)), stride * step))
        count = len(indices)
        if not sliced and count == len(self.shape):
            return View(self.memory, offset, (), ())
        shape, strides = self.shape[count:], self.strides[count:]
        if sliced and not self.memory.given:
            return MISSING
        if sliced:
            shape, strides = (*(length for length, _ in sliced), *shape), (*(step for _, step in sliced), *strides)
        return View(self.memory, offset, shape, strides)
