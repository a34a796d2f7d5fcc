"""Bodies of kernels over structs, written by hand, with what they store: fields, copies, arrays in fields."""

from __future__ import annotations

from typing import Any

from grammar.check import check
from oracle.records import TestCase

from .kernels import case_of, kernel

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


@wp.struct
class Bag:
    items: wp.array[Inner]


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

SIGNATURE = "p: S, c: wp.array[S], o: wp.array[float], x: wp.array[float], y: wp.array[float], "
SIGNATURE += "b: Bag, q: wp.array[Inner]"
M = ((1.0, 2.0), (3.0, 4.0))
GIVEN: dict[str, Any] = {
    "p": (3, (1.0, 2.0, 3.0), "x", (4, M)),
    "c": [(1, (1.0, 2.0, 3.0), "x", (5, M)), (2, (4.0, 5.0, 6.0), "y", (6, M))],
    "o": [0.0, 0.0],
    "x": [10.0, 20.0],
    "y": [30.0, 40.0],
    "b": ("q",),
    "q": [(1, M), (2, M)],
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
    ("b.items[1].w = wp.int8(9)\nb.items[0].m[1, 0] = 7.0\no[0] = float(q[1].w)\no[1] = q[0].m[1, 0]", [9, 7]),
    ("b.items[0].m[0, 1] += 2.0\ns = b\ns.items[0].m[0, 1] += 3.0\no[0] = q[0].m[0, 1]", [7, 0]),
    # choices and loops
    ("s = S()\nif o[0] < 1.0:\n    s = p\nt = s if o[0] > 1.0 else c[1]\no[0] = s.v.x\no[1] = t.v.x", [1, 4]),
    ("s = p\nfor i in range(int(c[0].inner.w)):\n    s.v.x += float(i)\no[0] = s.v.x", [11, 0]),
    (
        "s = p\ni = int(0)\nwhile i < 3:\n    s.inner = made(s.inner.m[0, 0] + 1.0)\n    i += 1\n"
        "o[0] = s.inner.m[0, 1]",
        [4, 0],
    ),
]


def everything() -> TestCase:
    """A kernel for each of the bodies, launched one after the other on the same arrays."""
    rows = ["".join(f"    {row}\n" for row in body.splitlines()) for body, _ in BODIES]
    kernels = "\n\n".join(f"@wp.kernel\ndef k{at}({SIGNATURE}):\n{row}" for at, row in enumerate(rows))
    module = kernel("", "pass", STRUCTS + "\n\n" + kernels)
    return case_of(module, 1, *(name for name in check(module).kernels if name != "k"), **GIVEN)
