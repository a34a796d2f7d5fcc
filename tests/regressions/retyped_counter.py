"""``wp.int64(j)`` is a new value: the counter ``j`` of an unrolled loop stays an int32."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp


@wp.kernel
def k(total: wp.array[wp.int32], wide: wp.array[wp.int64]):
    for j in range(2):
        wide[0] = wp.int64(j)
        total[0] = total[0] + j
""",
    total=[0],
    wide=[0],
)
