"""Poisson's equation on a mesh: - laplace u = source, u given at fixed points, its flux given along the boundary.

The stiffness matrix is assembled over all points. Conjugate gradients start from the given values and move free points
only, so that fixed values are kept bit by bit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import warp as wp

from examples.poisson import kernels
from examples.poisson.mesh import Bools, Floats, Mesh, Pattern, pattern_of

TOLERANCE = 1e-13
"""By how much the residual is to shrink: somewhat above the rounding of float64 in sums of some terms."""


@dataclass(frozen=True, eq=False)
class System:
    """A sparse matrix and a load over the points of a mesh, as NumPy arrays."""

    pattern: Pattern
    entries: Floats
    load: Floats

    def matrix(self) -> Floats:
        """Give the matrix with all its zeros."""
        count = len(self.load)
        full = np.zeros((count, count))
        full[np.repeat(np.arange(count), np.diff(self.pattern.offsets)), self.pattern.columns] = self.entries
        return full


@dataclass(frozen=True, eq=False)
class Solution:
    """The values at the points, and the norm of the residual before and after each step."""

    values: Floats
    residuals: tuple[float, ...]


def assemble(mesh: Mesh, source: Floats, flux: Floats | None = None) -> System:
    """Assemble stiffness and load.

    Args:
        mesh: The mesh.
        source: The source at each point.
        flux: The flux at both ends of each boundary edge (k, 2); it has no effect at fixed points. None is no flux.
    """
    pattern = pattern_of(mesh)
    points, triangles = wp.array(mesh.points, dtype=wp.vec2d), wp.array(mesh.triangles)
    entries = wp.zeros(len(pattern.columns), dtype=wp.float64)
    load = wp.zeros(len(mesh.points), dtype=wp.float64)
    shape = mesh.triangles.shape
    slots = wp.array(pattern.slots)
    wp.launch(kernels.assemble_stiffness, (*shape, 3), [points, triangles, slots, entries])
    given = wp.array(source)
    wp.launch(kernels.assemble_source, shape, [points, triangles, given, load])
    if flux is not None:
        edges, along = wp.array(mesh.edges), wp.array(flux)
        wp.launch(kernels.assemble_flux, flux.shape, [points, edges, along, load])
    return System(pattern, entries.numpy(), load.numpy())


def solve(system: System, start: Floats, fixed: Bools) -> Solution:
    """Solve for the values at the free points; those at fixed points are the ones of ``start``.

    Raises:
        ArithmeticError: It takes more steps than there are points, or a number is not finite: the free points have no
            unique solution.
    """
    gradients = _ConjugateGradients(system, start, fixed)
    square = gradients.start()
    residuals = [math.sqrt(square)]
    while not residuals[-1] <= TOLERANCE * residuals[0] < math.inf:
        if len(residuals) > len(start) or not math.isfinite(residuals[-1]):
            raise ArithmeticError(f"the residual is still {residuals[-1]} after {len(residuals) - 1} steps")
        square = gradients.step(square)
        residuals.append(math.sqrt(square))
    return Solution(gradients.solution.numpy(), tuple(residuals))


class _ConjugateGradients:
    """The arrays of conjugate gradients, and the launches of one step."""

    def __init__(self, system: System, start: Floats, fixed: Bools) -> None:
        pattern = system.pattern
        self.matrix = [wp.array(part) for part in (pattern.offsets, pattern.columns, system.entries)]
        self.load, self.fixed = wp.array(system.load), wp.array(fixed, dtype=bool)
        self.solution = wp.array(start, dtype=wp.float64)
        self.residual, self.image = wp.empty_like(self.solution), wp.empty_like(self.solution)
        self.direction = wp.empty_like(self.solution)

    def start(self) -> float:
        """Find the first residual and direction; gives the square of the residual's norm."""
        self._launch(kernels.find_residual, *self.matrix, self.load, self.solution, self.fixed, self.residual)
        wp.copy(self.direction, self.residual)
        return self._product(self.residual, self.residual)

    def step(self, square: float) -> float:
        """Go one step; takes and gives the square of the residual's norm."""
        self._launch(kernels.multiply, *self.matrix, self.direction, self.fixed, self.image)
        length = square / self._product(self.direction, self.image)
        self._launch(kernels.advance, length, self.direction, self.image, self.solution, self.residual)
        after = self._product(self.residual, self.residual)
        self._launch(kernels.turn, after / square, self.residual, self.direction)
        return after

    def _product(self, a: Any, b: Any) -> float:
        total = wp.zeros(1, dtype=wp.float64)
        self._launch(kernels.add_products, a, b, total)
        return float(total.numpy()[0])

    def _launch(self, kernel: Any, *arguments: Any) -> None:
        wp.launch(kernel, len(self.solution), list(arguments))
