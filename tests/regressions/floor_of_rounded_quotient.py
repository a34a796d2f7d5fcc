"""Python's floor division gives the floor of the exact quotient: 0.1 is above a tenth, so 1.0 // 0.1 is 9."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp


@wp.kernel
def k(a: wp.array[float], b: wp.array[float], quotients: wp.array[float]):
    for i in range(4):
        quotients[i] = a[i] // b[i]
""",
    a=[1.0, 0.5, -2.0, -7.0],
    b=[0.1, 0.1, float("inf"), 2.0],
    quotients=[0.0, 0.0, 0.0, 0.0],
)
