"""Kernels as people write them: right ones, and ones that meet a limitation, are undefined, or outside of the language.

A comment at the end of a line names the line that a message is to name. What Warp does not build has a module of its
own, since Warp builds all kernels of a module or none.
"""

from __future__ import annotations

import math
from enum import IntEnum
from typing import Any

import numpy as np
import warp as wp
from warp import vec3d as point

REAL = wp.float64
TABLE = wp.types.matrix(shape=(2, 2), dtype=wp.int32)
SCALE = wp.constant(wp.float64(-0.1))
OFFSETS = wp.constant(wp.vec2d(0.5, -0.25))
TURN = wp.mat22(0.0, -1.0, 1.0, 0.0)
count = 3
LIST = [1.0]
HUGE = math.inf
LARGE = -(10**400)
NUMPY = np.float32(1.0)
WIDE = wp.float32(0.3)


# Right kernels


@wp.kernel
def doubled(a: wp.array(dtype=float), out: wp.array(dtype=float)) -> None:
    i = wp.tid()
    out[i] = 2.0 * a[i]


@wp.kernel
def springs(x: wp.array(dtype=wp.vec3), rest: float, f: wp.array(dtype=wp.vec3), load: wp.array(dtype=wp.vec3)):
    i = wp.tid()
    d = x[i + 1] - x[i]
    length = wp.length(d)
    force = d * ((length - rest) / length)
    wp.atomic_add(f, i, force)
    wp.atomic_sub(f, i + 1, force)
    load[0].y += 0.7
    load[0].y -= 0.1
    load[1][i] = length


@wp.kernel
def blended(a: wp.array(dtype=float), out: wp.array(dtype=float)):
    i = wp.tid()
    out[i] = 0.7 * a[i] + 0.3 * a[i + 1]


@wp.func
def shifted(x: REAL, by: int) -> REAL:
    """A function's text may have a docstring."""
    count = 2  # another than the module's
    return x * SCALE + REAL(by * count)


def factory(captured: float) -> wp.Kernel:
    @wp.kernel(enable_backward=False)
    def of_everything(
        a: wp.array2d(dtype=wp.float64),  # the text of a kernel may have comments,
        at: wp.array(dtype=point),
        scale: wp.vec3,
        flag: wp.bool,
        small: wp.uint8,
    ):
        """A docstring
        of two lines."""
        i, j = wp.tid()
        table = TABLE(1, 2, 3, 4)
        a[i, j] += shifted(a[i, j], count) + OFFSETS[1] + wp.float64(table[1, i])
        turned = TURN * wp.vec2(scale[0], captured)

        if flag and small > wp.uint8(200) and j == 0:
            at[i][1] = wp.float64(turned[0] + turned[1] + math.pi + wp.min(HUGE, wp.pi))

    return of_everything


@wp.kernel
def summed(a: wp.array(dtype=wp.int32), total: wp.array(dtype=wp.int32)):
    i = wp.tid()
    wp.atomic_add(total, 0, a[i])


class Kind(IntEnum):
    PLANE = 0
    BOX = 5


@wp.kernel
def classified(kinds: wp.array(dtype=wp.int32), out: wp.array(dtype=wp.int32)):
    i = wp.tid()
    if kinds[i] == Kind.BOX:
        out[i] = 200 + int(Kind.BOX)


def overloading_sub() -> wp.Kernel:
    @wp.func
    def sub(a: float, b: float) -> float:
        return a * 100.0 + b

    @wp.kernel(module="unique")
    def below(x: wp.array(dtype=float), out: wp.array(dtype=float)):
        i = wp.tid()
        out[i] = x[i] - 1.0
        out[i] -= sub(1.0, 1.0)  # overloaded in place

    return below


def calling_sub() -> wp.Kernel:
    @wp.func
    def sub(a: float, b: float) -> float:
        return b + a

    subtracted = sub
    del sub

    @wp.kernel(module="unique")
    def below(x: wp.array(dtype=float), out: wp.array(dtype=float)):
        i = wp.tid()
        out[i] = subtracted(x[i], 1.0) - 2.0

    return below


HEIGHT = 5


@wp.func
def raised(x: int) -> int:
    return x + HEIGHT


@wp.kernel(module="unique", enable_backward=False)
def capturing(out: wp.array(dtype=wp.int32)):
    out[HEIGHT] = raised(1)


def mixed_up(captured: float) -> wp.Kernel:
    @wp.kernel(module=wp.get_module("mixed_up"), enable_backward=False)
    def of_a_factory(out: wp.array(dtype=float)):
        out[0] = captured

    return of_a_factory


@wp.kernel(module=wp.get_module("broken"))
def innocent(out: wp.array(dtype=float)):
    out[0] = 1.0


@wp.kernel(module=wp.get_module("broken"))
def breaking(out: wp.array(dtype=float)):
    out[0] = LIST


@wp.func
def larger(x: float, y: float) -> float:
    return wp.max(x, y)


WIDTH = 2.0


@wp.func
def halved(x: float, by: float = WIDTH, turn: float = wp.TAU) -> float:
    return x * turn / (by * wp.TAU)


def normed(v: wp.array(dtype=wp.vec3), mask: wp.array(dtype=int), out: wp.array(dtype=float)) -> None:
    i = wp.tid()
    if mask and mask[i] == 0:
        out[i] = -1.0
    else:
        out[i] = halved(wp.norm_l1(v[i]) + wp.norm_l2(v[i]) + wp.smooth_normalize(v[i], 1.0)[0])


undecorated = wp.kernel(normed)


