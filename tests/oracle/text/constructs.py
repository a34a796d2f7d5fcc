"""Kernels written by hand that use, together, every construct whose text is read, with arrays to run them on."""

from __future__ import annotations

from typing import Any

from grammar import parse
from oracle.records import TestCase
from tests.oracle.kernels import case_of
from tests.oracle.struct_kernels import everything

LOOPS = """
import warp as wp

@wp.kernel
def k(n: int, x: wp.array[int], o: wp.array[int]):
    i = wp.tid()
    s = int(0)
    for a in range(n):
        for b in range(a, n):
            if b == 2:
                continue
            s += a * b
    for a in range(n, -n, -2):
        if a + i == 1:
            break
        s -= a
    for a in range(40):
        s += x[i] & a
    for a in range(60, 20, -1):
        s += a
    for a in range(3):
        s *= 2
    while s > 20:
        s = s // 3
        if s % 5 == 1:
            break
        if s == 9:
            continue
        s -= 1
    o[i] = s
"""

BRANCHES = """
import warp as wp

LIMIT = wp.constant(2)
WEIGHTS = wp.constant(wp.vec2(0.5, 2.0))

@wp.kernel
def k(n: int, f: wp.array[float], o: wp.array2d[int]):
    i, j = wp.tid()
    x = f[i]
    y = 0.5
    r = int(0)
    if x > 1.0:
        r = 1
        y = 2.0
    elif x < y and not i == 1:
        r = 2
    elif x > 3.0 or n < LIMIT or bool(j):
        r = 3
    else:
        if i == 0:
            o[i, j] = 7
            return
        r = 4
    if 0.0 < x < y:
        r += 10
    if 0 <= i < n <= 9:
        r += 100
    if x == y:
        r += 1000
    if x != y:
        r -= 1
    if x >= WEIGHTS[0]:
        r += 2
    flag = True
    if i > j:
        flag = False
    again = flag
    o[i, j] = r if flag and again else -r
"""

FUNCTIONS = """
import warp as wp

@wp.func
def sign(x: float):
    if x < 0.0:
        return -1
    return 1

@wp.func
def both(x: float, n: int):
    if n > 1:
        return x, n
    return x * 2.0, n + sign(x)

@wp.kernel
def k(f: wp.array[float], o: wp.array[float]):
    i = wp.tid()
    x, n = both(f[i], i)
    y, m = both(x, 0)
    for a in range(i):
        n += sign(x)
    o[i] = x + y + float(n * 10 + m) + wp.norm_l1(wp.vec3(x, y, x))
"""

COMPOSITES = """
import warp as wp

mat22i = wp.types.matrix(shape=(2, 2), dtype=int)

@wp.kernel
def k(n: int, a: wp.array[wp.vec3], m: wp.array[wp.mat22], w: wp.array[wp.vec2i], o: wp.array2d[wp.vec3]):
    i = wp.tid()
    v = a[i]
    u = wp.vec3()
    u[0] = v[2]
    u.y = v.x
    u[-1] += 2.0
    u.x -= v[n]
    s = wp.vec3(1.0, u[0], 2.0) + wp.vec3(0.5)
    p, q, r = s[0], s[1], s.z
    t = m[i]
    t[0] = t[1]
    t[1, 0] = p
    t[1, 1] += q
    t[0] -= wp.vec2(r, 1.0)
    m[i] = t * wp.identity(n=2, dtype=wp.float32) + wp.matrix_from_rows(wp.vec2(1.0, 2.0), wp.vec2(3.0, 4.0))
    m[i][1, 0] = 5.0
    m[i][0] = wp.vec2(p, 1.0)
    m[i][0, 1] += 2.0
    a[i].z = 3.0
    a[i][0] = 4.0
    a[i][1] += 2.0
    a[i][2] -= u[0]
    m[i][0] += wp.vec2(1.0, 2.0)
    b = w[i]
    b[0] &= 6
    b[1] |= 8
    b[0] ^= 3
    w[i] = b
    whole = mat22i(1, 2, 3, 4)
    o[i, 0] = s + u * float(whole[1, 0])
    turn = wp.normalize(wp.quat(p, q, r, 1.0))
    turn.w = turn[0]
    if s == u:
        o[i, 1] = wp.quat_rotate(wp.quat_inverse(turn) * wp.quat_identity(), wp.vec3(p, q, r))
"""

