"""Every scalar operation against its own record: examples, edges, domains, and where NumPy would be wrong."""

from __future__ import annotations

import itertools
import math
import re
import warnings
from typing import Any

import numpy as np
import pytest

from grammar.ops import TABLE, Op, Overload
from grammar.ops.record import Example
from grammar.types import BOOL, FLOAT16, FLOAT32, FLOAT64, INT8, INT16, INT32, INT64, UINT8, UINT32, UINT64, Scalar

SCALAR_OPS = [
    op
    for op in TABLE.values()
    if all(isinstance(type_, Scalar) for type_ in (*op.samples[0].parameters, op.samples[0].result))
    and op.samples[0].parameters
    and not op.updates
]
EXAMPLES = [pytest.param(op, example, id=f"{op.key}-{example}") for op in SCALAR_OPS for example in op.examples]

by_op = pytest.mark.parametrize("op", SCALAR_OPS, ids=lambda op: op.key)


def typed(type_: Any, literal: Any) -> Any:
    """Make a value of a scalar type from a Python literal."""
    return type_.dtype.type(literal) if type_.is_float else literal


def same(value: Any, expected: Any) -> bool:
    """Say whether two values are of one type and the same bits; NaN is a class."""
    if type(value) is not type(expected):
        return False
    if isinstance(value, (bool, int)):
        return bool(value == expected)
    both_nan = math.isnan(value) and math.isnan(expected)
    return both_nan or (bool(value == expected) and math.copysign(1.0, value) == math.copysign(1.0, expected))


def overload_for(op: Op, example: Example) -> Overload:
    """Choose the overload that an example is about: of its types, or with as many operands of its type as there are."""
    default = FLOAT32 if FLOAT32 in {p for o in op.samples for p in o.parameters} else INT32
    scalar = example.dtype or default.name
    fitting = [o for o in op.samples if all(str(p) in (scalar, "bool") for p in o.parameters)]
    return max(fitting, key=lambda o: sum(str(p) == scalar for p in o.parameters[-2:]))


def call(name: str, scalar: Scalar, *literals: Any) -> Any:
    """Return the value of an operation of operands of one type."""
    return TABLE[name].value(*(typed(scalar, literal) for literal in literals))


def reason(name: str, scalar: Scalar, *literals: Any) -> str | None:
    """Say why an operation on operands of one type is undefined."""
    domain = TABLE[name].domain
    return domain(scalar, *(typed(scalar, literal) for literal in literals)) if domain else None


@pytest.mark.parametrize(("op", "example"), EXAMPLES)
def test_the_examples_hold(op: Op, example: Example) -> None:
    overload = overload_for(op, example)
    arguments = [typed(type_, x) for type_, x in zip(overload.parameters, example.arguments, strict=True)]
    assert overload.domain is None or overload.domain(overload.scalar, *arguments) is None
    value = overload.value(*arguments)
    assert same(value, typed(overload.result, example.value)), value


@by_op
def test_every_operation_has_overloads_examples_and_a_source(op: Op) -> None:
    assert op.samples
    assert len(op.examples) >= 3
    assert op.source
    assert 1 <= op.weight <= 25
    assert len(re.findall(r"\{\d\}", op.spelling)) == len(op.samples[0].arguments)
    assert op.group in {"Scalar Math", "Operators", "Casts", "Utility", "Vector Math"}


def test_what_is_excluded_names_the_sentence_that_leaves_it_open() -> None:
    domains = [domain for op in TABLE.values() if (domain := op.samples[0].domain)]
    assert all(len(domain.left_open.split()) >= 5 for domain in domains)


def test_the_table_has_the_whole_group_of_scalar_math() -> None:
    names = sorted({op.name for op in SCALAR_OPS if op.group == "Scalar Math"})
    assert " ".join(names) == (
        "abs acos asin atan atan2 bit_count cbrt ceil clamp copysign cos cosh degrees erf erfc erfcinv erfinv exp "
        "floor frac isfinite isinf isnan log log10 log2 max min nonzero pow radians rint round sign sin sinh sqrt "
        "step tan tanh trunc"
    )


FLOAT_EDGES = (0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.5, -3.0, 1e-4, 1000.0, -60000.0, math.inf, -math.inf, math.nan)


def edges(type_: Any) -> list[Any]:
    """List operands at the edges of a scalar type."""
    if type_ is BOOL:
        return [False, True]
    if type_.is_integer:
        return sorted(
            {type_.low, type_.low + 1, 0, 1, 2, 7, type_.bits - 1, type_.bits, type_.high} | {max(type_.low, -1)}
        )
    limits = np.finfo(type_.dtype)
    return [*map(type_.dtype.type, FLOAT_EDGES), limits.max, limits.min, limits.tiny, limits.smallest_subnormal]


