"""Execution on a GPU; skipped where there is none."""

from __future__ import annotations

import pytest

from oracle.records import LAYOUTS, Executed, Failed
from oracle.warp.cuda import Cuda

from .cases import SMOKE_RESULT, factory, smoke, stored_at


@pytest.fixture
def cuda() -> Cuda:
    return Cuda()


pytestmark = [pytest.mark.warp, pytest.mark.cuda]


def test_it_passes_the_smoke_case_in_every_layout(cuda: Cuda) -> None:
    outcomes = cuda.run([smoke(layout) for layout in LAYOUTS])
    assert [x.arrays["out"].tolist() for x in outcomes if isinstance(x, Executed)] == [SMOKE_RESULT] * 4


def test_kernels_of_a_factory_with_other_constants_are_other_kernels(cuda: Cuda) -> None:
    [outcome] = cuda.run([factory()])
    assert isinstance(outcome, Executed)
    assert outcome.arrays["b"].tolist() == [1024.0]
    assert outcome.arrays["out"].tolist() == [1040.0]


def test_a_write_behind_the_end_is_seen(cuda: Cuda) -> None:
    [outcome] = cuda.run([stored_at("n")])
    assert isinstance(outcome, Failed)
    assert outcome.kind == "out_of_bounds"
