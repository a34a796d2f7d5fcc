"""The type checker: what it takes, what it refuses and why, and that Warp's own code generation answers alike.

``REFUSED`` and ``ACCEPTED`` are the rules, one line per example. ``STRICTER`` lists what Warp takes and we do not, with
the reason; there is nothing that we take and Warp refuses, but for the limitations of ``limitations.toml``.
"""

from __future__ import annotations

import pytest

from grammar import emit, parse
from grammar import nodes as n
from grammar.check import TypeRefused, Typing, annotated_type, check, refusals, written
from grammar.check.expressions import UNSAID
from grammar.check.statements import constant_range
from grammar.trees import path_of, walk
from grammar.types import (
    BOOL,
    FLOAT16,
    FLOAT32,
    FLOAT64,
    INT8,
    INT32,
    INT64,
    UINT64,
    Array,
    Element,
    Matrix,
    Tuple,
    Type,
    Vector,
)
from oracle.records import TestCase
from oracle.warp.text import accepts
from tests.elements import ELEMENTS

PARAMETERS = (
    "f: wp.array[float], n: wp.array[int], v: wp.array[wp.vec3], g: wp.array2d[float], m: wp.array[wp.mat22], "
    "h: wp.array[wp.int8], x: float, i: int, u: wp.vec3, d: wp.float64, b: bool, l: wp.int64"
)


def module(text: str) -> n.Module:
    """Make a module of the body of a kernel, behind definitions that end in ``---``; or of definitions alone."""
    before, line, body = text.rpartition("---\n")
    if "@wp.kernel" in text:
        return parse("import warp as wp\n" + text)
    indented = "".join(f"    {row}\n" for row in body.splitlines())
    return parse(f"import warp as wp\n{before if line else ''}\n@wp.kernel\ndef k({PARAMETERS}):\n{indented}")


def factory(parameters: str, body: str) -> str:
    """Write a factory of a kernel whose body is one line."""
    return f"def make({parameters}):\n    @wp.kernel\n    def k(f: wp.array[float]):\n        {body}\n    return k\n\n"


def p(body: str, parameters: str = "a: float") -> str:
    """Write a function ``p`` of these parameters, to stand before the body of a kernel."""
    rows = "".join(f"    {row}\n" for row in body.splitlines())
    return f"@wp.func\ndef p({parameters}):\n{rows}---\n"


def refusal(text: str) -> tuple[str, str]:
    """Return the reason of a refusal, and the source of the node at fault."""
    tree = module(text)
    with pytest.raises(TypeRefused) as refused:
        check(tree)
    assert path_of(tree, refused.value.node) is not None
    return str(refused.value), emit(refused.value.node)


def warp_refuses(text: str) -> str | None:
    """Return why Warp's code generation, or Python before it, refuses a module; None where it takes it."""
    tree = module(text)
    try:
        compile(emit(tree), "<module>", "exec")
    except SyntaxError as error:
        return str(error)
    return accepts([TestCase(tree, (), ())], "cpu")[0]


OVERLOADED = "@wp.func\ndef sub(a: float, c: float) -> float:\n    return a * 100.0 + c\n---\n"
ITSELF = "mod, which is '%' here, is defined further down or calls itself"
LITERAL = "the literal 's' cannot change inside a dynamic loop"
WIDE = "an int literal outside int32 stands only directly in wp.int64() or wp.uint64()"
CONSTANT = "a constant is a number, a bool, another constant, or a type called with such"
PLACE = "only components of local variables and of array elements can be assigned"
WHOLE = "only names, elements, components and fields can be assigned"
TAKEN = "is a name of the module or of a factory and cannot be assigned"
ARRAYS = "arrays hold scalars, vectors or matrices and have 1 to 4 dimensions"
TID = "wp.tid() stands in kernels only, without arguments"
COUNT = "as many values are needed as there are targets"
ORDER = "positional arguments come before keywords"

STRUCTS = """\
@wp.struct
class I:
    w: wp.int8
    r: wp.mat22

@wp.struct
class S:
    k: wp.int8
    q: wp.vec3
    e: wp.array[float]
    inner: I

@wp.func
def s_of(s: S, c: wp.array[S]) -> S:
    t = s
    t.inner.r[0, 1] = c[0].inner.r[1][0]
    return t
---
"""

