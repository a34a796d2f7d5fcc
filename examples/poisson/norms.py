"""How far a solution lies from a known one, computed in NumPy: the solver's own kernels have no part in it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np

from examples.poisson.mesh import Floats, Mesh

Field = Callable[[Floats, Floats], Floats]
"""A function of x and y, of arrays element by element."""

ROOT = math.sqrt(15.0)
NEAR, FAR = (6.0 - ROOT) / 21.0, (6.0 + ROOT) / 21.0


def _rotations(a: float) -> list[list[float]]:
    return [[a, a, 1.0 - 2.0 * a], [a, 1.0 - 2.0 * a, a], [1.0 - 2.0 * a, a, a]]


#: Radon's rule of seven points, exact to degree 5: shares of the corners, and weights (Stroud, Approximate Calculation
#: of Multiple Integrals, T2:5-1).
SHARES = np.array([[1.0 / 3.0] * 3, *_rotations(NEAR), *_rotations(FAR)])
WEIGHTS = np.array([9.0 / 40.0, *[(155.0 - ROOT) / 1200.0] * 3, *[(155.0 + ROOT) / 1200.0] * 3])


def l2_error(mesh: Mesh, values: Floats, exact: Field) -> float:
    """Give the L2 norm over the mesh of the piecewise linear function with these values minus the exact one."""
    corners = mesh.points[mesh.triangles]
    x, y = np.moveaxis(SHARES @ corners, -1, 0)
    squares = (values[mesh.triangles] @ SHARES.T - exact(x, y)) ** 2
    a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    areas = 0.5 * (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
    return math.sqrt(float(areas @ (squares @ WEIGHTS)))


def orders(errors: Sequence[float]) -> list[float]:
    """Give the order of convergence between meshes, each with half the width of the one before."""
    return [math.log2(coarse / fine) for coarse, fine in itertools.pairwise(errors)]