ARRAYS = """
import warp as wp

@wp.kernel
def k(x: wp.array3d[float], c: wp.array[int], e: wp.array[wp.vec3i], s: wp.array2d[float], o: wp.array3d[float]):
    i, j, l = wp.tid()
    row = x[i]
    part = x[0, :, l]
    back = row[::-1, 1:]
    old = wp.atomic_add(c, 0, 1)
    wp.atomic_sub(c, 1, i)
    wp.atomic_min(c, 2, -j)
    most = wp.atomic_max(c, -1, l)
    c[4] += j
    s[i, j] += back[j, 0] + part[-1]
    c[3] -= i
    c[5] |= 1 << j
    c[6] ^= i + 1
    c[7] &= ~l
    e[i * 6 + j * 2 + l].x |= 4
    o[i, j, l] = float(old + most)
"""

REPLAYED = """
import warp as wp

@wp.func
def twice(x: float):
    return x, x * 2.0

@wp.func
def first(n: int, x: float):
    for a in range(n):
        if float(a) > x:
            return float(a)
    return x

@wp.kernel
def k(n: int, x: wp.array2d[float], o: wp.array2d[float]):
    i = wp.tid()
    s = float(0.0)
    for a in range(n):
        row = x[:, a]
        v = wp.vec2(row[0], row[-1])
        before = v
        v[1] = s * before.x
        t = s
        good = v.y < 2.0 and not a == 1 or bool(i)
        if good and (a > 1 or s < 1.0):
            s += v[0] * t
        v[0] += 1.0
        p, q = twice(v[0])
        if 0.0 < p <= q:
            s += q
        s += v[1] * v[0]
    o[i, 0] = s + first(n, 0.5)
"""

FOUR = """
import warp as wp

@wp.kernel
def k(o: wp.array4d[int]):
    i, j, l, m = wp.tid()
    o[i, j, l, m] = i * 1000 + j * 100 + l * 10 + m
"""

NUMBERS = """
import warp as wp

@wp.kernel
def k(n: wp.int64, o: wp.array[wp.int64], u: wp.array[wp.uint64], f: wp.array[wp.float64], h: wp.array[wp.float16],
        b: wp.array[wp.bool], y: wp.array[wp.int8], w: wp.array[wp.uint32]):
    x = wp.int64(7)
    for i in range(2):
        x = x * n
    o[0] = x
    u[0] = wp.uint64(18446744073709551615) + wp.uint64(2)
    f[0] = wp.float64(0.1) * wp.float64(1e300) + wp.float64(n)
    h[0] = wp.float16(0.1) + wp.float16(3.0)
    b[0] = bool(n)
    y[0] = wp.int8(100) + wp.int8(100)
    w[0] = ~wp.uint32(5)
    f[1] = wp.float64(wp.sin(0.5)) ** wp.float64(2.0)
"""


def cases() -> dict[str, TestCase]:
    """Return the test cases by name; made anew for each call, for they hold arrays."""
    rows: Any = [[1.0, 2.0, 3.0], [0.25, -1.0, 4.0]]
    return {
        "loops": case_of(parse(LOOPS), 3, n=5, x=[3, 5, 9], o=[0, 0, 0]),
        "branches": case_of(parse(BRANCHES), (4, 2), n=4, f=[0.25, 2.0, 0.5, 0.75], o=[[0, 0]] * 4),
        "functions": case_of(parse(FUNCTIONS), 3, f=[1.5, -2.5, 0.5], o=[0, 0, 0]),
        "composites": case_of(
            parse(COMPOSITES),
            2,
            n=1,
            a=rows,
            m=[[[1, 2], [3, 4]], [[5, 6], [7, 8]]],
            w=[[13, 2], [7, 1]],
            o=[[[0, 0, 0]] * 2] * 2,
        ),
        "arrays": case_of(
            parse(ARRAYS),
            (2, 3, 2),
            x=[[[1, 2], [3, 4], [5, 6]]] * 2,
            c=[0, 0, 0, 0, 0, 0, 0, 7, 0],
            e=[[1, 2, 3]] * 12,
            s=[[0, 0, 0]] * 2,
            o=[[[0, 0]] * 3] * 2,
        ),
        "structs": everything(),
        "replayed": case_of(parse(REPLAYED), 2, n=3, x=[[1, 2, 3], [0.5, 0.25, 2]], o=[[0], [0]]),
        "four": case_of(parse(FOUR), (2, 1, 2, 2), o=[[[[0, 0], [0, 0]]], [[[0, 0], [0, 0]]]]),
        "numbers": case_of(parse(NUMBERS), n=-3, o=[0], u=[0], f=[0, 0], h=[0], b=[False], y=[0], w=[0]),
    }