ACCEPTED = [
    # what calls of builtins leave out
    "y = wp.norm_huber(u)\nz = wp.norm_huber(u, 2.0)\nw = wp.smooth_normalize(u)\nw = wp.smooth_normalize(u, x)",
    # structs
    STRUCTS + "s = S()\ns.k = wp.int8(3)\ns.q.y = 2.0\ns.inner.r[1] = wp.vec2(1.0, 2.0)\ns.inner.w += wp.int8(1)",
    STRUCTS
    + "j = I(wp.int8(1), wp.mat22(x))\nc = I(r=j.r, w=j.w)\ns = S(wp.int8(0), u, f, c)\ns.e = f\ns.e[i] = s.q.x",
    STRUCTS + "s = S()\nif b:\n    s = S()\nc = s if i > 0 else S()\nfor j in range(i):\n    c.inner = s.inner",
    "@wp.struct\nclass S:\n    a: float\n"
    "@wp.kernel\ndef k(s: S, c: wp.array2d[S]):\n    c[0, 1].a += s.a\n    c[0, 0] = s",
    # literals and constants
    "y = 2147483647\nz = -1\nw = 0xFF",
    "y = wp.int64(9223372036854775807)\nz = wp.int64(-9223372036854775808)\nw = wp.uint64(18446744073709551615)",
    "y = wp.float64(-1e300)\nz = y + d",
    "C = 0.5\n---\nf[0] = C",
    "C = wp.constant(0.5)\nD = C\n---\nf[0] = C + D",
    "C = wp.constant(wp.float64(-0.1))\n---\ny = d * C",
    "C = wp.vec3(1.0, -2.0, 3.0)\n---\nf[0] = C.x + C[1]",
    "C = wp.vec3(1.0, -2.0, 3.0)\n---\ny = -C\nfor j in range(i):\n    y = y + C",  # no number: computed
    "C = True\n---\ny = C and b",
    "C = wp.int8(100)\n---\nh[0] = C",
    "y = wp.pi * wp.PI + wp.half_pi\nz = -wp.inf\nw = d + wp.float64(wp.E)\nwhile wp.nan:\n    break",
    "C = wp.constant(wp.tau)\nD = -wp.inf\nE = -C\n---\ny = C + D + E\nz = d + wp.float64(C) + wp.float64(-D)",
    "y = wp.pi\ny = y + 1.0\nz = float(wp.inf)\nfor j in range(i):\n    z = wp.min(z, f[j])",
    # names
    "y = x\ny = 2.0",
    "if b:\n    y = 1.0\nf[0] = y",
    "if b:\n    y = 1.0\nelif i > 0:\n    y = 2.0\nelse:\n    y = 3.0\nf[0] = y",
    "for j in range(i):\n    y = x\nf[0] = y\nn[0] = j",
    "x = x + 1.0\ni += 1\nf[0] = x",
    "y = f\nf[0] = y[0]\nif b:\n    y = f[1:]\nf[1] = y[0]",
    "if True:\n    y = 1.0\nelse:\n    y = 2.0\nf[0] = y",
    "if not True:\n    y = 1.0\nf[0] = y",
    # literals in loops
    "s = float(0.0)\nfor j in range(i):\n    s += 1.0",
    "s = 0.0\nfor j in range(16):\n    s += 1.0",
    "s = 0\nfor j in range(3, -3, -2):\n    s += j",
    "s = 0\nfor j in range(3):\n    while b:\n        break\n    s += j",
    "s = 0.0\nt = s\nfor j in range(i):\n    t += 1.0",
    "C = 0.5\n---\ns = C\nwhile b:\n    s += 1.0",
    "s = 0.0\nif b:\n    s = 1.0\nfor j in range(i):\n    s += 1.0",
    "j = 0\nfor j in range(i):\n    n[j] = j",
    "for j in range(3):\n    j = j + 1\nj = j * 2\nn[0] = j",
    "while b:\n    s = 1.0\n    s += 1.0",
    # loops
    "for j in range(i):\n    n[j] = j\nfor q in range(1, i):\n    n[q] = q\nfor r in range(i, 0, -1):\n    n[r] = r",
    "for j in range(0):\n    y = 1.0\n    f[0] = y",
    "for j in range(i):\n    if b:\n        continue\n    break",
    "while x:\n    break",
    "while i:\n    break",
    "while True:\n    break",
    # choices and logic
    "y = 1.0 if b else x\nz = u if i else wp.vec3(1.0)\nw = i if l else 2",
    "y = x and b or i and not b\nz = not i\nw = not l",
    "if x:\n    f[0] = 1.0\nif d:\n    y = 1.0",
    "if f:\n    y = 1.0\nelif not g:\n    y = 2.0\nelse:\n    y = x\nz = f and f[0] > 1.0 or b\nw = 1 if f else 2",
    "y = x < i\nz = h[0] < d\nw = b == i",
    "y = x < i < 2\nz = i == i != i",
    # operators
    "y = x + 1.0\nz = x // 2.0 % 3.0\nw = x ** 2.0\nq = i / 2\nr = i // 2 % 3",
    "y = -x\nz = +i\nw = ~i\nq = i << 1 >> 2\nr = i & 1 | 2 ^ 3",
    "y = u * 2.0\nz = 2.0 * u\nw = u / 2.0 + u - u\nq = -u\nr = u == u",
    "y = m[0] @ m[0]\nz = m[0] * m[0]\nw = m[0] @ wp.vec2(1.0)\nq = m[0] * 2.0",
    # components, elements, slices
    "y = u.x + u[0] + u[i] + u[-1]\nz = m[0][0, 1] + m[0][0][1]\nw = m[0][1]",
    "y = f[i] + f[l] + f[h[0]] + f[-1] + g[i, l] + g[i][0]",
    "y = f[1:i]\nz = g[0:2, 1]\nw = g[:, 1]\nq = f[::-1]\nr = g[0, ::i]\nf[0] = y[0] + z[0] + w[0] + q[0] + r[0]",
    "f[i] = 1.0\ng[0, 1] = 1.0\ng[0][1] = 1.0\ng[0:2, 1][0] = 1.0",
    "v[0].x = 2.0\nv[0][1] = 2.0\nm[0][1, 1] = 2.0\nm[0][1][1] = 2.0\nm[0][1] = wp.vec2(1.0, 2.0)",
    "w = u\nw.x = 1.0\nw[i] = 2.0\nq = m[0]\nq[0, 1] = 1.0\nq[0][1] = 1.0\nq[1] = wp.vec2(1.0)\nq[0].x = 2.0",
    # augmented assignment
    "f[0] += 1.0\nf[0] -= x\nf[0] *= x\nf[0] /= 2.0\nf[0] //= 2.0\nf[0] %= 2.0\nf[0] **= 2.0",
    "n[0] &= 3\nn[0] |= 3\nn[0] ^= 3\nn[0] <<= 1\nn[0] >>= 1\nn[0] //= 2",
    "h[0] += wp.int8(1)\nh[0] *= wp.int8(2)",
    "v[0] += u\nv[0] *= 2.0\nm[0] += m[1]\nm[0] @= m[1]\nv[0].x += 2.0\nm[0][1, 1] -= 2.0",
    "s = i\ns /= 2\ns <<= 1\nw = u\nw *= 2.0\nw += u\nw.x += 1.0\nw[0] *= 2.0",
    # tuples and thread indices
    "y, z = x, i\nf[0] = y\nn[0] = z",
    "y, z = (x, i)\ny, q = x, x",
    "y, = (x,)\nz, = i,\nf[0] = y",
    "y = wp.tid()\nz, w = wp.tid()\nn[0] = y + z",
    "p, q, r, s = wp.tid()\nn[0] = p + q + r + s",
    "for j in range(wp.tid()):\n    n[0] = j",
    # calls
    "y = abs(x) + sin(1.0) + float(i) + wp.float32(b)\nz = int(x) + int(b)\nw = bool(x)",
    "y = wp.min(b=x, a=1.0) + wp.clamp(x, low=0.0, high=1.0)",
    "y = wp.vec3()\nz = wp.vec3(1.0)\nw = wp.vec3(1.0, 2.0, 3.0)",
    "q = wp.vec3d(u)\nr = wp.vec3d(d, d, d)\ns = wp.vec3f(x)",
    "y = wp.mat22(1.0, 2.0, 3.0, 4.0)\nz = wp.identity(n=3, dtype=wp.float32)",
    "mat22i = wp.types.matrix(shape=(2, 2), dtype=wp.int32)\n---\ny = mat22i(1, 2, 3, 4)\nn[0] = y[0, 1]",
    "M = wp.types.matrix(shape=(3, 3), dtype=wp.int32)\n---\ny = M(2)\nn[0] = y[0, 1]",
    "T = wp.float64\nI = int\nU = T\nV = wp.vec3\n---\ny = d + T(x) + U(0.1) + T(-wp.pi)\nz = I(x) + i\nv[0] = V(x)",
    "T = wp.float64\n@wp.func\ndef p(a: T) -> T:\n    return a\n---\ny = p(T(1.0)) + d",
    "y = wp.atomic_add(f, 0, 1.0)\nwp.atomic_add(f, l, y)\nwp.atomic_max(g, i, 0, x)\nwp.atomic_min(v, 0, u)",
    "wp.atomic_sub(g[0], i, 1.0)\nwp.atomic_add(f[0:2], 0, 1.0)",
    # functions
    "@wp.func\ndef p(a: float) -> float:\n    return a\n---\nf[0] = p(1.0) + p(a=2.0)",
    p("return a - c", "a: float, c: float = 2.0") + "f[0] = p(1.0) + p(1.0, 3.0) + p(c=1.0, a=2.0)",
    p("return a", "a: float, c: wp.float64 = wp.float64(-0.5), e: int = -1") + "f[0] = p(1.0)",
    p("return a, 1") + "q, r = p(1.0)\nf[0] = q",
    p("return (a, a)", "a: int") + "q, r = p(1)\nn[0] = q",
    p("if a > 1.0:\n    return a") + "y = p(1.0)",
    p("a[0] = 1.0\nreturn a[1]", "a: wp.array[float]") + "f[0] = p(f) + p(g[0])",
    p("return a", "a: wp.array[float]") + "f[0] = p(f)[0]",
    p("for q in range(a):\n    if q > 2:\n        return q\nreturn 0", "a: int") + "n[0] = p(1)",
    p("return 1", "") + "n[0] = p()",
    "@wp.func\ndef p(a: int) -> None:\n    if a > 1:\n        return\n    a = 2\n---\np(1)\np(a=i)",
    p("a[0] = 1.0", "a: wp.array[float]") + "p(f)",
    # operators that functions overload
    OVERLOADED + "y = x - 1.0\ny -= 2.0\nn[0] = i - 1\nl -= wp.int64(1)\nz = -x",
    OVERLOADED + "w = u\nw.x -= 1.0\nw[0] = w[0] - x\nv[0] -= u\nf[0] += x",
    p("return a", "a: float").replace("p(", "sub(") + "y = x - 1.0",
    "@wp.func\ndef mul(a: float, c: wp.vec3, e: float = 2.0) -> wp.vec3:\n    return c\n---\ny = x * u\nz = u * x",
    "@wp.func\ndef div(a: float, c: float) -> int:\n    return 7\n---\nn[0] = x / 2.0\nf[0] *= 2.0",
    "@wp.func\ndef mul(a: float, c: float):\n    return a\n---\nf[0] *= 2.0\ny = m[0] @ m[0]",
    # statements of no effect
    "pass\nu\nx + 1.0\n(x, i)\nreturn\nf[0] = 1.0",
    # parameters
    "@wp.kernel\ndef k(a: wp.array(dtype=float), c: wp.array(dtype=wp.vec3, ndim=2)):\n    a[0] = c[0, 0].x",
    "@wp.kernel\ndef k(a: wp.array[float]) -> None:\n    a[0] = 1.0",
    "@wp.kernel\ndef k(a: wp.array2d(dtype=float), c: wp.array1d[float], e: wp.array4d[wp.mat33d]):\n    pass",
    "@wp.kernel\ndef k(a: bool, c: wp.bool, e: wp.uint8, f: wp.vec2h, g: wp.mat44d, h: wp.vec3f):\n    pass",
    # factories
    factory("s, t", "y = s\n        while y < 3.0:\n            y += 1.0\n        f[0] = y + t.x")
    + "c = make(0.5, wp.vec3(1.0))\ne = make(-0.25, wp.vec3(2.0))",
]