@by_op
def test_edge_operands_give_a_value_of_the_result_type_or_a_reason(op: Op) -> None:
    defined = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for overload in op.samples:
            for arguments in itertools.product(*map(edges, overload.parameters)):
                if overload.domain and overload.domain(overload.scalar, *arguments) is not None:
                    continue
                value = overload.value(*arguments)
                assert is_of(overload.result, value), (overload.key, arguments, value)
                defined += 1
    assert defined >= len(op.samples)


def is_of(type_: Any, value: Any) -> bool:
    """Say whether a value has the form that the record promises for a type; integers may still be unreduced."""
    if type_.is_float:
        return type(value) is type_.dtype.type
    return type(value) is (bool if type_ is BOOL else int)


@pytest.mark.parametrize("op", [op for op in SCALAR_OPS if op.group == "Casts"], ids=lambda op: op.key)
def test_a_conversion_gives_what_its_type_can_hold(op: Op) -> None:
    for overload in op.samples:
        for x in edges(overload.parameters[0]):
            if overload.domain and overload.domain(overload.scalar, x) is not None:
                continue
            value = overload.value(x)
            if isinstance(overload.result, Scalar) and overload.result.is_integer:
                assert overload.result.low <= value <= overload.result.high, (overload.key, x)


UNBOUNDED = "NaN, or between edges that are not finite, is not documented"


@pytest.mark.parametrize(
    ("name", "scalar", "operands", "expected"),
    [
        ("div.int", INT32, (1, 0), "integer division by zero"),
        ("div.int", INT64, (-9223372036854775808, -1), "the smallest integer divided by -1 overflows"),
        ("floordiv.int", UINT8, (7, 0), "integer division by zero"),
        ("floordiv.int", INT64, (-9223372036854775808, -1), "the smallest integer divided by -1 overflows"),
        ("mod.int", INT32, (-2147483648, -1), "the smallest integer divided by -1 overflows"),
        ("mod.int", INT32, (5, 0), "integer division by zero"),
        ("lshift", INT32, (1, 32), "shift count out of range"),
        ("lshift", UINT8, (1, 8), "shift count out of range"),
        ("lshift", INT32, (1, -1), "shift count out of range"),
        ("rshift", INT16, (1, 16), "shift count out of range"),
        ("rshift", INT16, (1, -1), "shift count out of range"),
        ("copysign", FLOAT32, (1.0, math.nan), "sign of NaN is not fixed"),
        ("int32", FLOAT32, (2147483648.0,), "conversion out of range of int32"),
        ("int32", FLOAT64, (math.nan,), "conversion out of range of int32"),
        ("int8", FLOAT32, (-129.0,), "conversion out of range of int8"),
        ("uint8", FLOAT32, (-1.0,), "conversion out of range of uint8"),
        ("uint64", FLOAT64, (18446744073709551616.0,), "conversion out of range of uint64"),
        ("int64", FLOAT64, (math.inf,), "conversion out of range of int64"),
        ("smoothstep", FLOAT32, (1.0, 1.0, 0.5), "smoothstep between equal edges divides by zero"),
        ("smoothstep", FLOAT32, (0.0, 1.0, math.nan), f"smoothstep of {UNBOUNDED}"),
        ("smoothstep", FLOAT32, (0.0, math.inf, 0.5), f"smoothstep of {UNBOUNDED}"),
    ],
)
def test_what_is_undefined_has_a_reason(name: str, scalar: Scalar, operands: tuple[Any, ...], expected: str) -> None:
    assert reason(name, scalar, *operands) == expected


