"""Arrays of the reference: content, views, and the shadow that finds races between threads."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from grammar import parse
from grammar.ops.balls import Ball
from grammar.types import BOOL, FLOAT16, FLOAT32, INT32, UINT64, Element, Matrix, Vector
from oracle.records import Buffer, Options
from oracle.reference import interpret
from oracle.reference.memory import Memory, View
from oracle.reference.undefined import OUT_OF_RANGE, RACE

from .kernels import case_of, fault, run

VEC2, MAT22 = Vector(2, FLOAT32), Matrix(2, 2, FLOAT32)


def memory(element: Element = INT32, content: Any = (10, 11, 12, 13), dtype: Any = np.int32) -> Memory:
    found = Memory.of(Buffer.of("a", element, np.array(content, dtype)))
    found.begin_launch()
    return found


def data(memory: Memory) -> Any:
    return memory.column(memory.element.leaves[0])


# Content


@pytest.mark.parametrize(
    ("element", "content", "dtype", "type_"),
    [
        (INT32, [1, -2], np.int32, int),
        (UINT64, [0, 2**64 - 1], np.uint64, int),
        (BOOL, [True, False], np.bool_, bool),
        (FLOAT32, [0.5, -0.0], np.float32, np.float32),
        (FLOAT16, [65504.0, 0.1], np.float16, np.float16),
    ],
)
def test_elements_are_values_of_their_type(element: Element, content: list[Any], dtype: Any, type_: type) -> None:
    found = memory(element, content, dtype)
    assert {type(value) for value in found.values} == {type_}
    assert data(found).tolist() == np.array(content, dtype).tolist()
    assert data(found).dtype == dtype


def test_vectors_and_matrices_are_tuples() -> None:
    vectors = memory(VEC2, [[1, 2], [3, 4]], np.float32)
    assert vectors.values == [(1.0, 2.0), (3.0, 4.0)]
    assert vectors.shape == (2,)
    matrices = memory(MAT22, [[[[1, 2], [3, 4]]]], np.float32)
    assert matrices.values == [((1.0, 2.0), (3.0, 4.0))]
    assert matrices.shape == (1, 1)
    assert {type(x) for row in matrices.values[0] for x in row} == {np.float32}
    assert data(matrices).tolist() == [[[[1, 2], [3, 4]]]]
    assert memory(Vector(2, INT32), [[1, 2]], np.int32).values == [(1, 2)]


def test_content_that_is_not_contiguous_is_taken_in_logical_order() -> None:
    found = Memory.of(Buffer.of("a", INT32, np.arange(6, dtype=np.int32).reshape(2, 3).T[::-1]))
    assert found.values == [2, 5, 1, 4, 0, 3]
    assert found.shape == (3, 2)


def test_radii_have_the_shape_of_the_content() -> None:
    found = memory(VEC2, [[1, 2], [3, 4]], np.float32)
    found.put(1, Ball((np.float32(5), np.float32(6)), (0.0, 0.25)))
    assert found.radii_of(found.element.leaves[0]).tolist() == [[0, 0], [0, 0.25]]
    assert data(found).tolist() == [[1, 2], [5, 6]]


@pytest.mark.parametrize(("element", "shape"), [(INT32, (0, 3)), (VEC2, (0, 2)), (MAT22, (2, 0, 2, 2))])
def test_an_array_without_elements_keeps_its_shape(element: Element, shape: tuple[int, ...]) -> None:
    found = memory(element, np.zeros(shape), np.float32 if element != INT32 else np.int32)
    assert data(found).shape == shape
    assert found.radii_of(found.element.leaves[0]).shape == shape


# Views


def whole(*shape: int) -> View:
    count = int(np.prod(shape))
    return View.whole(memory(INT32, np.arange(count).reshape(shape)))


def content(view: View | str) -> list[int]:
    """Return the elements of a view in row-major order."""
    assert isinstance(view, View)
    if not view.shape:
        return [view.memory.values[view.offset]]
    return [element for i in range(view.shape[0]) for element in content(view.select((i,)))]


def test_a_whole_buffer_is_viewed_in_row_major_order() -> None:
    view = whole(2, 3, 4)
    assert (view.offset, view.shape, view.strides) == (0, (2, 3, 4), (12, 4, 1))


@pytest.mark.parametrize(
    "indices",
    [
        (1,),
        (-1, 2),
        (0, -3, 3),
        (slice(None),),
        (slice(1, None), 0),
        (slice(None, None, -1), slice(0, 2), -1),
        (slice(5, -9, -1), slice(2, 0, -2)),
        (1, slice(-2, None), slice(3, None, -3)),
        (slice(1, 1), slice(None), 0),
        (slice(0, 99), slice(-99, 1)),
    ],
)
def test_selecting_means_what_it_means_in_numpy(indices: tuple[int | slice, ...]) -> None:
    array = np.arange(24).reshape(2, 3, 4)
    view = whole(2, 3, 4).select(indices)
    assert isinstance(view, View)
    assert view.shape == array[indices].shape
    assert content(view) == array[indices].flatten().tolist()


def test_selecting_from_a_selection_means_what_it_means_in_numpy() -> None:
    view = whole(4, 5).select((slice(1, None), slice(None, None, -2)))
    assert isinstance(view, View)
    assert content(view.select((-1, slice(1, None)))) == np.arange(20).reshape(4, 5)[1:, ::-2][-1, 1:].tolist()


@pytest.mark.parametrize("indices", [(2,), (-3,), (0, 3), (0, 0, -5), (slice(0, 0), 3)])
def test_an_index_out_of_range_is_said(indices: tuple[int | slice, ...]) -> None:
    assert whole(2, 3, 4).select(indices) == OUT_OF_RANGE


# The shadow

Touch = tuple[str, int]

RACES: dict[str, tuple[list[Touch], str | None]] = {
    "one thread reads, writes and updates": ([("read", 0), ("write", 0), ("add", 0), ("min", 0), ("read", 0)], None),
    "two threads read": ([("read", 0), ("read", 1), ("read", 0)], None),
    "two threads add": ([("add", 0), ("add", 1), ("add", 0)], None),
    "two threads write": ([("write", 0), ("write", 1)], RACE),
    "one writes, another reads": ([("write", 0), ("read", 1)], RACE),
    "one reads, another writes": ([("read", 0), ("write", 1)], RACE),
    "two read, one of them writes": ([("read", 0), ("read", 1), ("write", 0)], RACE),
    "one writes, another adds": ([("write", 0), ("add", 1)], RACE),
    "one adds, another writes": ([("add", 0), ("write", 1)], RACE),
    "one reads, another adds": ([("read", 0), ("add", 1)], RACE),
    "one adds, another reads": ([("add", 0), ("read", 1)], RACE),
    "two add, one of them reads": ([("add", 0), ("add", 1), ("read", 0)], RACE),
    "two add, one of them writes": ([("add", 0), ("add", 1), ("write", 1)], RACE),
    "one adds, another subtracts": ([("add", 0), ("sub", 1), ("add", 1)], None),
    "two update differently": ([("add", 0), ("min", 1)], RACE),
    "a third updates differently": ([("add", 0), ("add", 1), ("min", 2)], RACE),
    "one updates in two ways, another in the first": ([("add", 0), ("min", 0), ("add", 1)], RACE),
    "one updates in two ways, another in the second": ([("add", 0), ("min", 0), ("min", 1)], RACE),
}


@pytest.mark.parametrize("what", RACES)
def test_two_threads_race_unless_both_read_or_both_update_alike(what: str) -> None:
    touches, wrong = RACES[what]
    found = memory()
    said = [touch(found, *each) for each in touches]
    assert said[:-1] == [None] * (len(touches) - 1)
    assert said[-1] == wrong


def touch(found: Memory, how: str, thread: int) -> str | None:
    if how == "read":
        return found.read(2, thread)
    if how == "write":
        return found.write(2, thread)
    return found.update(2, f"atomic_{how}", 1, thread)


def test_elements_are_watched_one_by_one() -> None:
    found = memory()
    assert [found.write(thread, thread) for thread in range(4)] == [None] * 4


def test_a_new_launch_forgets_who_touched_what() -> None:
    found = memory()
    found.write(0, thread=0)
    found.update(1, "atomic_add", 1, thread=0)
    found.update(1, "atomic_add", 1, thread=1)
    found.used.add(1)
    assert found.order_matters()
    found.begin_launch()
    assert not found.order_matters()
    assert list(found.shared_updates()) == []
    assert found.read(0, thread=1) is None


def test_updates_of_several_threads_are_kept() -> None:
    found = memory()
    found.update(0, "atomic_add", 5, thread=0)
    found.update(1, "atomic_add", 6, thread=0)
    found.update(1, "atomic_add", 7, thread=1)
    assert list(found.shared_updates()) == [(1, [("atomic_add", (), 6), ("atomic_add", (), 7)])]


# Races of kernels: the reason and the node

A = "a: wp.array[int]"

KERNELS = {
    "two write": (A, "i = wp.tid()\na[0] = i", "a[0]"),
    "a read of what another wrote": (A, "i = wp.tid()\na[i] = i\nb = a[0]", "a[0]"),
    "a write of what another read": (A, "i = wp.tid()\nb = a[1]\na[i] = b", "a[i]"),
    "one writes what others add to": (A, "i = wp.tid()\nif i == 1:\n    a[0] = 1\nelse:\n    a[0] += 1", "a[0]"),
    "others add to what one writes": (A, "i = wp.tid()\nif i == 0:\n    a[0] = 1\nelse:\n    a[0] += 1", "a[0] += 1"),
    "an atomic and a read": (A, "i = wp.tid()\nwp.atomic_add(a, 0, 1)\nb = a[0]", "wp.atomic_add(a, 0, 1)"),
    "mixed atomics": (
        A,
        "i = wp.tid()\nif i == 0:\n    wp.atomic_add(a, 0, 1)\nelse:\n    wp.atomic_max(a, 0, 1)",
        "wp.atomic_max(a, 0, 1)",
    ),
    "an update that is no atomic": (A, "i = wp.tid()\na[0] *= 2", "a[0] *= 2"),
    "8-bit ints have no atomics": ("a: wp.array[wp.int8]", "i = wp.tid()\na[0] += wp.int8(1)", "a[0] += wp.int8(1)"),
    "16-bit ints have no atomics": (
        "a: wp.array[wp.uint16]",
        "a[0] -= wp.uint16(1)\ni = wp.tid()",
        "a[0] -= wp.uint16(1)",
    ),
    "through a view": (A, "i = wp.tid()\nb = a[1 - i:]\nb[0] = 1\nc = a[1]", "a[1]"),
    "inside a function": (A, "i = wp.tid()\nput(a, i)", "a[0]"),
}

PUT = "@wp.func\ndef put(a: wp.array[int], x: int):\n    a[0] = x\n    return x\n"


@pytest.mark.parametrize("what", KERNELS)
def test_a_data_race_is_undefined_at_the_later_access(what: str) -> None:
    signature, body, at = KERNELS[what]
    body = body.replace("put(a, i)", "c = put(a, i)")
    assert fault(signature, body, PUT, dims=2, a=[5, 6]) == ("data race", at)


V = "v: wp.array[wp.vec2], m: wp.array[wp.mat22]"
EMPTY: dict[str, Any] = {"v": [[0, 0]], "m": [[[0, 0], [0, 0]]]}

FORWARD = Options(enable_backward=False)

APART = {
    "components by index": ("v[0][i] = float(i + 1)", [[1, 2]], [[[0, 0], [0, 0]]]),
    "components by name": ("if i == 0:\n    v[0].x = 1.0\nelse:\n    v[0].y = 2.0", [[1, 2]], [[[0, 0], [0, 0]]]),
    "components counted from the end": ("v[0][i - 2] = float(i + 1)", [[1, 2]], [[[0, 0], [0, 0]]]),
    "components that are read too": ("v[0][i] = v[0][i] + 1.0\nv[0][i] *= 3.0 - v[0][i]", [[2, 2]], [[[0, 0], [0, 0]]]),
    "rows of a matrix": ("m[0][i] = wp.vec2(float(i), 1.0)", [[0, 0]], [[[0, 1], [1, 1]]]),
    "components of a matrix": ("m[0][0, i] = 1.0\nm[0][1][i] = m[0][0][i]", [[0, 0]], [[[1, 1], [1, 1]]]),
    "a row, and a component of another": (
        "if i == 0:\n    m[0][1] = v[0]\nelse:\n    m[0][0].y = 1.0",
        [[0, 0]],
        [[[0, 1], [0, 0]]],
    ),
    "what several add to": ("v[0].x += 1.0\nm[0][1, 0] -= 2.0", [[2, 0]], [[[0, 0], [-4, 0]]]),
    "an element, and a component": ("v[0] += wp.vec2(1.0, 0.0)\nv[0].y -= 1.0", [[2, -2]], [[[0, 0], [0, 0]]]),
}

TOGETHER = {
    "one component": ("v[0].x = 1.0", "v[0].x"),
    "one component under two names": ("if i == 0:\n    v[0].x = 1.0\nelse:\n    v[0][-2] = 1.0", "v[0][-2]"),
    "an element and a component": ("if i == 0:\n    v[0].x = 1.0\nelse:\n    v[0] = wp.vec2(1.0)", "v[0]"),
    "a component and an element": ("if i == 0:\n    v[0] = wp.vec2(1.0)\nelse:\n    v[0].x = 1.0", "v[0].x"),
    "an element that is read": ("w = v[0]\nv[0][i] = float(i)", "v[0]"),
    "a component that is read": ("v[0][i] = v[0][1 - i]", "v[0][1 - i]"),
    "a row and a component in it": ("if i == 0:\n    m[0][1] = v[0]\nelse:\n    m[0][1, 0] = 1.0", "m[0][1, 0]"),
    "a component changed without an atomic": ("v[0].y *= 2.0", "v[0].y *= 2.0"),
    "a component added to and read": ("v[0].y += 1.0\nw = v[0].y", "v[0].y += 1.0"),
}


@pytest.mark.parametrize("what", APART)
def test_components_of_one_element_are_places_of_their_own(what: str) -> None:
    body, v, m = APART[what]
    assert run(V, f"i = wp.tid()\n{body}", dims=2, options=FORWARD, **EMPTY) == {"v": v, "m": m}


@pytest.mark.parametrize("what", TOGETHER)
def test_threads_race_for_a_component_as_for_an_element(what: str) -> None:
    body, at = TOGETHER[what]
    assert fault(V, f"i = wp.tid()\n{body}", dims=2, options=FORWARD, **EMPTY) == ("data race", at)


@pytest.mark.parametrize(
    ("body", "after"),
    [
        ("i = wp.tid()\na[i] = a[i] + i\na[i] += 1\na[i] *= 2", [12, 16]),
        ("i = wp.tid()\nif i == 0:\n    a[0] = a[1] + a[1]", [12, 6]),
        ("i = wp.tid()\na[0] += i + 1\nwp.atomic_add(a, 0, 10)", [28, 6]),
        ("i = wp.tid()\nb = a[0] + a[1]", [5, 6]),
    ],
)
def test_threads_that_keep_apart_do_not_race(body: str, after: list[int]) -> None:
    assert run(A, body, dims=2, a=[5, 6])["a"] == after


def test_launches_do_not_race_with_each_other() -> None:
    text = "import warp as wp\n@wp.kernel\ndef k(a: wp.array[int], at: int):\n    i = wp.tid()\n    a[i] = a[i] + at\n"
    case = case_of(parse(text), 2, "k", "k", "k", a=[1, 2], at=10)
    assert interpret(case).arrays["a"].tolist() == [31, 32]


TOUCHES = {"read": "x = a[{}]", "write": "a[{}] = 1", "add": "a[{}] += 1", "take": "x = wp.atomic_add(a, {}, 1)"}


@pytest.mark.parametrize(("before", "after"), [*itertools.product(TOUCHES, repeat=2)])
def test_what_a_thread_touched_another_may_touch_in_the_next_launch(before: str, after: str) -> None:
    kernels = [
        f"@wp.kernel\ndef {name}(a: wp.array[int]):\n    i = wp.tid()\n    {TOUCHES[how].format(at)}\n"
        for name, how, at in (("first", before, "i"), ("second", after, "1 - i"))
    ]
    case = case_of(parse("import warp as wp\n" + "".join(kernels)), 2, "first", "second", a=[5, 6])
    assert not interpret(case).order_matters


def test_each_launch_may_update_an_element_in_its_own_way() -> None:
    updates = {"first": "add", "second": "max", "third": "add"}
    kernels = "".join(
        f"@wp.kernel\ndef {name}(a: wp.array[int]):\n    wp.atomic_{how}(a, 0, wp.tid() + 7)\n"
        for name, how in updates.items()
    )
    case = case_of(parse("import warp as wp\n" + kernels), 2, *updates, a=[1])
    assert interpret(case).arrays["a"].tolist() == [31]


def test_8_bit_ints_of_one_thread_are_updated_in_place_and_wrap() -> None:
    assert run("a: wp.array[wp.int8]", "a[0] += wp.int8(100)\na[0] += wp.int8(100)", a=[0])["a"] == [-56]
