"""Statements as they are executed: loops and jumps, branches, functions, comparisons, and what is not known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grammar.types import BOOL, FLOAT32, FLOAT64, INT32, INT64, UINT8, UINT32, UINT64, Matrix, Scalar, Vector

from .texts import executed, failed, function, refused, spelled

NUMBERS = """
const wp::int32 var_0 = 0;
const wp::int32 var_1 = 1;
const wp::int32 var_2 = 2;
const wp::int32 var_3 = 3;
"""


# Loops.

RANGE = f"""{NUMBERS}
wp::range_t var_r;
wp::range_t var_inner;
wp::int32 var_i;
wp::int32 var_j;
wp::int32 var_s;
wp::int32 var_t;
bool var_c;
"""


def counted(body: str) -> str:
    """A loop over ``range(var_n)`` that adds to the variable ``var_s``, which is stored at the end."""
    return f"""
    var_s = wp::copy(var_0);
    var_r = wp::range(var_n);
    start_for_0:;
        if (iter_cmp(var_r) == 0) goto end_for_0;
        var_i = wp::iter_next(var_r);
        {body}
        goto start_for_0;
    end_for_0:;
    wp::array_store(var_o, var_0, var_s);
    """


ADDED = "var_t = wp::add(var_s, var_i);\nwp::assign(var_s, var_t);\n"


@pytest.mark.parametrize(
    ("body", "total"),
    [
        (ADDED, 15),
        (f"var_c = (var_i == var_2);\nif (var_c) {{\ngoto start_for_0;\n}}\n{ADDED}", 13),
        (f"var_c = (var_i == var_2);\nif (var_c) {{\ngoto end_for_0;\n}}\n{ADDED}", 1),
        (f"{ADDED}var_c = (var_i == var_2);\nif (var_c) {{\ngoto end_for_0;\n}}\n", 3),
        (f"{ADDED}var_c = (var_i == var_2);\nif (!var_c) {{\ngoto start_for_0;\n}}\n{ADDED}", 17),
        (f"{ADDED}return;", 0),
    ],
)
def test_a_loop_runs_continues_and_breaks(body: str, total: int) -> None:
    assert executed(counted(body), RANGE, n=6, o=(INT32, [0])) == [total]


def inner(body: str) -> str:
    return f"""
    var_inner = wp::range(var_3);
    start_for_2:;
        if (iter_cmp(var_inner) == 0) goto end_for_2;
        var_j = wp::iter_next(var_inner);
        {body}
        var_t = wp::add(var_s, var_1);
        wp::assign(var_s, var_t);
        goto start_for_2;
    end_for_2:;
    """


@pytest.mark.parametrize(
    ("body", "after", "total"),
    [
        ("", "", 12),
        ("var_c = (var_i <= var_j);\nif (var_c) {\ngoto end_for_2;\n}", "", 6),
        ("var_c = (var_i <= var_j);\nif (var_c) {\ngoto start_for_2;\n}", "", 6),
        ("var_c = (var_i == var_j);\nif (var_c) {\ngoto start_for_2;\n}", "", 9),
        ("", "var_c = (var_i == var_1);\nif (var_c) {\ngoto end_for_0;\n}", 6),
        ("", ADDED, 18),
    ],
)
def test_jumps_belong_to_the_innermost_loop(body: str, after: str, total: int) -> None:
    assert executed(counted(inner(body) + after), RANGE, n=4, o=(INT32, [0])) == [total]


def test_an_inner_loop_starts_anew_in_each_round() -> None:
    body = "var_inner = wp::range(var_i);" + inner(ADDED).replace("var_inner = wp::range(var_3);", "")
    assert executed(counted(body), RANGE, n=4, o=(INT32, [0])) == [0 + 1 + 1 + 2 + 1 + 2 + 1 + 3 + 1 + 3 + 1 + 3 + 1]


WHILE = """
var_s = wp::copy(var_0);
start_while_0:;
    var_c = (var_s < var_n);
    if ((var_c) == false) goto end_while_0;
    var_t = wp::add(var_s, var_3);
    wp::assign(var_s, var_t);
    {body}
    goto start_while_0;
