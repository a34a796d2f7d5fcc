"""A float16 as a bool: True where it is not zero."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp


@wp.kernel
def k(h: wp.array[wp.float16], nonzero: wp.array[wp.bool]):
    nonzero[0] = wp.bool(h[0])
""",
    h=[0.5],
    nonzero=[False],
)