REFUSED = [
    ("y = wp.norm_huber()", "wp.norm_huber does not take these arguments", "wp.norm_huber()"),
    ("y = wp.norm_huber(u, 1.0, 2.0)", "wp.norm_huber does not take these arguments", "wp.norm_huber(u, 1.0, 2.0)"),
    ("y = wp.norm_huber(u, delat=1.0)", "wp.norm_huber does not take these arguments", "wp.norm_huber(u, delat=1.0)"),
    (STRUCTS + "s = S(wp.int8(1))", "S does not take these arguments", "S(wp.int8(1))"),
    (STRUCTS + "s = I(wp.int8(1), 2.0)", "I wants mat22<float32>, not float32", "2.0"),
    (STRUCTS + "s = S()\ns.k = 1", "a place of type int8 cannot take int32", "s.k = 1"),
    (STRUCTS + "s = S()\ny = s.z", "S has no component 'z'", "s.z"),
    (STRUCTS + "s = S()\ny = s + s", "no operation '+' for S, S", "s + s"),
    ("@wp.struct\nclass S:\n    a: S\n---\npass", "warpsmith does not support this type yet", "S"),
    ("wp = 1\n---\npass", "'wp' means something in every module and cannot be defined", None),
    ("float = 0.5\n---\npass", "'float' means something in every module and cannot be defined", None),
    (OVERLOADED + "v[0].x -= 1.0", UNSAID.format("sub"), "v[0].x -= 1.0"),
    # operators that functions overload
    ("@wp.func\ndef mod(a: float, c: float):\n    return a % c\n---\ny = x % 2.0", ITSELF, "a % c"),
    (
        "@wp.func\ndef div(a: float, c: float) -> int:\n    return 7\n---\ny = x + x / 2.0",
        "no operation '+' for float32, int32",
        None,
    ),
    # functions that return nothing
    (p("c = a") + "y = p(1.0)", "p returns nothing", "p(1.0)"),
    (p("c = a") + "y = x + p(1.0)", "p returns nothing", "p(1.0)"),
    # literals and constants
    ("s = wp.inf\nfor j in range(i):\n    s += 1.0", LITERAL, None),
    ("y = wp.pie", "warpsmith does not support wp.pie yet", "wp.pie"),
    ("C = x\n---\npass", "the name 'x' is not defined here", "x"),
    # names
    ("y = q", "the name 'q' is not defined here", "q"),
    ("y = x\ny = i", "y is float32 and cannot become int32", "y"),
    ("y = x\ny, z = i, i", "y is float32 and cannot become int32", "y"),
    ("if b:\n    y = 1.0\nelse:\n    f[0] = y", "the name 'y' is not defined here", "y"),
    ("if b:\n    y = 1.0\nelif i > 0:\n    f[0] = y", "the name 'y' is not defined here", "y"),
    ("if b:\n    y = 1.0\nelse:\n    y = 2", "y has two types after the branches", None),
    ("if True:\n    y = 1.0\nelse:\n    z = 2.0\nf[0] = z", "the name 'z' is not defined here", "z"),
    ("if False:\n    y = 1.0\nf[0] = y", "the name 'y' is not defined here", "y"),
    ("if -1.0:\n    pass\nelse:\n    z = 2.0\nf[0] = z", "the name 'z' is not defined here", "z"),
    ("C = 1\n---\nif C:\n    y = 1.0\nelse:\n    z = 2.0\nf[0] = z", "the name 'z' is not defined here", "z"),
    ("s = 1\nif s:\n    y = 1.0\nelse:\n    z = 1.0\nf[0] = z", "the name 'z' is not defined here", "z"),
    ("for j in range(1):\n    if j:\n        y = 1.0\nf[0] = y", "the name 'y' is not defined here", "y"),
    ("for j in range(0):\n    y = 1.0\nf[0] = y", "the name 'y' is not defined here", "y"),
    ("for j in range(3, 3):\n    pass\nn[0] = j", "the name 'j' is not defined here", "j"),
    # literals in loops
    ("s = 0.0\nfor j in range(i):\n    s += 1.0", LITERAL, None),
    ("s = -1\nwhile b:\n    s = i", LITERAL, None),
    ("s = True\nfor j in range(i):\n    s = b", LITERAL, None),
    (
        "s, t = 0.0, 1.0\nfor j in range(i):\n    t, q = x, 1",
        "the literal 't' cannot change inside a dynamic loop",
        None,
    ),
    ("C = 0\n---\ns = -C\nfor j in range(i):\n    s += 1", LITERAL, None),
    ("C = wp.vec2(1.0, 2.0)\n---\ns = C if True else -C\nfor j in range(i):\n    s = s + C", LITERAL, None),
    ("C = 0\n---\ns, t = C, i\nfor j in range(i):\n    s += 1", LITERAL, None),
    ("s = 0\nfor j in range(17):\n    s += j", LITERAL, None),
    ("s = 0\nfor j in range(3):\n    if b:\n        break\n    s += j", LITERAL, None),
    ("s = 0\nfor j in range(3):\n    for q in range(i):\n        s += j", LITERAL, None),
    ("s = x\nif True:\n    s = 1.0\nfor j in range(i):\n    s += 1.0", LITERAL, None),
    ("s = 1.0 if True else 2.0\nfor j in range(i):\n    s = x", LITERAL, None),
    ("if b:\n    s = 1.0\nfor j in range(i):\n    s += 1.0", LITERAL, None),
    # loops
    ("for j in range(l):\n    pass", "range takes int32 arguments", "l"),
    ("for j in range(1.0):\n    pass", "range takes int32 arguments", "1.0"),
    ("for j in range(0, 3, 0):\n    pass", "the step of a range is not zero", None),
    ("for j in range(1, 2, 3, 4):\n    pass", "range takes one to three positional arguments", "range(1, 2, 3, 4)"),
    ("for j in range(stop=3):\n    pass", "range takes one to three positional arguments", "range(stop=3)"),
    ("for j in f:\n    pass", "a loop runs over range()", None),
    ("break", "break and continue stand in loops only", "break"),
    ("if b:\n    continue", "break and continue stand in loops only", "continue"),
    # choices and logic
    ("y = 1.0 if b else 2", "both branches need one value type: float32, int32", "1.0 if b else 2"),
    ("y = 1 if x else 2", "the condition of a choice is a bool, an int or an array", "1 if x else 2"),
    ("y, z = (1, 2) if b else (3, 4)", "both branches need one value type: (int32, int32), (int32, int32)", None),
    ("y = x\nif x:\n    y = 1.0", "a float condition cannot choose between values of y", None),
    ("if d:\n    y = 1\nelse:\n    y = 2", "a float condition cannot choose between values of y", None),
    ("y = not x", "not takes a bool, an int or an array", "not x"),
    ("y = not u", "a scalar is needed here, not vec3<float32>", "u"),
    ("y = x < i < x", "the operands of a chain after the first need one type", "x < i < x"),
    # operators
    ("y = x + 1", "no operation '+' for float32, int32", "x + 1"),
    ("y = d * 2.0", "no operation '*' for float64, float32", "d * 2.0"),
    ("y = i ** 2", "no operation '**' for int32, int32", "i ** 2"),
    ("y = i << l", "no operation '<<' for int32, int64", "i << l"),
    ("y = x & x", "no operation '&' for float32, float32", "x & x"),
    ("y = b & b", "no operation '&' for bool, bool", "b & b"),
    ("y = b + b", "no operation '+' for bool, bool", "b + b"),
    ("y = -b", "no operation '-' for bool", "-b"),
    ("y = ~x", "no operation '~' for float32", "~x"),
    ("y = u * u", "no operation '*' for vec3<float32>, vec3<float32>", "u * u"),
    ("y = u + 1.0", "no operation '+' for vec3<float32>, float32", "u + 1.0"),
    ("y = u // u", "no operation '//' for vec3<float32>, vec3<float32>", "u // u"),
    ("y = m[0] @ u", "no operation '@' for mat22<float32>, vec3<float32>", "m[0] @ u"),
    # components, elements, slices
    ("y = u.w", "vec3<float32> has no component 'w'", "u.w"),
    ("y = u.xy", "vec3<float32> has no component 'xy'", "u.xy"),
    ("y = x.x", "float32 has no component 'x'", "x.x"),
    ("y = f[x]", "an index is an integer", "x"),
    ("y = f[b]", "an index is an integer", "b"),
    ("y = f[0, 0]", "array1d<float32> does not take 2 indices", "f[0, 0]"),
    ("y = f[0][0]", "float32 does not take 1 indices", "f[0][0]"),
    ("y = u[0, 1]", "vec3<float32> does not take 2 indices", "u[0, 1]"),
    ("y = f[l:]", "the bounds and the step of a slice are int32", "l"),
    ("y = f[::h[0]]", "the bounds and the step of a slice are int32", "h[0]"),
    ("y = f[::0]", "the step of a slice is not zero", "::0"),
    ("g[0] = f", WHOLE, "g[0]"),
    ("f[0:2] = f[2:4]", WHOLE, "f[0:2]"),
    ("f[0] = 1", "a place of type float32 cannot take int32", "f[0] = 1"),
    ("m[0][1] = u", "a place of type vec2<float32> cannot take vec3<float32>", "m[0][1] = u"),
    # augmented assignment
    ("i += 1.0", "no operation '+' for int32, float32", "i += 1.0"),
    ("f[0] += 1", "no operation '+' for float32, int32", "f[0] += 1"),
    ("s = x\ns *= u", "*= gives vec3<float32>, but the target is float32", "s *= u"),
    ("g[0] += x", WHOLE, "g[0]"),
    ("v[0].x *= 2.0", "float components of array elements take atomics only, with backward enabled", "v[0].x *= 2.0"),
    ("q += 1.0", "the name 'q' is not defined here", "q"),
    # tuples and thread indices
    ("y, z = x, i, i", COUNT, "y, z = x, i, i"),
    ("y, z = x", COUNT, "y, z = x"),
    ("p, q, r, s, t = wp.tid()", COUNT, None),
    ("y = wp.tid(0)", TID, "wp.tid(0)"),
    # calls
    ("y = nothing(1.0)", "warpsmith does not support the function 'nothing' yet", "nothing(1.0)"),
    ("y = wp.nothing(1.0)", "warpsmith does not support the function 'wp.nothing' yet", "wp.nothing(1.0)"),
    ("y = wp.sin(1)", "no overload wp.sin(int32)", "wp.sin(1)"),
    ("y = wp.min(x, 1)", "no overload wp.min(float32, int32)", "wp.min(x, 1)"),
    ("y = wp.min(x)", "no overload wp.min(float32)", "wp.min(x)"),
    ("y = wp.min(a=x, c=x)", "wp.min does not take these arguments", "wp.min(a=x, c=x)"),
    ("y = wp.min(a=x, 1.0)", ORDER, "wp.min(a=x, 1.0)"),
    ("y = wp.vec3(1.0, 2.0)", "no overload wp.vec3(float32, float32)", "wp.vec3(1.0, 2.0)"),
    ("y = wp.vec3(i, i, i)", "no overload wp.vec3(int32, int32, int32)", "wp.vec3(i, i, i)"),
    ("y = mat22i(1, 2, 3, 4)", "warpsmith does not support the function 'mat22i' yet", "mat22i(1, 2, 3, 4)"),
    ("y = wp.mat22i(1, 2, 3, 4)", "warpsmith does not support the function 'wp.mat22i' yet", "wp.mat22i(1, 2, 3, 4)"),
    ("wp.atomic_add(f, 0, 1)", "wp.atomic_add does not take array1d<float32>, 1 indices and int32", None),
    ("wp.atomic_add(g, 0, x)", "wp.atomic_add does not take array2d<float32>, 1 indices and float32", None),
    ("wp.atomic_add(f, x, x)", "an index is an integer", "x"),
    ("wp.atomic_add(f, 1.0)", "wp.atomic_add takes an array, its indices and a value", None),
    ("wp.atomic_add(h, 0, h[1])", "wp.atomic_add has no overload for int8", None),
    # functions
    (p("return a") + "f[0] = p(1)", "p wants float32, not int32", "1"),
    (p("return a") + "f[0] = p()", "p does not take these arguments", "p()"),
    (p("return a") + "f[0] = p(x, x)", "p does not take these arguments", "p(x, x)"),
    (p("return a") + "f[0] = p(x, a=x)", "p does not take these arguments", "p(x, a=x)"),
    (p("return a") + "f[0] = p(c=x)", "p does not take these arguments", "p(c=x)"),
    (p("return a", "a: float, c: float") + "f[0] = p(a=x, x)", ORDER, None),
    ("@wp.func\ndef p(a: float) -> int:\n    return a\n---\ny = p(1.0)", "p returns float32, not int32", None),
    (p("if a > 1.0:\n    return a\nreturn 1") + "y = p(1.0)", "p returns different types", None),
    (p("if a > 1.0:\n    return a\nreturn") + "y = p(1.0)", "p returns different types", None),
    (p("c = a") + "y = p(1.0)", "p returns nothing", "p(1.0)"),
    (p("return p(a)") + "f[0] = p(1.0)", "warpsmith does not support the function 'p' yet", "p(a)"),
    (p("return wp.tid()", "a: int") + "n[0] = p(1)", TID, "wp.tid()"),
    (p("return a", "a") + "n[0] = p(1)", "the parameter 'a' needs an annotation", "a"),
    (p("return a", "a: float, a: float") + "f[0] = p(x, x)", "two parameters have one name", None),
    (p("return a", "a: float, c: float = 1") + "f[0] = p(x)", "the default of 'c' has another type", "c: float = 1"),
    (
        p("return a", "a: float = 1.0, c: float") + "f[0] = p(x, x)",
        "the parameter 'c' needs a default, as the one before it has one",
        "c: float",
    ),
    ("return 1.0", "a kernel returns nothing", "return 1.0"),
    ("return x, x", "a kernel returns nothing", "return x, x"),
    # parameters
    ("@wp.kernel\ndef k(a: wp.float):\n    pass", "warpsmith does not support this type yet", "wp.float"),
    ("@wp.kernel\ndef k(a: wp.mat22i):\n    pass", "warpsmith does not support this type yet", "wp.mat22i"),
    ("@wp.kernel\ndef k(a: thing):\n    pass", "warpsmith does not support this type yet", "thing"),
    ("@wp.kernel\ndef k(a: wp.array[wp.array[float]]):\n    pass", ARRAYS, None),
    # factories
    (factory("s", "s = s + 1.0") + "c = make(0.5)", f"s {TAKEN}", "s"),
    (factory("s", "pass") + "c = make(0.5, 1)", "make does not take these arguments", "c = make(0.5, 1)"),
    (factory("s", "f[0] = s") + "c = make(1)", "a place of type float32 cannot take int32", "f[0] = s"),
]

