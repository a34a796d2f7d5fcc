"""Variables, comparisons and operations of a text as they are executed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grammar.types import BOOL, FLOAT32, FLOAT64, INT32, INT64, UINT8, UINT32, UINT64, Matrix, Scalar, Vector

from .texts import BRANCH, NUMBERS, executed, failed, spelled

# Variables.


@pytest.mark.parametrize(
    ("lines", "stored"),
    [
        ("var_s = var_n;", 7),
        ("var_s = 3;", 3),
        ("var_s = -3;", -3),
        ("var_s = wp::int32(var_n);", 7),
        ("var_s = wp::int(var_n);", 7),
    ],
)
def test_a_variable_takes_a_value(lines: str, stored: int) -> None:
    assert executed(f"{lines}\nwp::array_store(var_o, var_0, var_s);", BRANCH, n=7, o=(INT32, [0])) == [stored]


def test_a_variable_without_a_value_may_be_copied() -> None:
    forward = """
    var_d = var_c;
    var_d = wp::copy(var_c);
    wp::assign(var_d, var_c);
    wp::array_store(var_o, var_0, var_1);
    """
    assert executed(forward, BRANCH, o=(INT32, [0])) == [1]


@pytest.mark.parametrize(
    "line",
    [
        "if (var_d) {\n}",
        "if (!var_d) {\n}",
        "var_c = var_d && var_c;",
        "var_s = wp::add(var_s, var_1);",
        "var_c = (var_s < var_1);",
        "wp::array_store(var_o, var_0, var_s);",
        "var_s += 1;",
        "start_while_0:;\nif ((var_d) == false) goto end_while_0;\nend_while_0:;",
        "start_for_0:;\nif (iter_cmp(var_r) == 0) goto end_for_0;\nend_for_0:;",
        "start_for_0:;\nif (var_s >= 3) goto end_for_0;\nend_for_0:;",
    ],
)
def test_the_use_of_a_variable_without_a_value_is_a_fault_in_that_line(line: str) -> None:
    found = failed(line, f"{BRANCH}wp::range_t var_r;", o=(INT32, [0]))
    used = next(part for part in line.splitlines() if part != "}" and not part.startswith("start"))
    assert found.kind == "uninitialised_read"
    assert found.message == f"a variable is used that has no value yet, at line `{used}` of the text"


def test_a_vector_of_what_has_no_value_may_be_made_but_not_stored() -> None:
    variables = f"{NUMBERS}\nwp::float32 var_x;\nwp::vec_t<2, wp::float32> var_v;"
    forward = "var_v = wp::vec_t<2, wp::float32>(var_x, var_x);"
    assert executed(forward, variables, o=(Vector(2, FLOAT32), [[1, 2]])) == [[1, 2]]
    found = failed(f"{forward}\nwp::array_store(var_o, var_0, var_v);", variables, o=(Vector(2, FLOAT32), [[1, 2]]))
    assert found.kind == "uninitialised_read"
    assert found.message.endswith("at line `wp::array_store(var_o, var_0, var_v);` of the text")


# Comparisons.


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
def test_comparisons(symbol: str, answers: list[bool]) -> None:
    forward = f"var_c = (var_n {symbol} var_2);\nwp::array_store(var_o, var_0, var_c);"
    assert [executed(forward, BRANCH, n=n, o=(BOOL, [False]))[0] for n in (1, 2, 3)] == answers


@pytest.mark.parametrize(("number", "answer"), [(0, False), (1, True), (2, True), (3, False)])
def test_a_chain_holds_if_each_link_does(number: int, answer: bool) -> None:
    forward = "var_c = ((var_0 < var_n) && (var_n < var_3));\nwp::array_store(var_o, var_0, var_c);"
    assert executed(forward, BRANCH, n=number, o=(BOOL, [not answer])) == [answer]


@pytest.mark.parametrize(
    ("left", "right", "symbol", "answer"),
    [
        ("wp::int32 var_x = -1", "wp::uint32 var_y = 1u", "<", False),
        ("wp::int32 var_x = -1", "wp::uint64 var_y = 1ull", ">", True),
        ("wp::int32 var_x = -1", "wp::uint8 var_y = 255", "<", True),
        ("wp::uint8 var_x = 255", "wp::int8 var_y = -1", "==", False),
        ("wp::uint32 var_x = 4294967295u", "wp::int32 var_y = -1", "==", True),
        ("wp::int64 var_x = -1ll", "wp::uint32 var_y = 1u", "<", True),
        ("wp::int32 var_x = 16777217", "wp::float32 var_y = 16777216.0", "==", True),
        ("wp::int32 var_x = 16777217", "wp::float64 var_y = 16777216.0", "==", False),
        ("wp::float32 var_x = 0.1", "wp::float64 var_y = 0.1", "==", False),
        ("wp::float32 var_x = NAN", "wp::float64 var_y = NAN", "!=", True),
        ("bool var_x = true", "wp::int32 var_y = 1", "==", True),
    ],
)
def test_scalars_of_two_types_are_compared_after_the_conversions_of_cpp(
    left: str, right: str, symbol: str, answer: bool
) -> None:
    forward = f"var_c = (var_x {symbol} var_y);\nwp::array_store(var_o, var_0, var_c);"
    variables = f"{NUMBERS}\nconst {left};\nconst {right};\nbool var_c;"
    assert executed(forward, variables, o=(BOOL, [not answer])) == [answer]


@pytest.mark.parametrize(("symbol", "answer"), [("==", True), ("!=", False)])
def test_vectors_are_equal_as_a_whole(symbol: str, answer: bool) -> None:
    forward = f"""
    var_v = wp::vec_t<2, wp::float32>(var_f, var_f);
    var_w = wp::vec_t<2, wp::float32>(var_f);
    var_c = (var_v {symbol} var_w);
    wp::array_store(var_o, var_0, var_c);
    """
    variables = f"""{BRANCH}
    const wp::float32 var_f = 1.0;
    wp::vec_t<2, wp::float32> var_v;
    wp::vec_t<2, wp::float32> var_w;
    """
    assert executed(forward, variables, o=(BOOL, [not answer])) == [answer]


# Operations.


@pytest.mark.parametrize(
    ("scalar", "literal", "name", "stored"),
    [
        (UINT8, "200", "add", 144),
        (UINT32, "4294967295u", "add", 4294967294),
        (UINT64, "0ull", "sub", 0),
        (INT64, "3037000499ll", "mul", 9223372030926249001),
        (FLOAT32, "16777217", "add", 33554432.0),
        (FLOAT64, "0.1", "add", 0.2),
        (FLOAT32, "INFINITY", "mul", np.inf),
        (FLOAT32, "1e30", "mul", np.inf),
    ],
)
def test_constants_and_operations_have_the_declared_type(scalar: Scalar, literal: str, name: str, stored: Any) -> None:
    forward = f"var_s = wp::{name}(var_x, var_x);\nwp::array_store(var_o, var_0, var_s);"
    variables = f"{NUMBERS}\nconst wp::{scalar} var_x = {literal};\nwp::{scalar} var_s;"
    assert executed(forward, variables, o=(scalar, [0])) == [stored]


def test_nan_and_minus_zero_are_constants_too() -> None:
    forward = "wp::array_store(var_o, var_0, var_x);\nwp::array_store(var_o, var_1, var_y);"
    variables = f"{NUMBERS}\nconst wp::float32 var_x = NAN;\nconst wp::float32 var_y = -0.0;"
    nan, zero = executed(forward, variables, o=(FLOAT32, [0, 0]))
    assert np.isnan(nan)
    assert np.signbit(zero)


@pytest.mark.parametrize(
    ("result", "call", "stored"),
    [
        (Vector(3, FLOAT32), "wp::vec_t<3, wp::float32>(var_f, var_g, var_f)", [1, 2, 1]),
        (Vector(3, FLOAT32), "wp::vec_t<3, wp::float32>(var_g)", [2, 2, 2]),
        (Vector(2, FLOAT32), "wp::vec_t<2, wp::float32>()", [0, 0]),
        (Matrix(2, 2, FLOAT32), "wp::mat_t<2, 2, wp::float32>(var_f, var_g, var_g, var_f)", [[1, 2], [2, 1]]),
        (Matrix(2, 2, FLOAT32), "wp::identity<2, wp::float32>()", [[1, 0], [0, 1]]),
        (Matrix(2, 2, FLOAT32), "wp::matrix_from_rows<wp::float32>(var_v, var_w)", [[1, 2], [2, 1]]),
        (Matrix(2, 2, FLOAT32), "wp::matrix_from_cols<wp::float32>(var_v, var_v)", [[1, 1], [2, 2]]),
        (BOOL, "bool(var_f)", True),
        (FLOAT32, "wp::dot(var_v, var_w)", 4.0),
        (FLOAT64, "wp::float64(var_g)", 2.0),
    ],
)
def test_what_a_call_gives(result: Any, call: str, stored: Any) -> None:
    forward = f"""
    var_v = wp::vec_t<2, wp::float32>(var_f, var_g);
    var_w = wp::vec_t<2, wp::float32>(var_g, var_f);
    var_r = {call};
    wp::array_store(var_o, var_0, var_r);
    """
    variables = f"""{NUMBERS}
    const wp::float32 var_f = 1.0;
    const wp::float32 var_g = 2.0;
    wp::vec_t<2, wp::float32> var_v;
    wp::vec_t<2, wp::float32> var_w;
    {spelled(result)} var_r;
    """
    assert executed(forward, variables, o=(result, np.zeros_like([stored]))) == [stored]
