"""The engine ``nvrtc``: Warp's CUDA text compiled to PTX by NVRTC, which needs neither a GPU nor a driver.

It executes nothing, so all that it can say of a test case is that it compiles.
"""

from __future__ import annotations

from pathlib import Path

import warp as wp

from oracle.engines.nvrtc import ARCHITECTURE, FACTS
from oracle.records import Compiled, Outcome, TestCase
from oracle.warp.batches import BatchEngine, Mark, unmarked
from oracle.warp.modules import Defined
from oracle.warp.text import alone


class Nvrtc(BatchEngine):
    """Compilation for a GPU architecture, such as 90 for sm_90."""

    name = FACTS.name
    target = "cuda"
    [compilation] = FACTS.times

    def __init__(self, mark: Mark = unmarked, architecture: int = ARCHITECTURE) -> None:
        super().__init__(mark)
        self._architecture = architecture

    @staticmethod
    def available() -> tuple[bool, str]:
        """Say whether this engine works here, and why or why not."""
        if architectures := wp.get_cuda_supported_archs():
            return True, f"NVRTC compiles for sm_{architectures[0]} to sm_{architectures[-1]}"
        return False, "this build of Warp has no NVRTC"

    def ptx(self, case: TestCase) -> str:
        """Return the PTX of one test case, with the entries ``SYMBOL_cuda_kernel_forward`` and ``..._backward``.

        The symbols are those of :func:`oracle.warp.text.generate`.

        Raises:
            WarpFailed: Warp or NVRTC does not take the test case.
        """
        with alone(case) as module:
            self._build(module)
            return self._artifact(module).read_text().rstrip("\0")

    def _compile(self, module: Defined) -> None:
        self._artifact(module)

    def _artifact(self, module: Defined) -> Path:
        """Compile, unless that was done before, and give the file of the PTX."""
        [path] = wp.compile_aot_module(module.module, arch=self._architecture, use_ptx=True)
        return Path(path)

    def _outcome(self, module: Defined, place: int, case: TestCase) -> Outcome:
        return Compiled()
