"""Texts against native execution: what is equal, within bounds, known, not read or unexplained, and what is claimed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fuzzer.campaigns.hunting import start_worker
from fuzzer.generation.repair import Defined
from fuzzer.processes.pool import Finished, Task, run_alone
from grammar import parse
from grammar.ops import TABLE
from grammar.types import FLOAT32
from oracle.judge import UNPROMISED
from oracle.records import (
    Buffer,
    BufferRef,
    Executed,
    Failed,
    Judgement,
    Launch,
    Options,
    Outcome,
    Provenance,
    Refused,
    TestCase,
    Verdict,
)
from oracle.reference import interpret
from tests.quality import text_truth
from tests.quality.agreement import alike, by_frequency, is_fixed, same_bits, same_buffers

KERNEL = """\
import warp as wp

@wp.kernel
def k(o: wp.array[float]):
    i = wp.tid()
    o[i] = wp.exp(o[i])
"""


class Played:
    """An engine that is only named: nothing may be run again."""

    def __init__(self, name: str) -> None:
        self.name = name

    def unsupported(self, case: TestCase) -> str | None:
        return None

    def run(self, batch: Any) -> list[Outcome]:
        raise AssertionError("nothing needs to be run")


ENGINES = (Played("warp-text"), Played("warp-cpu"))


@pytest.fixture
def defined() -> Defined:
    buffers = (Buffer.of("o", FLOAT32, np.array([0.0, 1.0], np.float32)),)
    launch = Launch("k", (2,), (BufferRef("o"),))
    case = TestCase(parse(KERNEL), buffers, (launch,), Options(), Provenance(0, 7, "math"))
    return Defined(case, interpret(case), 0, ())


def executed(*values: float) -> Executed:
    return Executed({"o": np.array(values, np.float32)})


def test_bits_are_compared_and_nan_is_one_class() -> None:
    ours = np.array([1.0, np.nan, 0.0, np.inf], np.float32)
    theirs = np.array([1.0, -np.nan, -0.0, np.inf], np.float32)
    assert same_bits(ours, theirs).tolist() == [True, True, False, True]
    assert same_bits(ours.reshape(2, 2), theirs.reshape(2, 2)).tolist() == [[True, True], [False, True]]
    assert same_bits(np.array([1, 2]), np.array([1, 3])).tolist() == [True, False]


def test_all_buffers_have_to_be_the_same() -> None:
    ours = {"a": np.array([1.0]), "b": np.array([2])}
    assert same_buffers(ours, {"b": np.array([2]), "a": np.array([1.0])})
    assert not same_buffers(ours, {"b": np.array([3]), "a": np.array([1.0])})
    assert not same_buffers(ours, {"a": np.array([1.0])})


def test_reasons_are_counted_without_their_numbers() -> None:
    assert alike("the statement var_12 = wp::f(var_3, 4.5); of float32") == (
        "the statement var_N = wp::f(var_N, N); of float32"
    )
    assert by_frequency({"b": 2, "a": 2, "c": 1300}) == (("c", "1,300"), ("a", "2"), ("b", "2"))


def test_bits_of_library_functions_of_sums_and_of_the_sign_of_a_minimum_are_not_fixed() -> None:
    keys = ("add", "sqrt", "exp", "dot", "max")
    assert {key: is_fixed(TABLE[key]) for key in keys} == {
        "add": True,
        "sqrt": True,
        "exp": False,
        "dot": False,
        "max": False,
    }


@pytest.mark.parametrize(
    ("by_text", "natively", "ending"),
    [
        (executed(1.0, 2.0), executed(1.0, 2.0), ("equal", "")),
        (executed(1.0, 2.7182817), executed(1.0, 2.718282), ("within bounds", "not fused")),
        (Refused("not read: the type t_5", 3), executed(1.0, 2.0), ("unexplained", "warp-cpu: wrong_value ")),
        (Refused("not read: the type t_5", 3), executed(1.0, 2.7182817), ("not read", "the type t_N")),
        (Failed("ill_typed_text", "line 9: no f of t_5"), executed(1.0, 2.7182817), ("not read", "no f of t_N")),
        (Failed("overflow", "of 2"), executed(1.0, 2.7182817), ("unexplained", "warp-text: overflow of 2")),
        (executed(1.0, 2.7182817), Failed("crash", "gone"), ("unexplained", "warp-cpu: crash gone")),
    ],
)
def test_what_two_outcomes_come_to(
    defined: Defined, by_text: Outcome, natively: Outcome, ending: tuple[str, str]
) -> None:
    what, why = text_truth.ending_of(defined, (by_text, natively), ENGINES)
    assert (what, why[: len(ending[1])]) == ending


@pytest.mark.parametrize(
    ("message", "ending"),
    [
        (f"planted {UNPROMISED}", ("behind a known limitation", "planted")),
        ("no output element has a bound", ("unexplained", "warp-cpu:  no output element has a bound")),
    ],
)
def test_what_lies_behind_a_known_limitation_is_explained(
    defined: Defined, monkeypatch: pytest.MonkeyPatch, message: str, ending: tuple[str, str]
) -> None:
    judgements = {
        "warp-text": Judgement(Verdict.AGREE, "warp-text"),
        "warp-cpu": Judgement(Verdict.UNCOMPARED, "warp-cpu", message=message),
    }
    monkeypatch.setattr(text_truth, "judge", lambda case, name, outcome, expectation: judgements[name])
    outcomes = (executed(1.0, 2.7182817), executed(1.0, 3.0))
    assert text_truth.ending_of(defined, outcomes, ENGINES) == ending


def test_endings_are_added_up_to_claims(defined: Defined) -> None:
    right, near, wrong = executed(1.0, 2.7182817), executed(1.0, 2.718282), executed(1.0, 3.0)
    unread, rejected = Refused("not read: x_1", 1), Failed("compile_error", "no")
    outcomes: list[tuple[Outcome, Outcome]] = [
        (right, right),
        (right, right),
        (right, near),
        (right, wrong),
        (unread, right),
        (rejected, rejected),
    ]
    endings = [text_truth.ending_of(defined, both, ENGINES) for both in outcomes]
    facts = text_truth.facts_of([defined] * 6, outcomes, endings)
    conclusion = text_truth.conclude({}, [facts, facts])
    claims = {claim.what: claim for claim in conclusion.claims}
    assert claims["kernels executed by their text and natively"].measured == "66.7 % of 12"
    assert claims["of these equal bit by bit in every buffer"].measured == "50.0 % of 8"
    assert claims["of the others, within the reference's bounds"].measured == "50.0 % of 4"
    assert claims["kernels whose difference or failure is unexplained"].measured == "4 of 12"
    assert claims["accepted kernels that the text engine refuses"].measured == "20.0 % of 10"
    assert claims["kernels that Warp or its compiler refuses"].measured == "16.7 % of 12"
    listings = {listing.title: listing.lines for listing in conclusion.listings}
    assert listings["refused by the text engine"] == (("x_N", "2"),)
    assert listings["differ within bounds"] == (("not fused", "2"),)
    assert listings["operations without fixed bits in kernels that differ within bounds"] == (
        ("exp[float32]", "2", "25.0 % of 8"),
    )
    assert [name for name, _ in listings["unexplained"]] == ["deep 7"] * 4


@pytest.mark.warp
def test_a_few_kernels_are_executed_both_ways() -> None:
    (piece,) = text_truth.pieces({"seed": 0, "kernels": 4})
    ending = run_alone(Task(text_truth.measure, piece, 120.0), start_worker)
    assert isinstance(ending, Finished)
    claims = {claim.what: claim for claim in text_truth.conclude({}, [ending.value]).claims}
    assert claims["kernels executed by their text and natively"].measured == "100.0 % of 4"
    assert claims["kernels whose difference or failure is unexplained"].met is True
