"""Inputs of a launch: dimensions that are small and telling, buffers of the right shape in every layout."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fuzzer.generation.choices import Choices
from fuzzer.generation.inputs import draw_buffer, draw_column, draw_dims, draw_value
from fuzzer.generation.scope import ArrayFacts
from grammar.types import BOOL, FLOAT16, FLOAT32, INT32, Array, Element, Matrix
from oracle.records import LAYOUTS
from tests.elements import ELEMENTS

RECORDS = st.lists(st.integers(0, 200))


def facts(element: Element, shape: tuple[int, ...], role: str = "input") -> ArrayFacts:
    return ArrayFacts("a0", Array(element, len(shape)), shape, role)


@given(RECORDS, st.integers(1, 4))
def test_a_launch_has_one_to_four_small_dimensions(record: list[int], most: int) -> None:
    dims = draw_dims(Choices.replaying(record), most)
    assert 1 <= len(dims) <= most
    assert all(length >= 1 for length in dims)
    assert np.prod(dims) <= 257


def test_dimensions_hold_one_thread_primes_powers_and_more_than_a_block() -> None:
    drawn = Counter(draw_dims(Choices.seeded(seed)) for seed in range(3000))
    assert {(1,), (2,), (7,), (8,), (13,), (17,), (33,), (257,)} <= set(drawn)
    assert {len(dims) for dims in drawn} == {1, 2, 3, 4}
    assert drawn[257,] < 60


@given(RECORDS, st.sampled_from(ELEMENTS))
def test_a_value_has_the_shape_of_its_type(record: list[int], type_: Element) -> None:
    value = draw_value(Choices.replaying(record), type_, wild=True)
    assert np.shape(value) == type_.extents
    assert type_.holds(value)


@given(RECORDS, st.sampled_from(ELEMENTS), st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_a_buffer_has_the_shape_and_type_of_its_array(record: list[int], element: Element, shape: list[int]) -> None:
    buffer = draw_buffer(Choices.replaying(record), facts(element, tuple(shape)), "b", wild=True)
    assert (buffer.name, buffer.element, buffer.shape) == ("b", element, tuple(shape))
    assert buffer.data.dtype == element.scalar.dtype
    assert buffer.data.flags.c_contiguous
    assert buffer.layout in LAYOUTS


def test_every_layout_occurs_and_only_arrays_of_several_axes_are_transposed() -> None:
    layouts = {
        shape: {draw_buffer(Choices.seeded(seed), facts(FLOAT32, shape), "b", wild=False).layout for seed in range(60)}
        for shape in ((4,), (2, 3))
    }
    assert layouts == {(4,): {"contiguous", "strided", "reversed"}, (2, 3): set(LAYOUTS)}


def test_only_inputs_are_wild() -> None:
    def finite(role: str) -> bool:
        drawn = [draw_buffer(Choices.seeded(s), facts(FLOAT32, (9,), role), "b", wild=True).data for s in range(20)]
        return bool(np.isfinite(drawn).all())

    assert not finite("input")
    assert finite("own")
    assert finite("shared")


def test_the_content_of_a_buffer_is_drawn_element_by_element() -> None:
    data = draw_column(Choices.replaying([50, 15, 50, 9, 50, -3]), INT32.leaves[0], (3,), wild=False)
    assert data.tolist() == [12, 9, -3]
    assert draw_column(Choices.replaying([60, 40]), BOOL.leaves[0], (2,), wild=False).tolist() == [True, False]
    assert draw_column(Choices.seeded(0), Matrix(2, 2, FLOAT16).leaves[0], (3, 1), wild=True).shape == (3, 1, 2, 2)
