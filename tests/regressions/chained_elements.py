"""An array element at the end of a chain of comparisons has the type of its array."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp


@wp.kernel
def k(x: wp.array[float], ordered: wp.array[wp.bool]):
    ordered[0] = 0.0 < 0.5 < x[0]
""",
    x=[1.0],
    ordered=[False],
)
