"""-1 is less than 1, whatever the types."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp


@wp.kernel
def k(x: wp.array[wp.int32], y: wp.array[wp.uint32], less: wp.array[wp.bool]):
    less[0] = x[0] < y[0]
    less[1] = x[1] < y[0]
""",
    x=[-1, 0],
    y=[1],
    less=[False, False],
)
