"""NaN lies outside of no interval: clamped or not, its arcsine and its arccosine are NaN."""

from tests.regressions.minimal import minimal

CASE = minimal(
    """
import warp as wp


@wp.kernel
def k(x: wp.array[float], arcs: wp.array[float]):
    arcs[0] = wp.asin(x[0])
    arcs[1] = wp.acos(x[0])
    arcs[2] = wp.acos(x[1])
""",
    x=[float("nan"), 0.5],
    arcs=[0.0, 0.0, 0.0],
)
