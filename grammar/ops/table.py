"""What readers of the operation table look up: overloads by spelling and argument types, and by result type.

Everything here is derived from :data:`grammar.ops.record.TABLE`, once, on first use.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from grammar.ops.record import TABLE, Op, Overload
from grammar.ops.signatures import Signature
from grammar.types import BOOL, Type


@cache
def ops_by_symbol() -> dict[tuple[str, int], tuple[Op, ...]]:
    """Operations by what is written: ``("-", 2)`` and ``("-", 1)`` for operators, ``("wp.sin", -1)`` for calls."""
    found: dict[tuple[str, int], list[Op]] = {}
    for op in TABLE.values():
        arity = op.spelling.count("{") if op.is_operator else -1
        found.setdefault((op.symbol, arity), []).append(op)
    return {key: tuple(ops) for key, ops in found.items()}


@cache
def _overload(symbol: str, arity: int, arguments: tuple[Type, ...], result: Type | None = None) -> Overload | None:
    matches = (op.match(arguments, result) for op in ops_by_symbol().get((symbol, arity), ()))
    return next(filter(None, matches), None)


def operator_overload(symbol: str, operands: Sequence[Type]) -> Overload | None:
    """Find the overload of an operator for operand types; None where Warp has no such operation."""
    return _overload(symbol, len(operands), tuple(operands))


def builtin_overload(name: str, arguments: Sequence[Type]) -> Overload | None:
    """Find the overload of a builtin (``wp.sin``) for argument types in positional order."""
    return _overload(name, -1, tuple(arguments))


def constructor_overload(type_: Type, arguments: Sequence[Type]) -> Overload | None:
    """Find the overload that makes a value of a type of arguments of some types."""
    return _overload("{type}", -1, tuple(arguments), type_)


def is_builtin(name: str) -> bool:
    """Say whether the table has a builtin of that dotted name."""
    return (name, -1) in ops_by_symbol()


def is_update(name: str) -> bool:
    """Say whether the builtin of that dotted name changes an element of an array."""
    return any(op.updates for op in ops_by_symbol().get((name, -1), ()))


@cache
def signatures_of(name: str) -> tuple[Signature, ...]:
    """List the signatures of a builtin."""
    return tuple(signature for op in ops_by_symbol().get((name, -1), ()) for signature in op.signatures)


def updates() -> tuple[Op, ...]:
    """List the operations that change an element of an array."""
    return tuple(op for op in TABLE.values() if op.updates)


@cache
def update_by(symbol: str) -> Op | None:
    """Find the update that an operator makes of an element: ``atomic_add`` for ``+``; None where none has its name."""
    names = {f"atomic_{op.name}" for op in ops_by_symbol().get((symbol, 2), ())}
    return next((op for op in updates() if op.name in names), None)


@cache
def comparisons() -> dict[str, Op]:
    """The comparisons of scalars by their symbols: ``<``, ``==``."""
    operators = (op for op in TABLE.values() if op.is_operator and not op.variant)
    return {op.symbol: op for op in operators if op.samples[0].result == BOOL}


@cache
def chooses(name: str) -> bool:
    """Say whether the builtin of a dotted name gives one of its operands, or something between them."""
    return any(op.chooses for op in ops_by_symbol().get((name, -1), ()))
