"""Zeros of either sign: what may be one, and what operations make of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from grammar.ops.balls import EITHER_ZERO
from oracle.comparison import compare
from oracle.records import Executed
from oracle.reference import STRICT, WEAK, Regime

from .kernels import expected, fault

A = "a: wp.array[float], out: wp.array[float]"
GIVEN: dict[str, Any] = {"a": [-0.0, 1.0], "out": [7.0]}
EITHER = "wp.max(a[0], 0.0)"

#: Formulas of which either zero is right.
OPEN = [
    EITHER,
    "wp.min(0.0, a[0])",
    "wp.clamp(a[0], 0.0, 1.0)",
    "wp.max(wp.vec2(a[0], 1.0), wp.vec2(0.0, 0.0))[0]",
    "wp.min(wp.vec3(a[0], 0.0, 1.0))",
    f"-{EITHER}",
    f"wp.sqrt({EITHER})",
    f"wp.floor({EITHER})",
    f"{EITHER} * 3.0",
    f"{EITHER} + a[0]",
    f"wp.vec2(2.0, {EITHER}).y",
    f"wp.mat22({EITHER}, 1.0, 2.0, {EITHER})[1, 1]",
    "wp.dot(wp.vec2(a[1], 1.0), wp.vec2(1.0, -1.0))",
    f"wp.where(a[1] > 0.0, {EITHER}, 1.0)",
]

#: Formulas whose value does not depend on the sign of a zero.
DECIDED = {
    f"{EITHER} + 1.0": 1.0,
    f"{EITHER} + 0.0": 0.0,
    "wp.clamp(5.0, a[0], 0.0)": 0.0,
    "wp.max(-0.0, a[0])": -0.0,
    "wp.max(a[0], 0.0) - -0.0": 0.0,
    f"wp.abs({EITHER})": 0.0,
    f"wp.sign({EITHER})": 1.0,
    f"wp.cos({EITHER})": 1.0,
    f"float(int({EITHER}))": 0.0,
    f"1.0 if {EITHER} == 0.0 else 2.0": 1.0,
    f"1.0 if bool({EITHER}) else 2.0": 2.0,
    f"wp.pow(2.0, {EITHER})": 1.0,
    f"wp.length(wp.vec2({EITHER}, 2.0))": 2.0,
    f"wp.vec4({EITHER})[0] + wp.mat44({EITHER})[1, 1] + 1.0": 1.0,
}

#: Formulas in which one sign leads to something else than the other.
APART = [
    f"1.0 / {EITHER}",
    f"wp.copysign(2.0, {EITHER})",
    f"wp.atan2({EITHER}, -1.0)",
    f"wp.pow({EITHER}, -1.0)",
    f"(wp.vec2(1.0, 1.0) / {EITHER})[1]",
]


@pytest.mark.parametrize("regime", [STRICT, WEAK])
@pytest.mark.parametrize("formula", OPEN)
def test_either_zero_is_right_and_nothing_else(formula: str, regime: Regime) -> None:
    found = expected(A, f"out[0] = {formula}", regime=regime, **GIVEN)
    assert found.arrays["out"].tolist() == [0.0]
    for value, outside in ((0.0, 0), (-0.0, 0), (1e-40, 1), (math.nan, 1)):
        outcome = Executed({"a": found.arrays["a"], "out": np.array([value], np.float32)})
        assert len(compare(outcome, found).mismatches) == outside, value


@pytest.mark.parametrize("formula", DECIDED)
def test_what_both_zeros_lead_to_is_the_value(formula: str) -> None:
    found = expected(A, f"out[0] = {formula}", **GIVEN)
    assert str(found.arrays["out"][0]) == str(DECIDED[formula])
    assert found.radii["out"][0] <= (2.0**-22 if "cos" in formula or "pow" in formula else 0.0)


@pytest.mark.parametrize("formula", APART)
def test_what_depends_on_the_sign_of_such_a_zero_is_not_decided(formula: str) -> None:
    assert fault(A, f"out[0] = {formula}", **GIVEN)[0] == "fragile decision"


def test_a_condition_does_not_depend_on_the_sign_of_zero() -> None:
    assert expected(A, f"if {EITHER}:\n    out[0] = 1.0", **GIVEN).arrays["out"].tolist() == [7.0]


def test_an_atomic_maximum_of_zeros_is_either_zero() -> None:
    found = expected(A, "wp.atomic_max(out, 0, a[wp.tid()])", dims=1, a=[-0.0], out=[0.0])
    assert found.radii["out"].tolist() == [EITHER_ZERO]


def test_many_zeros_of_either_sign_are_bounded_together() -> None:
    body = f"m = wp.mat44({EITHER})\nout[0] = (m + wp.mat44(1.0))[2, 2]\nout[1] = wp.trace(m)"
    found = expected(A, body, a=[-0.0, 1.0], out=[7.0, 7.0])
    assert found.arrays["out"].tolist() == [1.0, 0.0]
    assert found.radii["out"].tolist() == [pytest.approx(2.0**-23, rel=1e-6), pytest.approx(0.0, abs=1e-40)]
