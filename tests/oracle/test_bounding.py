"""How far an engine may be off: units in the last place, the rounding of one operation, sums in any order."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

from grammar.ops.record import TABLE, Op, Overload
from grammar.ops.table import builtin_overload, operator_overload
from grammar.types import BOOL, FLOAT16, FLOAT32, FLOAT64, INT32, Matrix, Scalar, Vector
from oracle.reference import FUSED, STRICT, WEAK, Regime
from oracle.reference.bounding import LARGEST, may_be_zero, radius_of, ulp, unbounded

from .kernels import expected, fault

TINIEST = 2.0**-1074
"""Radii are rounded outward: by this much, and by a factor."""

ULPS = [
    (1.0, "float32", 2.0**-23),
    (1.5, "float32", 2.0**-23),
    (2.0, "float32", 2.0**-22),
    (math.nextafter(2.0, 0.0), "float32", 2.0**-23),
    (2.0**-126, "float32", 2.0**-149),
    (2.0**-125, "float32", 2.0**-148),
    (2.0**-127, "float32", 2.0**-149),
    (1e-300, "float32", 2.0**-149),
    (0.0, "float32", 2.0**-149),
    (LARGEST["float32"], "float32", 2.0**104),
    (1.0, "float16", 2.0**-10),
    (65504.0, "float16", 32.0),
    (2.0**-14, "float16", 2.0**-24),
    (2.0**-13, "float16", 2.0**-23),
    (0.0, "float16", 2.0**-24),
    (1.0, "float64", 2.0**-52),
    (LARGEST["float64"], "float64", 2.0**971),
    (2.0**-1022, "float64", 2.0**-1074),
    (2.0**-1021, "float64", 2.0**-1073),
    (0.0, "float64", 2.0**-1074),
]


@pytest.mark.parametrize(("magnitude", "scalar", "unit"), ULPS)
def test_the_unit_in_the_last_place_follows_the_binade(magnitude: float, scalar: str, unit: float) -> None:
    assert ulp(magnitude, scalar) == unit


@pytest.mark.parametrize("scalar", [FLOAT16, FLOAT32, FLOAT64], ids=str)
def test_the_unit_is_the_distance_to_the_next_number(scalar: Scalar) -> None:
    real = scalar.dtype.type
    for magnitude in (0.0, 6.1e-05, 0.1, 1.0, 3.0, 1000.0, 65472.0):
        x = real(magnitude)
        assert ulp(float(x), scalar.name) == float(np.nextafter(x, real(np.inf)) - x)


def test_the_largest_numbers_are_those_of_ieee_754() -> None:
    assert LARGEST == {"float16": 65504.0, "float32": 3.4028234663852886e38, "float64": 1.7976931348623157e308}


# One operation


def operation(symbol: str, *types: Any) -> Overload:
    found = builtin_overload(symbol, types) if symbol.startswith("wp.") else operator_overload(symbol, types)
    assert found is not None
    return found


ADD, MUL, NEG = (operation(symbol, *[FLOAT32] * count) for symbol, count in (("+", 2), ("*", 2), ("-", 1)))


def radius(overload: Overload, values: list[Any], radii: list[Any], regime: Regime = STRICT) -> Any:
    kind = overload.scalar.dtype.type
    typed = [tuple(map(kind, value)) if isinstance(value, tuple) else kind(value) for value in values]
    with np.errstate(all="ignore"):
        return radius_of(overload, typed, radii, overload.value(*typed), regime)


def test_a_correctly_rounded_operation_on_exact_operands_is_exact_in_the_strict_regime() -> None:
    assert radius(ADD, [1.0, 2.0], [0, 0], STRICT) == 0
    assert radius(MUL, [0.1, 0.3], [0, 0], STRICT) == 0


def test_fusing_may_skip_the_rounding_of_a_product_which_is_half_an_ulp() -> None:
    assert radius(MUL, [1.1, 3.3], [0, 0], WEAK) == pytest.approx(2.0**-23, rel=1e-12)
    assert radius(MUL, [1.1, 3.3], [0, 0], WEAK) >= 2.0**-23
    assert radius(MUL, [0.1, 0.7], [0, 0], WEAK) == pytest.approx(2.0**-28, rel=1e-12)


def test_fusing_rounds_sums_as_usual() -> None:
    assert radius(ADD, [1.0, 2.0], [0, 0], WEAK) == 0
    assert radius(operation("/", FLOAT32, FLOAT32), [1.0, 3.0], [0, 0], WEAK) == 0


def test_two_rounded_results_differ_by_up_to_one_ulp_more_than_what_they_round() -> None:
    assert radius(ADD, [1.0, 2.0], [0.25, 0.125], STRICT) == pytest.approx(0.375 + 2.0**-22, rel=1e-9)
    assert radius(ADD, [1.0, 2.0], [0.25, 0.125], WEAK) == pytest.approx(0.375 + 2.0**-22, rel=1e-9)
    assert radius(MUL, [3.0, 5.0], [0.5, 0], STRICT) == pytest.approx(2.5 + 2.0**-19, rel=1e-9)


def test_the_ulp_is_that_of_the_far_end_of_the_ball() -> None:
    assert radius(ADD, [1.0, 0.5], [1.0, 0], STRICT) == pytest.approx(1.0 + 2.0**-22, rel=1e-12)


def test_an_operation_without_rounding_only_spreads() -> None:
    assert radius(NEG, [3.0], [0.125], STRICT) == pytest.approx(0.125, rel=1e-9)
    assert radius(NEG, [3.0], [0.125], WEAK) == radius(NEG, [3.0], [0.125], STRICT)
    assert radius(NEG, [3.0], [0], WEAK) == 0


@pytest.mark.parametrize(
    ("scalar", "exact", "rounded"),
    [
        (FLOAT16, [(0.0, 7.0), (0.5, -3.0), (255.0, 8.0)], [(0.1, 0.1), (255.875, 255.875), (6e-5, 6e-5)]),
        (FLOAT32, [(0.0, 7.0), (0.1, 2.0), (4097.0, 4095.0)], [(0.1, 0.7), (4097.0, 4097.0), (1e-30, 1e-30)]),
        (FLOAT64, [(0.0, 7.0), (0.1, 2.0), (2.0**27 + 1, 2.0**25)], [(0.1, 0.7), (2.0**27 + 1,) * 2, (1e-300, 1e-300)]),
    ],
    ids=str,
)
def test_fusing_changes_only_products_that_are_rounded(
    scalar: Scalar, exact: list[tuple[float, float]], rounded: list[tuple[float, float]]
) -> None:
    product = operation("*", scalar, scalar)
    assert [radius(product, list(pair), [0, 0], WEAK) for pair in exact] == [0, 0, 0]
    assert all(radius(product, list(pair), [0, 0], WEAK) > 0.0 for pair in rounded)


@pytest.mark.parametrize(
    ("type_", "value", "spread"),
    [(FLOAT16, 65504.0, 1.0), (FLOAT32, 3.4028234663852886e38, 1e30), (FLOAT64, 1.7e308, 1e308)],
    ids=str,
)
def test_a_ball_that_reaches_beyond_the_largest_number_has_no_bound(type_: Scalar, value: float, spread: float) -> None:
    assert radius(operation("+", type_, type_), [value, 0.0], [spread, 0]) == math.inf
    assert radius(operation("+", type_, type_), [value / 4, 0.0], [spread / 4, 0]) < math.inf


def test_a_rounding_that_may_be_skipped_at_the_largest_number_has_no_bound() -> None:
    below = [1.0 + 2.0**-23, (1.0 - 3.0 * 2.0**-24) * 2.0**128]  # their product is rounded to the largest number
    assert radius(MUL, below, [0, 0], STRICT) == 0
    assert radius(MUL, below, [0, 0], WEAK) == math.inf


def test_a_product_that_overflows_by_less_than_twice_may_be_kept_whole_and_brought_back_by_a_sum() -> None:
    assert radius(MUL, [LARGEST["float32"], 1.5], [0, 0], WEAK) == math.inf
    assert radius(MUL, [LARGEST["float32"], 2.5], [0, 0], WEAK) < math.inf
    assert radius(MUL, [LARGEST["float32"], 1.5], [0, 0], STRICT) == 0
    assert radius(MUL, [math.inf, 1.5], [0, 0], WEAK) == 0
    assert radius(operation("*", FLOAT64, FLOAT64), [LARGEST["float64"], -1.5], [0, 0], WEAK) == math.inf


PAIR = "x: wp.array[float], out: wp.array[float]"
DECIDED = {
    "x[0] * x[1] + 1.0": math.inf,
    "x[0] * x[1] + x[0] * x[1]": math.inf,
    "-(x[0] * x[1]) - x[1]": -math.inf,
    "wp.sqrt(x[0] * x[1]) - 1.0": math.inf,
    "wp.min(x[0] * x[1], 2.0)": 2.0,
    "1.0 / (x[0] * x[1])": 0.0,
}
OPEN = [
    "x[0] * x[1] - x[0] * x[1]",
    "-(x[0] * x[1]) + x[2]",
    "x[2] - wp.max(x[0] * x[1], 0.0)",
    "(x[0] * x[1] if x[0] > 0.0 else 0.0) - x[2]",
]


@pytest.mark.parametrize("formula", DECIDED)
def test_a_product_that_overflows_by_far_is_infinite_fused_or_not(formula: str) -> None:
    found = expected(PAIR, f"out[0] = {formula}", regime=WEAK, x=[1e30, 1e30, math.inf], out=[0.0])
    assert found.arrays["out"].tolist() == [DECIDED[formula]]
    assert found.radii["out"][0] < 1e-30


@pytest.mark.parametrize("formula", OPEN)
def test_the_difference_of_a_product_that_overflows_and_an_infinity_is_nan_or_infinite(formula: str) -> None:
    given: dict[str, Any] = {"x": [1e30, 1e30, math.inf], "out": [0.0]}
    assert fault(PAIR, f"out[0] = {formula}", regime=WEAK, **given)[0] == "fragile decision"
    assert math.isnan(expected(PAIR, f"out[0] = {formula}", regime=STRICT, **given).arrays["out"][0])


def test_a_scaled_vector_that_overflows_has_no_bound_in_the_weak_regime() -> None:
    scale = operation("*", Vector(2, FLOAT32), FLOAT32)
    assert radius(scale, [(LARGEST["float32"], 1.0), 8.0], [0, 0], WEAK) == (math.inf, math.inf)
    assert radius(scale, [(LARGEST["float32"], 1.0), 8.0], [0, 0], STRICT) == 0
    assert max(radius(scale, [(math.inf, 1.0), 8.0], [0, 0], WEAK)) < 1.0


def test_an_infinite_value_of_exact_operands_is_exact() -> None:
    assert radius(operation("/", FLOAT32, FLOAT32), [1.0, 0.0], [0, 0], WEAK) == 0
    assert radius(ADD, [math.inf, 1.0], [0, 0], WEAK) == 0
    assert radius(ADD, [math.nan, 1.0], [0, 0], WEAK) == 0


def test_an_infinite_radius_stays_infinite() -> None:
    assert radius(ADD, [1.0, 2.0], [math.inf, 0]) == math.inf


def test_components_have_radii_of_their_own() -> None:
    vec2 = Vector(2, FLOAT32)
    add = operation("+", vec2, vec2)
    assert radius(add, [(1.0, 2.0), (1.0, 4.0)], [0, 0], STRICT) == 0
    first, second = radius(add, [(1.0, 2.0), (1.0, 4.0)], [(0.5, 0.0), 0], STRICT)
    assert first == pytest.approx(0.5 + 2.0**-22, rel=1e-9)
    assert second == pytest.approx(2.0**-21, rel=1e-9)


def test_an_operation_without_a_promised_order_has_a_radius_in_every_regime() -> None:
    vec3 = Vector(3, FLOAT32)
    dot = operation("wp.dot", vec3, vec3)
    values = [(1.0, 2.0, 3.0), (0.1, 0.1, 0.1)]
    assert 0.0 < radius(dot, values, [0, 0], STRICT) < 2.0**-20
    assert radius(dot, values, [0, 0], WEAK) == radius(dot, values, [0, 0], STRICT)


def test_the_rows_of_a_matrix_have_the_shape_of_the_matrix() -> None:
    mat22 = Matrix(2, 2, FLOAT32)
    add = operation("+", mat22, mat22)
    ones = tuple(tuple(np.float32(1) for _ in range(2)) for _ in range(2))
    twos = tuple(tuple(np.float32(2) for _ in range(2)) for _ in range(2))
    found = radius_of(add, [ones, ones], [((0.0, 0.5), (0.0, 0.0)), 0], twos, STRICT)
    assert np.array(found) == pytest.approx(np.array([[0.0, 0.5], [0.0, 0.0]]) + 2.0**-22, rel=1e-3)


def test_a_comparison_is_exact_where_the_balls_are_apart_and_unbounded_where_they_meet() -> None:
    less = operation("<", FLOAT32, FLOAT32)
    assert radius(less, [1.0, 2.0], [0.25, 0.25]) == 0
    assert radius(less, [1.0, 1.5], [0.25, 0.25]) == math.inf
    assert radius(less, [1.0, 1.0], [0, 0], WEAK) == 0


def test_operations_on_ints_are_exact() -> None:
    assert radius_of(operation("+", INT32, INT32), [1, 2], [0, 0], 3, WEAK) == 0
    assert radius_of(operation("wp.where", BOOL, INT32, INT32), [True, 1, 2], [0, 0, 0], 1, WEAK) == 0


def test_a_published_bound_applies_per_regime() -> None:
    sine = operation("wp.sin", FLOAT32)
    strict, fused, weak = (radius(sine, [1.25], [0], regime) for regime in (STRICT, FUSED, WEAK))
    assert 0.0 < strict == fused < weak < 2.0**-20


@pytest.mark.parametrize("op", TABLE.values(), ids=lambda op: op.name)
def test_the_strict_regime_allows_no_operation_more_than_the_weak_one(op: Op) -> None:
    rounding = op.rounding
    assert all(ulps <= rounding.weak.get(scalar, 0.0) for scalar, ulps in rounding.strict.items())


def test_unbounded_and_may_be_zero_look_at_every_component() -> None:
    assert not unbounded(0)
    assert not unbounded(((0.0, 1.0), (2.0, 0.0)))
    assert unbounded(((0.0, 1.0), (math.inf, 0.0)))
    assert may_be_zero(np.float32(0.5), 0.5)
    assert may_be_zero(np.float32(-0.25), 0.5)
    assert not may_be_zero(np.float32(0.0), 0)
    assert not may_be_zero(np.float32(0.75), 0.5)


def test_only_the_weak_regime_runs_atomics_in_any_order() -> None:
    assert STRICT.ordered
    assert FUSED.ordered
    assert not WEAK.ordered


# Float atomics in any order

A = "x: wp.array[float], s: wp.array[float]"
ADD_ALL = "i = wp.tid()\ns[0] += x[i]"

SUMS: dict[str, tuple[float, list[float]]] = {
    "of equal size": (0.0, [0.1, 0.2, 0.3, 0.4, 0.5]),
    "that cancel": (0.0, [1e8, 1.0, -1e8, 3.3, 0.7]),
    "that cancel what was there": (1e6, [-1e6, 0.1, 0.01, 0.001, 0.3]),
    "of many sizes": (1e-3, [1e7, 1e-7, -3e3, 4.4e4, 0.1]),
}


@pytest.mark.parametrize("what", SUMS)
def test_the_weak_radius_of_a_shared_sum_covers_every_order(what: str) -> None:
    start, terms = SUMS[what]
    found = expected(A, ADD_ALL, dims=5, regime=WEAK, x=terms, s=[start])
    centre, bound = float(found.arrays["s"][0]), found.radii["s"][0]
    for order in itertools.permutations(map(np.float32, terms)):
        total = np.float32(start)
        for term in order:
            total = total + term
        assert abs(float(total) - centre) <= bound
    assert bound < 1e-4 * (abs(start) + sum(map(abs, terms)))


@pytest.mark.parametrize("regime", [STRICT, FUSED])
def test_in_launch_order_a_shared_sum_is_exact(regime: Regime) -> None:
    start, terms = SUMS["that cancel"]
    found = expected(A, ADD_ALL, dims=5, regime=regime, x=terms, s=[start])
    assert found.radii["s"].tolist() == [0.0]
    assert found.arrays["s"].tolist() == [4.0]


def test_in_launch_order_a_product_that_is_added_may_be_fused() -> None:
    found = expected(A, "s[0] += x[0] * 0.7", regime=FUSED, x=[0.3], s=[1.0])
    assert 0.0 < found.radii["s"][0] < 2.0**-22


def test_in_launch_order_a_lost_update_of_two_thousand_lies_outside_the_bound() -> None:
    found = expected("s: wp.array[float]", "wp.atomic_add(s, 0, 0.7)", dims=2000, regime=FUSED, s=[0.0])
    assert found.arrays["s"].tolist() == [pytest.approx(1400.0, abs=0.1)]
    assert found.radii["s"].tolist() == [0.0]


def test_a_sum_that_no_order_rounds_is_exact_in_every_order() -> None:
    body = "wp.atomic_add(s, 0, wp.float16(0.25))"
    found = expected("s: wp.array[wp.float16]", body, dims=300, regime=WEAK, s=[1.0])
    assert found.arrays["s"].tolist() == [76.0]
    assert found.radii["s"].tolist() == [0.0]


def test_a_sum_that_some_order_rounds_has_a_radius_where_threads_have_no_order() -> None:
    found = expected(A, ADD_ALL, dims=5, regime=WEAK, x=SUMS["of equal size"][1], s=[0.0])
    assert 0.0 < found.radii["s"][0] < 1e-5


def test_only_the_component_that_is_added_to_is_widened() -> None:
    body = "i = wp.tid()\nv[0].y += x[i]\nv[0].y -= 0.3"
    found = expected("x: wp.array[float], v: wp.array[wp.vec2]", body, dims=2, regime=WEAK, x=[0.1, 0.2], v=[[1, 2]])
    first, second = found.radii["v"][0]
    assert first == 0.0 < second < 1e-5


def test_what_one_thread_adds_is_in_order_in_every_regime() -> None:
    one = expected("s: wp.array[float]", "s[0] += 0.1\ns[0] += 0.7", regime=WEAK, s=[1.0])
    two = expected(A, ADD_ALL, dims=2, regime=WEAK, x=[0.1, 0.7], s=[1.0])
    assert one.radii["s"][0] < two.radii["s"][0]


def test_differences_and_components_are_covered_too() -> None:
    body = "i = wp.tid()\nwp.atomic_sub(v, 0, wp.vec2(x[i], 0.0))"
    found = expected(
        "x: wp.array[float], v: wp.array[wp.vec2]", body, dims=3, regime=WEAK, x=[1e8, 1.0, -1e8], v=[[0, 1]]
    )
    assert found.radii["v"][0][0] >= 8.0
    assert found.radii["v"][0][1] < 1e-5


def test_the_radius_of_the_operands_counts() -> None:
    body = "i = wp.tid()\ns[0] += x[i] * 3.0"
    given: dict[str, Any] = {"dims": 2, "regime": WEAK, "x": [1.1, 1e6], "s": [0.0]}
    assert expected(A, body, **given).radii["s"][0] > 0.5 * ulp(3e6, "float32")


def test_minima_and_ints_do_not_depend_on_the_order() -> None:
    low = expected(A, "i = wp.tid()\nwp.atomic_min(s, 0, x[i])", dims=3, regime=WEAK, x=[3.0, 1.0, 2.0], s=[9.0])
    assert (low.arrays["s"].tolist(), low.radii["s"].tolist()) == ([1.0], [0.0])


@pytest.mark.parametrize(
    ("type_", "terms"),
    [
        ("wp.float16", [60000.0, 60000.0, -60000.0]),
        ("float", [3e38, -3e38, 3e38]),
        ("wp.float64", [1.5e308, -1.5e308, 1.5e308]),
        ("float", [math.inf, 1.0, 2.0]),
    ],
)
def test_a_sum_that_some_order_overflows_has_no_bound(type_: str, terms: list[float]) -> None:
    signature = f"x: wp.array[{type_}], s: wp.array[{type_}]"
    found = expected(
        signature, "i = wp.tid()\nwp.atomic_add(s, 0, x[i])", dims=3, regime=WEAK, x=sorted(terms), s=[0.0]
    )
    assert found.radii["s"].tolist() == [math.inf]
