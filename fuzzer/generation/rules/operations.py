"""Which operations can give a type: the Op table, seen from its results, narrowed to a profile."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from fuzzer.generation.driver import Generator
from grammar.ops.record import TABLE, Overload
from grammar.types import BOOL, Type, scalar_of

Groups = tuple[tuple[Overload, ...], ...]


@cache
def _giving(result: Type, is_operator: bool) -> tuple[tuple[tuple[Overload, frozenset[Type]], ...], ...]:
    """The pure overloads with that result, grouped by Op, and the types of their operands."""
    pure = [op for op in TABLE.values() if op.effect is None and op.is_operator == is_operator]
    groups = [tuple((o, frozenset(o.parameters)) for o in op.overloads if o.result == result) for op in pure]
    return tuple(group for group in groups if group)


@cache
def _near(palette: tuple[Type, ...]) -> frozenset[Type]:
    """The types that operands may have: those that the kernel is about, and scalars of them."""
    return frozenset((*palette, *map(scalar_of, palette)))


@cache
def _usable(result: Type, palette: tuple[Type, ...], is_operator: bool) -> Groups:
    near = _near(palette)
    groups = (tuple(o for o, types in group if types <= near) for group in _giving(result, is_operator))
    return tuple(group for group in groups if group)


@cache
def _operators(result: Type, palette: tuple[Type, ...], symbols: tuple[str, ...], arity: int) -> Groups:
    return tuple(
        group
        for group in _usable(result, palette, True)
        if group[0].op.symbol in symbols and len(group[0].parameters) == arity
    )


def _draw(g: Generator, groups: Sequence[tuple[Overload, ...]]) -> Overload | None:
    weights = [group[0].op.weight * g.profile.operations[group[0].op.name] for group in groups]
    allowed = [(group, weight) for group, weight in zip(groups, weights, strict=True) if weight]
    if not allowed:
        return None
    group = g.choices.weighted([item for item, _ in allowed], [weight for _, weight in allowed])
    lively = [overload for overload in group if any(map(g.scope.depends, overload.parameters))] or group
    return g.choices.weighted(lively, [_alike(overload) for overload in lively])


def _alike(overload: Overload) -> int:
    """Operands of one type are usual, also a choice by a bool; mixed ones (comparisons, casts) are rarer."""
    chooses = overload.parameters[:1] == (BOOL,) and not overload.op.is_operator
    return 4 if chooses or len(set(overload.parameters)) == 1 else 1


def draw_operator(g: Generator, symbols: Sequence[str], result: Type, arity: int) -> tuple[Overload, str] | None:
    """Draw an operator among the symbols that gives the type; None if there is none."""
    overload = _draw(g, _operators(result, g.profile.palette, tuple(symbols), arity))
    return None if overload is None else (overload, overload.op.symbol)


def draw_builtin(g: Generator, result: Type) -> Overload | None:
    """Draw a builtin that gives the type; None if there is none."""
    return _draw(g, _usable(result, g.profile.palette, False))
