"""Elements against their balls: bits, classes, radii, and which of them an agreement says something of."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from grammar import parse
from grammar.check import check
from oracle.comparison import Comparison, compare, telling
from oracle.judge import nearest_to_its_bound
from oracle.records import Executed, Mismatch
from oracle.reference import Expectation

TYPING = check(parse("import warp as wp"))


def bounds(expected: Any, radii: Any = None, dtype: Any = np.float32) -> Expectation:
    """Make an expectation of one buffer ``a``; without radii it is of a type that has none."""
    arrays = {"a": np.array(expected, dtype)}
    bounded = {} if radii is None else {"a": np.array(radii, np.float64)}
    return Expectation(arrays, bounded, frozenset(), {}, False, TYPING)


def differing(expected: Any, actual: Any, radii: Any = None, dtype: Any = np.float32) -> list[tuple[int, ...]]:
    """Return the indices of the elements that lie outside their bounds."""
    found = compare(Executed({"a": np.array(actual, dtype)}), bounds(expected, radii, dtype))
    return [mismatch.index for mismatch in found.mismatches]


@pytest.mark.parametrize("dtype", [np.int8, np.uint64, np.bool_])
def test_ints_and_bools_must_be_equal(dtype: Any) -> None:
    assert differing([0, 1, 1], [0, 1, 1], dtype=dtype) == []
    assert differing([0, 1, 1], [0, 0, 1], dtype=dtype) == [(1,)]


def test_large_ints_are_compared_exactly() -> None:
    assert differing([2**64 - 1, 2**53], [2**64 - 1, 2**53 + 1], dtype=np.uint64) == [(1,)]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_of_radius_zero_must_have_equal_bits(dtype: Any) -> None:
    next_to_one = np.nextafter(dtype(1), dtype(2))
    assert differing([1, 0.1, np.inf], [1, 0.1, np.inf], [0, 0, 0], dtype) == []
    assert differing([1, 0.1, np.inf], [next_to_one, 0.1, -np.inf], [0, 0, 0], dtype) == [(0,), (2,)]


def test_nan_is_compared_as_a_class() -> None:
    other = np.array([0xFFC00001, 0x7F800001], np.uint32).view(np.float32)
    assert differing([np.nan, np.nan], other, [0, 0]) == []
    assert differing([np.nan, 1.0, np.inf], [1.0, np.nan, np.nan], [0, 0, 0]) == [(0,), (1,), (2,)]
    assert differing([np.nan, 1.0], [1.0, np.nan], [0.5, 0.5]) == [(0,), (1,)]


def test_zeros_of_different_sign_differ_unless_the_radius_is_positive() -> None:
    assert differing([0.0, -0.0], [-0.0, 0.0], [0, 0]) == [(0,), (1,)]
    assert differing([0.0, -0.0], [-0.0, 0.0], [1e-30, 1e-30]) == []


def test_a_ball_includes_its_edge() -> None:
    assert differing([1.0, 1.0, 1.0], [1.25, 0.75, 1.2500001], [0.25, 0.25, 0.25]) == [(2,)]


def test_distances_are_not_rounded_to_the_type() -> None:
    assert differing([1e16], [1e16 + 2], [1.0], np.float64) == [(0,)]
    assert differing([1.0], [-1e-17], [1.0], np.float64) == [(0,)]
    assert differing([65504.0], [-65504.0], [131007.0], np.float16) == [(0,)]
    assert differing([65504.0], [-65504.0], [131008.0], np.float16) == []


def test_an_infinity_lies_in_no_finite_ball() -> None:
    assert differing([1.0, np.inf, np.inf], [np.inf, 1.0, np.inf], [1e30, 1e30, 1e30]) == [(0,), (1,)]


def test_an_infinite_radius_is_not_compared() -> None:
    outcome = Executed({"a": np.array([np.nan, 5.0, 1.0], np.float32)})
    found = compare(outcome, bounds([1, 2, 1], [math.inf, math.inf, 0]))
    assert found == Comparison((), elements=1, exact=1, uncompared=2, loosest=math.inf)


def test_elements_are_counted_and_those_that_had_to_agree_bit_by_bit() -> None:
    floats = compare(
        Executed({"a": np.array([1, 2, 3, 4], np.float32)}), bounds([1, 2, 3, 4], [0, 2.0**-12, math.inf, 1])
    )
    assert floats == Comparison((), elements=2, exact=1, uncompared=2, loosest=math.inf)
    ints = compare(Executed({"a": np.array([[1, 2]], np.int32)}), bounds([[1, 2]], dtype=np.int32))
    assert ints == Comparison((), elements=2, exact=2, uncompared=0, loosest=0.0)


@pytest.mark.parametrize(
    ("dtype", "expected", "radius", "told"),
    [
        (np.float16, 2.0, 2.0**-4, True),
        (np.float16, 2.0, 2.0**-4 * 1.001, False),
        (np.float32, -2.0, 2.0**-11, True),
        (np.float32, -2.0, 2.0**-11 * 1.001, False),
        (np.float32, 2.7, 40.0, False),
        (np.float64, 2.0, 2.0**-11, True),
        (np.float64, 2.0, 2.0**-11 * 1.001, False),
        (np.float64, 2.0, math.inf, False),
        (np.float32, 0.0, 0.0, True),
        (np.float32, 0.0, 2.0**-149, True),  # the smallest number is small against normal numbers
        (np.float32, 0.0, 1e-7, False),  # what cancels may be anything of that size
        (np.float32, 1e-40, 2.0**-138, True),
        (np.float32, 1e-40, 2.0**-137, False),
        (np.float32, math.inf, 0.5, True),  # only infinity and NaN are like themselves
        (np.float32, math.nan, 0.5, True),
        (np.float32, math.inf, math.inf, False),
        (np.float32, math.nan, math.inf, False),
    ],
)
def test_an_element_is_compared_if_its_radius_is_small_against_its_value(
    dtype: Any, expected: float, radius: float, told: bool
) -> None:
    assert telling(np.array([expected], dtype), np.array([radius])).tolist() == [told]


def test_an_element_that_is_not_compared_may_still_lie_outside() -> None:
    assert differing([2.7, 2.7], [40.0, 45.0], [40.0, 40.0]) == [(1,)]


def test_the_loosest_bound_is_a_share_of_its_value() -> None:
    found = compare(Executed({"a": np.array([4, np.inf], np.float32)}), bounds([4, np.inf], [6, 8]))
    assert (found.elements, found.uncompared, found.loosest) == (1, 1, 1.5)


def test_a_mismatch_says_where_what_and_how_far() -> None:
    outcome = Executed({"a": np.array([[1, 2], [3, 9]], np.float32)})
    (mismatch,) = compare(outcome, bounds([[1, 2], [3, 4]], [[0, 0], [0, 0.5]])).mismatches
    assert mismatch == Mismatch("a", (1, 1), np.float32(4), np.float32(9), 0.5)


@pytest.mark.parametrize(
    ("actual", "radii", "index"),
    [
        ([1.5, 2.0, 9.0, 4.25], [1.0, 0.0, math.inf, 0.3], (3,)),
        ([1.0, 2.0, 3.0, 4.0], [0.1, 0.0, math.inf, 0.3], (3,)),
        ([1.5, 2.0, math.nan, 4.0], [1.0, 0.0, 1.0, 0.3], (0,)),
    ],
    ids=["the largest share of its radius", "if none differs, the largest radius", "what is no number says nothing"],
)
def test_the_float_that_comes_nearest_to_its_bound(actual: Any, radii: Any, index: tuple[int, ...]) -> None:
    nearest = nearest_to_its_bound(Executed({"a": np.array(actual, np.float32)}), bounds([1.0, 2.0, 3.0, 4.0], radii))
    assert nearest is not None
    assert nearest.index == index


def test_where_every_bit_is_fixed_no_float_is_near_its_bound() -> None:
    out = np.ones(2, np.float32)
    assert nearest_to_its_bound(Executed({"a": out}), bounds(out)) is None
    assert nearest_to_its_bound(Executed({"a": out}), bounds(out, [0.0, 0.0])) is None


def test_an_array_that_is_not_contiguous_is_compared_in_logical_order() -> None:
    actual = np.array([[1, 3], [2, 4]], np.float32).T
    assert compare(Executed({"a": actual}), bounds([[1, 2], [3, 4]], [[0, 0], [0, 0]])).mismatches == ()


@pytest.mark.parametrize("actual", [np.zeros(1, np.int32), np.zeros((1, 3), np.int32), np.zeros(3, np.int64)])
def test_a_buffer_of_another_shape_or_type_is_a_defect_of_ours(actual: Any) -> None:
    with pytest.raises(ValueError, match=r"a is int32\(3,\), the engine gave "):
        compare(Executed({"a": actual}), bounds([0, 0, 0], dtype=np.int32))


def test_a_missing_buffer_is_a_defect_of_ours() -> None:
    with pytest.raises(KeyError):
        compare(Executed({}), bounds([1]))
