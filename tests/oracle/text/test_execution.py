"""Running a test case with a text: threads and launches in order, what comes back, and what a broken text does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from grammar.types import BOOL, FLOAT16, FLOAT32, INT8, INT32, INT64, UINT64, Matrix, Vector
from oracle.records import Executed, Failed, Refused
from oracle.text.execution import run, translated

from .texts import CALLED, SYMBOLS, case_of, executed, failed, function, kernel, outcome

NUMBERS = """
const wp::int32 var_0 = 0;
const wp::int32 var_1 = 1;
const wp::int32 var_2 = 2;
wp::int32 var_i;
wp::int32 var_j;
wp::int32 var_k;
wp::int32 var_l;
wp::int32 var_s;
"""


def test_threads_run_in_order_one_after_the_other() -> None:
    forward = """
    var_i = builtin_tid1d();
    var_s = wp::atomic_add(var_o, var_0, var_1);
    wp::array_store(var_o, var_s, var_i);
    """
    assert executed(forward, NUMBERS, dims=(3,), o=(INT32, [1, 9, 9, 9])) == [4, 0, 1, 2]


def test_the_last_index_of_a_thread_counts_fastest() -> None:
    forward = """
    builtin_tid2d(var_i, var_j);
    var_s = wp::atomic_add(var_o, var_0, var_0, var_1);
    wp::array_store(var_o, var_s, var_0, var_i);
    wp::array_store(var_o, var_s, var_1, var_j);
    """
    found = executed(forward, NUMBERS, dims=(2, 2), o=(INT32, [[1, 0], [9, 9], [9, 9], [9, 9], [9, 9]]))
    assert found == [[5, 0], [0, 0], [0, 1], [1, 0], [1, 1]]


@pytest.mark.parametrize(
    ("line", "dims", "last"),
    [
        ("builtin_tid3d(var_i, var_j, var_k);", (2, 3, 4), 3),
        ("builtin_tid4d(var_i, var_j, var_l, var_k);", (2, 1, 1, 5), 4),
    ],
)
def test_launches_have_up_to_four_dimensions(line: str, dims: tuple[int, ...], last: int) -> None:
    forward = f"{line}\nwp::array_store(var_o, var_0, var_i);\nwp::array_store(var_o, var_1, var_k);"
    assert executed(forward, NUMBERS, dims=dims, o=(INT32, [9, 9])) == [1, last]


def test_an_index_that_is_not_asked_for_does_not_matter() -> None:
    assert executed("wp::atomic_add(var_o, var_0, var_1);", NUMBERS, dims=(2, 3), o=(INT32, [0])) == [6]


def test_another_number_of_indices_than_dimensions_is_ill_typed() -> None:
    found = failed("var_i = builtin_tid1d();", NUMBERS, dims=(2, 3))
    assert found == Failed(
        "ill_typed_text", "1 indices of a thread in 2 dimensions, at line `var_i = builtin_tid1d();` of the text"
    )


def test_launches_follow_each_other_on_the_same_arrays() -> None:
    forward = "var_i = wp::atomic_add(var_o, var_0, var_1);\nwp::array_store(var_o, var_1, var_i);"
    text = kernel(forward, NUMBERS, o="wp::array_t<wp::int32>")
    found = run(case_of(launches=3, o=(INT32, [5, 0])), text, SYMBOLS)
    assert isinstance(found, Executed)
    assert found.arrays["o"].tolist() == [8, 7]


def test_each_launch_runs_its_own_kernel() -> None:
    first = kernel("wp::atomic_add(var_o, var_0, var_2);", NUMBERS, o="wp::array_t<wp::int32>")
    second = kernel("wp::atomic_add(var_o, var_0, var_0);", NUMBERS, o="wp::array_t<wp::int32>").replace("k_1", "m_2")
    found = run(case_of(o=(INT32, [5])), first + second, {"k": "k_1", "m": "m_2"})
    assert isinstance(found, Executed)
    assert found.arrays["o"].tolist() == [7]
    found = run(case_of(o=(INT32, [5])), first + second, {"k": "m_2", "m": "k_1"})
    assert isinstance(found, Executed)
    assert found.arrays["o"].tolist() == [5]


def test_arguments_come_in_the_order_of_the_struct() -> None:
    forward = "var_s = wp::sub(var_a, var_b);\nwp::array_store(var_o, var_0, var_s);"
    assert executed(forward, NUMBERS, a=7, b=2, o=(INT32, [0])) == [5]
    assert executed(forward, NUMBERS, b=2, a=7, o=(INT32, [0])) == [5]


def test_values_of_composite_types_are_passed_as_arguments() -> None:
    forward = "wp::array_store(var_o, var_0, var_v);"
    text = kernel(forward, NUMBERS, v="wp::vec_t<2, wp::float32>", o="wp::array_t<wp::vec_t<2, wp::float32>>")
    case = case_of(v=(np.float32(1), np.float32(2)), o=(Vector(2, FLOAT32), [[0, 0]]))
    found = run(case, text, SYMBOLS)
    assert isinstance(found, Executed)
    assert found.arrays["o"].tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ("element", "content"),
    [
        (BOOL, [True, False]),
        (INT8, [-128, 127]),
        (UINT64, [0, 18446744073709551615]),
        (INT64, [-9223372036854775808, 1]),
        (FLOAT16, [0.5, -0.0]),
        (FLOAT32, [float("inf"), 3.0]),
        (Vector(3, FLOAT32), [[1, 2, 3]]),
        (Matrix(2, 2, INT32), [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]),
        (INT32, [[], []]),
    ],
)
def test_buffers_come_back_in_their_own_type_and_shape(element: object, content: list[object]) -> None:
    found = outcome("return;", o=(element, content))
    assert isinstance(found, Executed)
    [buffer] = case_of(o=(element, content)).buffers
    assert (found.arrays["o"].dtype, found.arrays["o"].shape) == (buffer.data.dtype, buffer.data.shape)
    assert found.arrays["o"].tolist() == buffer.data.tolist()


def test_the_test_case_keeps_its_content() -> None:
    case = case_of(o=(INT32, [5]))
    text = kernel("wp::array_store(var_o, var_0, var_1);", NUMBERS, o="wp::array_t<wp::int32>")
    for _ in range(2):
        found = run(case, text, SYMBOLS)
        assert isinstance(found, Executed)
        assert found.arrays["o"].tolist() == [1]
    assert case.buffers[0].data.tolist() == [5]


def test_what_is_stored_before_a_fault_does_not_come_back() -> None:
    forward = "wp::array_store(var_o, var_0, var_1);\nwp::array_store(var_o, var_2, var_1);"
    found = failed(forward, NUMBERS, o=(INT32, [5, 5]))
    assert (found.kind, found.message) == (
        "out_of_bounds",
        "index 2 of 2 elements, at line `wp::array_store(var_o, var_2, var_1);` of the text",
    )


def test_rounds_are_counted_anew_in_each_launch() -> None:
    forward = """
    var_i = 0;
    start_for_0:;
        if (var_i >= 150000) goto end_for_0;
        var_i += 1;
        goto start_for_0;
    end_for_0:;
    wp::array_store(var_o, var_0, var_i);
    """
    text = kernel(forward, NUMBERS, o="wp::array_t<wp::int32>")
    found = run(case_of(launches=2, o=(INT32, [0])), text, SYMBOLS)
    assert isinstance(found, Executed)
    assert found.arrays["o"].tolist() == [150000]


def test_python_sees_the_names_of_the_text() -> None:
    text = kernel("var_s = wp::add(var_a, var_1);", NUMBERS, a="wp::int32")
    program = translated(text)
    assert list(program.kernels) == ["k_1"]
    assert program.kernels["k_1"].__code__.co_varnames[:2] == ("tid", "var_a")


# Texts that are cut, changed by hand, or of another Warp.

WHOLE = kernel(
    "var_s = f_0(var_1);\nwp::array_store(var_o, var_0, var_s);", NUMBERS, CALLED, o="wp::array_t<wp::int32>"
)


def test_the_whole_text_is_executed() -> None:
    found = run(case_of(o=(INT32, [0])), WHOLE, SYMBOLS)
    assert isinstance(found, Executed)
    assert found.arrays["o"].tolist() == [1]


def test_a_text_that_ends_too_early_is_refused() -> None:
    lengths = range(0, len(WHOLE) - 1, 7)
    assert [n for n in lengths if not isinstance(run(case_of(o=(INT32, [0])), WHOLE[:n], SYMBOLS), Refused)] == []


IDLE_LINES = """
#include "builtin.h"
template <bool wp_linear_contiguous>
wp::launch_bounds_t<1> dim,
size_t task_index,
static constexpr bool wp_linear_tid = wp_linear_contiguous;
const wp::int32 var_2 = 2;
wp::int32 var_i;
wp::int32 var_j;
wp::int32 var_k;
wp::int32 var_l;
//---------
// primal vars
"""


def test_a_text_without_a_line_that_matters_does_not_compute_what_the_whole_one_does() -> None:
    lines = WHOLE.splitlines()
    without = {at: "\n".join(lines[:at] + lines[at + 1 :]) for at in range(len(lines))}
    found = {at: run(case_of(o=(INT32, [0])), text, SYMBOLS) for at, text in without.items()}
    same = {lines[at].strip() for at, o in found.items() if isinstance(o, Executed) and o.arrays["o"].tolist() == [1]}
    assert same - {""} == set(IDLE_LINES.strip().splitlines())


OTHERS = "a text where k_1 takes other arguments than wp_args_k_1 has"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda text: "", "a text without wp_args_k_1"),
        (lambda text: text.replace("_cpu_kernel_forward", "_cpu_kernel_main"), "a text without k_1_cpu_kernel_forward"),
        (lambda text: text.replace("wp::int32 var_x", "wp::int32 var_x[2]"), "the parameter wp::int32 var_x[2]"),
        (lambda text: text.replace("wp::int32 var_x", "wp::int16 var_y"), "the variable var_x"),
        (lambda text: text.replace("wp::int32 var_x", "wp::quat var_x"), "the type wp::quat"),
        (
            lambda text: text.replace("array_t<wp::int32> ", "tile_t<wp::int32> "),
            "the type wp::tile_t<wp::int32>",
        ),
        (
            lambda text: text.replace("= _wp_args->o", "{_wp_args->o}"),
            "the declaration wp::array_t<wp::int32> var_o {_wp_args->o};",
        ),
        (lambda text: text.replace("wp::int32 var_k;", "wp::quat var_k;"), "the type wp::quat"),
        (lambda text: text.replace("array_store", "array_store_v2"), "wp::array_store_v2 without a target"),
        (lambda text: text.replace("f_0(var_1)", "g_0(var_1)"), "the function g_0"),
        (lambda text: text.replace("return var_x;", "co_return var_x;"), "the statement co_return var_x;"),
        (lambda text: text.replace("// primal vars", "// variables"), "the variable var_1"),
        (lambda text: text.replace("// forward", "// body"), "f_0 without a forward section"),
        (
            lambda text: text.replace(
                "    //---------\n    // primal vars\n    const wp::int32 var_0", "const wp::int32 var_0"
            ),
            OTHERS,
        ),
        (lambda text: text.replace("var_o = _wp_args->o", "var_o = _wp_args->p"), OTHERS),
        (lambda text: text.replace("{\n    wp::array_t<wp::int32> o;", "{"), OTHERS),
        (lambda text: text.replace("    wp::array_t<wp::int32> o;", "    wp::array_t<wp::int64> o;"), OTHERS),
        (lambda text: text.replace("var_o = _wp_args->o", "var_o = _wp_adj_args->o"), OTHERS),
        (
            lambda text: text.replace("wp::int32 var_0 = 0", "wp::int32 var_0 = _wp_args->0"),
            "the literal _wp_args->0 of type int32",
        ),
        (lambda text: text + CALLED, "a second f_0 of the same parameters"),
        (lambda text: text + text[text.index("template") :], "a second k_1_cpu_kernel_forward"),
    ],
)
def test_a_text_of_another_kind_is_refused(change: Callable[[str], str], reason: str) -> None:
    changed = change(WHOLE)
    assert changed != WHOLE
    found = run(case_of(o=(INT32, [0])), changed, SYMBOLS)
    assert isinstance(found, Refused)
    assert found.reason == f"not read: {reason}"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda text: text[: text.index("struct")], "a text without wp_args_k_1"),
        (lambda text: text[: text.index("template")], "a text without k_1_cpu_kernel_forward"),
        (lambda text: text[: text.rindex("}")], "a text that ends within a definition"),
        (lambda text: text[: len(text) // 2], "a text that ends within a definition"),
    ],
)
def test_a_text_that_lacks_its_end_is_refused_at_its_last_line(change: Callable[[str], str], reason: str) -> None:
    cut = change(WHOLE)
    found = run(case_of(o=(INT32, [0])), cut, SYMBOLS)
    assert found == Refused(f"not read: {reason}", len(cut.splitlines()))


def test_a_refusal_names_the_line() -> None:
    text = WHOLE.replace("wp::int32 var_k;", "wp::quat var_k;")
    found = run(case_of(o=(INT32, [0])), text, SYMBOLS)
    assert isinstance(found, Refused)
    assert found.line is not None
    assert text.splitlines()[found.line - 1] == "    wp::quat var_k;"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("wp::int32 var_x)", "wp::int32 var_x,\n    wp::int32 & adj_x)"),
        ("return var_x;", "//---------\n    // reverse"),
    ],
)
def test_adjoints_are_not_run_forward(old: str, new: str) -> None:
    adjoint = CALLED.replace("f_0", "adj_f_0").replace(old, f"{new}\n").replace("// forward", "// forward\nunreadable")
    assert adjoint.count(new) == 1
    found = run(case_of(o=(INT32, [0])), adjoint + WHOLE, SYMBOLS)
    assert isinstance(found, Executed)


def test_a_function_of_the_user_may_begin_as_adjoints_do() -> None:
    twice = function(
        "adj_f_0", "wp::int32", "wp::int32 var_x", "var_s = wp::add(var_x, var_x);\nreturn var_s;", NUMBERS
    )
    adjoint = function("adj_f_0", "void", "wp::int32 var_x\nwp::int32 & adj_x\nwp::int32 & adj_ret", "unreadable")
    found = run(case_of(o=(INT32, [0])), adjoint + twice + WHOLE.replace("= f_0(", "= adj_f_0("), SYMBOLS)
    assert isinstance(found, Executed)
    assert found.arrays["o"].tolist() == [2]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("wp::int32 var_x)", "wp::quat var_x)", "wp::quat var_x)"),
        ("static wp::int32 f_0(", "static wp::quat f_0(", "static wp::quat f_0("),
        ("wp::int32 var_x)", "wp::int32 var_x[2])", "wp::int32 var_x[2])"),
        ("    // forward\n    return var_x;", "    // body\n    return var_x;", "static wp::int32 f_0("),
        (
            "var_o = _wp_args->o",
            "var_o = _wp_args->p",
            "static void k_1_cpu_kernel_forward(",
        ),
    ],
)
def test_what_is_refused_in_a_signature_has_its_line(old: str, new: str, line: str) -> None:
    text = WHOLE.replace(old, new)
    found = run(case_of(o=(INT32, [0])), text, SYMBOLS)
    assert isinstance(found, Refused)
    assert found.line is not None
    assert text.splitlines()[found.line - 1].strip() == line
