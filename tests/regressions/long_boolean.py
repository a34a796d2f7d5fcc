"""``wp.int64(True)`` is 1."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp


@wp.kernel
def k(one: wp.array[wp.int64]):
    one[0] = wp.int64(True)
""",
    one=[0],
)
