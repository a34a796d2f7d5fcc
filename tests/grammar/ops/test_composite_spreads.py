"""The radii of operations on vectors and matrices hold what any order of evaluation and contraction gives.

A :class:`Machine` evaluates a formula in its float type the way some compiler might: in a random order, with products
fused into sums or not, dividing or multiplying by the reciprocal. Every outcome must lie in the ball.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pytest

from grammar.ops import find
from grammar.ops.components import leaves, over
from grammar.types import SCALAR_BY_NAME

KINDS = (np.float16, np.float32, np.float64)
WIDEST = {"float16": 16, "float32": 128, "float64": 1024}
"""Powers of two over which operands may be drawn, so that products overflow and underflow."""


@dataclass(frozen=True)
class Machine:
    """One way to evaluate formulas in a float type; every operation rounds, but for products fused into sums."""

    kind: Any
    random: random.Random

    def fused(self, x: Any, y: Any, z: Any) -> Any:
        """Return ``x * y + z``, rounded once."""
        if not all(map(math.isfinite, (x, y, z))):
            return x * y + z
        exact = Fraction(float(x)) * Fraction(float(y)) + Fraction(float(z))
        try:
            return self.kind(float(exact))
        except OverflowError:
            return self.kind(math.inf if exact > 0 else -math.inf)

    def sum(self, products: Sequence[tuple[Any, ...]]) -> Any:
        """Add products of one or two factors pair by pair, in a random order."""
        pending: list[tuple[Any, ...]] = self.random.sample(list(products), len(products))
        while len(pending) > 1:
            left, right = (pending.pop(self.random.randrange(len(pending))) for _ in range(2))
            if len(left) == 2 and self.random.random() < 0.5:
                pending.append((self.fused(*left, math.prod(right, start=self.kind(1))),))
            else:
                pending.append((math.prod(left, start=self.kind(1)) + math.prod(right, start=self.kind(1)),))
        return math.prod(pending[0], start=self.kind(1))

    def product(self, factors: Sequence[Any]) -> Any:
        """Multiply in a random order."""
        return math.prod(self.random.sample(list(factors), len(factors)), start=self.kind(1))

    def determinant(self, rows: Sequence[Sequence[Any]]) -> Any:
        """Expand along a random row or column by minors, or all at once by permutations."""
        n = len(rows)
        if n == 1:
            return rows[0][0]
        if n > 2 and self.random.random() < 0.2:
            return self.sum([(self.product(term),) for term in permuted(rows)])
        rows = rows if self.random.random() < 0.5 else [*zip(*rows, strict=True)]
        i = self.random.randrange(n)
        minors = [
            (self.determinant([r[:j] + r[j + 1 :] for r in map(tuple, [*rows[:i], *rows[i + 1 :]])]), j)
            for j in range(n)
        ]
        return self.sum([(rows[i][j] if (i + j) % 2 == 0 else -rows[i][j], minor) for minor, j in minors])

    def quotient(self, x: Any, y: Any) -> Any:
        """Divide, or multiply by the reciprocal."""
        return x / y if self.random.random() < 0.5 else x * (self.kind(1) / y)


def permuted(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Return the signed terms of a determinant."""
    terms = []
    for columns in itertools.permutations(range(len(rows))):
        swaps = sum(a > b for a, b in itertools.combinations(columns, 2))
        factors = [row[c] for row, c in zip(rows, columns, strict=True)]
        terms.append([-factors[0], *factors[1:]] if swaps % 2 else factors)
    return terms


def dot(m: Machine, a: Any, b: Any) -> Any:
    return m.sum([*zip(a, b, strict=True)])


def cross(m: Machine, a: Any, b: Any) -> Any:
    return tuple(m.sum([(a[i - 2], b[i - 1]), (-a[i - 1], b[i - 2])]) for i in range(3))


def mat_mat(m: Machine, a: Any, b: Any) -> Any:
    return tuple(tuple(dot(m, row, column) for column in zip(*b, strict=True)) for row in a)


