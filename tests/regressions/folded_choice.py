"""``s`` chosen by a constant is a value: ``y`` keeps it when ``s`` changes later."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp


@wp.kernel
def k(rounds: wp.array[int], kept: wp.array[float]):
    s = kept[0] + 1.0
    y = s if True else 2.0
    for i in range(rounds[0]):
        s += 1.0
    kept[0] = y
""",
    rounds=[2],
    kept=[0],
)
