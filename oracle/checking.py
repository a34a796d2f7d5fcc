"""A person's own kernel under the oracle: run natively, and compared with the reference.

What runs is the kernel object itself, in its own module (see :mod:`oracle.warp.own`). The reference executes what it is
read as, a module of the language (see :mod:`oracle.warp.sources`). Copies of that module run only to explain a
departure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from operator import index
from typing import Any

import numpy as np

from grammar.check.statements import MAX_DIMENSIONS
from grammar.errors import UserError
from grammar.ops.record import Value
from grammar.types import Array, Element, Scalar, Type, scalar_of, shape_of
from oracle.attribution import attributed
from oracle.judge import judge, regime_of
from oracle.records import Buffer, BufferRef, Judgement, Launch, TestCase, Verdict
from oracle.reference import Expectation, Undefined, interpret
from oracle.reference.undefined import FRAGILE, FUEL, OUT_OF_RANGE, OVERFLOW, RACE, UNSET
from oracle.warp import own
from oracle.warp.internals import Captured
from oracle.warp.native import WarpCpu
from oracle.warp.session import apart
from oracle.warp.sources import Source, checked_kernel, source_of

STEPS = 200_000
"""Statements that a kernel may execute in all its threads: the reference takes some seconds for them."""

#: What is to blame where a kernel has no defined meaning. Other reasons have no kind of their own.
KIND_OF = {RACE: "data_race", OUT_OF_RANGE: "out_of_bounds", OVERFLOW: "overflow", UNSET: "uninitialised_read"}

#: Why nothing can be said of a kernel that may well be right.
UNCOMPARED = {
    FRAGILE: "the outcome depends on how a value is rounded",
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

#: The kinds of NumPy's types that may become a scalar of each kind of the language.
ACCEPTED = {"bool": "b", "int": "iu", "uint": "iu", "float": "fiu"}


def check_kernel(kernel: Any, inputs: Sequence[Any] | Mapping[str, Any], dim: int | Sequence[int]) -> Judgement:
    """Launch a kernel once and say whether it computes what Warp's documentation promises.

    The kernel itself is launched on the CPU, in this process: as it stands in its module, with what it captured when
    Warp generated its code, and only where the reference found its meaning defined. What it writes is judged, its
    gradients are not. Inputs, the module and the tape are left as they are; Warp's kernel cache keeps what was built.

    Args:
        kernel: A function decorated with ``@wp.kernel``. Its source is read and parsed.
        inputs: One for each parameter, in order or by its name. For an array: a NumPy array of the very type, with the
            shape of an element last ((n, 3) for an array of n ``wp.vec3``); the same object twice is one array. For a
            scalar: a number; for a vector or matrix: numbers in its shape.
        dim: The dimensions of the launch, one to four; or a single one.

    Returns:
        The verdict. ``AGREE``: every element lies within its bound. ``KNOWN``: it departs exactly as ``limitation``
        says. ``DISCREPANCY``: it departs, see ``kind``, ``message`` and ``mismatches``. ``INVALID``: the kernel has no
        defined meaning on these inputs; ``message`` has the reason and the line, and ``kind`` is one of KIND_OF or
        empty. ``UNCOMPARED`` and ``UNSUPPORTED``: nothing can be said; ``message`` has the reason.

    Raises:
        UserError: The kernel is outside of the language, which names the line, or the inputs do not fit it.
    """
    checked_kernel(kernel)
    with own.undisturbed(kernel):
        captured = own.captured_by(kernel)
        if captured is None:
            return Judgement(Verdict.UNCOMPARED, WarpCpu.name, message=CHANGED)
        source = source_of(kernel, captured)
        case = _case(source, inputs, dim)
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
    if judgement.verdict is not Verdict.DISCREPANCY:
        return judgement
    alone = judge(case, WarpCpu.name, own.run_alone(kernel, captured, case), expectation)
    if alone.verdict is Verdict.DISCREPANCY:
        with apart():
            return attributed(case, judgement, WarpCpu())
    if judgement.kind == "compile_error":
        return replace(judgement, verdict=Verdict.UNCOMPARED, kind="", message=OTHERS.format(judgement.message))
    return replace(judgement, layer="cache", message=f"{judgement.message}; {MIXED_UP}")


def _undefined(source: Source, undefined: Undefined) -> Judgement:
    message = source.fault(UNCOMPARED.get(undefined.reason, undefined.reason), undefined.node)
    verdict = Verdict.UNCOMPARED if undefined.reason in UNCOMPARED else Verdict.INVALID
    return Judgement(verdict, "reference", KIND_OF.get(undefined.reason, ""), message)


def _case(source: Source, inputs: Sequence[Any] | Mapping[str, Any], dim: int | Sequence[int]) -> TestCase:
    names, types = source.kernel.names, source.kernel.types
    given = _in_order(source.name, names, inputs)
    buffers: dict[int, Buffer] = {}
    arguments: list[Any] = []
    for name, type_, one in zip(names, types, given, strict=True):
        if isinstance(type_, Array):
            buffer = buffers.setdefault(id(one), Buffer(name, type_.element, np.asarray(one)))
            _check_array(source.name, name, type_, buffer)
            arguments.append(BufferRef(buffer.name))
        else:
            arguments.append(_value(source.name, name, type_, one))
    launch = Launch(source.name, _dimensions(dim), tuple(arguments))
    return TestCase(source.typing.module, tuple(buffers.values()), (launch,), source.options, steps=STEPS)


def _in_order(kernel: str, names: Sequence[str], inputs: Sequence[Any] | Mapping[str, Any]) -> Sequence[Any]:
    if isinstance(inputs, Mapping):
        if set(inputs) != set(names):
            raise UserError(f"{kernel} needs inputs named {', '.join(names)}; given were {', '.join(map(str, inputs))}")
        return [inputs[name] for name in names]
    if len(inputs) != len(names):
        raise UserError(f"{kernel} needs an input for each of {', '.join(names)}; {len(inputs)} were given")
    return inputs


def _check_array(kernel: str, name: str, type_: Array, buffer: Buffer) -> None:
    data, inner = buffer.data, shape_of(type_.element)
    outer = data.shape[: data.ndim - len(inner)]
    fits = data.dtype == scalar_of(type_).dtype and (*outer, *inner) == data.shape and len(outer) == type_.ndim
    if not fits or buffer.element != type_.element:
        raise _misfit(kernel, name, type_, data)


def _value(kernel: str, name: str, type_: Type, given: Any) -> Value:
    assert isinstance(type_, Element)
    data, scalar = np.asarray(given), scalar_of(type_)
    if data.shape != shape_of(type_) or data.dtype.kind not in ACCEPTED[scalar.kind]:
        raise _misfit(kernel, name, type_, data)
    converted = data.astype(scalar.dtype)
    if scalar.is_integer and (converted != data).any():
        raise _misfit(kernel, name, type_, data)
    return _as_value(converted, scalar)


def _as_value(data: np.ndarray[Any, Any], scalar: Scalar) -> Value:
    if data.ndim:
        return tuple(_as_value(row, scalar) for row in data)
    return data[()] if scalar.is_float else data.item()


def _misfit(kernel: str, name: str, type_: Type, data: np.ndarray[Any, Any]) -> UserError:
    what = f"{data.dtype} of shape {data.shape}" if data.ndim else f"{data.dtype} {data}"
    wanted = str(type_)
    if isinstance(type_, Array):
        shape = ", ".join(["n"] * type_.ndim + list(map(str, shape_of(type_.element))))
        wanted = f"{scalar_of(type_)} of shape ({shape})"
    return UserError(f"the input {name!r} of {kernel} is {what}; it needs to be {wanted}")


def _dimensions(dim: int | Sequence[int]) -> tuple[int, ...]:
    try:
        dims = tuple(map(index, dim if isinstance(dim, Iterable) else (dim,)))
    except TypeError:
        raise UserError(f"the dimensions of a launch are integers, not {dim!r}") from None
    if not 1 <= len(dims) <= MAX_DIMENSIONS or min(dims) < 0:
        raise UserError(f"a launch has one to four dimensions, none of them negative, not {dims}")
    return dims
