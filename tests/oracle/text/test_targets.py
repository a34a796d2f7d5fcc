"""The C++ and the CUDA text of a test case: what may differ between them, and that nothing else may."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from oracle.text.faults import Unread
from oracle.text.targets import difference

ROOT = Path(__file__).parents[3]
SYMBOLS = {"k": "k_1"}

FUNCTIONS = """
static wp::float32 f_0(
    wp::float32 var_x)
{
    //---------
    // primal vars
    wp::float32 var_0;
    //---------
    // forward
    var_0 = wp::sin(var_x);
    return var_0;
}

static void adj_f_0(
    wp::float32 var_x,
    wp::float32 & adj_x,
    wp::float32 & adj_ret)
{
    //---------
    // primal vars
    wp::float32 var_0;
    //---------
    // dual vars
    wp::float32 adj_0 = {};
    //---------
    // forward
    var_0 = wp::sin(var_x);
    goto label0;
    //---------
    // reverse
    label0:;
    wp::adj_sin(var_x, adj_x, adj_ret);
    return;
}
"""

CPP = f"""\
#define WP_TILE_BLOCK_DIM 1
{FUNCTIONS}
struct wp_args_k_1 {{
    wp::array_t<wp::float32> o;
    wp::int32 n;
}};

template <bool wp_linear_contiguous>
static void k_1_cpu_kernel_forward(
    wp::launch_bounds_t<1> dim,
    size_t task_index,
    wp_args_k_1 *_wp_args)
{{
    static constexpr bool wp_linear_tid = wp_linear_contiguous;

    //---------
    // argument vars
    wp::array_t<wp::float32> var_o = _wp_args->o;
    wp::int32 var_n = _wp_args->n;
    //---------
    // primal vars
    wp::int32 var_0;
    const wp::float32 var_1 = 2.0;
    bool var_2;
    wp::float32 var_3;
    //---------
    // forward
    // i = wp.tid()                                              <L 4>
    var_0 = builtin_tid1d();
    var_2 = (var_0 > var_n);
    if (var_2) {{
        return;
    }}
    var_3 = f_0(var_1);
    wp::array_store(var_o, var_0, var_3);
}}

template <bool wp_linear_contiguous>
static void k_1_cpu_kernel_backward(
    wp::launch_bounds_t<1> dim,
    size_t task_index,
    wp_args_k_1 *_wp_args,
    wp_args_k_1 *_wp_adj_args)
{{
    //---------
    // argument vars
    wp::array_t<wp::float32> var_o = _wp_args->o;
    wp::int32 var_n = _wp_args->n;
    wp::array_t<wp::float32> adj_o = _wp_adj_args->o;
    wp::int32 adj_n = _wp_adj_args->n;
    //---------
    // primal vars
    wp::int32 var_0;
    const wp::float32 var_1 = 2.0;
    wp::float32 var_3;
    //---------
    // dual vars
    wp::int32 adj_0 = {{}};
    wp::float32 adj_1 = {{}};
    wp::float32 adj_3 = {{}};
    //---------
    // forward
    var_0 = builtin_tid1d();
    var_3 = f_0(var_1);
    //---------
    // reverse
    wp::adj_array_store(var_o, var_0, var_3, adj_o, adj_0, adj_3);
    adj_f_0(var_1, adj_1, adj_3);
    return;
}}
"""

CUDA = f"""\
#define WP_TILE_BLOCK_DIM 256
{FUNCTIONS}
extern "C" __global__ void k_1_cuda_kernel_forward(
    wp::launch_bounds_t<1> dim,
    wp::array_t<wp::float32> var_o,
    wp::int32 var_n)
{{
    for (size_t _idx = 0; _idx < dim.size; _idx += 1)
    {{
            // reset shared memory allocator
        wp::tile_shared_storage_t::init();

        //---------
        // primal vars
        wp::int32 var_0;
        const wp::float32 var_1 = 2.0;
        bool var_2;
        wp::float32 var_3;
        //---------
        // forward
        // i = wp.tid()                                          <L 4>
        var_0 = builtin_tid1d();
        var_2 = (var_0 > var_n);
        if (var_2) {{
            continue;
        }}
        var_3 = f_0(var_1);
        wp::array_store(var_o, var_0, var_3);
    }}
}}

