"""Everything that touches NVIDIA Warp: its code generation, its compilers, its execution of kernels.

*target*: the code generator, ``cpu`` for C++ and ``cuda`` for CUDA. *text*: what it makes of a test case. *build*: text
and compilation. *red zone*: guard bytes around a buffer. A *batch* of test cases becomes one Warp module by renaming.

Warp takes a second to import and a wrong kernel may kill the process, so it runs in worker processes; each calls
:func:`oracle.warp.session.start` first. Of these files only this one, :mod:`oracle.warp.memory` and
:mod:`oracle.warp.cutting` can be imported without Warp.
"""

from __future__ import annotations

from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oracle.warp.cuda import Cuda
    from oracle.warp.emitted import WarpText
    from oracle.warp.native import WarpCpu
    from oracle.warp.nvrtc import Nvrtc

    EngineType = type[WarpText] | type[WarpCpu] | type[Nvrtc] | type[Cuda]


@cache
def warp_version() -> str:
    """Give the version of the installed Warp, without importing it; "" where there is none."""
    try:
        return metadata.version("warp-lang")
    except metadata.PackageNotFoundError:
        return ""


def engine_types() -> dict[str, EngineType]:
    """Give the engines of this package by name, the cheapest first."""
    from oracle.warp.cuda import Cuda
    from oracle.warp.emitted import WarpText
    from oracle.warp.native import WarpCpu
    from oracle.warp.nvrtc import Nvrtc

    types: tuple[EngineType, ...] = (WarpText, WarpCpu, Nvrtc, Cuda)
    return {engine.name: engine for engine in types}


def engines_available() -> dict[str, tuple[bool, str]]:
    """Say for each engine of this package, by name, whether it works in this process, and why or why not.

    Call it where :func:`oracle.warp.session.start` was called.
    """
    return {name: engine.available() for name, engine in engine_types().items()}
