"""The facts of ``cuda``: execution on a GPU, where there is one. A GPU cannot be used in a child of a process."""

from oracle.engines.facts import EngineFacts

FACTS = EngineFacts(
    name="cuda",
    implementation="oracle.warp.cuda:Cuda",
    layer="gpu",
    devices=("cuda",),
    runs_on="cuda:0",
    in_children=False,
    times=("cuda",),
)
