"""What executing kernels says of their records: which engines agreed, and how close they came to the bounds."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest

from fuzzer.corpus import verification
from fuzzer.corpus.recording import Verification
from fuzzer.corpus.verification import verified
from fuzzer.generation.repair import Defined
from oracle.records import Executed, Failed, Outcome, Refused, TestCase
from oracle.reference import interpret
from reports.cases import array_of
from tests.oracle.kernels import case_of, kernel

CASE = case_of(kernel("a: wp.array[float], o: wp.array[float]", "o[0] = wp.sin(a[0])"), a=[0.5], o=[0.0])


class Fake:
    """An engine that gives what the reference says, moved by so much."""

    name = "warp-text"
    moved = 0.0

    def unsupported(self, case: TestCase) -> str | None:
        return None

    def run(self, batch: Sequence[TestCase]) -> list[Outcome]:
        return [self.outcome(case) for case in batch]

    def outcome(self, case: TestCase) -> Outcome:
        arrays = dict(interpret(case).arrays)
        return Executed(arrays | {"o": arrays["o"] + np.float32(self.moved)})


class Native(Fake):
    name = "warp-cpu"


class Refusing(Fake):
    def outcome(self, case: TestCase) -> Outcome:
        return Refused("not read: a form")


def take(monkeypatch: pytest.MonkeyPatch, text: type[Fake], native: type[Fake]) -> None:
    monkeypatch.setattr(verification, "engine_types", lambda: {"warp-text": text, "warp-cpu": native})


def of(identity: str) -> Verification:
    [found] = verified([Defined(CASE, interpret(CASE), 0, ())], [identity.ljust(64, "0")], isolated=False)
    return found


def test_the_text_verifies_every_kernel_and_one_of_sixteen_runs_natively(monkeypatch: pytest.MonkeyPatch) -> None:
    take(monkeypatch, Fake, Native)
    assert of("00000001").verified_by == ("warp-text",)
    assert of("00000010").verified_by == ("warp-text", "warp-cpu")


def test_an_accepted_kernel_has_the_outputs_of_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    take(monkeypatch, Fake, Native)
    found = of("00000001")
    assert found.status == "accepted"
    outputs = {name: array_of(document) for name, document in json.loads(found.outputs).items()}
    assert outputs["o"].tolist() == [np.sin(0.5).astype(np.float32)]
    assert (found.max_deviation, found.bound) == (0.0, 0.0)


def test_the_largest_deviation_stands_with_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    class Near(Native):
        moved = 2.0**-25  # one ULP of 0.479

    take(monkeypatch, Fake, Near)
    found = of("00000010")
    assert found.status == "accepted"
    assert found.max_deviation == 2.0**-25
    assert found.bound is not None
    assert found.bound >= 2.0**-25


def test_a_kernel_on_which_an_engine_departs_is_a_discrepancy(monkeypatch: pytest.MonkeyPatch) -> None:
    class Far(Native):
        moved = 1.0

    take(monkeypatch, Fake, Far)
    found = of("00000010")
    assert (found.status, found.verified_by) == ("discrepancy", ("warp-text",))


def test_a_kernel_that_does_not_build_is_a_discrepancy(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(Native):
        def outcome(self, case: TestCase) -> Outcome:
            return Failed("compile_error", "it does not")

    take(monkeypatch, Fake, Broken)
    assert of("00000010").status == "discrepancy"


def test_what_the_text_cannot_tell_is_run_natively(monkeypatch: pytest.MonkeyPatch) -> None:
    take(monkeypatch, Refusing, Native)
    found = of("00000001")
    assert (found.status, found.verified_by) == ("accepted", ("warp-cpu",))


def test_what_no_engine_takes_stays_unverified(monkeypatch: pytest.MonkeyPatch) -> None:
    class RefusingToo(Native):
        def outcome(self, case: TestCase) -> Outcome:
            return Refused("no")

    take(monkeypatch, Refusing, RefusingToo)
    found = of("00000001")
    assert (found.status, found.outputs, found.verified_by) == ("unverified", "", ())
