"""Negation reverses the sign of zero too."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp


@wp.kernel
def k(x: wp.array[float], negated: wp.array[float]):
    negated[0] = -x[0]
    negated[1] = -x[1]
""",
    x=[0, 2],
    negated=[0, 0],
)
