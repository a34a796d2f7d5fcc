"""What the reference says of a test case whose meaning is not fixed: why, and at which node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grammar.nodes import Node

FRAGILE = "fragile decision"
"""What is decided depends on how a value is rounded, or on the sign of a zero, which no documentation fixes."""

RACE = "data race"
"""Warp's manual: threads run in parallel; only atomics may change what other threads touch."""

OVERFLOW = "integer overflow"
"""C++17, [expr] 4: a result that int32 or int64 cannot represent is undefined. Python has no such types."""

OUT_OF_RANGE = "index out of range"
"""Warp's manual: indices are checked in debug mode only. Python raises IndexError."""

UNSET = "variable not set on this path"
"""Warp's manual, "Variable Scope": a variable that is defined on another path only has no defined value."""

FUEL = "too many steps"
"""Nothing is wrong with the kernel, as far as is known: the reference gives up."""

ZERO_STEP = "step of zero"
"""Python raises ValueError."""

DIMENSIONS = "thread index of another dimension than the launch"
"""Warp's reference, tid: as many indices as the launch has dimensions."""

EMPTY = "truth of an array without elements"
"""Warp's manual asks whether an array is None, Python whether a sequence is empty, and NumPy refuses."""

MISSING = "slice of an array that is not given"
"""There is nothing to slice; Python raises TypeError."""

NO_VALUE = "function ends without a value"
"""Python returns None, which is no value of a kernel."""


class Undefined(Exception):
    """The test case has no defined meaning: ``reason`` in words, ``node`` the node object that causes it.

    ``thread`` are the indices of the thread that met it, and ``variables`` what its variables and the constants hold
    there: values with radii. Both are empty where no single thread did.
    """

    def __init__(self, reason: str, node: Node) -> None:
        super().__init__(reason)
        self.reason = reason
        self.node = node
        self.thread: tuple[int, ...] = ()
        self.variables: Mapping[str, Any] = {}
