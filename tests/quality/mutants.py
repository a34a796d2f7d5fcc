"""Mutants: one deliberate mistake each in what the reference means, planted for the length of a block.

A mutant of an operation changes its value in the table, a mutant of a rule what a node of the tree means. The mistakes
are those that a person makes, or that the NumPy function of the same name would make.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from grammar.nodes import NODES
from grammar.ops import TABLE
from grammar.ops.record import ByOverload, Op
from oracle.reference import expressions, statements

Meaning = Callable[..., Any]


@dataclass(frozen=True)
class Mutant:
    """A mistake: its name, and what plants it."""

    name: str
    planted: Callable[[], AbstractContextManager[Any]]


def operation(key: str, mistake: str, change: Callable[[Meaning], Meaning]) -> Mutant:
    """Make a mutant that changes the value of an operation; ``change`` takes the right one."""

    @contextmanager
    def planted() -> Iterator[None]:
        op = TABLE[key]
        right = op.value
        of_types = isinstance(right, ByOverload)
        _put(op, ByOverload(lambda overload: change(right.of(overload))) if of_types else change(right))
        try:
            yield
        finally:
            _put(op, right)

    return Mutant(f"{key}: {mistake}", planted)


def _put(op: Op, value: Any) -> None:
    """Return an operation another value, also where its overloads know it already."""
    object.__setattr__(op, "value", value)
    for overload in op.samples:
        overload.__dict__.pop("value", None)


def rule(production: str, mistake: str, change: Callable[[Meaning], Meaning]) -> Mutant:
    """Make a mutant that changes what nodes of a production mean; ``change`` takes the right meaning."""

    def planted() -> AbstractContextManager[Any]:
        cls = NODES[production]
        owner = expressions._EVALUATE if cls in expressions._EVALUATE else statements.BodyInterpreter.execute
        return patch.dict(owner, {cls: change(owner[cls])})

    return Mutant(f"{production}: {mistake}", planted)


def part(owner: Any, name: str, mistake: str, change: Callable[[Meaning], Meaning]) -> Mutant:
    """Make a mutant that changes a function or method of the reference."""

    def planted() -> AbstractContextManager[Any]:
        return patch.object(owner, name, change(getattr(owner, name)))

    return Mutant(f"{name.strip('_')}: {mistake}", planted)
