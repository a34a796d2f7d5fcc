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
from grammar.types import INTS, Composite, Element, Scalar
from oracle.text.faults import Fault
from oracle.text.runtime import known

Meaning = Callable[..., Any]

#: What is called otherwise in the text: the conversions of Python's own type names are macros there.
ALIASES = {"float": "float32", "int": "int32"}

BY_ZERO = "integer division by zero"
"""How the table says that a divisor is zero."""

_COMPARISONS = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}


@cache
def _overloads() -> dict[tuple[str, tuple[object, ...], object], Overload]:
    found: dict[tuple[str, tuple[object, ...], object], Overload] = {}
    for op in TABLE.values():
        for overload in op.overloads:
            found.setdefault((_called(op), overload.parameters, overload.result), overload)
    return found


def _called(op: Op) -> str:
    """The name in the text; constructors have the name of their type."""
    return op.name


@cache
def _names() -> frozenset[str]:
    return frozenset(name for name, _, _ in _overloads())


def is_known(name: str) -> bool:
    """Say whether the table has an operation of that name in the text, for whatever types."""
    return ALIASES.get(name, name) in _names()


def constructor_of(type_: object) -> str:
    """Name the operation that makes a vector or matrix; "" for a type that the table has none of."""
    return type_.name if isinstance(type_, Composite) else ""


def overload_of(name: str, parameters: Sequence[object], result: object) -> Overload | None:
    """Find an operation by its name in the text; None where the table has none for these types."""
    return _overloads().get((ALIASES.get(name, name), tuple(parameters), result))


def comparison(symbol: str, parameters: Sequence[object], result: object) -> Overload | None:
    """Find a comparison by its C++ operator."""
    return overload_of(_COMPARISONS[symbol], parameters, result)


@cache
def meaning_of(overload: Overload) -> Meaning:
    """Give an operation as a function of values, which raises :class:`Fault` where it is undefined."""
    bring, value = into(overload.result), overload.op.value
    whole = value if bring is None else _composed(bring, value)
    if overload.op.domain is not None:
        whole = _within_domain(overload, whole)
    return _of_values(whole) if any(part.parts for p in overload.parameters for part in p.parts) else whole


def _composed(bring: Meaning, value: Meaning) -> Meaning:
    return lambda *values: bring(value(*values))


def _of_values(value: Meaning) -> Meaning:
    """See to it that what walks through a matrix meets one: a variable without a value would pass for a component."""
    return lambda *values: value(*map(known, values))


def _within_domain(overload: Overload, value: Meaning) -> Meaning:
    domain, scalar = overload.op.domain, overload.scalar
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
    """Give what brings an exact value into a type; None where nothing needs to be done."""
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
