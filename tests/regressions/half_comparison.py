"""A float16 and a float32 are compared by value."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp


@wp.kernel
def k(h: wp.array[wp.float16], x: wp.array[float], less: wp.array[wp.bool]):
    less[0] = h[0] < x[0]
""",
    h=[1.0],
    x=[1.5],
    less=[False],
)
