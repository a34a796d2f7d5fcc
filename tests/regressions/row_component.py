"""A component of a row of a local matrix is stored by its name."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp


@wp.kernel
def k(m: wp.array[wp.mat22]):
    stored = m[0]
    stored[0].x = 9.0
    stored[1].y += 9.0
    m[0] = stored
""",
    m=[[[1, 2], [3, 4]]],
)
