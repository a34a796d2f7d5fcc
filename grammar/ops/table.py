"""What readers of the operation table look up: overloads by spelling and argument types, and by result type.

Everything here is derived from :data:`grammar.ops.record.TABLE`, once, on first use.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from grammar.ops.record import TABLE, Op, Overload
from grammar.types import Type


@cache
def ops_by_symbol() -> dict[tuple[str, int], tuple[Op, ...]]:
    """Operations by what is written: ``("-", 2)`` and ``("-", 1)`` for operators, ``("wp.sin", -1)`` for calls."""
    found: dict[tuple[str, int], list[Op]] = {}
    for op in TABLE.values():
        if "{" not in op.spelling:
            continue  # written in one way only: see fixed_call
        arity = op.spelling.count("{") if op.is_operator else -1
        found.setdefault((op.symbol, arity), []).append(op)
    return {key: tuple(ops) for key, ops in found.items()}


@cache
def _overloads_of(symbol: str, arity: int) -> dict[tuple[Type, ...], Overload]:
    found: dict[tuple[Type, ...], Overload] = {}
    for op in ops_by_symbol().get((symbol, arity), ()):
        for overload in op.overloads:
            found.setdefault(overload.parameters, overload)
    return found


def operator_overload(symbol: str, operands: Sequence[Type]) -> Overload | None:
    """Find the overload of an operator for operand types; None where Warp has no such operation."""
    return _overloads_of(symbol, len(operands)).get(tuple(operands))


def builtin_overload(name: str, arguments: Sequence[Type]) -> Overload | None:
    """Find the overload of a builtin (``wp.sin``) for argument types in positional order."""
    return _overloads_of(name, -1).get(tuple(arguments))


def is_builtin(name: str) -> bool:
    """Say whether the table has a builtin of that dotted name."""
    return (name, -1) in ops_by_symbol()


@cache
def parameter_names(name: str) -> tuple[tuple[str, ...], ...]:
    """Give the parameter names of every signature of a builtin."""
    return tuple(s.names for op in ops_by_symbol().get((name, -1), ()) for s in op.signatures)


@cache
def _fixed_calls() -> dict[str, Overload]:
    return {op.spelling: op.overloads[0] for op in TABLE.values() if "{" not in op.spelling}


def fixed_call(text: str) -> Overload | None:
    """Find a builtin without parameters by its whole text: ``wp.identity(n=3, dtype=wp.float32)``."""
    return _fixed_calls().get(text)
