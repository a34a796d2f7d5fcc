"""The facts of ``warp-cpu``: Warp's C++, compiled by its LLVM and executed on the host.

Compiling costs several times what the text costs to execute. So deep batches, which test the front end, are left to the
text, but for a share; sweeps test the native library, and are all run.
"""

from oracle.engines.facts import EngineFacts

FACTS = EngineFacts(
    name="warp-cpu",
    implementation="oracle.warp.native:WarpCpu",
    layer="native",
    devices=("cpu",),
    ordered=True,
    uncompiled="warp-text",
    deep_share=4,
    times=("warp_compile", "warp_launch"),
)
