"""Triangulations of the unit square, and where the entries of a matrix over their points are stored.

Two points share an entry if they share a triangle. Entries are stored by rows (compressed sparse rows), and every
triangle knows the place of each of its nine entries, so that triangles can be assembled in any order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int32]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, eq=False)
class Mesh:
    """Points (n, 2), triangles (m, 3) and boundary edges (k, 2), which hold numbers of points, counter-clockwise."""

    points: Floats
    triangles: Ints
    edges: Ints

    @property
    def on_boundary(self) -> Bools:
        """Which points lie on the boundary."""
        return np.isin(np.arange(len(self.points)), self.edges)


@dataclass(frozen=True, eq=False)
class Pattern:
    """The entries of a sparse matrix: those of row i are ``offsets[i]`` to ``offsets[i + 1]``, with their columns.

    ``slots`` (m, 3, 3) says where the entry of two corners of a triangle is.
    """

    offsets: Ints
    columns: Ints
    slots: Ints


def unit_square(cells: int) -> Mesh:
    """Cut the unit square into ``cells`` by ``cells`` squares, and each of them into two triangles."""
    ticks = np.linspace(0.0, 1.0, cells + 1)
    points = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
    corner = (np.arange(cells)[:, None] * (cells + 1) + np.arange(cells)).ravel()
    right, above, across = corner + 1, corner + cells + 1, corner + cells + 2
    lower, upper = np.stack([corner, right, across], axis=1), np.stack([corner, across, above], axis=1)
    triangles = np.concatenate([lower, upper]).astype(np.int32)
    return Mesh(points, triangles, _boundary(triangles))


def bent(mesh: Mesh, amount: float = 0.1) -> Mesh:
    """Move the inner points of a mesh of the unit square, so that its triangles differ.

    The Jacobian of the map, 1 + amount pi sin(pi (y - x)), is positive for amounts below 1 / pi.
    """
    x, y = mesh.points.T
    shift = np.where(mesh.on_boundary, 0.0, amount * np.sin(np.pi * x) * np.sin(np.pi * y))
    return Mesh(mesh.points + np.stack([shift, -shift], axis=1), mesh.triangles, mesh.edges)


def pattern_of(mesh: Mesh) -> Pattern:
    """Find the entries of a matrix over the points of a mesh."""
    count = len(mesh.points)
    keys = mesh.triangles[:, :, None].astype(np.int64) * count + mesh.triangles[:, None, :]
    entries, slots = np.unique(keys, return_inverse=True)
    offsets = np.searchsorted(entries, np.arange(count + 1) * count)
    return Pattern(
        offsets.astype(np.int32), (entries % count).astype(np.int32), slots.reshape(keys.shape).astype(np.int32)
    )


def _boundary(triangles: Ints) -> Ints:
    """The edges that belong to one triangle only."""
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    _, first, count = np.unique(np.sort(edges, axis=1), axis=0, return_index=True, return_counts=True)
    return np.asarray(edges[first[count == 1]])