@pytest.mark.parametrize(
    ("name", "scalar", "operands"),
    [
        ("div.float", FLOAT32, (1.0, 0.0)),
        ("div.int", UINT8, (0, 255)),
        ("mod.float", FLOAT32, (1.0, 0.0)),
        ("floordiv.float", FLOAT32, (-1.0, 0.0)),
        ("floordiv.float", FLOAT64, (1e300, 1e-300)),
        ("lshift", UINT8, (255, 7)),
        ("rshift", INT32, (-5, 31)),
        ("min", FLOAT32, (-0.0, -0.0)),
        ("copysign", FLOAT32, (math.nan, math.nan)),
        ("uint8", FLOAT32, (-0.999,)),
        ("int32", FLOAT32, (-2147483648.0,)),
        ("int8", INT64, (-9223372036854775808,)),
        ("float32", FLOAT64, (math.inf,)),
        ("float16", FLOAT32, (65519.0,)),
        ("log", FLOAT32, (-1.0,)),
        ("acos", FLOAT32, (math.nan,)),
        ("asin", FLOAT64, (math.nan,)),
        ("lshift", INT64, (-1, 0)),
        ("div.int", INT8, (-128, -1)),
        ("mod.int", INT16, (-32768, -1)),
        ("float16", FLOAT32, (65520.0,)),
        ("float16", INT32, (70000,)),
        ("float32", FLOAT64, (1e39,)),
        ("floordiv.float", FLOAT32, (1.0, 0.1)),
        ("floordiv.float", FLOAT64, (-1.0, math.inf)),
        ("smoothstep", FLOAT32, (0.0, 1.0, math.inf)),
    ],
)
def test_what_is_defined_has_no_reason(name: str, scalar: Scalar, operands: tuple[Any, ...]) -> None:
    assert reason(name, scalar, *operands) is None


# The rules that NumPy's functions of similar names do not follow


def test_mod_has_the_sign_of_the_dividend_unlike_remainder() -> None:
    assert same(call("mod.float", FLOAT32, -7.0, 2.0), np.float32(-1.0))
    assert same(call("mod.float", FLOAT64, 7.0, -2.0), np.float64(1.0))
    assert call("mod.int", INT32, -7, 2) == -1
    assert call("mod.int", INT32, 7, -2) == 1