def length(m: Machine, a: Any) -> Any:
    return np.sqrt(dot(m, a, a))


def normalize(m: Machine, a: Any) -> Any:
    whole = length(m, a)
    return tuple(m.quotient(x, whole) if whole else m.kind(0) for x in a)


def inverse(m: Machine, a: Any) -> Any:
    size, whole = range(len(a)), m.determinant(a)

    def cofactor(i: int, j: int) -> Any:
        minor = m.determinant([tuple(x for k, x in enumerate(row) if k != i) for r, row in enumerate(a) if r != j])
        return minor if (i + j) % 2 == 0 else -minor

    return tuple(tuple(m.quotient(cofactor(i, j), whole) for j in size) for i in size)


def huber(m: Machine, a: Any, delta: Any) -> Any:
    square, half = dot(m, a, a), m.kind(0.5)
    if square <= delta * delta if m.random.random() < 0.5 else np.sqrt(square) <= delta:
        return half * square
    return delta * m.sum([(np.sqrt(square),), (-half, delta)])


def pseudo_huber(m: Machine, a: Any, delta: Any) -> Any:
    return delta * np.sqrt(m.kind(1) + dot(m, a, a) / (delta * delta))


def lerp(m: Machine, a: Any, b: Any, t: Any) -> Any:
    return over(lambda x, y: m.sum([(x, m.kind(1) - t), (y, t)]), a, b)


ANY, REAL, SINGLE = ("float16", "float32", "float64"), ("float16", "float32", "float64"), ("float32",)
FORMULAS: list[tuple[str, Callable[..., Any], str, tuple[str, ...]]] = [
    ("dot", dot, "vv", ANY),
    ("ddot", lambda m, a, b: dot(m, [*leaves(a)], [*leaves(b)]), "mm", ANY),
    ("length_sq", lambda m, a: dot(m, a, a), "v", ANY),
    ("cross", cross, "33", ANY),
    ("mul.mat_mat", mat_mat, "mm", ANY),
    ("mul.mat_vec_at", lambda m, a, b: tuple(dot(m, row, b) for row in a), "mv", ANY),
    ("mul.vec_mat", lambda m, a, b: tuple(dot(m, a, column) for column in zip(*b, strict=True)), "vm", ANY),
    ("trace", lambda m, a: m.sum([(row[i],) for i, row in enumerate(a)]), "m", ANY),
    ("length", length, "v", REAL),
    ("normalize", normalize, "v", REAL),
    ("determinant", lambda m, a: m.determinant(a), "m", REAL),
    ("inverse", inverse, "m", REAL),
    ("lerp.vec", lerp, "vvs", REAL),
    ("lerp.mat", lerp, "mms", REAL),
    ("norm_l1", lambda m, a: m.sum([(abs(x),) for x in a]), "v", SINGLE),
    ("norm_l2", length, "v", REAL),
    ("norm_huber", huber, "vp", SINGLE),
    ("norm_pseudo_huber", pseudo_huber, "vp", SINGLE),
    ("smooth_normalize", lambda m, a, d: tuple(m.quotient(x, pseudo_huber(m, a, d)) for x in a), "vp", SINGLE),
]
CASES = [(key, formula, shapes, dtype) for key, formula, shapes, dtypes in FORMULAS for dtype in dtypes]


def number(kind: Any, width: int, choices: random.Random) -> Any:
    """Draw a float: of about the size of 1, of a few powers of two more or less, an edge, or a small integer."""
    limits = np.finfo(kind)
    pick = choices.random()
    with np.errstate(all="ignore"):
        if pick < 0.1:
            return kind(choices.choice((0.0, -0.0, 1.0, -1.0, limits.smallest_subnormal, limits.tiny, limits.eps)))
        if pick < 0.3:
            return kind(choices.randint(-9, 9))
        return kind(choices.uniform(-1.0, 1.0) * 2.0 ** choices.uniform(-width, width))


