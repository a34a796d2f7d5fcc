"""Loops, jumps and branches of a text as they are executed."""

from __future__ import annotations

import pytest

from grammar.types import BOOL, INT32

from .texts import BRANCH, NUMBERS, executed, failed

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
