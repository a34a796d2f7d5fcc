"""Which engine runs what of a batch, and what becomes of what they find."""

from __future__ import annotations

import pytest

from fuzzer.campaigns.policy import doubtful, has_turn, settled, takes_all, to_look_into
from fuzzer.campaigns.schedule import BATCH, sweep_start
from oracle.engines import facts_of
from oracle.engines.nvrtc import FACTS as NVRTC
from oracle.records import Judgement, Verdict
from tests.fuzzer.orders import BOTH, order

SHARE = NVRTC.share


@pytest.mark.usefixtures("sweep")
def test_native_execution_runs_sweeps_and_a_share_of_the_deep_batches_where_the_text_is_executed() -> None:
    assert [sweep_start(batch, 2 * BATCH) is None for batch in range(10)] == [
        *(True, False, False),
        *(False, True, True),
        *(False, True, True),
        False,
    ]
    assert [takes_all(facts_of("warp-cpu"), order(batch, *BOTH)) for batch in range(10)] == [
        *(True, True, True),
        *(True, True, False),
        *(True, False, True),
        True,
    ]


@pytest.mark.usefixtures("sweep")
@pytest.mark.parametrize("engine", ["warp-text", "nvrtc", "cuda"])
def test_other_engines_run_all_of_a_batch(engine: str) -> None:
    assert all(takes_all(facts_of(engine), order(batch, *BOTH, engine)) for batch in range(10))


@pytest.mark.usefixtures("sweep")
def test_native_execution_runs_everything_where_the_text_is_not_executed() -> None:
    assert all(takes_all(facts_of("warp-cpu"), order(batch, "warp-cpu", "nvrtc")) for batch in range(10))


def judgement(verdict: Verdict, engine: str = "warp-text", kind: str = "") -> Judgement:
    return Judgement(verdict, engine, kind or ("wrong_value" if verdict is Verdict.DISCREPANCY else ""))


def test_what_the_text_departs_on_or_cannot_tell_is_doubtful() -> None:
    verdicts = enumerate(Verdict)
    assert doubtful({position: [judgement(verdict)] for position, verdict in verdicts}) == [
        Verdict.INVALID,
        Verdict.UNSUPPORTED,
        Verdict.UNCOMPARED,
        Verdict.DISCREPANCY,
    ]


def test_one_judgement_that_is_not_clear_makes_a_case_doubtful() -> None:
    clear, unclear = judgement(Verdict.AGREE), judgement(Verdict.UNCOMPARED)
    assert doubtful({4: [clear, clear], 7: [clear, unclear], 9: [unclear, clear]}) == [7, 9]


ILL_TYPED = judgement(Verdict.DISCREPANCY, kind="ill_typed_text")
REFUSED = judgement(Verdict.DISCREPANCY, "warp-cpu", "compile_error")
KNOWN = judgement(Verdict.KNOWN, "warp-cpu", "compile_error")
AGREED = judgement(Verdict.AGREE, "warp-cpu")
NOT_READ = Judgement(Verdict.UNSUPPORTED, "warp-text")


@pytest.mark.parametrize("compiler", ["warp-cpu", "nvrtc"])
def test_a_text_is_ill_typed_where_a_compiler_refuses_it(compiler: str) -> None:
    refused = judgement(Verdict.DISCREPANCY, compiler, "compile_error")
    assert settled([ILL_TYPED, refused]) == [ILL_TYPED, refused]
    assert settled([refused, ILL_TYPED]) == [refused, ILL_TYPED]


@pytest.mark.parametrize("others", [[], [AGREED], [KNOWN], [judgement(Verdict.DISCREPANCY, "warp-cpu", "crash")]])
def test_a_text_that_no_compiler_refuses_for_an_unknown_reason_was_not_read(others: list[Judgement]) -> None:
    assert settled([ILL_TYPED, *others]) == [NOT_READ, *others]


def test_what_is_not_ill_typed_is_settled_as_it_is() -> None:
    several = [judgement(Verdict.DISCREPANCY), AGREED, judgement(Verdict.DISCREPANCY, "nvrtc", "compile_error")]
    assert settled(several) == several


def test_what_a_text_that_was_not_read_said_is_kept() -> None:
    message = "line 57: float32 = add(float32, int32)"
    said = Judgement(Verdict.DISCREPANCY, "warp-text", "ill_typed_text", message)
    assert settled([said]) == [Judgement(Verdict.UNSUPPORTED, "warp-text", "", message)]


def test_what_both_show_is_looked_into_where_it_is_executed() -> None:
    native = judgement(Verdict.DISCREPANCY, "warp-cpu")
    assert to_look_into([judgement(Verdict.DISCREPANCY), native]) == [native]


def test_what_is_ill_typed_is_looked_into_in_the_text() -> None:
    assert to_look_into([ILL_TYPED, REFUSED]) == [ILL_TYPED]


@pytest.mark.parametrize("shown", [judgement(Verdict.DISCREPANCY), judgement(Verdict.DISCREPANCY, "warp-cpu")])
def test_what_one_shows_is_looked_into_there(shown: Judgement) -> None:
    other = AGREED if shown.engine == "warp-text" else judgement(Verdict.AGREE)
    assert to_look_into([shown, other]) == [shown]
    assert to_look_into([other, shown]) == [shown]


def test_what_other_engines_show_is_looked_into_besides() -> None:
    native, compiled = judgement(Verdict.DISCREPANCY, "warp-cpu"), judgement(Verdict.DISCREPANCY, "nvrtc")
    assert to_look_into([judgement(Verdict.DISCREPANCY), native, compiled]) == [native, compiled]


def test_what_is_known_agrees_or_was_not_compared_needs_no_one() -> None:
    assert to_look_into([judgement(verdict) for verdict in Verdict if verdict is not Verdict.DISCREPANCY]) == []


@pytest.mark.parametrize(("target", "besides"), [("cuda", True), ("cpu", False)])
def test_what_departs_in_the_cuda_text_is_looked_into_besides_what_native_execution_shows(
    target: str, besides: bool
) -> None:
    mismatch = Judgement(Verdict.DISCREPANCY, "warp-text", "target_mismatch", target=target)
    wrong = judgement(Verdict.DISCREPANCY, "warp-cpu")
    assert to_look_into([mismatch, wrong]) == ([mismatch] if besides else []) + [wrong]


def test_nvrtc_has_its_turn_in_a_share_of_the_batches() -> None:
    assert [batch for batch in range(2 * SHARE) if has_turn(facts_of("nvrtc"), order(batch, *BOTH, "nvrtc"))] == [3, 10]


def test_an_engine_that_is_alone_runs_every_batch() -> None:
    assert all(has_turn(facts_of("nvrtc"), order(batch, "nvrtc")) for batch in range(9))
