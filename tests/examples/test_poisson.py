"""The Poisson solver: its four validations, each of its kernels under the oracle, and its page."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import warp as wp

from examples.poisson import kernels
from examples.poisson.mesh import bent, pattern_of, unit_square
from examples.poisson.norms import l2_error, orders
from examples.poisson.page import PROBLEMS, errors_of, mesh_of, renewed
from examples.poisson.problems import PLANE, SINES, SLOPE
from examples.poisson.solver import assemble, solve
from oracle import check_kernel
from oracle.records import Verdict

pytestmark = pytest.mark.warp

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module", autouse=True)
def _on_the_cpu() -> Iterator[None]:
    with wp.ScopedDevice("cpu"):
        yield


# Convergence


@pytest.fixture(scope="module")
def errors(_on_the_cpu: None) -> dict[str, list[float]]:
    return {name: errors_of(*problem) for name, problem in PROBLEMS.items()}


@pytest.mark.parametrize("problem", ["sines", "slope", "slope, bent mesh"])
def test_the_error_shrinks_with_the_square_of_the_mesh_width(errors: dict[str, list[float]], problem: str) -> None:
    found = orders(errors[problem])
    assert len(found) == 3
    assert all(1.9 < order < 2.1 for order in found), found


def test_the_norm_is_exact_for_a_known_difference() -> None:
    mesh = unit_square(1)
    assert l2_error(mesh, np.array([0.0, 1.0, 0.0, 1.0]), lambda x, y: x) == 0.0
    assert l2_error(mesh, np.zeros(4), lambda x, y: x * y) == pytest.approx(1.0 / 3.0, rel=1e-15)


def test_orders_are_those_of_halved_widths() -> None:
    assert orders([1.0, 0.5, 0.125]) == [1.0, 2.0]


# Boundary conditions


def test_values_given_along_the_boundary_are_kept_bit_by_bit() -> None:
    mesh = bent(unit_square(5))
    x, y = mesh.points.T
    solution = SLOPE.solved(mesh)
    given = np.exp(x - y)
    assert mesh.on_boundary.sum() == 20
    assert (solution.values[mesh.on_boundary] == given[mesh.on_boundary]).all()
    assert (solution.values[~mesh.on_boundary] != given[~mesh.on_boundary]).all()


def test_with_the_flux_given_on_two_sides_the_order_is_two_as_well() -> None:
    found = []
    for cells in (4, 8, 16, 32):
        mesh = mesh_of(cells, True)
        left_and_lower = (mesh.points == 0.0).any(axis=1)
        found.append(l2_error(mesh, SLOPE.solved(mesh, left_and_lower).values, SLOPE.exact))
    assert all(1.9 < order < 2.1 for order in orders(found)), orders(found)


def test_the_flux_points_outward() -> None:
    mesh = unit_square(1)
    middles = mesh.points[mesh.edges].mean(axis=1).tolist()
    flux = dict(zip(map(tuple, middles), PLANE.flux(mesh).tolist(), strict=True))
    assert flux == {(0.5, 0.0): [3.0, 3.0], (1.0, 0.5): [2.0, 2.0], (0.5, 1.0): [-3.0, -3.0], (0.0, 0.5): [-2.0, -2.0]}


# Consistency


def test_a_regular_mesh_gives_the_five_point_stencil() -> None:
    mesh = unit_square(2)
    system = assemble(mesh, np.ones(9))
    assert system.matrix()[4].tolist() == [0.0, -1.0, 0.0, -1.0, 4.0, -1.0, 0.0, -1.0, 0.0]
    assert system.load[4] == pytest.approx(0.25, rel=1e-15)
    assert system.load.sum() == pytest.approx(1.0, rel=1e-15)


def test_the_matrix_is_symmetric_and_positive_definite_at_free_points() -> None:
    mesh = bent(unit_square(6))
    matrix = assemble(mesh, np.zeros(49)).matrix()
    free = ~mesh.on_boundary
    assert (matrix == matrix.T).all()
    assert np.abs(matrix.sum(axis=1)).max() < 1e-14
    assert np.linalg.eigvalsh(matrix[np.ix_(free, free)]).min() > 0.1


def test_the_residual_is_small_when_computed_anew() -> None:
    mesh = bent(unit_square(8))
    system = assemble(mesh, SINES.source(*mesh.points.T))
    solution = solve(system, np.zeros(81), mesh.on_boundary)
    anew = (system.load - system.matrix() @ solution.values)[~mesh.on_boundary]
    assert np.linalg.norm(anew) < 1e-12 * np.linalg.norm(system.load)
    assert solution.residuals[-1] <= 1e-13 * solution.residuals[0]


@pytest.mark.parametrize("sides", ["values on all sides", "flux on two sides"])
def test_linear_solutions_come_out_to_rounding(sides: str) -> None:
    mesh = bent(unit_square(8))
    fixed = (mesh.points == 0.0).any(axis=1) if sides == "flux on two sides" else None
    solution = PLANE.solved(mesh, fixed)
    assert np.abs(solution.values - PLANE.exact(*mesh.points.T)).max() < 1e-12


def test_a_bent_mesh_covers_the_square_and_turns_no_triangle_over() -> None:
    mesh = bent(unit_square(32))
    a, b, c = np.moveaxis(mesh.points[mesh.triangles], 1, 0)
    areas = 0.5 * ((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0])
    assert areas.min() > 0.0
    assert areas.sum() == pytest.approx(1.0, rel=1e-14)


def test_free_points_without_a_unique_solution_are_an_error() -> None:
    system = assemble(unit_square(2), np.ones(9))
    with pytest.raises(ArithmeticError, match=r"the residual is still .* after 9 steps"):
        solve(system, np.zeros(9), np.zeros(9, bool))


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_a_load_that_is_not_finite_has_no_solution(wrong: float) -> None:
    mesh = unit_square(2)
    with pytest.raises(ArithmeticError, match=r"the residual is still (nan|inf) after 0 steps"):
        solve(assemble(mesh, np.full(9, wrong)), np.zeros(9), np.arange(9) == 0)


# An analytic solution


@pytest.mark.parametrize(
    ("cells", "factor"),
    [(4, 1.053029287545515), (8, 1.0129507467218792), (16, 1.0032189644400793)],  # (pi h / 2 / sin(pi h / 2))**2
)
def test_sines_come_out_as_the_five_point_stencil_has_them(cells: int, factor: float) -> None:
    mesh = unit_square(cells)
    solution = SINES.solved(mesh)
    x, y = mesh.points.T
    assert np.abs(solution.values - factor * np.sin(np.pi * x) * np.sin(np.pi * y)).max() < 1e-13
    assert len(solution.residuals) == 2, "an eigenvector takes one step"


# Each kernel under the oracle

MESH = bent(unit_square(2))
PATTERN = pattern_of(MESH)
SYSTEM_PARTS = (PATTERN.offsets, PATTERN.columns, np.linspace(-1.0, 4.0, len(PATTERN.columns)))


def ramp(count: int, first: float) -> Any:
    return first + 0.3 * np.arange(count)


LAUNCHES: dict[str, tuple[tuple[int, ...], list[Any]]] = {
    "assemble_stiffness": ((8, 3, 3), [MESH.points, MESH.triangles, PATTERN.slots, np.zeros(len(PATTERN.columns))]),
    "assemble_source": ((8, 3), [MESH.points, MESH.triangles, ramp(9, -1.0), np.zeros(9)]),
    "assemble_flux": ((8, 2), [MESH.points, MESH.edges, ramp(16, -2.0).reshape(8, 2), np.zeros(9)]),
    "find_residual": ((9,), [*SYSTEM_PARTS, ramp(9, 1.0), ramp(9, -1.0), MESH.on_boundary, np.zeros(9)]),
    "multiply": ((9,), [*SYSTEM_PARTS, ramp(9, 1.0), MESH.on_boundary, np.zeros(9)]),
    "add_products": ((9,), [ramp(9, 1.0), ramp(9, -0.7), np.zeros(1)]),
    "advance": ((9,), [0.7, ramp(9, 1.0), ramp(9, 0.1), ramp(9, 2.0), ramp(9, 3.0)]),
    "turn": ((9,), [0.7, ramp(9, 1.0), ramp(9, 0.1)]),
}


def kernels_of_the_solver() -> list[str]:
    return [name for name, value in vars(kernels).items() if isinstance(value, wp.Kernel)]


@pytest.mark.parametrize("name", kernels_of_the_solver())
def test_each_kernel_agrees_with_the_reference(name: str) -> None:
    dims, inputs = LAUNCHES[name]
    judgement = check_kernel(getattr(kernels, name), inputs, dims)
    assert judgement.verdict is Verdict.AGREE, judgement
    assert judgement.elements == sum(item.size for item in inputs if isinstance(item, np.ndarray))


# The page


def test_the_table_of_the_page_is_what_is_computed(errors: dict[str, list[float]]) -> None:
    page = (DOCS / "poisson.md").read_text(encoding="utf-8")
    assert page == renewed(page, errors), "run python -m examples.poisson"


def test_the_example_of_the_page_prints_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    page = (DOCS / "poisson.md").read_text(encoding="utf-8")
    exec(page.split("```python\n")[1].split("```")[0], {})
    printed = capsys.readouterr().out.splitlines()[-1]
    assert f"prints `{printed}`" in page


def test_the_command_draws_the_images_of_the_page(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from examples.poisson.__main__ import main

    page = (DOCS / "poisson.md").read_text(encoding="utf-8")
    (tmp_path / "images").mkdir()
    (tmp_path / "poisson.md").write_text(page, encoding="utf-8")
    main(tmp_path)
    for name in ("poisson-solution.png", "poisson-convergence.png"):
        drawn = (tmp_path / "images" / name).read_bytes()
        assert f"images/{name}" in page
        assert len(drawn) < 60_000
        assert struct.unpack(">II", drawn[16:24]) > (200, 200)
        assert (DOCS / "images" / name).stat().st_size < 60_000
    assert (tmp_path / "poisson.md").read_text(encoding="utf-8") == page