def operand(shape: str, size: int, draw: Callable[[], Any]) -> Any:
    """Draw an operand: v a vector, m a matrix, 3 a vector of three, s a scalar, p a positive one."""
    if shape in "sp":
        return draw() if shape == "s" else abs(draw()) + type(draw())(2.0**-12)
    length = 3 if shape == "3" else size
    return tuple(operand("v", size, draw) if shape == "m" else draw() for _ in range(length))


def shaken(x: Any, r: float, choices: random.Random) -> Any:
    """Draw a float of the type of ``x`` that lies within ``r`` of it, often at an end."""
    end = choices.choice((-1.0, 1.0, 0.0, choices.uniform(-1.0, 1.0)))
    moved = type(x)(float(x) + end * r)
    return moved if abs(Fraction(float(moved)) - Fraction(float(x))) <= Fraction(r) else x


def outside(value: Any, radius: Any, outcomes: Any) -> list[Any]:
    """Return the components whose outcome lies outside the ball."""
    triples = zip(leaves(value), leaves(radius), leaves(outcomes), strict=True)
    return [
        (v, r, x)
        for v, r, x in triples
        if r < math.inf and not (math.isfinite(x) and abs(Fraction(float(x)) - Fraction(float(v))) <= Fraction(r))
    ]


@pytest.mark.parametrize("uncertain", [False, True], ids=["exact-operands", "balls"])
@pytest.mark.parametrize(("key", "formula", "shapes", "dtype"), CASES, ids=[f"{c[0]}-{c[3]}" for c in CASES])
def test_every_order_and_contraction_lies_in_the_ball(
    key: str, formula: Callable[..., Any], shapes: str, dtype: str, uncertain: bool
) -> None:
    choices, op, scalar = random.Random(f"{key} {dtype} {uncertain}"), find(key), SCALAR_BY_NAME[dtype]
    kind = scalar.dtype.type
    machine, bounded, total = Machine(kind, choices), 0, 0
    for trial in range(60):
        width = choices.choice((1, 1, 3, 3, WIDEST[dtype] // 4, WIDEST[dtype]))
        size = 2 + trial % 3
        drawn = partial(number, kind, width, choices)
        arguments = [operand(shape, size, drawn) for shape in shapes]
        scale = 2.0 ** choices.uniform(-30.0, -3.0) if uncertain else 0.0
        radii = [over(lambda x, s=scale: abs(float(x)) * s * choices.random(), a) for a in arguments]
        with np.errstate(all="ignore"):
            if op.domain is not None and op.domain(scalar, *arguments) is not None:
                continue
            value = op.value(*arguments)
            radius = op.spread(arguments, radii, value)
            bounded += sum(r < math.inf for r in leaves(radius))
            total += len([*leaves(radius)])
            for _ in range(6):
                moved = [over(lambda x, r: shaken(x, r, choices), a, r) for a, r in zip(arguments, radii, strict=True)]
                assert not outside(value, radius, formula(machine, *moved)), (arguments, radii, moved)
    assert bounded > total / 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("key", "parts"),
    [
        ("dot", ((0.75, 0.75), (2.0, -2.0))),
        ("length", ((0.75, 0.0),)),
        ("norm_l2", ((0.0, 0.0, 0.75),)),
        ("determinant", (((0.75, 0.75), (0.75, 0.75)),)),
        ("lerp.vec", ((0.75, 0.0), (0.5, 0.0), 2.0)),
        ("trace", (((0.75, 0.0, 0.0), (0.0, 0.75, 0.0), (0.0, 0.0, -0.75)),)),
    ],
)
def test_sums_have_no_bound_where_an_intermediate_may_overflow(kind: Any, key: str, parts: Any) -> None:
    largest = float(np.finfo(kind).max)
    arguments = over(lambda x: kind(x if abs(x) > 1.0 else x * largest), parts)
    op = find(key)
    radius = op.spread(arguments, over(lambda _: 0.0, parts), op.value(*arguments))

    assert max(leaves(radius)) == math.inf


@pytest.mark.parametrize(
    ("key", "arguments", "radius"),
    [
        ("dot", ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0)), 0.0),
        ("dot", ((0.1, 0.0), (1.0, 7.0)), 0.0),
        ("length", ((3.0, 4.0),), 0.0),
        ("determinant", (((1.0, 2.0, 3.0), (4.0, 5.0, 6.0), (7.0, 8.0, 10.0)),), 0.0),
        ("trace", (((0.5, 9.0), (9.0, 0.25)),), 0.0),
        ("normalize", ((0.0, 0.0),), (0.0, 0.0)),
        ("length", ((math.inf, 1.0),), 0.0),
        ("dot", ((math.inf, 1.0), (-1.0, 1.0)), 0.0),
        ("dot", ((math.inf, 1.0), (0.0, 1.0)), 0.0),
        ("normalize", ((math.nan, 1.0),), (0.0, 0.0)),
    ],
)
def test_sums_that_cannot_round_are_exact(key: str, arguments: Any, radius: Any) -> None:
    op, exact = find(key), over(np.float32, arguments)

    assert op.spread(exact, over(lambda _: 0.0, arguments), op.value(*exact)) == radius


