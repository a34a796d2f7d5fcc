"""What an outcome is worth: regimes, known divergences, and the order of verdicts."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from oracle import judge as judging
from oracle.judge import UNPROMISED, deviation, judge
from oracle.limitations.catalogue import Limitation
from oracle.records import Compiled, Executed, Failed, Judgement, Options, Refused, TestCase, Verdict
from oracle.reference import interpret
from oracle.reference.departure import Departure

from .kernels import case_of, kernel

CPU, GPU = "warp-cpu", "cuda"


def case(body: str = "i = wp.tid()\nout[i] = a[i] * a[i] + 1.0", dims: int = 2, **given: Any) -> TestCase:
    given = {"a": [0.1, 0.7], "out": [0.0] * dims, **given}
    return case_of(kernel("a: wp.array[float], out: wp.array[float]", body), dims, **given)


def judged(one: TestCase, engine: str = CPU, **arrays: Any) -> Judgement:
    """Judge an outcome that is the reference's, but for the arrays given."""
    expectation = interpret(one)
    seen = {name: np.array(arrays.get(name, array), array.dtype) for name, array in expectation.arrays.items()}
    return judge(one, engine, Executed(seen), expectation)


def nearly(one: TestCase) -> Any:
    """Return the reference's output, one unit in the last place off."""
    out = interpret(one).arrays["out"]
    return np.nextafter(out, np.float32(np.inf))


def test_what_the_reference_computes_agrees() -> None:
    assert judged(case()) == Judgement(Verdict.AGREE, CPU, elements=4, exact=4)


def test_a_last_bit_counts_where_the_engine_neither_fuses_nor_approximates() -> None:
    found = judged(case(), out=nearly(case()))
    assert (found.verdict, found.kind, found.engine) == (Verdict.DISCREPANCY, "wrong_value", CPU)
    assert found.message == "2 of 4 elements lie outside their bounds"
    assert [(mismatch.buffer, mismatch.index) for mismatch in found.mismatches] == [("out", (0,)), ("out", (1,))]


def test_where_every_engine_must_give_the_same_bits_nothing_is_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    copied = case("i = wp.tid()\nout[i] = a[i]")
    expectation = interpret(copied)
    monkeypatch.setattr(judging, "interpret", lambda *_: pytest.fail("the reference was asked again"))
    wrong = Executed(dict(expectation.arrays) | {"out": nearly(copied)})
    assert judge(copied, CPU, Executed(expectation.arrays), expectation).exact == 4
    assert judge(copied, CPU, wrong, expectation).verdict is Verdict.DISCREPANCY
    assert deviation(copied, CPU, wrong, expectation)[1] == 0.0


def test_a_last_bit_does_not_count_where_the_options_allow_fusing() -> None:
    fused = dataclasses.replace(case(), options=Options(fuse_fp=True))
    found = judged(fused, out=nearly(fused))
    assert (found.verdict, found.elements, found.exact) == (Verdict.AGREE, 4, 2)


def test_a_last_bit_does_not_count_for_an_engine_that_may_approximate() -> None:
    assert judged(case(), GPU, out=nearly(case())).verdict is Verdict.AGREE


def test_a_wrong_value_counts_for_every_engine() -> None:
    assert judged(case(), GPU, out=[0.5, 1.49]).verdict is Verdict.DISCREPANCY


def test_an_input_that_changed_counts_too() -> None:
    found = judged(case(), a=[0.1, 0.8])
    assert [(mismatch.buffer, mismatch.index) for mismatch in found.mismatches] == [("a", (1,))]


def test_the_first_mismatches_are_kept_and_all_are_counted() -> None:
    many = case(dims=30, a=[0.5] * 30)
    found = judged(many, out=[9.0] * 30)
    assert found.message == "30 of 60 elements lie outside their bounds"
    assert [mismatch.index for mismatch in found.mismatches] == [(i,) for i in range(20)]


def test_a_refusal_is_no_support() -> None:
    found = judge(case(), CPU, Refused("no tiles", 7), interpret(case()))
    assert found == Judgement(Verdict.UNSUPPORTED, CPU, message="no tiles", line=7)


def test_a_line_is_shown_to_people_and_not_counted() -> None:
    found = judge(case(), CPU, Refused("no tiles", 7), interpret(case()))
    assert (found.message, found.said) == ("no tiles", "no tiles, at line 7 of the text")
    found = judge(case(), CPU, Failed("overflow", "2147483648 is no int32", 9), interpret(case()))
    assert (found.message, found.said) == ("2147483648 is no int32", "2147483648 is no int32, at line 9 of the text")
    assert judge(case(), CPU, Refused("no tiles"), interpret(case())).said == "no tiles"


