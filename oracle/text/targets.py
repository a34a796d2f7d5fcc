"""The C++ and the CUDA text of a test case as programs: but for how arguments and threads arrive they must be the same.

Known differences: a CPU kernel takes its arguments from a struct, in a section of its own, behind a prologue for
contiguous arrays; a CUDA kernel takes them as parameters, runs in a grid-stride loop, and ends a thread with
``continue``. All else is compared line by line, forward and backward.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest

from oracle.text.source import Function, Line, functions
from oracle.text.statements import declarations

SECTIONS = ("primal vars", "dual vars", "forward", "reverse")

_END = Line(0, "the end")


def difference(cpp: str, cuda: str, symbols: Mapping[str, str]) -> str | None:
    """Say where two texts of one test case differ as programs; None where they do not.

    ``symbols`` says how the names of the functions of each kernel begin. Raises Unread where an argument is not read.
    """
    return next(_differences(cpp, cuda, tuple(symbols.values())), None)


def _differences(cpp: str, cuda: str, symbols: tuple[str, ...]) -> Iterator[str]:
    on_cpu, on_gpu = functions(cpp), functions(cuda)
    for symbol in symbols:
        for direction in ("forward", "backward"):
            here, there = (
                found.pop(f"{symbol}_{target}_kernel_{direction}", [])
                for found, target in ((on_cpu, "cpu"), (on_gpu, "cuda"))
            )
            for one, other in zip_longest(here, there):
                yield from _between_kernels(one, other) if one and other else [f"{symbol} {direction} has one target"]
    if on_cpu.keys() != on_gpu.keys():
        yield f"one text lacks {', '.join(sorted(on_cpu.keys() ^ on_gpu.keys()))}"
    for name in on_cpu:
        for one, other in zip_longest(on_cpu[name], on_gpu.get(name, ())):
            yield from _between_functions(one, other) if one and other else [f"{name} has another number of overloads"]


def _between_kernels(here: Function, there: Function) -> Iterator[str]:
    arguments = [(d.type, d.name) for _, d in declarations(here.sections.get("argument vars", ()))]
    parameters = [(p.type, p.name) for p in there.parameters if p.name != "dim"]
    if arguments != parameters:
        yield f"{here.name} takes {arguments}, {there.name} {parameters}"
    yield from _between_sections(here, there, loop=True)


def _between_functions(here: Function, there: Function) -> Iterator[str]:
    if (here.result, here.parameters) != (there.result, there.parameters):
        yield f"{here.name} has another signature"
    yield from _between_sections(here, there, loop=False)


def _between_sections(here: Function, there: Function, *, loop: bool) -> Iterator[str]:
    for title in SECTIONS:
        ours, theirs = here.sections.get(title, ()), there.sections.get(title, ())
        if loop and theirs and title == list(there.sections)[-1]:
            theirs = theirs[:-1]  # the end of the grid-stride loop
        for one, other in zip_longest(ours, theirs, fillvalue=_END):
            if one.text != (other.text.replace("continue;", "return;") if loop else other.text):
                yield (
                    f"line {one.number} of the C++ text of {here.name} says {one.text!r}, "
                    f"line {other.number} of the CUDA text {other.text!r}"
                )