@pytest.mark.parametrize(
    ("key", "arguments", "most"),
    [
        ("dot", ((0.1, 0.2, 0.3), (1.1, 1.3, 1.7)), 4e-7),
        ("length", ((0.1, 0.2, 0.3),), 2e-7),
        ("normalize", ((0.1, 0.2, 0.3),), 1e-6),
        ("determinant", (((0.1, 0.7), (0.9, 0.3)),), 3e-7),
        ("inverse", (((0.1, 0.7), (0.9, 0.3)),), 4e-6),
        ("lerp.vec", ((0.1, 0.2), (0.3, 0.7), 0.3), 3e-7),
        ("norm_huber", ((0.1, 0.2), 0.3), 1e-7),
        ("norm_pseudo_huber", ((0.1, 0.2), 0.3), 6e-7),
    ],
)
def test_radii_of_operands_near_one_are_a_few_ulps(key: str, arguments: Any, most: float) -> None:
    op, exact = find(key), over(np.float32, arguments)
    radius = op.spread(exact, over(lambda _: 0.0, arguments), op.value(*exact))

    assert min(leaves(radius)) > 0.0
    assert max(leaves(radius)) < most


def test_a_large_minor_has_no_bound_also_where_its_factor_is_zero() -> None:
    large = 2.0**100  # the minor of the zero overflows float32, and 0 * inf is NaN
    rows = over(np.float32, ((0.0, 0.0, 1.0), (large, 1.0, 0.0), (1.0, large, 0.0)))

    assert (
        find("determinant").spread((rows,), (over(lambda _: 0.0, rows),), find("determinant").value(rows)) == math.inf
    )


def test_the_sign_of_a_zero_sum_is_not_fixed() -> None:
    one = np.float32(1.0)
    radius = find("dot").spread(((one, one), (one, -one)), ((0.0, 0.0), (0.0, 0.0)), np.float32(0.0))

    assert 0.0 < radius < 1e-300


