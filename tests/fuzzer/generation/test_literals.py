"""Numbers worth writing and feeding: every one is a value of its type, and the telling ones occur."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzzer.generation.choices import Choices
from fuzzer.generation.literals import draw_literal, edge_values, literal_node, plain_value
from fuzzer.generation.wants import USES
from grammar import emit
from grammar.types import (
    BOOL,
    FLOAT16,
    FLOAT32,
    FLOAT64,
    FLOATS,
    INT8,
    INT16,
    INT32,
    INT64,
    INTS,
    SCALARS,
    UINT8,
    UINT64,
    Scalar,
)

RECORDS = st.lists(st.integers(0, 200))
NUMBERS = (*INTS, *FLOATS)


def many(scalar: Scalar, use: str = "any") -> set[int | float]:
    return {draw_literal(Choices.seeded(seed), scalar, use) for seed in range(800)}


@given(RECORDS, st.sampled_from(NUMBERS), st.sampled_from(USES))
def test_a_literal_is_never_negative_and_of_the_kind_of_its_type(record: list[int], scalar: Scalar, use: str) -> None:
    number = draw_literal(Choices.replaying(record), scalar, use)
    assert number >= 0
    assert isinstance(number, float if scalar.is_float else int)


@given(RECORDS, st.sampled_from([scalar for scalar in INTS if scalar.bits >= 32]))
def test_a_literal_of_a_wide_integer_type_fits(record: list[int], scalar: Scalar) -> None:
    limit = scalar.high if scalar.bits == 64 else 2**31 - 1
    assert draw_literal(Choices.replaying(record), scalar) <= limit


@pytest.mark.parametrize("scalar", NUMBERS, ids=str)
def test_a_divisor_is_not_zero(scalar: Scalar) -> None:
    assert min(many(scalar, "divisor")) > 0


@pytest.mark.parametrize("scalar", INTS, ids=str)
def test_a_small_literal_has_few_bits(scalar: Scalar) -> None:
    assert many(scalar, "small") == {1, 2, 3, 4}


def test_literals_hold_what_compilers_get_wrong() -> None:
    assert {0, 1, 46341, 65536, 2**31 - 1} <= many(INT32)
    assert {2**31, 2**32 + 5, 2**53 + 1, 2**62} <= many(INT64)
    assert {2**31, 2**62} <= many(UINT64)
    assert {0.1, 1.0000000000000002, 16777217.0} <= many(FLOAT64)
    assert {0.0, 0.1, 1.0000001} <= many(FLOAT32)


def test_literals_are_written_as_the_grammar_has_them() -> None:
    assert emit(literal_node(7)) == "7"
    assert emit(literal_node(7.0)) == "7.0"
    assert emit(literal_node(1e-3)) == "0.001"
    assert emit(literal_node(16777217.0)) == "16777217.0"


def test_the_edges_of_a_narrow_type_are_these() -> None:
    assert edge_values(INT8) == [-128, -127, -8, -7, -3, -2, -1, 0, 1, 2, 3, 5, 7, 8, 63, 64, 126, 127]
    assert edge_values(UINT8) == [0, 1, 2, 3, 5, 7, 8, 127, 128, 254, 255]
    assert edge_values(BOOL) == [False, True]


@pytest.mark.parametrize("scalar", INTS, ids=str)
def test_the_edges_of_an_integer_type_lie_in_its_range_and_reach_its_ends(scalar: Scalar) -> None:
    edges = edge_values(scalar)
    assert (edges[0], edges[-1]) == (scalar.low, scalar.high)
    assert {type(value) for value in edges} == {int}


#: Smallest subnormal, smallest normal and largest number: IEEE 754-2019, table 3.5.
LIMITS = {
    FLOAT16: (2.0**-24, 2.0**-14, 65504.0),
    FLOAT32: (2.0**-149, 2.0**-126, (2 - 2.0**-23) * 2.0**127),
    FLOAT64: (2.0**-1074, 2.0**-1022, (2 - 2.0**-52) * 2.0**1023),
}


@pytest.mark.parametrize("scalar", FLOATS, ids=str)
def test_the_edges_of_a_float_type_hold_its_limits_with_both_signs(scalar: Scalar) -> None:
    edges = edge_values(scalar)
    assert {type(value) for value in edges} == {scalar.dtype.type}
    numbers = [float(value) for value in edges]
    for limit in (*LIMITS[scalar], math.inf, 1.0, 0.5):
        assert limit in numbers
        assert -limit in numbers
    assert {math.copysign(1.0, number) for number in numbers if number == 0.0} == {1.0, -1.0}
    assert any(math.isnan(number) for number in numbers)


@given(RECORDS, st.sampled_from(SCALARS), st.booleans())
def test_an_input_is_a_value_of_its_type(record: list[int], scalar: Scalar, wild: bool) -> None:
    value = plain_value(Choices.replaying(record), scalar, wild=wild)
    if scalar.is_float:
        assert type(value) is scalar.dtype.type
    elif scalar == BOOL:
        assert type(value) is bool
    else:
        assert type(value) is int
        assert scalar.low <= value <= scalar.high


@given(RECORDS, st.sampled_from(NUMBERS))
def test_a_tame_input_is_finite_and_moderate(record: list[int], scalar: Scalar) -> None:
    value = plain_value(Choices.replaying(record), scalar, wild=False)
    assert abs(float(value)) <= 2**15


@pytest.mark.parametrize("scalar", [FLOAT16, FLOAT32, FLOAT64, INT16], ids=str)
def test_a_wild_input_is_an_edge_often_and_plain_mostly(scalar: Scalar) -> None:
    values = [plain_value(Choices.seeded(seed), scalar, wild=True) for seed in range(1000)]
    extreme = [value for value in values if not abs(float(value)) <= 2**12]
    assert 30 <= len(extreme) <= 300
    if scalar.is_float:
        assert any(np.isnan(value) for value in extreme)