def test_a_mismatch_of_targets_keeps_the_one_that_departs() -> None:
    outcome = Failed("target_mismatch", "they differ", target="cuda")
    assert judge(case(), "warp-text", outcome, interpret(case())).target == "cuda"


def test_a_compilation_alone_is_no_comparison() -> None:
    found = judge(case(), "nvrtc", Compiled(), interpret(case()))
    assert found == Judgement(Verdict.UNCOMPARED, "nvrtc", message="compiled, not executed")


@pytest.mark.parametrize("kind", ["compile_error", "crash", "hang", "out_of_bounds"])
def test_a_failure_is_a_discrepancy_of_its_kind(kind: str) -> None:
    found = judge(case(), CPU, Failed(kind, "it went wrong"), interpret(case()))
    assert found == Judgement(Verdict.DISCREPANCY, CPU, kind, "it went wrong")


def test_verdicts_are_in_order_of_interest() -> None:
    assert [verdict.name for verdict in sorted(Verdict)] == [
        "INVALID",
        "UNSUPPORTED",
        "UNCOMPARED",
        "AGREE",
        "KNOWN",
        "DISCREPANCY",
    ]


COUNTER = "i = wp.tid()\nout[i] = wp.atomic_add(a, 0, 1.0)"


def test_values_that_depend_on_the_order_of_threads_are_compared_with_ordered_engines_only() -> None:
    counted = case(COUNTER, a=[0.0, 0.0])
    assert judged(counted, GPU) == Judgement(Verdict.UNCOMPARED, GPU, message="the order of threads matters")
    assert judged(counted, GPU, out=[7.0, 7.0]).verdict is Verdict.UNCOMPARED
    assert judged(counted, CPU).verdict is Verdict.AGREE
    assert judged(counted, "warp-text", out=[1.0, 0.0]).verdict is Verdict.DISCREPANCY


def test_shared_sums_are_exact_in_launch_order_and_bounded_otherwise() -> None:
    summed = case("i = wp.tid()\nout[0] += a[i]", a=[1.0, 2.0**-23])
    near = [1.0 + 2.0**-22, 0.0]
    assert judged(summed, GPU, out=near).verdict is Verdict.AGREE
    assert judged(summed, CPU, out=near).verdict is Verdict.DISCREPANCY
    assert judged(summed, GPU, out=[1.1, 0.0]).verdict is Verdict.DISCREPANCY


def test_where_nothing_is_bounded_nothing_agrees() -> None:
    body = "i = wp.tid()\nwp.atomic_add(out, 0, a[i])"
    module = kernel("a: wp.array[float], out: wp.array[float]", body)
    unbounded = case_of(module, 2, a=[3e38, 3e38], out=[0.0])
    only_out = dataclasses.replace(interpret(unbounded), arrays={"out": interpret(unbounded).arrays["out"]})
    found = judge(unbounded, GPU, Executed({"out": np.zeros(1, np.float32)}), only_out)
    assert found == Judgement(Verdict.UNCOMPARED, GPU, message=judging.TOO_LOOSE, uncompared=1)


LONG_CHAIN = """
x = a[0]
for i in range(20):
    x = wp.exp(wp.{}(x * 3.0))
out[0] = x
"""


def test_where_all_that_changed_has_a_large_bound_nothing_agrees() -> None:
    chain, other = (case(LONG_CHAIN.format(name), dims=1, a=[0.3]) for name in ("sin", "cos"))
    wrong = interpret(other).arrays["out"]
    found = judged(chain, out=wrong)
    assert (found.verdict, found.message) == (Verdict.UNCOMPARED, judging.TOO_LOOSE)
    assert (found.elements, found.uncompared) == (1, 1)
    assert found.loosest > 5
    assert judged(chain).verdict is Verdict.UNCOMPARED, "also where it is equal: it could not have failed"
    assert judged(chain, out=[500.0]).verdict is Verdict.DISCREPANCY


def test_what_changed_and_has_a_small_bound_agrees_beside_what_has_a_large_one() -> None:
    body = LONG_CHAIN.format("sin") + "out[1] = wp.sin(a[0])\n"
    both = case_of(kernel("a: wp.array[float], out: wp.array[float]", body), a=[0.3], out=[0.0, 0.0])
    found = judged(both)
    assert (found.verdict, found.elements, found.uncompared) == (Verdict.AGREE, 2, 1)


