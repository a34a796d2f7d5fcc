"""A constant that comes up first in both parts of an if: what Warp merges is unset where the loop has no round."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp

SEVEN = wp.constant(7)


@wp.kernel
def k(rounds: wp.array[wp.int32], out: wp.array[wp.int32]):
    for i in range(rounds[0]):
        if i > 1:
            out[0] = SEVEN
        else:
            out[1] = SEVEN
    out[0] = SEVEN
""",
    rounds=[0],
    out=[1, 2],
)
