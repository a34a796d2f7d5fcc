"""A constant of type float32 keeps its value when it is converted to float64."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp

TENTH = wp.constant(wp.float32(0.1))


@wp.kernel
def k(wide: wp.array[wp.float64]):
    wide[0] = wp.float64(TENTH)
""",
    wide=[0],
)
