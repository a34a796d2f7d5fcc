"""Arrays, ranges, slices and parts of values as the text works with them, and what has no value."""

from __future__ import annotations

from collections.abc import Callable
from operator import add
from typing import Any

import numpy as np
import pytest

from grammar.types import BOOL, FLOAT32, INT32, Element, Matrix, Vector
from oracle.records import Buffer
from oracle.text.faults import Fault
from oracle.text.runtime import (
    MOST_ROUNDS,
    UNSET,
    Array,
    Range,
    Rounds,
    indices_of,
    known,
    part,
    sliced,
    with_part,
    within,
)

OMITTED_START, OMITTED_STOP = 2147483647, -2147483648


def array_of(element: Element, data: np.ndarray[Any, Any]) -> Array:
    return Array.of(Buffer.of("a", element, data))


def fault(call: Callable[..., Any], *arguments: Any) -> tuple[str, str]:
    with pytest.raises(Fault) as raised:
        call(*arguments)
    return raised.value.kind, raised.value.message


def numbers(*shape: int) -> Array:
    return array_of(INT32, np.arange(np.prod(shape), dtype=np.int32).reshape(shape))


def listed(array: Array) -> Any:
    """The elements that a window of one or two dimensions shows."""
    if len(array.shape) == 1:
        return [read(array, i) for i in range(array.shape[0])]
    return [listed(array.view(i)) for i in range(array.shape[0])]


def read(array: Array, *indices: int) -> Any:
    values, at = array.address(*indices)
    return values[at]


def test_an_array_takes_a_copy_of_a_buffer() -> None:
    data = np.array([1, 2], np.float32)
    array = array_of(FLOAT32, data)
    array.store(np.float32(9), 0)
    assert (data.tolist(), dict(array.columns(Buffer.of("a", FLOAT32, data)))["a"].tolist()) == ([1, 2], [9, 2])


def test_elements_are_values_of_the_exact_type() -> None:
    floats = array_of(FLOAT32, np.array([0.5], np.float32))
    vectors = array_of(Vector(2, INT32), np.array([[1, 2]], np.int32))
    matrices = array_of(Matrix(2, 2, FLOAT32), np.array([[[1, 2], [3, 4]]], np.float32))
    flags = array_of(BOOL, np.array([True]))
    assert read(floats, 0).dtype == np.float32
    assert read(vectors, 0) == (1, 2)
    assert type(read(vectors, 0)[0]) is int
    assert read(matrices, 0) == ((1, 2), (3, 4))
    assert read(flags, 0) is True


@pytest.mark.parametrize(
    ("element", "shape", "dtype"),
    [(FLOAT32, (0, 2), np.float32), (Vector(3, INT32), (0, 3), np.int32), (Vector(3, FLOAT32), (2, 2, 3), np.float32)],
)
def test_content_comes_back_in_shape_and_type(element: Any, shape: tuple[int, ...], dtype: type) -> None:
    data: np.ndarray[Any, Any] = np.ones(shape, dtype)
    buffer = Buffer.of("a", element, data)
    back = dict(Array.of(buffer).columns(buffer))["a"]
    assert (back.shape, back.dtype, back.tolist()) == (shape, dtype, data.tolist())


@pytest.mark.parametrize(("indices", "value"), [((0, 0), 0), ((1, 2), 5), ((-1, -1), 5), ((-2, 0), 0), ((0, -1), 2)])
def test_an_index_below_zero_counts_from_the_end(indices: tuple[int, ...], value: int) -> None:
    assert read(numbers(2, 3), *indices) == value


@pytest.mark.parametrize(
    ("indices", "message"),
    [
        ((2, 0), "index 2 of 2 elements"),
        ((-3, 0), "index -3 of 2 elements"),
        ((0, 3), "index 3 of 3 elements"),
    ],
)
def test_an_index_outside_is_a_fault(indices: tuple[int, ...], message: str) -> None:
    array = numbers(2, 3)
    assert fault(array.address, *indices) == ("out_of_bounds", message)
    assert fault(array.store, 1, *indices) == ("out_of_bounds", message)
    assert fault(array.update, add, 1, *indices) == ("out_of_bounds", message)


