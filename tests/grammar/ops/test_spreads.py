"""Spreads are rigorous: no point of a ball of operands lies farther from the value than its spread says.

Continuous operations are compared with mpmath at the corners of the ball and within; operations that are exact, with
their own value at float64 points. Centres, radii and points are drawn from a seed, edges often among them.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator
from statistics import median
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf  # type: ignore[import-untyped]  # mpmath has no types

from grammar.ops import TABLE, Op
from grammar.ops.floats import LARGEST
from grammar.types import BOOL, FLOAT16, FLOAT32, FLOAT64, FLOATS, Scalar
from tests.quality.bounds import EXACT

DRAWS = 150

CONTINUOUS = [op for op in TABLE.values() if op.name in EXACT and op.samples[-1].parameters[0] in FLOATS]
ROUNDINGS = ("round", "rint", "trunc", "floor", "ceil", "int8", "uint8", "int32", "uint32", "int64")
QUESTIONS = ("sign", "step", "nonzero", "isfinite", "isnan", "isinf", "bool", "lt", "le", "gt", "ge", "eq", "ne")
CHOICES = ("min", "max", "clamp", "copysign", "abs", "neg", "pos", "frac", "mod.float")

by_type = pytest.mark.parametrize("scalar", FLOATS, ids=str)


def centres(scalar: Scalar, draws: random.Random) -> Any:
    """Draw a finite float: an edge, any bit pattern, or a number of moderate size."""
    kind = draws.randrange(4)
    if kind == 0:
        limits = np.finfo(scalar.dtype)
        x = draws.choice((0.0, 0.5, 1.0, 2.0, 3.0, math.pi / 2, 90.0, float(limits.max), float(limits.tiny)))
    elif kind == 1:
        bits = np.array(draws.getrandbits(scalar.bits), dtype=f"uint{scalar.bits}")
        x = abs(float(bits.view(scalar.dtype)[()]))
    else:
        x = 2.0 ** draws.uniform(-6, 4)
    return scalar.dtype.type(draws.choice((1, -1)) * (x if math.isfinite(x) else 1.0))


def radius(x: float, draws: random.Random) -> float:
    """Draw a radius: relative to the centre from far below an ULP to twice it, or absolute."""
    relative = abs(x) * math.exp2(draws.uniform(-60, 1))
    return draws.choice((0.0, 5e-324, 1e-3, abs(x), *[relative] * 8))


def operand_balls(scalar: Scalar, arity: int, seed: int) -> Iterator[tuple[list[Any], list[float], random.Random]]:
    """Draw centres and radii, some radius of which is not 0."""
    draws = random.Random(seed)
    for _ in range(DRAWS):
        values = [centres(scalar, draws) for _ in range(arity)]
        radii = [radius(float(x), draws) for x in values]
        if any(radii):
            yield values, radii, draws


def points(values: list[Any], radii: list[float], draws: random.Random) -> Iterator[list[Any]]:
    """Yield the corners of a ball and four points within it, exactly."""
    axes = list(zip(map(mpf, map(float, values)), map(mpf, radii), strict=True))
    yield from ([x + sign * r for (x, r), sign in zip(axes, signs, strict=True)] for signs in signs_for(len(axes)))
    for _ in range(4):
        yield [x + mpf(draws.uniform(-1, 1)) * r for x, r in axes]


def signs_for(arity: int) -> Iterator[tuple[int, ...]]:
    return itertools.product((-1, 1), repeat=arity)


def exact(op: Op, operands: list[Any]) -> Any:
    """Return the exact real value, or None where there is none."""
    try:
        value = EXACT[op.name](*operands)
    except (ZeroDivisionError, ValueError, OverflowError):
        return None
    return value if isinstance(value, mpf) and mp.isfinite(value) else None


def slack(centre: Any) -> Any:
    """Return what mpmath's 300 bits cannot see, which matters for radii that are far below an ULP."""
    return abs(centre) * mpf(2) ** -280


