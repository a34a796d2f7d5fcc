"""Functions of a text: results, early returns, overloads, and values that stay the caller's own."""

from __future__ import annotations

from typing import Any

import pytest

from grammar.types import FLOAT32, INT32, Vector

from .texts import BOTH, NUMBERS, SIGN, executed, failed, function


def called(lines: str, functions: str, **given: Any) -> Any:
    variables = f"{NUMBERS}\nwp::int32 var_a;\nwp::float32 var_b;\nbool var_c;"
    return executed(f"{lines}\nwp::array_store(var_o, var_0, var_a);", variables, functions, **given, o=(INT32, [0]))


@pytest.mark.parametrize(("number", "sign"), [(-5, -1), (5, 1)])
def test_a_function_returns_early_or_at_its_end(number: int, sign: int) -> None:
    assert called("var_a = sign_0(var_n);", SIGN, n=number) == [sign]


@pytest.mark.parametrize(("number", "second"), [(-5, 1), (5, 6)])
def test_a_function_gives_several_results(number: int, second: int) -> None:
    assert called("both_0(var_n, var_b, var_a);", BOTH, n=number) == [second]


def test_results_come_in_order() -> None:
    forward = "both_0(var_1, var_b, var_a);\nwp::array_store(var_o, var_0, var_b);"
    variables = f"{NUMBERS}\nwp::int32 var_a;\nwp::float32 var_b;"
    assert executed(forward, variables, BOTH, o=(FLOAT32, [0])) == [0.5]


def test_results_that_were_given_before_the_end_count_without_a_return() -> None:
    ends = function("f_0", "void", "wp::int32 & ret_0\nwp::int32 & ret_1", "ret_1 = 3;\nret_0 = 2;")
    assert called("f_0(var_a, var_n);", ends, n=0) == [2]
    assert called("f_0(var_n, var_a);", ends, n=0) == [3]


def test_what_a_function_returns_may_be_left_unused() -> None:
    assert called("sign_0(var_n);\nvar_a = 5;", SIGN, n=-1) == [5]


def test_a_function_that_ends_without_its_result_gives_no_value() -> None:
    ends = function("f_0", "wp::int32", "wp::int32 var_x", "var_s = wp::copy(var_x);", "wp::int32 var_s;")
    found = failed(
        "var_a = f_0(var_1);\nwp::array_store(var_o, var_0, var_a);",
        f"{NUMBERS}\nwp::int32 var_a;",
        ends,
        o=(INT32, [0]),
    )
    assert found.kind == "uninitialised_read"


def test_a_function_may_give_nothing() -> None:
    stores = function(
        "f_0",
        "void",
        "wp::array_t<wp::int32> var_o\nwp::int32 var_x",
        "wp::array_store(var_o, var_0, var_x);\nreturn;",
        NUMBERS,
    )
    assert executed("f_0(var_o, var_n);", NUMBERS, stores, n=7, o=(INT32, [0])) == [7]


def test_a_function_does_not_change_the_values_of_its_caller() -> None:
    changes = function(
        "f_0",
        "wp::float32",
        "wp::vec_t<2, wp::float32> var_v\nwp::int32 var_i",
        "wp::assign_inplace(var_v, var_i, var_f);\nvar_x = wp::extract(var_v, var_i);\nreturn var_x;",
        "const wp::float32 var_f = 9.0;\nwp::float32 var_x;",
    )
    forward = """
    var_v = wp::vec_t<2, wp::float32>(var_f, var_f);
    var_x = f_0(var_v, var_0);
    wp::array_store(var_o, var_0, var_v);
    """
    variables = f"{NUMBERS}\nconst wp::float32 var_f = 1.0;\nwp::vec_t<2, wp::float32> var_v;\nwp::float32 var_x;"
    assert executed(forward, variables, changes, o=(Vector(2, FLOAT32), [[0, 0]])) == [[1, 1]]


def test_functions_call_functions_whatever_their_order() -> None:
    first = function(
        "outer_0", "wp::int32", "wp::int32 var_x", "var_s = sign_0(var_x);\nreturn var_s;", "wp::int32 var_s;"
    )
    assert called("var_a = outer_0(var_n);", first + SIGN, n=-3) == [-1]


@pytest.mark.parametrize(("argument", "stored"), [("var_1", 10), ("var_f", 20)])
def test_overloads_are_told_apart_by_the_types_of_parameters(argument: str, stored: int) -> None:
    of_int = function("f_0", "wp::int32", "wp::int32 var_x", "return var_t;", "const wp::int32 var_t = 10;")
    of_float = function("f_0", "wp::int32", "wp::float32 var_x", "return var_t;", "const wp::int32 var_t = 20;")
    forward = f"var_a = f_0({argument});\nwp::array_store(var_o, var_0, var_a);"
    variables = f"{NUMBERS}\nconst wp::float32 var_f = 1.0;\nwp::int32 var_a;"
    for functions in (of_int + of_float, of_float + of_int):
        assert executed(forward, variables, functions, o=(INT32, [0])) == [stored]


def test_a_fault_in_a_function_is_told_by_its_line_there() -> None:
    divides = function(
        "f_0", "wp::int32", "wp::int32 var_x", "var_s = wp::floordiv(var_x, var_x);\nreturn var_s;", "wp::int32 var_s;"
    )
    found = failed("var_a = f_0(var_0);", f"{NUMBERS}\nwp::int32 var_a;", divides)
    divided = "var_s = wp::floordiv(var_x, var_x);"
    assert found.message == f"floordiv.int(int32, int32): integer division by zero, at line `{divided}` of the text"
