"""The gate "executed again": only a kernel that agrees passes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from fuzzer.corpus import gates
from fuzzer.corpus.gates import GateClosed, Promise, go_through
from fuzzer.corpus.orders import Form
from oracle.records import Compiled, Executed, Failed, Outcome, Refused, TestCase
from oracle.reference import interpret
from reports.case_documents import array_document, case_document
from reports.corpus.corpus_records import CorpusRecord, document_of
from tests.oracle.kernels import case_of, kernel
from tests.reports.corpus.corpus_records import CPU

CASE = case_of(kernel("a: wp.array[float], o: wp.array[float]", "o[0] = a[0] * 2.0"), a=[1.5], o=[0.0])
ARRAYS = interpret(CASE).arrays


def record() -> CorpusRecord:
    document = case_document(CASE)
    return replace(
        CPU,
        python_source=CASE.source,
        inputs=json.dumps(document["buffers"]),
        launch=json.dumps(document["launches"]),
        options=json.dumps(document["options"]),
        outputs=json.dumps({name: array_document(array) for name, array in ARRAYS.items()}),
    )


def go_through_with(outcome: Outcome, monkeypatch: pytest.MonkeyPatch) -> None:
    class Fake:
        def run(self, batch: Sequence[TestCase]) -> list[Outcome]:
            return [outcome for _ in batch]

    monkeypatch.setattr(gates, "engine_types", lambda: {"warp-text": Fake})
    go_through("executed again", document_of(record()), Promise("fresh", Form(("cpu", "cuda")), ()))


def test_a_kernel_that_agrees_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    go_through_with(Executed(ARRAYS), monkeypatch)


WRONG = Executed({**ARRAYS, "o": ARRAYS["o"] + np.float32(1)})


@pytest.mark.parametrize("outcome", [Compiled(), Refused("not read"), Failed("crash", ""), WRONG], ids=repr)
def test_a_kernel_that_was_not_compared_or_departs_closes_the_gate(
    outcome: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(GateClosed, match="the code of its source does not give its outputs"):
        go_through_with(outcome, monkeypatch)