@by_type
@pytest.mark.parametrize("op", CONTINUOUS, ids=lambda op: op.key)
def test_no_point_of_the_ball_lies_beyond_the_spread(op: Op, scalar: Scalar) -> None:
    bounded = 0
    with mp.workprec(300):
        for values, radii, draws in operand_balls(scalar, len(op.samples[-1].parameters), seed=1):
            values = [x + scalar.dtype.type(0) for x in values]  # mpmath has no -0
            value = op.value(*values)
            spread = op.spread(values, radii, value)
            if spread == math.inf or math.isnan(value):
                continue
            bounded += 1
            centre = exact(op, [mpf(float(x)) for x in values])
            for point in points(values, radii, draws):
                moved = exact(op, point)
                if math.isinf(value):
                    assert spread == 0.0
                    assert moved is None or abs(moved) > LARGEST[type(value)], (values, radii)
                else:
                    assert moved is not None, (values, radii, point)
                    assert abs(moved - centre) <= spread + slack(centre), (values, radii, point)
    assert bounded > DRAWS // 8


@by_type
@pytest.mark.parametrize("key", [*ROUNDINGS, *QUESTIONS, *CHOICES])
def test_no_point_of_the_ball_decides_otherwise(key: str, scalar: Scalar) -> None:
    op = TABLE[key]
    bounded = 0
    for values, radii, draws in operand_balls(scalar, len(op.samples[0].parameters), seed=2):
        if op.domain and op.domain(scalar, *values) is not None:
            continue
        value = op.value(*values)
        spread = op.spread(values, radii, value)
        if spread == math.inf or math.isnan(value):
            continue
        bounded += 1
        for point in float_points(values, radii, draws):
            moved = op.value(*point)
            assert abs(mpf(float(moved)) - mpf(float(value))) <= spread, (values, radii, point)
            same_sign = math.copysign(1.0, moved) == math.copysign(1.0, value)
            assert spread > 0.0 or same_sign or op.domain, (values, radii, point)
    assert bounded > DRAWS // 20


def float_points(values: list[Any], radii: list[float], draws: random.Random) -> Iterator[list[Any]]:
    """Yield float64 points of a ball: the corners, rounded inward, and points within."""
    axes = [(float(x), r) for x, r in zip(values, radii, strict=True)]
    for signs in signs_for(len(axes)):
        yield [inside(x, sign * r, r) for (x, r), sign in zip(axes, signs, strict=True)]
    for _ in range(4):
        yield [inside(x, draws.uniform(-1, 1) * r, r) for x, r in axes]


def inside(x: float, step: float, r: float) -> Any:
    """Return a float64 that is at most r from x, as near to ``x + step`` as rounding allows."""
    moved = np.float64(x + step if step else x)  # keeps -0
    with mp.workprec(2200):
        if abs(mpf(float(moved)) - mpf(x)) > mpf(r):
            moved = np.nextafter(moved, np.float64(x))
        assert abs(mpf(float(moved)) - mpf(x)) <= mpf(r)
    return moved


@by_type
@pytest.mark.parametrize("target", FLOATS, ids=str)
def test_conversions_bound_both_roundings(target: Scalar, scalar: Scalar) -> None:
    op = TABLE[target.name]
    bounded = 0
    for values, radii, draws in operand_balls(scalar, 1, seed=3):
        if op.domain and op.domain(scalar, *values) is not None:
            continue
        value = op.value(*values)
        spread = op.spread(values, radii, value)
        bounded += spread < math.inf
        for point in float_points(values, radii, draws):
            other = op.value(*point)
            near = other == value or spread == math.inf or abs(mpf(float(other)) - mpf(float(value))) <= spread
            assert near, (values, radii)
    assert bounded > DRAWS // 2


@by_type
def test_floor_division_bounds_the_floor_of_exact_and_rounded_quotients(scalar: Scalar) -> None:
    op = TABLE["floordiv.float"]
    bounded = 0
    with mp.workprec(300):
        for values, radii, draws in operand_balls(scalar, 2, seed=4):
            if op.domain and op.domain(scalar, *values) is not None:
                continue
            value = op.value(*values)
            spread = op.spread(values, radii, value)
            if not math.isfinite(value) or spread == math.inf:
                continue
            bounded += 1
            for a, b in points(values, radii, draws):
                assert mp.floor(a / b) == float(value), (values, radii)
                assert np.floor(scalar.dtype.type(float(a / b))) == value, (values, radii)
    assert bounded > DRAWS // 20


