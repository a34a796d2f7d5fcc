"""The plots of the page: the solution on a mesh, and how its error shrinks with the mesh width."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.tri import Triangulation

from examples.poisson.mesh import Floats, Mesh

DOTS = 75
"""Per inch: sharp enough on a page, and an image stays below 60 kB."""


def plot_solution(mesh: Mesh, values: Floats, file: Path) -> None:
    """Draw the values as colours over the triangles."""
    figure = Figure(figsize=(5.0, 4.2), layout="constrained")
    axes = figure.subplots()
    triangulation = Triangulation(mesh.points[:, 0], mesh.points[:, 1], mesh.triangles)
    levels = axes.tricontourf(triangulation, values, levels=10)
    axes.triplot(triangulation, color="white", linewidth=0.5)
    axes.set(xlabel="x", ylabel="y", aspect="equal")
    figure.colorbar(levels, label="u")
    _save(figure, file)


def plot_convergence(widths: Sequence[float], errors: Mapping[str, Sequence[float]], file: Path) -> None:
    """Draw the errors of each problem over the mesh width, beside the slope of order two."""
    figure = Figure(figsize=(5.0, 3.6), layout="constrained")
    axes = figure.subplots()
    for name, line in errors.items():
        axes.loglog(widths, line, "o-", label=name)
    axes.loglog(widths, [width**2 / 2.0 for width in widths], "k--", linewidth=0.8, label="order 2")
    axes.set(xlabel="mesh width h", ylabel="error in L2")
    axes.minorticks_off()
    axes.set_xticks(widths, [f"1/{round(1 / width)}" for width in widths])
    axes.legend()
    _save(figure, file)


def _save(figure: Figure, file: Path) -> None:
    figure.savefig(file, dpi=DOTS, metadata={"Software": None})
