"""Hand-written test cases: the smoke case that every engine must pass, and small ones for single features."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from warp._src import codegen

from grammar import parse
from grammar.types import FLOAT32, FLOAT64, INT32, Element, Vector
from oracle.records import Buffer, BufferRef, Launch, Options, TestCase

VEC3 = Vector(3, FLOAT32)
A, B, OUT = BufferRef("a"), BufferRef("b"), BufferRef("out")

SMOKE = """
import warp as wp

HALF = wp.constant(0.5)

@wp.func
def halved(x: float):
    return x * HALF

@wp.kernel
def k(a: wp.array2d[float], b: wp.array2d[wp.vec3], v: wp.vec3, n: int, h: wp.float16, c: bool, out: wp.array2d[float]):
    i, j = wp.tid()
    s = halved(a[i, j]) + wp.dot(b[i, j], v)
    if c:
        s = s + float(n)
    out[i, j] = s + float(h)
"""

SMOKE_RESULT = [[23.25, 32.75, 42.25], [51.75, 61.25, 70.75]]


def buffer(name: str, values: Any, element: Element = FLOAT32, layout: str = "contiguous") -> Buffer:
    dtype = element.scalar.dtype if isinstance(element, Vector) else getattr(element, "dtype", None)
    return Buffer.of(name, element, np.array(values, dtype), layout)


def smoke(layout: str = "contiguous", options: Options = Options()) -> TestCase:  # noqa: B008  # a frozen record
    return TestCase(
        parse(SMOKE),
        (
            buffer("a", [[1, 2, 3], [4, 5, 6]], FLOAT32, layout),
            buffer("b", [[[0, 1, 2], [3, 4, 5], [6, 7, 8]], [[9, 10, 11], [12, 13, 14], [15, 16, 17]]], VEC3, layout),
            buffer("out", [[0, 0, 0], [0, 0, 0]], FLOAT32, layout),
        ),
        (Launch("k", (2, 3), (A, B, (1.0, 1.5, 0.5), 20, np.float16(0.25), True, OUT)),),
        options,
    )


def scaled(factor: str, values: Any = (1.0, 2.0)) -> TestCase:
    """A kernel that multiplies by a number, given as it stands in the source."""
    text = f"""
import warp as wp

@wp.kernel
def k(a: wp.array[float], out: wp.array[float]):
    i = wp.tid()
    out[i] = a[i] * {factor}
"""
    return TestCase(
        parse(text),
        (buffer("a", values), buffer("out", [0.0] * len(values))),
        (Launch("k", (len(values),), (A, OUT)),),
    )


def overloading(definition: str, expression: str) -> TestCase:
    """One kernel ``k`` that stores what an expression of ``x``, which is 2.0, means with a function ``sub``."""
    body = f"    x = a[0]\n    out[0] = {expression}\n"
    kernel = f"@wp.kernel\ndef k(a: wp.array[float], out: wp.array[float]):\n{body}"
    module = parse(f"import warp as wp\n@wp.func\ndef sub{definition}\n{kernel}")
    return TestCase(module, (buffer("a", [2.0]), buffer("out", [0.0])), (Launch("k", (1,), (A, OUT)),))


def stored_at(index: str, layout: str = "contiguous") -> TestCase:
    """A kernel of one thread that stores 1.0 at an index, given as it stands in the source, of three elements."""
    text = f"""
import warp as wp

@wp.kernel
def k(n: int, out: wp.array[wp.float64]):
    out[{index}] = wp.float64(1.0)
"""
    return TestCase(parse(text), (buffer("out", [0, 0, 0], FLOAT64, layout),), (Launch("k", (1,), (3, OUT)),))


FACTORY = """
import warp as wp

def make(factor):
    @wp.kernel
    def k(a: wp.array[float], out: wp.array[float]):
        out[0] = a[0] * factor
    return k

first = make(0.25)
second = make(0.25390625)
"""


def factory() -> TestCase:
    return TestCase(
        parse(FACTORY),
        (buffer("a", [4096.0]), buffer("b", [0.0]), buffer("out", [0.0])),
        (Launch("first", (1,), (A, B)), Launch("second", (1,), (A, OUT))),
    )


def counting(statement: str) -> TestCase:
    """A kernel with one statement about the int32 counter ``out``."""
    text = f"""
import warp as wp

@wp.kernel
def k(out: wp.array[int]):
    {statement}
"""
    return TestCase(parse(text), (buffer("out", [0, 0], INT32),), (Launch("k", (2,), (OUT,)),))


def plant_bad_constant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plant a fault in Warp that makes text that does not compile of the literal 77.0."""
    print_constant = codegen.constant_str
    monkeypatch.setattr(codegen, "constant_str", lambda x: "planted_fault" if x == 77.0 else print_constant(x))
