"""A vector with NaN has no length of zero, so its normalisation is NaN."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp


@wp.kernel
def k(v: wp.array[wp.vec2], unit: wp.array[wp.vec2]):
    unit[0] = wp.normalize(v[0])
    unit[1] = wp.normalize(v[1])
""",
    v=[[float("nan"), 1], [0, 2]],
    unit=[[0, 0], [0, 0]],
)
