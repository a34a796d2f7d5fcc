"""Moves: an interpreter that tapes operations and moves knows where each ball comes from; no other keeps origins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from grammar import nodes as n
from grammar.ops.balls import Ball
from grammar.ops.record import Overload
from grammar.types import FLOAT32
from oracle.records import Buffer
from oracle.reference import STRICT
from oracle.reference.interpreter import run_launch
from oracle.reference.memory import Memory, memories_of
from oracle.reference.shadow import Path
from oracle.reference.statements import BodyInterpreter

from .kernels import case_of, kernel

FUNCTION = """
@wp.func
def swapped(v: wp.vec2):
    return v[1], v[0]
"""
BODY = """
v = wp.vec2(a[0], a[1])
v[0] = -v[0]
x, y = swapped(v)
out[0] = x
out[1] = y + 1.0
"""


class Taping(BodyInterpreter):
    """Keeps of each ball what it was made of."""

    def apply(self, at: n.Node, overload: Overload, operands: Sequence[Ball]) -> Ball:
        return replace(super().apply(at, overload, operands), origin=(overload.op.name, *map(_origin, operands)))

    def component(self, owner: Ball, index: int, at: n.Node) -> Ball:
        return replace(super().component(owner, index, at), origin=(index, _origin(owner)))

    def with_part(self, owner: Ball, path: Path, ball: Ball, at: n.Node) -> Ball:
        return replace(super().with_part(owner, path, ball, at), origin=("with", path, _origin(owner), _origin(ball)))

    def together(self, balls: Sequence[Ball]) -> Ball:
        return replace(super().together(balls), origin=("tuple", *map(_origin, balls)))


def _origin(ball: Ball) -> Any:
    return ball.value if ball.origin is None else ball.origin


def origins(interpreter: type[BodyInterpreter]) -> dict[int, Any]:
    """Run the kernel, and look up the origins in its second array."""
    module = kernel("a: wp.array[wp.float32], out: wp.array[wp.float32]", BODY.strip(), FUNCTION)
    case = case_of(module, a=[2.0, 3.0], out=[0.0, 0.0])
    memories = memories_of(case.buffers)
    run_launch(interpreter(case.typed(), STRICT), case.launches[0], memories)
    assert memories["out"].values == [3.0, -1.0]
    return memories["out"].origins


def test_moves_and_operations_together_say_where_a_ball_comes_from() -> None:
    vector = ("vector", 2.0, 3.0)
    negated = ("neg", (0, vector))
    stored = ("with", (0,), vector, negated)
    pair = ("tuple", (1, stored), (0, stored))

    assert origins(Taping) == {0: (0, pair), 1: ("add", (1, pair), 1.0)}


def test_nobody_keeps_origins_who_does_not_tape() -> None:
    assert origins(BodyInterpreter) == {}


def test_an_element_keeps_the_origin_of_what_was_put_there_last() -> None:
    memory = Memory.of(Buffer.of("a", FLOAT32, np.zeros(1, np.float32)))
    memory.put(0, Ball(np.float32(1.0), 0, "here"))
    assert memory.held(0).origin == "here"
    memory.put(0, Ball(np.float32(2.0)))
    assert memory.held(0).origin is None
