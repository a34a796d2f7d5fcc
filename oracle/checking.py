"""A person's own kernel under the oracle: run natively, and compared with the reference.

What runs is the kernel object itself, in its own module (see :mod:`oracle.warp.own`). The reference executes what it is
read as, a module of the language (see :mod:`oracle.warp.sources`). Copies of that module run only to explain a
departure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from grammar.nodes import Name
from grammar.trees import walk
from oracle.judge import judge, nearest_to_its_bound, regime_of
from oracle.launch_inputs import STEPS, launch_of
from oracle.limitations.catalogue import limitations
from oracle.records import Executed, Judgement, TestCase, Verdict
from oracle.reference import Expectation, Undefined, interpret
from oracle.reference.memory import View
from oracle.reference.undefined import FRAGILE, FUEL, OUT_OF_RANGE, OVERFLOW, RACE, UNSET
from oracle.warp import own
from oracle.warp.internals import Captured
from oracle.warp.native import WarpCpu
from oracle.warp.sources import Source, checked_kernel, source_of

#: What is to blame where a kernel has no defined meaning. Other reasons have no kind of their own.
KIND_OF = {RACE: "data_race", OUT_OF_RANGE: "out_of_bounds", OVERFLOW: "overflow", UNSET: "uninitialised_read"}

#: Why nothing can be said of a kernel that may well be right.
UNCOMPARED = {
    FRAGILE: "the outcome depends on how a value is rounded, or on which sign a zero has",
    FUEL: f"the reference stops after {STEPS} statements: check it with fewer threads",
}

CHANGED = (
    "what the kernel captures has changed since Warp generated its code, and a launch still runs the code of then: "
    "check it before it is launched, or define it again"
)
"""Why nothing can be said where the program is not known."""

OTHERS = "Warp does not build the module of the kernel, because of something else in it: {}"
"""Why nothing can be said where the kernel alone would be fine."""

MIXED_UP = "in a module of its own the kernel agrees, so that Warp takes it for another one"
"""What shows that a cache is to blame."""


def check_kernel(kernel: Any, inputs: Sequence[Any] | Mapping[str, Any], dim: int | Sequence[int]) -> Judgement:
    """Launch a kernel once and say whether it computes what Warp's documentation promises.

    The kernel itself is launched on the CPU, in this process: as it stands in its module, with what it captured when
    Warp generated its code, and only where the reference found its meaning defined. What it writes is judged, its
    gradients are not. Inputs, the module and the tape are left as they are; Warp's kernel cache keeps what was built.

    Args:
        kernel: A function decorated with ``@wp.kernel``. Its source is read and parsed.
        inputs: One for each parameter, in order or by its name. For an array: a Warp array, or a NumPy array of the
            very type with the shape of an element last ((n, 3) for an array of n ``wp.vec3``); the same object twice is
            one array; None is no array. For a scalar: a number; for a vector or matrix: one of Warp's, or numbers in
            its shape; for a struct: an instance of it, whose arrays are such arrays. An array of structs is one of
            Warp's, or a structured array of NumPy's; its structs have no arrays.
        dim: The dimensions of the launch, one to four; or a single one.

    Returns:
        The verdict. ``AGREE``: every element lies within its bound. ``KNOWN``: it departs exactly as ``limitation``
        says. ``DISCREPANCY``: it departs, see ``kind``, ``message`` and ``mismatches``. ``INVALID``: the kernel has no
        defined meaning on these inputs; ``message`` has the reason and the line, and ``kind`` is one of KIND_OF or
        empty. ``UNCOMPARED`` and ``UNSUPPORTED``: nothing can be said; ``message`` has the reason.

    Raises:
        UserError: The kernel is outside of the language, which names the line, or the inputs or dimensions do not fit.
    """
    checked_kernel(kernel)
    with own.undisturbed(kernel):
        captured = own.captured_by(kernel)
        if captured is None:
            return Judgement(Verdict.UNCOMPARED, WarpCpu.name, message=CHANGED)
        source = source_of(kernel, captured)
        case = launch_of(source, inputs, dim)
        try:
            expectation = interpret(case, regime_of(case, WarpCpu.name), source.typing)
        except Undefined as undefined:
            return _undefined(source, undefined)
        works, reason = WarpCpu.available()
        if not works:
            return Judgement(Verdict.UNSUPPORTED, WarpCpu.name, message=reason)
        return _judged(kernel, captured, case, expectation)


def _judged(kernel: Any, captured: Captured, case: TestCase, expectation: Expectation) -> Judgement:
    """Run a kernel and judge what it computes; what departs in its module, but not alone, is mixed up by a cache."""
    outcome = own.run(kernel, case)
    judgement = judge(case, WarpCpu.name, outcome, expectation)
    if isinstance(outcome, Executed) and judgement.verdict is Verdict.AGREE:
        return replace(judgement, farthest=nearest_to_its_bound(outcome, expectation))
    if judgement.verdict is not Verdict.DISCREPANCY:
        return _explained(judgement)
    alone = judge(case, WarpCpu.name, own.run_alone(kernel, captured, case), expectation)
    if alone.verdict is Verdict.DISCREPANCY:
        return judgement
    if judgement.kind == "compile_error":
        return replace(judgement, verdict=Verdict.UNCOMPARED, kind="", message=OTHERS.format(judgement.message))
    return replace(judgement, layer="cache", message=f"{judgement.message}; {MIXED_UP}")


def _explained(judgement: Judgement) -> Judgement:
    """Let the message of what is known say what is known of it."""
    titles = [item.title for item in limitations() if item.identifier in judgement.limitation.split(" + ")]
    return replace(judgement, message=" ".join(titles)) if titles else judgement


def _undefined(source: Source, undefined: Undefined) -> Judgement:
    message = source.fault(UNCOMPARED.get(undefined.reason, undefined.reason), undefined.node)
    if undefined.reason in UNCOMPARED:
        return Judgement(Verdict.UNCOMPARED, "reference", message=message)
    return Judgement(
        Verdict.INVALID, "reference", KIND_OF.get(undefined.reason, ""), message + _circumstances(undefined)
    )


def _circumstances(undefined: Undefined) -> str:
    """Say in which thread something is undefined, and what the variables in it hold there."""
    if not undefined.thread:
        return ""
    names = dict.fromkeys(node.id for node in walk(undefined.node) if isinstance(node, Name))
    held = [_held(name, undefined.variables[name].value) for name in names if name in undefined.variables]
    where = f", in thread {', '.join(map(str, undefined.thread))}"
    return f"{where}, where {' and '.join(held)}" if held else where


def _held(name: str, value: Any) -> str:
    if isinstance(value, View):
        return f"{name} has the shape ({', '.join(map(str, value.shape))})"
    return f"{name} is {value!s}"
