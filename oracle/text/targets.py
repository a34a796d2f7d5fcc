"""The C++ and the CUDA text of a test case as programs: but for how arguments and threads arrive they must be the same.

Known differences: a CPU kernel takes its arguments from a struct, in a section of its own; a CUDA kernel takes them as
parameters, and where it runs in a grid-stride loop it ends a thread with ``continue``. What precedes the sections is of
a form that is known of the target (:mod:`oracle.text.prologues`), and so are header and macros
(:mod:`oracle.text.headers`) and what calls a C++ kernel (:mod:`oracle.text.entries`). All else is compared line by
line, forward and backward.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest

from oracle.text.entries import unknown_entry
from oracle.text.faults import Departure, Line
from oracle.text.headers import unknown_header
from oracle.text.prologues import unknown_prologue, unlike
from oracle.text.source import END, Field, Function, argument_fields, functions
from oracle.text.statements import declarations
from oracle.text.structs import Definition, definitions, unknown_structs

SECTIONS = ("primal vars", "dual vars", "forward", "reverse")


def difference(cpp: str, cuda: str, symbols: Mapping[str, str]) -> Departure | None:
    """Say where two texts of one test case differ as programs; None where they do not. Names and lines are quoted.

    What belongs in a text is what is known of its target; else what the C++ text says belongs in the CUDA text.

    ``symbols`` says how the names of the functions of each kernel begin. Raises Unread where an argument is not read.
    """
    return next(_differences(cpp, cuda, tuple(symbols.values())), None)


def _differences(cpp: str, cuda: str, symbols: tuple[str, ...]) -> Iterator[Departure]:
    yield from unknown_header(cpp, "cpu")
    yield from unknown_header(cuda, "cuda")
    yield from unknown_structs(cpp, "cpu")
    yield from unknown_structs(cuda, "cuda")
    yield from _between_structs(definitions(cpp), definitions(cuda))
    on_cpu, on_gpu = dict(functions(cpp)), dict(functions(cuda))
    fields = argument_fields(cpp)
    for symbol in symbols:
        for direction in ("forward", "backward"):
            here, there = (
                found.pop(f"{symbol}_{target}_kernel_{direction}", [])
                for found, target in ((on_cpu, "cpu"), (on_gpu, "cuda"))
            )
            for one, other in zip_longest(here, there):
                if one and other:
                    yield from _other_fields(one, fields.get(symbol, ()), symbol)
                    yield from _between_kernels(one, other)
                    yield from unknown_entry(cpp, one)
                else:
                    yield _lacks(f"{symbol!r} has one target {direction}", f"{symbol}_cuda_kernel_{direction}(", one)
    for name in dict.fromkeys((*on_cpu, *on_gpu)):
        for one, other in zip_longest(on_cpu.get(name, ()), on_gpu.get(name, ())):
            if one and other:
                yield from _between_functions(one, other)
            else:
                yield _lacks(f"one text lacks a function {name!r}", f" {name}(", one)


def _between_structs(here: Mapping[str, Definition], there: Mapping[str, Definition]) -> Iterator[Departure]:
    """Say where two texts define other structs: these may also differ in what runs them backward."""
    for name in dict.fromkeys((*here, *there)):
        if name in here and name in there:
            yield from _between_lines(name, here[name].section.lines(), there[name].section.lines(), "return;")
        else:
            declared = f"struct {name}"
            ours, theirs = (declared if name in found else "" for found in (here, there))
            yield Departure(f"one text lacks {declared!r}", "cuda", ours, theirs)


def _lacks(message: str, declared: str, on_cpu: Function | None) -> Departure:
    """One text has a function that the other has not; where only the CUDA text has it, it is too much there."""
    return Departure(message, "cuda", declared if on_cpu else "", "" if on_cpu else declared)


def _other_fields(kernel: Function, fields: Sequence[Field], symbol: str) -> Iterator[Departure]:
    """Say where the struct that a launch fills has other fields than the kernel takes out of it."""
    declared = (d for _, d in declarations(kernel.section("argument vars").lines()))
    taken = [f"{d.type} {d.name.removeprefix('var_')};" for d in declared if d.name.startswith("var_")]
    lines = [Line(field.line, f"{field.type} {field.name};") for field in fields]
    yield from unlike(lines, taken, "cpu", f"wp_args_{symbol}")


def _between_kernels(here: Function, there: Function) -> Iterator[Departure]:
    yield from unknown_prologue(here, "cpu")
    yield from unknown_prologue(there, "cuda")
    arguments = [(d.type, d.name) for _, d in declarations(here.section("argument vars").lines())]
    parameters = [(p.type, p.name) for p in there.parameters if p.name != "dim"]
    if arguments != parameters:
        ours, theirs = _listed(arguments), _listed(parameters)
        message = f"{here.name!r} takes '{ours}', {there.name!r} '{theirs}'"
        yield Departure(message, "cuda", ours, theirs)
    if _is_in_loop(there):
        yield from _between_sections(here, _without_loop(there), "continue;")
    else:
        yield from _between_sections(here, there, "return;")


def _listed(variables: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{type_} {name}" for type_, name in variables)


def _declared(function: Function) -> str:
    parameters = (f"{p.type}{' &' * p.is_result} {p.name}" for p in function.parameters)
    return f"{function.result} {function.name}( {', '.join(parameters)}"


def _is_in_loop(function: Function) -> bool:
    """Whether the sections of a function lie in a block: in a grid-stride loop."""
    return any(line.text == "{" for line in function.prologue.lines())


def _without_loop(function: Function) -> Function:
    """Take the sections of a function out of the loop that they lie in, which ends with the last of them."""
    *whole, (title, last) = ((title, section.outer()) for title, section in function.sections.items())
    return replace(function, sections={**dict(whole), title: last.without_last()})


def _between_functions(here: Function, there: Function) -> Iterator[Departure]:
    if (here.result, here.parameters) != (there.result, there.parameters):
        ours, theirs = (_declared(function) for function in (here, there))
        yield Departure(f"{here.name!r} gives and takes '{ours}', on cuda '{theirs}'", "cuda", ours, theirs)
    yield from _between_lines(here.name, here.prologue.lines(), there.prologue.lines(), "return;")
    yield from _between_sections(here, there, "return;")


def _between_sections(here: Function, there: Function, ending: str) -> Iterator[Departure]:
    """Compare two functions; ``ending`` stands in the second where the first returns."""
    for title in SECTIONS:
        ours, theirs = here.section(title), there.section(title)
        if not _agree(ours.text, theirs.text, ending):
            yield from _between_lines(here.name, ours.lines(), theirs.lines(), ending)


def _agree(ours: str, theirs: str, ending: str) -> bool:
    """Whether two sections are the same to the letter. Where they are not, their lines may be: that takes longer."""
    return f"{ours.rstrip()}\n".replace("  return;\n", f"  {ending}\n") == f"{theirs.rstrip()}\n"


def _between_lines(name: str, ours: Sequence[Line], theirs: Sequence[Line], ending: str) -> Iterator[Departure]:
    for one, other in zip_longest(ours, theirs, fillvalue=END):
        if other.text != (ending if one.text == "return;" else one.text):
            where = " in its loop over threads" if one.text == other.text else ""
            message = (
                f"line {one.number} of the C++ text of {name!r} says {one.text!r}, "
                f"line {other.number} of the CUDA text {other.text!r}{where}"
            )
            yield Departure(message, "cuda", ending if one.text == "return;" else one.text, other.text)