STRICTER = [
    (STRUCTS + "s = S()\nwhile s:\n    pass", "a scalar is needed here, not S"),
    (p("c.a = 1.0\nreturn c.a", "c: S").replace("@wp", "@wp.struct\nclass S:\n    a: float\n\n@wp", 1) + "pass", PLACE),
    ("@wp.struct\nclass S:\n    a: float\nC = S()\n---\npass", CONSTANT),
    (
        "@wp.struct\nclass S:\n    a: wp.array[float]\n"
        "@wp.kernel\ndef k(c: wp.array[S], f: wp.array[float]):\n    c[0].a = f",
        "warpsmith does not support stores to a field that is an array, in an element of an array yet",
    ),
    (OVERLOADED + "f[0] -= 1.0", UNSAID.format("sub")),
    ("@wp.func\ndef mul(a: wp.mat22, c: wp.mat22):\n    return a\n---\ny = m[0] @ m[0]", UNSAID.format("mul")),
    (
        "@wp.func\ndef q(a: int):\n    return a - 1\n@wp.func\ndef sub(a: int, c: int):\n    return a\n---\npass",
        "sub, which is '-' here, is defined further down or calls itself",
    ),
    # the text keeps a value that its 32-bit type does not hold, until C++ converts it
    ("y = 2147483648", WIDE),
    ("y = wp.float64(3000000000)", WIDE),
    ("C = 3000000000\n---\ny = C", WIDE),
    ("y = wp.int64(9223372036854775808)", WIDE),
    ("y = 1e39", "a float literal beyond float32 stands only directly in wp.float64()"),
    # Python evaluates constants and defaults, with its own meaning of operators and float64
    ("C = 7 / 2\n---\ny = C", CONSTANT),
    ("C = -7 % 3\n---\ny = C", CONSTANT),
    ("C = wp.sin(0.5)\n---\ny = C", CONSTANT),
    (p("return a", "a: float, c: float = 1.0 + 1.0") + "f[0] = p(x)", CONSTANT),
    # what a batch renames must be told apart from local names; Python would not find the module's either
    ("C = 0.5\n---\nC = 2.0", f"C {TAKEN}"),
    ("k = 1.0", f"k {TAKEN}"),
    ("wp = 2", f"wp {TAKEN}"),
    ("x = 0.5\n---\npass", "the parameter 'x' has the name of something in the module"),
    ("C = 0.5\nC = 0.25\n---\nf[0] = C", "two definitions have the name C"),
    (
        p("return a", "a: int):\n    return a\n\n@wp.func\ndef p(a: float") + "n[0] = p(1)",
        "two definitions have the name p",
    ),
    ("import numpy as np\n---\npass", "a module imports warp as wp, and nothing else"),
    (
        "def make(s):\n    @wp.kernel\n    def k(s: float):\n        pass\n    return k\n\nc = make(0.5)",
        "a parameter of the kernel hides one of its factory",
    ),
    # value semantics that the documentation states for functions, and Python does not share
    ("u.x = 2.0", PLACE),
    ("C = wp.vec3(1.0)\n---\nC.x = 2.0", PLACE),
    (p("a.x = 1.0\nreturn a.x", "a: wp.vec3") + "f[0] = p(u)", PLACE),
    # a condition that Warp folds, or a loop that it unrolls, is one where the author may not count on it
    ("y = 1.0 if True else 2", "both branches need one value type: float32, int32"),
    ("if True:\n    y = 1.0\nelse:\n    y = 2", "y has two types after the branches"),
    ("for j in range(0):\n    y = q", "the name 'q' is not defined here"),
    (
        "for j in range(2):\n    if j:\n        y = 1.0\n    else:\n        z = 1.0\nf[0] = z",
        "the name 'z' is not defined here",
    ),
    ("C = 3\n---\ns = 0\nfor j in range(C):\n    s += j", LITERAL),
    ("s = +1\nfor j in range(i):\n    s += 1", LITERAL),
    (
        "for j in range(3):\n    for q in range(i):\n        j += 1",
        "the literal 'j' cannot change inside a dynamic loop",
    ),
    # code generation takes them, the documentation does not name them
    ("y = u < u", "no operation '<' for vec3<float32>, vec3<float32>"),
    ("y = i @ i", "no operation '@' for int32, int32"),
    ("y = u[x]", "an index is an integer"),
    ("while u:\n    break", "a scalar is needed here, not vec3<float32>"),
    ("y = b and u", "a scalar is needed here, not vec3<float32>"),
    ("h[0] ^= wp.int8(1)", "bitwise atomics exist for 32- and 64-bit ints only"),
    ("@wp.kernel\ndef k(a: wp.array(dtype=float, ndim=5)):\n    pass", ARRAYS),
    ("@wp.kernel\ndef k(a: float = 2.0):\n    pass", "Warp ignores defaults of kernel parameters"),
    # not in the language yet
    (
        "Huge = wp.types.vector(length=1000000000, dtype=wp.int8)\n---\npass",
        "warpsmith does not support types of more than 1024 scalars yet",
    ),
    (
        "Huge = wp.types.matrix(shape=(100, 100), dtype=wp.int8)\n---\npass",
        "warpsmith does not support types of more than 1024 scalars yet",
    ),
    ("y = u[0:2]", "warpsmith does not support slices of vectors and matrices yet"),
    ("y = wp.vec3(1, 2, 3)", "no overload wp.vec3(int32, int32, int32)"),
    ("while f:\n    break", "a scalar is needed here, not array1d<float32>"),
    ("y = f if b else f", "both branches need one value type: array1d<float32>, array1d<float32>"),
    ("y = f == f", "no operation '==' for array1d<float32>, array1d<float32>"),
    ("y = (x, i)", "y cannot be assigned (float32, int32)"),
    ("y = range(3)", "warpsmith does not support the function 'range' yet"),
    ("print(x)", "warpsmith does not support the function 'print' yet"),
    ("wp.atomic_add(arr=f, i=0, value=1.0)", "wp.atomic_add takes an array, its indices and a value"),
    ("@wp.func\ndef p(a: float) -> None:\n    return a\n---\npass", "p returns float32, not None"),
    (factory("s: float", "f[0] = s") + "c = make(0.5)", "parameters of a factory have no annotation"),
    (
        "def make(s):\n    @wp.func\n    def q(y: float):\n        return y\n    return q\n---\npass",
        "the factory make must define a kernel and return it",
    ),
    (factory("s", "pass") + "c = make(wp.mat22(1.0))", "a factory captures scalars and vectors"),
]

