"""Cutting a text into functions and sections: what is looked at, what is passed over, and where it stands."""

from __future__ import annotations

import pytest

from oracle.text.faults import Line, Unread
from oracle.text.source import NOTHING, Field, Function, Parameter, Section, argument_fields, functions

TEXT = """\
#define WP_TILE_BLOCK_DIM 1
#include "builtin.h"

static wp::float32 declared_only(
    wp::float32 x);

static CUDA_CALLABLE wp::vec_t<3, wp::float32> f_0(
    wp::vec_t<3, wp::float32> var_x,
    wp::array_t<wp::int32> & var_a)
{
    //---------
    // primal vars
    const wp::int32 var_0 = 2;
    //---------
    // forward
    // def f(x, a):                                              <L 4>
    return var_x;
}

static void f_0(
    bool var_x,
    wp::float32 & ret_0,
    wp::int32 & ret_1)
{
    //---------
    // primal vars
    //---------
    // forward
#line 12
    return;
}

struct wp_args_k_1 {
    wp::array_t<wp::vec_t<2, wp::float32>> a;
    wp::int8 scale;
};

struct wp_args_empty_2 {
};

template <bool wp_linear_contiguous>
static void k_1_cpu_kernel_forward(
    wp::launch_bounds_t<1> dim,
    size_t task_index,
    wp_args_k_1 *_wp_args)
{
    static constexpr bool wp_linear_tid = wp_linear_contiguous;

    //---------
    // argument vars
    wp::int8 var_scale = _wp_args->scale;
    //---------
    // forward
    if (var_0) {
        return;
    }
}

extern "C" __global__ void k_1_cuda_kernel_forward(
    wp::launch_bounds_t<1> dim,
    wp::int8 var_scale)
{
    for (size_t task_index = 0;;)
    {
            //---------
        // forward
        continue;
    }
}

static int without_marks(
    int a)
{
    return a;
}
"""


def lines_of(function: Function) -> dict[str, tuple[Line, ...]]:
    return {title: section.lines() for title, section in function.sections.items()}


def test_functions_are_those_with_sections_and_overloads_share_a_name() -> None:
    found = functions(TEXT)
    assert {name: len(several) for name, several in found.items()} == {
        "f_0": 2,
        "k_1_cpu_kernel_forward": 1,
        "k_1_cuda_kernel_forward": 1,
    }


def test_a_function_has_what_it_gives_and_takes_and_its_lines_by_section() -> None:
    found = functions(TEXT)["f_0"][0]
    assert found == Function(
        "f_0",
        "wp::vec_t<3, wp::float32>",
        7,
        (
            Parameter("wp::vec_t<3, wp::float32>", "var_x", False, 8),
            Parameter("wp::array_t<wp::int32>", "var_a", True, 9),
        ),
        Section(11, "    "),
        {
            "primal vars": Section(13, "    const wp::int32 var_0 = 2;\n    "),
            "forward": Section(
                16, "    // def f(x, a):                                              <L 4>\n    return var_x;"
            ),
        },
    )
    assert [parameter.line for parameter in found.parameters] == [8, 9]
    assert found.section("primal vars").lines() == (Line(13, "const wp::int32 var_0 = 2;"),)
    assert found.section("forward").lines() == (Line(17, "return var_x;"),)
    assert found.section("reverse") is NOTHING


def test_functions_are_equal_wherever_their_parameters_stand() -> None:
    assert Parameter("bool", "var_x", False, 8) == Parameter("bool", "var_x", False, 9)


def test_parameters_with_an_ampersand_are_results() -> None:
    parameters = functions(TEXT)["f_0"][1].parameters
    assert [(p.type, p.name) for p in parameters if p.is_result] == [("wp::float32", "ret_0"), ("wp::int32", "ret_1")]
    assert [(p.type, p.name) for p in parameters if not p.is_result] == [("bool", "var_x")]


