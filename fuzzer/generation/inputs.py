"""Buffers and arguments of a launch: boundary values and plain ones, laid out in every way Warp allows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fuzzer.generation.choices import Choices
from fuzzer.generation.literals import plain_value
from fuzzer.generation.scope import ArrayFacts
from grammar.ops.record import TABLE, Op, Value
from grammar.types import Leaf, Scalar, Type
from oracle.records import LAYOUTS, Buffer

#: One thread, two, primes, powers of two, more than a warp; above a block (256) rarely, since it costs the reference
#: most.
SIZES = (1, 2, 3, 5, 7, 8, 11, 13, 17, 33)
SIZE_WEIGHTS = (1, 1, 1, 1, 3, 6, 9, 10, 8, 2)


def draw_dims(choices: Choices, most: int = 4) -> tuple[int, ...]:
    """Draw launch dimensions: one to four, small."""
    ndim = choices.weighted((1, 2, 3, 4)[:most], (12, 5, 2, 1)[:most])
    if ndim == 1:
        return (257,) if choices.chance(1) else (choices.weighted(SIZES, SIZE_WEIGHTS),)
    low, high = {2: (3, 4), 3: (2, 2), 4: (2, 2)}[ndim]
    low = 1 if choices.chance(6) else low
    return tuple(choices.integer(low, high + (axis == 0)) for axis in range(ndim))


def draw_value(choices: Choices, type_: Type, *, wild: bool) -> Value:
    """Draw a value of a value type."""
    if isinstance(type_, Scalar):
        return plain_value(choices, type_, wild=wild)
    return tuple(draw_value(choices, part, wild=wild) for part in type_.parts)


def draw_column(choices: Choices, leaf: Leaf, shape: tuple[int, ...], *, wild: bool) -> np.ndarray[Any, Any]:
    """Draw the column of a buffer: its shape is the array's, followed by the leaf's."""
    scalar = leaf.scalar
    full = shape + leaf.extents
    with np.errstate(all="ignore"):
        before: set[Any] = set()
        flat = [_other_value(choices, scalar, before, wild=wild) for _ in range(math.prod(full))]
        return np.array(flat, dtype=scalar.dtype).reshape(full)


def _other_value(choices: Choices, scalar: Scalar, before: set[Any], *, wild: bool) -> Any:
    """Draw an element that differs from those before it, if that is easy: a wrong index then gives a wrong value."""
    for _ in range(3):
        value = plain_value(choices, scalar, wild=wild)
        if value not in before:
            break
    before.add(value)
    return value


FIRST_SIZE = 100


def _replaced_first(atomic: Op, low: int, high: int) -> int:
    """Of two numbers, the one that an atomic replaces by nearly every operand."""
    return low if atomic.value(low, high) == high else high


def draw_buffer(choices: Choices, facts: ArrayFacts, name: str, *, wild: bool) -> Buffer:
    """Draw the buffer behind an array parameter; about a third is not contiguous."""
    layouts = [layout for layout in LAYOUTS if layout != "transposed" or len(facts.shape) > 1]
    layout = choices.weighted(layouts, (6, *([1] * (len(layouts) - 1))))
    wild = wild and facts.role == "input"
    columns = tuple(draw_column(choices, leaf, facts.shape, wild=wild) for leaf in facts.type.element.leaves)
    atomic = TABLE.get(facts.atomic)
    if atomic is not None and atomic.chooses:  # it keeps what it finds, unless that is less, or more
        for column in columns:
            column[...] = _replaced_first(atomic, 0 if column.dtype.kind == "u" else -FIRST_SIZE, FIRST_SIZE)
    return Buffer(name, facts.type.element, columns, layout)
