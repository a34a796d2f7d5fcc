"""Which operations can give a type: the Op table, seen from its results, narrowed to a profile."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from fuzzer.generation.driver import Generator, Weighted
from fuzzer.generation.profiles import Profile
from grammar.check.overloading import overloading_names
from grammar.ops.record import TABLE, Op, Overload
from grammar.types import BOOL, Type


@cache
def _asked(symbols: tuple[str, ...], arity: int) -> tuple[Op, ...]:
    """The pure operations that are asked for: operators of some symbols and so many operands, or all builtins."""
    pure = [op for op in TABLE.values() if not op.updates and op.is_operator == (arity > 0)]
    return tuple(op for op in pure if not arity or (op.symbol in symbols and op.spelling.count("{") == arity))


def _weighted(profile: Profile, result: Type, symbols: tuple[str, ...], arity: int) -> Weighted:
    """The operations asked for that a profile draws, with overloads for the types that its kernel is about."""
    scalars = (leaf.scalar for type_ in profile.palette for leaf in type_.leaves)
    near = tuple(dict.fromkeys([*profile.palette, *scalars]))
    groups: list[tuple[Overload, ...]] = []
    weights: list[int] = []
    for op in _asked(symbols, arity):
        weight = op.weight * profile.operations[op.name]
        usable = tuple(op.giving(result, near)) if weight else ()
        if usable:
            groups.append(usable)
            weights.append(weight)
    return groups, weights


def _draw(g: Generator, result: Type, symbols: tuple[str, ...] = (), arity: int = 0) -> Overload | None:
    asked = (result, symbols, arity)
    if asked not in g.operations:
        g.operations[asked] = _weighted(g.profile, *asked)
    groups, weights = g.operations[asked]
    if not groups:
        return None
    group = g.choices.weighted(groups, weights)
    held = g.scope.held()
    lively = [overload for overload in group if not held.isdisjoint(overload.parameters)] or group
    return g.choices.weighted(lively, [_alike(overload) for overload in lively])


def _alike(overload: Overload) -> int:
    """Operands of one type are usual, also a choice by a bool; mixed ones (comparisons, casts) are rarer."""
    chooses = overload.parameters[:1] == (BOOL,) and not overload.op.is_operator
    return 4 if chooses or len(set(overload.parameters)) == 1 else 1


def draw_operator(g: Generator, symbols: Sequence[str], result: Type, arity: int) -> tuple[Overload, str] | None:
    """Draw an operator among the symbols that gives the type; None if there is none."""
    own = g.overloading
    overload = _draw(g, result, tuple(s for s in symbols if not own or overloading_names().get(s) != own), arity)
    return None if overload is None else (overload, overload.op.symbol)


def draw_builtin(g: Generator, result: Type) -> Overload | None:
    """Draw a builtin that gives the type; None if there is none."""
    return _draw(g, result)
