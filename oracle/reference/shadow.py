"""The shadow of one buffer: who touched which element in this launch, which tells whether threads race.

Two threads that touch one place race, unless both only read it, or both update it by atomics that commute. A place is
an element; once a component of it is touched apart from the others, the element falls into one place per component.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from grammar.ops.atomics import commute
from grammar.types import Type

NOBODY = -1
SEVERAL = -2

Path = tuple[int, ...]
"""Which part of an element: () for all of it, (1,) for a component of a vector or a row of a matrix."""


@cache
def _size(type_: Type) -> int:
    """Count the smallest parts that a value has: scalars, and handles of arrays."""
    return sum(map(_size, type_.parts)) or 1


@cache
def _span(type_: Type, path: Path) -> tuple[int, int]:
    """Find a part of a value among its smallest parts: the first of them, and how many there are."""
    if not path:
        return 0, _size(type_)
    position = path[0] % len(type_.parts)
    first, size = _span(type_.parts[position], path[1:])
    return first + sum(map(_size, type_.parts[:position])), size


@dataclass(eq=False)
class Shadow:
    """Who wrote, read and updated each place; the first ``count`` are the elements, of this type each."""

    count: int
    element: Type
    writers: list[int] = field(init=False)
    readers: list[int] = field(init=False)
    updaters: list[int] = field(init=False)
    kinds: dict[int, set[str]] = field(default_factory=dict)
    parts: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.writers, self.readers, self.updaters = ([NOBODY] * self.count for _ in range(3))

    def read(self, at: int, thread: int, path: Path = ()) -> bool:
        """Note that a thread reads an element, or a part of it; says whether it races."""
        races, mine = False, (NOBODY, thread)
        for place in self.places(at, path):
            if self.writers[place] not in mine or self.updaters[place] not in mine:
                races = True
            reader = self.readers[place]
            if reader != thread:
                self.readers[place] = thread if reader == NOBODY else SEVERAL
        return races

    def write(self, at: int, thread: int, path: Path = ()) -> bool:
        """Note that a thread writes, if it may; says whether it races."""
        places = self.places(at, path)
        if any(self._is_taken(place, thread) or self.updaters[place] not in (NOBODY, thread) for place in places):
            return True
        for place in places:
            self.writers[place] = thread
        return False

    def update(self, at: int, kind: str, thread: int, path: Path = ()) -> bool:
        """Note that a thread updates by an atomic of a kind, if it may; says whether it races."""
        races = False
        for place in self.places(at, path):
            kinds = self.kinds.setdefault(place, set())
            kinds.add(kind)
            others = self.updaters[place] not in (NOBODY, thread)
            if self._is_taken(place, thread) or (others and not commute(kinds)):
                races = True
            elif self.updaters[place] != thread:
                self.updaters[place] = SEVERAL if others else thread
        return races

    def is_shared(self, at: int) -> bool:
        """Say whether several threads updated an element, or a part of it."""
        return any(self.updaters[place] == SEVERAL for place in self.places(at))

    def places(self, at: int, path: Path = ()) -> Sequence[int]:
        """Return the places of an element, or of a part of it: one as long as no part was touched apart."""
        if not path and at not in self.parts:
            return (at,)
        first, size = _span(self.element, path)
        first += self._first_part(at)
        return range(first, first + size)

    def _first_part(self, at: int) -> int:
        """Return the place of an element's first component; what was known of the element is known of each."""
        if at not in self.parts:
            size = _size(self.element)
            self.parts[at] = first = len(self.writers)
            for known in (self.writers, self.readers, self.updaters):
                known.extend([known[at]] * size)
            if at in self.kinds:
                self.kinds.update((first + part, set(self.kinds[at])) for part in range(size))
        return self.parts[at]

    def _is_taken(self, place: int, thread: int) -> bool:
        """Whether another thread wrote or read a place."""
        return self.writers[place] not in (NOBODY, thread) or self.readers[place] not in (NOBODY, thread)
