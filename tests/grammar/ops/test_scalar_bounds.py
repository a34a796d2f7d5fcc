"""The values of the scalar functions against mpmath, and the published bounds against each other."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from grammar.ops import TABLE
from grammar.ops.library_bounds import CUDA, GLIBC, published
from grammar.types import FLOAT16, FLOAT32, FLOAT64, FLOATS, Scalar
from tests.quality.bounds import EXACT, own_bound, ulps, worst_ulps

ROUNDED = [op for op in TABLE.values() if op.name in EXACT and any(o.parameters[0] in FLOATS for o in op.samples)]


@pytest.mark.parametrize("scalar", FLOATS, ids=str)
@pytest.mark.parametrize("op", ROUNDED, ids=lambda op: op.key)
def test_values_lie_within_what_the_reference_promises(op: Any, scalar: Scalar) -> None:
    worst = worst_ulps(op, scalar, count=200, seed=0)
    assert worst.compared >= 40
    assert worst.ulps <= worst.bound


def test_the_comparison_sees_a_value_that_is_two_ulps_off() -> None:
    sine = TABLE["sin"]
    shifted = dataclasses.replace(sine, value=lambda x: np.nextafter(sine.value(x), np.float32(2.0)))
    assert worst_ulps(shifted, FLOAT32, count=50, seed=1).ulps > 1.0


def test_distances_are_measured_in_the_spacing_at_the_exact_value() -> None:
    assert ulps(FLOAT32, np.float32(1.0000001), 1.0) == 1.0
    assert ulps(FLOAT32, np.float32(2.0), 2.0000002384185791015625) == 1.0
    assert ulps(FLOAT64, np.float64(5e-324), 0.0) == 1.0
    assert ulps(FLOAT16, np.float16(1.5), 1.5) == 0.0


def test_the_reference_promises_one_rounding_below_float64() -> None:
    assert own_bound(TABLE["exp"], FLOAT32) == pytest.approx(0.5, abs=1e-6)
    assert own_bound(TABLE["mul"], FLOAT64) == 0.5
    assert own_bound(TABLE["exp"], FLOAT64) == 1.5
    assert own_bound(TABLE["erfinv"], FLOAT64) == 2.5


@pytest.mark.parametrize("name", sorted(CUDA))
def test_the_weak_bound_is_never_below_the_strict_one(name: str) -> None:
    bound = published(name)
    for scalar in ("float16", "float32", "float64"):
        assert 1.0 <= bound.strict[scalar] <= bound.weak[scalar]


@pytest.mark.parametrize(
    ("name", "strict", "weak"),
    [
        ("sin", {"float16": 1.0, "float32": 1.0, "float64": 2.0}, {"float16": 2.0, "float32": 2.0, "float64": 3.0}),
        ("erfc", {"float16": 1.0, "float32": 3.0, "float64": 10.0}, {"float16": 2.0, "float32": 4.0, "float64": 10.0}),
        ("erfinv", {"float16": 1.0, "float32": 2.0, "float64": 7.0}, {"float16": 2.0, "float32": 2.0, "float64": 7.0}),
    ],
)
def test_float64_counts_the_reference_and_the_engine(name: str, strict: Any, weak: Any) -> None:
    assert published(name).strict == strict
    assert published(name).weak == weak


def test_both_tables_have_every_function_but_the_inverses_that_c_lacks() -> None:
    assert set(CUDA) - set(GLIBC) == {"erfinv", "erfcinv"}
    assert set(GLIBC) <= set(CUDA)