@pytest.mark.parametrize(
    ("key", "arguments", "radii", "value", "radius"),
    [
        ("eq.vec", ((1.0, 2.0), (1.0, 2.5)), ((0.0, 0.1), (0.0, 0.1)), False, 0.0),
        ("eq.vec", ((1.0, 2.0), (1.0, 2.5)), ((0.0, 0.3), (0.0, 0.3)), False, math.inf),
        ("ne.vec", ((1.0, 2.0), (1.0, 2.0)), ((0.1, 0.0), (0.0, 0.0)), False, math.inf),
        ("eq.vec", ((1.0, 2.0), (1.0, 2.0)), ((0.0, 0.0), (0.0, 0.0)), True, 0.0),
        ("argmin", ((1.0, 2.0, 3.0),), ((0.4, 0.5, 0.0),), 0, 0.0),
        ("argmin", ((1.0, 2.0, 3.0),), ((0.6, 0.5, 0.0),), 0, math.inf),
        ("argmax", ((1.0, math.nan, 3.0),), ((0.5, 0.0, 0.5),), 2, 0.0),
        ("argmax", ((1.0, 1.0, 0.0),), ((0.0, 0.0, 0.5),), 0, 0.0),
        ("min.reduce", ((1.0, 2.0, 5.0),), ((0.25, 1.0, 3.0),), 1.0, 1.0),
        ("sign.vec", ((1.0, 0.0),), ((0.5, 0.0),), (1.0, 1.0), (0.0, 0.0)),
        ("sign.vec", ((1.0, 0.25),), ((0.5, 0.5),), (1.0, 1.0), (0.0, math.inf)),
        ("where.vec", (True, (1.0, 2.0), (3.0, 4.0)), (0.0, (0.1, 0.2), (0.3, 0.4)), (1.0, 2.0), (0.1, 0.2)),
        ("vector", (1.0, 2.0), (0.1, 0.2), (1.0, 2.0), (0.1, 0.2)),
        ("matrix.fill", (1.0,), (0.5,), ((1.0, 1.0), (1.0, 1.0)), ((0.5, 0.5), (0.5, 0.5))),
        (
            "transpose",
            (((1.0, 2.0), (3.0, 4.0)),),
            (((0.1, 0.2), (0.3, 0.4)),),
            ((1.0, 3.0), (2.0, 4.0)),
            ((0.1, 0.3), (0.2, 0.4)),
        ),
        ("diag", ((1.0, 2.0),), ((0.1, 0.2),), ((1.0, 0.0), (0.0, 2.0)), ((0.1, 0.0), (0.0, 0.2))),
        (
            "skew",
            ((1.0, 2.0, 3.0),),
            ((0.1, 0.2, 0.3),),
            ((0.0, -3.0, 2.0), (3.0, 0.0, -1.0), (-2.0, 1.0, 0.0)),
            ((0.0, 0.3, 0.2), (0.3, 0.0, 0.1), (0.2, 0.1, 0.0)),
        ),
    ],
)
def test_radii_of_decisions_and_of_moved_components(
    key: str, arguments: Any, radii: Any, value: Any, radius: Any
) -> None:
    exact = over(lambda x: x if isinstance(x, bool) else np.float32(x), arguments)
    found = over(np.float32, value) if isinstance(value, tuple | float) else value
    shapes = [np.shape(argument) for argument in (*arguments, value)]
    overload = next(o for o in find(key).samples if [t.extents for t in (*o.parameters, o.result)] == shapes)
    spread = overload.spread(exact, radii, found)

    assert list(leaves(spread)) == pytest.approx(list(leaves(radius)), rel=1e-9)


def test_a_rotation_has_no_bound_where_a_partial_sum_may_overflow() -> None:
    turn = tuple(map(np.float32, (0.5, 0.5, 0.5, 0.5)))
    for size, largest in ((1.0, 1e-5), (3e38, math.inf)):
        vector = tuple(map(np.float32, (size, 0.0, 0.0)))
        value = find("quat_rotate").value(turn, vector)
        radii = find("quat_rotate").spread((turn, vector), ((0.0,) * 4, (0.0,) * 3), value)
        assert max(radii) <= largest
        assert (max(radii) == math.inf) == (largest == math.inf)


def test_operands_without_radii_keep_their_components_exact_beside_others() -> None:
    a, b = (np.float32(1.0), np.float32(2.0)), (np.float32(3.0), np.float32(4.0))
    radius = find("add.vec").spread((a, b), ((0.25, 0.0), (0.5, 0.0)), (np.float32(4.0), np.float32(6.0)))

    assert radius == (pytest.approx(0.75, rel=1e-9), 0.0)
