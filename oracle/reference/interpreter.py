"""The reference: executes a test case thread by thread, in launch order, and says what every engine must compute.

Threads run one after the other in row-major order of the launch dimensions; the last one varies fastest (documented).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from grammar import nodes as n
from grammar.check import Kernel, Typing, check
from grammar.trees import callee_name
from grammar.types import scalar_of
from oracle.records import BufferRef, FloatArray, Launch, TestCase
from oracle.reference.balls import LARGEST, OUTWARD, STRICT, WEAK, Ball, Regime, ulp
from oracle.reference.departure import NONE, Departure
from oracle.reference.memory import Memory, View
from oracle.reference.statements import BodyInterpreter
from oracle.reference.undefined import Undefined


@dataclass(frozen=True, eq=False)
class Expectation:
    """What the reference computes: final buffers with radii, and how the kernels got there.

    ``radii`` has a float64 array per float buffer (all others are exact). ``executed`` holds the identities of the
    statements and operations that ran in some thread, ``decided`` which ways each condition went. Where
    ``order_matters``, values that atomics returned depend on the order of threads: comparable with the cpu only.
    """

    arrays: Mapping[str, np.ndarray[Any, Any]]
    radii: Mapping[str, FloatArray]
    executed: frozenset[int]
    decided: Mapping[int, frozenset[bool]]
    order_matters: bool
    typing: Typing


def interpret(
    case: TestCase,
    regime: Regime = WEAK,
    typing: Typing | None = None,
    departure: Departure = NONE,
) -> Expectation:
    """Execute a test case; ``departure`` says how an engine is known to depart (see ``oracle.limitations``).

    Raises:
        Undefined: Its meaning is not fixed; carries the node.
        TypeRefused: The module breaks a typing rule.
    """
    typing = typing or check(case.module)
    memories = {buffer.name: Memory.of(buffer.element, buffer.data) for buffer in case.buffers}
    machine = BodyInterpreter(typing, regime, departure, case.steps)
    order_matters = False
    with np.errstate(all="ignore"):
        set_constants(machine)
        for launch in case.launches:
            run_launch(machine, launch, memories)
            order_matters |= any(memory.order_matters() for memory in memories.values())
    return Expectation(
        {name: memory.data() for name, memory in memories.items()},
        {name: memory.radius_data() for name, memory in memories.items() if scalar_of(memory.element).is_float},
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
    for thread, coordinates in enumerate(launch.threads()):
        machine.thread, machine.coordinates = thread, coordinates
        machine.frame = machine.globals | arguments
        machine.block(kernel.definition.body)
    if not machine.regime.ordered:
        for memory in memories.values():
            _allow_any_order(memory)


def _arguments(
    machine: BodyInterpreter, kernel: Kernel, launch: Launch, memories: Mapping[str, Memory]
) -> dict[str, Ball]:
    captured = {name: constant(machine, value) for name, value in kernel.captured.items()}
    given: dict[str, Ball] = {}
    for name, argument in zip(kernel.names, launch.arguments, strict=True):
        value = View.whole(memories[argument.name]) if isinstance(argument, BufferRef) else argument
        given[name] = (value, 0)
    return {**captured, **given}


def _allow_any_order(memory: Memory) -> None:
    """Widen elements that several threads added to: n additions in any order lie within n ULP of the sum of magnitudes.

    Source: Higham, Accuracy and Stability of Numerical Algorithms, 4.2: |error| <= (n - 1) u sum |x|, for both orders.
    What the element held before is at most its final value and all operands together.
    """
    scalar = scalar_of(memory.element)
    if not scalar.is_float:
        return
    for at, updates in memory.shared_updates():
        if updates[0][0] in ("atomic_add", "atomic_sub"):
            size = np.sum(np.abs([np.asarray(operand, dtype=np.float64) for _, operand in updates]), axis=0)
            total = 2.0 * size + np.abs(np.asarray(memory.values[at], dtype=np.float64))
            memory.radii[at] = _added(memory.values[at], memory.radii[at], total, len(updates) + 1, scalar.name)


def _added(value: Any, radius: Any, total: Any, count: int, scalar: str) -> Any:
    if isinstance(value, tuple):
        parts = radius or (0,) * len(value)
        return tuple(_added(v, r, t, count, scalar) for v, r, t in zip(value, parts, total, strict=True))
    if not total <= LARGEST[scalar]:
        return float("inf")
    return (radius + 2 * count * ulp(float(total), scalar)) * OUTWARD


__all__ = ["STRICT", "WEAK", "Expectation", "Undefined", "interpret"]