LIMITATIONS = ["y = g[0:1][0, 1]"]
"""What the documentation promises and Warp refuses: entries of ``oracle/limitations/limitations.toml``."""


@pytest.mark.parametrize("text", ACCEPTED)
def test_a_well_typed_module_is_accepted(text: str) -> None:
    assert isinstance(check(module(text)), Typing)


@pytest.mark.parametrize(("text", "reason", "at"), REFUSED)
def test_an_ill_typed_module_is_refused_with_its_reason_and_place(text: str, reason: str, at: str | None) -> None:
    message, source = refusal(text)
    assert message == reason
    assert at in (None, source)


@pytest.mark.parametrize(("text", "reason"), STRICTER)
def test_what_is_deliberately_left_out_is_refused_with_its_reason(text: str, reason: str) -> None:
    assert refusal(text)[0] == reason


@pytest.mark.warp
@pytest.mark.parametrize("text", ACCEPTED)
def test_warp_takes_what_we_take(text: str) -> None:
    assert warp_refuses(text) is None


@pytest.mark.warp
@pytest.mark.parametrize("text", [text for text, _, _ in REFUSED])
def test_warp_refuses_what_we_refuse(text: str) -> None:
    assert warp_refuses(text) is not None


@pytest.mark.warp
@pytest.mark.parametrize("text", [text for text, _ in STRICTER])
def test_warp_takes_what_we_leave_out(text: str) -> None:
    assert warp_refuses(text) is None


