"""What a tuple assignment took from an array is a copy: changing it leaves the array as it was, and the reverse."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp


@wp.kernel
def k(v: wp.array[wp.vec2], n: wp.array[int], changed: wp.array[wp.vec2], before: wp.array[int]):
    first, number = v[0], n[0]
    first[0] = 9.0
    n[0] = 7
    changed[0] = first
    before[0] = number
""",
    v=[[1, 2]],
    n=[3],
    changed=[[0, 0]],
    before=[0],
)
