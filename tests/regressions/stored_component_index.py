"""A component is stored at an index of type int64."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp


@wp.kernel
def k(at: wp.array[wp.int64], v: wp.array[wp.vec2]):
    stored = v[0]
    stored[at[0]] = 5.0
    v[0] = stored
""",
    at=[1],
    v=[[1, 2]],
)
