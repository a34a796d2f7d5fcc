"""Running a test case with the text that was emitted for it: threads in launch order, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import numpy as np

from oracle.records import Executed, Failed, Launch, Outcome, Refused, TestCase, in_order
from oracle.text.faults import Fault, Unread
from oracle.text.runtime import (
    UNSET,
    Array,
    Range,
    Rounds,
    Whole,
    given,
    indexref,
    indices_of,
    part,
    sliced,
    stored,
    with_part,
)
from oracle.text.source import Field, Function, argument_fields, functions, last_line
from oracle.text.spelling import Records
from oracle.text.statements import declarations
from oracle.text.structs import records
from oracle.text.translation import write
from oracle.text.writer import Callee, Conflict, Key, Writer, Written, key_of

FILE = "<text>"
"""The file name of translated code."""

RUNTIME = {
    "UNSET": UNSET,
    "Range": Range,
    **{f.__name__: f for f in (Whole, indexref, indices_of, part, sliced, stored, with_part)},
}
"""What translated lines call."""

FORWARD = "_cpu_kernel_forward"
"""How the function of a kernel ends that runs it forward on the CPU."""


@dataclass(frozen=True)
class Program:
    """A translated text: a Python function per kernel, and for each Python line the line of the text it stands for."""

    kernels: Mapping[str, Callable[..., None]]
    origins: list[int]


def translated(text: str) -> Program:
    """Translate what a C++ text runs forward.

    Raises:
        Unread: Something in it is not known.
        Conflict: It is ill typed.
    """
    namespace: dict[str, Any] = dict(RUNTIME)
    arguments, found, structs = argument_fields(text), functions(text), records(text)
    kernels = {symbol: _only(found, symbol + FORWARD, text) for symbol in arguments}
    entries = {kernel.name for kernel in kernels.values()}
    helpers = [f for name in found if name not in entries for f in found[name] if not _is_adjoint(f)]
    callees = _callees(helpers, structs)
    written = [_helper(Writer(function, callees, namespace, structs)) for function in helpers]
    for symbol, fields in arguments.items():
        _expect_arguments(kernels[symbol], symbol, fields)
        parameters = [f"var_{field.name}" for field in fields]
        written.append(write(Writer(kernels[symbol], callees, namespace, structs), symbol, ["tid", *parameters]))
    source = "\n".join(line for function in written for line in function.lines)
    exec(compile(source, FILE, "exec"), namespace)
    origins = [origin for function in written for origin in function.origins]
    return Program({symbol: namespace[symbol] for symbol in arguments}, origins)


def _only(found: Mapping[str, Sequence[Function]], name: str, text: str) -> Function:
    """Return the function of that name, of which there must be one."""
    if name not in found:
        raise Unread(f"a text without {name}", last_line(text))
    function, *others = found[name]
    if others:
        raise Unread(f"a second {name}", others[0].line)
    return function


def _expect_arguments(kernel: Function, symbol: str, fields: Sequence[Field]) -> None:
    """Demand that a kernel takes all that a launch lays out for it, by the same names and of the same types."""
    taken = [(d.type, d.name, d.value) for _, d in declarations(kernel.section("argument vars").lines())]
    if taken != [(field.type, f"var_{field.name}", f"_wp_args->{field.name}") for field in fields]:
        raise Unread(f"a text where {symbol} takes other arguments than wp_args_{symbol} has", kernel.line)


def _callees(helpers: Sequence[Function], structs: Records) -> Mapping[Key, Callee]:
    """Say how functions are called; two that could not be told apart in a call are refused (C++: a redefinition)."""
    callees: dict[Key, Callee] = {}
    for at, function in enumerate(helpers):
        key = key_of(function, structs)
        if key in callees:
            raise Unread(f"a second {function.name} of the same parameters", function.line)
        callees[key] = Callee.of(function, f"{function.name}_{at}", structs)
    return callees


def _is_adjoint(function: Function) -> bool:
    """Whether a function runs another one backward. Its name does not tell: a user may begin one in the same way."""
    return "reverse" in function.sections or any(p.name.startswith("adj_") for p in function.parameters)


def _helper(writer: Writer) -> Written:
    function = writer.function
    parameters = [p.name for p in function.parameters if not p.is_result]
    return write(writer, writer.callees[key_of(function, writer.records)].name, parameters)


def run(case: TestCase, text: str, symbols: Mapping[str, str]) -> Outcome:
    """Execute a test case with its C++ text; ``symbols`` says how the functions of each kernel begin."""
    try:
        program = translated(text)
        kernels = {name: _kernel(program, symbol, text) for name, symbol in symbols.items()}
    except Unread as unread:
        return Refused(f"not read: {unread.what}", unread.line)
    except Conflict as conflict:
        return Failed("ill_typed_text", conflict.message, conflict.line)
    arrays: dict[str, Array] = {}
    for buffer in in_order(case.buffers):
        arrays[buffer.name] = Array.of(buffer, arrays)
    try:
        with np.errstate(all="ignore"):
            for launch in case.launches:
                _launch(kernels[launch.kernel], launch, arrays)
    except Fault as fault:
        return Failed(fault.kind, fault.message, _line(fault.__traceback__, program))
    return Executed(dict(column for buffer in case.buffers for column in arrays[buffer.name].columns(buffer)))


def _kernel(program: Program, symbol: str, text: str) -> Callable[..., None]:
    try:
        return program.kernels[symbol]
    except KeyError:
        raise Unread(f"a text without wp_args_{symbol}", last_line(text)) from None


def _launch(kernel: Callable[..., None], launch: Launch, arrays: Mapping[str, Array]) -> None:
    kernel.__globals__["count_round"] = Rounds().count
    arguments = [given(argument, arrays) for argument in launch.arguments]
    for thread in launch.threads():
        kernel(thread, *arguments)


def _line(traceback: TracebackType | None, program: Program) -> int:
    """Find the line of the text that was executed last."""
    line = 0
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == FILE:
            line = program.origins[traceback.tb_lineno - 1]
        traceback = traceback.tb_next
    return line