def lerp_orders(a: Any, b: Any, t: Any) -> list[Any]:
    """Evaluate the documented formula as written, and contracted either way (a product of two floats, kept exact)."""
    kind, one = type(a), type(a)(1)
    rest, exactly = one - t, [mpf(float(x)) for x in (a, b, t)]
    first = kind(float(mpf(float(a * rest)) + exactly[1] * exactly[2]))
    second = kind(float(exactly[0] * mpf(float(rest)) + mpf(float(b * t))))
    return [a * rest + b * t, first, second]


def smoothstep_orders(a: Any, b: Any, x: Any) -> list[Any]:
    """Evaluate the cubic in three ways."""
    kind = type(a)
    t = min(max((x - a) / (b - a), kind(0)), kind(1))
    return [t * t * (kind(3) - kind(2) * t), kind(3) * t * t - kind(2) * t * t * t, t * (t * (kind(3) - (t + t)))]


def exact_lerp(a: Any, b: Any, t: Any) -> Any:
    return a * (1 - t) + b * t


def exact_smoothstep(a: Any, b: Any, x: Any) -> Any:
    t = min(max((x - a) / (b - a), mpf(0)), mpf(1))
    return t * t * (3 - 2 * t)


@by_type
@pytest.mark.parametrize(
    ("key", "formula", "orders"),
    [("lerp", exact_lerp, lerp_orders), ("smoothstep", exact_smoothstep, smoothstep_orders)],
)
def test_interpolation_bounds_every_order_of_evaluation(key: str, formula: Any, orders: Any, scalar: Scalar) -> None:
    op = TABLE[key]
    bounded = 0
    with mp.workprec(300), np.errstate(all="ignore"):
        for values, radii, draws in operand_balls(scalar, 3, seed=5):
            for reach in ([0.0, 0.0, 0.0], radii):
                if op.domain and op.domain(scalar, *values) is not None:
                    continue
                value = op.value(*values)
                spread = op.spread(values, reach, value)
                if spread == math.inf:
                    continue
                bounded += 1
                for point in points(values, reach, draws):
                    assert abs(formula(*point) - mpf(float(value))) <= spread, (values, reach)
                for other in orders(*values):
                    assert abs(float(other) - float(value)) <= spread, (values, reach)
    assert bounded > DRAWS // 3


# Conventions


