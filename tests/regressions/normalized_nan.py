"""A vector or quaternion with NaN has no length of zero, so its normalisation is NaN."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp


@wp.kernel
def k(v: wp.array[wp.vec2], unit: wp.array[wp.vec2], q: wp.array[wp.quat], turn: wp.array[wp.quat]):
    unit[0] = wp.normalize(v[0])
    unit[1] = wp.normalize(v[1])
    turn[0] = wp.normalize(q[0])
    turn[1] = wp.normalize(q[1])
""",
    v=[[float("nan"), 1], [0, 2]],
    unit=[[0, 0], [0, 0]],
    q=[[0, float("nan"), 0, 0], [0, 0, 0, 2]],
    turn=[[0, 0, 0, 0], [0, 0, 0, 0]],
)