@pytest.mark.warp
@pytest.mark.parametrize("text", LIMITATIONS)
def test_warp_refuses_less_than_it_documents(text: str) -> None:
    check(module(text))
    assert warp_refuses(text) is not None


TYPES: dict[str, Type] = {
    "1": INT32,
    "1.0": FLOAT32,
    "True": BOOL,
    "wp.float64(0.1)": FLOAT64,
    "x < i": BOOL,
    "x and i": BOOL,
    "not i": BOOL,
    "l if b else l": INT64,
    "h[0]": INT8,
    "g[0]": Array(FLOAT32, 1),
    "g[0, 1:2]": Array(FLOAT32, 1),
    "g[0:1]": Array(FLOAT32, 2),
    "g[0][1]": FLOAT32,
    "m[0]": Matrix(2, 2, FLOAT32),
    "m[0][1]": Vector(2, FLOAT32),
    "m[0][1, 0]": FLOAT32,
    "u.x": FLOAT32,
    "u * 2.0": Vector(3, FLOAT32),
    "wp.dot(u, u)": FLOAT32,
    "wp.vec3d(u)": Vector(3, FLOAT64),
    "int(x)": INT32,
    "wp.tid()": INT32,
    "wp.atomic_add(n, 0, 1)": INT32,
}


@pytest.mark.parametrize("text", TYPES)
def test_an_expression_has_its_type(text: str) -> None:
    tree = module(text)
    (statement,) = (node for node in walk(tree) if isinstance(node, n.ExprStmt))
    assert check(tree).type_of(statement.value) == TYPES[text]


