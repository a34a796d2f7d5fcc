"""What executing kernels says of their records: which engines agreed, and how close they came to the bounds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest

from fuzzer.corpus import making
from fuzzer.corpus.making import Made, verified
from fuzzer.corpus.orders import Form, Native, Order, StoredOrder
from fuzzer.corpus.recording import Agreement, Verification
from fuzzer.generation.repair import Defined
from oracle.records import Executed, Failed, Judgement, Options, Outcome, Provenance, Refused, TestCase, Verdict
from oracle.reference import interpret
from reports.batch_records import KernelRecord
from reports.case_documents import array_of
from reports.corpus.corpus_records import Status
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


class Compiling(Fake):
    name = "warp-cpu"


class Refusing(Fake):
    def outcome(self, case: TestCase) -> Outcome:
        return Refused("not read: a form")


def take(monkeypatch: pytest.MonkeyPatch, text: type[Fake], native: type[Fake]) -> None:
    monkeypatch.setattr(making, "engine_types", lambda: {"warp-text": text, "warp-cpu": native})


def engines(found: Verification) -> tuple[str, ...]:
    return tuple(agreement.engine for agreement in found.agreements)


TEXT_ALONE, NATIVELY_TOO = 0, 10


def of(index: int, native: Native = "share", *, wanted: bool = False) -> Verification:
    case = replace(CASE, provenance=Provenance(7, index, "math"))
    places = [0] if wanted else []
    [found] = verified([Defined(case, interpret(case), 0, ())], native, isolated=False, wanted=places)
    return found


def test_the_text_verifies_every_kernel_and_one_of_sixteen_runs_natively(monkeypatch: pytest.MonkeyPatch) -> None:
    take(monkeypatch, Fake, Compiling)
    found = [engines(of(index)) for index in range(320)]
    native = [index for index, names in enumerate(found) if names == ("warp-text", "warp-cpu")]
    assert native == [*range(10, 20), *range(170, 180)]
    assert found.count(("warp-text",)) == 300


BOTH, TEXT = ("warp-text", "warp-cpu"), ("warp-text",)


@pytest.mark.parametrize(
    ("index", "native", "wanted", "names"),
    [
        (TEXT_ALONE, "share", False, TEXT),
        (TEXT_ALONE, "share", True, BOTH),
        (TEXT_ALONE, "all", False, BOTH),
        (NATIVELY_TOO, "none", False, TEXT),
        (TEXT_ALONE, "none", True, TEXT),
    ],
)
def test_a_choice_says_what_runs_natively(
    index: int, native: Native, wanted: bool, names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    take(monkeypatch, Fake, Compiling)
    assert engines(of(index, native, wanted=wanted)) == names


def test_what_the_text_cannot_tell_stays_unverified_where_nothing_runs_natively(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take(monkeypatch, Refusing, Compiling)
    assert of(TEXT_ALONE, "none") == Verification("unverified")


def campaign_kernel(options: Options, *agreed: str) -> KernelRecord:
    case = replace(CASE, options=options, provenance=Provenance(7, TEXT_ALONE, "math"))
    every = ("warp-text", "warp-cpu", "nvrtc", "cuda")
    verdicts = {engine: Verdict.AGREE if engine in agreed else Verdict.UNCOMPARED for engine in every}
    return KernelRecord.of(case, [Judgement(verdict, engine) for engine, verdict in verdicts.items()])


@pytest.mark.parametrize(
    ("options", "native", "agreed", "by_cpu", "by_cuda"),
    [
        (Options(), "share", ("warp-text",), TEXT, TEXT),
        (Options(), "share", BOTH, BOTH, TEXT),
        (Options(), "none", BOTH, BOTH, TEXT),
        (Options(), "share", (*BOTH, "cuda"), BOTH, ("warp-text", "cuda")),
        (Options(optimization_level=2), "share", (*BOTH, "cuda"), BOTH, TEXT),
        (Options(optimization_level=2), "share", ("warp-text",), TEXT, TEXT),
        (Options(optimization_level=2), "none", BOTH, TEXT, TEXT),
    ],
)
def test_records_name_what_a_campaign_has_seen_at_their_options_and_what_it_ran_otherwise_is_run_again(
    options: Options,
    native: Native,
    agreed: tuple[str, ...],
    by_cpu: tuple[str, ...],
    by_cuda: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take(monkeypatch, Fake, Compiling)
    monkeypatch.setattr(making, "records_of", lambda case, typing, devices, scope, verification: verification)
    order = StoredOrder((campaign_kernel(options, *agreed),), Form(("cpu", "cuda"), native=native))
    [item] = making.stored_kernels(order)
    verification: Any = item.records
    assert (verification.engines("cpu"), verification.engines("cuda")) == (by_cpu, by_cuda)


def test_an_accepted_kernel_has_the_outputs_of_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    take(monkeypatch, Fake, Compiling)
    found = of(TEXT_ALONE)
    assert found.status == "accepted"
    outputs = {name: array_of(document) for name, document in json.loads(found.outputs).items()}
    assert outputs["o"].tolist() == [np.sin(0.5).astype(np.float32)]
    [agreement] = found.agreements
    assert agreement.max_deviation == 0.0
    assert agreement.bound == 0.0, "of what a text computes every bit is compared"


def test_the_largest_deviation_stands_with_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    class Near(Compiling):
        moved = 2.0**-25  # one ULP of 0.479

    take(monkeypatch, Fake, Near)
    found = of(NATIVELY_TOO)
    assert found.status == "accepted"
    assert [agreement.max_deviation for agreement in found.agreements] == [0.0, 2.0**-25]
    assert [agreement.bound >= 2.0**-25 for agreement in found.agreements] == [False, True]


def test_a_kernel_on_which_an_engine_departs_is_a_discrepancy(monkeypatch: pytest.MonkeyPatch) -> None:
    class Far(Compiling):
        moved = 1.0

    take(monkeypatch, Fake, Far)
    found = of(NATIVELY_TOO)
    assert (found.status, engines(found)) == ("discrepancy", ("warp-text",))


def test_a_kernel_that_does_not_build_is_a_discrepancy(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(Compiling):
        def outcome(self, case: TestCase) -> Outcome:
            return Failed("compile_error", "it does not")

    take(monkeypatch, Fake, Broken)
    assert of(NATIVELY_TOO).status == "discrepancy"


def test_what_the_text_cannot_tell_is_run_natively(monkeypatch: pytest.MonkeyPatch) -> None:
    take(monkeypatch, Refusing, Compiling)
    found = of(TEXT_ALONE)
    assert (found.status, engines(found)) == ("accepted", ("warp-cpu",))


def test_what_no_engine_takes_stays_unverified(monkeypatch: pytest.MonkeyPatch) -> None:
    class RefusingToo(Compiling):
        def outcome(self, case: TestCase) -> Outcome:
            return Refused("no")

    take(monkeypatch, Refusing, RefusingToo)
    found = of(TEXT_ALONE)
    assert found == Verification("unverified")


AGREEMENTS = (Agreement("warp-text", 0.0, 4e-8), Agreement("warp-cpu", 3e-8, 2e-8))


def made(monkeypatch: pytest.MonkeyPatch, *agreements: Agreement) -> Made:
    """Make the first kernel of a seed as if these engines had agreed on it."""
    monkeypatch.setattr(making, "verified", lambda *_, **__: [Verification("accepted", "{}", agreements)])
    [found] = making.fresh_kernels(Order(3, ("math",), 0, 1, Form(("cpu", "cuda"))))
    return found


@pytest.mark.warp
def test_a_record_names_the_engines_that_executed_the_code_of_its_device(monkeypatch: pytest.MonkeyPatch) -> None:
    cpu, cuda = made(monkeypatch, *AGREEMENTS).records
    assert (cpu.verified_by, cpu.max_deviation, cpu.bound) == (("warp-text", "warp-cpu"), 3e-8, 2e-8)
    assert (cuda.verified_by, cuda.max_deviation, cuda.bound) == (("warp-text",), 0.0, 4e-8)


@pytest.mark.warp
def test_a_device_whose_code_nothing_has_executed_has_no_record(monkeypatch: pytest.MonkeyPatch) -> None:
    found = made(monkeypatch, AGREEMENTS[1])
    assert [record.device for record in found.records] == ["cpu"]
    assert found.left_out == "not executed for one device"
    assert made(monkeypatch, Agreement("cuda", 0.0, 0.0)).records[0].verified_by == ("cuda",)
    assert made(monkeypatch).records == ()


@pytest.mark.warp
@pytest.mark.parametrize("status", [status for status in get_args(Status) if status != "accepted"])
def test_only_what_is_accepted_has_records(status: Status, monkeypatch: pytest.MonkeyPatch) -> None:
    verification = Verification(status, "{}", AGREEMENTS)
    monkeypatch.setattr(making, "verified", lambda *_, **__: [verification])
    [found] = making.fresh_kernels(Order(3, ("math",), 0, 1, Form(("cpu", "cuda"))))
    assert (found.records, found.left_out) == ((), status)
