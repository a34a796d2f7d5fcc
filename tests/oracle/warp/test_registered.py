"""What Warp has registered for builtins."""

from __future__ import annotations

import pytest

from grammar.ops import TABLE, Op
from grammar.types import FLOAT32, FLOAT64, INT32, UINT8, Array, Element, Matrix, Vector
from oracle.warp.registered import registered_result

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


#: Builtins that Warp registers in another way: written in Python, found by syntax, or of any number of arguments.
OTHERWISE = {
    *("eq", "ne", "lt", "le", "gt", "ge"),
    *("norm_l1", "norm_l2", "norm_huber", "norm_pseudo_huber", "smooth_normalize"),
    *("vector", "matrix", "quaternion", "matrix_from_rows", "matrix_from_cols", "identity", "quat_identity"),
}


@pytest.mark.parametrize("op", [op for op in TABLE.values() if op.name not in OTHERWISE], ids=lambda op: op.key)
def test_every_signature_of_the_table_is_one_that_warp_registers(op: Op) -> None:
    for overload in op.samples:
        operands: tuple[Array | Element, ...] = overload.parameters
        if op.updates:
            operands = (Array(overload.parameters[0], 1), INT32, overload.parameters[1])
        assert registered_result(op.name, operands) == overload.result, overload.key
