"""Structs: fields at any depth, copies, arrays in fields; as the reference, the text and native execution have them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grammar.check import check
from grammar.types import FLOAT32, INT8, Array, Leaf, Struct, Vector
from oracle.engines import engine_types
from oracle.judge import judge
from oracle.records import Verdict
from oracle.reference import interpret
from oracle.reference.undefined import MISSING, OUT_OF_RANGE, RACE

from .kernels import case_of, fault, kernel, run

STRUCTS = """
@wp.struct
class Inner:
    w: wp.int8
    m: wp.mat22


@wp.struct
class S:
    k: wp.int8
    v: wp.vec3
    a: wp.array[float]
    inner: Inner


@wp.func
def moved(s: S, x: float) -> S:
    t = s
    t.v = s.v * x
    t.inner.m[0, 1] = x
    return t


@wp.func
def made(x: float):
    return Inner(wp.int8(7), wp.mat22(x, x, x, x))
"""

SIGNATURE = "p: S, c: wp.array[S], o: wp.array[float], x: wp.array[float], y: wp.array[float]"
M = ((1.0, 2.0), (3.0, 4.0))
GIVEN: dict[str, Any] = {
    "p": (3, (1.0, 2.0, 3.0), "x", (4, M)),
    "c": [(1, (1.0, 2.0, 3.0), "x", (5, M)), (2, (4.0, 5.0, 6.0), "y", (6, M))],
    "o": [0.0, 0.0],
    "x": [10.0, 20.0],
    "y": [30.0, 40.0],
}

BODIES: list[tuple[str, list[float]]] = [
    ("o[0] = p.v.y\no[1] = p.inner.m[1, 0]", [2, 3]),
    ("o[0] = float(p.k) + float(p.inner.w)\no[1] = p.inner.m[1][1]", [7, 4]),
    # zeros, and a value for each field
    ("s = S()\no[0] = s.v.x + float(s.inner.w)\nif s.a:\n    o[1] = 1.0", [0, 0]),
    ("j = Inner(wp.int8(3), wp.mat22(5.0))\no[0] = float(j.w)\no[1] = j.m[0, 1]", [3, 5]),
    ("j = Inner(m=wp.mat22(5.0), w=wp.int8(3))\no[0] = float(j.w)\no[1] = j.m[0, 1]", [3, 5]),
    ("s = S(wp.int8(1), wp.vec3(2.0), y, p.inner)\no[0] = s.a[1] + s.v.z\no[1] = s.inner.m[1, 1]", [42, 4]),
    # stores at any depth
    ("s = S()\ns.k = wp.int8(9)\ns.v.y = 2.0\ns.v[2] = 3.0\no[0] = float(s.k) + s.v.y + s.v.z", [14, 0]),
    (
        "s = S()\ns.inner.m[1, 0] = 3.0\ns.inner.m[0] = wp.vec2(5.0, 6.0)\nm = s.inner.m\no[0] = m[1, 0] + m[0, 1]",
        [9, 0],
    ),
    (
        "s = S()\ns.inner.w += wp.int8(4)\ns.v.x += 2.5\ns.inner.m[0, 0] -= 1.0\no[0] = s.v.x + s.inner.m[0, 0]",
        [1.5, 0],
    ),
    ("c[1].v = wp.vec3(7.0)\nc[1].v.x = 8.0\nc[1].v[1] += 1.0\no[0] = c[1].v.x + c[1].v.y\no[1] = c[1].v.z", [16, 7]),
    (
        "c[0].inner.m[0, 1] = 9.0\nc[0].inner.m[1] += wp.vec2(1.0, 1.0)\nm = c[0].inner.m\no[0] = m[0, 1] + m[1, 1]",
        [14, 0],
    ),
    ("c[0].inner = made(6.0)\no[0] = c[0].inner.m[1, 0] + float(c[0].inner.w)", [13, 0]),
    # copies
    ("s = p\nt = s\nt.v.x = 9.0\nj = s.inner\nj.m[0, 0] = 8.0\no[0] = s.v.x\no[1] = s.inner.m[0, 0]", [1, 1]),
    ("s = c[0]\ns.v.x = 9.0\no[0] = c[0].v.x\nc[1] = s\no[1] = c[1].v.x", [1, 9]),
    ("s = moved(p, 3.0)\no[0] = s.v.x + p.v.x\no[1] = s.inner.m[0, 1] + p.inner.m[0, 1]", [4, 5]),
    ("o[0] = moved(c[1], 2.0).v.z\no[1] = made(6.0).m[1, 1]", [12, 6]),
    # arrays in fields
    ("o[0] = p.a[1]\no[1] = c[1].a[0]", [20, 30]),
    ("p.a[0] = 5.0\nc[1].a[1] += 2.0\no[0] = x[0]\no[1] = y[1]", [5, 42]),
    ("s = p\ns.a = y\ns.a[0] = 1.0\no[0] = x[0]\no[1] = y[0]", [10, 1]),
    ("c[0] = c[1]\no[0] = c[0].a[0]", [30, 0]),
    # choices and loops
    ("s = S()\nif o[0] < 1.0:\n    s = p\nt = s if o[0] > 1.0 else c[1]\no[0] = s.v.x\no[1] = t.v.x", [1, 4]),
    ("s = p\nfor i in range(c[0].inner.w):\n    s.v.x += float(i)\no[0] = s.v.x", [11, 0]),
    (
        "s = p\ni = int(0)\nwhile i < 3:\n    s.inner = made(s.inner.m[0, 0] + 1.0)\n    i += 1\n"
        "o[0] = s.inner.m[0, 1]",
        [4, 0],
    ),
]


@pytest.mark.parametrize(("body", "expected"), BODIES, ids=[body for body, _ in BODIES])
def test_structs_mean_what_is_written_above(body: str, expected: list[float]) -> None:
    assert (
        run(SIGNATURE, body.replace("range(c[0].inner.w)", "range(int(c[0].inner.w))"), STRUCTS, **GIVEN)["o"]
        == expected
    )


def everything() -> Any:
    """One module with a kernel for each of the bodies, which all run on the same arrays."""
    bodies = [body.replace("range(c[0].inner.w)", "range(int(c[0].inner.w))") for body, _ in BODIES]
    rows = ["".join(f"    {row}\n" for row in body.splitlines()) for body in bodies]
    kernels = "\n\n".join(f"@wp.kernel\ndef k{at}({SIGNATURE}):\n{row}" for at, row in enumerate(rows))
    return kernel("", "pass", STRUCTS + "\n\n" + kernels)


@pytest.mark.warp
@pytest.mark.parametrize("engine", ["warp-text", "warp-cpu"])
def test_engines_agree_on_all_of_them(engine: str) -> None:
    module = everything()
    names = [name for name in check(module).kernels if name != "k"]
    case = case_of(module, 1, *names, **GIVEN)
    [outcome] = engine_types()[engine]().run([case])
    judgement = judge(case, engine, outcome, interpret(case))
    assert judgement.verdict is Verdict.AGREE, str(judgement)


def test_the_columns_of_an_array_of_structs_are_named_by_fields() -> None:
    arrays = run(SIGNATURE, "c[1].inner.w = wp.int8(9)", STRUCTS, **GIVEN)
    assert arrays["c.k"] == [1, 2]
    assert arrays["c.v"] == [[1, 2, 3], [4, 5, 6]]
    assert arrays["c.inner.w"] == [5, 9]
    assert arrays["c.inner.m"] == [[[1, 2], [3, 4]]] * 2


STORE = "i = wp.tid()\nc[0].{} = {}"


@pytest.mark.parametrize(
    ("body", "reason", "at"),
    [
        ("o[0] = S().a[0]", OUT_OF_RANGE, "S().a[0]"),
        ("s = S()\nz = s.a[0:1]\nz[0] = 1.0", MISSING, "s.a[0:1]"),
        ("c[2].k = wp.int8(1)", OUT_OF_RANGE, "c[2]"),
        ("i = wp.tid()\nc[0].v.x = float(i)", RACE, "c[0].v.x"),
        ("i = wp.tid()\nc[i].k = c[0].k", RACE, "c[0].k"),
    ],
)
def test_what_structs_do_not_define_is_noticed(body: str, reason: str, at: str) -> None:
    assert fault(SIGNATURE, body, STRUCTS, 2, **GIVEN) == (reason, at)


def test_threads_may_store_different_fields_of_one_element() -> None:
    body = "i = wp.tid()\nif i == 0:\n    c[0].k = wp.int8(8)\nelse:\n    c[0].v.x = 9.0\no[i] = c[1].v.y"
    arrays = run(SIGNATURE, body, STRUCTS, 2, **GIVEN)
    assert (arrays["c.k"][0], arrays["c.v"][0], arrays["o"]) == (8, [9, 2, 3], [5, 5])


def test_a_struct_lies_in_memory_as_in_c() -> None:
    inner = Struct("Inner", (("w", INT8), ("m", Vector(4, FLOAT32))))
    outer = Struct(
        "S", (("k", INT8), ("v", Vector(3, FLOAT32)), ("a", Array(FLOAT32, 1)), ("inner", inner), ("h", INT8))
    )
    assert inner.footprint == (20, 4)
    assert [outer.offset_of((at,)) for at in range(5)] == [0, 4, 16, 72, 92]
    assert (outer.offset_of((3, 1)), outer.footprint) == (76, (96, 8))


def test_a_struct_has_a_leaf_for_each_part_of_one_scalar_type() -> None:
    inner = Struct("Inner", (("w", INT8), ("v", Vector(3, FLOAT32))))
    outer = Struct("S", (("a", Array(INT8, 1)), ("inner", inner)))
    assert outer.leaves == (Leaf(".inner.w", (1, 0), INT8, ()), Leaf(".inner.v", (1, 1), FLOAT32, (3,)))
    assert [handle.suffix for handle in outer.handles] == [".a"]
    assert outer.default == (None, (0, (np.float32(0),) * 3))
