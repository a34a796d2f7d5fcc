"""A float16 matrix made of a float32 one."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp


@wp.kernel
def k(m: wp.array[wp.mat22], half: wp.array[wp.mat22h]):
    half[0] = wp.mat22h(m[0])
""",
    m=[[[1, 2], [3, 4]]],
    half=[[[0, 0], [0, 0]]],
)
