"""The C++ and the CUDA text of a test case: what may differ between them, and that nothing else may."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from oracle.records import TextDifference
from oracle.text.faults import Unread
from oracle.text.targets import difference

from .texts import BACKWARD_ENTRY, CHOICE, FORWARD_ENTRY, FORWARD_HEAD, NO_CHOICE

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
#include "builtin.h"
#define builtin_tid1d() wp::linear_tid<wp_linear_tid>(task_index, dim)
#define builtin_tid2d(x, y) wp::tid(x, y, task_index, dim)
{FUNCTIONS}
struct wp_args_k_1 {{
    wp::array_t<wp::float32> o;
    wp::int32 n;
}};

{FORWARD_HEAD}    //---------
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
{FORWARD_ENTRY}
template <bool wp_linear_contiguous>
static void k_1_cpu_kernel_backward(
    wp::launch_bounds_t<1> dim,
    size_t task_index,
    wp_args_k_1 *_wp_args,
    wp_args_k_1 *_wp_adj_args)
{{
    static constexpr bool wp_linear_tid = wp_linear_contiguous;

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
{BACKWARD_ENTRY}"""

THREAD = "static_cast<size_t>(blockDim.x) * static_cast<size_t>(blockIdx.x) + static_cast<size_t>(threadIdx.x)"

LOOP = f"""\
    wp::tile_shared_storage_t tile_mem;

    for (size_t _idx = {THREAD};
         _idx < dim.size;
         _idx += static_cast<size_t>(blockDim.x) * static_cast<size_t>(gridDim.x))
    {{
            // reset shared memory allocator
        wp::tile_shared_storage_t::init();

"""

ONCE = """\
    wp::tile_shared_storage_t tile_mem;

    const size_t _idx = static_cast<size_t>(blockIdx.z * gridDim.y + blockIdx.y) * static_cast<size_t>(gridDim.x * \
blockDim.x) + static_cast<size_t>(blockIdx.x * blockDim.x + threadIdx.x);
    if (_idx >= dim.size) return;
            // reset shared memory allocator
    wp::tile_shared_storage_t::init();

"""