def test_every_expression_and_operation_of_a_body_is_entered() -> None:
    tree = module("y = x\nf[i] += -y\nwp.atomic_add(f, 0, y)\nc = x < y < x\nq = wp.lerp(y, t=x, b=1.0)")
    typing = check(tree)
    (kernel,) = (node for node in walk(tree) if isinstance(node, n.KernelDef))
    assert all(
        id(node) in typing.types for node in walk(kernel.body) if isinstance(node, n.Expr) and not _is_callee(node)
    )
    operations = [overload.key for overload in typing.overloads.values()]
    assert operations == [
        "neg(float32)",
        "add(float32, float32)",
        "atomic_add(float32, float32)",
        "lerp(float32, float32, float32)",
    ]
    (links,) = typing.links.values()
    assert [overload.key for overload in links] == ["lt(float32, float32)", "lt(float32, float32)"]
    (arguments,) = typing.builtin_arguments.values()
    assert [emit(argument) for argument in arguments] == ["y", "1.0", "x"]


def _is_callee(node: n.Expr) -> bool:
    return emit(node) in ("wp", "wp.atomic_add", "wp.lerp")


def test_a_call_of_a_function_knows_the_order_in_which_its_arguments_are_written() -> None:
    typing = check(module(p("return a", "a: int, c: int, e: int = 3") + "n[0] = p(c=i, a=1)"))
    (call,) = typing.user_calls.values()
    assert [emit(argument) for argument in call.arguments] == ["1", "i", "3"]
    assert call.written == (1, 0)


def test_a_function_is_typed_with_its_parameters_defaults_and_results() -> None:
    typing = check(module(p("return a, c", "a: float, c: int = 2") + "y, z = p(x)"))
    function = typing.functions["p"]
    assert function.names == ("a", "c")
    assert function.types == (FLOAT32, INT32)
    assert function.defaults == {"c": n.IntLiteral(2)}
    assert function.result == Tuple((FLOAT32, INT32))


def test_kernels_are_known_by_the_names_that_launches_use() -> None:
    factory = "def make(s, t):\n    @wp.kernel\n    def k(f: wp.array[float]):\n        f[0] = s\n    return k\n"
    typing = check(module(factory + "\nfirst = make(0.5, 1)\nsecond = make(0.25, 2)"))
    assert list(typing.kernels) == ["first", "second"]
    second = typing.kernels["second"]
    assert second.names == ("f",)
    assert second.types == (Array(FLOAT32, 1),)
    assert second.captured == {"s": n.FloatLiteral(0.25), "t": n.IntLiteral(2)}
    assert second.captured_types == {"s": FLOAT32, "t": INT32}


def test_the_body_of_a_factory_counts_only_where_it_makes_a_kernel() -> None:
    unused = check(module(factory("s", "f[0] = s if s < 1.0 else 2.0")))
    assert unused.nodes_of(n.Compare) == []
    used = check(module(factory("s", "f[0] = s if s < 1.0 else 2.0") + "c = make(0.5)"))
    assert [emit(node) for node in used.nodes_of(n.Compare)] == ["s < 1.0"]


def test_the_names_of_a_module_are_its_definitions_and_its_import() -> None:
    assert check(module("C = 1\n---\npass")).module_level == {"wp", "C", "k"}


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("wp.float64(0.1)", FLOAT64),
        ("wp.float64(-0.1)", FLOAT64),
        ("wp.int64(3000000000)", INT64),
        ("wp.int64(-3)", INT64),
        ("wp.uint64(18446744073709551615)", UINT64),
        ("wp.uint64(-3)", INT32),
        ("wp.float64(3)", INT32),
        ("wp.float64(0.05 + 0.05)", FLOAT32),
        ("wp.float16(0.1)", FLOAT32),
        ("wp.int32(7)", INT32),
    ],
)
def test_a_literal_directly_in_a_64_bit_constructor_keeps_its_precision(text: str, type_: Type) -> None:
    tree = module(text)
    (call,) = (node for node in walk(tree) if isinstance(node, n.Call))
    (argument,) = call.arguments
    assert isinstance(argument, n.Expr)
    assert check(tree).type_of(argument) == type_


RANGES = {
    "range(3)": range(3),
    "range(16)": range(16),
    "range(17)": None,
    "range(-2, 2)": range(-2, 2),
    "range(5, 0, -2)": range(5, 0, -2),
    "range(0)": range(0),
    "range(i)": None,
    "range(0, i)": None,
    "range(2 * 2)": None,
}


@pytest.mark.parametrize("text", RANGES)
def test_warp_unrolls_short_ranges_of_literals(text: str) -> None:
    (loop,) = (node for node in walk(module(f"for j in {text}:\n    pass")) if isinstance(node, n.ForStmt))
    assert constant_range(loop) == RANGES[text]


def test_the_option_says_up_to_how_many_trips_warp_unrolls() -> None:
    tree = module("s = 0.5\nfor j in range(5):\n    s = s + 1.0")
    assert check(tree).max_unroll == 16
    assert check(tree, 5).types
    with pytest.raises(TypeRefused, match="the literal 's' cannot change inside a dynamic loop"):
        check(tree, 4)


def test_the_option_says_whether_float_components_of_elements_take_every_operator() -> None:
    tree = module("v[0].x *= 2.0")
    with pytest.raises(TypeRefused, match="take atomics only, with backward enabled"):
        check(tree)
    assert not check(tree, backward=False).backward


def test_the_smallest_int32_is_written_with_a_minus_sign_and_no_larger_literal_is_one() -> None:
    assert check(module("y = -2147483648"))
    assert check(module("y = - -2147483648"))  # which overflows
    for text in ("y = 2147483648", "y = -2147483649", "y = +2147483648"):
        with pytest.raises(TypeRefused, match="an int literal outside int32"):
            check(module(text))


KNOWN = {
    "2": True,
    "-i": False,
    "i": False,
    "C": True,
    "-C": True,
    "s": True,
    "j": True,
    "s if True else i": True,
    "s if b else s": False,
    "s + 1": False,
    "int(2)": False,
}


@pytest.mark.parametrize("text", KNOWN)
def test_warp_may_know_literals_and_what_stands_for_them(text: str) -> None:
    tree = module(f"C = wp.constant(3)\n---\ns = 4\nfor j in range(2):\n    n[0] = {text}")
    typing = check(tree)
    (assigned,) = (node for node in walk(tree) if isinstance(node, n.Assign) and isinstance(node.target, n.Subscript))
    assert (id(assigned.value) in typing.known) is KNOWN[text]


@pytest.mark.parametrize("signs", ["-", "--", "---"])
def test_a_literal_keeps_its_precision_behind_any_number_of_minus_signs(signs: str) -> None:
    tree = module(f"y = wp.int64({signs}5000000000)")
    typing = check(tree)
    numbers = [node for node in walk(tree) if isinstance(node, n.Unary | n.IntLiteral)]
    assert [typing.type_of(node) for node in numbers] == [INT64] * (len(signs) + 1)


