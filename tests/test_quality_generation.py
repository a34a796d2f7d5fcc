"""What is measured of generated kernels, on kernels written by hand and on a few that are generated."""

from __future__ import annotations

import random

import numpy as np
import pytest

from fuzzer.campaigns.hunting import start_worker
from fuzzer.generation.repair import Defined
from fuzzer.processes.pool import Finished, Task, run_alone
from grammar import emit, parse
from grammar import nodes as n
from grammar.ops.table import operator_overload
from grammar.trees import walk
from grammar.types import FLOAT32, INT32
from oracle.records import Buffer, BufferRef, Launch, Options, Provenance, TestCase
from oracle.reference import interpret
from tests.quality import determinism, exactness, generation, observability
from tests.quality.deepness import depending, names_from_data, reach, shape_of

KERNEL = """\
import warp as wp

@wp.kernel
def k(a: wp.array[float], o: wp.array[float], c: wp.array[int]):
    i = wp.tid()
    x = a[i]
    j = 2
    for m in range(j):
        x = x + 1.0
    if x > 100.0:
        x = x - 7.0
    elif i == 1:
        x = -x
    o[i] = a[i] / 0.0
    c[i] = j + 3
"""


@pytest.fixture
def defined() -> Defined:
    data = np.array([1.0, -2.0, 3.0], np.float32)
    buffers = (
        Buffer.of("a", FLOAT32, data),
        Buffer.of("o", FLOAT32, np.zeros_like(data)),
        Buffer.of("c", INT32, np.zeros(3, np.int32)),
    )
    launch = Launch("k", (3,), tuple(BufferRef(buffer.name) for buffer in buffers))
    case = TestCase(parse(KERNEL), buffers, (launch,), Options(), Provenance(0, 0, "arithmetic"))
    return Defined(case, interpret(case), 4, ())


def body(defined: Defined) -> n.KernelDef:
    kernel = defined.case.module.definitions[1]
    assert isinstance(kernel, n.KernelDef)
    return kernel


def test_a_kernel_is_measured_by_what_it_is_made_of(defined: Defined) -> None:
    assert shape_of(defined) == {
        "statements": 10,
        "depth of blocks": 2,
        "depth of expressions": 3,
        "loops": 1,
        "functions": 0,
        "launches": 1,
        "repairs": 4,
    }


def test_data_comes_from_parameters_and_threads_and_flows_through_variables(defined: Defined) -> None:
    assert names_from_data(body(defined)) == {"a", "o", "c", "i", "x"}


def test_a_range_over_a_constant_does_not_depend_on_data(defined: Defined) -> None:
    assert list(depending(body(defined))) == [False, True, True]


def test_how_much_of_a_kernel_matters(defined: Defined) -> None:
    assert reach(defined) == {
        "operators executed": (6, 7),
        "statements executed": (9, 10),
        "control flow that depends on data": (2, 3),
        "branches taken both ways": (1, 2),
        "outputs equal in all threads": (1, 2),
        "float outputs not finite": (3, 3),
    }


def test_an_operator_is_flipped_into_one_of_the_same_types(defined: Defined) -> None:
    flips = {observability.flipped(defined, random.Random(seed)) for seed in range(20)}
    changes = {flip.change: flip.place for flip in flips if flip is not None}
    assert changes["j + 3 to j - 3"] == "a value"
    assert changes["i == 1 to i != 1"] == "a decision"
    assert all("x > 100.0" not in change or change == "x > 100.0 to x <= 100.0" for change in changes)
    assert not any(change.startswith("x - 7.0") for change in changes), "it is executed by no thread"


def test_what_a_value_is_used_for_is_said_of_every_place() -> None:
    head = "@wp.kernel\ndef k(a: wp.array[int]):\n"
    module = parse(head + "    for i in range(1 + 2):\n        a[i - 1] = 3 * 4 if i < 5 else 6\n")
    assert observability.place_of(module, (0, 2, 0, 1, 1)) == "a range"
    assert observability.place_of(module, (0, 2, 0, 2, 0, 0, 1)) == "an index"
    assert observability.place_of(module, (0, 2, 0, 2, 0, 1, 0)) == "a value"
    assert observability.place_of(module, (0, 2, 0, 2, 0, 1, 1)) == "a decision"