# Departures


@wp.kernel(module="unique")
def planted(out: wp.array(dtype=float)):
    out[wp.tid()] = 77.0


@wp.kernel
def unpacked(v: wp.array(dtype=wp.vec2), copied: wp.array(dtype=wp.vec2), kept: wp.array(dtype=wp.vec2)):
    a = v[0]
    b, c = a, a
    b[0] = 9.0
    copied[0] = b
    kept[0] = a + c


@wp.kernel
def widened(out: wp.array(dtype=wp.float64)):
    out[0] = wp.float64(WIDE)


@wp.kernel(module="unique")
def unequal(a: wp.array(dtype=wp.vec3), out: wp.array(dtype=wp.int32)):
    if a[0] != a[1]:
        out[0] = 1


# Kernels without a defined meaning


@wp.kernel
def beyond(out: wp.array(dtype=float)):
    """A docstring, which
    moves no line."""
    i = wp.tid()
    if i < 1:
        out[i] = 1.0
    elif i < 2:
        out[i] = 2.0
    else:
        out[i + 1] = 3.0  # beyond


@wp.kernel
def racing(out: wp.array(dtype=int)):
    out[0] = wp.tid()  # racing


@wp.func
def squared(x: int) -> int:
    return x * x  # squared


@wp.kernel
def overflowing(out: wp.array(dtype=int)):
    out[0] = squared(out[0])


@wp.kernel
def unset(out: wp.array(dtype=int)):
    if out[0] > 0:
        x = 1
    out[0] = x  # unset


@wp.kernel
def divided(out: wp.array(dtype=int)):
    out[0] = 1 // out[0]  # divided


@wp.kernel
def endless(out: wp.array(dtype=int)):
    while out[0] == 0:
        pass  # endless


@wp.kernel
def decided(a: wp.array(dtype=float), out: wp.array(dtype=float)):
    if wp.sin(a[0]) > a[1]:  # decided
        out[0] = 1.0


# Kernels outside of the language


@wp.kernel
def asserting(out: wp.array(dtype=float)):
    i = wp.tid()
    assert i < 3  # asserting
    out[i] = 1.0


@wp.kernel
def rotated(out: wp.array(dtype=float)):
    if wp.tid() == 0:
        out[0] = wp.quat_to_matrix(wp.quat_identity())[0, 0]  # rotated


@wp.kernel(module="unique")
def listed(out: wp.array(dtype=float)):
    out[0] = LIST  # listed


@wp.kernel(module="unique")
def large(out: wp.array(dtype=float)):
    out[0] = LARGE  # large


@wp.kernel(module="unique")
def numpys(out: wp.array(dtype=float)):
    out[0] = NUMPY  # numpys


WEIGHTS = wp.types.vector(9, float)(0.5)


@wp.kernel(module="unique")
def weighted(out: wp.array(dtype=float)):
    out[0] = WEIGHTS[0]  # weighted


@wp.struct  # structured
class Pair:
    first: float
    turn: wp.transform


@wp.kernel
def structured(pairs: wp.array(dtype=Pair)):
    pairs[0].first = 1.0


@wp.struct
class Body:
    """A body of any size."""

    mass: float
    position: wp.vec3


@wp.struct
class State:
    bodies: wp.array(dtype=Body)
    first: Body
    out: wp.array2d(dtype=wp.vec3)


@wp.func
def twice(x: Any):
    return x + x


@wp.func
def doubled_body(body: Body) -> Body:
    return Body(twice(body.mass), twice(body.position))


@wp.kernel
def moving(state: State, moved: wp.array(dtype=Body)):
    i = wp.tid()
    body = doubled_body(state.bodies[i])
    body.position[0] += state.first.mass
    state.out[i, 0] = body.position
    moved[i] = body


@wp.kernel
def generic(out: wp.array(dtype=Any)):  # generic
    out[0] = out[1]


@wp.func
def overloaded(x: int) -> int:
    return x


@wp.func
def overloaded(x: float) -> float:  # noqa: F811  # what Warp calls an overload
    return x


@wp.kernel
def overloading(out: wp.array(dtype=float)):
    out[0] = overloaded(out[0])  # overloading


@wp.func_native("return x;")
def native(x: float) -> float: ...


@wp.kernel
def foreign(out: wp.array(dtype=float)):
    out[0] = native(out[0])  # foreign


@wp.func
def several(x: float):
    return x, [x]  # tuples


@wp.kernel(module="unique")
def unsupported(
    pairs: wp.array(dtype=Pair),
    turn: wp.transform,  # turned
    out: wp.array(dtype=float),
):
    i = wp.tid()
    assert i < 3  # asserted
    many = [1.0, 2.0]  # list
    first, second = several(pairs[0].first)
    v = wp.vec3(first, many[0], second)
    if i > 0:
        v = wp.transform_vector(turn, v)  # rotation
    out[i] = v[0] + LIST[0]  # captured


@wp.kernel(module="unique")
def mixed(out: wp.array(dtype=float)):
    out[0] = (
        1.0
        + 2  # the statement begins above
    )  # fmt: skip


# Inputs


@wp.kernel
def taking(
    a: wp.array2d(dtype=wp.vec3), flag: bool, small: wp.uint8, whole: int, real: float, v: wp.vec2i, m: wp.mat22
):
    if flag:
        a[0, 0] = wp.vec3(real * m[0, 1], float(whole + v[1]), float(small))


@wp.kernel
def halves(out: wp.array(dtype=wp.float16), v: wp.vec2h):
    out[wp.tid()] = v[0]
