"""The last operand of a chain is not evaluated where the first comparison is false: nothing is added."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp


@wp.kernel
def k(ordered: wp.array[wp.bool], count: wp.array[wp.int32]):
    ordered[0] = 2 < 1 < wp.atomic_add(count, 0, 5)
""",
    ordered=[True],
    count=[0],
)