def test_every_bit_of_what_a_text_computes_is_compared() -> None:
    chain = case(LONG_CHAIN.format("sin"), dims=1, a=[0.3])
    assert judged(chain, "warp-text") == Judgement(Verdict.AGREE, "warp-text", elements=2, exact=2)
    assert judged(chain, "warp-text", out=nearly(chain)).verdict is Verdict.DISCREPANCY


def test_where_warp_writes_an_operation_itself_the_parts_of_a_text_round_each_by_itself() -> None:
    norm = case("out[0] = wp.norm_l1(wp.vec3(a[0], a[1], a[2]))", dims=1, a=[0.1, 0.7, 0.7])
    assert judged(norm, "warp-text", out=nearly(norm)).verdict is Verdict.AGREE
    assert judged(norm, "warp-text", out=[1.6]).verdict is Verdict.DISCREPANCY


# Known divergences


def known(monkeypatch: pytest.MonkeyPatch, **facts: Any) -> Limitation:
    """Plant one limitation, in place of those of the installed Warp."""
    entry: dict[str, Any] = {
        "identifier": "planted",
        "title": "",
        "rule": "",
        "kind": "wrong_value",
        "since": "1.19.0",
        "regression": "",
    } | facts
    limitation = Limitation(places=lambda typing: iter(()), **entry)
    monkeypatch.setattr(judging, "limitations_for", lambda typing: [limitation])
    return limitation


def doubled(one: TestCase) -> Departure:
    return Departure({"mul": lambda a, b: a * b * type(a)(2)})


def test_an_outcome_that_a_limitation_predicts_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch, alternative=doubled)
    simple = case("i = wp.tid()\nout[i] = a[i] * 0.5", a=[1.0, 3.0])
    found = judged(simple, out=[1.0, 3.0])
    assert found == Judgement(Verdict.KNOWN, CPU, limitation="planted", elements=4, exact=4)
    assert judged(simple, out=[0.5, 1.5]).verdict is Verdict.AGREE


def test_a_second_defect_does_not_hide_behind_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch, alternative=doubled)
    simple = case("i = wp.tid()\nout[i] = a[i] * 0.5", a=[1.0, 3.0])
    assert judged(simple, out=[1.0, 1.5]).verdict is Verdict.DISCREPANCY
    assert judged(simple, out=[1.0, 3.0000002]).verdict is Verdict.DISCREPANCY


def test_a_defect_of_the_native_library_explains_nothing_in_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch, alternative=doubled, layer="native")
    simple = case_of(kernel("a: wp.array[float]", "a[0] = a[0] * 2.0"), a=[1.5])
    assert judged(simple, a=[6.0]).verdict is Verdict.KNOWN
    assert judged(simple, "warp-text", a=[6.0]).verdict is Verdict.DISCREPANCY


def test_an_alternative_that_is_undefined_explains_failures_and_leaves_values_uncompared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known(monkeypatch, alternative=lambda one: Departure({"mul": lambda a, b: 2**31}))
    ints = case_of(kernel("a: wp.array[int]", "a[0] = a[0] * 2"), a=[4])
    assert judged(ints, a=[9]).verdict is Verdict.UNCOMPARED
    for kind in ("crash", "hang", "out_of_bounds", "overflow"):
        assert judge(ints, CPU, Failed(kind, ""), interpret(ints)).verdict is Verdict.KNOWN
    for kind in ("compile_error", "ill_typed_text", "uninitialised_read"):
        assert judge(ints, CPU, Failed(kind, ""), interpret(ints)).verdict is Verdict.DISCREPANCY


def test_what_two_limitations_make_undefined_together_explains_a_crash_too(monkeypatch: pytest.MonkeyPatch) -> None:
    first = known(monkeypatch, identifier="first", alternative=lambda one: Departure({"add": lambda a, b: 0}))
    second = known(monkeypatch, identifier="second", alternative=lambda one: Departure({"sub": lambda a, b: 0}))
    monkeypatch.setattr(judging, "limitations_for", lambda typing: [first, second])
    ints = case_of(kernel("a: wp.array[int]", "a[0] = 8 / ((a[0] + 1) | (a[0] - 1))"), a=[4])
    found = judge(ints, CPU, Failed("crash", "signal 8"), interpret(ints))
    assert (found.verdict, found.limitation) == (Verdict.KNOWN, "first + second")


