"""Make, vary, shrink and put together: generation, campaigns, reduction, and the command line.

*Campaign*: one hunt with its seed, budget and settings. *Worker*: a process in which Warp runs. *Task*: what a worker
is given; *ending*: how that went. *Reducer*: what makes the test case of a finding small, by *passes*. This package
stands at the end of the arrow ``grammar <- oracle <- reports <- fuzzer``: it may import all, and none imports it.

For programs, loaded when first used: :func:`generate_kernel` and :func:`generate_kernels`, :func:`synthesize_pair`,
:func:`synthesize_batch` and :func:`run_pipeline`, and :mod:`fuzzer.strategies`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fuzzer import strategies
    from fuzzer.corpus.command import run_pipeline
    from fuzzer.corpus.specs import KernelSpec, generate_kernel, generate_kernels, synthesize_batch, synthesize_pair

__version__ = "0.1.0"
__all__ = [
    "KernelSpec",
    "__version__",
    "generate_kernel",
    "generate_kernels",
    "run_pipeline",
    "strategies",
    "synthesize_batch",
    "synthesize_pair",
]


def __getattr__(name: str) -> Any:
    if name == "strategies":
        return import_module("fuzzer.strategies")
    if name in __all__:
        home = "command" if name == "run_pipeline" else "specs"
        return getattr(import_module(f"fuzzer.corpus.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
