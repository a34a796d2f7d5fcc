"""What ``wp::`` functions mean: found by name and types, in their own type's range, and undefined where C++ is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from grammar.ops.record import TABLE, Overload
from grammar.types import (
    BOOL,
    FLOAT16,
    FLOAT32,
    FLOAT64,
    INT8,
    INT16,
    INT32,
    INT64,
    UINT8,
    UINT16,
    UINT32,
    UINT64,
    Element,
    Matrix,
    Scalar,
    Type,
    Vector,
)
from oracle.text.faults import Fault
from oracle.text.meanings import comparison, construction, into, is_known, meaning_of, overload_of
from oracle.text.runtime import UNSET

VEC2, MAT22 = Vector(2, FLOAT32), Matrix(2, 2, FLOAT32)
VEC2I = Vector(2, INT32)


def meant(name: str, parameters: tuple[Type, ...], result: Type, *values: Any) -> Any:
    overload = overload_of(name, parameters, result)
    assert overload is not None
    return meaning_of(overload)(*values)


def fault(name: str, parameters: tuple[Type, ...], result: Type, *values: Any) -> tuple[str, str]:
    with pytest.raises(Fault) as raised:
        meant(name, parameters, result, *values)
    return raised.value.kind, raised.value.message


def f32(value: float) -> np.float32:
    return np.float32(value)


def test_operations_are_found_by_name_and_types() -> None:
    found = overload_of("add", (FLOAT32, FLOAT32), FLOAT32)
    assert found is not None
    assert found.key == "add(float32, float32)"


@pytest.mark.parametrize(
    ("name", "parameters", "result"),
    [
        ("add", (FLOAT32, FLOAT64), FLOAT32),
        ("add", (FLOAT32, FLOAT32), FLOAT64),
        ("add", (FLOAT32,), FLOAT32),
        ("adj_add", (FLOAT32, FLOAT32), FLOAT32),
        ("planted_fault", (), FLOAT32),
    ],
)
def test_other_types_and_names_have_no_operation(name: str, parameters: tuple[Type, ...], result: Type) -> None:
    assert overload_of(name, parameters, result) is None


def test_a_name_is_known_whatever_its_types() -> None:
    assert [is_known(name) for name in ("add", "float", "int", "planted_fault", "adj_add")] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_conversions_are_also_called_by_their_macros() -> None:
    assert meant("float", (INT32,), FLOAT32, 16777217) == 16777216.0
    assert meant("int", (FLOAT32,), INT32, f32(-2.75)) == -2


def made(type_: Any, parameters: tuple[Any, ...], *values: Any) -> Any:
    overload = construction(type_, parameters)
    assert overload is not None
    return meaning_of(overload)(*values)


def test_what_makes_a_value_is_found_by_its_type() -> None:
    assert made(VEC2, (FLOAT32, FLOAT32), f32(1), f32(2)) == (1.0, 2.0)
    assert made(VEC2, (FLOAT32,), f32(3)) == (3.0, 3.0)
    assert made(MAT22, (FLOAT32,) * 4, *map(f32, (1, 2, 3, 4))) == ((1.0, 2.0), (3.0, 4.0))
    assert construction(VEC2, (FLOAT32,) * 3) is None


def test_what_is_written_as_a_number_or_a_type_is_known_by_the_result() -> None:
    overload = overload_of("identity", (), MAT22)
    assert overload is not None
    assert overload.key == "identity(2, float32)"
    assert meaning_of(overload)() == ((1.0, 0.0), (0.0, 1.0))


@pytest.mark.parametrize(
    ("symbol", "answers"),
    [
        ("<", [True, False, False]),
        ("<=", [True, True, False]),
        (">", [False, False, True]),
        (">=", [False, True, True]),
        ("==", [False, True, False]),
        ("!=", [True, False, True]),
    ],
)
def test_comparisons_are_found_by_their_operator(symbol: str, answers: list[bool]) -> None:
    found = comparison(symbol, (INT32, INT32), BOOL)
    assert found is not None
    assert [meaning_of(found)(left, 2) for left in (1, 2, 3)] == answers


def test_vectors_have_no_order() -> None:
    assert comparison("<", (VEC2, VEC2), BOOL) is None


@pytest.mark.parametrize(
    ("scalar", "left", "right", "total"),
    [
        (INT8, 127, 1, -128),
        (INT8, -128, -1, 127),
        (INT16, 32767, 1, -32768),
        (UINT8, 255, 1, 0),
        (UINT16, 65535, 2, 1),
        (UINT32, 4294967295, 1, 0),
        (UINT64, 18446744073709551615, 1, 0),
        (INT32, 2147483646, 1, 2147483647),
        (INT64, 9223372036854775806, 1, 9223372036854775807),
    ],
)
def test_narrow_and_unsigned_integers_wrap(scalar: Scalar, left: int, right: int, total: int) -> None:
    assert meant("add", (scalar, scalar), scalar, left, right) == total


@pytest.mark.parametrize(
    ("name", "scalar", "left", "right", "wrapped"),
    [
        ("sub", UINT32, 0, 1, 4294967295),
        ("mul", INT8, 100, 3, 44),
        ("mul", INT8, 100, 4, -112),
        ("mul", UINT16, 256, 257, 256),
        ("mul", UINT64, 4294967296, 4294967296, 0),
    ],
)
def test_products_and_differences_wrap(name: str, scalar: Scalar, left: int, right: int, wrapped: int) -> None:
    assert meant(name, (scalar, scalar), scalar, left, right) == wrapped


@pytest.mark.parametrize(
    ("scalar", "left", "right", "message"),
    [
        (INT32, 2147483647, 1, "2147483648 is no int32"),
        (INT32, -2147483648, -1, "-2147483649 is no int32"),
        (INT64, 9223372036854775807, 1, "9223372036854775808 is no int64"),
    ],
)
def test_overflow_of_wide_signed_integers_is_a_fault(scalar: Scalar, left: int, right: int, message: str) -> None:
    assert fault("add", (scalar, scalar), scalar, left, right) == ("overflow", message)


def test_overflow_of_a_component_is_a_fault() -> None:
    assert meant("add", (VEC2I, VEC2I), VEC2I, (1, 2), (3, 4)) == (4, 6)
    kind, message = fault("add", (VEC2I, VEC2I), VEC2I, (1, 2147483647), (0, 1))
    assert (kind, message) == ("overflow", "2147483648 is no int32")


def test_floats_keep_their_type() -> None:
    found = meant("mul", (FLOAT16, FLOAT16), FLOAT16, np.float16(300), np.float16(300))
    assert (found.dtype, found) == (np.float16, np.inf)
    assert meant("add", (FLOAT32, FLOAT32), FLOAT32, f32(16777216), f32(1)) == 16777216.0


@pytest.mark.parametrize("name", ["floordiv", "mod", "div"])
@pytest.mark.parametrize("scalar", [INT32, UINT8])
def test_division_by_zero_is_a_fault(name: str, scalar: Scalar) -> None:
    kind, message = fault(name, (scalar, scalar), scalar, 7, 0)
    assert kind == "crash"
    assert message.endswith(f"({scalar}, {scalar}): integer division by zero")


def test_division_of_a_component_by_zero_is_a_fault() -> None:
    vector = Vector(2, INT32)
    assert fault("div", (vector, INT32), vector, (7, 8), 0) == (
        "crash",
        "div.vec_scalar(vec2<int32>, int32): integer division by zero",
    )


@pytest.mark.parametrize(
    ("name", "operands", "reason"),
    [
        ("div", (-2147483648, -1), "div.int(int32, int32): the smallest integer divided by -1 overflows"),
        ("lshift", (1, 32), "lshift(int32, int32): shift count out of range"),
        ("rshift", (1, -1), "rshift(int32, int32): shift count out of range"),
    ],
)
def test_integers_and_bits_that_leave_their_type_overflow(name: str, operands: tuple[int, int], reason: str) -> None:
    assert fault(name, (INT32, INT32), INT32, *operands) == ("overflow", reason)


def test_what_is_only_not_documented_is_a_wrong_value() -> None:
    kind, message = fault("copysign", (FLOAT32, FLOAT32), FLOAT32, f32(1.0), f32(math.nan))
    assert (kind, message) == ("wrong_value", "copysign(float32, float32): sign of NaN is not fixed")


def test_what_has_no_value_in_a_type_is_a_fault() -> None:
    kind, message = fault("int32", (FLOAT32,), INT32, f32(3e9))
    assert kind == "overflow"
    assert message.startswith("int32(float32): ")


@pytest.mark.parametrize(
    ("type_", "value", "brought"),
    [
        (UINT8, 256, 0),
        (INT16, 32768, -32768),
        (Vector(2, UINT8), (255, 257), (255, 1)),
        (Matrix(2, 2, UINT8), ((0, 1), (-1, 256)), ((0, 1), (255, 0))),
    ],
)
def test_values_are_brought_into_a_type(type_: Any, value: Any, brought: Any) -> None:
    bring = into(type_)
    assert bring is not None
    assert bring(value) == brought


@pytest.mark.parametrize("type_", [FLOAT32, BOOL, VEC2, MAT22])
def test_floats_and_booleans_need_not_be_brought_into_their_type(type_: Any) -> None:
    assert into(type_) is None


def sample(type_: Element) -> Any:
    return type_.filled(type_.scalar.dtype.type(0.5) if type_.scalar.is_float else 1)


def of_values() -> list[Overload]:
    """Every operation on values, but for those that only pass operands on."""
    passing = {"where", "matrix_from_rows"}
    return [
        overload
        for op in TABLE.values()
        if op.name not in passing
        for overload in op.samples
        if op.group != "Constructors" or op.variant == "convert"
    ]


def test_every_operation_on_a_value_never_set_is_a_fault() -> None:
    for overload in of_values():
        values = [sample(parameter) for parameter in overload.parameters]
        for at in range(len(values)):
            with pytest.raises(Fault) as raised:
                meaning_of(overload)(*values[:at], UNSET, *values[at + 1 :])
            assert raised.value.kind == "uninitialised_read", overload.key