CUDA = f"""\
#include "builtin.h"
#define builtin_tid1d() wp::tid(_idx, dim)
#define builtin_tid2d(x, y) wp::tid(x, y, _idx, dim)
{FUNCTIONS}
extern "C" __global__ void k_1_cuda_kernel_forward(
    wp::launch_bounds_t<1> dim,
    wp::array_t<wp::float32> var_o,
    wp::int32 var_n)
{{
{LOOP}        //---------
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
{LOOP}        //---------
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

WITHOUT_LOOP = CUDA.replace(LOOP, ONCE).replace("    }\n}\n", "}\n").replace("continue;", "return;")


def told(cpp: str, cuda: str) -> str | None:
    found = difference(cpp, cuda, SYMBOLS)
    return found and found.message


def changed(text: str, old: str, new: str, count: int = -1) -> str:
    assert old in text
    return text.replace(old, new, count)


def test_texts_that_differ_in_what_a_target_needs_are_the_same_program() -> None:
    assert told(CPP, CUDA) is None


def test_a_kernel_need_not_run_in_a_grid_stride_loop() -> None:
    assert "continue;" not in WITHOUT_LOOP
    assert told(CPP, WITHOUT_LOOP) is None


def test_a_thread_that_ends_its_whole_loop_is_a_difference() -> None:
    found = told(CPP, changed(CUDA, "continue;", "return;", 1))
    assert found == (
        "line 74 of the C++ text of 'k_1_cpu_kernel_forward' says 'return;', "
        "line 65 of the CUDA text 'return;' in its loop over threads"
    )


CONTIGUOUS = CPP[CPP.index("    wp_args_k_1 wp_contiguous_args;") : CPP.index("    //---------\n    // argument vars")]


@pytest.mark.parametrize("left_out", [CONTIGUOUS, CONTIGUOUS.split("\n")[4] + "\n"], ids=["nothing", "no array"])
def test_which_arrays_a_cpu_kernel_takes_for_contiguous_is_its_own_choice(left_out: str) -> None:
    cpp = changed(CPP, left_out, "", 1)
    assert told(changed(cpp, CHOICE, NO_CHOICE), CUDA) is None
    assert told(cpp, CUDA) is not None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (" * static_cast<size_t>(gridDim.x))", ")"),
        ("_idx < dim.size;", "_idx <= dim.size;"),
        ("static_cast<size_t>(blockDim.x) * static_cast<size_t>(blockIdx.x) + ", ""),
        ("        wp::tile_shared_storage_t::init();\n", ""),
    ],
    ids=["the step", "the bound", "the first index", "a line that is left out"],
)
def test_a_grid_stride_loop_of_another_form_is_a_difference(old: str, new: str) -> None:
    found = told(CPP, changed(CUDA, old, new, 1))
    assert found is not None
    assert "of the CUDA text of 'k_1_cuda_kernel_forward' says '" in found
    assert found.endswith(" is known of that target")


def test_an_index_of_the_grid_of_another_form_is_a_difference() -> None:
    other = changed(WITHOUT_LOOP, "if (_idx >= dim.size) return;", "if (_idx > dim.size) return;", 1)
    found = told(CPP, other)
    assert found is not None
    assert "says 'if (_idx > dim.size) return;', where 'if (_idx >= dim.size) return;' is known" in found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "wp_contiguous_args.o.strides[0] = sizeof(wp::float32);",
            "wp_contiguous_args.o.strides[0] = sizeof(wp::int8);",
        ),
        ("wp_contiguous_args = *_wp_args;", "wp_contiguous_args = *_wp_adj_args;"),
        ("wp_contiguous_args.o.strides[0]", "wp_contiguous_args.n.strides[0]"),
    ],
    ids=["the size of an element", "the arguments", "no array"],
)
def test_a_copy_of_the_arguments_of_another_form_is_a_difference(old: str, new: str) -> None:
    found = told(changed(CPP, old, new, 1), CUDA)
    assert found is not None
    assert "of the C++ text of 'k_1_cpu_kernel_forward' says '" in found


@pytest.mark.parametrize(
    ("text", "old", "new", "says"),
    [
        (
            "CUDA",
            "wp::tid(x, y, _idx, dim)",
            "wp::tid(y, x, _idx, dim)",
            "line 3 of the CUDA text of 'builtin_tid2d'",
        ),
        ("CUDA", "wp::tid(_idx, dim)", "wp::tid(_idx + 1, dim)", "line 2 of the CUDA text of 'builtin_tid1d'"),
        ("C++", "wp::tid(x, y, task_index, dim)", "wp::tid(x, x, task_index, dim)", "line 3 of the C++ text"),
    ],
)
def test_thread_indices_of_another_form_are_a_difference(text: str, old: str, new: str, says: str) -> None:
    used = "        builtin_tid2d(var_0, var_0);\n"
    cpp, cuda = (changed(CPP, old, new), CUDA) if text == "C++" else (CPP, changed(CUDA, old, new))
    found = told(cpp + used, cuda + used)
    assert found is not None
    assert found.startswith(says)
    assert new in found


def test_a_thread_index_that_no_kernel_uses_is_not_looked_at() -> None:
    assert told(CPP, changed(CUDA, "wp::tid(x, y, _idx, dim)", "wp::tid(y, x, _idx, dim)")) is None


def test_arguments_that_a_launch_lays_out_otherwise_are_a_difference() -> None:
    found = difference(changed(CPP, "    wp::int32 n;\n", "    wp::int16 n;\n"), CUDA, SYMBOLS)
    assert found is not None
    assert found.message == (
        "line 41 of the C++ text of 'wp_args_k_1' says 'wp::int16 n;', where 'wp::int32 n;' is known of that target"
    )
    assert (found.target, found.expected, found.actual) == ("cpu", "wp::int32 n;", "wp::int16 n;")


def test_an_argument_that_a_launch_does_not_lay_out_is_a_difference() -> None:
    found = told(changed(CPP, "    wp::int32 n;\n", ""), CUDA)
    assert found == "line 0 of the C++ text of 'wp_args_k_1' says '', where 'wp::int32 n;' is known of that target"


def test_a_launch_that_leaves_a_thread_out_is_a_difference() -> None:
    found = told(changed(CPP, "task_index = 0;", "task_index = 1;", 1), CUDA)
    assert found is not None
    assert "of the C++ text of 'k_1_cpu_forward' says 'for (size_t task_index = 1; " in found


def test_a_text_without_the_header_is_a_difference() -> None:
    assert told(CPP, changed(CUDA, '#include "builtin.h"\n', "")) == (
        "no line of the CUDA text says '#include \"builtin.h\"'"
    )


def test_a_departure_counts_what_the_text_says_and_what_belongs_there() -> None:
    cuda = changed(CUDA, "var_3 = f_0(var_1);", "var_3 =\n f_0(var_3);", 1)
    found = difference(CPP, cuda, SYMBOLS)
    assert found is not None
    assert found.counted(cuda) == TextDifference("cuda", "var_3 = f_0(var_1);", "var_3 =", 1, 2)


def test_a_function_that_begins_otherwise_on_one_target_is_a_difference() -> None:
    other = changed(CUDA, "wp::float32 var_x)\n{\n", "wp::float32 var_x)\n{\n    var_x = 1.0;\n", 1)
    found = told(CPP, other)
    assert found is not None
    assert "'var_x = 1.0;'" in found


def test_a_thread_that_continues_without_a_loop_is_a_difference() -> None:
    found = told(CPP, changed(WITHOUT_LOOP, "        return;", "        continue;", 1))
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
    found = told(CPP, other)
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
    found = told(CPP, changed(CUDA, old, new))
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
    found = told(CPP, changed(CUDA, old, new))
    assert found is not None
    assert f"of the C++ text of '{function}' says" in found


@pytest.mark.parametrize("text", ["var_3 = f_0(var_1);\n        wp::array_store", "wp::float32 var_3;\n        //"])
def test_a_line_that_is_left_out_is_a_difference(text: str) -> None:
    assert told(CPP, changed(CUDA, text, text.split("\n")[1], 1)) is not None
    assert told(changed(CPP, text.replace("        ", "    "), text.split("\n")[1], 1), CUDA) is not None


def test_a_last_line_too_many_is_told_by_the_end_of_the_other() -> None:
    store = "wp::array_store(var_o, var_0, var_3);"
    found = told(CPP, changed(CUDA, f"{store}\n    }}", f"{store}\n        {store}\n    }}"))
    assert found is not None
    assert found.startswith("line 0 of the C++ text of 'k_1_cpu_kernel_forward' says '', line ")
    assert found.endswith(f" of the CUDA text '{store}'")


def test_a_loop_over_threads_that_does_not_end_is_a_difference() -> None:
    store = "wp::array_store(var_o, var_0, var_3);"
    found = told(CPP, changed(CUDA, f"{store}\n    }}", store))
    assert found is not None
    assert f"says '{store}', line 0 of the CUDA text ''" in found


def test_a_line_behind_the_loop_is_a_difference() -> None:
    store = "wp::array_store(var_o, var_0, var_3);"
    found = told(CPP, changed(CUDA, f"{store}\n    }}", f"{store}\n    }}\n    {store}"))
    assert found is not None
    assert found.startswith("line 0 of the C++ text of 'k_1_cpu_kernel_forward' says '', line ")
    assert found.endswith(" of the CUDA text '}'")


def test_other_arguments_are_a_difference() -> None:
    found = told(CPP, changed(CUDA, "    wp::int32 var_n)", "    wp::int64 var_n)"))
    assert found == (
        "'k_1_cpu_kernel_forward' takes 'wp::array_t<wp::float32> var_o, wp::int32 var_n', "
        "'k_1_cuda_kernel_forward' 'wp::array_t<wp::float32> var_o, wp::int64 var_n'"
    )


def test_other_parameters_of_a_function_are_a_difference() -> None:
    found = told(CPP, changed(CUDA, "f_0(\n    wp::float32 var_x)", "f_0(\n    wp::float64 var_x)"))
    assert (
        found
        == "'f_0' gives and takes 'wp::float32 f_0( wp::float32 var_x', on cuda 'wp::float32 f_0( wp::float64 var_x'"
    )


def test_another_result_of_a_function_is_a_difference() -> None:
    found = told(CPP, changed(CUDA, "static wp::float32 f_0", "static wp::float64 f_0"))
    assert (
        found
        == "'f_0' gives and takes 'wp::float32 f_0( wp::float32 var_x', on cuda 'wp::float64 f_0( wp::float32 var_x'"
    )


def test_a_kernel_that_one_text_lacks_is_a_difference() -> None:
    without = changed(CUDA, "k_1_cuda_kernel_backward", "m_1_cuda_kernel_backward")
    assert told(CPP, without) == "'k_1' has one target backward"


def test_a_function_that_one_text_lacks_is_a_difference() -> None:
    assert told(CPP, changed(CUDA, "adj_f_0(\n", "adj_g_0(\n")) == "one text lacks a function 'adj_f_0'"
    assert told(changed(CPP, "adj_f_0(\n", "f_0_adj(\n"), CUDA) == "one text lacks a function 'f_0_adj'"


def test_an_overload_that_one_text_lacks_is_a_difference() -> None:
    overload = FUNCTIONS.replace("wp::float32 var_x", "wp::float64 var_x")
    assert told(overload + CPP, overload + CUDA) is None
    assert (told(overload + CPP, CUDA) or "").startswith("'f_0' gives and takes ")
    assert told(CPP + overload, CUDA) == "one text lacks a function 'f_0'"
    assert told(CPP, CUDA + overload) == "one text lacks a function 'f_0'"


def test_texts_without_a_backward_kernel_are_compared_forward() -> None:
    forward = CPP[: CPP.index("template <bool wp_linear_contiguous>\nstatic void k_1_cpu_kernel_backward")]
    there = CUDA[: CUDA.index('extern "C" __global__ void k_1_cuda_kernel_backward')]
    assert told(forward, there) is None
    assert told(forward, changed(there, "f_0(var_1);", "f_0(var_3);")) is not None


def test_an_argument_that_is_not_read_is_not_compared() -> None:
    text = changed(CPP, "wp::int32 var_n = _wp_args->n;", "wp::int32 var_n{_wp_args->n};")
    with pytest.raises(Unread) as unread:
        told(text, CUDA)
    assert unread.value.what == "the declaration wp::int32 var_n{_wp_args->n};"


def test_of_several_differences_the_same_is_told_in_every_process() -> None:
    script = (
        "from oracle.text.targets import difference\n"
        "def text(names, line):\n"
        "    header = '#include \"builtin.h\"\\n'\n"
        "    return header + ''.join(f'static void {name}(\\n    wp::int32 var_x)\\n{{\\n    //---------\\n"
        "    // forward\\n    {line}\\n}}\\n\\n' for name in names)\n"
        "names = [f'f{at}_0' for at in range(9)]\n"
        "print(difference(text(names, 'return;'), text(names, 'goto label0;'), {}).message)\n"
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
    assert said == {"line 7 of the C++ text of 'f0_0' says 'return;', line 7 of the CUDA text 'goto label0;'\n"}
