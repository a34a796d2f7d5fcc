"""``python -m examples.poisson [FOLDER]`` renews the page and its images in a folder, ``docs`` if none is given."""

from __future__ import annotations

import sys
from pathlib import Path

import warp as wp

from examples.poisson.mesh import bent, unit_square
from examples.poisson.page import CELLS, PROBLEMS, errors_of, renewed
from examples.poisson.plots import plot_convergence, plot_solution
from examples.poisson.problems import SINES


def main(folder: Path) -> None:
    """Solve the problems, draw the images and write the table of ``poisson.md``."""
    mesh = bent(unit_square(8))
    with wp.ScopedLogLevel(wp.LOG_ERROR), wp.ScopedDevice("cpu"):
        errors = {name: errors_of(*problem) for name, problem in PROBLEMS.items()}
        values = SINES.solved(mesh).values
    images = folder / "images"
    plot_solution(mesh, values, images / "poisson-solution.png")
    plot_convergence([1.0 / cells for cells in CELLS], errors, images / "poisson-convergence.png")
    page = folder / "poisson.md"
    page.write_text(renewed(page.read_text(encoding="utf-8"), errors), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