def test_comments_and_line_directives_are_no_lines_but_count() -> None:
    assert lines_of(functions(TEXT)["f_0"][1]) == {"primal vars": (), "forward": (Line(30, "return;"),)}


def test_what_stands_before_the_first_mark_is_the_prologue() -> None:
    [cpu] = functions(TEXT)["k_1_cpu_kernel_forward"]
    assert cpu.prologue.lines() == (Line(47, "static constexpr bool wp_linear_tid = wp_linear_contiguous;"),)
    assert lines_of(cpu) == {
        "argument vars": (Line(51, "wp::int8 var_scale = _wp_args->scale;"),),
        "forward": (Line(54, "if (var_0) {"), Line(55, "return;"), Line(56, "}")),
    }


def test_an_inner_brace_does_not_end_a_function() -> None:
    [cuda] = functions(TEXT)["k_1_cuda_kernel_forward"]
    assert lines_of(cuda) == {"forward": (Line(67, "continue;"), Line(68, "}"))}
    assert (cuda.result, [p.name for p in cuda.parameters]) == ("void", ["dim", "var_scale"])


def test_kernels_have_their_arguments_in_order() -> None:
    assert argument_fields(TEXT) == {
        "k_1": (Field(34, "wp::array_t<wp::vec_t<2, wp::float32>>", "a"), Field(35, "wp::int8", "scale")),
        "empty_2": (),
    }


@pytest.mark.parametrize(
    ("old", "new", "reason", "line"),
    [
        ("    wp::int8 scale;", "    wp::int8 scale[2];", "the field wp::int8 scale[2];", "    wp::int8 scale[2];"),
        ("struct wp_args_empty_2 {", "struct wp_args_k_1 {", "a second struct wp_args_k_1", "struct wp_args_k_1 {"),
    ],
)
def test_what_is_no_struct_of_arguments_is_named(old: str, new: str, reason: str, line: str) -> None:
    text = TEXT.replace(old, new)
    with pytest.raises(Unread) as unread:
        argument_fields(text)
    assert (unread.value.what, text.splitlines()[unread.value.line - 1]) == (reason, line)


@pytest.mark.parametrize("kept", range(0, len(TEXT), 50))
def test_a_text_that_ends_too_early_has_fewer_functions_and_no_broken_ones(kept: int) -> None:
    whole = functions(TEXT)
    try:
        cut = functions(TEXT[:kept])
    except Unread:
        return
    assert all(whole[name][: len(several)] == several for name, several in cut.items())


@pytest.mark.parametrize("end", ["static void f_1(", "static void f_1()\n{\n    //---------\n    // forw"])
def test_a_text_that_ends_within_a_definition_is_named_where_it_ends(end: str) -> None:
    text = f"{TEXT}\n\n{end}"
    with pytest.raises(Unread) as unread:
        functions(text)
    assert (unread.value.what, unread.value.line) == ("a text that ends within a definition", len(text.splitlines()))


def test_what_is_no_parameter_is_named() -> None:
    with pytest.raises(Unread) as unread:
        functions(TEXT.replace("wp::float32 & ret_0", "wp::float32 ret_0[3]"))
    assert (unread.value.what, unread.value.line) == ("the parameter wp::float32 ret_0[3]", 22)


def test_a_second_section_of_a_title_is_named() -> None:
    with pytest.raises(Unread) as unread:
        functions(TEXT.replace("    // argument vars", "    // forward"))
    assert (unread.value.what, unread.value.line) == ("a second section forward", 53)


def test_a_section_may_lose_an_indentation_and_its_last_line() -> None:
    section = Section(7, "        a;\n        if (b) {\n            c;\n        }\n    }\n")
    assert section.outer() == Section(7, "    a;\n    if (b) {\n        c;\n    }\n}\n")
    assert section.without_last() == Section(7, "        a;\n        if (b) {\n            c;\n        }")
    assert Section(7, "a;\n}\n#line 3\n").without_last() == Section(7, "a;")
    assert Section(7, "}").without_last() == NOTHING.without_last()._replace(number=7) == Section(7, "")
