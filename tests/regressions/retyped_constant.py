"""``wp.int64(C)`` is a new value: the constant ``C`` and the counter ``j`` of an unrolled loop stay of type int32."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp

C = wp.constant(3)


@wp.kernel
def k(total: wp.array[wp.int32], wide: wp.array[wp.int64]):
    for j in range(2):
        wide[0] = wp.int64(j) + wp.int64(C)
        total[0] = total[0] + j + C
""",
    total=[0],
    wide=[0],
)
