"""Everything that touches NVIDIA Warp: its code generation, its compilers, its execution of kernels.

*target*: the code generator, ``cpu`` for C++ and ``cuda`` for CUDA. *text*: what it makes of a test case. *build*: text
and compilation. *red zone*: guard bytes around a buffer. A *batch* of test cases becomes one Warp module by renaming.

Warp takes a second to import and a wrong kernel may kill the process, so it runs in worker processes; each calls
:func:`oracle.warp.session.start` first. Of these files only this one, :mod:`oracle.warp.placement` and
:mod:`oracle.warp.cutting` can be imported without Warp.
"""

from __future__ import annotations

from functools import cache
from importlib import metadata


@cache
def warp_version() -> str:
    """Return the version of the installed Warp, without importing it; "" where there is none."""
    try:
        return metadata.version("warp-lang")
    except metadata.PackageNotFoundError:
        return ""
