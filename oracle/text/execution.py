"""Running a test case with the text that was emitted for it: threads in launch order, one after the other."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import numpy as np

from oracle.records import BufferRef, Executed, Failed, Launch, Outcome, Refused, TestCase
from oracle.text.faults import Fault, Unread
from oracle.text.runtime import UNSET, Array, Range, Rounds, indexref, indices_of, part, sliced, stored, with_part
from oracle.text.source import Function, argument_names, functions
from oracle.text.statements import declarations
from oracle.text.translation import write
from oracle.text.writer import Callee, Conflict, Key, Writer, Written, key_of

FILE = "<text>"
"""The file name of translated code."""

RUNTIME = {
    "UNSET": UNSET,
    "Range": Range,
    **{f.__name__: f for f in (indexref, indices_of, part, sliced, stored, with_part)},
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
    arguments, found = argument_names(text), functions(text)
    kernels = {symbol + FORWARD: symbol for symbol in arguments}
    for name in kernels:
        if name not in found:
            raise Unread(f"a text without {name}")
    helpers = [f for name in found if name not in kernels for f in found[name] if not _is_adjoint(f)]
    callees = {key_of(f): Callee.of(f, f"{f.name}_{at}") for at, f in enumerate(helpers)}
    written = [_helper(function, callees, namespace) for function in helpers]
    for name, symbol in kernels.items():
        names = arguments[symbol]
        parameters = [f"var_{argument}" for argument in names]
        for function in found[name]:
            taken = [(d.name, d.value) for _, d in declarations(function.section("argument vars").lines())]
            if taken != list(zip(parameters, names, strict=True)):
                raise Unread(f"a text where {symbol} takes other arguments than wp_args_{symbol} has", function.line)
            written.append(write(Writer(function, callees, namespace), symbol, ["tid", *parameters]))
    source = "\n".join(line for function in written for line in function.lines)
    exec(compile(source, FILE, "exec"), namespace)
    origins = [origin for function in written for origin in function.origins]
    return Program({symbol: namespace[symbol] for symbol in arguments}, origins)


def _is_adjoint(function: Function) -> bool:
    """Whether a function runs another one backward. Its name does not tell: a user may begin one in the same way."""
    return "reverse" in function.sections or any(p.name.startswith("adj_") for p in function.parameters)


def _helper(function: Function, callees: Mapping[Key, Callee], namespace: dict[str, Any]) -> Written:
    parameters = [p.name for p in function.parameters if not p.is_result]
    return write(Writer(function, callees, namespace), callees[key_of(function)].name, parameters)


def run(case: TestCase, text: str, symbols: Mapping[str, str]) -> Outcome:
    """Execute a test case with its C++ text; ``symbols`` says how the functions of each kernel begin."""
    try:
        program = translated(text)
        kernels = {name: _kernel(program, symbol) for name, symbol in symbols.items()}
    except Unread as unread:
        return Refused(f"not read: {unread.what}", unread.line)
    except Conflict as conflict:
        return Failed("ill_typed_text", f"line {conflict.line}: {conflict.message}")
    arrays = {buffer.name: Array.of(buffer.element, buffer.data) for buffer in case.buffers}
    try:
        with np.errstate(all="ignore"):
            for launch in case.launches:
                _launch(kernels[launch.kernel], launch, arrays)
    except Fault as fault:
        return Failed(fault.kind, f"{fault.message}, at line {_line(fault.__traceback__, program)} of the text")
    return Executed({buffer.name: arrays[buffer.name].data(buffer.element) for buffer in case.buffers})


def _kernel(program: Program, symbol: str) -> Callable[..., None]:
    try:
        return program.kernels[symbol]
    except KeyError:
        raise Unread(f"a text without wp_args_{symbol}") from None


def _launch(kernel: Callable[..., None], launch: Launch, arrays: Mapping[str, Array]) -> None:
    kernel.__globals__["count_round"] = Rounds().count
    arguments = [arrays[a.name] if isinstance(a, BufferRef) else a for a in launch.arguments]
    for thread in itertools.product(*map(range, launch.dims)):
        kernel(thread, *arguments)


def _line(traceback: TracebackType | None, program: Program) -> int:
    """Find the line of the text that was executed last."""
    line = 0
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == FILE:
            line = program.origins[traceback.tb_lineno - 1]
        traceback = traceback.tb_next
    return line
