"""Emitted texts written by hand: one kernel ``k`` with the lines that a test gives, and what executing it gives."""

from __future__ import annotations

from typing import Any

import numpy as np

from grammar import nodes as n
from grammar.types import Composite, Element
from oracle.records import Buffer, BufferRef, Executed, Failed, Launch, Outcome, Refused, TestCase
from oracle.text.execution import run

SYMBOLS = {"k": "k_1"}

_KERNEL = """\
#include "builtin.h"

{functions}
struct wp_args_k_1 {{
{fields}}};


template <bool wp_linear_contiguous>
static void k_1_cpu_kernel_forward(
    wp::launch_bounds_t<1> dim,
    size_t task_index,
    wp_args_k_1 *_wp_args)
{{
    static constexpr bool wp_linear_tid = wp_linear_contiguous;

    //---------
    // argument vars
{arguments}    //---------
    // primal vars
{variables}    //---------
    // forward
{forward}}}
"""

_FUNCTION = """
static {result} {name}({parameters})
{{
    //---------
    // primal vars
{variables}    //---------
    // forward
{forward}}}
"""


def spelled(element: Element) -> str:
    """How C++ spells the type of a value."""
    if isinstance(element, Composite):
        return f"wp::{element.template}<{element.spelled}>"
    return "bool" if element.name == "bool" else f"wp::{element}"


def _indented(lines: str) -> str:
    return "".join(f"    {line.strip()}\n" for line in lines.strip().splitlines())


def _separated(parameters: str) -> str:
    return ",".join(f"\n    {line.strip()}" for line in parameters.strip().splitlines())


def function(name: str, result: str, parameters: str, forward: str, variables: str = "") -> str:
    """Write a function; parameters, variables and statements one per line."""
    return _FUNCTION.format(
        name=name,
        result=result,
        parameters=_separated(parameters),
        variables=_indented(variables),
        forward=_indented(forward),
    )


def kernel(forward: str, variables: str = "", functions: str = "", **arguments: str) -> str:
    """Write the text of a kernel; variables and statements one per line, arguments by name as C++ types."""
    return _KERNEL.format(
        functions=functions,
        fields=_indented("\n".join(f"{type_} {name};" for name, type_ in arguments.items())),
        arguments=_indented("\n".join(f"{type_} var_{name} = _wp_args->{name};" for name, type_ in arguments.items())),
        variables=_indented(variables),
        forward=_indented(forward),
    )


def typed(given: Any) -> str:
    """How C++ spells the type of an argument: arrays are given as their element's type and their content."""
    if _is_array(given):
        return f"wp::array_t<{spelled(given[0])}>"
    return "wp::int32" if isinstance(given, int) else f"wp::{given.dtype}"


def _is_array(given: Any) -> bool:
    return isinstance(given, tuple) and isinstance(given[0], Element)


def case_of(dims: tuple[int, ...] = (1,), launches: int = 1, **given: Any) -> TestCase:
    """Make a test case that launches ``k``; only its text says what that does."""
    buffers = tuple(
        Buffer.of(name, one[0], np.array(one[1], one[0].scalar.dtype))
        for name, one in given.items()
        if _is_array(one) and one[1] is not None
    )
    names = {buffer.name for buffer in buffers}
    arguments = tuple(
        BufferRef(name) if name in names else None if _is_array(one) else one for name, one in given.items()
    )
    return TestCase(n.Module(()), buffers, (Launch("k", dims, arguments),) * launches)


def outcome(
    forward: str, variables: str = "", functions: str = "", dims: tuple[int, ...] = (1,), **given: Any
) -> Outcome:
    """Execute the text of a kernel."""
    text = kernel(forward, variables, functions, **{name: typed(one) for name, one in given.items()})
    return run(case_of(dims, **given), text, SYMBOLS)


def executed(forward: str, variables: str = "", functions: str = "", dims: tuple[int, ...] = (1,), **given: Any) -> Any:
    """Return the content of the last array after one launch."""
    found = outcome(forward, variables, functions, dims, **given)
    assert isinstance(found, Executed), found
    return list(found.arrays.values())[-1].tolist()


def failed(
    forward: str, variables: str = "", functions: str = "", dims: tuple[int, ...] = (1,), **given: Any
) -> Failed:
    """Return how a launch fails, with the line of the text in the message."""
    text = kernel(forward, variables, functions, **{name: typed(one) for name, one in given.items()})
    found = run(case_of(dims, **given), text, SYMBOLS)
    assert isinstance(found, Failed), found
    assert found.line is not None
    return Failed(found.kind, f"{found.message}, at line `{text.splitlines()[found.line - 1].strip()}` of the text")


