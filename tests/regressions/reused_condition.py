"""What decides an if is changed in its body, by a loop or in an array: the body counts, and the else part does not."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp


@wp.kernel
def k(a: wp.array[wp.int32], flag: wp.array[wp.bool], out: wp.array[wp.int32]):
    more = a[0]
    if more:
        for i in range(a[1]):
            more = 0
    else:
        out[0] = 7
    value = wp.int32(0)
    if flag[0]:
        value = 1
        flag[0] = False
    out[1] = value
""",
    a=[1, 2],
    flag=[True],
    out=[3, 4],
)
