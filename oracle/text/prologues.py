"""How a thread of each target learns its index and its arguments: the forms that are known, and where a text departs.

The two targets differ here by design, so nothing is compared with the other text. A CUDA kernel computes its index from
the grid: in a loop that advances by all threads of the grid, or once. A C++ kernel is called with its index, and may
copy its arguments, to say that the strides of arrays of one dimension are those of contiguous ones.

Source of the forms: the templates of kernels in Warp 1.19's code generator.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile

from oracle.text.faults import LANGUAGES, Departure, Target
from oracle.text.source import END, Function, Line
from oracle.text.statements import declarations

_AXES = {dimensions: ", ".join("xyzw"[:dimensions]) for dimensions in (2, 3, 4)}

THREAD_INDICES: Mapping[Target, Mapping[str, str]] = {
    "cpu": {"builtin_tid1d()": "wp::linear_tid<wp_linear_tid>(task_index, dim)"}
    | {f"builtin_tid{count}d({axes})": f"wp::tid({axes}, task_index, dim)" for count, axes in _AXES.items()},
    "cuda": {"builtin_tid1d()": "wp::tid(_idx, dim)"}
    | {f"builtin_tid{count}d({axes})": f"wp::tid({axes}, _idx, dim)" for count, axes in _AXES.items()},
}
"""What the macros stand for that give a thread its coordinates, in the order of the axes."""

_THREAD = "static_cast<size_t>(blockDim.x) * static_cast<size_t>(blockIdx.x) + static_cast<size_t>(threadIdx.x)"
_BLOCK = "static_cast<size_t>(blockIdx.z * gridDim.y + blockIdx.y) * static_cast<size_t>(gridDim.x * blockDim.x)"
_SHARED = "wp::tile_shared_storage_t tile_mem;"
_RESET = "wp::tile_shared_storage_t::init();"

_ON_GPU = (
    (
        _SHARED,
        f"for (size_t _idx = {_THREAD};",
        "_idx < dim.size;",
        "_idx += static_cast<size_t>(blockDim.x) * static_cast<size_t>(gridDim.x))",
        "{",
        _RESET,
    ),
    (
        _SHARED,
        f"const size_t _idx = {_BLOCK} + static_cast<size_t>(blockIdx.x * blockDim.x + threadIdx.x);",
        "if (_idx >= dim.size) return;",
        _RESET,
    ),
)
"""A grid-stride loop, and one index for each thread of the grid."""

_INDEX = "static constexpr bool wp_linear_tid = wp_linear_contiguous;"
_ARRAY = re.compile(r"wp::array_t<(.+)>")
_MACRO = re.compile(r"\n#define (builtin_tid\dd\([\w, ]*\)) (.*)")


def unknown_index(text: str, target: Target) -> Iterator[Departure]:
    """Say where a text defines the coordinates of a thread in no known way, and uses them."""
    for found in _MACRO.finditer(f"\n{text}"):
        known = THREAD_INDICES[target].get(found[1], "")
        if found[2] != known and text.count(found[1].partition("(")[0]) > 1:
            line = Line(text.count("\n", 0, found.start()) + 1, found[0].strip())
            yield _departure(line, target, found[1], f"#define {found[1]} {known}")


def unknown_prologue(function: Function, target: Target) -> Iterator[Departure]:
    """Say where what precedes the sections of a kernel has no known form."""
    lines = function.prologue.lines()
    texts = tuple(line.text for line in lines)
    forms = _ON_GPU if target == "cuda" else (_on_cpu(function, texts),)
    if texts not in forms:
        form = max(forms, key=lambda form: _agreed(texts, form))
        agreed = _agreed(texts, form)
        yield _departure((*lines, END)[agreed], target, function.name, (*form, "")[agreed])


def _agreed(texts: Sequence[str], form: Sequence[str]) -> int:
    """Count the first lines that are those of a form."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(texts, form, strict=False)))


def _on_cpu(function: Function, written: Sequence[str]) -> tuple[str, ...]:
    """Give the form of a C++ kernel; that it names as contiguous what it does is its own choice among its arrays."""
    if len(written) < 2:
        return (_INDEX,)
    symbol, _, direction = function.name.partition("_cpu_kernel_")
    copies = {"": "wp_contiguous_args"} | ({"adj_": "wp_contiguous_adj_args"} if direction == "backward" else {})
    return (
        _INDEX,
        *(f"wp_args_{symbol} {copy};" for copy in copies.values()),
        "if constexpr (wp_linear_contiguous)",
        "{",
        *(f"{copy} = *_wp_{which}args;" for which, copy in copies.items()),
        *_strides(function, copies.values(), written),
        *(f"_wp_{which}args = &{copy};" for which, copy in copies.items()),
        "}",
    )


def _strides(function: Function, copies: Iterable[str], written: Sequence[str]) -> Iterator[str]:
    for _, declared in declarations(function.section("argument vars").lines()):
        element = _ARRAY.fullmatch(declared.type)
        name = declared.name.removeprefix("var_")
        lines = [f"{copy}.{name}.strides[0] = sizeof({element[1]});" for copy in copies] if element else []
        yield from lines if any(f".{name}.strides[" in line for line in written) else []


def _departure(line: Line, target: Target, name: str, known: str) -> Departure:
    message = (
        f"line {line.number} of the {LANGUAGES[target]} text of {name!r} says {line.text!r}, "
        f"where {known!r} is known of that target"
    )
    return Departure(message, target, known, line.text)
