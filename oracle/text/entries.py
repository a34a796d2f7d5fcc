"""How a launch reaches a C++ kernel: by a loop over its threads, for which one of two instances of it is chosen.

The text engine calls kernels itself, for every thread. So what does it in the text is compared with the form that is
known. A CUDA kernel has its loop in its prologue.

Source of the form: the templates of modules in Warp 1.19's code generator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oracle.text.faults import Departure
from oracle.text.prologues import unlike
from oracle.text.source import Function, Section

_BEGINNING = "template <bool wp_linear_contiguous>\nstatic WP_FORCEINLINE void {stem}_tasks(\n"

_FORM = (
    _BEGINNING
    + """\
{parameters})
{{
    for (size_t task_index = 0; task_index < dim->size; ++task_index)
    {{
        {call}
    }}
}}

static WP_FORCEINLINE void {stem}_dispatch(
{parameters})
{{
    wp::tile_shared_storage_t tile_mem;
#if defined(WP_ENABLE_TILES_IN_STACK_MEMORY)
    wp::shared_tile_storage = &tile_mem;
#endif

{choice}
}}

extern "C" {{

WP_API void {stem}(
{parameters})
{{
    {stem}_dispatch(dim, {arguments});
}}
"""
)
_END = "\n} // extern C"

_CALLS = {
    "forward": "{kernel}<wp_linear_contiguous>(*dim, task_index, _wp_args);",
    "backward": "{kernel}<wp_linear_contiguous>(\n*dim, task_index, _wp_args, _wp_adj_args);",
}
_CHOICE = """\
const bool wp_linear_contiguous = dim->coord_mult == 1 && ({conditions});
if (wp_linear_contiguous)
{stem}_tasks<true>(dim, {arguments});
else
{stem}_tasks<false>(dim, {arguments});
"""
_STRIDE = re.compile(r"wp_contiguous_(adj_)?args\.(\w+)\.strides\[0\] = sizeof\((.+)\);")


def unknown_entry(text: str, kernel: Function) -> Iterator[Departure]:
    """Say where what calls a kernel in a C++ text has no known form."""
    symbol, _, direction = kernel.name.rpartition("_cpu_kernel_")
    stem = f"{symbol}_cpu_{direction}"
    pointers = ("_wp_args", "_wp_adj_args") if direction == "backward" else ("_wp_args",)
    names = {"stem": stem, "arguments": ", ".join(pointers)}
    parameters = [f"{kernel.parameters[0].type} *dim", *(f"wp_args_{symbol} *{pointer}" for pointer in pointers)]
    form = _FORM.format(
        **names,
        parameters=",\n".join(parameters),
        call=_CALLS[direction].format(kernel=kernel.name),
        choice=_choice(kernel, names),
    )
    start = text.find(_BEGINNING.format(stem=stem))
    written = text[start : text.find(_END, start)] if start >= 0 else ""
    lines = Section(text.count("\n", 0, max(start, 0)) + 1, written).lines()
    yield from unlike(lines, tuple(line.text for line in Section(0, form).lines()), "cpu", stem)


def _choice(kernel: Function, names: dict[str, str]) -> str:
    """Return what chooses between the instances: the one for contiguous arrays only where they are, and threads too."""
    strides = filter(None, (_STRIDE.fullmatch(line.text) for line in kernel.prologue.lines()))
    tests = [f"(_wp_{m[1] or ''}args->{m[2]}.strides[0] == (int)sizeof({m[3]}))" for m in strides]
    return (_CHOICE if tests else "{stem}_tasks<false>(dim, {arguments});").format(
        **names, conditions=" & ".join(tests)
    )
