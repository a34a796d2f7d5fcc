"""A made-up engine whose fault is known: it gets a value wrong wherever a module has some form."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from fuzzer.reduction.problem import Problem, Run
from grammar import Module, parse
from grammar.check import check
from grammar.types import Array
from oracle.judge import judge
from oracle.records import Buffer, BufferRef, Executed, Failed, Judgement, Launch, Options, Outcome, TestCase
from oracle.reference import interpret

Fault = Callable[[Module], bool]


def wrong_where(fault: Fault) -> Run:
    """An engine that adds to the first element of every integer buffer where a module has the fault."""

    def outcome(case: TestCase) -> Outcome:
        right = interpret(case).arrays
        return Executed({name: _changed(array) if fault(case.module) else array for name, array in right.items()})

    return lambda batch: [outcome(case) for case in batch]


def _changed(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    changed = array.copy()
    if changed.dtype.kind == "i":
        changed.flat[0] += 1 if changed.flat[0] < 1 else -1
    return changed


def failing_where(fault: Fault, message: Callable[[TestCase], str], kind: str = "compile_error") -> Run:
    """An engine that fails on a module that has the fault (does not compile it, if nothing else is said), and why."""

    def outcome(case: TestCase) -> Outcome:
        return Failed(kind, message(case)) if fault(case.module) else Executed(interpret(case).arrays)

    return lambda batch: [outcome(case) for case in batch]


class Recorded(Problem):
    """A problem that keeps every step it accepted; the first one is where it started."""

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "case":
            self.__dict__.setdefault("steps", []).append(value)

    @property
    def accepted(self) -> list[TestCase]:
        steps: list[TestCase] = self.__dict__["steps"]
        return steps


def first_judgement(case: TestCase, run: Run) -> Judgement:
    """What the engine's outcome of a test case is worth."""
    [outcome] = run([case])
    return judge(case, "warp-cpu", outcome, interpret(case))


def reduced(case: TestCase, run: Run, deadline: float = math.inf) -> Recorded:
    """Reduce a test case to the end."""
    problem = Recorded(case, first_judgement(case, run), run, deadline)
    problem.reduce()
    return problem


def case_of(source: str, dims: tuple[int, ...], *arguments: Any, options: Options | None = None) -> TestCase:
    """A test case of one kernel named ``k``; a list as an argument is the content of a buffer of its own."""
    module = parse(source)
    kernel = check(module).kernels["k"]
    buffers: list[Buffer] = []
    given: list[Any] = []
    for name, type_, argument in zip(kernel.names, kernel.types, arguments, strict=True):
        if isinstance(type_, Array):
            buffers.append(Buffer.of(name, type_.element, np.array(argument, type_.scalar.dtype), "strided"))
        given.append(BufferRef(name) if isinstance(type_, Array) else argument)
    return TestCase(module, tuple(buffers), (Launch("k", dims, tuple(given)),), options or Options())