@pytest.mark.parametrize(
    ("key", "values", "radii", "expected"),
    [
        ("add", (math.inf, 1.0), (0.0, 0.5), 0.0),
        ("add", (math.nan, 1.0), (0.0, 0.5), 0.0),
        ("add", (3e38, 3e38), (1.0, 0.0), 0.0),
        ("add", (3e38, 3e38), (3e38, 0.0), math.inf),
        ("add", (3e38, 1.0), (1e38, 0.0), math.inf),
        ("add", (1.0, 2.0), (math.inf, 0.0), math.inf),
        ("sub", (3e38, -3e38), (1.0, 0.0), 0.0),
        ("mul", (math.inf, 2.0), (0.0, 1.0), 0.0),
        ("mul", (math.inf, 2.0), (0.0, 2.0), math.inf),
        ("mul", (1e30, 1e30), (1.0, 0.0), 0.0),
        ("mul", (1e30, 1e30), (1.001e30, 0.0), math.inf),
        ("div.float", (1.0, 0.0), (0.5, 0.0), 0.0),
        ("div.float", (1.0, 0.0), (1.0, 0.0), math.inf),
        ("div.float", (1.0, 0.0), (0.0, 0.5), math.inf),
        ("div.float", (1.0, 1.0), (0.0, 1.0), math.inf),
        ("div.float", (math.inf, 1.0), (0.0, 0.5), 0.0),
        ("mod.float", (5.5, 1.0), (0.5, 0.0), math.inf),
        ("mod.float", (0.25, 1.0), (0.125, 0.0), 0.125),
        ("min", (1.0, 2.0), (0.25, 0.5), 0.25),
        ("min", (1.0, 1.5), (0.25, 0.5), 0.5),
        ("max", (math.inf, 2.0), (0.0, 0.5), 0.0),
        ("clamp", (5.0, 0.0, 1.0), (0.5, 0.0, 0.0), 0.0),
        ("clamp", (0.5, 0.0, 1.0), (0.125, 0.0, 0.0), 0.125),
        ("lt", (1.0, 1.5), (0.25, 0.125), 0.0),
        ("lt", (1.0, 1.5), (0.25, 0.25), math.inf),
        ("eq", (math.nan, 1.5), (0.0, 0.25), 0.0),
        ("sign", (1.0,), (1.0,), math.inf),
        ("sign", (-1.0,), (0.5,), 0.0),
        ("floor", (1.5,), (0.25,), 0.0),
        ("floor", (1.5,), (0.5,), math.inf),
        ("round", (2.4,), (0.2,), math.inf),
        ("frac", (2.5,), (0.25,), 0.25),
        ("frac", (2.5,), (0.5,), math.inf),
        ("isnan", (1.0,), (0.5,), 0.0),
        ("isnan", (1.0,), (math.inf,), math.inf),
        ("sqrt", (0.0,), (0.1,), math.inf),
        ("log", (1.0,), (1.0,), math.inf),
        ("tan", (1.5707964,), (0.1,), math.inf),
        ("atan2", (0.0, -1.0), (0.5, 0.0), math.inf),
        ("copysign", (2.0, 0.5), (0.25, 0.5), math.inf),
        ("copysign", (2.0, 0.5), (0.25, 0.25), 0.25),
        ("exp", (88.5,), (1.0,), math.inf),
    ],
)
def test_a_spread_is_zero_or_unbounded_or_the_radius_where_that_is_clear(
    key: str, values: tuple[float, ...], radii: tuple[float, ...], expected: float
) -> None:
    operands = [np.float32(x) for x in values]
    op = TABLE[key]
    spread = op.spread(operands, radii, op.value(*operands))
    assert spread == pytest.approx(expected, rel=1e-9, abs=0.0)


def test_where_takes_the_radius_of_what_it_selects() -> None:
    where = TABLE["where"]
    assert where.spread((True, np.float32(1), np.float32(2)), (0.0, 0.25, 0.5), np.float32(1)) == 0.25
    assert where.spread((0, np.float32(1), np.float32(2)), (0.0, 0.25, math.inf), np.float32(2)) == math.inf
    vectors = ((np.float32(1), np.float32(2)), (np.float32(3), np.float32(4)))
    assert where.spread((False, *vectors), (0.0, (0.5, 0.5), (0.25, 0.0)), vectors[1]) == (0.25, 0.0)


@pytest.mark.parametrize("op", CONTINUOUS, ids=lambda op: op.key)
def test_spreads_are_not_much_wider_than_what_the_ball_reaches(op: Op) -> None:
    draws = random.Random(6)
    ratios = []
    with mp.workprec(300):
        for _ in range(60):
            values = [np.float64(draws.uniform(0.05, 0.95)) for _ in op.samples[-1].parameters]
            radii = [float(x) * 1e-6 for x in values]
            spread = op.spread(values, radii, op.value(*values))
            centre = exact(op, [mpf(float(x)) for x in values])
            reached = max(abs(exact(op, point) - centre) for point in points(values, radii, draws))
            ratios.append(float(spread / reached))
    assert min(ratios) >= 1.0
    assert median(ratios) < 2.0


def test_every_operation_on_floats_is_in_one_of_these_tests() -> None:
    tested = (
        {op.key for op in CONTINUOUS}
        | {*ROUNDINGS, *QUESTIONS, *CHOICES}
        | {"floordiv.float", "lerp", "smoothstep", "where"}
    )
    tested |= {str(scalar) for scalar in (*FLOATS, BOOL)} | {"int16", "uint16", "uint64"}
    scalar_ops = {
        op.key
        for op in TABLE.values()
        for overload in op.samples
        if overload.parameters and all(isinstance(type_, Scalar) for type_ in (*overload.parameters, overload.result))
        if not op.updates and {FLOAT16, FLOAT32, FLOAT64} & {*overload.parameters}
    }
    assert scalar_ops <= tested