HIDING = {
    "assignment": "g = 1.0",
    "pair": "g, y = 1.0, 2.0",
    "second of a pair": "y, g = 1.0, 2.0",
    "augmented": "C += 1.0",
    "counter": "for g in range(i):\n    pass",
    "counter of an unrolled loop": "for C in range(2):\n    pass",
    "in a branch": "if b:\n    g = 1.0",
    "a type": "mat22i = 1",
    "the kernel": "k = 1",
    "a factory": "make = 1",
    "the import": "wp = 1",
}


@pytest.mark.parametrize("way", HIDING)
def test_no_local_name_hides_one_of_the_module(way: str) -> None:
    body = "".join(f"    {line}\n" for line in HIDING[way].splitlines())
    reason, _ = refusal(f"{NAMED}@wp.kernel\ndef k(i: int, b: bool):\n{body}")
    assert reason.endswith(TAKEN)


@pytest.mark.parametrize("name", ["C", "g", "mat22i", "make", "wp", "later"])
def test_no_parameter_hides_a_name_of_the_module(name: str) -> None:
    reason = f"the parameter {name!r} has the name of something in the module"
    for text in (
        f"@wp.kernel\ndef q({name}: float):\n    pass\n",
        f"@wp.func\ndef q({name}: float):\n    return 1.0\n\n@wp.kernel\ndef k():\n    pass\n",
        factory(name, "pass"),
        factory("s", "pass").replace("f: wp.array[float]", f"{name}: float") + "c = make2(1)\n",
    ):
        text = text.replace("def make(", "def make2(")
        assert refusal(f"{NAMED}{text}\nlater = 1\n")[0] == reason


@pytest.mark.parametrize("parameters", ["s", "k"])
def test_no_kernel_of_a_factory_hides_a_name_that_its_body_uses(parameters: str) -> None:
    used = factory(parameters, "f[0] = k") + ("k = 0.5\n" if parameters == "s" else "c = make(0.5)\n")
    assert refusal(used)[0] == "the kernel 'k' hides what its body means by this name"
    assert check(module(factory("s", "f[0] = s") + "k = make(0.5)\n")).kernels.keys() == {"k"}


NAMED = """C = 0.5
mat22i = wp.types.matrix(shape=(2, 2), dtype=wp.int32)

@wp.func
def g(a: float):
    return a

def make(s):
    @wp.kernel
    def kernel(f: wp.array[float]):
        f[0] = s
    return kernel

"""

BREAKS = {
    "break": False,
    "if b:\n    break": False,
    "if b:\n    pass\nelif b:\n    break": False,
    "if b:\n    pass\nelse:\n    break": False,
    "while b:\n    break": True,
    "for q in range(2):\n    break": True,
    "continue": True,
}


@pytest.mark.parametrize("body", BREAKS)
def test_a_break_of_the_loop_itself_keeps_it_from_being_unrolled(body: str) -> None:
    text = "for j in range(2):\n" + "".join(f"    {line}\n" for line in body.splitlines())
    loop = next(node for node in walk(module(text)) if isinstance(node, n.ForStmt))
    assert (constant_range(loop) is not None) is BREAKS[body]


ANNOTATIONS: dict[str, Type] = {
    "float": FLOAT32,
    "int": INT32,
    "bool": BOOL,
    "wp.float16": FLOAT16,
    "wp.vec3": Vector(3, FLOAT32),
    "wp.vec3f": Vector(3, FLOAT32),
    "wp.vec2i": Vector(2, INT32),
    "wp.mat44h": Matrix(4, 4, FLOAT16),
    "wp.array[float]": Array(FLOAT32, 1),
    "wp.array3d[wp.vec4d]": Array(Vector(4, FLOAT64), 3),
    "wp.array(dtype=int, ndim=4)": Array(INT32, 4),
    "wp.array2d(dtype=wp.int8)": Array(INT8, 2),
}


@pytest.mark.parametrize("text", ANNOTATIONS)
def test_an_annotation_is_read_as_its_type(text: str) -> None:
    (binding,) = parse(f"a = {text}").definitions
    assert isinstance(binding, n.Binding)
    assert annotated_type(binding.value, {}) == ANNOTATIONS[text]


@pytest.mark.parametrize(
    "text", ["wp.array", "wp.array(float)", "wp.array(dtype=float, ndim=i)", "wp.array(ndim=2)", "1"]
)
def test_what_is_no_annotation_is_refused(text: str) -> None:
    (binding,) = parse(f"a = {text}").definitions
    assert isinstance(binding, n.Binding)
    with pytest.raises(TypeRefused):
        annotated_type(binding.value, {})


@pytest.mark.parametrize("element", ELEMENTS, ids=str)
def test_a_type_reads_as_it_is_written(element: Element) -> None:
    aliases: dict[str, Type] = {}
    if not element.is_predefined:
        aliases[emit(written(element))] = element
    assert annotated_type(written(element), aliases) == element
    assert annotated_type(written(Array(element, 3)), aliases) == Array(element, 3)


# All refusals


MANY = """
import warp as wp

LARGE = 2 ** 40

@wp.func
def f(q: wp.bfloat16, x: float) -> float:
    y = q[0] + x
    z = x + 1
    return y + z

@wp.kernel
def k(a: wp.array(dtype=float), b: wp.transform):
    i = wp.tid()
    p = f(b, a[i])
    if wp.quat_slerp():
        a[i] = p + 1
        c = 1 + 2.0
    elif i:
        c = 1.0
    a[i] = c + LARGE
    for j in range(1.0):
        a[j] = wp.nope(j)
        break
    c = 1.0
    a[i] = c + b
    a[i] = 1
"""


def test_everything_that_is_refused_is_found_and_nothing_that_only_follows() -> None:
    assert [(str(refusal), emit(refusal.node)) for refusal in refusals(parse(MANY))] == [
        ("a constant is a number, a bool, another constant, or a type called with such", "2 ** 40"),
        ("warpsmith does not support this type yet", "wp.bfloat16"),
        ("no operation '+' for float32, int32", "x + 1"),
        ("warpsmith does not support this type yet", "wp.transform"),
        ("warpsmith does not support the function 'wp.quat_slerp' yet", "wp.quat_slerp()"),
        ("no operation '+' for int32, float32", "1 + 2.0"),
        ("range takes int32 arguments", "1.0"),
        ("warpsmith does not support the function 'wp.nope' yet", "wp.nope(j)"),
        ("a place of type float32 cannot take int32", "a[i] = 1"),
    ]


def test_nothing_is_said_of_names_that_are_left_open() -> None:
    module = parse("import warp as wp\n\n@wp.kernel\ndef k(a: wp.array(dtype=int)):\n    a[0] = X\n    a[0] = 1.0\n")
    assert [emit(refusal.node) for refusal in refusals(module, unknown={"X"})] == ["a[0] = 1.0"]
    assert [emit(refusal.node) for refusal in refusals(module)] == ["X", "a[0] = 1.0"]


def test_in_a_module_that_is_taken_nothing_is_refused() -> None:
    assert refusals(parse("import warp as wp\n\n@wp.kernel\ndef k(a: wp.array(dtype=int)):\n    a[0] = 1\n")) == []
