"""How types and literals are spelled in a text, and that nothing else passes for one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from grammar.types import (
    BOOL,
    FLOAT16,
    FLOAT32,
    FLOAT64,
    INT8,
    INT32,
    INT64,
    UINT8,
    UINT16,
    UINT32,
    UINT64,
    Matrix,
    Scalar,
    Vector,
)
from oracle.text.faults import Unread
from oracle.text.spelling import RANGE, SLICE, Handle, Pointer, TextType, literal, type_named


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("bool", BOOL),
        ("wp::float16", FLOAT16),
        ("wp::uint64", UINT64),
        ("wp::vec_t<3, wp::float32>", Vector(3, FLOAT32)),
        ("wp::vec_t<2, bool>", Vector(2, BOOL)),
        ("wp::mat_t<2, 3, wp::float64>", Matrix(2, 3, FLOAT64)),
        ("wp::float32*", Pointer(FLOAT32)),
        ("wp::mat_t<2, 2, wp::float32>*", Pointer(Matrix(2, 2, FLOAT32))),
        ("wp::array_t<wp::int8>", Handle(INT8)),
        ("wp::array_t<wp::vec_t<4, wp::float32>>", Handle(Vector(4, FLOAT32))),
        ("wp::range_t", RANGE),
        ("wp::slice_t", SLICE),
    ],
)
def test_types_are_read(text: str, type_: TextType) -> None:
    assert type_named(text, {}) == type_


@pytest.mark.parametrize(
    "text",
    [
        "",
        "int",
        "wp::float8",
        "wp::transform_t<wp::float32>",
        "wp::vec_t<3, wp::quat>",
        "wp::vec_t<2, 3, wp::float32>",
        "wp::mat_t<3, wp::float32>",
        "wp::array_t<wp::float32",
        "wp::array_t<wp::array_t<wp::float32>>",
        "wp::float32**",
        "wp::tile_t<wp::float32>",
        "wp::float32 &",
    ],
)
def test_other_types_are_named_as_not_known(text: str) -> None:
    with pytest.raises(Unread, match="the type") as unread:
        type_named(text, {})
    assert unread.value.line == 0


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        ("7", INT32, 7),
        ("-2147483648", INT32, -2147483648),
        ("7ll", INT64, 7),
        ("-9223372036854775808ll", INT64, -9223372036854775808),
        ("4294967295u", UINT32, 4294967295),
        ("18446744073709551615ull", UINT64, 18446744073709551615),
        ("300", UINT8, 44),
        ("-1", UINT16, 65535),
        ("200", INT8, -56),
        ("4294967295u", INT32, -1),
        ("9223372036854775808ull", INT64, -9223372036854775808),
        ("5000000000", INT64, 5000000000),
        ("9223372036854775807", INT64, 9223372036854775807),
        ("-9223372036854775808", INT64, -9223372036854775808),
        ("18446744073709551615", UINT64, 18446744073709551615),
        ("-1u", INT64, 4294967295),
        ("-1ull", INT64, -1),
        ("true", BOOL, True),
        ("false", BOOL, False),
    ],
)
def test_integers_take_the_declared_type_and_wrap(text: str, type_: Scalar, value: int) -> None:
    found = literal(text, type_)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        ("0.5", FLOAT32, 0.5),
        ("-0.0", FLOAT32, -0.0),
        ("0.1", FLOAT32, 0.10000000149011612),
        ("0.1", FLOAT64, 0.1),
        ("0.1", FLOAT16, 0.0999755859375),
        ("1e-05", FLOAT64, 0.00001),
        ("1e+20", FLOAT64, 100000000000000000000.0),
        ("2.5e3f", FLOAT32, 2500.0),
        ("1.5f", FLOAT32, 1.5),
        ("3", FLOAT32, 3.0),
        ("-0", FLOAT32, 0.0),
        ("-1u", FLOAT64, 4294967295.0),
        ("0.1f", FLOAT64, 0.10000000149011612),
        ("1e39f", FLOAT64, math.inf),
        ("INFINITY", FLOAT16, math.inf),
        ("1e39", FLOAT32, math.inf),
        ("INFINITY", FLOAT32, math.inf),
        ("-INFINITY", FLOAT64, -math.inf),
    ],
)
def test_floats_are_rounded_to_the_declared_type(text: str, type_: Scalar, value: float) -> None:
    found = literal(text, type_)
    assert found.dtype == type_.dtype
    assert float(found) == value
    assert math.copysign(1.0, found) == math.copysign(1.0, value)


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        ("wp::initializer_array<2,wp::int32>{3, -4}", Vector(2, INT32), (3, -4)),
        ("wp::initializer_array<3,wp::float64>{0.5, -1.0, INFINITY}", Vector(3, FLOAT64), (0.5, -1.0, math.inf)),
        ("wp::initializer_array<4,wp::int32>{1, 2, 3, 4}", Matrix(2, 2, INT32), ((1, 2), (3, 4))),
    ],
)
def test_vectors_and_matrices_are_read_by_component(text: str, type_: TextType, value: tuple[object, ...]) -> None:
    assert literal(text, type_) == value


@pytest.mark.parametrize("text", ["NAN", "-NAN"])
@pytest.mark.parametrize("type_", [FLOAT16, FLOAT32, FLOAT64])
def test_nan_is_read(text: str, type_: Scalar) -> None:
    found = literal(text, type_)
    assert found.dtype == type_.dtype
    assert np.isnan(found)


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("True", BOOL),
        ("1", BOOL),
        ("true", INT32),
        ("1.0", INT32),
        ("Truell", INT64),
        ("0x10", INT32),
        ("1_000", INT32),
        ("7l", INT64),
        ("18446744073709551616", INT64),
        ("-18446744073709551616ll", INT64),
        ("18446744073709551616ull", UINT64),
        ("9" * 5000, INT64),
        ("010", INT32),
        ("1f", FLOAT32),
        ("18446744073709551616", FLOAT64),
        ("1_0.0", FLOAT32),
        ("inf", FLOAT32),
        ("nan", FLOAT64),
        ("planted_fault", FLOAT32),
        ("", FLOAT32),
        ("1.0", Vector(2, FLOAT32)),
        ("wp::initializer_array<2,wp::float32>{1.0, 2.0, 3.0}", Vector(2, FLOAT32)),
        ("wp::initializer_array<2,wp::float32>{1.0, 2.0}", Vector(3, FLOAT32)),
        ("wp::initializer_array<2,wp::float64>{1.0, 2.0}", Vector(2, FLOAT32)),
        ("0", Handle(FLOAT32)),
    ],
)
def test_what_is_no_literal_of_the_type_is_named(text: str, type_: TextType) -> None:
    with pytest.raises(Unread) as unread:
        literal(text, type_)
    assert unread.value.what == f"the literal {text} of type {type_}"
