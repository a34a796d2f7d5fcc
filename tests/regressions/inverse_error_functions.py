"""``erfinv`` of a tiny number: about 0.886 times that number."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp


@wp.kernel
def k(x: wp.array[float], inverse: wp.array[float], doubled: wp.array[float]):
    inverse[0] = wp.erfinv(x[0])
    doubled[0] = x[0] + x[0]
""",
    x=[8.5e-37],
    inverse=[0],
    doubled=[0],
)
