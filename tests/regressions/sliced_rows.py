"""An element of a row of a slice of rows: rows are counted from the start of the slice."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp


@wp.kernel
def k(x: wp.array2d[float], element: wp.array[float]):
    element[0] = x[1:3][0][1]
""",
    x=[[1, 2], [3, 4], [5, 6]],
    element=[0],
)
