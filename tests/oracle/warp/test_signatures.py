"""What Warp has registered for builtins."""

from __future__ import annotations

import pytest

from grammar.types import FLOAT32, FLOAT64, INT32, UINT8, Array, Element, Matrix, Vector
from oracle.warp.signatures import registered_result

pytestmark = pytest.mark.warp

VEC3, MAT33, MAT22D = Vector(3, FLOAT32), Matrix(3, 3, FLOAT32), Matrix(2, 2, FLOAT64)


@pytest.mark.parametrize(
    ("name", "parameters", "result"),
    [
        ("add", (FLOAT32, FLOAT32), FLOAT32),
        ("add", (VEC3, VEC3), VEC3),
        ("sin", (FLOAT64,), FLOAT64),
        ("dot", (VEC3, VEC3), FLOAT32),
        ("mul", (MAT33, VEC3), VEC3),
        ("inverse", (MAT22D,), MAT22D),
        ("bit_and", (UINT8, UINT8), UINT8),
        ("atomic_add", (Array(FLOAT32, 1), INT32, FLOAT32), FLOAT32),
        ("dot", (VEC3, FLOAT32), None),
        ("sin", (INT32,), None),
        ("add", (FLOAT32, INT32), None),
    ],
)
def test_a_call_has_the_registered_type(name: str, parameters: tuple[Array | Element, ...], result: Element) -> None:
    assert registered_result(name, parameters) == result
