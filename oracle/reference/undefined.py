"""What the reference says of a test case whose meaning is not fixed: why, and at which node."""

from __future__ import annotations

from grammar.nodes import Node

FRAGILE = "fragile decision"
RACE = "data race"
OVERFLOW = "integer overflow"
OUT_OF_RANGE = "index out of range"
UNSET = "variable not set on this path"
FUEL = "too many steps"
ZERO_STEP = "step of zero"
DIMENSIONS = "thread index of another dimension than the launch"
NO_VALUE = "function ends without a value"


class Undefined(Exception):
    """The test case has no defined meaning: ``reason`` in words, ``node`` the node object that causes it."""

    def __init__(self, reason: str, node: Node) -> None:
        super().__init__(reason)
        self.reason = reason
        self.node = node
