"""Threads side by side: the same values, radii and reasons as one after the other, and when that is not possible."""

from __future__ import annotations

from inspect import cleandoc
from typing import Any

import numpy as np
import pytest

from fuzzer.campaigns.schedule import recipe_of
from fuzzer.campaigns.settings import Settings
from fuzzer.generation.cases import deep_case
from fuzzer.generation.repair import Discarded
from fuzzer.generation.sweep import sweep_case, sweep_keys
from grammar import nodes as n
from grammar import parse
from grammar.types import FLOAT32
from oracle.records import Buffer, BufferRef, Launch, TestCase
from oracle.reference import STRICT, WEAK, Expectation, Regime, Undefined, interpret, interpreter
from oracle.reference.lanes import run_in_lanes

from .kernels import case_of, kernel

RECIPE = recipe_of(Settings(seconds=1.0, seed=0, workers=1, device="cpu", engines=(), only=()))
ARRAYS = "a: wp.array[float], b: wp.array[float]"
OUT = f"{ARRAYS}, out: wp.array[float]"
A = [1.5, -2.0, 0.25, 4.0, -0.5, 3.0, 8.0, -7.5]
B = [2.0, 0.5, -4.0, 0.1, 3.0, -0.25, 1.0, 6.0]


@pytest.fixture
def launches(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Note of each launch whether it ran side by side; all of them try to."""
    noted: list[bool] = []

    def noting(*arguments: Any) -> bool:
        noted.append(run_in_lanes(*arguments))
        return noted[-1]

    monkeypatch.setattr(interpreter, "run_in_lanes", noting)
    monkeypatch.setattr(interpreter, "MANY", 1)
    return noted


def outcome(case: TestCase, regime: Regime, many: int) -> Expectation | tuple[str, n.Node]:
    """Interpret a case, side by side from so many threads on."""
    before, interpreter.MANY = interpreter.MANY, many
    try:
        return interpret(case, regime)
    except Undefined as undefined:
        return undefined.reason, undefined.node
    finally:
        interpreter.MANY = before


def assert_alike(case: TestCase) -> None:
    """Check that both ways give the same: bits (NaN as a class), radii, what was executed, or the reason."""
    for regime in (STRICT, WEAK):
        together, apart = outcome(case, regime, 1), outcome(case, regime, 10**12)
        if not isinstance(together, Expectation) or not isinstance(apart, Expectation):
            assert together == apart
            continue
        for name, array in apart.arrays.items():
            np.testing.assert_array_equal(together.arrays[name], array, strict=True)
            signs = [np.signbit(one[one == 0.0]) for one in (together.arrays[name], array) if array.dtype.kind == "f"]
            assert not signs or (signs[0] == signs[1]).all()
        for name, radii in apart.radii.items():
            np.testing.assert_array_equal(together.radii[name], radii)
        assert in_the_module(together) == in_the_module(apart)
        assert together.order_matters == apart.order_matters


def in_the_module(found: Expectation) -> tuple[set[int], dict[int, set[bool]]]:
    """Say what ran and how it was decided, of the module's own nodes: each typing has copies of its own of some."""
    originals = found.typing.originals
    decided: dict[int, set[bool]] = {}
    for at, ways in found.decided.items():
        decided.setdefault(id(originals[at]) if at in originals else at, set()).update(ways)
    return {id(originals[at]) if at in originals else at for at in found.executed}, decided


def floats(body: str, signature: str = OUT, before: str = "", **given: Any) -> TestCase:
    """Make a case of eight threads on two arrays of floats."""
    return case_of(kernel(signature, cleandoc(body), before), 8, **{"a": A, "b": B, "out": [0.0] * 8, **given})


# The law


@pytest.mark.parametrize("index", range(24))
def test_generated_kernels_mean_the_same_side_by_side(index: int) -> None:
    try:
        case = deep_case(3, index, RECIPE).defined.case
    except Discarded:
        pytest.skip("no kernel came of this draft")
    assert_alike(case)


@pytest.mark.parametrize("start", range(8))
def test_operations_mean_the_same_side_by_side(start: int) -> None:
    for index, key in enumerate(sweep_keys(RECIPE)[start::240]):
        try:
            assert_alike(sweep_case(0, index, key, RECIPE).defined.case)
        except Discarded:
            continue


# Each way through a kernel

WAYS = {
    "an if decides for each thread": """
        i = wp.tid()
        x = a[i]
        if x > b[i]:
            x = b[i] - x
        elif x < 0.0:
            x = -x
        out[i] = x
    """,
    "a choice evaluates one side": """
        i = wp.tid()
        out[i] = 1.0 / a[i] if a[i] > 0.0 else wp.sqrt(-a[i])
    """,
    "or and and stop early": """
        i = wp.tid()
        if (i > 0 and 8 // i > 2) or a[i] > b[i]:
            out[i] = 1.0
    """,
    "a chain stops early": """
        i = wp.tid()
        if 0 < i < 8 // wp.max(i, 1):
            out[i] = b[i]
    """,
    "a loop has bounds of its own": """
        i = wp.tid()
        s = float(0.0)
        for j in range(i % 3, 7 - i):
            s += a[j] * b[i]
        out[i] = s
    """,
    "a loop is left and continued": """
        i = wp.tid()
        s = float(0.0)
        for j in range(8):
            if j == i:
                continue
            if a[j] * b[i] > 9.0:
                break
            s += a[j]
        out[i] = s
    """,
    "a while ends for each thread": """
        i = wp.tid()
        x = wp.abs(a[i])
        while x < 100.0:
            x = x * 3.0 + 1.0
        out[i] = x
    """,
    "a thread returns early": """
        i = wp.tid()
        if a[i] < 0.0:
            return
        out[i] = wp.sqrt(a[i])
    """,
    "a function returns from several places": """
        i = wp.tid()
        out[i] = pick(a[i], b[i])
    """,
    "components are stored by an index": """
        i = wp.tid()
        v = wp.vec3(a[i], b[i], 1.0)
        v[i % 3] = v[(i + 1) % 3] * 2.0
        out[i] = wp.dot(v, v)
    """,
    "some components are the same in all threads": """
        i = wp.tid()
        v = wp.vec2i(i, 3) + wp.vec2i(1, 4) * 2
        m = wp.mat22(a[i], 2.0, 0.5, 3.0) @ wp.mat22(1.0, b[i], 0.1, 4.0) + wp.mat22(0.3, 0.2, 0.1, b[i])
        w = wp.cw_mul(wp.vec2(a[i], 0.1), wp.vec2(b[i], 0.7)) + wp.vec2(wp.sin(a[i]), wp.cos(0.1))
        out[i] = wp.dot(m * w, wp.vec2(float(v[0]), float(v[1]))) + wp.determinant(wp.inverse(m))
    """,
    "a name set in one branch stays set there": """
        i = wp.tid()
        x = float(1.0)
        if i > 3:
            y = a[i]
            x = y * y
        out[i] = x
    """,
    "all threads add to one element": """
        i = wp.tid()
        wp.atomic_add(out, 0, a[i] / b[i])
    """,
    "threads add to shared elements": """
        i = wp.tid()
        out[i // 2] += a[i]
        out[(i + 1) // 2] -= b[i] / 3.0
    """,
    "a thread reads what it added to": """
        i = wp.tid()
        out[i] += a[i]
        out[i] = out[i] * b[i]
    """,
    "constants keep their precision in a cast": """
        i = wp.tid()
        x = wp.float64(a[i]) * wp.float64(TENTH) + wp.float64(-wp.pi)
        out[i] = float(x * wp.float64(1e6)) + wp.TAU * b[i]
    """,
    "an array is asked for": """
        i = wp.tid()
        if b and b[i] > 0.0:
            out[i] = a[i]
        if not a or none:
            out[i] = wp.inf
    """,
    "fields of structs are read and stored": """
        i = wp.tid()
        pair = Pair(a[i], wp.vec2(b[i], 1.0))
        other = Pair()
        if i > 3:
            other = pair
            other.v.x += 2.0
        chosen = pair if a[i] > b[i] else other
        out[i] = chosen.x * chosen.v[0] + other.v.y
    """,
    "an array in a struct is read and stored": """
        i = wp.tid()
        arrays = Arrays(out, a)
        arrays.o[i] = arrays.i[7 - i] * 2.0
        arrays.o[i] += b[i]
    """,
    "a function overloads an operator": """
        i = wp.tid()
        out[i] = a[i] % b[i]
    """,
    "a function returns nothing": """
        i = wp.tid()
        put(out, i, a[i])
    """,
}
PICK = "@wp.func\ndef pick(x: float, y: float):\n    if x > y:\n        return x * y\n    return x - y\n"
PICK += "@wp.func\ndef mod(x: float, y: float):\n    return pick(y, x)\nTENTH = 0.1\n"
PICK += "@wp.struct\nclass Pair:\n    x: float\n    v: wp.vec2\n"
PICK += "@wp.struct\nclass Arrays:\n    o: wp.array[float]\n    i: wp.array[float]\n"
PICK += "@wp.func\ndef put(o: wp.array[float], i: int, x: float):\n    if x < 0.0:\n        return\n    o[i] = x\n"


@pytest.mark.parametrize("way", WAYS)
def test_threads_that_go_different_ways_stay_side_by_side(way: str, launches: list[bool]) -> None:
    assert_alike(floats(WAYS[way], f"{OUT}, none: wp.array[float]", PICK, none=None))
    assert launches[0] is True


# What has to run one by one

ONE_BY_ONE = {
    "an element is read that another thread writes": """
        i = wp.tid()
        out[i] = 1.0
        b[i] = out[(i + 1) % 8]
    """,
    "two threads write one element": """
        i = wp.tid()
        out[i // 2] = a[i]
    """,
    "an index is out of range": """
        i = wp.tid()
        out[i] = a[i + 1]
    """,
    "a value that an atomic returned is used": """
        i = wp.tid()
        b[i] = wp.atomic_add(out, 0, a[i])
    """,
    "components of one element are written by two threads": """
        i = wp.tid()
        v[i // 4][i % 4] = a[i]
    """,
    "structs differ in their arrays": """
        i = wp.tid()
        s = Arrays(a) if i > 3 else Arrays(b)
        out[i] = s.x[i]
    """,
    "a zero may have either sign": """
        i = wp.tid()
        out[i] = wp.max(a[i] * 0.0, 0.0) + a[i]
    """,
    "an augmented assignment is overloaded": """
        i = wp.tid()
        x = a[i]
        x -= b[i]
        out[i] = x
    """,
    "a variable is not set in some thread": """
        i = wp.tid()
        if i < 4:
            x = a[i]
        out[i] = a[0]
        if i < 5:
            out[i] = x
    """,
}


@pytest.mark.parametrize("reason", ONE_BY_ONE)
def test_threads_run_one_by_one_where(reason: str, launches: list[bool]) -> None:
    sub = "@wp.func\ndef sub(x: float, y: float):\n    return x * 100.0 + y\n"
    sub += "@wp.struct\nclass Arrays:\n    x: wp.array[float]\n"
    case = floats(ONE_BY_ONE[reason], f"{OUT}, v: wp.array[wp.vec4]", sub, v=[[0.0] * 4] * 2)
    assert_alike(case)
    assert launches[0] is False


def test_threads_run_one_by_one_where_a_product_that_overflows_may_be_fused(launches: list[bool]) -> None:
    assert_alike(floats("i = wp.tid()\nout[i] = a[i] * 1.0e30 * 1.0e30"))
    assert launches == [True, False]


def test_too_many_steps_are_noticed_side_by_side(launches: list[bool]) -> None:
    case = floats("i = wp.tid()\nwhile a[i] < 100.0:\n    out[i] = 1.0")
    with pytest.raises(Undefined, match="too many steps"):
        interpret(case)
    assert launches == []


def test_an_atomic_that_overflows_says_where() -> None:
    module = kernel("out: wp.array[int]", "wp.atomic_add(out, 0, 2147483647)")
    case = case_of(module, 8, out=[0])
    found = outcome(case, STRICT, 1)
    assert not isinstance(found, Expectation)
    assert found[0] == "integer overflow"


def test_a_few_threads_run_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "run_in_lanes", lambda *arguments: pytest.fail("they are few"))
    interpret(floats("out[wp.tid()] = a[wp.tid()]"))


def test_a_launch_after_one_that_left_zeros_of_either_sign_runs_one_by_one(launches: list[bool]) -> None:
    zeros = kernel("a: wp.array[float], out: wp.array[float]", "out[wp.tid()] = wp.max(a[wp.tid()], 0.0)")
    case = case_of(zeros, 4, "k", "k", a=[-0.0, -0.0, 1.0, 2.0], out=[7.0] * 4)
    assert_alike(case)
    assert not all(launches)


def test_an_array_of_vectors_that_is_not_given_has_no_elements_for_any_lane() -> None:
    source = """
import warp as wp

@wp.kernel
def k(m: wp.array[wp.vec3], out: wp.array[float]):
    i = wp.tid()
    out[i] = m[i][0] if m else 2.0
"""
    launch = Launch("k", (8,), (None, BufferRef("out")))
    case = TestCase(parse(source), (Buffer.of("out", FLOAT32, np.zeros(8, np.float32)),), (launch,))
    assert_alike(case)
    assert interpret(case).arrays["out"].tolist() == [2.0] * 8
