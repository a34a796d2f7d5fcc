"""What a translated text works with: arrays, ranges, parts of values, and what stands for a value never set."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from oracle.columns import column_of, values_of
from oracle.records import Buffer, BufferRef, NumpyArray
from oracle.text.faults import Fault

OUTSIDE = "out_of_bounds"
MOST_ROUNDS = 200_000
"""Rounds of loops that the threads of one launch may take together: the reference allows far fewer."""

_OMITTED_START = 2**31 - 1
_OMITTED_STOP = -(2**31)


class Unset:
    """A variable without a value: it may be copied; any other use is a fault."""

    def __init__(self, *values: Any) -> None:
        if values:  # a number is made of the type of this operand
            self._used()

    def _used(self, *_: Any) -> Any:
        raise Fault("uninitialised_read", "a variable is used that has no value yet")

    __array_ufunc__ = _used
    __bool__ = __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __hash__ = _used
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _used
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = __and__ = __rand__ = __or__ = _used
    __ror__ = __xor__ = __rxor__ = __lshift__ = __rlshift__ = __rshift__ = __rrshift__ = __neg__ = __pos__ = _used
    __invert__ = __abs__ = __int__ = __float__ = __index__ = __iter__ = __len__ = __getitem__ = __round__ = _used
    __floor__ = __ceil__ = __trunc__ = __getattr__ = _used


UNSET = Unset()


class Array:
    """What an array variable holds: a strided window on the flat list of a buffer's values.

    The reference has a memory of its own, which finds races: a mistake in one of the two shows as a discrepancy.
    """

    __slots__ = ("offset", "shape", "strides", "values")

    def __init__(self, values: list[Any], offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> None:
        self.values = values
        self.offset = offset
        self.shape = shape
        self.strides = strides

    @classmethod
    def of(cls, buffer: Buffer, arrays: Mapping[str, Array] = MappingProxyType({})) -> Array:
        """Take over a copy of a buffer's content; ``arrays`` has those that its elements refer to, by name."""
        shape = buffer.shape
        strides = tuple(math.prod(shape[axis + 1 :]) for axis in range(len(shape)))
        return cls(values_of(buffer, lambda ref, _: given(ref, arrays)), 0, shape, strides)

    def columns(self, buffer: Buffer) -> Iterator[tuple[str, NumpyArray]]:
        """Yield the columns of a whole buffer, by name."""
        for leaf in buffer.element.leaves:
            yield buffer.name + leaf.suffix, column_of(leaf, self.shape, self.values)

    def at(self, *indices: int) -> int:
        """Find an element; an index below zero counts from the end."""
        if len(indices) != len(self.shape):
            raise Fault("ill_typed_text", f"{len(indices)} indices for {len(self.shape)} dimensions")
        offset = self.offset
        for index, length, stride in zip(indices, self.shape, self.strides, strict=False):
            offset += (index if 0 <= index < length else within(index, length)) * stride
        return offset

    def element(self, *indices: int) -> Any:
        """``*wp::address``: what an element is now."""
        return self.values[self.at(*indices)]

    def address(self, *indices: int) -> Reference:
        """``wp::address``: where an element lies."""
        return self.values, self.at(*indices)

    def part_address(self, indices: tuple[int, ...], path: tuple[int, ...]) -> Reference:
        """``&(wp::index(a, i).component_ref(k))``: where a part of an element lies."""
        return indexref(self.address(*indices), *path)

    def store(self, value: Any, *indices: int) -> None:
        """``wp::array_store``."""
        self.values[self.at(*indices)] = known(value)

    def store_part(self, value: Any, indices: tuple[int, ...], path: tuple[int, ...]) -> None:
        """``wp::store`` of a part of an element."""
        at = self.at(*indices)
        self.values[at] = with_part(self.values[at], known(value), *path)

    def update(self, meaning: Any, value: Any, *indices: int) -> Any:
        """``wp::atomic_...``: combine an element with a value; gives what it was before."""
        at = self.at(*indices)
        before = self.values[at]
        self.values[at] = meaning(before, value)
        return before

    def update_part(self, meaning: Any, value: Any, indices: tuple[int, ...], path: tuple[int, ...]) -> None:
        """``wp::array_atomic_..._slot``."""
        at = self.at(*indices)
        before = self.values[at]
        self.values[at] = with_part(before, meaning(part(before, *path), value), *path)

    def view(self, *indices: Any) -> Array:
        """``wp::view``: what is left behind some indices and slices of the leading dimensions."""
        if len(indices) > len(self.shape):
            raise Fault("ill_typed_text", f"{len(indices)} indices for {len(self.shape)} dimensions")
        offset = self.offset
        shape: list[int] = []
        strides: list[int] = []
        for index, length, stride in zip(indices, self.shape, self.strides, strict=False):
            if isinstance(index, slice):
                start, stop, step = index.indices(length)
                offset += start * stride
                shape.append(len(range(start, stop, step)))
                strides.append(stride * step)
            else:
                offset += within(index, length) * stride
        rest = len(indices)
        return Array(self.values, offset, (*shape, *self.shape[rest:]), (*strides, *self.strides[rest:]))


