"""How far the reference's float values are from the exact ones, which mpmath gives to 200 bits.

Half of the inputs are drawn over all bit patterns of the type, so from every binade, and half over the numbers that
kernels compute with; edges come first. The tests ask for a few hundred inputs, the long proof for many more.
"""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from mpmath import mp, mpf  # type: ignore[import-untyped]  # mpmath has no types

from grammar.ops import Op
from grammar.ops.library_bounds import GLIBC, own
from grammar.types import Scalar

PRECISION = 200
"""Bits: more than three times float64's, so that mpmath's own error is out of sight."""


def _erfinv(x: Any) -> Any:
    if abs(x) > mpf("0.5"):
        return mp.sign(x) * _tail(1 - abs(x))
    return mp.findroot(lambda y: mp.erf(y) - x, x, tol=mpf(2) ** -300) if x else x


def _erfcinv(x: Any) -> Any:
    if x > mpf("1.5"):
        return -_tail(2 - x)
    return _tail(x) if x < mpf("0.5") else _erfinv(1 - x)


def _tail(q: Any) -> Any:
    """Solve erfc(y) = q by Newton's method on the logarithm, until a step no longer shows in float64."""
    y = mp.sqrt(-mp.log(q))
    step = y
    while abs(step) > y * mpf(2) ** -80:  # quadratic convergence: the step after this one is below 2**-150
        tail = mp.erfc(y)
        step = mp.log(tail / q) * tail * mp.sqrt(mp.pi) / 2 * mp.exp(y * y)
        y += step
    return y


#: The exact value of every operation that rounds, by name.
EXACT: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "asin": lambda x: mp.asin(min(max(x, mpf(-1)), mpf(1))),
    "acos": lambda x: mp.acos(min(max(x, mpf(-1)), mpf(1))),
    "atan": mp.atan,
    "atan2": mp.atan2,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "sqrt": mp.sqrt,
    "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
    "degrees": lambda x: x * 180 / mp.pi,
    "radians": lambda x: x * mp.pi / 180,
    "log": mp.log,
    "log2": lambda x: mp.log(x) / mp.log(2),
    "log10": lambda x: mp.log(x) / mp.log(10),
    "exp": mp.exp,
    "pow": mp.power,
    "erf": mp.erf,
    "erfc": lambda x: mp.erfc(x) if x < 1000 else mpf(0),  # it is below every float there
    "erfinv": _erfinv,
    "erfcinv": _erfcinv,
}


class Worst(NamedTuple):
    """What a comparison with the exact values showed, in ULP of the exact value in the result's type.

    ``tightness`` is the median share of the bound that the values use: near 0, the bound is loose.
    """

    ulps: float
    bound: float
    tightness: float
    compared: int


def worst_ulps(op: Op, scalar: Scalar, count: int, seed: int) -> Worst:
    """Compare values of an operation on floats of one type with the exact ones.

    Inputs where the exact value does not exist or exceeds the type are drawn but not compared.

    Raises:
        KeyError: The operation does not round.
    """
    exact = EXACT[op.name]
    arity = len(op.samples[0].parameters)
    distances = []
    with mp.workprec(PRECISION), np.errstate(all="ignore"):
        for operands in inputs(scalar, arity, count, random.Random(seed)):
            value = op.value(*operands)
            if math.isfinite(value):
                distances.append(ulps(scalar, value, exact(*(mpf(float(x)) for x in operands))))
    bound = own_bound(op, scalar)
    return Worst(max(distances), bound, statistics.median(distances) / bound, len(distances))


def own_bound(op: Op, scalar: Scalar) -> float:
    """Return the distance from the exact value that the reference promises for its own values.

    Half an ULP where one rounding takes place; narrower types than float64 are rounded from float64, whose own error is
    below 2**-20 of their ULP. In float64 the library's own bound comes on top.
    """
    if scalar.bits < 64:
        return 0.5 + 2.0**-20
    return 0.5 + own(op.name) if op.name in (*GLIBC, "erfinv", "erfcinv") else 0.5


def ulps(scalar: Scalar, value: Any, exact: Any) -> float:
    """Measure the distance of a value from the exact one in units of the last place of the exact one."""
    kind = np.finfo(scalar.dtype)
    exponent = int(mp.frexp(exact)[1]) - 1 if exact else kind.minexp
    spacing = mpf(2) ** (max(exponent, kind.minexp) - kind.nmant)
    return float(abs(mpf(float(value)) - exact) / spacing)


def inputs(scalar: Scalar, arity: int, count: int, draws: random.Random) -> Iterator[tuple[Any, ...]]:
    """Yield operands of a float type: the edges together, then as many drawn ones as wanted."""
    kind = np.finfo(scalar.dtype)
    for edge in (0.25, 0.5, 1.0, 2.0, float(kind.tiny), float(kind.max), float(kind.eps)):
        yield (scalar.dtype.type(edge),) * arity
        yield (scalar.dtype.type(-edge),) * arity
    for _ in range(count):
        yield tuple(_float(scalar, draws) for _ in range(arity))


def _float(scalar: Scalar, draws: random.Random) -> Any:
    if draws.random() < 0.5:
        return scalar.dtype.type(draws.choice((-1, 1)) * 2.0 ** draws.uniform(-8, 6))
    bits = draws.getrandbits(scalar.bits)
    x = np.array(bits, dtype=f"uint{scalar.bits}").view(scalar.dtype)[()]
    return x if math.isfinite(x) else scalar.dtype.type(1)
