"""Run and judge: engines, bounds, limitations, verdicts.

*test case*: one closed module with its inputs, launches and options. *engine*: something that runs test cases.
*outcome*: what it produced. *reference*: the NumPy engine. *verdict*: the oracle's answer. *discrepancy*: a verdict
that needs a person. *limitation*: a known divergence, as data. *radius*: the allowed deviation of a value.

The functions that take a kernel, to judge it or to give its generated code, are loaded when they are first named, and
Warp with them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oracle.checking import check_kernel as check_kernel
    from oracle.warp.extraction import IRArtifact as IRArtifact
    from oracle.warp.extraction import KernelIR as KernelIR
    from oracle.warp.extraction import extract_ir as extract_ir
    from oracle.warp.extraction import extract_ir_artifact as extract_ir_artifact
    from oracle.warp.extraction import extract_python_ir_pair as extract_python_ir_pair

__all__ = ["IRArtifact", "KernelIR", "check_kernel", "extract_ir", "extract_ir_artifact", "extract_python_ir_pair"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = "oracle.checking" if name == "check_kernel" else "oracle.warp.extraction"
    return getattr(import_module(home), name)
