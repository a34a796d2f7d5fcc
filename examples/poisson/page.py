"""What the page shows: errors and orders of convergence, computed anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from examples.poisson.mesh import Mesh, bent, unit_square
from examples.poisson.norms import l2_error, orders
from examples.poisson.problems import SINES, SLOPE, Problem

BEGIN = "<!-- convergence: begin (generated) -->"
END = "<!-- convergence: end -->"

CELLS = (4, 8, 16, 32)
"""Squares along each side: four meshes, each with half the width of the one before."""

PROBLEMS: Mapping[str, tuple[Problem, bool]] = {
    "sines": (SINES, False),
    "slope": (SLOPE, False),
    "slope, bent mesh": (SLOPE, True),
}
"""By what the page calls them: the problem, and whether its mesh is bent."""


def mesh_of(cells: int, is_bent: bool) -> Mesh:
    """Give the mesh of a row of the table."""
    mesh = unit_square(cells)
    return bent(mesh) if is_bent else mesh


def errors_of(problem: Problem, is_bent: bool) -> list[float]:
    """Give the errors in L2, the coarsest mesh first."""
    meshes = [mesh_of(cells, is_bent) for cells in CELLS]
    return [l2_error(mesh, problem.solved(mesh).values, problem.exact) for mesh in meshes]


def table(errors: Mapping[str, Sequence[float]]) -> str:
    """Give the errors and orders as a table in Markdown."""
    widths = " | ".join(f"h = 1/{cells}" for cells in CELLS)
    rows = [f"| problem | {widths} | orders |", "|---" * (len(CELLS) + 2) + "|"]
    for name, line in errors.items():
        found = ", ".join(f"{order:.2f}" for order in orders(line))
        rows.append(f"| {name} | {' | '.join(f'{error:.2e}' for error in line)} | {found} |")
    return "\n".join(rows)


def renewed(text: str, errors: Mapping[str, Sequence[float]]) -> str:
    """Give the text of the page with these errors between its markers; raises ValueError where it has none."""
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n{table(errors)}\n{END}{after}"