def refused(forward: str, variables: str = "", functions: str = "", **given: Any) -> tuple[str, str]:
    """Return why a text is refused, and the line."""
    text = kernel(forward, variables, functions, **{name: typed(one) for name, one in given.items()})
    found = run(case_of(**given), text, SYMBOLS)
    assert isinstance(found, Refused), found
    return found.reason, text.splitlines()[found.line - 1].strip() if found.line else ""


NUMBERS = """
const wp::int32 var_0 = 0;
const wp::int32 var_1 = 1;
const wp::int32 var_2 = 2;
const wp::int32 var_3 = 3;
"""
"""Constants that kernels written by hand use."""

BRANCH = f"{NUMBERS}\nbool var_c;\nbool var_d;\nwp::int32 var_s;\n"

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
CALLED = function("f_0", "wp::int32", "wp::int32 var_x", "return var_x;")
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


FORWARD_HEAD = """\
template <bool wp_linear_contiguous>
static void k_1_cpu_kernel_forward(
    wp::launch_bounds_t<1> dim,
    size_t task_index,
    wp_args_k_1 *_wp_args)
{
    static constexpr bool wp_linear_tid = wp_linear_contiguous;
    wp_args_k_1 wp_contiguous_args;
    if constexpr (wp_linear_contiguous)
    {
        wp_contiguous_args = *_wp_args;
        wp_contiguous_args.o.strides[0] = sizeof(wp::float32);
        _wp_args = &wp_contiguous_args;
    }
"""
"""How a kernel begins that has an instance for an array that is contiguous."""

FORWARD_ENTRY = """
template <bool wp_linear_contiguous>
static WP_FORCEINLINE void k_1_cpu_forward_tasks(
    wp::launch_bounds_t<1> *dim,
    wp_args_k_1 *_wp_args)
{
    for (size_t task_index = 0; task_index < dim->size; ++task_index)
    {
        k_1_cpu_kernel_forward<wp_linear_contiguous>(*dim, task_index, _wp_args);
    }
}

static WP_FORCEINLINE void k_1_cpu_forward_dispatch(
    wp::launch_bounds_t<1> *dim,
    wp_args_k_1 *_wp_args)
{
    wp::tile_shared_storage_t tile_mem;
#if defined(WP_ENABLE_TILES_IN_STACK_MEMORY)
    wp::shared_tile_storage = &tile_mem;
#endif

    const bool wp_linear_contiguous = dim->coord_mult == 1 && ((_wp_args->o.strides[0] == (int)sizeof(wp::float32)));
    if (wp_linear_contiguous)
        k_1_cpu_forward_tasks<true>(dim, _wp_args);
    else
        k_1_cpu_forward_tasks<false>(dim, _wp_args);
}

extern "C" {

// Python CPU entry points
WP_API void k_1_cpu_forward(
    wp::launch_bounds_t<1> *dim,
    wp_args_k_1 *_wp_args)
{
    k_1_cpu_forward_dispatch(dim, _wp_args);
}

} // extern C
"""
"""What reaches a kernel of which an array is taken for contiguous where it is."""

BACKWARD_ENTRY = """
template <bool wp_linear_contiguous>
static WP_FORCEINLINE void k_1_cpu_backward_tasks(
    wp::launch_bounds_t<1> *dim,
    wp_args_k_1 *_wp_args,
    wp_args_k_1 *_wp_adj_args)
{
    for (size_t task_index = 0; task_index < dim->size; ++task_index)
    {
        k_1_cpu_kernel_backward<wp_linear_contiguous>(
            *dim, task_index, _wp_args, _wp_adj_args);
    }
}

static WP_FORCEINLINE void k_1_cpu_backward_dispatch(
    wp::launch_bounds_t<1> *dim,
    wp_args_k_1 *_wp_args,
    wp_args_k_1 *_wp_adj_args)
{
    wp::tile_shared_storage_t tile_mem;
#if defined(WP_ENABLE_TILES_IN_STACK_MEMORY)
    wp::shared_tile_storage = &tile_mem;
#endif

    k_1_cpu_backward_tasks<false>(dim, _wp_args, _wp_adj_args);
}

extern "C" {

WP_API void k_1_cpu_backward(
    wp::launch_bounds_t<1> *dim,
    wp_args_k_1 *_wp_args,
    wp_args_k_1 *_wp_adj_args)
{
    k_1_cpu_backward_dispatch(dim, _wp_args, _wp_adj_args);
}

} // extern C
"""
"""What reaches a kernel that has one instance."""

CHOICE = """\
    const bool wp_linear_contiguous = dim->coord_mult == 1 && ((_wp_args->o.strides[0] == (int)sizeof(wp::float32)));
    if (wp_linear_contiguous)
        k_1_cpu_forward_tasks<true>(dim, _wp_args);
    else
        k_1_cpu_forward_tasks<false>(dim, _wp_args);
"""
NO_CHOICE = "    k_1_cpu_forward_tasks<false>(dim, _wp_args);\n"
"""How an instance of a kernel is chosen, and where there is nothing to choose."""
