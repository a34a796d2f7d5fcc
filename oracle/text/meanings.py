"""What ``wp::`` functions mean: what the Op table says, found by name and the declared types.

A meaning is a Python function of values. Integers come out of the table exact; here they are brought into their type
as C++ does it: unsigned and narrow ones wrap, overflow of int32 and int64 is a fault.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

from grammar.ops.components import over
from grammar.ops.record import TABLE, Op, Overload
from grammar.ops.table import comparisons
from grammar.types import INTS, Element, Scalar, Type
from oracle.text.faults import Fault
from oracle.text.runtime import known

Meaning = Callable[..., Any]

#: What is called otherwise in the text: the conversions of Python's own type names are macros there.
ALIASES = {"float": "float32", "int": "int32"}

BY_ZERO = "integer division by zero"
"""How the table says that a divisor is zero."""


@cache
def _by_name() -> dict[str, tuple[Op, ...]]:
    names = dict.fromkeys(op.name for op in TABLE.values())
    return {name: tuple(op for op in TABLE.values() if op.name == name) for name in names}


def is_known(name: str) -> bool:
    """Say whether the table has an operation of that name in the text, for whatever types."""
    return ALIASES.get(name, name) in _by_name()


def overload_of(name: str, parameters: Sequence[object], result: object) -> Overload | None:
    """Find an operation by its name in the text; None where the table has none for these types."""
    return _found(_by_name().get(ALIASES.get(name, name), ()), tuple(parameters), result)


def construction(type_: object, parameters: Sequence[object]) -> Overload | None:
    """Find the operation that makes a value of a type; None where the table has none for these types."""
    return _found(_constructors(), tuple(parameters), type_)


@cache
def _found(ops: Sequence[Op], parameters: tuple[object, ...], result: object) -> Overload | None:
    if not all(isinstance(type_, Type) for type_ in (*parameters, result)):
        return None  # the text has types that the language has not
    matches = (op.applied(parameters, result) for op in ops)  # type: ignore[arg-type]
    return next(filter(None, matches), None)


@cache
def _constructors() -> tuple[Op, ...]:
    return tuple(op for op in TABLE.values() if op.makes_type)


def comparison(symbol: str, parameters: Sequence[object], result: object) -> Overload | None:
    """Find a comparison by its C++ operator."""
    return overload_of(comparisons()[symbol].name, parameters, result)


@cache
def meaning_of(overload: Overload) -> Meaning:
    """Return an operation as a function of values, which raises :class:`Fault` where it is undefined."""
    bring, value = into(overload.result), overload.value
    whole = value if bring is None else _composed(bring, value)
    if overload.domain is not None:
        whole = _within_domain(overload, whole)
    return _of_values(whole) if any(part.parts for p in overload.parameters for part in p.parts) else whole


def _composed(bring: Meaning, value: Meaning) -> Meaning:
    return lambda *values: bring(value(*values))


def _of_values(value: Meaning) -> Meaning:
    """See to it that what walks through a matrix meets one: a variable without a value would pass for a component."""
    return lambda *values: value(*map(known, values))


def _within_domain(overload: Overload, value: Meaning) -> Meaning:
    domain, scalar = overload.domain, overload.scalar
    assert domain is not None

    def checked(*values: Any) -> Any:
        reason = domain(scalar, *values)
        if reason is not None:
            raise Fault(_kind_of(overload, reason), f"{overload.key}: {reason}")
        return value(*values)

    return checked


def _kind_of(overload: Overload, reason: str) -> str:
    """Say what an operation outside its domain is: what C++ leaves undefined, or else what is only not documented.

    A division by zero ends the process. Integers that leave their type overflow, and bits that a shift moves out of it.
    """
    if reason == BY_ZERO:
        return "crash"
    return "overflow" if overload.scalar.is_integer or overload.result in INTS else "wrong_value"


@cache
def into(type_: Element) -> Meaning | None:
    """Return what brings an exact value into a type; None where nothing needs to be done."""
    if not type_.scalar.is_integer:
        return None
    return partial(over, _integer(type_.scalar)) if type_.parts else _integer(type_.scalar)


def _integer(scalar: Scalar) -> Meaning:
    low, high = scalar.low, scalar.high

    def wrapped(value: int) -> int:
        return value if low <= value <= high else scalar.wrap(value)

    def checked(value: int) -> int:
        if low <= value <= high:
            return value
        raise Fault("overflow", f"{value} is no {scalar}")

    return wrapped if scalar.wraps else checked
