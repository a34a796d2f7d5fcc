"""``!=`` on two vectors: True where any component differs."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp


@wp.kernel
def k(v: wp.array[wp.vec3], differ: wp.array[wp.bool]):
    differ[0] = v[0] != v[1]
""",
    v=[[1, 2, 3], [1, 2, 4]],
    differ=[False],
)
