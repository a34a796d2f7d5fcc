"""An element of a slice of rows: the slice is a view of two dimensions."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp


@wp.kernel
def k(x: wp.array2d[float], element: wp.array[float]):
    element[0] = x[1:3][0, 1]
""",
    x=[[1, 2], [3, 4], [5, 6]],
    element=[0],
)