@pytest.mark.parametrize("indices", [(), (0,), (0, 0, 0)])
def test_another_number_of_indices_is_ill_typed(indices: tuple[int, ...]) -> None:
    kind, message = fault(numbers(2, 3).address, *indices)
    assert (kind, message) == ("ill_typed_text", f"{len(indices)} indices for 2 dimensions")


def test_an_empty_array_has_no_element() -> None:
    assert fault(numbers(0).address, 0) == ("out_of_bounds", "index 0 of 0 elements")
    assert fault(numbers(0).address, -1) == ("out_of_bounds", "index -1 of 0 elements")


def test_an_update_gives_what_was_there_before() -> None:
    array = numbers(3)
    assert array.update(add, 10, 2) == 2
    assert listed(array) == [0, 1, 12]


def test_a_part_of_an_element_is_stored_and_updated() -> None:
    array = array_of(Matrix(2, 2, INT32), np.array([[[1, 2], [3, 4]]], np.int32))
    array.store_part(9, (0,), (1, 0))
    assert read(array, 0) == ((1, 2), (9, 4))
    array.store_part((7, 8), (-1,), (-2,))
    assert read(array, 0) == ((7, 8), (9, 4))
    array.update_part(add, 100, (0,), (0, -1))
    assert read(array, 0) == ((7, 108), (9, 4))
    assert fault(array.store_part, 1, (0,), (2, 0)) == ("out_of_bounds", "index 2 of 2 elements")
    assert fault(array.update_part, add, 1, (1,), (0, 0)) == ("out_of_bounds", "index 1 of 1 elements")


@pytest.mark.parametrize(
    ("indices", "elements"),
    [
        ((1,), [3, 4, 5]),
        ((-1,), [3, 4, 5]),
        ((slice(0, 1, 1),), [[0, 1, 2]]),
        ((slice(None, None, -1),), [[3, 4, 5], [0, 1, 2]]),
        ((slice(None, None, 1), 1), [1, 4]),
        ((0, slice(None, None, 2)), [0, 2]),
        ((0, slice(2, None, -1)), [2, 1, 0]),
        ((0, slice(-2, None, 1)), [1, 2]),
        ((0, slice(1, 99, 1)), [1, 2]),
        ((0, slice(2, 1, 1)), []),
        ((), [[0, 1, 2], [3, 4, 5]]),
    ],
)
def test_a_view_is_what_python_takes_of_a_list(indices: tuple[Any, ...], elements: Any) -> None:
    assert listed(numbers(2, 3).view(*indices)) == elements


def test_a_view_of_a_view_shares_the_elements() -> None:
    array = numbers(2, 3)
    window = array.view(slice(None, None, -1)).view(0, slice(None, None, -2))
    assert listed(window) == [5, 3]
    window.store(50, 0)
    assert listed(array) == [[0, 1, 2], [3, 4, 50]]


def test_a_view_outside_is_a_fault() -> None:
    assert fault(numbers(2, 3).view, 2) == ("out_of_bounds", "index 2 of 2 elements")
    assert fault(numbers(2, 3).view, 0, 0, 0) == ("ill_typed_text", "3 indices for 2 dimensions")


@pytest.mark.parametrize(
    ("bounds", "found"),
    [
        ((OMITTED_START, OMITTED_STOP, 1), slice(None, None, 1)),
        ((OMITTED_START, OMITTED_STOP, -1), slice(None, None, -1)),
        ((1, OMITTED_STOP, 2), slice(1, None, 2)),
        ((OMITTED_START, -1, 1), slice(None, -1, 1)),
        ((0, 3, 1), slice(0, 3, 1)),
    ],
)
def test_bounds_that_are_not_written_are_left_open(bounds: tuple[int, int, int], found: slice) -> None:
    assert sliced(*bounds) == found


