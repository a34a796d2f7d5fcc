"""The C++ and the CUDA text of a test case as programs: but for how arguments and threads arrive they must be the same.

Known differences: a CPU kernel takes its arguments from a struct, in a section of its own, behind a prologue for
contiguous arrays; a CUDA kernel takes them as parameters, and where it runs in a grid-stride loop it ends a thread with
``continue``. All else is compared line by line, forward and backward.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest

from oracle.text.source import Function, Line, functions
from oracle.text.statements import declarations

SECTIONS = ("primal vars", "dual vars", "forward", "reverse")

_END = Line(0, "the end")


def difference(cpp: str, cuda: str, symbols: Mapping[str, str]) -> str | None:
    """Say where two texts of one test case differ as programs; None where they do not. Names and lines are quoted.

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
                yield from _between_kernels(one, other) if one and other else [f"{symbol!r} has one target {direction}"]
    if on_cpu.keys() != on_gpu.keys():
        yield f"one text lacks {sorted(on_cpu.keys() ^ on_gpu.keys())}"
    for name in on_cpu:
        for one, other in zip_longest(on_cpu[name], on_gpu.get(name, ())):
            yield from (
                _between_functions(one, other) if one and other else [f"{name!r} has another number of overloads"]
            )


def _between_kernels(here: Function, there: Function) -> Iterator[str]:
    arguments = [(d.type, d.name) for _, d in declarations(here.sections.get("argument vars", ()))]
    parameters = [(p.type, p.name) for p in there.parameters if p.name != "dim"]
    if arguments != parameters:
        yield f"{here.name!r} takes '{_listed(arguments)}', {there.name!r} '{_listed(parameters)}'"
    if _is_in_loop(there):
        *whole, (last, lines) = there.sections.items()
        inner = replace(there, sections={**dict(whole), last: lines[:-1]})
        yield from _between_sections(here, inner, "continue;")
    else:
        yield from _between_sections(here, there, "return;")


def _listed(variables: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{type_} {name}" for type_, name in variables)


def _is_in_loop(function: Function) -> bool:
    """Whether a block ends in a function's sections that did not begin there: a grid-stride loop does."""
    lines = [line.text for section in function.sections.values() for line in section]
    return lines.count("}") > sum(line.endswith("{") for line in lines)


def _between_functions(here: Function, there: Function) -> Iterator[str]:
    if (here.result, here.parameters) != (there.result, there.parameters):
        yield f"{here.name!r} has another signature"
    yield from _between_sections(here, there, "return;")


def _between_sections(here: Function, there: Function, ending: str) -> Iterator[str]:
    """Compare the lines of two functions; ``ending`` stands in the second where the first returns."""
    for title in SECTIONS:
        ours, theirs = here.sections.get(title, ()), there.sections.get(title, ())
        for one, other in zip_longest(ours, theirs, fillvalue=_END):
            if other.text != (ending if one.text == "return;" else one.text):
                where = " in its loop over threads" if one.text == other.text else ""
                yield (
                    f"line {one.number} of the C++ text of {here.name!r} says {one.text!r}, "
                    f"line {other.number} of the CUDA text {other.text!r}{where}"
                )
