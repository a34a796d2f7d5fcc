"""Native execution: what a batch gives, and that one case of it never disturbs another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from oracle.records import LAYOUTS, Executed, Failed, Options, Outcome
from oracle.warp.internals import defined_modules
from oracle.warp.modules import Defined
from oracle.warp.native import WarpCpu

from .cases import SMOKE_RESULT, factory, overloading, plant_bad_constant, scaled, smoke, stored_at

pytestmark = pytest.mark.warp


def contents(outcome: Outcome, name: str = "out") -> Any:
    assert isinstance(outcome, Executed), outcome
    return outcome.arrays[name].tolist()


def test_the_engine_is_available() -> None:
    available, _ = WarpCpu.available()
    assert available


def test_it_passes_the_smoke_case_in_every_layout() -> None:
    outcomes = WarpCpu().run([smoke(layout) for layout in LAYOUTS])
    assert [contents(outcome) for outcome in outcomes] == [SMOKE_RESULT] * 4


def test_buffers_that_no_launch_writes_come_back_unchanged() -> None:
    [outcome] = WarpCpu().run([smoke("reversed")])
    assert contents(outcome, "a") == [[1, 2, 3], [4, 5, 6]]
    assert isinstance(outcome, Executed)
    assert outcome.arrays["b"].shape == (2, 3, 3)
    assert outcome.arrays["b"].dtype == np.float32


def test_debug_mode_with_line_information_runs_too() -> None:
    [outcome] = WarpCpu().run([smoke(options=Options(mode="debug", lineinfo=True, enable_backward=False))])
    assert contents(outcome) == SMOKE_RESULT


def test_cases_with_the_same_names_do_not_disturb_each_other() -> None:
    outcomes = WarpCpu().run([scaled("2.0"), scaled("3.0"), scaled("2.0", [4.0])])
    assert [contents(outcome) for outcome in outcomes] == [[2, 4], [3, 6], [8]]


def test_functions_that_overload_operators_mean_something_in_their_own_case_only() -> None:
    hundredfold = overloading("(a: float, b: float):\n    return a * 100.0 + b", "x - 1.0")
    of_ints = overloading("(a: int, b: int):\n    return a", "float(7 - 3) + (x - 1.0)")
    plain = scaled("0.5 - 2.0")
    outcomes = WarpCpu().run([hundredfold, plain, of_ints, scaled("3.0")])
    assert [contents(outcome)[0] for outcome in outcomes] == [201.0, -1.5, 8.0, 3.0]


def test_kernels_of_a_factory_with_other_constants_are_other_kernels() -> None:
    [outcome] = WarpCpu().run([factory()])
    assert contents(outcome, "b") == [1024.0]
    assert contents(outcome, "out") == [1040.0]


def test_a_kernel_that_code_generation_refuses_is_named_and_the_others_run() -> None:
    first, refused, last = WarpCpu().run([scaled("2.0"), scaled("2"), scaled("4.0")])
    assert contents(first) == [2, 4]
    assert isinstance(refused, Failed)
    assert refused.kind == "compile_error"
    assert 'function "k"' in refused.message
    assert "Input types must be the same, got ['float32', 'int32']" in refused.message
    assert contents(last) == [4, 8]


def test_a_definition_that_warp_refuses_is_named_and_the_others_run() -> None:
    refused, last = WarpCpu().run([scaled("2.0\n\nk = wp.no_such_thing(1)"), scaled("4.0")])
    assert isinstance(refused, Failed)
    assert refused.kind == "compile_error"
    assert "no_such_thing" in refused.message
    assert contents(last) == [4, 8]


@pytest.mark.usefixtures("capfd")
def test_text_that_the_compiler_refuses_is_pinned_to_its_case(monkeypatch: pytest.MonkeyPatch) -> None:
    plant_bad_constant(monkeypatch)
    marks: list[int | None] = []
    outcomes = WarpCpu(marks.append).run([scaled(f"{factor}.0") for factor in (1, 2, 77, 4, 5)])
    assert marks == [None, None, 0, 1, 3, 4, None]
    assert [contents(outcome) for outcome in outcomes if isinstance(outcome, Executed)] == [
        [1, 2],
        [2, 4],
        [4, 8],
        [5, 10],
    ]
    assert outcomes[2] == Failed("compile_error", "use of undeclared identifier 'planted_fault'")


@pytest.mark.usefixtures("capfd")
def test_with_line_information_the_compiler_names_the_case_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    plant_bad_constant(monkeypatch)
    marks: list[int | None] = []
    cases = [replace(scaled(factor), options=Options(lineinfo=True)) for factor in ("1.0", "77.0", "3.0")]
    outcomes = WarpCpu(marks.append).run(cases)
    assert marks == [None, None, 0, 2, None]
    assert outcomes[1] == Failed("compile_error", "use of undeclared identifier 'planted_fault'")


@pytest.mark.usefixtures("capfd")
def test_a_batch_is_halved_where_the_compiler_names_no_suspect(monkeypatch: pytest.MonkeyPatch) -> None:
    plant_bad_constant(monkeypatch)
    monkeypatch.setattr(Defined, "suspects", lambda self, complaints: frozenset())
    first, pinned, last = WarpCpu().run([scaled("1.0"), scaled("77.0"), scaled("3.0")])
    assert [contents(first), contents(last)] == [[1, 2], [3, 6]]
    assert pinned == Failed("compile_error", "use of undeclared identifier 'planted_fault'")


def test_a_write_behind_the_end_is_seen() -> None:
    [outcome] = WarpCpu().run([stored_at("n")])
    assert isinstance(outcome, Failed)
    assert outcome.kind == "out_of_bounds"
    assert outcome.message.startswith("a launch wrote outside of buffer out, 8 bytes from byte 24 on")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_write_before_the_beginning_is_seen(layout: str) -> None:
    [outcome] = WarpCpu().run([stored_at("-n - 1", layout)])
    assert isinstance(outcome, Failed)
    assert outcome.kind == "out_of_bounds"


def test_a_negative_index_within_the_array_is_not_out_of_bounds() -> None:
    [outcome] = WarpCpu().run([stored_at("-n")])
    assert contents(outcome) == [1, 0, 0]


def test_marks_come_before_what_they_announce() -> None:
    marks: list[int | None] = []
    WarpCpu(marks.append).run([scaled("2.0"), scaled("2"), scaled("3.0")])
    assert marks == [None, None, 0, 2, None]


def test_time_is_counted_by_what_it_was_spent_on() -> None:
    engine = WarpCpu()
    engine.run([scaled("2.0")])
    assert sorted(engine.seconds) == ["warp_codegen", "warp_compile", "warp_launch"]
    assert all(seconds > 0 for seconds in engine.seconds.values())


def test_modules_are_dropped_after_each_batch() -> None:
    engine = WarpCpu()
    engine.run([scaled("2.0"), factory()])
    before = defined_modules()
    for _ in range(5):
        engine.run([scaled("2.0"), scaled("2"), factory()])
    assert defined_modules() == before


def test_a_batch_of_unequal_options_is_a_defect_of_the_caller() -> None:
    with pytest.raises(ValueError, match="equal options"):
        WarpCpu().run([smoke(), smoke(options=Options(fuse_fp=True))])