def given(argument: Any, arrays: Mapping[str, Array]) -> Any:
    """What an argument of a launch is in the text, or a field of one: an array by its name, or a value as it is."""
    if isinstance(argument, tuple):
        return tuple(given(part, arrays) for part in argument)
    return arrays[argument.name] if isinstance(argument, BufferRef) else argument


class Whole:
    """An element of an array as the container of its parts, to which paths lead."""

    __slots__ = ("at", "values")

    def __init__(self, values: list[Any], at: int) -> None:
        self.values = values
        self.at = at

    def __getitem__(self, path: tuple[int, ...]) -> Any:
        return part(self.values[self.at], *path)

    def __setitem__(self, path: tuple[int, ...], value: Any) -> None:
        self.values[self.at] = with_part(self.values[self.at], value, *path)


Reference = tuple[list[Any] | Whole, Any]
"""What a pointer holds: a container, and where in it the value is (an offset, or a path)."""


def indexref(pointer: Reference, *path: int) -> Reference:
    """``wp::indexref``: where a part of what a pointer leads to lies."""
    container, at = pointer
    if isinstance(container, Whole):
        whole, path = container, (*at, *path)
    else:
        whole = Whole(container, at)
    whole[path]  # which must be in it
    return whole, path


def stored(pointer: Reference, value: Any) -> None:
    """``wp::store`` to where a pointer leads."""
    container, at = pointer
    container[at] = known(value)


class Range:
    """``wp::range_t``: the rounds of a loop that are left."""

    __slots__ = ("left", "step", "value")

    def __init__(self, *bounds: int) -> None:
        if len(bounds) == 3 and bounds[2] == 0:
            raise Fault("hang", "a range with step 0")
        rounds = range(*bounds)
        self.value, self.step, self.left = rounds.start, rounds.step, len(rounds)

    def next(self) -> int:
        """``wp::iter_next``."""
        value = self.value
        self.value += self.step
        self.left -= 1
        return value


def sliced(start: int, stop: int, step: int) -> slice:
    """``wp::slice_t``: bounds that were not written have values of their own."""
    return slice(None if start == _OMITTED_START else start, None if stop == _OMITTED_STOP else stop, step)


def within(index: int, length: int) -> int:
    """Count an index from the start."""
    if 0 <= index < length:
        return index
    if -length <= index < 0:
        return index + length
    raise Fault(OUTSIDE, f"index {index} of {length} elements")


def known(value: Any) -> Any:
    """Return a value that leaves the thread, all of which must have been set."""
    if value is UNSET:
        UNSET._used()
    if isinstance(value, tuple):
        for item in value:
            known(item)
    return value


def indices_of(thread: tuple[int, ...], count: int) -> tuple[int, ...]:
    """``builtin_tid...``: the indices of a thread, one per dimension of the launch."""
    if len(thread) != count:
        raise Fault("ill_typed_text", f"{count} indices of a thread in {len(thread)} dimensions")
    return thread


def part(value: Any, *path: int) -> Any:
    """``wp::extract``: a component, or a row."""
    for index in path:
        value = value[within(index, len(value))]
    return value


def with_part(value: Any, new: Any, *path: int) -> Any:
    """``wp::assign_inplace``: a value with one part replaced."""
    if not path:
        return new
    at = within(path[0], len(value))
    return (*value[:at], with_part(value[at], new, *path[1:]), *value[at + 1 :])


class Rounds:
    """Counts the rounds of a thread's loops, so that one that never ends is noticed."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MOST_ROUNDS

    def count(self) -> None:
        """Note another round."""
        self.left -= 1
        if self.left < 0:
            raise Fault("hang", f"more than {MOST_ROUNDS} rounds of loops")