@pytest.mark.parametrize("scalar", [FLOAT16, FLOAT32, FLOAT64], ids=str)
def test_floor_division_floors_the_exact_quotient_as_python_does(scalar: Scalar) -> None:
    tenths = [1.0, 0.5, -0.5, 0.3, 1e4, 7.0, -7.0, 6e4]
    for a, b in itertools.product(tenths, (0.1, -0.1, 3.0, -0.7, 2.0**-10)):
        x, y = scalar.dtype.type(a), scalar.dtype.type(b)
        assert same(call("floordiv.float", scalar, a, b), scalar.dtype.type(float(x) // float(y))), (a, b)


def test_floor_division_rounds_what_has_too_many_digits_once() -> None:
    assert call("floordiv.float", FLOAT32, 16777217.5 * 4, 1.0) == np.float32(67108872.0)
    assert call("floordiv.float", FLOAT32, 1e38, 1e-38) == np.float32(math.inf)
    assert call("floordiv.float", FLOAT64, 1e300, -1e-10) == np.float64(-math.inf)


def test_min_and_max_take_nan_as_missing_unlike_minimum_and_maximum() -> None:
    assert same(call("max", FLOAT32, math.nan, 1.0), np.float32(1.0))
    assert same(call("max", FLOAT32, 1.0, math.nan), np.float32(1.0))
    assert same(call("min", FLOAT16, math.nan, 1.0), np.float16(1.0))
    assert same(call("min", FLOAT64, 1.0, math.nan), np.float64(1.0))


def test_sign_of_zero_is_one_unlike_sign() -> None:
    assert same(call("sign", FLOAT32, 0.0), np.float32(1.0))
    assert call("sign", INT32, 0) == 1


@pytest.mark.parametrize(
    ("x", "expected"),
    [(0.5, 1.0), (-0.5, -1.0), (2.5, 3.0), (0.49999997, 0.0), (-0.49999997, -0.0), (8388607.5, 8388608.0)],
)
def test_round_takes_halves_away_from_zero_unlike_rint_and_floor_of_a_half_more(x: float, expected: float) -> None:
    assert same(call("round", FLOAT32, x), np.float32(expected))


def test_step_is_one_below_zero_unlike_heaviside() -> None:
    assert same(call("step", FLOAT32, -2.0), np.float32(1.0))
    assert same(call("step", FLOAT32, 2.0), np.float32(0.0))
    assert same(call("step", FLOAT32, 0.0), np.float32(0.0))


def test_clamp_takes_nan_as_missing_unlike_clip() -> None:
    assert same(call("clamp", FLOAT32, math.nan, 1.0, 2.0), np.float32(1.0))
    assert same(call("clamp", FLOAT32, math.nan, 2.0, 1.0), np.float32(1.0))
    assert same(call("clamp", FLOAT32, 5.0, 2.0, 1.0), np.float32(1.0))
    assert same(call("clamp", FLOAT32, -5.0, 2.0, 1.0), np.float32(1.0))


def test_integer_division_truncates_unlike_floor_divide() -> None:
    assert call("div.int", INT32, -7, 2) == -3
    assert call("div.int", INT32, 7, -2) == -3
    assert call("floordiv.int", INT32, -7, 2) == -4
    assert call("div.int", INT64, 9223372036854775807, 2) == 4611686018427387903  # exact beyond float64


# Exactness


@pytest.mark.parametrize(
    ("name", "a", "b", "expected"),
    [
        ("eq", np.float32(16777216.0), 16777217, False),
        ("lt", np.float32(16777216.0), 16777217, True),
        ("eq", np.float64(9007199254740992.0), 9007199254740993, False),
        ("gt", 18446744073709551615, np.float32(18446744073709551616.0), False),
        ("lt", -1, 4294967295, True),
        ("eq", np.float32(0.1), np.float64(0.1), False),
        ("lt", np.float64(0.1), np.float32(0.1), True),
        ("eq", np.float16(0.5), np.float64(0.5), True),
        ("eq", True, 1, True),
        ("lt", False, np.float32(0.5), True),
        ("ne", np.float32(math.nan), 0, True),
        ("ge", 70000, np.float16(math.inf), False),
    ],
)
def test_comparisons_of_different_types_are_exact(name: str, a: Any, b: Any, expected: bool) -> None:
    assert TABLE[name].value(a, b) is expected


def test_integers_convert_to_float32_with_one_rounding() -> None:
    near_the_middle = 9007199791611905  # by way of float64 it becomes the middle, which rounds down to even
    assert same(TABLE["float32"].value(near_the_middle), np.float32(9007200328482816.0))
    assert same(TABLE["float32"].value(9223372586610589697), np.float32(9223373136366403584.0))


def test_float16_arithmetic_rounds_once() -> None:
    assert same(call("add", FLOAT16, 2048.0, 1.0), np.float16(2048.0))
    assert same(call("add", FLOAT16, 2048.0, 3.0), np.float16(2052.0))
    assert same(call("mul", FLOAT16, 255.875, 255.875), np.float16(65472.0))
    assert same(call("sub", FLOAT16, 1.0, 0.00024414), np.float16(1.0))


@pytest.mark.parametrize(
    ("target", "x", "expected"),
    [
        (INT8, 128, -128),
        (INT8, -129, 127),
        (INT16, -32769, 32767),
        (INT32, 4294967296, 0),
        (INT64, 18446744073709551615, -1),
        (UINT8, -1, 255),
        (UINT32, -2147483648, 2147483648),
        (UINT64, -1, 18446744073709551615),
    ],
)
def test_integers_convert_modulo_the_width(target: Scalar, x: int, expected: int) -> None:
    assert TABLE[target.name].value(x) == expected


def bits_counted(scalar: Scalar, x: int) -> Any:
    overload = TABLE["bit_count"].match((scalar,))
    assert overload is not None
    return overload.value(x)


def test_bits_are_counted_in_the_width_of_the_type() -> None:
    assert bits_counted(INT8, -1) == 8
    assert bits_counted(INT64, -1) == 64
    assert bits_counted(INT32, -2) == 31


@pytest.mark.parametrize(
    ("name", "operands", "expected"),
    [
        ("pow", (-0.0, -1.0), -math.inf),
        ("pow", (-0.0, -2.0), math.inf),
        ("pow", (-1.0, -math.inf), 1.0),
        ("pow", (0.5, math.inf), 0.0),
        ("pow", (-math.inf, 3.0), -math.inf),
        ("pow", (-math.inf, -3.0), -0.0),
        ("pow", (-2.0, 1e30), math.inf),
        ("pow", (-1e200, 3.0), -math.inf),
        ("pow", (math.nan, 1.0), math.nan),
        ("atan2", (-0.0, 0.0), -0.0),
        ("atan2", (-0.0, -0.0), -math.pi),
        ("atan2", (1.0, 0.0), math.pi / 2),
        ("atan2", (5.0, math.inf), 0.0),
        ("sinh", (-math.inf,), -math.inf),
        ("cosh", (-math.inf,), math.inf),
        ("exp", (math.nan,), math.nan),
        ("log", (-math.inf,), math.nan),
        ("log2", (-0.0,), -math.inf),
        ("erfc", (30.0,), 0.0),
        ("erfinv", (math.nan,), math.nan),
        ("erfcinv", (2.5,), math.nan),
        ("degrees", (math.nan,), math.nan),
        ("acos", (-2.0,), math.pi),
    ],
)
def test_functions_have_the_special_values_of_c(name: str, operands: tuple[float, ...], expected: float) -> None:
    assert same(call(name, FLOAT64, *operands), np.float64(expected))
