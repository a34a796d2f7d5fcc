"""The engine ``warp-cpu``: Warp's C++ compiled by its own LLVM at the options of the test case, and executed here."""

from __future__ import annotations

import warp as wp

from oracle.engines.warp_cpu import FACTS
from oracle.warp.launches import LaunchingEngine


class WarpCpu(LaunchingEngine):
    """Native execution on the CPU. A wrong kernel may kill or hang the process: see the ``mark`` argument."""

    name = FACTS.name
    target = "cpu"
    device = FACTS.runs_on
    compilation, launching = FACTS.times

    @staticmethod
    def available() -> tuple[bool, str]:
        """Say whether this engine works here, and why or why not."""
        if wp.is_cpu_available():
            return True, "Warp compiles for the CPU with the LLVM that it ships"
        return False, "this build of Warp has no LLVM, so it cannot compile for the CPU"
