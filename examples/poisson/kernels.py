"""The kernels of the solver: assembly by atomics, and the steps of conjugate gradients.

They stay inside the language that the oracle takes. Compiled without fusing, so that it compares every bit.

Sources: J. Alberty, C. Carstensen, S. A. Funken, Remarks around 50 lines of Matlab: short finite element
implementation, Numerical Algorithms 20 (1999), for the integrals; Y. Saad, Iterative Methods for Sparse Linear Systems,
2nd edition, algorithm 6.18, for conjugate gradients.
"""

from __future__ import annotations

import warp as wp

wp.set_module_options({"enable_backward": False, "fuse_fp": False})

HALF = wp.constant(wp.float64(0.5))
THIRD = wp.constant(wp.float64(1.0 / 3.0))


@wp.func
def opposite_edge(points: wp.array[wp.vec2d], triangles: wp.array2d[int], triangle: int, corner: int) -> wp.vec2d:
    """Give the edge opposite to a corner: the gradient of its hat function is this edge, turned, by twice the area."""
    return points[triangles[triangle, (corner + 2) % 3]] - points[triangles[triangle, (corner + 1) % 3]]


@wp.func
def area(points: wp.array[wp.vec2d], triangles: wp.array2d[int], triangle: int) -> wp.float64:
    """Give the area of a triangle whose corners are in counter-clockwise order."""
    a = opposite_edge(points, triangles, triangle, 0)
    b = opposite_edge(points, triangles, triangle, 1)
    return HALF * (a[0] * b[1] - a[1] * b[0])


@wp.kernel
def assemble_stiffness(
    points: wp.array[wp.vec2d], triangles: wp.array2d[int], slots: wp.array3d[int], entries: wp.array[wp.float64]
) -> None:
    """Add the integral of grad i . grad j over a triangle: (edge i . edge j) / (4 area), for corners i and j."""
    triangle, i, j = wp.tid()
    a = opposite_edge(points, triangles, triangle, i)
    b = opposite_edge(points, triangles, triangle, j)
    product = wp.dot(a, b) / (wp.float64(4.0) * area(points, triangles, triangle))
    wp.atomic_add(entries, slots[triangle, i, j], product)


@wp.kernel
def assemble_source(
    points: wp.array[wp.vec2d],
    triangles: wp.array2d[int],
    source: wp.array[wp.float64],
    load: wp.array[wp.float64],
) -> None:
    """Add the integral of source times hat function by the rule of the corners, exact for linear integrands."""
    triangle, i = wp.tid()
    point = triangles[triangle, i]
    wp.atomic_add(load, point, THIRD * area(points, triangles, triangle) * source[point])


@wp.kernel
def assemble_flux(
    points: wp.array[wp.vec2d], edges: wp.array2d[int], flux: wp.array2d[wp.float64], load: wp.array[wp.float64]
) -> None:
    """Add the integral of flux times hat function along a boundary edge by the trapezoidal rule."""
    edge, i = wp.tid()
    length = wp.length(points[edges[edge, 1]] - points[edges[edge, 0]])
    wp.atomic_add(load, edges[edge, i], HALF * length * flux[edge, i])


@wp.func
def row_product(
    offsets: wp.array[int], columns: wp.array[int], entries: wp.array[wp.float64], x: wp.array[wp.float64], row: int
) -> wp.float64:
    """Give a row of a sparse matrix times x."""
    total = wp.float64(0.0)
    for slot in range(offsets[row], offsets[row + 1]):
        total += entries[slot] * x[columns[slot]]
    return total


@wp.kernel
def find_residual(
    offsets: wp.array[int],
    columns: wp.array[int],
    entries: wp.array[wp.float64],
    load: wp.array[wp.float64],
    solution: wp.array[wp.float64],
    fixed: wp.array[bool],
    residual: wp.array[wp.float64],
) -> None:
    """Find load - matrix times solution; 0 at fixed points, which therefore never move."""
    row = wp.tid()
    if fixed[row]:
        residual[row] = wp.float64(0.0)
    else:
        residual[row] = load[row] - row_product(offsets, columns, entries, solution, row)


@wp.kernel
def multiply(
    offsets: wp.array[int],
    columns: wp.array[int],
    entries: wp.array[wp.float64],
    direction: wp.array[wp.float64],
    fixed: wp.array[bool],
    image: wp.array[wp.float64],
) -> None:
    """Find matrix times direction, 0 at fixed points: the matrix of the free points."""
    row = wp.tid()
    if fixed[row]:
        image[row] = wp.float64(0.0)
    else:
        image[row] = row_product(offsets, columns, entries, direction, row)


@wp.kernel
def add_products(a: wp.array[wp.float64], b: wp.array[wp.float64], total: wp.array[wp.float64]) -> None:
    """Add the scalar product of a and b to the total."""
    i = wp.tid()
    wp.atomic_add(total, 0, a[i] * b[i])


@wp.kernel
def advance(
    step: wp.float64,
    direction: wp.array[wp.float64],
    image: wp.array[wp.float64],
    solution: wp.array[wp.float64],
    residual: wp.array[wp.float64],
) -> None:
    """Go a step along the direction; its image under the matrix says what that does to the residual."""
    i = wp.tid()
    solution[i] = solution[i] + step * direction[i]
    residual[i] = residual[i] - step * image[i]


@wp.kernel
def turn(ratio: wp.float64, residual: wp.array[wp.float64], direction: wp.array[wp.float64]) -> None:
    """Give the next direction, conjugate to all before."""
    i = wp.tid()
    direction[i] = residual[i] + ratio * direction[i]
