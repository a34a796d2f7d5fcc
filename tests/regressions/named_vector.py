"""A norm whose vector is given by name."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp


@wp.kernel
def k(x: wp.array[wp.vec2], norm: wp.array[float]):
    norm[0] = wp.norm_l1(v=x[0])
""",
    x=[[3, -4]],
    norm=[0],
)
