"""Kernels whose operators a function of this file overloads, so that none that means them otherwise can stand here."""

from __future__ import annotations

import warp as wp

from . import own_kernels
from .own_kernels import halved

div = own_kernels.larger


@wp.struct
class Pair:
    first: float


@wp.func
def add(a: Pair, b: Pair) -> Pair:
    return Pair(a.first + b.first)


@wp.func
def sub(a: float, b: float) -> float:
    return a * 100.0 + b


@wp.func
def before(a: float) -> float:
    return a - 1.0


@wp.kernel(module="unique")
def below(x: wp.array(dtype=float), out: wp.array(dtype=float)):
    i = wp.tid()
    y = x[i] - 1.0
    y -= 3.0
    out[i] = before(y) + float(i - 7)


@wp.kernel(module="unique")
def of_another_name(x: wp.array(dtype=float), out: wp.array(dtype=float)):
    i = wp.tid()
    out[i] = x[i] / 4.0


@wp.kernel(module="unique")
def between(x: wp.array(dtype=float), out: wp.array(dtype=float)):
    out[0] = halved(x[0]) / x[0]
