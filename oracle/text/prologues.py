"""How a thread of each target learns its index and its arguments: the forms that are known, and where a text departs.

The two targets differ here by design, so nothing is compared with the other text. A CUDA kernel computes its index from
the grid: in a loop that advances by all threads of the grid, or once. A C++ kernel is called with its index, and may
copy its arguments, to say that the strides of arrays of one dimension are those of contiguous ones.

Source of the forms: the templates of kernels in Warp 1.19's code generator.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

from oracle.text.faults import Departure, Line, Target
from oracle.text.source import END, Function
from oracle.text.statements import declarations

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


def unknown_prologue(function: Function, target: Target) -> Iterator[Departure]:
    """Say where what precedes the sections of a kernel has no known form."""
    lines = function.prologue.lines()
    texts = tuple(line.text for line in lines)
    forms = _ON_GPU if target == "cuda" else (_on_cpu(function, texts),)
    yield from unlike(lines, max(forms, key=lambda form: _agreed(texts, form)), target, function.name)


def unlike(lines: Sequence[Line], form: Sequence[str], target: Target, name: str) -> Iterator[Departure]:
    """Say where some lines of a text for a target first depart from a form."""
    texts = [line.text for line in lines]
    if texts != list(form):
        agreed = _agreed(texts, form)
        yield Departure.from_line((*lines, END)[agreed], target, name, (*form, "")[agreed])


def _agreed(texts: Sequence[str], form: Sequence[str]) -> int:
    """Count the first lines that are those of a form."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(texts, form, strict=False)))


def _on_cpu(function: Function, written: Sequence[str]) -> tuple[str, ...]:
    """Return the form of a C++ kernel; that it names as contiguous what it does is its own choice among its arrays."""
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
