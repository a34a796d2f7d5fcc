"""Moves: what takes balls apart and puts them together, and computes nothing.

Balls are made by operations (:meth:`~oracle.reference.expressions.ExpressionInterpreter.apply`), by literals, and here.
Variables, arguments and results are handed on as the balls that they are, and an array keeps the origin of what is put
into it (:class:`~oracle.reference.memory.Memory`). So a tape that sees operations and moves sees everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from grammar.nodes import Node
from grammar.ops.balls import Ball
from oracle.reference.bounding import normal
from oracle.reference.shadow import Path
from oracle.reference.undefined import OUT_OF_RANGE, Undefined


class Moves:
    """The moves of an interpreter: components, stores into them, and tuples."""

    def component(self, owner: Ball, index: int, at: Node) -> Ball:
        """Take a component (of a matrix: a row; of a tuple: an item); negative indices count from the end."""
        value, radius = owner.value, owner.radius
        if not -len(value) <= index < len(value):
            raise Undefined(OUT_OF_RANGE, at)
        return Ball(value[index], normal(radius[index]) if radius else 0)

    def part(self, owner: Ball, path: Path, at: Node) -> Ball:
        """Take a part of a value: the value itself, a component, or a row."""
        for position in path:
            owner = self.component(owner, position, at)
        return owner

    def with_part(self, owner: Ball, path: Path, ball: Ball, at: Node) -> Ball:
        """Replace one part of a value, since vectors and matrices are values."""
        if not path:
            return ball
        value, position = owner.value, path[0]
        if not -len(value) <= position < len(value):
            raise Undefined(OUT_OF_RANGE, at)
        if len(path) > 1:
            ball = self.with_part(self.component(owner, position, at), path[1:], ball, at)
        position %= len(value)
        new_value = (*value[:position], ball.value, *value[position + 1 :])
        if not ball.radius and not owner.radius:
            return Ball(new_value)
        radii = owner.radius or (0,) * len(value)
        new_radius = (*radii[:position], ball.radius, *radii[position + 1 :])
        return Ball(new_value, normal(_same_shape(new_value, new_radius)))

    def together(self, balls: Sequence[Ball]) -> Ball:
        """Make a tuple."""
        return Ball(tuple([ball.value for ball in balls]), tuple([ball.radius for ball in balls]))

    def struct(self, balls: Sequence[Ball]) -> Ball:
        """Make a struct of its fields."""
        whole = self.together(balls)
        return replace(whole, radius=normal(_same_shape(whole.value, whole.radius)))


def _same_shape(value: Any, radius: Any) -> Any:
    """Spell out the radius 0 of a whole row, so that a radius has the shape of its value."""
    if not isinstance(value, tuple):
        return float(radius)
    parts = radius if isinstance(radius, tuple) else (0,) * len(value)
    return tuple(_same_shape(item, part) for item, part in zip(value, parts, strict=True))