@pytest.mark.parametrize(
    ("bounds", "rounds"),
    [
        ((3,), [0, 1, 2]),
        ((0,), []),
        ((-2,), []),
        ((2, 5), [2, 3, 4]),
        ((5, 2), []),
        ((0, 5, 2), [0, 2, 4]),
        ((5, 0, -2), [5, 3, 1]),
        ((0, 3, -1), []),
        ((-3, 2147483647, 2000000000), [-3, 1999999997]),
    ],
)
def test_a_range_has_the_rounds_of_python(bounds: tuple[int, ...], rounds: list[int]) -> None:
    counter = Range(*bounds)
    found = []
    while counter.left:
        found.append(counter.next())
    assert found == rounds


def test_a_range_without_a_step_never_ends() -> None:
    assert fault(Range, 0, 3, 0) == ("hang", "a range with step 0")


@pytest.mark.parametrize(("path", "found"), [((1,), 2), ((-3,), 1), ((2,), 3)])
def test_a_component_is_counted_from_either_end(path: tuple[int, ...], found: int) -> None:
    assert part((1, 2, 3), *path) == found


def test_a_row_and_an_element_of_a_matrix() -> None:
    matrix = ((1, 2), (3, 4))
    assert part(matrix, 1) == (3, 4)
    assert part(matrix, -1, 0) == 3
    assert with_part(matrix, (8, 9), 0) == ((8, 9), (3, 4))
    assert with_part(matrix, 7, 1, -1) == ((1, 2), (3, 7))
    assert matrix == ((1, 2), (3, 4))


def test_a_part_outside_is_a_fault() -> None:
    assert fault(part, (1, 2), 2) == ("out_of_bounds", "index 2 of 2 elements")
    assert fault(with_part, (1, 2), 9, -3) == ("out_of_bounds", "index -3 of 2 elements")
    assert fault(part, ((1, 2), (3, 4)), 0, 2) == ("out_of_bounds", "index 2 of 2 elements")


@pytest.mark.parametrize(("index", "found"), [(0, 0), (3, 3), (-1, 3), (-4, 0)])
def test_indices_are_counted_from_the_start(index: int, found: int) -> None:
    assert within(index, 4) == found


def test_loops_that_do_not_end_are_noticed() -> None:
    rounds = Rounds()
    for _ in range(MOST_ROUNDS):
        rounds.count()
    assert fault(rounds.count) == ("hang", "more than 200000 rounds of loops")


def test_a_thread_has_as_many_indices_as_the_launch_has_dimensions() -> None:
    assert indices_of((4, 5), 2) == (4, 5)
    assert fault(indices_of, (4, 5), 1) == ("ill_typed_text", "1 indices of a thread in 2 dimensions")


UNUSED = ("uninitialised_read", "a variable is used that has no value yet")


@pytest.mark.parametrize(
    "use",
    [
        bool,
        float,
        int,
        abs,
        len,
        iter,
        round,
        hash,
        known,
        Range,
        np.sin,
        np.float32,
        lambda x: -x,
        lambda x: not x,
        lambda x: x[0],
        lambda x: x.left,
        lambda x: x + 1,
        lambda x: np.float32(1) + x,
        lambda x: np.float64(1) * x,
        lambda x: 7 // x,
        lambda x: 2 << x,
        lambda x: x < 1,
        lambda x: np.float16(1) >= x,
        lambda x: x == x,
        lambda x: type(x)(1),
        lambda x: np.fmod(np.float32(1), x),
        lambda x: part(x, 0),
        lambda x: with_part(x, 1, 0),
        lambda x: part((1, 2), x),
        lambda x: sliced(x, 1, 1),
        lambda x: known((1, (2, x))),
        lambda x: numbers(3).address(x),
        lambda x: numbers(3).store(x, 0),
        lambda x: numbers(3).update(add, x, 0),
        lambda x: numbers(3).view(x),
    ],
)
def test_every_use_of_a_value_never_set_is_a_fault(use: Callable[[Any], Any]) -> None:
    assert fault(use, UNSET) == UNUSED


def test_a_value_never_set_may_be_copied() -> None:
    copied = UNSET
    chosen = 1 if copied is not UNSET else copied
    assert chosen is UNSET
    assert (1, copied)[1] is UNSET
    assert with_part((1, 2), copied, 0)[0] is UNSET


def test_what_leaves_a_thread_has_a_value() -> None:
    assert known(3) == 3
    assert known(((1, 2), (3, 4))) == ((1, 2), (3, 4))