end_while_0:;
wp::array_store(var_o, var_0, var_s);
"""


@pytest.mark.parametrize(
    ("body", "last"),
    [
        ("", 12),
        ("var_c = (var_s >= var_limit);\nif (var_c) {\ngoto end_while_0;\n}", 6),
        ("goto start_while_0;\nwp::assign(var_s, var_limit);", 12),
    ],
)
def test_a_while_loop_asks_before_each_round(body: str, last: int) -> None:
    variables = f"{RANGE}const wp::int32 var_limit = 5;"
    assert executed(WHILE.format(body=body), variables, n=10, o=(INT32, [0])) == [last]


def test_a_condition_that_is_false_at_once_leaves_no_round() -> None:
    assert executed(WHILE.format(body=""), RANGE, n=0, o=(INT32, [7])) == [0]


@pytest.mark.parametrize(
    ("start", "end", "step", "total"),
    [("0", ">= 100", "1", 4950), ("10", "<= -2", "-3", 10 + 7 + 4 + 1), ("5", ">= 5", "1", 0)],
)
def test_a_loop_over_a_constant_range_steps_its_counter(start: str, end: str, step: str, total: int) -> None:
    forward = f"""
    var_s = wp::copy(var_0);
    var_j = {start};
    start_for_0:;
        if (var_j {end}) goto end_for_0;
        var_i = var_j;
        var_j += {step};
        {ADDED}
        goto start_for_0;
    end_for_0:;
    wp::array_store(var_o, var_0, var_s);
    """
    assert executed(forward, RANGE, o=(INT32, [-1])) == [total]


def test_a_loop_that_does_not_jump_back_has_one_round() -> None:
    without = counted(ADDED + "var_t = wp::add(var_s, var_3);\nwp::assign(var_s, var_t);")
    without = without.replace("goto start_for_0;\n    end_for_0", "end_for_0")
    assert executed(without, RANGE, n=6, o=(INT32, [0])) == [3]


@pytest.mark.parametrize(
    "lines",
    [
        "start_while_0:;\ngoto start_while_0;\nend_while_0:;",
        "start_while_0:;\nif ((var_c) == false) goto start_while_0;\ngoto start_while_0;\nend_while_0:;",
        "start_for_0:;\nvar_s = wp::copy(var_0);\nif (var_s >= 1) goto end_for_0;\ngoto start_for_0;\nend_for_0:;",
    ],
)
def test_a_loop_that_does_not_end_is_a_hang(lines: str) -> None:
    found = failed(f"var_c = (var_0 == var_1);\n{lines}", RANGE)
    assert found.kind == "hang"
    assert found.message.startswith("more than 200000 rounds of loops, at line `start_")


# Branches.

BRANCH = f"{NUMBERS}\nbool var_c;\nbool var_d;\nwp::int32 var_s;\n"


@pytest.mark.parametrize(("number", "stored"), [(0, [1, 0, 1]), (3, [0, 2, 1])])
def test_a_branch_and_its_opposite(number: int, stored: list[int]) -> None:
    forward = """
    var_c = (var_n < var_2);
    if (var_c) {
        wp::array_store(var_o, var_0, var_1);
    }
    if (!var_c) {
        wp::array_store(var_o, var_1, var_2);
    }
    wp::array_store(var_o, var_2, var_1);
    """
    assert executed(forward, BRANCH, n=number, o=(INT32, [0, 0, 0])) == stored


@pytest.mark.parametrize(("number", "stored"), [(0, 1), (1, 2), (2, 3)])
def test_branches_nest(number: int, stored: int) -> None:
    forward = """
    var_c = (var_n == var_0);
    if (var_c) {
        wp::array_store(var_o, var_0, var_1);
    }
    if (!var_c) {
        var_d = (var_n == var_1);
        if (var_d) {
            wp::array_store(var_o, var_0, var_2);
        }
        if (!var_d) {
            wp::array_store(var_o, var_0, var_3);
        }
    }
    """
    assert executed(forward, BRANCH, n=number, o=(INT32, [0])) == [stored]


@pytest.mark.parametrize(("number", "stored"), [(0, 1), (3, 2)])
def test_a_kernel_returns_early(number: int, stored: int) -> None:
    forward = """
    wp::array_store(var_o, var_0, var_1);
    var_c = (var_n < var_2);
    if (var_c) {
        return;
    }
    wp::array_store(var_o, var_0, var_2);
    """
    assert executed(forward, BRANCH, n=number, o=(INT32, [0])) == [stored]


def test_an_empty_branch_does_nothing() -> None:
    forward = "if (var_n) {\n}\nif (!var_n) {\n}\nwp::array_store(var_o, var_0, var_1);"
    assert executed(forward, BRANCH, n=0, o=(INT32, [0])) == [1]


@pytest.mark.parametrize(
    ("operator", "answers"), [("&&", [False, False, False, True]), ("||", [False, True, True, True])]
)
def test_connectives_give_booleans(operator: str, answers: list[bool]) -> None:
    forward = f"var_c = var_x {operator} var_y;\nwp::array_store(var_o, var_0, var_c);"
    found = [executed(forward, BRANCH, x=x, y=y, o=(BOOL, [False])) for x in (0, 2) for y in (0, 7)]
    assert found == [[answer] for answer in answers]


@pytest.mark.parametrize(("operator", "decided"), [("&&", 0), ("||", 1)])
def test_a_connective_looks_at_its_right_side_only_if_the_left_does_not_decide(operator: str, decided: int) -> None:
    forward = f"var_c = var_x {operator} var_d;\nwp::array_store(var_o, var_0, var_c);"
    assert executed(forward, BRANCH, x=decided, o=(BOOL, [False])) == [bool(decided)]
    assert failed(forward, BRANCH, x=1 - decided, o=(BOOL, [False])).kind == "uninitialised_read"


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


# Functions.


def called(lines: str, functions: str, **given: Any) -> Any:
    variables = f"{NUMBERS}\nwp::int32 var_a;\nwp::float32 var_b;\nbool var_c;"
    return executed(f"{lines}\nwp::array_store(var_o, var_0, var_a);", variables, functions, **given, o=(INT32, [0]))


SIGN = function(
    "sign_0",
    "wp::int32",
    "wp::int32 var_x",
    """
    var_c = (var_x < var_0);
    if (var_c) {
        return var_minus;
    }
    return var_1;
    """,
    f"{NUMBERS}const wp::int32 var_minus = -1;\nbool var_c;",
)
BOTH = function(
    "both_0",
    "void",
    """
    wp::int32 var_x
    wp::float32 & ret_0
    wp::int32 & ret_1
    """,
    """
    var_c = (var_x < var_0);
    if (var_c) {
        ret_0 = var_f;
        ret_1 = var_1;
        return;
    }
    var_s = wp::add(var_x, var_1);
    ret_0 = var_f;
    ret_1 = var_s;
    return;
    """,
    f"{NUMBERS}const wp::float32 var_f = 0.5;\nbool var_c;\nwp::int32 var_s;",
)


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


# What is not known, and what does not fit.

OWN = f"""{NUMBERS}
const wp::float32 var_f = 1.0;
wp::float32 var_x;
wp::int32 var_i;
bool var_c;
wp::range_t var_r;
wp::vec_t<3, wp::float32> var_v;
"""


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("var_i = wp::planted_fault(var_0);", "wp::planted_fault of int32"),
        ("wp::planted_fault(var_0);", "wp::planted_fault without a target"),
        ("wp::add(var_0, var_1);", "wp::add without a target"),
        ("var_i = planted_0(var_0);", "the function planted_0"),
        ("planted_0();", "the function planted_0"),
        ("var_q = wp::add(var_0, var_1);", "the variable var_q"),
        ("var_i = wp::add(var_0, var_q);", "the variable var_q"),
        ("var_i = wp::add(var_0, 1);", "the variable 1"),
        ("var_i = var_q;", "the literal var_q of type int32"),
        ("var_i = 1.5;", "the literal 1.5 of type int32"),
        ("var_q = 1;", "the variable var_q"),
        ("var_c = (var_q < var_0);", "the variable var_q"),
        ("var_q = (var_0 < var_0);", "the variable var_q"),
        ("var_c = var_c && var_q;", "the variable var_q"),
        ("var_q += 1;", "the variable var_q"),
        ("if (var_q) {", "the variable var_q"),
        ("return var_q;", "the variable var_q"),
        ("var_q = builtin_tid1d();", "the variable var_q"),
        ("var_p = &(wp::index(var_a, var_0));", "the variable var_p"),
        ("wp::store(&(wp::index(var_q, var_0).component_ref(var_0)), var_f);", "the variable var_q"),
        ("wp::store(&(wp::index(var_a, var_q).component_ref(var_0)), var_f);", "the variable var_q"),
        ("goto end_for_0;", "the jump to end_for_0"),
        ("goto label0;", "the jump to label0"),
        ("label0:;", "the label label0"),
        ("end_for_0:;", "the label end_for_0"),
        ("if (iter_cmp(var_q) == 0) goto end_for_0;", "the variable var_q"),
        ("if ((var_q) == false) goto end_for_0;", "the variable var_q"),
        ("if (var_q >= 3) goto end_for_0;", "the variable var_q"),
        ("var_x += 1;", "a counter of type float32"),
        ("*var_i = var_0;", "the statement *var_i = var_0;"),
        ("var_v = wp::quat_t<wp::float32>(var_f);", "quat_t<wp::float32>"),
        ("var_i = f_0<3>(var_0);", "f_0<3>"),
    ],
)
def test_what_is_not_known_is_refused_with_its_line(line: str, reason: str) -> None:
    assert refused(line, OWN, a=(FLOAT32, [0])) == (f"not read: {reason}", line)


@pytest.mark.parametrize(
    ("forward", "reason", "line"),
    [
        ("if (var_c) {", "a loop or block that does not end", "if (var_c) {"),
        ("start_for_0:;", "a loop or block that does not end", "start_for_0:;"),
        ("start_for_0:;\n}", "a block that ends within a loop", "}"),
        ("}", "a block that ends within a loop", "}"),
        ("start_for_0:;\nend_for_1:;", "the label end_for_1", "end_for_1:;"),
        ("start_for_0:;\nif (var_c) {\nend_for_0:;", "the label end_for_0", "end_for_0:;"),
        (
            "start_for_0:;\nstart_for_2:;\ngoto end_for_0;\nend_for_2:;\nend_for_0:;",
            "the jump to end_for_0",
            "goto end_for_0;",
        ),
    ],
)
def test_blocks_and_loops_that_do_not_close_are_refused(forward: str, reason: str, line: str) -> None:
    assert refused(forward, OWN) == (f"not read: {reason}", line)


@pytest.mark.parametrize(
    ("variable", "reason"),
    [
        ("wp::quat_t<wp::float32> var_z;", "the type wp::quat_t<wp::float32>"),
        ("const wp::float32 var_z = planted_fault;", "the literal planted_fault of type float32"),
        ("const wp::vec_t<3, wp::float32> var_z = 1.0;", "the literal 1.0 of type vec3<float32>"),
        ("wp::float32 var_z[3];", "the declaration wp::float32 var_z[3];"),
    ],
)
def test_a_declaration_that_is_not_known_is_refused_with_its_line(variable: str, reason: str) -> None:
    assert refused("return;", f"{NUMBERS}\n{variable}") == (f"not read: {reason}", variable)


@pytest.mark.parametrize(
    ("line", "conflict"),
    [
        ("var_x = wp::add(var_f, var_0);", "float32 = add(float32, int32)"),
        ("var_i = wp::add(var_f, var_f);", "int32 = add(float32, float32)"),
        ("var_i = wp::add(var_0);", "int32 = add(int32)"),
        ("var_v = wp::vec_t<3, wp::float32>(var_f, var_f);", "vec3<float32> = vec_t(float32, float32)"),
        ("var_v = wp::vec_t<2, wp::float32>(var_f);", "vec3<float32> = vec_t<2, wp::float32>"),
        ("var_v = wp::vec_t<3, wp::float64>(var_f);", "vec3<float32> = vec_t<3, wp::float64>"),
        ("var_c = bool(var_v);", "bool = bool(vec3<float32>)"),
        ("var_c = (var_v < var_v);", "vec3<float32> < vec3<float32>"),
        ("var_c = (var_v == var_f);", "vec3<float32> == float32"),
        ("var_i = (var_0 < var_1);", "var_i is int32, not bool"),
        ("var_i = var_c && var_c;", "var_i is int32, not bool"),
        ("var_c = var_c && var_v;", "vec3<float32> as a condition"),
        ("var_c = var_v || var_c;", "vec3<float32> as a condition"),
        ("if (var_v) {", "vec3<float32> as a condition"),
        ("var_x = var_i;", "var_x is float32, var_i is int32"),
        ("var_x = builtin_tid1d();", "float32 in the place of an integer"),
        ("return var_i;", "return of int32"),
        ("var_x = sign_0(var_i);", "float32 = sign_0(int32)"),
        ("var_i = sign_0(var_x);", "int32 = sign_0(float32)"),
        ("var_i = sign_0(var_i, var_i);", "int32 = sign_0(int32, int32)"),
        ("sign_0(var_i, var_i);", "sign_0(int32, int32)"),
        ("both_0(var_i, var_i, var_x);", "both_0(int32, int32, float32)"),
        ("both_0(var_i);", "both_0(int32)"),
        ("var_i = both_0(var_i, var_x, var_i);", "int32 = both_0(int32, float32, int32)"),
    ],
)
def test_types_that_do_not_fit_are_a_conflict_in_that_line(line: str, conflict: str) -> None:
    closed = line + "\n}" * line.endswith("{")
    found = failed(closed, OWN, SIGN + BOTH)
    assert (found.kind, found.message) == ("ill_typed_text", f"line `{line}`: {conflict}")


@pytest.mark.parametrize(
    ("forward", "conflict"),
    [
        ("return var_f;", "line `return var_f;`: return of float32"),
        ("return;", "line `return;`: return of "),
    ],
)
def test_a_function_returns_what_it_says(forward: str, conflict: str) -> None:
    gives = function("f_0", "wp::int32", "wp::int32 var_x", forward, "const wp::float32 var_f = 1.0;")
    assert failed("return;", OWN, gives).message == conflict


def test_what_is_not_known_goes_before_what_does_not_fit() -> None:
    forward = "var_x = wp::add(var_f, var_0);\nvar_i = wp::planted_fault(var_0);"
    reason, line = refused(forward, OWN)
    assert (reason, line) == ("not read: wp::planted_fault of int32", "var_i = wp::planted_fault(var_0);")


def test_the_first_conflict_is_told() -> None:
    found = failed("var_x = var_i;\nvar_i = var_x;", OWN)
    assert found.message == "line `var_x = var_i;`: var_x is float32, var_i is int32"
