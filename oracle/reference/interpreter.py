"""The reference: executes a test case thread by thread, in launch order, and says what every engine must compute.

Threads run one after the other in row-major order of the launch dimensions; the last one varies fastest (documented).
Many that do not depend on each other run side by side (:mod:`oracle.reference.lanes`), which gives the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grammar import nodes as n
from grammar.check import Kernel, Typing
from grammar.ops.atomics import SUMS
from grammar.ops.balls import Ball
from grammar.ops.record import Value
from grammar.trees import callee_name
from grammar.types import Array, Scalar, Type
from oracle.records import FloatArray, Launch, TestCase
from oracle.reference.bindings import BindingInterpreter
from oracle.reference.bounding import STRICT, WEAK, Regime, normal, radius_of_sum
from oracle.reference.departure import NONE, Departure
from oracle.reference.lanes import run_in_lanes
from oracle.reference.memory import Memory, View, memories_of
from oracle.reference.shadow import Path
from oracle.reference.statements import BodyInterpreter
from oracle.reference.stopwatch import INTERPRETING
from oracle.reference.undefined import Undefined

MANY = 32
"""Threads from which on they run side by side: below, running them one by one takes less time."""


@dataclass(frozen=True, eq=False)
class Expectation:
    """What the reference computes: final columns of buffers with radii, by name, and how the kernels got there.

    ``radii`` has a float64 array per column of floats (all others are exact). ``executed`` holds the identities of the
    statements and operations that ran in some thread, ``decided`` which ways each condition went. Where
    ``order_matters``, values that atomics returned depend on the order of threads: comparable with the cpu only.
    """

    arrays: Mapping[str, np.ndarray[Any, Any]]
    radii: Mapping[str, FloatArray]
    executed: frozenset[int]
    decided: Mapping[int, frozenset[bool]]
    order_matters: bool
    typing: Typing


@INTERPRETING
def interpret(
    case: TestCase,
    regime: Regime = WEAK,
    typing: Typing | None = None,
    departure: Departure = NONE,
) -> Expectation:
    """Execute a test case; ``departure`` says how an engine is known to depart (see ``oracle.limitations.catalogue``).

    Raises:
        Undefined: Its meaning is not fixed; carries the node.
        TypeRefused: The module breaks a typing rule.
    """
    typing = typing or case.typed()
    memories = memories_of(case.buffers)
    machine = (BindingInterpreter if departure.bindings else BodyInterpreter)(typing, regime, departure, case.steps)
    order_matters = False
    with np.errstate(all="ignore"):
        set_constants(machine)
        for launch in case.launches:
            run_launch(machine, launch, memories)
            order_matters |= any(memory.order_matters() for memory in memories.values())
    columns = [
        (name + leaf.suffix, memory, leaf) for name, memory in memories.items() for leaf in memory.element.leaves
    ]
    return Expectation(
        {name: memory.column(leaf) for name, memory, leaf in columns},
        {name: memory.radii_of(leaf) for name, memory, leaf in columns if leaf.scalar.is_float},
        frozenset(machine.executed),
        {at: frozenset(ways) for at, ways in machine.decided.items()},
        order_matters,
        typing,
    )


def set_constants(machine: BodyInterpreter) -> None:
    """Evaluate the module's constants in order, as Python does when the module is loaded."""
    for name, binding in machine.typing.constants.items():
        machine.globals[name] = constant(machine, binding.value)


def constant(machine: BodyInterpreter, value: n.Expr) -> Ball:
    """Evaluate one constant; ``wp.constant(x)`` is x."""
    if isinstance(value, n.Call) and callee_name(value.function) == "wp.constant":
        assert isinstance(value.arguments[0], n.Expr)
        return machine.evaluate(value.arguments[0])
    return machine.evaluate(value)


def run_launch(machine: BodyInterpreter, launch: Launch, memories: Mapping[str, Memory]) -> None:
    """Run every thread of one launch."""
    kernel = machine.typing.kernels[launch.kernel]
    for memory in memories.values():
        memory.begin_launch()
    arguments = _arguments(machine, kernel, launch, memories)
    machine.written = machine.typing.written_constants | kernel.captured
    suited = MANY <= math.prod(launch.dims) <= machine.steps and machine.departure is NONE
    if not (suited and run_in_lanes(machine, launch, arguments, memories)):
        _run_one_by_one(machine, launch, kernel.definition.body, arguments)
    if not machine.regime.ordered:
        for memory in memories.values():
            _allow_any_order(memory)


def _run_one_by_one(machine: BodyInterpreter, launch: Launch, body: n.Block, arguments: dict[str, Ball]) -> None:
    for thread, coordinates in enumerate(launch.threads()):
        machine.thread, machine.coordinates = thread, coordinates
        machine.frame = machine.globals | arguments
        try:
            machine.block(body)
        except Undefined as undefined:
            undefined.thread, undefined.variables = coordinates, machine.frame
            raise


def _arguments(
    machine: BodyInterpreter, kernel: Kernel, launch: Launch, memories: Mapping[str, Memory]
) -> dict[str, Ball]:
    captured = {name: constant(machine, value) for name, value in kernel.captured.items()}
    given: dict[str, Ball] = {}
    for name, type_, argument in zip(kernel.names, kernel.types, launch.arguments, strict=True):
        given[name] = Ball(_argument(type_, argument, memories))
    return {**captured, **given}


def _argument(type_: Type, given: Any, memories: Mapping[str, Memory]) -> Value:
    """What a kernel is given for an argument of a launch."""
    if isinstance(type_, Array):
        return View.referred(memories, given, type_)
    if not type_.handles:
        return given
    return tuple([_argument(part, one, memories) for part, one in zip(type_.parts, given, strict=True)])


def _allow_any_order(memory: Memory) -> None:
    """Widen the radii of what several threads added to."""
    for at, updates in memory.shared_updates():
        added = [(path, operand) for kind, path, operand in updates if kind in SUMS]
        if added:
            memory.radii[at] = normal(_widened(memory.element, memory.values[at], memory.radii[at], added))


def _widened(type_: Type, value: Any, radius: Any, added: Sequence[tuple[Path, Any]]) -> Any:
    """Widen the radius of an element, or of a part, to which several threads added operands at paths."""
    if isinstance(type_, Scalar) and type_.is_float:
        return radius_of_sum(value, radius, [operand for _, operand in added], type_.name)
    if not type_.parts:
        return radius
    radii = radius or (0,) * len(type_.parts)
    parts = (_parts_added(added, position, len(type_.parts)) for position in range(len(type_.parts)))
    return tuple([_widened(*one) for one in zip(type_.parts, value, radii, parts, strict=True)])


def _parts_added(added: Sequence[tuple[Path, Any]], position: int, length: int) -> list[tuple[Path, Any]]:
    """Return what of these operands was added to one component, with the rest of the paths."""
    return [
        (path[1:], operand if path else operand[position])
        for path, operand in added
        if not path or path[0] % length == position
    ]


__all__ = ["STRICT", "WEAK", "Expectation", "Undefined", "interpret"]
