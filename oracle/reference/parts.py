"""Parts of values: components of vectors and matrices, rows of matrices, with their radii."""

from __future__ import annotations

from typing import Any

from grammar.nodes import Node
from oracle.reference.balls import Ball, normal
from oracle.reference.shadow import Path
from oracle.reference.undefined import OUT_OF_RANGE, Undefined


def component(owner: Ball, index: int, at: Node) -> Ball:
    """Take a component (of a matrix: a row); negative indices count from the end."""
    value, radius = owner
    if not -len(value) <= index < len(value):
        raise Undefined(OUT_OF_RANGE, at)
    return value[index], normal(radius[index]) if radius else 0


def part(owner: Ball, path: Path, at: Node) -> Ball:
    """Take a part of a value: the value itself, a component, or a row."""
    for position in path:
        owner = component(owner, position, at)
    return owner


def with_part(owner: Ball, path: Path, ball: Ball, at: Node) -> Ball:
    """Give a value with one part replaced, since vectors and matrices are values."""
    if not path:
        return ball
    value, radius = owner
    position = path[0]
    if not -len(value) <= position < len(value):
        raise Undefined(OUT_OF_RANGE, at)
    radii = radius or (0,) * len(value)
    inner = with_part((value[position], radii[position]), path[1:], ball, at)
    position %= len(value)
    new_value = (*value[:position], inner[0], *value[position + 1 :])
    if not inner[1] and not radius:
        return new_value, 0
    return new_value, normal(_same_shape(new_value, (*radii[:position], inner[1], *radii[position + 1 :])))


def _same_shape(value: Any, radius: Any) -> Any:
    """Spell out the radius 0 of a whole row, so that a radius has the shape of its value."""
    if not isinstance(value, tuple):
        return float(radius)
    parts = radius if isinstance(radius, tuple) else (0,) * len(value)
    return tuple(_same_shape(item, part) for item, part in zip(value, parts, strict=True))
