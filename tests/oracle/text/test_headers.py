"""What stands before the functions of a text: the header, and the macros that statements use."""

from __future__ import annotations

import pytest

from oracle.text.faults import Target
from oracle.text.headers import unknown_header

CPP = """\
#include "builtin.h"
#define builtin_tid1d() wp::linear_tid<wp_linear_tid>(task_index, dim)
#define builtin_tid2d(x, y) wp::tid(x, y, task_index, dim)
#define float(x) cast_float(x)
#define adj_float(x, adj_x, adj_ret) adj_cast_float(x, adj_x, adj_ret)
#define int(x) cast_int(x)
    // x = float(y)
    builtin_tid2d(var_0, var_1);
    var_1 = wp::float(var_0);
    wp::adj_float(var_0, adj_0, adj_1);
"""
CUDA = """\
#include "builtin.h"
#define builtin_tid1d() wp::tid(_idx, dim)
#define builtin_tid2d(x, y) wp::tid(x, y, _idx, dim)
#define int(x) cast_int(x)
    var_0 = builtin_tid1d();
    var_1 = wp::int(var_0);
"""


def departures(text: str, target: Target) -> list[tuple[str, str]]:
    return [(found.expected, found.actual) for found in unknown_header(text, target)]


@pytest.mark.parametrize(("text", "target"), [(CPP, "cpu"), (CUDA, "cuda")])
def test_the_header_and_macros_of_a_target_are_known(text: str, target: Target) -> None:
    assert departures(text, target) == []


def test_the_index_of_a_thread_is_not_that_of_the_other_target() -> None:
    assert len(departures(CUDA, "cpu")) == len(departures(CPP, "cuda")) == 1


def test_a_text_includes_what_declares_the_operations() -> None:
    assert departures(CPP.replace('#include "builtin.h"', '#include "other.h"'), "cpu") == [
        ('#include "builtin.h"', "")
    ]


@pytest.mark.parametrize(
    ("known", "other"),
    [
        ("#define float(x) cast_float(x)", "#define float(x) cast_int(x)"),
        ("#define float(x) cast_float(x)", "#define float(x) float(x)"),
        (
            "#define adj_float(x, adj_x, adj_ret) adj_cast_float(x, adj_x, adj_ret)",
            "#define adj_float(x, adj_ret, adj_x) adj_cast_float(x, adj_x, adj_ret)",
        ),
        (
            "#define builtin_tid2d(x, y) wp::tid(x, y, task_index, dim)",
            "#define builtin_tid2d(y, x) wp::tid(x, y, task_index, dim)",
        ),
    ],
)
def test_a_macro_of_another_form_departs(known: str, other: str) -> None:
    assert departures(CPP.replace(known, other), "cpu") == [(known, other)]
    assert departures(f"{CPP}{other}\n", "cpu") == [(known, other)]


def test_a_departure_names_the_line() -> None:
    [found] = unknown_header(CPP.replace("cast_float(x)\n", "cast_int(x)\n"), "cpu")
    assert found.message == (
        "line 4 of the C++ text of 'float' says '#define float(x) cast_int(x)', "
        "where '#define float(x) cast_float(x)' is known of that target"
    )


def test_a_macro_that_is_used_is_defined() -> None:
    known = "#define float(x) cast_float(x)"
    assert departures(CPP.replace(f"{known}\n", ""), "cpu") == [(known, "")]


def test_a_macro_that_only_comments_mention_may_be_anything() -> None:
    unused = CPP.replace("    var_1 = wp::float(var_0);\n", "")
    assert departures(unused.replace("#define float(x) cast_float(x)", "#define float(x) 7"), "cpu") == []
    assert departures(unused.replace("#define float(x) cast_float(x)\n", ""), "cpu") == []
