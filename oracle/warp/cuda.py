"""The engine ``cuda``: execution on an NVIDIA GPU."""

from __future__ import annotations

import warp as wp

from grammar.nodes import Call, ExprStmt, Node
from grammar.trees import callee_name, children
from oracle.engines.cuda import FACTS
from oracle.records import TestCase
from oracle.warp.launches import LaunchingEngine


class DeviceLost(Exception):
    """A launch broke the GPU's context: this process cannot use the device again.

    The test case marked last is the culprit; the batch has to be run again without it in another process.
    """


class Cuda(LaunchingEngine):
    """Execution on the first GPU. A wrong kernel may break the device's context (:class:`DeviceLost`) or hang."""

    name = FACTS.name
    target = "cuda"
    device = FACTS.runs_on
    compilation = launching = FACTS.times[0]

    @staticmethod
    def available() -> tuple[bool, str]:
        """Say whether this engine works here, and why or why not."""
        if wp.is_cuda_available():
            return True, f"executes on {wp.get_device(Cuda.device).name}"
        return False, "Warp finds no NVIDIA driver, or no GPU behind it"

    def unsupported(self, case: TestCase) -> str | None:
        """Refuse what depends on the order of threads, which a GPU does not promise."""
        if uses_atomic_value(case.module):
            return "the value that an atomic returns depends on the order of threads"
        return None

    def _finish(self) -> None:
        try:
            super()._finish()
        except RuntimeError as problem:
            raise DeviceLost(str(problem)) from problem


def uses_atomic_value(node: Node) -> bool:
    """Say whether a tree uses what a call of an atomic returns."""
    if isinstance(node, ExprStmt) and isinstance(node.value, Call):
        return any(uses_atomic_value(argument) for argument in node.value.arguments)
    if isinstance(node, Call) and callee_name(node.function).startswith("wp.atomic_"):
        return True
    return any(uses_atomic_value(child) for child in children(node))
