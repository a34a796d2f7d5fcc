"""The facts of ``warp-text``: the C++ text that Warp emits, executed in Python, and compared with the CUDA text."""

from oracle.engines.facts import EngineFacts

FACTS = EngineFacts(
    name="warp-text",
    implementation="oracle.warp.emitted:WarpText",
    layer="front_end",
    devices=("cpu", "cuda"),
    exact=True,
    ordered=True,
    shows=frozenset({"front_end", "cuda_text", "cache"}),
    times=("warp_text",),
)