def test_flips_are_counted_by_whether_an_output_changes() -> None:
    facts = observability.measure({"seed": 0, "start": 0, "stop": 8})
    assert sum(facts["whole"].values()) == 8
    assert sum(facts["seen"].values()) + len(facts["unseen"]) + facts["whole"].get("nothing", 0) == 8
    some = {"seen": {"a value": 8}, "whole": {"a value": 9, "nothing": 1}, "unseen": [], "idle": 1}
    claims = {claim.what: claim for claim in observability.conclude({}, [some]).claims}
    claim = claims["flipped operators that change an output"]
    assert (claim.measured, claim.met) == ("88.9 % of 9", False)
    assert claims["flips that change an output, counting those"].measured == "80.0 % of 10"


def test_a_flip_that_computes_the_same_everywhere_is_no_flip(defined: Defined) -> None:
    [thread] = [node for node in walk(defined.case.module) if emit(node) == "i == 1"]
    equality = operator_overload("==", (INT32, INT32))
    assert equality is not None
    assert not observability.differs(defined, thread, equality)
    unequal = operator_overload("!=", (INT32, INT32))
    assert unequal is not None
    assert observability.differs(defined, thread, unequal)


@pytest.mark.warp
def test_a_few_kernels_are_looked_at_from_all_sides() -> None:
    pieces = generation.pieces({"seed": 0, "kernels": 6, "items": 4})
    assert [(piece["kind"], piece["start"], piece["stop"]) for piece in pieces] == [("deep", 0, 6), ("sweep", 0, 4)]
    endings = [run_alone(Task(generation.measure, piece, 120.0), start_worker) for piece in pieces]
    facts = [ending.value for ending in endings if isinstance(ending, Finished)]
    claims = {claim.what: claim for claim in generation.conclude({}, facts).claims}
    assert claims["test cases that parse back to the same tree"].measured == "10 of 10"
    assert claims["test cases whose text is fully defined"].measured == "10 of 10"
    assert claims["accepted for cuda, or refused as a limitation says"].met
    assert claims["productions and operators that occur"].met is False
    assert claims["median statements of a deep kernel"].met is not None


def test_a_kernel_that_warp_refuses_is_not_accepted_unless_a_limitation_says_so() -> None:
    refusals = {"cpu": [["1 deep", "", "no"]], "cuda": [["1 deep", "x", "no"]]}
    nothing: dict[str, list[str]] = {name: [] for name in ("unlike", "undefined", "ill typed", "barren", "overloads")}
    facts = {"kernels": 4, "discarded": 0, "forms": {}, "reach": {}, "shape": {}, "refusals": refusals, **nothing}
    claims = {claim.what: claim for claim in generation.conclude({}, [facts]).claims}
    assert (claims["accepted for cpu"].measured, claims["accepted for cuda"].measured) == ("75.0 % of 4", "75.0 % of 4")
    assert claims["accepted for cpu, or refused as a limitation says"].met is False
    assert claims["accepted for cuda, or refused as a limitation says"].met is True


def test_batches_are_the_same_bytes_under_another_hash_seed() -> None:
    piece = {"kernels": 40, "seed": 3, "workers": 1, "hash_seed": "7"}
    assert determinism.measure(piece)["digest"] == determinism.combined({0: determinism.batch_digest((3, 0))})


def test_one_run_of_other_bytes_is_noticed() -> None:
    facts = [{"digest": "a", "run": "1"}] * 3
    assert determinism.conclude({"kernels": 500}, [*facts, {"digest": "a", "run": "4"}]).claims[0].met is True
    assert determinism.conclude({"kernels": 500}, [*facts, {"digest": "b", "run": "4"}]).claims[0].met is False


def test_bounds_are_measured_for_each_operation_and_type() -> None:
    pieces = exactness.pieces({"inputs": 20, "seed": 0})
    assert {"inputs": 20, "seed": 0, "operation": "sin", "scalar": "float32"} in pieces
    facts = [exactness.measure(piece) for piece in pieces]
    assert exactness.conclude({}, facts).claims[0].met is True
    facts[0] = facts[0] | {"ulps": facts[0]["bound"] + 0.1}
    assert exactness.conclude({}, facts).claims[0].met is False
