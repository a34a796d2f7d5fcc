"""Changing a component of one vector leaves the vector that it was a copy of as it was."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp


@wp.kernel
def k(v: wp.array[wp.vec2], copied: wp.array[wp.vec2], kept: wp.array[wp.vec2]):
    a = v[0]
    b, c = a, a
    b[0] = 9.0
    copied[0] = b
    kept[0] = a + c
""",
    v=[[1, 2]],
    copied=[[0, 0]],
    kept=[[0, 0]],
)