@pytest.mark.parametrize(
    ("content", "verdict"), [(92682, Verdict.KNOWN), (2, Verdict.DISCREPANCY)], ids=["it overflows", "it does not"]
)
def test_an_operand_that_python_skips_may_overflow_in_warp(content: int, verdict: Verdict) -> None:
    ints = case_of(kernel("a: wp.array[int]", "x = a[0]\na[0] = 1 if x < 2 < x * x else 0"), a=[content])
    found = judge(ints, CPU, Failed("overflow", "mul(int32, int32): 8589953124 is no int32"), interpret(ints))
    assert found.verdict is verdict
    assert found.limitation == ("eager-chain" if verdict is Verdict.KNOWN else "")


def test_where_a_known_divergence_leads_to_a_fragile_decision_nothing_can_be_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known(monkeypatch, alternative=lambda one: Departure({"lt": lambda a, b: True}))
    body = "x = wp.sin(a[0])\nif a[0] < 0.0:\n    out[0] = wp.where(x * x - x * x > 0.0, 1.0, 2.0)"
    module = kernel("a: wp.array[float], out: wp.array[float]", body)
    fragile = case_of(module, 1, a=[1.0], out=[0.0])
    found = judged(fragile, out=[2.0])
    assert found == Judgement(Verdict.UNCOMPARED, CPU, message=f"planted {UNPROMISED}")
    assert UNPROMISED == "makes what follows undefined, so that nothing can be compared"
    assert judged(fragile, out=[0.0]).verdict is Verdict.AGREE


@pytest.mark.parametrize("kind", ["crash", "hang", "out_of_bounds", "overflow", "uninitialised_read"])
def test_a_decision_that_is_only_fragile_explains_no_failure(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch, alternative=lambda one: Departure({"lt": lambda a, b: True}))
    body = "x = wp.sin(a[0])\nif a[0] < 0.0:\n    a[0] = wp.where(x * x - x * x > 0.0, 1.0, 2.0)"
    fragile = case_of(kernel("a: wp.array[float]", body), a=[1.0])
    assert judge(fragile, CPU, Failed(kind, ""), interpret(fragile)).verdict is Verdict.DISCREPANCY


def test_a_limitation_without_an_alternative_explains_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch)
    assert judged(case(), out=[0.0, 0.0]).verdict is Verdict.DISCREPANCY


def test_a_failure_is_known_by_its_kind_and_words(monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch, kind="compile_error", failure="operator . is (ambiguous|unclear)")
    failed = [
        judge(case(), CPU, Failed(kind, message), interpret(case())).verdict
        for kind, message in (
            ("compile_error", "the operator < is ambiguous here"),
            ("crash", "the operator < is ambiguous here"),
            ("compile_error", "no such operator"),
        )
    ]
    assert failed == [Verdict.KNOWN, Verdict.DISCREPANCY, Verdict.DISCREPANCY]


# Deviations

SINES = case_of(
    kernel("a: wp.array[float], o: wp.array[float]", "i = wp.tid()\no[i] = wp.sin(a[i])"),
    a=[0.0, 0.5, 1.5],
    o=[0.0, 0.0, 0.0],
    dims=(3,),
)


def deviating(*ulps: int) -> tuple[float, float]:
    """Return the deviation where the sines are moved by so many units in the last place."""
    expectation = interpret(SINES)
    moved = expectation.arrays["o"] + np.array(ulps, np.float32) * np.spacing(expectation.arrays["o"])
    return deviation(SINES, CPU, Executed(dict(expectation.arrays) | {"o": moved.astype(np.float32)}), expectation)


def test_the_bound_of_a_deviation_is_that_of_its_element() -> None:
    distance, bound = deviating(0, 1, 0)
    assert distance == np.spacing(np.float32(np.sin(0.5)))
    assert distance <= bound < deviating(0, 0, 1)[1]


def test_where_nothing_deviates_the_bound_is_that_of_the_least_exact_element() -> None:
    assert deviating(0, 0, 0) == (0.0, deviating(0, 0, 1)[1])
    assert deviating(0, 0, 0)[1] > 0.0


def test_what_is_exact_has_no_bound_to_deviate_by() -> None:
    case = case_of(kernel("o: wp.array[float]", "o[0] = o[0] + 1.0"), o=[0.5])
    expectation = interpret(case)
    assert deviation(case, CPU, Executed(expectation.arrays), expectation) == (0.0, 0.0)
