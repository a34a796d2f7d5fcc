"""The variables of Warp's generated code: names stand for them, and several names may stand for one."""

from __future__ import annotations

import math
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from grammar.ops.balls import Ball
from grammar.ops.record import Value
from oracle.reference.bounding import normal
from oracle.reference.memory import View
from oracle.reference.shadow import Path


@dataclass(eq=False)
class Variable:
    """One of Warp's variables.

    Attributes:
        ball: What it holds; None before it is set, and where it is a reference.
        element: The element of an array that it refers to.
        number: The number that it is.
        owner: The variable that it refers to a field of.
        path: The positions of the fields that it refers to, from the element or the owner on.
    """

    ball: Ball | None
    element: View | None = None
    number: Any = None
    owner: Variable | None = None
    path: Path = ()

    @property
    def refers(self) -> bool:
        """Whether it is a reference."""
        return self.element is not None or self.owner is not None

    def now(self) -> Ball | None:
        """Return what it holds: of a reference, what is there now."""
        if self.element is not None:
            whole: Ball | None = self.element.memory.held(self.element.offset)
        else:
            whole = self.ball if self.owner is None else self.owner.now()
        for position in self.path:
            if whole is not None:
                whole = Ball(whole.value[position], normal(whole.radius[position]) if whole.radius else 0)
        return whole


def garbage(value: Value, number: int) -> Value:
    """Return something of the type of a value: what a variable that was never set may hold."""
    if isinstance(value, tuple):
        return tuple(garbage(item, number) for item in value)
    if isinstance(value, View):
        return value
    if isinstance(value, bool):
        return bool(number % 2)
    return type(value)(((0.0, 1.0, -1e4, math.nan) if isinstance(value, np.floating) else (0, 1, 2, 100))[number])


class Variables(MutableMapping[str, Ball]):
    """A frame whose names stand for variables: setting a name makes a new variable of it."""

    def __init__(self, of: dict[str, Variable]) -> None:
        self.of = of
        self.widened: frozenset[str] = frozenset()
        self.decided: set[int] = set()

    def __getitem__(self, name: str) -> Ball:
        ball = self.of[name].now()
        if ball is None:
            raise KeyError(name)
        return ball

    def __setitem__(self, name: str, ball: Ball) -> None:
        self.of[name] = Variable(ball)

    def __delitem__(self, name: str) -> None:
        del self.of[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.of)

    def __len__(self) -> int:
        return len(self.of)


def merged(
    before: dict[str, Variable], first: dict[str, Variable], second: dict[str, Variable], holds: bool
) -> dict[str, Variable]:
    """Merge what both parts of an if bound: where they differ, a new variable takes what the condition says."""
    found = dict(before)
    for name in {**first, **second}:
        one, other = first.get(name), second.get(name)
        if one is None or other is None or one is other:
            found[name] = one or other  # type: ignore[assignment]  # one of them is there
        else:
            found[name] = Variable((one if holds else other).now())
    return found
