"""A loop in the body of an if changes the variable that decided it: the else part is not taken all the same."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp


@wp.kernel
def k(a: wp.array[wp.int32], out: wp.array[wp.int32]):
    more = a[0]
    if more:
        for i in range(a[1]):
            more = 0
    else:
        out[0] = 7
""",
    a=[1, 2],
    out=[3],
)
