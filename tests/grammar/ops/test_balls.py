"""Formulas over balls hold what any engine gives, and no bound is looser than the one that was made by hand before."""

from __future__ import annotations

import math
import operator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grammar.ops import TABLE, balls
from grammar.ops.balls import Ball, bounded_by, operand
from grammar.types import FLOATS

KINDS = [scalar.dtype.type for scalar in FLOATS]
WIDTH: dict[Any, Any] = {np.float16: 16, np.float32: 32, np.float64: 64}
STEPS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}

by_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
shares = st.fractions(-1, 1, max_denominator=1000)


def floats(kind: Any) -> st.SearchStrategy[Any]:
    """Draw finite floats of a type."""
    return st.floats(allow_nan=False, allow_infinity=False, width=WIDTH[kind]).map(kind)


def reaches(data: st.DataObject, x: Any) -> float:
    """Draw a radius: 0, or relative to a number from far below an ULP to twice it."""
    return data.draw(st.sampled_from([0.0, *(abs(float(x)) * 2.0**-k for k in (-1, 0, 3, 10, 24, 53, 60))]))


def rounded(exact: Fraction, kind: Any, fused: bool) -> Fraction | None:
    """Round a step, or leave it to the next one; None where it overflows."""
    if fused:
        return exact
    try:
        found = kind(float(exact))
    except OverflowError:
        return None
    return Fraction(float(found)) if math.isfinite(found) else None


def holds(ball: Ball, point: Fraction | None) -> bool:
    if not ball.radius < math.inf:
        return True
    return point is not None and abs(point - Fraction(float(ball.value))) <= Fraction(float(ball.radius))


@by_kind
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@given(data=st.data())
def test_every_step_of_a_formula_holds_what_is_rounded_or_fused(kind: Any, data: st.DataObject) -> None:
    def drawn() -> tuple[Ball, Fraction | None]:
        x = data.draw(floats(kind))
        r = reaches(data, x)
        return operand(x, r), Fraction(float(x)) + data.draw(shares) * Fraction(r)

    ball, point = drawn()
    for _ in range(data.draw(st.integers(1, 4))):
        (other, beside), symbol = drawn(), data.draw(st.sampled_from("+-*/"))
        if data.draw(st.booleans()):
            ball, point, other, beside = other, beside, ball, point
        ball = STEPS[symbol](ball, other)
        if symbol == "/" and beside == 0:
            assert ball.radius == math.inf
            return
        if point is not None and beside is not None:
            point = rounded(STEPS[symbol](point, beside), kind, data.draw(st.booleans()))
        else:
            point = None
        assert holds(ball, point)


@by_kind
@given(data=st.data())
def test_a_root_holds_those_of_all_numbers_of_the_ball_that_are_not_negative(kind: Any, data: st.DataObject) -> None:
    x = abs(data.draw(floats(kind)))
    r = reaches(data, x)
    ball = operand(x, r).sqrt()
    point = max(Fraction(float(x)) + data.draw(shares) * Fraction(r), Fraction(0))
    if not ball.radius < math.inf or point > Fraction(float(np.finfo(np.float64).max)):
        return

    low = max(Fraction(float(ball.value)) - Fraction(float(ball.radius)), Fraction(0))
    high = Fraction(float(ball.value)) + Fraction(float(ball.radius))
    assert low * low <= point <= high * high
    assert holds(ball, Fraction(float(kind(math.sqrt(float(point))))))


def test_a_formula_with_numbers_reads_as_it_is_documented() -> None:
    found = bounded_by(lambda x, y: 3.0 - 0.5 * x / (1.0 + y))(
        (np.float32(8.0), np.float32(1.0)), (0.0, 0.0), np.float32(1.0)
    )

    assert 2.0**-24 < found < 2.0**-20


def test_an_exact_operand_that_is_only_moved_stays_exact() -> None:
    assert bounded_by(lambda x: x)((np.float32(0.1),), (0.0,), np.float32(0.1)) == 0.0


# What the formulas replaced


def outward(radius: float) -> float:
    """Round outward at least as much as a formula of a few steps does, which is far below any ULP."""
    return radius * (1.0 + 2.0**-38) + 2.0**-1072


@pytest.mark.parametrize("source", KINDS)
@pytest.mark.parametrize("target", KINDS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@given(data=st.data())
def test_no_conversion_is_bounded_more_loosely_than_by_an_ulp_of_both_ends(
    source: Any, target: Any, data: st.DataObject
) -> None:
    op, x = TABLE[target.__name__], data.draw(floats(source))
    r, limits, value = reaches(data, x) or 2.0**-30, np.finfo(target), op.value(x)
    before = outward(r + float(limits.eps) * (abs(float(x)) + r) + float(limits.smallest_subnormal))
    if math.isfinite(value) and abs(float(value)) + before <= float(limits.max):
        assert op.spread((x,), (r,), value) <= before


@pytest.mark.parametrize(
    ("key", "before"),
    [
        ("exp", lambda x, r: r * math.exp(x + r)),
        ("log", lambda x, r: r / (x - r)),
        ("log2", lambda x, r: r / (x - r) / math.log(2.0)),
        ("log10", lambda x, r: r / (x - r) / math.log(10.0)),
    ],
)
@given(x=st.floats(2.0**-100, 80.0, width=32), share=st.floats(2.0**-60, 0.5))
def test_no_function_is_bounded_more_loosely_than_by_its_steepest_slope(
    key: str, before: Any, x: float, share: float
) -> None:
    value = TABLE[key].value(np.float64(x))

    assert TABLE[key].spread((np.float64(x),), (x * share,), value) <= outward(before(x, x * share))


@given(x=st.floats(2.0**-100, 2.0**100, width=32), share=st.floats(0.0, 4.0))
def test_no_root_is_bounded_more_loosely_than_by_the_radius_over_itself(x: float, share: float) -> None:
    root, r = math.sqrt(x), x * share
    spread = min(math.sqrt(r), r / root)
    before = outward(spread + 2.0**-23 * (root + spread) + 2.0**-149)

    assert operand(np.float32(x), r).sqrt().radius <= before


@given(st.tuples(*[st.floats(-100.0, 100.0, width=32).map(np.float32)] * 3))
def test_no_interpolation_is_bounded_more_loosely_than_by_a_whole_ulp_for_each_step(operands: Any) -> None:
    a, b, t = (Fraction(float(x)) for x in operands)
    unit = Fraction(1, 2**23)
    rest = abs(1 - t) * unit
    first = abs(a) * rest + abs(a * (1 - t)) * unit + abs(a) * rest * unit
    second = abs(b * t) * unit
    third = first + second + (abs(a * (1 - t) + b * t) + first + second) * unit
    value = TABLE["lerp"].value(*operands)
    before = third + abs(a * (1 - t) + b * t - Fraction(float(value)))

    assert TABLE["lerp"].spread(operands, (0.0, 0.0, 0.0), value) <= outward(float(before) + 2.0**-140)


def test_lanes_of_one_value_may_differ_in_their_radius() -> None:
    radii = balls.outward(np.array([0.5, 1e38]), np.float32(3e38))
    assert (radii[0] >= 0.5, radii[1]) == (True, np.inf)
