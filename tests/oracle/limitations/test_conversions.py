"""How C++ compares scalars of two types: the usual arithmetic conversions, and what they do to values."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grammar.types import (
    BOOL,
    FLOAT16,
    FLOAT32,
    FLOAT64,
    INT8,
    INT16,
    INT32,
    INT64,
    SCALARS,
    UINT8,
    UINT16,
    UINT32,
    UINT64,
    Scalar,
)
from oracle.limitations.conversions import common_type, converted


@pytest.mark.parametrize(
    ("left", "right", "common"),
    [
        (INT8, INT8, INT32),
        (INT8, UINT16, INT32),
        (UINT8, UINT16, INT32),
        (BOOL, BOOL, INT32),
        (BOOL, INT16, INT32),
        (BOOL, UINT64, UINT64),
        (INT32, UINT16, INT32),
        (INT32, UINT32, UINT32),
        (INT8, UINT32, UINT32),
        (INT32, INT64, INT64),
        (UINT32, INT64, INT64),
        (INT64, UINT64, UINT64),
        (INT32, UINT64, UINT64),
        (INT64, FLOAT16, FLOAT16),
        (UINT64, FLOAT32, FLOAT32),
        (FLOAT16, FLOAT32, FLOAT32),
        (FLOAT32, FLOAT64, FLOAT64),
        (BOOL, FLOAT32, FLOAT32),
    ],
)
def test_two_types_have_a_common_one(left: Scalar, right: Scalar, common: Scalar) -> None:
    assert common_type(left, right) == common
    assert common_type(right, left) == common


@pytest.mark.parametrize("scalar", [INT32, UINT32, INT64, UINT64, FLOAT16, FLOAT32, FLOAT64])
def test_a_type_that_is_not_narrow_is_its_own_common_type(scalar: Scalar) -> None:
    assert common_type(scalar, scalar) == scalar


def test_every_pair_has_a_common_type_that_is_not_narrow() -> None:
    for left in SCALARS:
        for right in SCALARS:
            common = common_type(left, right)
            assert common.is_float or common.bits >= 32, (left, right)


@pytest.mark.parametrize(
    ("compare", "left", "right", "common", "answer"),
    [
        (operator.lt, -1, 1, UINT32, False),
        (operator.gt, -1, 4294967294, UINT32, True),
        (operator.eq, -1, 18446744073709551615, UINT64, True),
        (operator.eq, -1, 4294967295, INT64, False),
        (operator.lt, -1, 255, INT32, True),
        (operator.eq, 16777217, np.float32(16777216), FLOAT32, True),
        (operator.eq, 16777217, np.float64(16777216), FLOAT64, False),
        (operator.lt, 9223372036854775807, np.float64(9223372036854775808), FLOAT64, False),
        (operator.eq, np.float32(0.1), np.float64(0.1), FLOAT64, False),
        (operator.eq, np.float16(0.5), np.float64(0.5), FLOAT64, True),
        (operator.ge, 100000, np.float16(math.inf), FLOAT16, True),
        (operator.ne, np.float32(math.nan), np.float64(math.nan), FLOAT64, True),
        (operator.eq, True, 1, INT32, True),
        (operator.eq, True, np.float32(1), FLOAT32, True),
        (operator.lt, False, np.float32(-0.0), FLOAT32, False),
    ],
)
def test_values_are_compared_after_both_were_converted(
    compare: Callable[[Any, Any], Any], left: Any, right: Any, common: Scalar, answer: bool
) -> None:
    found = converted(compare, common)(left, right)
    assert found is answer
