"""Launches of Warp's own tests that are executed again by their text: which are, on what, and what is claimed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import warp as wp

from grammar.types import FLOAT32, INT8, INT32, Vector
from oracle.records import Buffer, Executed, Failed, Refused
from oracle.warp.session import start
from tests.quality import wheel
from tests.quality import wheel_worker as worker
from tests.quality.wheel_worker import Ending, Passed, Snapshot

pytestmark = pytest.mark.warp


@pytest.fixture(scope="module", autouse=True)
def warp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", tempfile.tempdir)
        patch.setenv("TMPDIR", os.environ.get("TMPDIR", ""))
        start(tmp_path_factory.mktemp("kernels"))
        yield


@wp.kernel  # type: ignore[untyped-decorator]  # Warp's decorator has no types
def add_one(a: wp.array[wp.float32]) -> None:
    i = wp.tid()
    a[i] = a[i] + 1.0


def call(*inputs: Any, **others: Any) -> dict[str, Any]:
    return {"inputs": inputs, "outputs": (), "dim": 4, "adjoint": False, "record_cmd": False, **others}


def why_passed(**arguments: Any) -> Ending:
    with pytest.raises(Passed) as passed:
        worker.snapshots_of(arguments)
    return passed.value.ending


def test_arrays_are_copied_before_the_launch() -> None:
    array = wp.array([[1, 2], [3, 4]], dtype=wp.int8, device="cpu")
    found = worker.snapshots_of(call(5, array, array))
    array.zero_()
    assert list(found) == [1, 2]
    assert found[1] is found[2]
    assert found[1].buffer.element == INT8
    assert found[1].buffer.data.tolist() == [[1, 2], [3, 4]]


def test_a_view_is_copied_as_what_it_shows() -> None:
    array = wp.array(np.arange(8, dtype=np.float32), device="cpu")
    assert worker.snapshots_of(call(array[1::3]))[0].buffer.data.tolist() == [1.0, 4.0, 7.0]
    vectors = wp.array([[1, 2, 3]], dtype=wp.vec3i, device="cpu")
    assert worker.snapshots_of(call(vectors))[0].buffer.element == Vector(3, INT32)


def test_launches_that_are_not_executed_again_say_why() -> None:
    array = wp.zeros(8, dtype=float, device="cpu")
    assert why_passed(**call(array, adjoint=True)) == Ending("skipped", "launched with adjoint")
    assert why_passed(**call(array, dim=(64, 65))) == Ending("skipped", "more than 4096 threads")
    assert why_passed(**call(array[:5], array[4:])) == Ending("refused", "arrays that overlap")
    assert why_passed(**call(1.0)) == Ending("skipped", "no array, so nothing to compare")
    assert worker.snapshots_of(call(array[:4], array[4:], dim=(64, 64))).keys() == {0, 1}


def test_missing_dimensions_are_one() -> None:
    assert worker.dimensions(4, 1) == (4,)
    assert worker.dimensions([4, 2], 3) == (4, 2, 1)
    with pytest.raises(Passed, match="more dimensions"):
        worker.dimensions((4, 2), 1)


def test_arguments_become_values_of_the_language() -> None:
    assert worker.value_of(wp.int8(-3), wp.int8) == -3
    assert worker.value_of(True, bool) is True
    assert worker.value_of(wp.vec3i(1, 2, 3), wp.vec3i) == (1, 2, 3)
    assert worker.value_of(2.5, wp.vec2) == (2.5, 2.5)
    assert worker.value_of(wp.mat22(1.0, 2.0, 3.0, 4.0), wp.mat22) == ((1.0, 2.0), (3.0, 4.0))
    assert isinstance(worker.value_of(1, float), np.float32)
    with pytest.raises(Passed, match="an argument that is a NoneType"):
        worker.value_of(None, wp.array(dtype=float))


@pytest.mark.parametrize(
    ("outcome", "ending"),
    [
        (Executed({"b0": np.array([1.0, 2.0], np.float32)}), Ending("equal")),
        (
            Executed({"b0": np.array([1.0, 3.0], np.float32)}),
            Ending("different", "1 of 2, first (1,): np.float32(3.0) by the text, np.float32(2.0) natively"),
        ),
        (Refused("not read: the type t_5", 3), Ending("refused", "the type t_N")),
        (Failed("ill_typed_text", "line 4: no f of t_5"), Ending("refused", "types: no f of t_N")),
        (Failed("overflow", "9 is no int8"), Ending("fault", "overflow: 9 is no int8")),
    ],
)
def test_what_a_launch_comes_to(outcome: Executed | Refused | Failed, ending: Ending) -> None:
    array = wp.array([1.0, 2.0], dtype=float, device="cpu")
    assert worker.ending_of(outcome, [Snapshot(array, Buffer.of("b0", FLOAT32, array.numpy()))]) == ending


NEGATION = "var_1 = wp::neg(var_0);"
PRODUCT = "wp::mat_t<2, 2, wp::float32> var_1; var_1 = wp::mul(var_0, var_0);"


@pytest.mark.parametrize(
    ("values", "text", "what", "why"),
    [
        ([0.0, -2.0], NEGATION, "known", "negative-zero"),
        ([0.0, -3.0], NEGATION, "different", "1 of 2"),
        ([-0.0, -3.0], PRODUCT, "rounded", "mul: 1 of 2"),
        ([-0.0, -3.0], PRODUCT.replace("mat_t<2, 2,", "vec_t<4,"), "different", "1 of 2"),
    ],
)
def test_what_differs_may_be_known_or_not_be_fixed(values: list[float], text: str, what: str, why: str) -> None:
    array = wp.array([-0.0, -2.0], dtype=wp.float32, device="cpu")
    outcome = Executed({"b0": np.array(values, np.float32)})
    found = worker.explained(
        Ending("different", "1 of 2"), outcome, text, [Snapshot(array, Buffer.of("b0", FLOAT32, array.numpy()))]
    )
    assert found == Ending(what, why)


def test_what_is_launched_while_a_graph_is_captured_is_not_executed_again(tmp_path: Path) -> None:
    array = wp.zeros(2, dtype=wp.float32, device="cpu")
    with (tmp_path / "log").open("w") as log:
        watched = worker.Watched(log)
        with wp.ScopedCapture(device="cpu"):
            watched.launch(add_one, dim=2, inputs=[array], device="cpu")
        watched.launch(add_one, dim=2, inputs=[array], device="cpu")
    assert [x["what"] for x in wheel.launches_of(tmp_path / "log")] == ["skipped", "equal"]


def test_what_only_speaks_is_left_out_of_a_text() -> None:
    text = "    wp::expect_eq(var_1, var_2);\n    var_3 = wp::add(var_1, var_2);\n    printf(var_4);\n"
    assert worker.SPOKEN.sub("", text).split() == ["var_3", "=", "wp::add(var_1,", "var_2);"]


def test_functions_whose_bits_are_not_fixed_are_known_by_name() -> None:
    assert {"exp", "pow", "dot"} <= worker.LOOSE
    assert not {"add", "mul", "sqrt", "float32"} & worker.LOOSE


def test_a_module_of_the_wheel_is_executed_by_its_texts() -> None:
    facts = wheel.measure({"module": "test_conditional", "seconds": 120})
    assert (facts["exit_code"], facts["listed"]) == (0, [])
    assert facts["endings"]["equal"] >= 9


def test_a_module_that_does_not_exist_is_shown_with_what_it_said() -> None:
    facts = wheel.measure({"module": "test_nothing", "seconds": 60})
    assert facts["exit_code"] == 1
    assert "No module named 'warp.tests.test_nothing'" in facts["said"]


def test_modules_are_those_of_the_wheel_but_for_some() -> None:
    names = [piece["module"] for piece in wheel.pieces({"modules": 1_000, "seconds_each": 5})]
    assert "test_codegen" in names
    assert "test_large" not in names
    assert len(wheel.pieces({"modules": 4, "seconds_each": 5})) == 4


def test_rounding_is_listed_once_for_each_kernel() -> None:
    same = ("different", "k", "1 of 2")
    listed = [("rounded", "k", "first"), same, ("rounded", "k", "second"), same, ("different", "k", "2 of 2")]
    assert wheel.unlike(listed) == [("rounded", "k", "first"), same, ("different", "k", "2 of 2")]


def test_a_line_that_was_left_unfinished_is_no_launch(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert wheel.launches_of(log) == []
    log.write_text('{"kernel": "k", "what": "equal", "why": ""}\n{"kernel": "k", "wh')
    assert wheel.launches_of(log) == [{"kernel": "k", "what": "equal", "why": ""}]


def test_one_execution_that_differs_is_a_target_missed() -> None:
    endings = {"equal": 5, "different": 1, "rounded": 1, "known": 1, "refused": 2}
    facts = {
        "module": "test_x",
        "exit_code": 124,
        "said": "a\nout of time\n",
        "endings": endings,
        "reasons": {"refused": {"the type t": 2}, "skipped": {}, "known": {"negative-zero": 1}},
        "listed": [["different", "k", "1 of 2"], ["rounded", "m", "exp: 1 of 2"]],
    }
    conclusion = wheel.conclude({}, [facts])
    claims = {claim.what: claim for claim in conclusion.claims}
    assert claims["executed by their text and natively"].measured == "80.0 % of 10"
    assert claims["executions that differ though IEEE 754 fixes every bit"].measured == "1 of 8"
    assert claims["executions that differ though IEEE 754 fixes every bit"].met is False
    assert claims["modules that ended by themselves"].measured == "0 of 1"
    assert claims["that differ as a known limitation says"].measured == "12.5 % of 8"
    listings = {listing.title: listing.lines for listing in conclusion.listings}
    assert listings["executions that differ"] == (("test_x", "k", "1 of 2"),)
    assert listings["modules"] == (("test_x", "8", "5", "2", "124", "out of time"),)