extern "C" __global__ void k_1_cuda_kernel_backward(
    wp::launch_bounds_t<1> dim,
    wp::array_t<wp::float32> var_o,
    wp::int32 var_n,
    wp::array_t<wp::float32> adj_o,
    wp::int32 adj_n)
{{
    for (size_t _idx = 0; _idx < dim.size; _idx += 1)
    {{
        //---------
        // primal vars
        wp::int32 var_0;
        const wp::float32 var_1 = 2.0;
        wp::float32 var_3;
        //---------
        // dual vars
        wp::int32 adj_0 = {{}};
        wp::float32 adj_1 = {{}};
        wp::float32 adj_3 = {{}};
        //---------
        // forward
        var_0 = builtin_tid1d();
        var_3 = f_0(var_1);
        //---------
        // reverse
        wp::adj_array_store(var_o, var_0, var_3, adj_o, adj_0, adj_3);
        adj_f_0(var_1, adj_1, adj_3);
        continue;
    }}
}}
"""

WITHOUT_LOOP = CUDA.replace("    for (size_t _idx = 0; _idx < dim.size; _idx += 1)\n    {\n", "")
WITHOUT_LOOP = WITHOUT_LOOP.replace("    }\n}\n", "}\n").replace("continue;", "return;")


def changed(text: str, old: str, new: str, count: int = -1) -> str:
    assert old in text
    return text.replace(old, new, count)


def test_texts_that_differ_in_what_a_target_needs_are_the_same_program() -> None:
    assert difference(CPP, CUDA, SYMBOLS) is None


def test_a_kernel_need_not_run_in_a_grid_stride_loop() -> None:
    assert "continue;" not in WITHOUT_LOOP
    assert difference(CPP, WITHOUT_LOOP, SYMBOLS) is None


def test_a_thread_that_ends_its_whole_loop_is_a_difference() -> None:
    found = difference(CPP, changed(CUDA, "continue;", "return;", 1), SYMBOLS)
    assert found == (
        "line 66 of the C++ text of 'k_1_cpu_kernel_forward' says 'return;', "
        "line 59 of the CUDA text 'return;' in its loop over threads"
    )


def test_a_thread_that_continues_without_a_loop_is_a_difference() -> None:
    found = difference(CPP, changed(WITHOUT_LOOP, "        return;", "        continue;", 1), SYMBOLS)
    assert found is not None
    assert "says 'return;'" in found
    assert "'continue;'" in found


@pytest.mark.parametrize(
    ("old", "new", "section"),
    [
        ("var_3 = f_0(var_1);", "var_3 = f_0(var_3);", "an argument"),
        ("var_2 = (var_0 > var_n);", "var_2 = (var_n > var_0);", "the order of operands"),
        ("var_2 = (var_0 > var_n);", "var_2 = (var_0 >= var_n);", "an operator"),
        ("const wp::float32 var_1 = 2.0;", "const wp::float32 var_1 = 2.5;", "a literal"),
        ("bool var_2;", "wp::int32 var_2;", "a type"),
        ("wp::array_store(var_o, var_0, var_3);", "wp::atomic_add(var_o, var_0, var_3);", "a function"),
    ],
)
def test_one_difference_in_a_kernel_names_both_lines(old: str, new: str, section: str) -> None:
    other = changed(CUDA, old, new, 1)
    found = difference(CPP, other, SYMBOLS)
    ours = CPP[: CPP.index("k_1_cpu_kernel_forward")].count("\n")
    here = next(at for at, line in enumerate(CPP.splitlines()) if at > ours and line.strip() == old) + 1
    there = next(at for at, line in enumerate(other.splitlines()) if line.strip() == new) + 1
    assert found == (
        f"line {here} of the C++ text of 'k_1_cpu_kernel_forward' says '{old}', line {there} of the CUDA text '{new}'"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("adj_f_0(var_1, adj_1, adj_3);", "adj_f_0(var_1, adj_3, adj_1);"),
        (
            "wp::adj_array_store(var_o, var_0, var_3, adj_o, adj_0, adj_3);",
            "wp::adj_array_store(var_o, var_0, var_3, adj_o, adj_0, adj_1);",
        ),
        ("wp::float32 adj_3 = {};", "wp::float64 adj_3 = {};"),
    ],
)
def test_one_difference_in_the_backward_kernel_names_both_lines(old: str, new: str) -> None:
    found = difference(CPP, changed(CUDA, old, new), SYMBOLS)
    assert found is not None
    assert "of 'k_1_cpu_kernel_backward' says" in found
    assert found.endswith(f"of the CUDA text '{new}'")
    assert f"'{old}'" in found


@pytest.mark.parametrize(
    ("old", "new", "function"),
    [
        ("var_0 = wp::sin(var_x);\n    return", "var_0 = wp::cos(var_x);\n    return", "f_0"),
        ("wp::adj_sin(var_x, adj_x, adj_ret);", "wp::adj_sin(var_x, adj_ret, adj_x);", "adj_f_0"),
        ("label0:;", "label1:;", "adj_f_0"),
    ],
)
def test_one_difference_in_a_function_names_it(old: str, new: str, function: str) -> None:
    found = difference(CPP, changed(CUDA, old, new), SYMBOLS)
    assert found is not None
    assert f"of the C++ text of '{function}' says" in found


@pytest.mark.parametrize("text", ["var_3 = f_0(var_1);\n        wp::array_store", "wp::float32 var_3;\n        //"])
def test_a_line_that_is_left_out_is_a_difference(text: str) -> None:
    assert difference(CPP, changed(CUDA, text, text.split("\n")[1], 1), SYMBOLS) is not None
    assert difference(changed(CPP, text.replace("        ", "    "), text.split("\n")[1], 1), CUDA, SYMBOLS) is not None


def test_a_last_line_too_many_is_told_by_the_end_of_the_other() -> None:
    store = "wp::array_store(var_o, var_0, var_3);"
    found = difference(CPP, changed(CUDA, f"{store}\n    }}", f"{store}\n        {store}\n    }}"), SYMBOLS)
    assert found is not None
    assert found.startswith("line 0 of the C++ text of 'k_1_cpu_kernel_forward' says 'the end', line ")
    assert found.endswith(f" of the CUDA text '{store}'")


def test_other_arguments_are_a_difference() -> None:
    found = difference(CPP, changed(CUDA, "    wp::int32 var_n)", "    wp::int64 var_n)"), SYMBOLS)
    assert found == (
        "'k_1_cpu_kernel_forward' takes 'wp::array_t<wp::float32> var_o, wp::int32 var_n', "
        "'k_1_cuda_kernel_forward' 'wp::array_t<wp::float32> var_o, wp::int64 var_n'"
    )


def test_other_parameters_of_a_function_are_a_difference() -> None:
    found = difference(CPP, changed(CUDA, "f_0(\n    wp::float32 var_x)", "f_0(\n    wp::float64 var_x)"), SYMBOLS)
    assert found == "'f_0' has another signature"


def test_another_result_of_a_function_is_a_difference() -> None:
    found = difference(CPP, changed(CUDA, "static wp::float32 f_0", "static wp::float64 f_0"), SYMBOLS)
    assert found == "'f_0' has another signature"


def test_a_kernel_that_one_text_lacks_is_a_difference() -> None:
    without = changed(CUDA, "k_1_cuda_kernel_backward", "m_1_cuda_kernel_backward")
    assert difference(CPP, without, SYMBOLS) == "'k_1' has one target backward"


def test_a_function_that_one_text_lacks_is_a_difference() -> None:
    assert (
        difference(CPP, changed(CUDA, "adj_f_0(\n", "adj_g_0(\n"), SYMBOLS) == "one text lacks ['adj_f_0', 'adj_g_0']"
    )


def test_an_overload_that_one_text_lacks_is_a_difference() -> None:
    overload = FUNCTIONS.replace("wp::float32 var_x", "wp::float64 var_x")
    assert difference(overload + CPP, overload + CUDA, SYMBOLS) is None
    assert difference(overload + CPP, CUDA, SYMBOLS) == "'f_0' has another signature"
    assert difference(CPP + overload, CUDA, SYMBOLS) == "'f_0' has another number of overloads"
    assert difference(CPP, CUDA + overload, SYMBOLS) == "'f_0' has another number of overloads"


def test_texts_without_a_backward_kernel_are_compared_forward() -> None:
    forward = CPP[: CPP.index("template", CPP.index("cpu_kernel_forward"))]
    there = CUDA[: CUDA.index('extern "C" __global__ void k_1_cuda_kernel_backward')]
    assert difference(forward, there, SYMBOLS) is None
    assert difference(forward, changed(there, "f_0(var_1);", "f_0(var_3);"), SYMBOLS) is not None


def test_an_argument_that_is_not_read_is_not_compared() -> None:
    text = changed(CPP, "wp::int32 var_n = _wp_args->n;", "wp::int32 var_n{_wp_args->n};")
    with pytest.raises(Unread) as unread:
        difference(text, CUDA, SYMBOLS)
    assert unread.value.what == "the declaration wp::int32 var_n{_wp_args->n};"


def test_of_several_differences_the_same_is_told_in_every_process() -> None:
    script = (
        "from oracle.text.targets import difference\n"
        "def text(names, line):\n"
        "    return ''.join(f'static void {name}(\\n    wp::int32 var_x)\\n{{\\n    //---------\\n    // forward\\n"
        "    {line}\\n}}\\n\\n' for name in names)\n"
        "names = [f'f{at}_0' for at in range(9)]\n"
        "print(difference(text(names, 'return;'), text(names, 'goto label0;'), {}))\n"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert said == {"line 6 of the C++ text of 'f0_0' says 'return;', line 6 of the CUDA text 'goto label0;'\n"}
