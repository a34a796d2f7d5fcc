"""The facts of ``nvrtc``: Warp's CUDA source, compiled to PTX, which needs no GPU; nothing is executed.

It costs as much as native execution. Its share is no multiple of 3, so that deep batches and those of the sweep are
compiled alike.
"""

from oracle.engines.facts import EngineFacts

ARCHITECTURE = 90
"""sm_90: it and sm_100 lie on two sides of a change of compiler generation inside NVRTC."""

FACTS = EngineFacts(
    name="nvrtc",
    implementation="oracle.warp.nvrtc:Nvrtc",
    layer="nvrtc",
    devices=("cuda",),
    architecture=ARCHITECTURE,
    share=7,
    times=("nvrtc",),
)
