"""Problems with known answers.

``SINES`` is the classical one, with u = 0 along the boundary. ``SLOPE`` is manufactured: u was chosen first, without
symmetries and with other values along the boundary, and the source follows from it. ``PLANE`` is linear: every mesh has
hat functions that add up to it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from examples.poisson.mesh import Bools, Floats, Mesh
from examples.poisson.norms import Field
from examples.poisson.solver import Solution, assemble, solve


@dataclass(frozen=True)
class Problem:
    """A solution u and what belongs to it: its source - laplace u, and its gradient."""

    exact: Field
    source: Field
    gradient: tuple[Field, Field]

    def solved(self, mesh: Mesh, fixed: Bools | None = None) -> Solution:
        """Solve it on a mesh, with u given at fixed boundary points (None: at all) and its flux along the rest."""
        x, y = mesh.points.T
        fixed = mesh.on_boundary if fixed is None else fixed
        system = assemble(mesh, self.source(x, y), self.flux(mesh))
        return solve(system, np.where(fixed, self.exact(x, y), 0.0), fixed)

    def flux(self, mesh: Mesh) -> Floats:
        """Give the derivative along the outer normal at both ends of each boundary edge."""
        ends = mesh.points[mesh.edges]
        along = ends[:, 1] - ends[:, 0]
        length = np.hypot(*along.T)
        x, y = np.moveaxis(ends, -1, 0)
        normal_x, normal_y = along[:, 1] / length, -along[:, 0] / length
        return np.asarray(normal_x[:, None] * self.gradient[0](x, y) + normal_y[:, None] * self.gradient[1](x, y))


SINES = Problem(
    exact=lambda x, y: np.sin(np.pi * x) * np.sin(np.pi * y),
    source=lambda x, y: 2.0 * np.pi**2 * np.sin(np.pi * x) * np.sin(np.pi * y),
    gradient=(
        lambda x, y: np.pi * np.cos(np.pi * x) * np.sin(np.pi * y),
        lambda x, y: np.pi * np.sin(np.pi * x) * np.cos(np.pi * y),
    ),
)

SLOPE = Problem(
    exact=lambda x, y: np.exp(x - y),
    source=lambda x, y: -2.0 * np.exp(x - y),
    gradient=(lambda x, y: np.exp(x - y), lambda x, y: -np.exp(x - y)),
)

PLANE = Problem(
    exact=lambda x, y: 1.0 + 2.0 * x - 3.0 * y,
    source=lambda x, y: 0.0 * x,
    gradient=(lambda x, y: 2.0 + 0.0 * x, lambda x, y: -3.0 + 0.0 * y),
)
