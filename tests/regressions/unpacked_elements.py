"""A name that a tuple assignment bound to an array element is a variable like any other."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp


@wp.kernel
def k(x: wp.array[float], doubled: wp.array[float]):
    first, second = x[0], x[1]
    first = first * second
    doubled[0] = first
""",
    x=[3, 2],
    doubled=[0],
)
